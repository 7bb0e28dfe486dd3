"""What middleboxes do to connections on which nothing was said for a while, in either direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from wirelab.middlebox.rules.base import Handler, Rule
from wirelab.middlebox.rules.faults import ResetSender
from wirelab.middlebox.rules.http import Head, HttpHandler, page
from wirelab.middlebox.rules.settings import seconds
from wirelab.middlebox.rules.silence import Silencer
from wirelab.trace import Direction, Event

if TYPE_CHECKING:
    from wirelab.middlebox.flow import Flow

_SHORTEST = 0.001


@dataclass(eq=False)
class _Idle(Rule):
    seconds: float

    def __post_init__(self) -> None:
        self.seconds = seconds(self.seconds, _SHORTEST)


class _Patient(Handler):
    """Wakes after `patience` seconds without traffic; once it `ran_out`, traffic no longer counts."""

    def __init__(self, flow: Flow, patience: float) -> None:
        super().__init__(flow)
        self._patience = patience

    @property
    def ran_out(self) -> bool:
        return False

    def enter(self) -> None:
        self.wake_after(self._patience)

    def receive(self, direction: Direction, event: Event, data: bytes = b"") -> None:
        if not self.ran_out:
            self.wake_after(self._patience)
        super().receive(direction, event, data)


class IdleTimeout(_Idle):
    """Closes an idle connection with FIN at both ends; a request that still waits for its answer gets 504.

    nginx's `proxy_read_timeout` (60 s), most load balancers; HAProxy's `timeout server` and `timeout tunnel`,
    which reset the server's end. Out of reach: their other time-outs (to connect, to get a request, to keep a
    client).
    """

    title: ClassVar[str] = "balancer with an idle time-out"

    def handler(self, flow: Flow) -> Handler:
        return _IdleTimeout(flow, self.seconds)


class _IdleTimeout(_Patient, HttpHandler):
    _waits = False

    def request(self, head: Head) -> None:
        self._waits = True
        super().request(head)

    def answer(self, head: Head) -> None:
        self._waits = False
        super().answer(head)

    def wake(self) -> None:
        self.finish(page(504, "The server took too long") if self._waits else b"")


class IdleDrop(_Idle):
    """Forgets an idle connection, and drops what comes later: silence, and nobody is told.

    Connection tracking in firewalls and home routers (minutes to hours), then DROP for what is unknown. A
    ping in time keeps the connection. Out of reach: addresses being translated.
    """

    title: ClassVar[str] = "firewall that forgets"

    def handler(self, flow: Flow) -> Handler:
        return _IdleDrop(flow, self.seconds)


class _IdleDrop(_Patient, Silencer):
    @property
    def ran_out(self) -> bool:
        return bool(self._silent)

    def wake(self) -> None:
        self.silence(*Direction)


class IdleReset(_Idle):
    """Forgets an idle connection; who sends next gets a RST, the other end is not told.

    Connection tracking, then `-j REJECT --reject-with tcp-reset`; AWS's network load balancer (350 s).
    """

    title: ClassVar[str] = "firewall that forgets and resets"

    def handler(self, flow: Flow) -> Handler:
        return _IdleReset(flow, self.seconds)


class _IdleReset(_Patient, ResetSender):
    @property
    def ran_out(self) -> bool:
        return bool(self.expired)

    def wake(self) -> None:
        self.expired.update(Direction)
