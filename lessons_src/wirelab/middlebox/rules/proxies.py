"""Proxies: programs that understand HTTP and make a request of their own out of each that they get."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Literal
from urllib.parse import urlsplit

from wirelab.middlebox.rules.base import Handler, Rule
from wirelab.middlebox.rules.http import Gate, Head, HttpHandler, page
from wirelab.trace import Act, Direction, Event

if TYPE_CHECKING:
    from wirelab.middlebox.flow import Flow

_HERE = ("127.0.0.1", "localhost")


@dataclass(eq=False)
class StrictProxy(Rule):
    """Takes hop-by-hop fields out, as HTTP asks of a proxy (RFC 9110, 7.6.1): also Upgrade.

    nginx with `proxy_pass` and nothing else speaks HTTP/1.0 to the server; with `proxy_http_version 1.1` it
    speaks HTTP/1.1. Each request has a connection of its own. Out of reach: one connection to the client
    with several to servers behind it (nginx keeps the client's open).
    """

    version: Literal["1.0", "1.1"] = "1.0"

    title: ClassVar[str] = "nginx as a strict proxy"

    def __post_init__(self) -> None:
        if self.version not in ("1.0", "1.1"):
            raise ValueError(f'A proxy speaks HTTP "1.0" or "1.1", but got {self.version!r}.')

    @property
    def words(self) -> str:
        return self.title if self.version == "1.0" else f"{self.title}, HTTP/{self.version}"

    def handler(self, flow: Flow) -> Handler:
        return _Strict(flow, self.version)


class _Strict(HttpHandler):
    def __init__(self, flow: Flow, version: str) -> None:
        super().__init__(flow)
        self._version = version

    def request(self, head: Head) -> None:
        line = f"{head.method} {head.target} HTTP/{self._version}"
        super().request(replace(head, start=line).without("Upgrade").closing())

    def answer(self, head: Head) -> None:
        line = "HTTP/1.1" + head.start[len("HTTP/1.x") :]
        super().answer(replace(head, start=line).closing())


@dataclass(eq=False)
class ExplicitProxy(Rule):
    """The proxy that a client is told to use: CONNECT opens a tunnel, `GET http://...` is forwarded.

    Squid and tinyproxy in offices and schools. The request names the server; this one goes nowhere but to
    this machine. `names` says where a name leads, in place of the DNS: {"prices.example:443": server}.
    Out of reach: caching, and TLS looked into.
    """

    title: ClassVar[str] = "explicit proxy"

    chooses_server: ClassVar[bool] = True
    names: Mapping[str, object] = field(default_factory=dict, repr=False)

    def handler(self, flow: Flow) -> Handler:
        return _Explicit(flow, self.names)


class _Explicit(Gate):
    def __init__(self, flow: Flow, names: Mapping[str, object]) -> None:
        super().__init__(flow)
        self._names = names

    def receive(self, direction: Direction, event: Event, data: bytes = b"") -> None:
        if event is Event.OPEN:
            if direction is Direction.DOWN and self._method == "CONNECT":
                self.make(Direction.DOWN, Event.DATA, b"HTTP/1.1 200 Connection established\r\n\r\n")
                self._requests.tunnel = self._answers.tunnel = True
        elif event is Event.RST and direction is Direction.DOWN and not self.flow.server.opened:
            self.finish(page(503, "The proxy cannot reach the server"))
        else:
            super().receive(direction, event, data)

    def request(self, head: Head) -> None:
        try:
            host, port = _wanted_server(head)
        except ValueError:
            self.finish(page(400, "The request names no address"))
            return
        server = self._names.get(f"{host}:{port}")
        if server is None and host not in _HERE:
            self.finish(page(403, "This proxy reaches nothing but 127.0.0.1"))
            return
        if head.method == "CONNECT":
            self.drop(Direction.UP, Event.DATA, head.raw, Act.ANSWERED)
        self.flow.upstream = port if server is None else server
        self.forward(Direction.UP, Event.OPEN)
        if head.method != "CONNECT":
            path = head.target.split("/", 3)[3] if head.target.count("/") > 2 else ""
            line = f"{head.method} /{path} HTTP/1.1"
            own = head.without("Upgrade", "Proxy-Connection", "Proxy-Authorization").closing()
            super().request(replace(own, start=line))

    def answer(self, head: Head) -> None:
        super().answer(head.closing())


def _wanted_server(head: Head) -> tuple[str, int]:
    """The host and port of `CONNECT host:port` or `GET http://host:port/`. Raises ValueError for nonsense."""
    if head.method == "CONNECT":
        url, default = urlsplit(f"//{head.target}"), 0
    else:
        url, default = urlsplit(head.target), 80
    port = url.port or default
    if not port:
        raise ValueError("CONNECT without a port")
    return url.hostname or "", port


@dataclass(eq=False, init=False)
class ConnectOnlyTo(Rule):
    """Stands in front of an ExplicitProxy and grants CONNECT to these ports only; others get 403.

    Squid's default is 443, so `ws://` on port 80 fails and `wss://` on 443 works. tinyproxy ships with lines
    for 443 and 563 commented out, and so grants every port.
    """

    title: ClassVar[str] = "proxy with few tunnels"

    ports: tuple[int, ...]

    def __init__(self, *ports: int) -> None:
        if not all(isinstance(port, int) and 0 < port < 65536 for port in ports):
            raise ValueError(f"Expected port numbers, like ConnectOnlyTo(443), but got {ports!r}.")
        self.ports = ports

    @property
    def words(self) -> str:
        return f"CONNECT to {', '.join(map(str, self.ports)) or 'nothing'} only"

    def handler(self, flow: Flow) -> Handler:
        return _ConnectOnlyTo(flow, {str(port) for port in self.ports})


class _ConnectOnlyTo(HttpHandler):
    def __init__(self, flow: Flow, ports: set[str]) -> None:
        super().__init__(flow)
        self._ports = ports

    def request(self, head: Head) -> None:
        if head.method == "CONNECT" and head.target.rpartition(":")[2] not in self._ports:
            self.finish(page(403, "No tunnel to that port"))
        else:
            super().request(head)


@dataclass(eq=False)
class ProxyLogin(Rule):
    """Stands in front of an ExplicitProxy and wants a name and a password (Basic); without them: 407.

    Squid with `auth_param`, tinyproxy with `BasicAuth`. Out of reach: NTLM and Kerberos.
    """

    title: ClassVar[str] = "proxy that wants a login"

    user: str
    password: str

    def handler(self, flow: Flow) -> Handler:
        return _ProxyLogin(flow, "Basic " + b64encode(f"{self.user}:{self.password}".encode()).decode())


class _ProxyLogin(HttpHandler):
    def __init__(self, flow: Flow, expected: str) -> None:
        super().__init__(flow)
        self._expected = expected

    def request(self, head: Head) -> None:
        if head.get("Proxy-Authorization") == self._expected:
            super().request(head)
        else:
            field = ("Proxy-Authenticate", 'Basic realm="proxy"')
            self.finish(page(407, "The proxy wants to know who you are", field))
