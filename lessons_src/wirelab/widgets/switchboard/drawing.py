"""The switchboard as a static picture: who is connected through which rules, and every switch."""

from __future__ import annotations

from wirelab.decode import Layer
from wirelab.decode.text import shorten
from wirelab.look.palette import INKS, TROUBLE_LIGHT
from wirelab.look.picture import Picture
from wirelab.look.svg import INK, MONO, PAPER, QUIET, RULE, SHADE, WIDTH, box, sheet, words
from wirelab.widgets.switchboard.board import Board
from wirelab.widgets.switchboard.parties import Party, Phase
from wirelab.widgets.switchboard.switches import GROUPS, SWITCHES

CARD, ROW = 58, 34
_BOX, _SERVERS, _CLIENTS = 470, 690, 330
_INKS = {"WebSocket": INKS[Layer.WEBSOCKET].light, "websocket": INKS[Layer.WEBSOCKET].light}


def draw(board: Board) -> Picture:
    """The board as it is now, with its text alternative."""
    return Picture(_svg(board), _in_words(board))


def _rules(board: Board) -> list[str]:
    return [repr(rule) for rule in board.panel.rules]


def _in_words(board: Board) -> str:
    lines = ["Switchboard · run this notebook in JupyterLab to use it.", board.said]
    lines += [f"{p.lamp.phase} {p.name} ({p.label}): {p.lamp.saw}" for p in board.clients.values()]
    lines.append(f"Rules on the cable: {', '.join(_rules(board)) or 'none'}")
    for group in GROUPS:
        names = (f"{s.name} ({s.does})" for s in SWITCHES.values() if s.group == group)
        lines.append(f"{group}: {', '.join(names)}")
    return "\n".join(lines)


def _svg(board: Board) -> str:
    parts = [
        words(16, 28, "Switchboard", weight="600"),
        words(WIDTH - 16, 28, "run this notebook in JupyterLab to use it", anchor="end", ink=QUIET),
    ]
    top = 44
    bottom = top + len(board.clients) * (CARD + 8) - 8
    for number, party in enumerate(board.clients.values()):
        parts += _client(party, top + number * (CARD + 8))
    parts.append(box(_BOX, top, 150, bottom - top, SHADE))
    parts.append(words(_BOX + 75, top + 24, "middlebox", anchor="middle", weight="600"))
    for number, rule in enumerate(_rules(board) or ["passes everything on"]):
        parts.append(words(_BOX + 75, top + 50 + number * 20, rule, anchor="middle", size=12))
    half = (bottom - top - 8) / 2
    for number, (name, what) in enumerate(board.servers.items()):
        y = top + number * (half + 8)
        parts.append(f"<path d='M{_BOX + 150} {y + half / 2}H{_SERVERS}' stroke='{QUIET}' stroke-width='2'/>")
        parts += [box(_SERVERS, y, WIDTH - 16 - _SERVERS, half, PAPER), words(_SERVERS + 12, y + 28, name)]
        parts.append(words(_SERVERS + 12, y + 48, what, ink=QUIET, size=12))
    y = bottom + 12
    parts += [box(0, y, WIDTH, 30, SHADE, radius=0), words(16, y + 20, board.said)]
    y += 30
    column = (WIDTH - 32) / len(GROUPS)
    for number, group in enumerate(GROUPS):
        x = 16 + number * column
        parts.append(words(x, y + 24, group, ink=QUIET))
        for row, switch in enumerate(s for s in SWITCHES.values() if s.group == group):
            parts += _switch(x, y + 34 + row * ROW, switch.name, switch.does, switch.name in board.panel)
    height = y + 44 + ROW * max(sum(s.group == group for s in SWITCHES.values()) for group in GROUPS)
    return sheet(height, parts)


def _client(party: Party, y: float) -> list[str]:
    lamp = party.lamp
    ink = TROUBLE_LIGHT if lamp.phase is Phase.DOWN else INK
    cable = _INKS.get(lamp.transport, INKS[Layer.HTTP].light if lamp.transport else RULE)
    dash = "none" if lamp.transport else "3 5"
    middle = y + CARD / 2
    return [
        box(16, y, _CLIENTS, CARD, PAPER),
        words(28, y + 24, lamp.phase, ink=ink, weight="600"),
        words(46, y + 24, party.name, weight="600"),
        words(16 + _CLIENTS - 12, y + 24, party.label, anchor="end", ink=QUIET, size=12),
        words(46, y + 45, shorten(lamp.saw, 50), ink=ink, size=12),
        f"<path d='M{16 + _CLIENTS} {middle}H{_BOX}' stroke='{cable}' stroke-width='2' "
        f"stroke-dasharray='{dash}'/>",
        words((16 + _CLIENTS + _BOX) / 2, middle - 6, lamp.transport, anchor="middle", ink=cable, size=12),
    ]


def _switch(x: float, y: float, name: str, does: str, on: bool) -> list[str]:
    fill, knob = (INKS[Layer.WEBSOCKET].light, 17) if on else (PAPER, 7)
    return [
        f"<rect x='{x}' y='{y + 4}' width='24' height='14' rx='7' fill='{fill}' stroke='{QUIET}'/>",
        f"<circle cx='{x + knob}' cy='{y + 11}' r='4' fill='{PAPER if on else QUIET}'/>",
        words(x + 32, y + 12, name, font=MONO, size=12),
        words(x + 32, y + 26, does, ink=QUIET, size=11),
    ]
