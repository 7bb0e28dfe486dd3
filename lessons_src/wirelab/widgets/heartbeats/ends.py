"""Both ends of each connection: what they believe, and when each of them last heard the other's heart."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wirelab.decode import Decoder, Layer
from wirelab.decode.socketio import Packet
from wirelab.decode.unit import Unit
from wirelab.trace import Direction, Leg, Trace

ANN, BOB, BROWSER = "Ann", "Bob", "browser"
ABOUT = {
    ANN: "the official client, in Node",
    BOB: "python-socketio",
    BROWSER: "the official client, in this page",
}
SAID = {ANN: "Ann", BOB: "Bob", BROWSER: "your browser"}


class Belief(StrEnum):
    """What an end knows of its connection."""

    NONE = "no connection"
    OPEN = "connected"
    OVER = "knows that it is over"


@dataclass
class End:
    """One end of one connection. `sign`: when it last heard the other's heart, in Unix seconds.

    `silence`: for how many seconds it had heard nothing when it gave up; None: it has not.
    """

    name: str
    about: str
    belief: Belief = Belief.NONE
    noticed: str = ""
    sign: float | None = None
    silence: float | None = None

    def forget(self) -> None:
        """Be as before the first connection."""
        self.belief, self.noticed, self.sign, self.silence = Belief.NONE, "", None, None

    def begins(self) -> None:
        """A new connection is there. Its first sign of life may have been noted already."""
        self.belief, self.noticed, self.silence = Belief.OPEN, "", None

    def ends(self, reason: str, time: float) -> None:
        """It learns that the connection is over."""
        if self.belief is Belief.OPEN:
            self.belief, self.noticed = Belief.OVER, reason
            self.silence = None if self.sign is None else time - self.sign


@dataclass(frozen=True)
class Cost:
    """Bytes of one heartbeat as they passed on the wire: a ping down and a pong up, in WebSocket frames."""

    down: int
    up: int

    def an_hour(self, interval: float) -> int:
        """Bytes for one client in an hour, with a heartbeat each `interval` seconds."""
        return round((self.down + self.up) * 3600 / interval)


class Stethoscope:
    """Listens to a trace for hearts: pings that arrive at clients, pongs that arrive at the server."""

    def __init__(self, trace: Trace) -> None:
        self._decoder = Decoder(trace)
        self._names: dict[int, str] = {}
        self._opened: dict[tuple[int, Leg], float] = {}
        self._bytes: dict[str, int] = {}

    def listen(self, clients: dict[str, End], handlers: dict[str, End]) -> None:
        """Note in the ends what has passed since the last time."""
        sides = {Leg.CLIENT: clients, Leg.SERVER: handlers}
        arrives = {Leg.CLIENT: ("eio.ping", Direction.DOWN), Leg.SERVER: ("eio.pong", Direction.UP)}
        for unit in self._decoder.update():
            if unit.kind == "eio.open":
                self._opened[unit.flow, unit.leg] = unit.time
            elif unit.kind == "sio.connect" and unit.direction is Direction.UP:
                self._names[unit.flow] = name = _name(unit)
                if name in sides[unit.leg]:
                    sides[unit.leg][name].sign = self._opened.get((unit.flow, unit.leg))
            elif unit.layer is Layer.ENGINEIO and (unit.kind, unit.direction) == arrives[unit.leg]:
                self._bytes[unit.kind] = len(unit.raw)
                self._heard(sides[unit.leg], unit.flow, unit.time)

    @property
    def cost(self) -> Cost | None:
        """What one heartbeat took; None if there was none yet."""
        if self._bytes.keys() < {"eio.ping", "eio.pong"}:
            return None
        return Cost(self._bytes["eio.ping"], self._bytes["eio.pong"])

    def _heard(self, side: dict[str, End], flow: int, time: float) -> None:
        end = side.get(self._names.get(flow, ""))
        if end is not None and end.belief is not Belief.OVER:
            end.sign = time


def _name(unit: Unit) -> str:
    """The name in the auth object of a CONNECT packet."""
    data = unit.detail.data if isinstance(unit.detail, Packet) else None
    return str(data.get("name", "")) if isinstance(data, dict) else ""
