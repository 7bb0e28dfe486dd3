"""Who is connected to whom at this moment: each client's line through the middlebox to its server.

The one drawing of all panels: `scene.js` draws the same live.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from wirelab.decode import Layer
from wirelab.look.palette import COLD_LIGHT, INKS, TROUBLE_LIGHT
from wirelab.look.svg import QUIET, SHADE, box, words
from wirelab.widgets.stage import HEAD_HEIGHT, LIFELINE, broken, columns, fitted, head, lifeline, sign

REACH = 16
"""How far a lifeline goes on below the last line that ends there."""
_STUB, _GAP, _LETTER = 18, 12, 6.4
_INKS = {INKS[layer].tag: INKS[layer] for layer in (Layer.WEBSOCKET, Layer.HTTP)}


class Half(StrEnum):
    """What one end of a connection has of it."""

    NONE = "nothing"
    TRYING = "connecting"
    OPEN = "open"
    OVER = "over"


def is_believed_in_vain(near: Half, far: Half) -> bool:
    """Whether one end has a connection that is over for the other."""
    return {near, far} == {Half.OPEN, Half.OVER}


class Process(StrEnum):
    """What a server does."""

    RUNNING = "running"
    FROZEN = "frozen"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Line:
    """A client's connection: what the client has of it (`near`), and what its server has (`far`).

    `stopped` is the sign of what the middlebox does with it, empty if it passes: "✗" cut or dropped, "‖"
    held, "■" answered, "≠" changed; `note` says who does it. `tag` is the layer's that carries it: "WS" or
    "HTTP". `server` is the place of its server among the servers.
    """

    client: str
    near: Half = Half.NONE
    far: Half = Half.NONE
    server: int = 0
    tag: str = "WS"
    stopped: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Server:
    """A server's name, what there is to say about it, and what its process does."""

    name: str
    about: str
    process: Process = Process.RUNNING


@dataclass(frozen=True, slots=True)
class Scene:
    """All lines, from top to bottom, and the servers in the same order; `rules` are the middlebox's words."""

    lines: tuple[Line, ...]
    rules: tuple[str, ...]
    servers: tuple[Server, ...]

    def in_words(self) -> str:
        """The same in words, in one line."""
        names = ", ".join(self.rules)
        said = [f"{server.name}: {server.process}." for server in self.servers]
        return " ".join([f"In the middle: {names}.", *map(self._line_in_words, self.lines), *said])

    def _line_in_words(self, line: Line) -> str:
        if line.near is line.far is Half.NONE:
            return f"{line.client}: no connection."
        why = f" ({line.note})" if line.note else ""
        middle = f"{line.stopped} at the middlebox{why}, " if line.stopped else ""
        return f"{line.client}: {line.near}, {middle}{self.servers[line.server].name}'s end: {line.far}."

    def message(self) -> dict[str, Any]:
        """What the page needs to draw it."""
        lines = [{**asdict(line), "words": self._line_in_words(line)} for line in self.lines]
        return {**asdict(self), "lines": lines, "words": self.in_words()}


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything stands: lines begin at `start` and lie in `rows`, heads are at most `room` wide."""

    start: float
    middle: float
    servers: tuple[float, ...]
    rows: tuple[float, ...]
    room: float
    top: float


def places(start: float, right: float, servers: int, rows: Sequence[float], top: float) -> Places:
    """The places between the clients' edge and the right edge, under heads whose upper edge is `top`."""
    found = columns(start - 34, right - 30, 1, servers)
    room = 160 if servers == 1 else found.step - 6
    spots = tuple(round(x) for x in found.servers)
    return Places(start, round(found.middlebox), spots, tuple(rows), room, top)


