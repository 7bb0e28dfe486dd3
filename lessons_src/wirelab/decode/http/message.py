"""Requests and responses (RFC 9112): what they say, and what is wrong with them."""

from __future__ import annotations

import re
import zlib
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import parse_qs

from websockets.exceptions import InvalidHeaderFormat
from websockets.headers import parse_extension

from wirelab.decode.http import handshake
from wirelab.decode.http.header import MALFORMED, Header
from wirelab.decode.text import escape, preview, shorten
from wirelab.decode.unit import Layer, Node, Origin, Spans

_INFLATE_LIMIT = 16 * 1024 * 1024
_GZIP_OR_ZLIB = 47
_CHANGING_PORT = re.compile(r"^((?:[a-z]+://)?(?:127\.0\.0\.1|localhost)):\d+", re.IGNORECASE)


@dataclass(slots=True)
class Message(ABC):
    """What requests and responses share; `body_segments` are the body's bytes without chunk framing."""

    layer: ClassVar[Layer] = Layer.HTTP
    kind: ClassVar[str]
    start_name: ClassVar[str]
    raw: bytes
    head: int
    start: tuple[tuple[str, tuple[int, int]], ...]
    headers: tuple[Header, ...]
    body_segments: Spans = ()
    problems: list[str] = field(default_factory=list)
    missing: int = 0
    """Bytes of a long body that are not kept, out of its middle."""

    @property
    def error(self) -> str | None:
        return "; ".join(self.problems) or None

    def get(self, name: str) -> str:
        """The values of a header joined with commas, "" if it is missing; `name` in lower case."""
        return ", ".join(header.value for header in self.headers if header.name.lower() == name)

    def has_token(self, name: str, token: str) -> bool:
        """Whether a comma-separated header lists `token` (lower case)."""
        return token in (each.strip().lower() for each in self.get(name).split(","))

    def body(self) -> bytes:
        """The body, decompressed where the Content-Encoding is gzip or deflate; raises zlib.error."""
        data = b"".join(self.raw[low:high] for low, high in self.body_segments)
        if not self._is_compressed():
            return data
        return zlib.decompressobj(_GZIP_OR_ZLIB).decompress(data, _INFLATE_LIMIT)

    def body_origin(self) -> Origin:
        """Where `body()` lies in `raw`."""
        return Origin(self.body_segments, exact=not self._is_compressed())

    def nodes(self) -> tuple[Node, ...]:
        headers = tuple(self._header_node(header) for header in self.headers)
        body = (self._body_node(),) if self.body_segments else ()
        line = self.raw[: self.head].split(b"\n", 1)[0]
        start = Node(
            self.start_name,
            shorten(line.decode("latin-1").strip()),
            ((0, len(line)),),
            tuple(
                Node(name, shorten(self.raw[low:high].decode("latin-1")), ((low, high),))
                for name, (low, high) in self.start
            ),
        )
        children = (start, *headers, *body)
        return (Node(f"HTTP {self.kind}", self.summary, ((0, len(self.raw)),), children, self.error),)

    @property
    @abstractmethod
    def summary(self) -> str:
        """See `Detail.summary`."""

    @abstractmethod
    def explain(self, header: Header) -> Node | None:
        """What the handshake asks of a header, if it is one of the handshake's."""

    def check_handshake(self) -> None:
        """Add what is wrong with the handshake's headers to the problems."""
        notes = (self.explain(header) for header in self.headers)
        self.problems += [note.error for note in notes if note and note.error]

    def _is_compressed(self) -> bool:
        return self.get("content-encoding").lower() in ("gzip", "x-gzip", "deflate")

    def _header_node(self, header: Header) -> Node:
        note = None if header.malformed else self.explain(header)
        error = MALFORMED if header.malformed else note.error if note else None
        children = (note,) if note else ()
        return Node(escape(header.name), shorten(header.value), (header.line,), children, error)

    def _body_node(self) -> Node:
        spans = tuple(span for span in self.body_segments if span[0] < span[1])
        try:
            return Node("Body", preview(self.body()), spans)
        except zlib.error as failure:
            return Node("Body", "", spans, error=f"cannot be decompressed: {failure}")


@dataclass(slots=True)
class Request(Message):
    """A request; `path` has no query, `query` holds the last value of each parameter."""

    kind: ClassVar[str] = "request"
    start_name: ClassVar[str] = "Request line"
    method: str = ""
    path: str = ""
    query: dict[str, str] = field(default_factory=dict)
    upgrades: bool = False

    def __post_init__(self) -> None:
        (_, method), (_, target), _ = self.start
        self.method = self.raw[slice(*method)].decode("latin-1")
        self.path, _, query = self.raw[slice(*target)].decode("latin-1").partition("?")
        self.query = {name: values[-1] for name, values in parse_qs(query).items()}
        self.upgrades = self.has_token("upgrade", "websocket")
        if self.upgrades:
            self.check_handshake()
            if not self.get("sec-websocket-key"):
                self.problems.append("the handshake has no Sec-WebSocket-Key")

    @property
    def is_engineio(self) -> bool:
        """Whether this is version 4 of the Engine.IO protocol."""
        return self.query.get("EIO") == "4"

    @property
    def is_poll(self) -> bool:
        """Whether it uses Engine.IO's long-polling transport."""
        return self.is_engineio and not self.upgrades and self.query.get("transport") == "polling"

    @property
    def summary(self) -> str:
        purpose = ""
        if self.upgrades:
            purpose = " · upgrade to websocket"
        elif self.is_poll and self.method == "GET":
            purpose = " · poll" if "sid" in self.query else " · open a session"
        elif self.is_poll and self.method == "POST":
            purpose = " · send"
        path = _CHANGING_PORT.sub(r"\1", self.path)
        return f"{self.method} {shorten(path, 39 - len(self.method) - len(purpose))}{purpose}"

    def phrase(self, receiver: str) -> str:
        return f"asks {receiver}: {self.summary}."

    def explain(self, header: Header) -> Node | None:
        return handshake.explain_request(header) if self.upgrades else None


@dataclass(slots=True)
class Response(Message):
    """A response, with the request that it answers if that was seen."""

    kind: ClassVar[str] = "response"
    start_name: ClassVar[str] = "Status line"
    request: Request | None = None
    status: int = 0
    switches: bool = False

    def __post_init__(self) -> None:
        self.status = int(self.raw[slice(*self.start[1][1])])
        self.switches = self.status == 101 and self.has_token("upgrade", "websocket")
        if self.switches:
            self.check_handshake()
            if not self.get("sec-websocket-accept"):
                self.problems.append("the handshake has no Sec-WebSocket-Accept")

    @property
    def summary(self) -> str:
        reason = self.raw[slice(*self.start[2][1])].decode("latin-1") if len(self.start) == 3 else ""
        return shorten(f"{self.status} {reason}".strip(), 40)

    def phrase(self, receiver: str) -> str:
        return f"answers {receiver}: {self.summary}."

    def explain(self, header: Header) -> Node | None:
        if not self.switches or self.request is None:
            return None
        return handshake.explain_response(header, self.request.get("sec-websocket-key"))

    def deflate_parameters(self) -> dict[str, str | None] | None:
        """The agreed parameters of permessage-deflate (RFC 7692 section 7.1), None without it."""
        value = self.get("sec-websocket-extensions")
        try:
            agreed = parse_extension(value) if value else []
        except InvalidHeaderFormat:
            return None
        return next((dict(parameters) for name, parameters in agreed if name == "permessage-deflate"), None)
