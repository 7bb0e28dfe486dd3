"""The switchboard as a static picture: who is connected through which rules, and every switch."""

from __future__ import annotations

from textwrap import wrap

from wirelab.decode import Layer
from wirelab.look.palette import INKS, TROUBLE_LIGHT
from wirelab.look.picture import Picture
from wirelab.look.svg import INK, MONO, PAPER, QUIET, SHADE, WIDTH, box, sheet, words
from wirelab.widgets.scene import parts, places
from wirelab.widgets.switchboard.board import Board
from wirelab.widgets.switchboard.parties import Party, Phase
from wirelab.widgets.switchboard.switches import GROUPS, SWITCHES

CARD, ROW, _TOP, _CLIENTS = 58, 34, 40, 290
_LETTERS = 38
_INKS = {"WebSocket": INKS[Layer.WEBSOCKET].light, "websocket": INKS[Layer.WEBSOCKET].light}


def draw(board: Board) -> Picture:
    """The board as it is now, with its text alternative."""
    return Picture(_svg(board), _in_words(board))


def _in_words(board: Board) -> str:
    lines = ["Switchboard · run this notebook in JupyterLab to use it.", board.said]
    lines += [f"{p.lamp.phase} {p.name} ({p.label}): {p.lamp.saw}" for p in board.clients.values()]
    lines.append(board.scene.in_words())
    for group in GROUPS:
        names = (f"{s.name} ({s.does})" for s in SWITCHES.values() if s.group == group)
        lines.append(f"{group}: {', '.join(names)}")
    return "\n".join(lines)


def _svg(board: Board) -> str:
    drawn = [
        words(16, 28, "Switchboard", weight="600"),
        words(WIDTH - 16, 28, "run this notebook in JupyterLab to use it", anchor="end", ink=QUIET),
    ]
    top = _TOP + 56
    scene = board.scene
    rows = [top + number * (CARD + 8) + CARD / 2 for number in range(len(board.clients))]
    at = places(16 + _CLIENTS, WIDTH - 14, len(board.servers), rows, _TOP)
    drawn += parts(scene, at)
    for party, y in zip(board.clients.values(), rows, strict=True):
        drawn += _client(party, y - CARD / 2)
    bottom = rows[-1] + CARD / 2
    y = bottom + 12
    drawn += [box(0, y, WIDTH, 30, SHADE, radius=0), words(16, y + 20, board.said)]
    y += 30
    column = (WIDTH - 32) / len(GROUPS)
    for number, group in enumerate(GROUPS):
        x = 16 + number * column
        drawn.append(words(x, y + 24, group, ink=QUIET))
        for row, switch in enumerate(s for s in SWITCHES.values() if s.group == group):
            drawn += _switch(x, y + 34 + row * ROW, switch.name, switch.does, switch.name in board.panel)
    height = y + 44 + ROW * max(sum(s.group == group for s in SWITCHES.values()) for group in GROUPS)
    return sheet(height, drawn)


def _client(party: Party, y: float) -> list[str]:
    lamp = party.lamp
    ink = TROUBLE_LIGHT if lamp.phase is Phase.DOWN else INK
    carried = _INKS.get(lamp.transport, INKS[Layer.HTTP].light)
    return [
        box(16, y, _CLIENTS, CARD, PAPER),
        words(28, y + 21, lamp.phase, ink=ink, weight="600"),
        words(46, y + 21, party.name, weight="600"),
        words(16 + _CLIENTS - 12, y + 21, party.label, anchor="end", ink=QUIET, size=12),
        *(
            words(46, y + 37 + 14 * number, text, ink=ink, size=12)
            for number, text in enumerate(wrap(lamp.saw, _LETTERS, max_lines=2, placeholder=" …"))
        ),
        words(16 + _CLIENTS + 12, y + CARD / 2 - 7, lamp.transport, ink=carried, size=12),
    ]


def _switch(x: float, y: float, name: str, does: str, on: bool) -> list[str]:
    fill, knob = (INKS[Layer.WEBSOCKET].light, 17) if on else (PAPER, 7)
    return [
        f"<rect x='{x}' y='{y + 4}' width='24' height='14' rx='7' fill='{fill}' stroke='{QUIET}'/>",
        f"<circle cx='{x + knob}' cy='{y + 11}' r='4' fill='{PAPER if on else QUIET}'/>",
        words(x + 32, y + 12, name, font=MONO, size=12),
        words(x + 32, y + 26, does, ink=QUIET, size=11),
    ]
