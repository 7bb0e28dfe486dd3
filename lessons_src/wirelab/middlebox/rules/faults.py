"""What happens to a connection as a whole: it is cut in silence, or reset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from wirelab.middlebox.rules.base import Handler, Rule
from wirelab.middlebox.rules.settings import one_way
from wirelab.middlebox.rules.silence import Silencer
from wirelab.trace import Direction, Event

if TYPE_CHECKING:
    from wirelab.middlebox.flow import Flow


@dataclass(eq=False)
class Blackhole(Rule):
    """Nothing passes, and nobody is told: the connection is half-open. `flow`: only the one of that number.

    A cable pulled, a Wi-Fi left behind, a router that died, iptables with DROP. Out of reach: SYN packets
    are dropped there, while here a client is accepted and then hears nothing (its open time-out is the same);
    a sender's ETIMEDOUT after a quarter of an hour; and when the rule is taken off, the line works again at
    once, while TCP's next repetition may take many seconds.
    """

    flow: int | None = None

    title: ClassVar[str] = "cable pulled"

    def __post_init__(self) -> None:
        if self.flow is not None and (not isinstance(self.flow, int) or self.flow < 1):
            raise ValueError(f"Flows are numbered from 1 on, but got {self.flow!r}; look at box.flows.")

    @property
    def lets_nothing_pass(self) -> bool:
        return self.flow is None

    def handler(self, flow: Flow) -> Handler:
        return _Blackhole(flow) if self.flow in (None, flow.number) else Handler(flow)


class _Blackhole(Silencer):
    def enter(self) -> None:
        self.silence(*Direction)


@dataclass(eq=False)
class Swallow(Rule):
    """Nothing passes in that direction, and nobody is told; the other direction is well.

    iptables with DROP for what one end of an established connection sends; a firewall that knows only one of
    two ways. Out of reach, as for Blackhole: a sender's ETIMEDOUT, and the slow healing.
    """

    direction: Direction

    title: ClassVar[str] = "swallows one direction"

    def __post_init__(self) -> None:
        if one_way(self.direction) is None:
            raise TypeError("Which way? Say Direction.UP or Direction.DOWN; for both take Blackhole().")

    @property
    def words(self) -> str:
        return f"swallows what goes {self.direction.name.lower()}"

    def handler(self, flow: Flow) -> Handler:
        return _Swallow(flow, self.direction)


class _Swallow(Silencer):
    def __init__(self, flow: Flow, direction: Direction) -> None:
        super().__init__(flow)
        self._direction = direction

    def enter(self) -> None:
        self.silence(self._direction)


class ResetBoth(Rule):
    """Both ends get a RST: live connections at once, new ones at their first bytes.

    A firewall that forges a RST for either end, tcpkill, a proxy that is killed with unread data.
    """

    title: ClassVar[str] = "firewall: resets both ends"

    def handler(self, flow: Flow) -> Handler:
        return _ResetBoth(flow)


class _ResetBoth(Handler):
    def enter(self) -> None:
        if self.flow.live:
            self._reset()

    def receive(self, direction: Direction, event: Event, data: bytes = b"") -> None:
        if event is Event.DATA:
            self.drop(direction, event, data)
            self._reset()
        else:
            super().receive(direction, event, data)

    def _reset(self) -> None:
        self.make(Direction.DOWN, Event.RST)
        self.make(Direction.UP, Event.RST)


class Roam(Rule):
    """The client changes networks: its connections end at its own end, and nobody tells the server.

    A phone that leaves the Wi-Fi for mobile data, a laptop that is put to sleep and wakes up elsewhere: its
    system ends what has the old address, and no packet of that reaches the server. What connects anew passes.
    Out of reach: the new address, and the server's own system, which gives up after a quarter of an hour.
    """

    title: ClassVar[str] = "client on another network"

    def handler(self, flow: Flow) -> Handler:
        return _Roam(flow)


class _Roam(Silencer):
    def enter(self) -> None:
        if self.flow.live:
            self.make(Direction.DOWN, Event.RST)
            self.silence(*Direction)


class ResetSender(Handler):
    """Answers with a RST, once `expired`; the end that sends nothing is not told while the rule is on."""

    def __init__(self, flow: Flow) -> None:
        super().__init__(flow)
        self.expired: set[Direction] = set()
        self._was_reset: set[Direction] = set()

    def receive(self, direction: Direction, event: Event, data: bytes = b"") -> None:
        if direction not in self.expired or event is Event.OPEN:
            super().receive(direction, event, data)
        elif event is not Event.RST:
            self._was_reset.add(direction)
            self.drop(direction, event, data)
            self.make(_back(direction), Event.RST)

    def leave(self) -> None:
        # The other end's next packet would meet a socket that is gone, and be answered with a RST.
        for direction in self._was_reset:
            self.make(direction, Event.RST)


def _back(direction: Direction) -> Direction:
    return Direction.DOWN if direction is Direction.UP else Direction.UP


class ResetClient(Rule):
    """The client's next bytes get a RST back; the server is not told, and goes on believing.

    iptables with `-j REJECT --reject-with tcp-reset` for an established connection; a client that only
    listens notices nothing.
    """

    title: ClassVar[str] = "firewall: resets the client"

    def handler(self, flow: Flow) -> Handler:
        return _ResetClient(flow)


class _ResetClient(ResetSender):
    def enter(self) -> None:
        self.expired.add(Direction.UP)
