"""The wire as a static picture: the same lanes, arrows and labels as the live one, without times."""

from __future__ import annotations

from wirelab.look.palette import INKS, NAMES, TROUBLE_LIGHT
from wirelab.look.picture import Picture
from wirelab.look.svg import PAPER, QUIET, RULE, SHADE, WIDTH, box, sheet, words
from wirelab.widgets.wire.model import MIDDLEBOX, SERVER, Arrow, WireModel

HEAD, ROW, GUTTER = 56, 34, 64
_HALO = f" paint-order='stroke' stroke='{PAPER}' stroke-width='5'"
_MOST = 40


def draw(model: WireModel) -> Picture:
    """The last 40 arrows of a model as a picture with its text alternative."""
    shown = model.arrows[-_MOST:]
    skipped = len(model.arrows) - len(shown)
    height = HEAD + ROW * max(1, len(shown)) + (ROW if skipped else 0) + 16
    xs = lane_positions(len(model.lanes), len(model.server_names()))
    parts: list[str] = []
    for lane, x in xs.items():
        parts += _lane(_name(model, lane), x, height)
    y = HEAD + 8
    if skipped:
        parts.append(words(GUTTER, y + 14, f"… {skipped:,} earlier", ink=QUIET))
        y += ROW
    if not shown:
        middle = (GUTTER + WIDTH) / 2
        parts.append(words(middle, y + 16, "nothing has passed yet", ink=QUIET, anchor="middle", more=_HALO))
    for arrow in shown:
        parts += _arrow(arrow, xs, y)
        y += ROW
    return Picture(sheet(height, parts), in_words(model))


def in_words(model: WireModel) -> str:
    """The same in words, an arrow a line."""
    positions = lane_positions(len(model.lanes), len(model.server_names()))
    lanes = " | ".join(_name(model, lane) for lane in positions)
    head = f"The wire at the {NAMES[model.layer]} layer, between {lanes}."
    shown = model.arrows[-_MOST:]
    lines = [f"{arrow.number + 1:>3}. {model.describe(arrow)}" for arrow in shown]
    return "\n".join([head, *(lines or ["Nothing has passed yet."])])


def lane_positions(clients: int, servers: int) -> dict[int, float]:
    """The x of each lane in SVG units: clients from the left, the middlebox, servers up to the right."""
    share = max(0.41, 0.62 - 0.07 * servers)
    first, middle, last = GUTTER + 56, GUTTER + (WIDTH - GUTTER) * share, WIDTH - 64
    step = min(100, (middle - first - 110) / max(1, clients - 1))
    left = {lane: first + lane * step for lane in range(max(1, clients))}
    step = min(100, (last - middle - 110) / max(1, servers - 1))
    right = {SERVER - number: last - (servers - 1 - number) * step for number in range(servers)}
    return {**left, MIDDLEBOX: middle, **right}


def _name(model: WireModel, lane: int) -> str:
    return model.lane_name(lane) if lane < 0 or model.lanes else "client"


def _lane(name: str, x: float, height: int) -> list[str]:
    wide = max(64, 8 * len(name) + 20)
    return [
        f"<line x1='{x:g}' y1='40' x2='{x:g}' y2='{height - 10}' stroke='{RULE}' stroke-width='2'/>",
        box(x - wide / 2, 12, wide, 28, SHADE, radius=6),
        words(x, 31, name, anchor="middle"),
    ]


def _arrow(arrow: Arrow, xs: dict[int, float], y: float) -> list[str]:
    ink = INKS[arrow.unit.layer]
    colour = TROUBLE_LIGHT if arrow.unit.error else ink.light
    start, end, top, low = xs[arrow.start], xs[arrow.end], y + 14, y + 20
    side = 1 if end > start else -1
    heavy = 3 if ink.tag == "SIO" else 2
    parts = [
        words(10, y + 20, ink.tag, ink=colour, weight="600"),
        f"<line x1='{start:g}' y1='{top}' x2='{end - 7 * side:g}' y2='{low}' stroke='{colour}' "
        f"stroke-width='{heavy}' stroke-dasharray='{ink.dash}'/>",
        f"<path d='M{end:g} {low} l{-10 * side} -5 v10 z' fill='{colour}'/>",
    ]
    if arrow.passed:
        parts.append(f"<circle cx='{xs[MIDDLEBOX]:g}' cy='{(top + low) / 2:g}' r='4' fill='{colour}'/>")
    label = arrow.unit.summary + ("  ✗" if arrow.unit.error else "")
    parts.append(words((start + end) / 2, y + 9, label, anchor="middle", more=_HALO))
    return parts
