"""The browser client as a static picture, for a notebook that is read without a kernel."""

from __future__ import annotations

import re
from html import escape

from wirelab.widgets.browser_client.model import ClientLog
from wirelab.widgets.picture import Picture

WIDTH, ROW, MOST, LETTERS = 860, 24, 20, 95
_INK, _QUIET, _RULE, _SHADE, _PAPER = "#1f2933", "#52606d", "#c8ced6", "#f0f2f5", "#ffffff"
_SANS = "system-ui, -apple-system, Segoe UI, Roboto, sans-serif"
_MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace"
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
        _words(16, 28, title, weight="600"),
        _words(WIDTH - 16, 28, state, anchor="end", weight="600"),
        _words(16, 52, address, font=_MONO),
        _words(WIDTH - 16, 52, _HINT, anchor="end", ink=_QUIET),
    ]
    y = 68
    if code:
        parts.append(_box(16, y, WIDTH - 32, len(code) * 19 + 14, _SHADE))
        for number, line in enumerate(code):
            parts.append(_words(26, y + 21 + number * 19, _cut(line), font=_MONO))
        y += len(code) * 19 + 22
    parts.append(f"<path d='M0 {y}h{WIDTH}' stroke='{_RULE}'/>")
    for name, content in rows:
        y += ROW
        parts.append(_words(16, y - 4, name, font=_MONO, ink=_QUIET))
        left = 16 if name == "" else 136
        parts.append(_words(left, y - 4, _cut(content)))
    height = y + 12
    head = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' width='{WIDTH}' "
        f"height='{height}' font-family='{_SANS}' font-size='13'>"
    )
    return head + _box(0.5, 0.5, WIDTH - 1, height - 1, _PAPER) + "".join(parts) + "</svg>"


def _without_ports(text: str) -> str:
    return re.sub(r"(wss?://[^/\s:]+:|/proxy/)\d+", r"\1PORT", text)


def _cut(text: str) -> str:
    return text if len(text) <= LETTERS else text[: LETTERS - 1] + "…"


def _box(x: float, y: float, width: float, height: float, fill: str) -> str:
    return f"<rect x='{x}' y='{y}' width='{width}' height='{height}' rx='8' fill='{fill}' stroke='{_RULE}'/>"


def _words(
    x: int,
    y: int,
    text: str,
    *,
    anchor: str = "start",
    weight: str = "400",
    font: str = _SANS,
    ink: str = _INK,
) -> str:
    return (
        f"<text x='{x}' y='{y}' text-anchor='{anchor}' font-weight='{weight}' font-family='{font}' "
        f"fill='{ink}' xml:space='preserve'>{escape(text)}</text>"
    )
