"""The panel as a static picture, without times: a row for everyone."""

from __future__ import annotations

from html import escape

from wirelab.widgets.outage_panel.model import Outage
from wirelab.widgets.palette import TROUBLE_LIGHT
from wirelab.widgets.picture import Picture

WIDTH, LETTERS = 860, 118
_INK, _QUIET, _RULE, _PAPER = "#1f2933", "#52606d", "#c8ced6", "#ffffff"
_SANS = "system-ui, -apple-system, Segoe UI, Roboto, sans-serif"
_MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace"


def draw(model: Outage) -> Picture:
    """Everyone as it is now, with its text alternative."""
    words = f"A server, a cable, and what everyone believes. {model.state}.\n{model.table()}"
    return Picture(_svg(model), words)


def _svg(model: Outage) -> str:
    parts = [
        _text(16, 28, "A server, a cable, and what everyone believes", weight="600"),
        _text(WIDTH - 16, 28, model.state, anchor="end", weight="600"),
        _text(16, 48, "Run this notebook in JupyterLab to break things.", ink=_QUIET),
    ]
    y = 62
    for party in model.parties:
        parts.append(f"<path d='M0 {y}h{WIDTH}' stroke='{_RULE}'/>")
        mistaken = model.mistaken(party)
        mark = "✗ " if mistaken else ""
        parts.append(_text(16, y + 20, party.name, weight="600"))
        parts.append(_text(230, y + 20, party.about, ink=_QUIET))
        parts.append(_text(500, y + 20, mark + model.words(party), ink=TROUBLE_LIGHT if mistaken else _INK))
        y += 30
        if party.noticed:
            cut = party.noticed if len(party.noticed) <= LETTERS else party.noticed[: LETTERS - 1] + "…"
            parts.append(_text(16, y + 8, cut, font=_MONO, size=11.5))
            y += 20
    height = y + 8
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' width='{WIDTH}' "
        f"height='{height}' font-family='{_SANS}'>"
        f"<rect x='.5' y='.5' width='{WIDTH - 1}' height='{height - 1}' rx='8' fill='{_PAPER}' "
        f"stroke='{_RULE}'/>{''.join(parts)}</svg>"
    )


def _text(
    x: int,
    y: int,
    text: str,
    *,
    anchor: str = "start",
    weight: str = "400",
    font: str = _SANS,
    ink: str = _INK,
    size: float = 13,
) -> str:
    return (
        f"<text x='{x}' y='{y}' text-anchor='{anchor}' font-weight='{weight}' font-family='{font}' "
        f"font-size='{size:g}' fill='{ink}'>{escape(text)}</text>"
    )
