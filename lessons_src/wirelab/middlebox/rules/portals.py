"""Boxes that answer in the server's place, and never ask it."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from wirelab.middlebox.rules.base import Handler, Rule
from wirelab.middlebox.rules.http import Gate, Head, page
from wirelab.trace import Direction, Event

if TYPE_CHECKING:
    from wirelab.middlebox.flow import Flow


@dataclass(eq=False)
class Answer(Rule):
    """Answers each request with this status and page. Out of reach: `https` without a certificate error."""

    title: ClassVar[str] = "somebody who answers for all"

    status: int
    page: str

    lets_nothing_pass: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.status not in [status.value for status in HTTPStatus if status >= 200]:
            raise ValueError(
                f"An answer needs an HTTP status from 200 on, like 403, but got {self.status!r}."
            )

    def handler(self, flow: Flow) -> Handler:
        return _Answering(flow, self.raw())

    def raw(self) -> bytes:
        """The whole answer."""
        return page(self.status, self.page)


class _Answering(Gate):
    def __init__(self, flow: Flow, answer: bytes) -> None:
        super().__init__(flow)
        self._answer = answer

    def receive(self, direction: Direction, event: Event, data: bytes = b"") -> None:
        if event is not Event.OPEN:
            super().receive(direction, event, data)

    def request(self, head: Head) -> None:
        self.finish(self._answer)

    def piece(self, direction: Direction, data: bytes) -> None:
        """What is no request gets lost."""
        self.drop(direction, Event.DATA, data)


@dataclass(eq=False)
class CaptivePortal(Answer):
    """The Wi-Fi of a hotel or a train: 302 to a page where you log in."""

    title: ClassVar[str] = "captive portal"

    status: int = field(default=302, init=False)
    page: str = field(default="Please log in to the Wi-Fi", init=False)

    def raw(self) -> bytes:
        return page(self.status, self.page, ("Location", "http://portal.invalid/login"))


@dataclass(eq=False)
class LoginPage(Answer):
    """A portal that does not redirect: 200 and a page, whatever was asked for."""

    title: ClassVar[str] = "portal with a login page"

    status: int = field(default=200, init=False)
    page: str = field(default="Please log in to the Wi-Fi", init=False)


@dataclass(eq=False)
class BlockPage(Answer):
    """A company's or a school's filter: 403 and a page."""

    title: ClassVar[str] = "filter with a block page"

    status: int = field(default=403, init=False)
    page: str = field(default="This page is blocked", init=False)


@dataclass(eq=False)
class BadGateway(Answer):
    """What nginx says of a server that is down: 502."""

    title: ClassVar[str] = "nginx before a dead server"

    status: int = field(default=502, init=False)
    page: str = field(default="502 Bad Gateway", init=False)


class Refuse(Rule):
    """A client is reset as soon as it is accepted; live connections go on.

    iptables with `-j REJECT --reject-with tcp-reset` for SYN. Out of reach: that the connection does not come
    about at all (ECONNREFUSED); for that, stop the middlebox.
    """

    title: ClassVar[str] = "firewall: refuses"

    lets_nothing_pass: ClassVar[bool] = True

    def handler(self, flow: Flow) -> Handler:
        return _Refusing(flow)


class _Refusing(Handler):
    def receive(self, direction: Direction, event: Event, data: bytes = b"") -> None:
        if event is Event.OPEN and direction is Direction.UP:
            self.make(Direction.DOWN, Event.RST)
        else:
            super().receive(direction, event, data)


class EmptyReply(Rule):
    """The request is taken, then the connection closed without a byte: curl calls it an empty reply.

    nginx's `return 444`, a server that crashes while it works.
    """

    title: ClassVar[str] = "server that crashes at work"

    lets_nothing_pass: ClassVar[bool] = True

    def handler(self, flow: Flow) -> Handler:
        return _Answering(flow, b"")
