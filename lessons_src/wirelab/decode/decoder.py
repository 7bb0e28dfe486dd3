"""A trace, understood: reads each record once and remembers who is who."""

from __future__ import annotations

import re
from collections import Counter

from wirelab.decode.connection import Connection, Sessions
from wirelab.decode.engineio import Packet
from wirelab.decode.http import Request
from wirelab.decode.unit import Detail, Layer, Unit
from wirelab.trace import Direction, Leg, Record, Trace

_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z-]{0,15}")


class Decoder:
    """All units of a trace so far in `units`; call `update` to take in what came since.

    Who watches a trace for long calls `feed` instead, and keeps the units that it needs.
    """

    def __init__(self, trace: Trace) -> None:
        self.units: list[Unit] = []
        self._trace = trace
        self._seen = 0
        self._connections: dict[int, tuple[Connection, Connection]] = {}
        self._sessions = Sessions(), Sessions()
        self._names: dict[int, str] = {}
        self._kinds: Counter[str] = Counter()
        self._owners: dict[str, int] = {}
        self._owner_of: dict[int, int] = {}
        self._fresh: list[Unit] = []
        self._count = 0

    def update(self) -> list[Unit]:
        """Decode the records that are new; returns the units that they made."""
        first = len(self.units)
        for record in self._trace.since(self._seen):
            self._seen += 1
            self.units += self.feed(record)
        return self.units[first:]

    def feed(self, record: Record) -> list[Unit]:
        """The units that the next record makes; they are not kept here."""
        legs = self._connections.get(record.flow)
        if legs is None:
            client, server = (Connection(self._emit, sessions) for sessions in self._sessions)
            legs = self._connections[record.flow] = client, server
        self._fresh = []
        legs[0 if record.leg is Leg.CLIENT else 1].feed(record)
        return self._fresh

    def owner(self, flow: int) -> int:
        """The flow that opened the Engine.IO session to which a flow belongs; else the flow itself."""
        return self._owner_of.get(flow, flow)

    def client_name(self, flow: int) -> str:
        """What to call the client of a flow: fixed by its first request, "client" before that."""
        return self._names.get(flow, "client")

    def _emit(
        self, detail: Detail, upper: Layer | None, direction: Direction, record: Record, begin: int, end: int
    ) -> None:
        flow, leg, time = record.flow, record.leg, record.time
        self._fresh.append(
            Unit(self._count, detail.layer, upper, flow, leg, direction, time, detail, begin, end)
        )
        self._count += 1
        if type(detail) is Request and record.flow not in self._names:
            self._names[record.flow] = self._name(detail, record.flow)
        elif type(detail) is Packet and detail.sid:
            self._owners.setdefault(detail.sid, record.flow)

    def _name(self, request: Request, flow: int) -> str:
        owner = self._owners.get(request.query.get("sid", ""))
        if owner is not None:
            self._owner_of[flow] = owner
            return self.client_name(owner)
        kind = client_kind(request)
        self._kinds[kind] += 1
        return kind if self._kinds[kind] == 1 else f"{kind} {self._kinds[kind]}"


def client_kind(request: Request) -> str:
    """Which program sends a request, by its User-Agent or, without one, by its headers' order.

    Engine.IO is spoken by the official client in Node and by python-socketio in Python. A User-Agent that is
    a single plain word is taken as the client's own name.
    """
    agent = request.get("user-agent")
    lower = agent.lower()
    if agent.startswith("Mozilla"):
        return "browser"
    if "websockets/" in lower:
        return "websockets"
    if lower.startswith(("node", "undici")):
        return "socket.io-client" if request.is_engineio else "Node.js"
    if lower.startswith(("python", "websocket-client")):
        return "python-socketio" if request.is_engineio else "Python"
    if agent:
        return agent if _PLAIN_NAME.fullmatch(agent) else "client"
    match [header.name for header in request.headers[:3]]:
        case ["Sec-WebSocket-Version", "Sec-WebSocket-Key", *_]:  # npm ws
            return "socket.io-client" if request.is_engineio else "Node.js"
        case ["Upgrade", "Host", "Origin"]:  # websocket-client, which python-socketio's blocking client uses
            return "python-socketio" if request.is_engineio else "Python"
        case _:
            return "client"
