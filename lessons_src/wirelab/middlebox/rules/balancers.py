"""Load balancers: several servers behind one address. The middlebox's own `upstream` is not used then."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from itertools import count
from typing import TYPE_CHECKING, ClassVar
from zlib import crc32

from wirelab.address import port_of
from wirelab.middlebox.rules.base import Handler, Rule
from wirelab.middlebox.rules.http import Gate, Head, page
from wirelab.trace import Direction, Event

if TYPE_CHECKING:
    from wirelab.middlebox.flow import Flow


@dataclass(eq=False)
class _Balancer(Rule):
    servers: Sequence[object]
    _turn: count[int] = field(default_factory=count, init=False, repr=False)

    chooses_server: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not isinstance(self.servers, Sequence) or not self.servers:
            raise TypeError(
                f"Expected a list of servers, like RoundRobin([one, two]), but got {self.servers!r}."
            )
        for server in self.servers:
            port_of(server)

    def handler(self, flow: Flow) -> Handler:
        return _Balanced(flow, self)

    @abstractmethod
    def choose(self, flow: Flow, head: Head) -> int:
        """The number of the server for a request, from 0."""

    def mark(self, head: Head, _server: int) -> Head:
        """What is added to the answer of the server of that number."""
        return head

    def next_turn(self) -> int:
        """The servers in turn."""
        return next(self._turn) % len(self.servers)


class _Balanced(Gate):
    """Holds the client until its request is known. One request a connection, so that each is balanced."""

    def __init__(self, flow: Flow, rule: _Balancer) -> None:
        super().__init__(flow)
        self._rule = rule
        self._chosen: int | None = None
        self._tries = 0

    def enter(self) -> None:
        if self.flow.live:
            self._chosen = 0

    def receive(self, direction: Direction, event: Event, data: bytes = b"") -> None:
        refused = event is Event.RST and direction is Direction.DOWN and not self.flow.server.opened
        if refused and self._tries < len(self._rule.servers):
            self._connect()
        elif refused:
            self.finish(page(502, "No server answers"))
        elif event is not Event.OPEN:
            super().receive(direction, event, data)

    def request(self, head: Head) -> None:
        if self._chosen is None:
            self._chosen = self._rule.choose(self.flow, head)
            self._connect()
        super().request(head if head.wants_websocket else head.closing())

    def answer(self, head: Head) -> None:
        head = head if head.status == 101 else head.closing()
        answering = ((self._chosen or 0) + max(0, self._tries - 1)) % len(self._rule.servers)
        super().answer(self._rule.mark(head, answering))

    def piece(self, direction: Direction, data: bytes) -> None:
        if self._chosen is None:
            self._chosen = self._rule.next_turn()
            self._connect()
        super().piece(direction, data)

    def _connect(self) -> None:
        servers = self._rule.servers
        self.flow.upstream = servers[((self._chosen or 0) + self._tries) % len(servers)]
        self._tries += 1
        self.forward(Direction.UP, Event.OPEN)


class RoundRobin(_Balancer):
    """Each request goes to the next server, whoever sends it; one that refuses is left out.

    nginx's `upstream` and HAProxy's `balance roundrobin`, as they come. Out of reach: weights, and health
    checks made ahead of time.
    """

    title: ClassVar[str] = "load balancer: in turn"

    def choose(self, flow: Flow, head: Head) -> int:
        return self.next_turn()


class StickyByAddress(_Balancer):
    """The client's IP address decides, so that a client keeps its server, and a whole office shares one.

    nginx's `ip_hash` (it looks at the first three numbers of the address), HAProxy's `balance source`.
    """

    title: ClassVar[str] = "load balancer: by address"

    def choose(self, flow: Flow, head: Head) -> int:
        return crc32(flow.client_address[0].encode()) % len(self.servers)


@dataclass(eq=False)
class StickyByCookie(_Balancer):
    """The first answer sets a cookie that names the server; a client that sends it comes back to it.

    HAProxy's `cookie ... insert` with `option redispatch`: if another server had to answer, the cookie names
    that one. A client that takes no cookies is balanced round robin.
    """

    name: str = "server"

    title: ClassVar[str] = "load balancer: by cookie"

    def choose(self, flow: Flow, head: Head) -> int:
        known = _cookie(head, self.name)
        return int(known) if known.isdigit() and int(known) < len(self.servers) else self.next_turn()

    def mark(self, head: Head, _server: int) -> Head:
        return head.plus("Set-Cookie", f"{self.name}={_server}; Path=/")


def _cookie(head: Head, name: str) -> str:
    try:
        cookie = SimpleCookie(head.get("Cookie")).get(name)
    except CookieError:
        return ""
    return cookie.value if cookie else ""
