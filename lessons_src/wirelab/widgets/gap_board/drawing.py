"""The gap board as a static picture: a row for each client, a cell for each number."""

from __future__ import annotations

from wirelab.look.palette import STATES, TROUBLE_LIGHT
from wirelab.look.picture import Picture
from wirelab.look.svg import INK, PAPER, QUIET, RULE, SHADE, WIDTH, box, sheet, words
from wirelab.widgets.gap_board.lane import MARKS, Fate, Lane
from wirelab.widgets.gap_board.model import Gaps

MOST = 11
"""So many numbers fit; of more, the last are drawn."""
_NAMES, _CELL, _ROW, _TOP = 178, 46, 38, 74
_FILLS = {
    Fate.HEARD: STATES["good"],
    Fate.LATE: STATES["try"],
    Fate.TWICE: STATES["wait"],
    Fate.LOST: PAPER,
    Fate.OPEN: PAPER,
    Fate.BEFORE: SHADE,
}
_LEGEND = "3 heard   ↺3 missed, and heard later   ✗3 lost   ?3 not heard yet"


def draw(model: Gaps) -> Picture:
    """Everyone as it is now, with its text alternative."""
    text = f"Who hears which number? {_LEGEND}.\n{model.table()}"
    return Picture(_svg(model), text)


def _svg(model: Gaps) -> str:
    numbers = range(1, model.said + 1)[-MOST:]
    parts = [
        words(16, 28, "Who hears which number?", weight="600"),
        words(WIDTH - 16, 28, "Run this notebook in JupyterLab to pull the cable.", anchor="end", ink=QUIET),
        words(16, 50, _LEGEND, ink=QUIET, size=12),
    ]
    for place, lane in enumerate(model.lanes.values()):
        parts += _row(lane, numbers, _TOP + place * _ROW)
    return sheet(_TOP + len(model.lanes) * _ROW + 6, parts)


def _row(lane: Lane, numbers: range, y: float) -> list[str]:
    made = [
        f"<path d='M0 {y - 6}h{WIDTH}' stroke='{RULE}'/>",
        words(16, y + 10, lane.name, weight="600"),
        words(16, y + 25, lane.about, ink=QUIET, size=11.5),
    ]
    for place, number in enumerate(numbers if lane.here else ()):
        made += _cell(lane.fate(number), number, _NAMES + 16 + place * _CELL, y + 2)
    said = lane.outcome or ("" if lane.here else "not here: no page shows this")
    made.append(words(WIDTH - 16, y + 18, said, anchor="end", size=12.5))
    return made


def _cell(fate: Fate, number: int, x: float, y: float) -> list[str]:
    ink = TROUBLE_LIGHT if fate is Fate.LOST else INK
    edge = TROUBLE_LIGHT if fate is Fate.LOST else RULE
    return [
        box(x, y, _CELL - 4, 22, _FILLS[fate], radius=4, edge=edge),
        words(x + (_CELL - 4) / 2, y + 16, f"{MARKS[fate]}{number}", ink=ink, anchor="middle", size=12.5),
    ]
