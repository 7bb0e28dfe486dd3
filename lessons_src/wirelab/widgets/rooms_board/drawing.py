"""The board as a static picture: rooms, chips, the line of code, and who heard the last message."""

from __future__ import annotations

from textwrap import wrap

from wirelab.decode import Layer
from wirelab.look.palette import INKS, ROOMS, STATES, TROUBLE_LIGHT
from wirelab.look.picture import Picture
from wirelab.look.svg import INK, MONO, PAPER, QUIET, SHADE, WIDTH, box, sheet, words
from wirelab.widgets.rooms_board import places
from wirelab.widgets.rooms_board.crowd import rooms_of
from wirelab.widgets.rooms_board.member import Member
from wirelab.widgets.rooms_board.model import Board
from wirelab.widgets.rooms_board.round import Verdict

_LEFT, _TOP = 16, 44
_COLUMN = (WIDTH - 2 * _LEFT) / places.COLUMNS
_LETTER, _LETTERS = 7.4, 128
_ROOMY = 120
"""A chip as wide as that has room for its kind."""
_MARKED = INKS[Layer.WEBSOCKET].light
_HEARD = (Verdict.HEARD, Verdict.RIGHT, Verdict.SURPRISE)


def draw(model: Board) -> Picture:
    """The board as it is now, with its text alternative."""
    lines = ["Who hears it? Run this notebook in JupyterLab to move the clients and to send.", model.said]
    lines += [f"Chosen: {model.aim.words()}.", _code(model), model.table()]
    return Picture(_svg(model), "\n".join(lines))


def _code(model: Board) -> str:
    return model.aim.python(model.round.text if model.round is not None else model.next_text)


def _svg(model: Board) -> str:
    parts = [
        words(_LEFT, 28, "Who hears it?", weight="600"),
        words(WIDTH - _LEFT, 28, "Run this notebook in JupyterLab to play with it.", anchor="end", ink=QUIET),
        box(_LEFT, _TOP, WIDTH - 2 * _LEFT, places.HEIGHT, SHADE, radius=10),
        words(_LEFT + 14, _TOP + 19, "server", weight="600"),
        words(_LEFT + 14, _TOP + 36, "the rooms are in its memory, and nowhere else", ink=QUIET, size=12),
        words(_LEFT + 3 * _COLUMN + 14, _TOP + places.HEAD + 24, "in no room", ink=QUIET, size=12),
    ]
    for area in places.AREAS:
        parts += _area(area, model.aim.to, model.aim.but)
    bottom = _TOP + places.HEIGHT
    if not all(member.known for member in model.members.values()):
        parts.append(words(_LEFT + 4, bottom + 26, "not connected", ink=QUIET, size=12))
        bottom += places.STRIP
    parts += _crowd(model)
    spots = places.spots(model.members.values())
    for member in model.members.values():
        parts += _chip(model, member, spots[member.name])
    said = wrap(model.said, _LETTERS)
    parts.append(box(0, bottom + 8, WIDTH, 12 + 18 * len(said), SHADE, radius=0))
    parts += [words(_LEFT, bottom + 28 + 18 * line, text) for line, text in enumerate(said)]
    bottom += 40 + 18 * len(said)
    parts.append(words(_LEFT, bottom, _code(model), font=MONO, size=12))
    return sheet(bottom + 14, parts)


def _area(area: places.Area, to: tuple[str, ...], but: tuple[str, ...]) -> list[str]:
    ink = ROOMS[area.room]
    role = " ✗ left out" if area.room in but else " → meant" if area.room in to else ""
    left = _LEFT + area.left * _COLUMN + area.inset
    right = _LEFT + area.right * _COLUMN - area.inset
    text = f"{area.room}{role}"
    wide = len(text) * _LETTER + 14
    x = right - wide - 10 if area.name_right else left + 10
    top, weight = _TOP + area.top, 3.5 if role.startswith(" →") else 2
    return [
        f"<rect x='{left:g}' y='{top:g}' width='{right - left:g}' height='{area.bottom - area.top:g}' "
        f"rx='14' fill='{ink.light}' fill-opacity='0.13' stroke='{ink.light}' stroke-width='{weight:g}' "
        f"stroke-dasharray='{ink.dash}'/>",
        box(x, top + 5, wide, 18, PAPER, radius=9, edge=ink.light),
        words(x + wide / 2, top + 18, text, anchor="middle", weight="600", size=12),
    ]


def _crowd(model: Board) -> list[str]:
    """In each cell, how many of the crowd are there, and how many of them heard the last message."""
    parts = []
    for number in range(min(model.crowd.count, 2 ** len(ROOMS))):
        there = range(number, model.crowd.count, 2 ** len(ROOMS))
        heard = sum(model.crowd.heard >> each & 1 for each in there)
        cell = places.cell(rooms_of(number))
        said = f"{len(there)} of the crowd{f', {heard} heard it' if heard else ''}"
        x = _LEFT + (cell.column + 0.5) * _COLUMN
        parts.append(words(x, _TOP + cell.top + cell.height - 6, said, anchor="middle", size=12))
    return parts


def _chip(model: Board, member: Member, spot: places.Spot) -> list[str]:
    verdict = model.verdict(member)
    x, y, wide = _LEFT + spot.left * _COLUMN, _TOP + spot.top, spot.width * _COLUMN
    fill, edge = PAPER, QUIET
    if verdict in _HEARD:
        fill, edge = "#bfe6d9", STATES["good"]
    elif not member.known or member.pulled:
        fill = SHADE
    sign = verdict.sign if verdict else "♪" if member.name in model.marks else ""
    signed = TROUBLE_LIGHT if verdict is Verdict.MISSED else INK if verdict else _MARKED
    note = "✗ cable" if member.pulled else "sender" if member.name == model.aim.sender else ""
    kind = member.kind if wide > _ROOMY else ""
    return [
        box(x, y, wide, places.CHIP, fill, radius=13, edge=edge),
        words(x + 13, y + 18, sign, ink=signed, anchor="middle", weight="700"),
        words(x + 27, y + 18, member.name, weight="600"),
        words(x + 64, y + 18, kind, ink=QUIET, size=11.5),
        words(
            x + wide - 10, y + 18, note, anchor="end", size=11.5, ink=TROUBLE_LIGHT if member.pulled else INK
        ),
    ]
