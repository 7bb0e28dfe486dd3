"""Who has which column: clients by what they call themselves, servers by their ports or names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from wirelab.decode import Decoder

MIDDLEBOX, SERVER = -1, -2
"""Lanes; further servers are -3, -4, …"""
_SHARED_NAMES = ("client", "websockets", "python-socketio", "socket.io-client", "Python", "Node.js")


@dataclass(slots=True)
class Lane:
    """A client's column."""

    kind: str
    name: str
    live: set[int] = field(default_factory=set)


class Lanes:
    """The columns of one picture.

    A client that has a name of its own, or a session, keeps its lane with all its connections. Of others
    nobody knows whether two connections are one program's: at the same time they stand side by side, one
    after the other in the same lane.
    """

    def __init__(self, decoder: Decoder, server_names: Mapping[int, str]) -> None:
        self.clients: list[Lane] = []
        self._decoder = decoder
        self._given = server_names
        self._lane_of: dict[int, int] = {}
        self._ports: dict[int, int] = {}

    def clear(self) -> None:
        """Begin with no column at all."""
        self.clients.clear()
        self._lane_of.clear()
        self._ports.clear()

    def knows(self, flow: int) -> bool:
        """Whether a flow has its lane."""
        return flow in self._lane_of

    def client(self, flow: int) -> int:
        """The lane of a flow, from 0."""
        if flow not in self._lane_of:
            self._lane_of[flow] = self._place(flow)
            self.clients[self._lane_of[flow]].live.add(flow)
        return self._lane_of[flow]

    def end(self, flow: int) -> None:
        """A flow's connection to the client is over."""
        if flow in self._lane_of:
            self.clients[self._lane_of[flow]].live.discard(flow)

    def server(self, port: int | None) -> int:
        """The lane of a server: the first one's for None."""
        return SERVER if port is None else self._ports.setdefault(port, SERVER - len(self._ports))

    def name(self, lane: int) -> str:
        """What stands above a lane."""
        if lane >= 0:
            return self.clients[lane].name if self.clients else "client"
        return "middlebox" if lane == MIDDLEBOX else self.servers()[SERVER - lane]

    def servers(self) -> list[str]:
        """What stands above the servers' lanes, the first one's first."""
        several = len(self._ports) > 1
        named = [
            self._given.get(port, f"server {place}" if several else "server")
            for place, port in enumerate(self._ports, 1)
        ]
        return named or ["server"]

    def _place(self, flow: int) -> int:
        owner = self._decoder.owner(flow)
        if owner != flow and owner in self._lane_of:
            return self._lane_of[owner]
        kind = re.sub(r" \d+$", "", self._decoder.client_name(flow))
        alike = [number for number, lane in enumerate(self.clients) if lane.kind == kind]
        for number in alike:
            if kind not in _SHARED_NAMES or not self.clients[number].live:
                return number
        self.clients.append(Lane(kind, f"{kind} {len(alike) + 1}" if alike else kind))
        return len(self.clients) - 1
