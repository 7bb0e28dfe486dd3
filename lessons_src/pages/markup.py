"""Cells of a built notebook as HTML: texts, highlighted code, outputs."""

from __future__ import annotations

import base64
import html
import mimetypes
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nbconvert.filters import ansi2html, markdown2html
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

Cell = dict[str, Any]
_FORMATTER = HtmlFormatter(cssclass="highlight")
_PYTHON = get_lexer_by_name("ipython3")
_LINK = re.compile(r'<a href="(?!https?:)([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)


def code_style(selector: str = ".highlight", theme: str = "default") -> str:
    """The CSS of highlighted code."""
    return str(HtmlFormatter(style=theme).get_style_defs(selector))


def code(source: str) -> str:
    """Python as a cell has it, in colours."""
    return str(highlight(source, _PYTHON, _FORMATTER))


def anchor(heading: str) -> str:
    """The id that nbconvert gives to a heading, from its Markdown: the words, with hyphens between them."""
    plain = re.sub(r"[`*]", "", heading)
    return quote(plain.replace(" ", "-"), safe="?/:@!$&'()*+,;=")


def without_link(address: str, text: str) -> str:
    """The text of a link into a folder that the page does not have."""
    return text


def markdown(source: str, folder: Path, link: Callable[[str, str], str] = without_link) -> str:
    """HTML with the pictures in `folder` inside it; `link` makes what stands for a link within the course."""

    def inside(match: re.Match[str]) -> str:
        path = folder / match[1]
        kind = mimetypes.guess_type(path.name)[0]
        return f'src="data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"'

    text = re.sub(r'src="(?!data:|https?:)([^"]+)"', inside, markdown2html(source))
    text = re.sub(r'<a class="anchor-link".*?</a>', "", text)
    return _LINK.sub(lambda found: link(html.unescape(found[1]), found[2]), text)


def output(shown: Cell) -> str:
    """What a cell put out, in the richest form that needs no script."""
    if shown["output_type"] == "stream":
        return _terminal(shown["text"])
    if shown["output_type"] == "error":
        return _terminal([f"{line}\n" for line in shown["traceback"]])
    data = {kind: "".join(content) for kind, content in shown["data"].items() if kind != "application/json"}
    words = html.escape(data.get("text/plain", ""), quote=True)
    if "text/html" in data:
        return data["text/html"]
    if "image/svg+xml" in data:
        return data["image/svg+xml"]
    if "image/png" in data:
        return f'<img alt="{words}" src="data:image/png;base64,{data["image/png"].strip()}">'
    if "text/markdown" in data:
        return markdown2html(data["text/markdown"])
    return f"<pre>{words}</pre>"


def script(text: str) -> str:
    """A program that may stand inside a page: in a string of it, an end tag would end it."""
    return text.replace("</script", "<\\/script")


def _terminal(lines: list[str]) -> str:
    return f"<pre>{ansi2html(''.join(lines))}</pre>"  # type: ignore[no-untyped-call]
