"""The panel as a static picture, without times: the lines as they stand, and a row for everyone."""

from __future__ import annotations

from wirelab.decode.text import shorten
from wirelab.look.palette import TROUBLE_LIGHT
from wirelab.look.picture import Picture
from wirelab.look.svg import INK, MONO, QUIET, RULE, WIDTH, sheet, words
from wirelab.widgets.outage_panel.lines import scene
from wirelab.widgets.outage_panel.model import Outage
from wirelab.widgets.scene import client_heads, parts, places

LETTERS = 118
_LEFT, _START, _RIGHT, _TOP, _FIRST, _PITCH = 16, 132, WIDTH - 60, 62, 126, 34


def draw(model: Outage) -> Picture:
    """Everyone as it is now, with its text alternative."""
    text = f"A server, a cable, and what everyone believes. {model.state}.\n{model.table()}"
    return Picture(_svg(model), text)


def _svg(model: Outage) -> str:
    now = scene(model)
    rows = [_FIRST + _PITCH * number for number in range(len(now.lines))]
    at = places(_START, _RIGHT, len(now.servers), rows, _TOP)
    drawn = [
        words(16, 28, "A server, a cable, and what everyone believes", weight="600"),
        words(WIDTH - 16, 28, model.state, anchor="end", weight="600"),
        words(16, 48, "Run this notebook in JupyterLab to break things.", ink=QUIET),
        *parts(now, at),
        *client_heads(now, at, _LEFT),
    ]
    y = rows[-1] + 28
    for party in model.parties:
        drawn.append(f"<path d='M0 {y}h{WIDTH}' stroke='{RULE}'/>")
        mistaken = model.mistaken(party)
        drawn.append(words(16, y + 20, party.name, weight="600"))
        drawn.append(words(276, y + 20, party.about, ink=QUIET))
        drawn.append(
            words(
                510,
                y + 20,
                f"{model.mark(party)} {model.words(party)}",
                ink=TROUBLE_LIGHT if mistaken else INK,
            )
        )
        y += 30
        if party.noticed:
            drawn.append(words(16, y + 8, shorten(party.noticed, LETTERS), font=MONO, size=11.5))
            y += 20
    return sheet(y + 8, drawn)