def parts(scene: Scene, at: Places) -> list[str]:
    """The pieces of an SVG: heads, lifelines, lines."""
    foot = at.top + HEAD_HEIGHT
    made = lifeline(at.middle, foot, at.rows[-1] + REACH)
    for number, (server, x) in enumerate(zip(scene.servers, at.servers, strict=True)):
        last = [y for y, line in zip(at.rows, scene.lines, strict=True) if line.server == number][-1]
        made += _server(server, x, foot, last + REACH)
    for line, y in zip(scene.lines, at.rows, strict=True):
        made += _line(line, scene.servers[line.server], at, y)
    gap = at.servers[0] - at.middle
    made += head(at.middle, list(scene.rules), min(190, 2 * gap - at.room - 12), top=at.top)
    for server, x in zip(scene.servers, at.servers, strict=True):
        made += head(x, [part for part in (server.name, server.about) if part], at.room, top=at.top)
    return made


def client_heads(scene: Scene, at: Places, left: float) -> list[str]:
    """A box with each client's name where its line begins."""
    wide = at.start - left
    return [
        piece
        for line, y in zip(scene.lines, at.rows, strict=True)
        for piece in (
            box(left, y - 13, wide, 26, SHADE, radius=6, edge=LIFELINE),
            words(left + wide / 2, y + 4.5, fitted(line.client, wide - 8), anchor="middle", size=12),
        )
    ]


def _server(server: Server, x: float, top: float, bottom: float) -> list[str]:
    if server.process is Process.GONE:
        return lifeline(x, top, bottom, cut_at=top + 12)
    return lifeline(x, top, bottom, iced=server.process is Process.FROZEN)


def _line(line: Line, server: Server, at: Places, y: float) -> list[str]:
    gap = _GAP if line.stopped else 0
    right = at.servers[line.server]
    made = _half(line, line.near, at.start, at.middle - gap, y) + _half(
        line, line.far, right, at.middle + gap, y
    )
    if line.stopped:
        colour = COLD_LIGHT if line.stopped == "‖" else TROUBLE_LIGHT
        made += sign(line.stopped, at.middle, y, colour) + _note(line, at, y)
    elif line.near is line.far is Half.OPEN:
        made.append(f"<circle cx='{at.middle:g}' cy='{y:g}' r='4' fill='{_INKS[line.tag].light}'/>")
    if server.process is Process.FROZEN and line.far is Half.OPEN:
        made += sign("‖", right, y, COLD_LIGHT)
    return made


def _half(line: Line, half: Half, end: float, middle: float, y: float) -> list[str]:
    """From an end's edge to the middlebox, as far as there is a line."""
    side = 1 if middle > end else -1
    ink = _INKS[line.tag]
    colour = TROUBLE_LIGHT if line.stopped else ink.light
    match half:
        case Half.OPEN:
            return [_stroke(end, middle, y, colour, ink.dash)]
        case Half.TRYING:
            return [_stroke(end, middle, y, colour, "1 6")]
        case Half.OVER:
            x = end + side * (_STUB + 5)
            ring = f"<circle cx='{x:g}' cy='{y:g}' r='5' fill='none' stroke='{LIFELINE}' stroke-width='2'/>"
            return [_stroke(end, end + side * _STUB, y, LIFELINE, "none"), ring]
        case Half.NONE:
            return []


def _stroke(start: float, end: float, y: float, colour: str, dash: str) -> str:
    return (
        f"<line x1='{start:g}' y1='{y:g}' x2='{end:g}' y2='{y:g}' stroke='{colour}' stroke-width='2.5' "
        f"stroke-dasharray='{dash}' stroke-linecap='round'/>"
    )


def _note(line: Line, at: Places, y: float) -> list[str]:
    """Who stopped it: in the right half if that is free, else in one line above it, or in two around it."""
    room = at.servers[line.server] - at.middle - 40
    lines = broken(line.note, room / _LETTER)
    feet = ((4.5,), (-3, 12)) if line.far in (Half.NONE, Half.OVER) else ((-8,), (-8, 17))
    return [
        words(at.middle + 15, y + foot, text, ink=QUIET, size=12)
        for text, foot in zip(lines, feet[len(lines) - 1], strict=True)
    ]
