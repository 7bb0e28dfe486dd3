"""What passed on each client's wire, a line a packet, with what happened meanwhile at the server."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import dataclass, replace
from typing import Any

from wirelab.decode import Decoder, Layer, Unit
from wirelab.decode.socketio import Packet
from wirelab.trace import Direction, Leg, Trace

KEPT = 16
"""Lines for each client."""
_LETTERS = 70
_HEARTBEATS = ("eio.ping", "eio.pong")


@dataclass(frozen=True, slots=True)
class Line:
    """A packet that went "up" or came "down" on the client's leg, or a "note" of what was no packet."""

    way: str
    text: str
    number: int = 0


class Wires:
    """Reads a trace on which every client has said its name when it connected."""

    def __init__(self, trace: Trace) -> None:
        self._decoder = Decoder(trace)
        self._names: dict[int, str] = {}
        self._nameless: dict[int, list[Line]] = defaultdict(list)
        self._lines: dict[str, deque[Line]] = defaultdict(lambda: deque(maxlen=KEPT))
        self._packets: Counter[str] = Counter()
        self._written = 0

    def lines(self, name: str) -> list[Line]:
        """What passed at that client, heartbeats left out."""
        self._read()
        return list(self._lines[name])

    def packets(self, name: str) -> int:
        """How many packets have passed there, heartbeats left out."""
        self._read()
        return self._packets[name]

    def note(self, name: str, text: str) -> None:
        """Something has happened of which, up to now, nothing has passed there."""
        self._read()
        self._append(name, Line("note", text))

    def forget(self) -> None:
        """Begin anew."""
        self._read()
        self._lines.clear()

    def _read(self) -> None:
        for unit in self._decoder.update():
            if unit.leg is Leg.CLIENT and unit.upper is None and _counts(unit):
                self._take(unit)

    def _take(self, unit: Unit) -> None:
        line = Line(str(unit.direction), _text(unit))
        if unit.kind == "sio.connect" and unit.direction is Direction.UP:
            self._names[unit.flow] = _name(unit.detail)
            for earlier in self._nameless.pop(unit.flow, []):
                self._append(self._names[unit.flow], earlier)
        if unit.flow in self._names:
            self._append(self._names[unit.flow], line)
            self._packets[self._names[unit.flow]] += 1
        else:
            self._nameless[unit.flow].append(line)

    def _append(self, name: str, line: Line) -> None:
        self._written += 1
        self._lines[name].append(replace(line, number=self._written))


def _counts(unit: Unit) -> bool:
    return unit.layer in (Layer.ENGINEIO, Layer.SOCKETIO) and unit.kind not in _HEARTBEATS


def _text(unit: Unit) -> str:
    """The packet as it travels: the digit of Engine.IO, then the rest."""
    detail: Any = unit.detail
    if isinstance(detail, Packet):
        text = f"4{detail.carrier.text}"
    elif hasattr(detail, "text"):
        text = f"{'0' if unit.kind == 'eio.open' else ''}{detail.text or unit.summary}"
    else:
        text = unit.summary
    return text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1]}…"


def _name(detail: object) -> str:
    """The name in the auth object of a CONNECT packet."""
    data = detail.data if isinstance(detail, Packet) else None
    return str(data.get("name", "")) if isinstance(data, dict) else ""
