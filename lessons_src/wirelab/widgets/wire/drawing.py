"""The wire as a static picture: the same lanes, arrows and labels as the live one, without times."""

from __future__ import annotations

from wirelab.look.palette import INKS, NAMES, TROUBLE_LIGHT
from wirelab.look.picture import Picture
from wirelab.look.svg import INK, PAPER, QUIET, SHADE, WIDTH, box, sheet, words
from wirelab.widgets.stage import MANY, Columns, columns, fitted, head, lifeline, sign
from wirelab.widgets.wire.model import MIDDLEBOX, SERVER, Arrow, Fate, Mark, WireModel

TOP, ROW, LEFT, MOST = 58, 27, 48, 40
_LETTER, _SMALL_LETTER, _ASIDE = 6.7, 5.8, 14
_STOPPED = {Fate.DROPPED: "✗", Fate.ANSWERED: "■", Fate.HELD: "‖", Fate.CHANGED: "≠"}


def draw(model: WireModel) -> Picture:
    """The first 40 arrows of a model as a picture with its text alternative."""
    rows = _rows(model)
    belief = model.beliefs()
    more = model.total - model.left_out - sum(isinstance(row, Arrow) for row in rows)
    height = TOP + ROW * (max(1, len(rows)) + bool(belief) + bool(more)) + 16
    places = _columns(model)
    spots = _spots(places)
    parts = [part for x in spots.values() for part in lifeline(x, TOP - 10, height - 8)]
    parts += _heads(model, places)
    y = TOP + 4.0
    if not rows:
        middle = (LEFT + places.servers[-1]) / 2
        parts += _said(middle, y + 16, "nothing has passed yet")
        y += ROW
    label_at = places.servers[-1] + 34
    for row in rows:
        parts += _mark(row, y) if isinstance(row, Mark) else _arrow(model, row, spots, label_at, y)
        y += ROW
    if more:
        parts.append(words(label_at, y + 16, f"… {more:,} more", ink=QUIET))
        y += ROW
    if belief:
        parts += _silence(belief, y)
    return Picture(sheet(height, parts), in_words(model))


def in_words(model: WireModel) -> str:
    """The same in words, an arrow a line."""
    lanes = [lane.name for lane in model.lanes.clients] or ["client"]
    names = " | ".join([*lanes, " + ".join(model.middlebox_names()), *model.server_names()])
    lines = [f"The wire at the {NAMES[model.layer]} layer, between {names}."]
    rows = _rows(model)
    for row in rows:
        lines.append(f"     {row.words}" if isinstance(row, Mark) else _sentence(model, row))
    if not rows:
        lines.append("Nothing has passed yet.")
    more = model.total - model.left_out - sum(isinstance(row, Arrow) for row in rows)
    if more:
        lines.append(f"… and {more:,} more.")
    if belief := model.beliefs():
        lines.append(f"Then silence. {belief}")
    return "\n".join(lines)


def lane_positions(clients: int, servers: int) -> dict[int, float]:
    """The x of each lane in SVG units: clients from the left, the middlebox, servers to the right."""
    wide = min(560.0, max(480.0, 90 + 58 * (min(clients, 6) + servers + 1)))
    return _spots(columns(LEFT, LEFT + wide, max(1, clients), servers))


def _columns(model: WireModel) -> Columns:
    clients, servers = max(1, len(model.lanes.clients)), len(model.server_names())
    wide = min(560.0, max(480.0, 90 + 58 * (min(clients, 6) + servers + 1)))
    return columns(LEFT, LEFT + wide, clients, servers)


def _spots(places: Columns) -> dict[int, float]:
    left = dict(enumerate(places.clients))
    return {**left, MIDDLEBOX: places.middlebox, **{SERVER - n: x for n, x in enumerate(places.servers)}}


def _rows(model: WireModel) -> list[Arrow | Mark]:
    marks = list(model.marks)
    rows: list[Arrow | Mark] = []
    for arrow in model.arrows[:MOST]:
        while marks and marks[0].before <= arrow.number:
            rows.append(marks.pop(0))
        rows.append(arrow)
    return rows + (list(marks) if len(model.arrows) <= MOST else [])


def _sentence(model: WireModel, arrow: Arrow) -> str:
    return f"{arrow.number + 1:>3}. {model.describe(arrow)}"


def _heads(model: WireModel, places: Columns) -> list[str]:
    room = places.step - 6
    names = [lane.name for lane in model.lanes.clients] or ["client"]
    parts: list[str] = []
    if places.are_folded:
        middle = (places.clients[0] + places.clients[-1]) / 2
        wide = places.clients[-1] - places.clients[0] + 24
        parts += head(middle, [f"{len(names)} clients"], max(80, wide))
    else:
        for x, name in zip(places.clients, names, strict=True):
            parts += head(x, [name], room if len(names) > 1 else 120)
    gap = min(places.middlebox - places.clients[-1], places.servers[0] - places.middlebox)
    parts += head(places.middlebox, model.middlebox_names(), min(190, 2 * gap - room - 12))
    for x, name in zip(places.servers, model.server_names(), strict=True):
        parts += head(x, [name], room)
    return parts


