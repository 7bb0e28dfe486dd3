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
    """All units of a trace so far in `units`; call `update` to take in what came since."""

    def __init__(self, trace: Trace) -> None:
        self.units: list[Unit] = []
        self._trace = trace
        self._seen = 0
        self._connections: dict[int, tuple[Connection, Connection]] = {}
        self._sessions = Sessions(), Sessions()
        self._names: dict[int, str] = {}
        self._kinds: Counter[str] = Counter()
        self._owners: dict[str, int] = {}

    def update(self) -> list[Unit]:
        """Decode the records that are new; returns the units that they made."""
        first = len(self.units)
        for record in self._trace.since(self._seen):
            self._seen += 1
            legs = self._connections.get(record.flow)
            if legs is None:
                client, server = (Connection(self._emit, sessions) for sessions in self._sessions)
                legs = self._connections[record.flow] = client, server
            legs[0 if record.leg is Leg.CLIENT else 1].feed(record)
        return self.units[first:]

    def client_name(self, flow: int) -> str:
        """What to call the client of a flow: fixed by its first request, "client" before that."""
        return self._names.get(flow, "client")

    def _emit(self, detail: Detail, upper: Layer | None, direction: Direction, record: Record) -> None:
        number = len(self.units)
        self.units.append(
            Unit(number, detail.layer, upper, record.flow, record.leg, direction, record.time, detail)
        )
        if type(detail) is Request and record.flow not in self._names:
            self._names[record.flow] = self._name(detail)
        elif type(detail) is Packet and detail.sid:
            self._owners.setdefault(detail.sid, record.flow)

    def _name(self, request: Request) -> str:
        owner = self._owners.get(request.query.get("sid", ""))
        if owner is not None:
            return self.client_name(owner)
        kind = client_kind(request)
        self._kinds[kind] += 1
        return kind if self._kinds[kind] == 1 else f"{kind} {self._kinds[kind]}"


def client_kind(request: Request) -> str:
    """What sort of program sends a request, by its User-Agent or, without one, by its headers' order.

    A User-Agent that is a single plain word is taken as the client's own name.
    """
    agent = request.get("user-agent")
    lower = agent.lower()
    if agent.startswith("Mozilla"):
        return "browser"
    if lower.startswith(("node", "undici")):
        return "Node.js"
    if lower.startswith(("python", "websocket-client")):
        return "Python"
    if agent:
        return agent if _PLAIN_NAME.fullmatch(agent) else "client"
    match [header.name for header in request.headers[:3]]:
        case ["Sec-WebSocket-Version", "Sec-WebSocket-Key", *_]:  # npm ws
            return "Node.js"
        case ["Upgrade", "Host", "Origin"]:  # websocket-client, which python-socketio's blocking client uses
            return "Python"
        case _:
            return "client"
