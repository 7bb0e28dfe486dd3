"""The browser client as a static picture, for a notebook that is read without a kernel."""

from __future__ import annotations

import re

from wirelab.decode.text import shorten
from wirelab.look.picture import Picture
from wirelab.look.svg import MONO, QUIET, RULE, SHADE, WIDTH, box, sheet, words
from wirelab.widgets.browser_client.model import ClientLog

ROW, MOST, LETTERS = 24, 20, 95
_HINT = "run this notebook in JupyterLab to use it"


def draw(url: str, log: ClientLog, script: str | None) -> Picture:
    """Address, script and the last 20 events; without ports and times, so that every run draws the same."""
    title = "Your browser as a client" if script is None else "JavaScript in your browser"
    address = _without_ports(url)
    code = script.rstrip().splitlines() if script else []
    rows = [(event.name, _without_ports(event.text)) for event in log.events[-MOST:]]
    text = "\n".join(
        [
            f"{title} · {_HINT}.",
            f"{address} · {log.state}",
            *(f"    {line}" for line in code),
            *(f"{name:<14}{content}".rstrip() for name, content in rows),
        ]
    )
    return Picture(_svg(title, address, log.state, code, rows or [("", "Nothing has happened yet.")]), text)


def _svg(title: str, address: str, state: str, code: list[str], rows: list[tuple[str, str]]) -> str:
    parts = [
        words(16, 28, title, weight="600"),
        words(WIDTH - 16, 28, state, anchor="end", weight="600"),
        words(16, 52, address, font=MONO),
        words(WIDTH - 16, 52, _HINT, anchor="end", ink=QUIET),
    ]
    y = 68
    if code:
        parts.append(box(16, y, WIDTH - 32, len(code) * 19 + 14, SHADE))
        for number, line in enumerate(code):
            parts.append(words(26, y + 21 + number * 19, shorten(line, LETTERS), font=MONO))
        y += len(code) * 19 + 22
    parts.append(f"<path d='M0 {y}h{WIDTH}' stroke='{RULE}'/>")
    for name, content in rows:
        y += ROW
        parts.append(words(16, y - 4, name, font=MONO, ink=QUIET))
        left = 16 if name == "" else 136
        parts.append(words(left, y - 4, shorten(content, LETTERS)))
    return sheet(y + 12, parts)


def _without_ports(text: str) -> str:
    return re.sub(r"(wss?://[^/\s:]+:|/proxy/)\d+", r"\1PORT", text)
