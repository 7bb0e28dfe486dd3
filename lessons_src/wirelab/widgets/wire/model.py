"""What the wire shows, without a screen: units of a trace become arrows between lanes."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from wirelab.decode import Decoder, Layer, Unit, sentence, visible
from wirelab.decode.tcp import Tcp
from wirelab.trace import Direction, Leg, Trace

MIDDLEBOX, SERVER = -1, -2
"""Lanes; further servers are -3, -4, …"""
_ENDINGS = ("fin", "rst")
_MEMORY = 65_536


@dataclass(slots=True)
class Arrow:
    """A unit on its way: lanes are client numbers from 0, MIDDLEBOX, or servers from SERVER down."""

    number: int
    unit: Unit
    lane: int
    start: int
    end: int

    @property
    def passed(self) -> bool:
        """Whether it came out of the middlebox as it went in."""
        return MIDDLEBOX not in (self.start, self.end)


@dataclass(slots=True)
class Lane:
    """A client's column; a later connection of the same kind of client takes over a lane that is free."""

    kind: str
    name: str
    flow: int
    ended: bool = False


@dataclass
class WireModel:
    """The arrows of one trace at one layer, kept up to date by `update`.

    `servers()` gives the ports of those that have a lane from the beginning; others get one at first use.
    """

    trace: Trace
    layer: Layer = Layer.WEBSOCKET
    servers: Callable[[], Iterable[int]] = tuple
    arrows: list[Arrow] = field(default_factory=list)
    lanes: list[Lane] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.decoder = Decoder(self.trace)
        self._seen = 0
        self._first = 0
        self._lane_of: dict[int, int] = {}
        self._goes_to: dict[int, int] = {}
        self._server_lanes: dict[int, int] = {}
        self._inside: dict[tuple[int, Direction], deque[Arrow]] = {}
        self._opens: dict[int, list[Unit]] = {}

    def update(self) -> list[Arrow]:
        """Take in what has passed since the last call; returns the arrows that are new or grew."""
        for port in self.servers():
            self._server_lane(port)
        self.decoder.update()
        changed: dict[int, Arrow] = {}
        for unit in self.decoder.units[self._seen :]:
            for arrow in self._take(unit):
                changed[arrow.number] = arrow
        self._seen = len(self.decoder.units)
        return list(changed.values())

    def show(self, layer: Layer) -> None:
        """Draw the same traffic again at another layer."""
        self.layer = layer
        self._start_at(self._first)

    def reset(self) -> None:
        """Forget what has passed so far; the picture begins anew with the next unit."""
        self.update()
        self._start_at(len(self.decoder.units))

    def lane_name(self, lane: int) -> str:
        """What stands above a lane."""
        if lane >= 0:
            return self.lanes[lane].name
        return "middlebox" if lane == MIDDLEBOX else self.server_names()[SERVER - lane]

    def server_names(self) -> list[str]:
        """What stands above the servers' lanes, the first one's first."""
        several = len(self._server_lanes)
        return [f"server {number + 1}" for number in range(several)] if several > 1 else ["server"]

    def describe(self, arrow: Arrow) -> str:
        """One plain sentence about an arrow."""
        return sentence(arrow.unit, self.lane_name(arrow.start), self.lane_name(arrow.end))

    def _start_at(self, first: int) -> None:
        self._first = self._seen = first
        self.arrows.clear()
        self.lanes.clear()
        self._lane_of.clear()
        self._server_lanes.clear()
        self._inside.clear()
        self._opens.clear()
        self.update()

    def _take(self, unit: Unit) -> list[Arrow]:
        if type(unit.detail) is Tcp and unit.detail.record.server:
            self._goes_to[unit.flow] = unit.detail.record.server
        if not visible(unit, self.layer):
            self._note_end(unit)
            return []
        # A connection says who it is with its first request: its opening waits for that name.
        if unit.flow not in self._lane_of and unit.kind == "open":
            self._opens.setdefault(unit.flow, []).append(unit)
            return []
        arrows = [self._draw(each) for each in (*self._opens.pop(unit.flow, ()), unit)]
        self._note_end(unit)
        return arrows

    def _draw(self, unit: Unit) -> Arrow:
        lane = self._lane(unit.flow)
        port = self._goes_to.get(unit.flow)
        server = SERVER if port is None else self._server_lane(port)
        up = unit.direction is Direction.UP
        incoming = unit.leg is (Leg.CLIENT if up else Leg.SERVER)
        inside = self._inside.setdefault((unit.flow, unit.direction), deque(maxlen=_MEMORY))
        if not incoming:
            for position, arrow in enumerate(inside):
                if arrow.unit.raw == unit.raw and arrow.unit.kind == unit.kind:
                    for _ in range(position + 1):
                        inside.popleft()
                    arrow.end = server if up else lane
                    return arrow
        near, far = (lane, server) if up else (server, lane)
        start, end = (near, MIDDLEBOX) if incoming else (MIDDLEBOX, far)
        arrow = Arrow(len(self.arrows), unit, lane, start, end)
        self.arrows.append(arrow)
        if incoming:
            inside.append(arrow)
        return arrow

    def _lane(self, flow: int) -> int:
        if flow not in self._lane_of:
            self._lane_of[flow] = self._free_lane(flow)
        return self._lane_of[flow]

    def _server_lane(self, port: int) -> int:
        return self._server_lanes.setdefault(port, SERVER - len(self._server_lanes))

    def _free_lane(self, flow: int) -> int:
        kind = re.sub(r" \d+$", "", self.decoder.client_name(flow))
        alike = [number for number, lane in enumerate(self.lanes) if lane.kind == kind]
        for number in alike:
            if self.lanes[number].ended:
                self.lanes[number].flow, self.lanes[number].ended = flow, False
                return number
        name = f"{kind} {len(alike) + 1}" if alike else kind
        self.lanes.append(Lane(kind, name, flow))
        return len(self.lanes) - 1

    def _note_end(self, unit: Unit) -> None:
        if unit.layer is not Layer.TCP or unit.kind not in _ENDINGS:
            return
        number = self._lane_of.get(unit.flow)
        if number is not None and self.lanes[number].flow == unit.flow and unit.leg is Leg.CLIENT:
            self.lanes[number].ended = True
