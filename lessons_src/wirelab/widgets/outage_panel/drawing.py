"""The panel as a static picture, without times: a row for everyone."""

from __future__ import annotations

from wirelab.decode.text import shorten
from wirelab.look.palette import TROUBLE_LIGHT
from wirelab.look.picture import Picture
from wirelab.look.svg import INK, MONO, QUIET, RULE, WIDTH, sheet, words
from wirelab.widgets.outage_panel.model import Outage

LETTERS = 118


def draw(model: Outage) -> Picture:
    """Everyone as it is now, with its text alternative."""
    text = f"A server, a cable, and what everyone believes. {model.state}.\n{model.table()}"
    return Picture(_svg(model), text)


def _svg(model: Outage) -> str:
    parts = [
        words(16, 28, "A server, a cable, and what everyone believes", weight="600"),
        words(WIDTH - 16, 28, model.state, anchor="end", weight="600"),
        words(16, 48, "Run this notebook in JupyterLab to break things.", ink=QUIET),
    ]
    y = 62
    for party in model.parties:
        parts.append(f"<path d='M0 {y}h{WIDTH}' stroke='{RULE}'/>")
        mistaken = model.mistaken(party)
        mark = "✗ " if mistaken else ""
        parts.append(words(16, y + 20, party.name, weight="600"))
        parts.append(words(276, y + 20, party.about, ink=QUIET))
        parts.append(words(510, y + 20, mark + model.words(party), ink=TROUBLE_LIGHT if mistaken else INK))
        y += 30
        if party.noticed:
            parts.append(words(16, y + 8, shorten(party.noticed, LETTERS), font=MONO, size=11.5))
            y += 20
    return sheet(y + 8, parts)
