"""A line that is slow, uneven or unsteady. Order is kept, as TCP keeps it."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from wirelab.middlebox.rules.base import Handler, Rule
from wirelab.middlebox.rules.settings import one_way, positive, seconds, share
from wirelab.trace import Act, Direction, Event, now

if TYPE_CHECKING:
    from wirelab.middlebox.flow import Flow

_SEGMENT = 1460
"""Bytes of data in an Ethernet packet: the grain in which a line passes them."""


@dataclass(eq=False)
class _Line(Rule):
    direction: Direction | None = field(default=None, kw_only=True)

    room: ClassVar[int] = 4 << 20
    """Bytes that may be on the way before the sender has to wait."""

    def __post_init__(self) -> None:
        one_way(self.direction)

    def handler(self, flow: Flow) -> Handler:
        return _OnTheWay(flow, self)

    def arrival(self, last: float, length: int) -> float:
        """When a piece sent now is to arrive (Unix s), if the one before it, due at `last`, has."""
        raise NotImplementedError


class _OnTheWay(Handler):
    def __init__(self, flow: Flow, line: _Line) -> None:
        super().__init__(flow)
        self._line = line
        self._queues: dict[Direction, deque[tuple[float, Event, bytes]]] = {way: deque() for way in Direction}
        self._last = dict.fromkeys(Direction, 0.0)
        self._waiting = dict.fromkeys(Direction, 0)

    def receive(self, direction: Direction, event: Event, data: bytes = b"") -> None:
        if self._line.direction not in (None, direction):
            self.forward(direction, event, data)
            return
        if data:
            self.note_kept(Act.HELD, direction, start=self._waiting[direction], size=len(data))
        for start in range(0, max(1, len(data)), _SEGMENT):
            piece = data[start : start + _SEGMENT]
            self._last[direction] = self._line.arrival(self._last[direction], len(piece))
            self._queues[direction].append((self._last[direction], event, piece))
        self._waiting[direction] += len(data)
        if self._waiting[direction] > self._line.room:
            self.pause(direction)
        self.wake()

    def wake(self) -> None:
        for direction, queue in self._queues.items():
            while queue and queue[0][0] <= now():
                self._deliver(direction)
            if self._waiting[direction] <= self._line.room:
                self.resume(direction)
        dues = [queue[0][0] for queue in self._queues.values() if queue]
        if dues:
            self.wake_after(max(0.0, min(dues) - now()))

    def leave(self) -> None:
        for direction, queue in self._queues.items():
            while queue:
                self._deliver(direction)

    def _deliver(self, direction: Direction) -> None:
        _, event, data = self._queues[direction].popleft()
        self._waiting[direction] -= len(data)
        self.forward(direction, event, data)


@dataclass(eq=False)
class Delay(_Line):
    """Everything takes so many seconds longer: another continent, a satellite; `tc qdisc ... netem delay`."""

    title: ClassVar[str] = "slow line"

    seconds: float

    def __post_init__(self) -> None:
        super().__post_init__()
        self.seconds = seconds(self.seconds)

    def arrival(self, last: float, length: int) -> float:
        return now() + self.seconds


@dataclass(eq=False)
class Jitter(_Line):
    """Everything takes between 0 and so many seconds longer, at random: mobile networks, full Wi-Fi.

    Out of reach: that a packet overtakes another. TCP sorts them, and so the piece behind waits here too.
    """

    title: ClassVar[str] = "uneven line"

    seconds: float
    seed: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        self.seconds = seconds(self.seconds)
        self._random = random.Random(self.seed)

    def arrival(self, last: float, length: int) -> float:
        return now() + self._random.uniform(0, self.seconds)


@dataclass(eq=False)
class Rate(_Line):
    """So many bits per second, in each direction, with a queue of 64 KiB before it: a slow uplink.

    `tc qdisc ... tbf rate`. A short message waits behind a long one. Each flow has a line of its own.
    """

    title: ClassVar[str] = "narrow line"

    bits: int

    room: ClassVar[int] = 1 << 16

    def __post_init__(self) -> None:
        super().__post_init__()
        positive(self.bits, "bits per second")

    def arrival(self, last: float, length: int) -> float:
        return max(now(), last) + 8 * length / self.bits


@dataclass(eq=False)
class Stall(_Line):
    """One piece in so many is late, and everything behind it waits: packet loss, as it looks above TCP.

    A lost packet is sent again, 0.2 s later or more. Out of reach: the loss itself, and that TCP then sends
    more slowly.
    """

    title: ClassVar[str] = "line that loses packets"

    chance: float
    seconds: float = 0.2
    seed: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        share(self.chance)
        self.seconds = seconds(self.seconds)
        self._random = random.Random(self.seed)

    def arrival(self, last: float, length: int) -> float:
        return now() + (self.seconds if self._random.random() < self.chance else 0.0)
