"""The little Markdown that a question and its answers may use: `code`, **strong** and *emphasis*."""

from __future__ import annotations

import html
import re

_MARKED = re.compile(r"`([^`]+)`|\*\*(.+?)\*\*|\*(?!\s)([^*]+?)(?<!\s)\*")  # predict.js has the same


def as_html(text: str) -> str:
    """`text` shown as text, with what is marked as code, strong or emphasised in an element of its own."""
    parts, end = [], 0
    for found in _MARKED.finditer(text):
        parts += [html.escape(text[end : found.start()]), _element(found)]
        end = found.end()
    return "".join([*parts, html.escape(text[end:])])


def _element(found: re.Match[str]) -> str:
    code, strong, emphasis = found.groups()
    if code:
        return f"<code>{html.escape(code)}</code>"
    return f"<strong>{as_html(strong)}</strong>" if strong else f"<em>{as_html(emphasis)}</em>"
