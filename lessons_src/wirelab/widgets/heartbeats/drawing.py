"""The panel as a static picture, without times: each end of each connection, and what a heartbeat costs."""

from __future__ import annotations

from wirelab.look.palette import TROUBLE_LIGHT
from wirelab.look.picture import Picture
from wirelab.look.svg import INK, MONO, QUIET, RULE, WIDTH, sheet, words
from wirelab.widgets.heartbeats.model import Heartbeats

ROW = 30


def draw(model: Heartbeats) -> Picture:
    """Everyone as it is now, with its text alternative."""
    text = f"Heartbeats: {settings(model)}. {model.state}.\n{model.said}\n{model.table()}"
    return Picture(_svg(model), text)


def settings(model: Heartbeats) -> str:
    """What the server announces."""
    return f"a ping each {model.interval:g} s, {model.timeout:g} s for the pong"


def _svg(model: Heartbeats) -> str:
    parts = [
        words(16, 28, "Who hears whose heart?", weight="600"),
        words(WIDTH - 16, 28, model.state, anchor="end", weight="600"),
        words(16, 50, f"The server announces {settings(model)}."),
        words(16, 70, "Run this notebook in JupyterLab to tune it and to break things.", ink=QUIET),
    ]
    y = 84
    for end in model.ends:
        mistaken = model.mistaken(end)
        parts.append(f"<path d='M0 {y}h{WIDTH}' stroke='{RULE}'/>")
        parts.append(words(16, y + 20, end.name, weight="600"))
        said = f"{'✗ ' if mistaken else ''}{model.words(end)}"
        parts.append(words(240, y + 20, said, ink=TROUBLE_LIGHT if mistaken else INK))
        parts.append(words(560, y + 20, end.noticed, font=MONO, size=11.5))
        y += ROW
    return sheet(y + 4, parts)
