"""Boxes that look into the traffic: deep packet inspection, antivirus, devices that half know WebSocket."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from wirelab.middlebox.rules.base import Handler, Rule
from wirelab.middlebox.rules.http import Head, HttpHandler, page
from wirelab.middlebox.rules.silence import Silencer
from wirelab.trace import Act, Direction, Event

if TYPE_CHECKING:
    from wirelab.middlebox.flow import Flow


class ResetUpgrade(Rule):
    """A firewall that resets both ends when a request says `Upgrade: websocket`.

    iptables with `-m string --string "Upgrade: websocket" -j REJECT --reject-with tcp-reset`, and firewalls
    that know applications ("block websocket"). Out of reach: a reset that loses a race with the answer.
    """

    title: ClassVar[str] = "firewall: resets WebSocket"

    def handler(self, flow: Flow) -> Handler:
        return _ResetUpgrade(flow)


class _ResetUpgrade(HttpHandler):
    def request(self, head: Head) -> None:
        if head.wants_websocket:
            self.reset()
        else:
            super().request(head)


class SwallowUpgrade(Rule):
    """A firewall that drops the request that says `Upgrade: websocket`, and all that follows it.

    iptables with `-m string ... -j DROP`: TCP repeats the segment, and it is dropped again, until the
    client's patience ends.
    """

    title: ClassVar[str] = "firewall: drops the request"

    def handler(self, flow: Flow) -> Handler:
        return _SwallowUpgrade(flow)


class _SwallowUpgrade(Silencer, HttpHandler):
    def request(self, head: Head) -> None:
        if head.wants_websocket:
            self.silence(*Direction)
        super().request(head)


class SwallowAnswer(Rule):
    """A firewall that drops the server's 101: the server believes in the WebSocket, the client waits.

    iptables with `-m string --string "101 Switching Protocols" -j DROP` on the way back.
    """

    title: ClassVar[str] = "firewall: drops the 101"

    def handler(self, flow: Flow) -> Handler:
        return _SwallowAnswer(flow)


class _SwallowAnswer(Silencer, HttpHandler):
    def answer(self, head: Head) -> None:
        if head.status == 101:
            self.silence(Direction.DOWN)
        super().answer(head)


class ResetAfterUpgrade(Rule):
    """A firewall that lets the 101 pass and resets both ends at the first bytes that are no HTTP.

    iptables with `-m string --string "101 Switching"` marking the connection and REJECT for what is marked;
    firewalls that find out what a connection is only after some packets.
    """

    title: ClassVar[str] = "firewall: resets after the 101"

    def handler(self, flow: Flow) -> Handler:
        return _ResetAfterUpgrade(flow)


class _ResetAfterUpgrade(HttpHandler):
    def piece(self, direction: Direction, data: bytes) -> None:
        if self.is_tunnel():
            self.reset()
        else:
            super().piece(direction, data)


class DropAfterUpgrade(Rule):
    """A firewall that lets the 101 pass and nothing after it: open, and silent for ever.

    iptables as for ResetAfterUpgrade, with DROP.
    """

    title: ClassVar[str] = "firewall: drops all after the 101"

    def handler(self, flow: Flow) -> Handler:
        return _DropAfterUpgrade(flow)


class _DropAfterUpgrade(Silencer, HttpHandler):
    def answer(self, head: Head) -> None:
        super().answer(head)
        if head.status == 101:
            self.silence(*Direction)


class NoTunnel(Rule):
    """A proxy that hands the 101 on without knowing what it means: it reads the frames as a request, and
    answers 400.

    A model of load balancers that know HTTP only; none was measured.
    """

    title: ClassVar[str] = "proxy that knows HTTP only"

    def handler(self, flow: Flow) -> Handler:
        return _NoTunnel(flow)


class _NoTunnel(HttpHandler):
    def piece(self, direction: Direction, data: bytes) -> None:
        if not self.is_tunnel():
            super().piece(direction, data)
        elif direction is Direction.UP:
            self.finish(page(400, "That was no request"))


class BufferingAntivirus(Rule):
    """An antivirus that hands an answer on when it has seen all of it; a WebSocket's never ends.

    A model: no real product was measured.
    """

    title: ClassVar[str] = "antivirus that waits for the end"

    def handler(self, flow: Flow) -> Handler:
        return _BufferingAntivirus(flow)


class _BufferingAntivirus(HttpHandler):
    def __init__(self, flow: Flow) -> None:
        super().__init__(flow)
        self._collected = b""

    def receive(self, direction: Direction, event: Event, data: bytes = b"") -> None:
        if direction is Direction.DOWN and event is not Event.DATA:
            self._hand_on()
        super().receive(direction, event, data)

    def answer(self, head: Head) -> None:
        self._collect(head.raw)

    def piece(self, direction: Direction, data: bytes) -> None:
        if direction is Direction.UP:
            super().piece(direction, data)
        else:
            self._collect(data)

    def leave(self) -> None:
        self._hand_on()
        super().leave()

    def _collect(self, data: bytes) -> None:
        self.note_kept(Act.HELD, Direction.DOWN, start=len(self._collected), size=len(data))
        self._collected += data
        if self.answer_is_complete():
            self._hand_on()

    def _hand_on(self) -> None:
        if self._collected:
            self.note_kept(Act.RELEASED, Direction.DOWN, size=len(self._collected))
            self.forward(Direction.DOWN, Event.DATA, self._collected)
        self._collected = b""