def _arrow(model: WireModel, arrow: Arrow, spots: dict[int, float], label_at: float, y: float) -> list[str]:
    ink = INKS[arrow.unit.layer]
    colour = TROUBLE_LIGHT if arrow.failed else ink.light
    start, end, middle = spots[arrow.start], spots[arrow.end], y + 14
    side = 1 if end > start else -1
    heavy = 3 if ink.tag == "SIO" else 2
    stopped = arrow.end == MIDDLEBOX
    tip = end - (8 * side if stopped else 7 * side)
    parts = [
        words(10, y + 18, ink.tag, ink=colour, weight="600", size=12),
        f"<line x1='{start:g}' y1='{middle:g}' x2='{tip:g}' y2='{middle:g}' stroke='{colour}' "
        f"stroke-width='{heavy}' stroke-dasharray='{ink.dash}'/>",
    ]
    if stopped and arrow.fate in _STOPPED:
        parts += sign(_STOPPED[arrow.fate], end, middle, colour)
    else:
        parts.append(f"<path d='M{end:g} {middle:g} l{-10 * side} -5 v10 z' fill='{colour}'/>")
    if MIDDLEBOX not in (arrow.start, arrow.end):
        parts.append(f"<circle cx='{spots[MIDDLEBOX]:g}' cy='{middle:g}' r='4' fill='{colour}'/>")
    return parts + _note(arrow, spots, y) + _label(model, arrow, spots, label_at, y)


def _note_side(arrow: Arrow, spots: dict[int, float]) -> int:
    """Where there is room for what a rule did: right (1) or left (-1) of the middlebox, or nowhere (0)."""
    if MIDDLEBOX not in (arrow.start, arrow.end):
        return 0
    far = arrow.start if arrow.end == MIDDLEBOX else arrow.end
    side = 1 if far >= 0 else -1
    middle = spots[MIDDLEBOX]
    room = min(abs(x - middle) for x in spots.values() if (x - middle) * side > 0) - 2 * _ASIDE
    return side if len(arrow.note) * _SMALL_LETTER <= room else 0


def _note(arrow: Arrow, spots: dict[int, float], y: float) -> list[str]:
    """What the rule did, if there is room for it beside the middlebox."""
    side = _note_side(arrow, spots)
    if not arrow.note or not side:
        return []
    ink = TROUBLE_LIGHT if arrow.failed else QUIET
    anchor = "start" if side == 1 else "end"
    halo = f" paint-order='stroke' stroke='{PAPER}' stroke-width='4'"
    x = spots[MIDDLEBOX] + side * _ASIDE
    return [words(x, y + 18, arrow.note, ink=ink, anchor=anchor, size=12, more=halo)]


def _label(model: WireModel, arrow: Arrow, spots: dict[int, float], label_at: float, y: float) -> list[str]:
    who = f"{model.lane_name(arrow.lane)}: " if len(model.lanes.clients) > MANY else ""
    sign = "✗ " if arrow.failed else ""
    late = " · late" if arrow.fate is Fate.LATE else ""
    has_no_room = arrow.note and arrow.fate is not Fate.LATE and not _note_side(arrow, spots)
    note = f" · {arrow.note}" if has_no_room else ""
    text = fitted(f"{sign}{who}{arrow.unit.summary}{late}{note}", WIDTH - 8 - label_at, _LETTER)
    return [words(label_at, y + 18, text, ink=TROUBLE_LIGHT if arrow.failed else INK)]


def _mark(mark: Mark, y: float) -> list[str]:
    text = fitted(f"rules: {mark.words}", WIDTH - 60, _LETTER)
    return [
        box(8, y + 3, WIDTH - 16, ROW - 5, SHADE, radius=4),
        words(WIDTH / 2, y + 18, text, anchor="middle", weight="600"),
    ]


def _silence(belief: str, y: float) -> list[str]:
    text = fitted(f"silence  ·  {belief}", WIDTH - 60, _LETTER)
    dots = (
        f"<line x1='8' y1='{y + 14:g}' x2='{WIDTH - 8}' y2='{y + 14:g}' stroke='{QUIET}' stroke-width='2' "
        "stroke-dasharray='1 6' stroke-linecap='round'/>"
    )
    return [dots, *_said(WIDTH / 2, y + 18, text)]


def _said(x: float, y: float, text: str) -> list[str]:
    """Words in the middle of lines, with a patch of paper under them."""
    wide = len(text) * _LETTER + 12
    patch = f"<rect x='{x - wide / 2:g}' y='{y - 13:g}' width='{wide:g}' height='18' fill='{PAPER}'/>"
    return [patch, words(x, y, text, ink=QUIET, anchor="middle")]
