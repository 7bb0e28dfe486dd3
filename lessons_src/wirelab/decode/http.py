"""HTTP/1.1 messages off a byte stream (RFC 9112), and the opening handshake of RFC 6455 section 4."""

from __future__ import annotations

import re
import zlib
from abc import ABC, abstractmethod
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import parse_qs

from websockets.exceptions import InvalidHeaderFormat
from websockets.headers import parse_extension
from websockets.utils import accept_key

from wirelab.decode.text import escape, preview, shorten
from wirelab.decode.unit import Layer, Node, Origin, Spans, Undecoded

_HEAD_LIMIT = 65_536
_LONGEST_KEPT = 4 * 1024 * 1024
_PREVIEW = 64 * 1024
_INFLATE_LIMIT = 16 * 1024 * 1024
_GZIP_OR_ZLIB = 47
_MALFORMED = "a header must be a name, a colon and a value"
_HEAD_END = re.compile(rb"\n\r?\n")
_BLANK_LINES = re.compile(rb"(?:\r?\n)*")
_LINE = re.compile(rb"([^\n]*?)\r?\n")
_HEADER = re.compile(rb"([!#$%&'*+\-.^_`|~\w]+):[ \t]*(.*?)[ \t]*")
_CHUNK_SIZE = re.compile(rb"([0-9a-fA-F]{1,15})[ \t]*(?:;[^\n]*)?\r?\n")
_AUTHORITY_PORT = re.compile(r"^([a-z]+://[^/:?]*|[^/:?]+):\d+", re.IGNORECASE)
_REQUEST_LINE = re.compile(rb"([!#$%&'*+\-.^_`|~\w]{1,24}) ([\x21-\xff]+) (HTTP/\d\.\d)")
_STATUS_LINE = re.compile(rb"(HTTP/\d\.\d) (\d{3})(?: ([^\n]*))?")
_REQUEST_BEGIN = re.compile(rb"[!#$%&'*+\-.^_`|~\w]{0,24}(?: (?:[\x21-\xff]+(?: [^\n]*)?)?)?")
_STATUS_BEGIN = re.compile(rb"(?:H(?:T(?:T(?:P(?:/[^\n]*)?)?)?)?)?")


@dataclass(frozen=True, slots=True)
class Header:
    """One header field and where it stands in the message."""

    name: str
    value: str
    line: tuple[int, int]
    value_span: tuple[int, int]
    malformed: bool = False


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
        error = _MALFORMED if header.malformed else note.error if note else None
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
        path = _AUTHORITY_PORT.sub(r"\1", self.path)
        return f"{self.method} {shorten(path, 39 - len(self.method) - len(purpose))}{purpose}"

    def phrase(self, receiver: str) -> str:
        return f"asks {receiver}: {self.summary}."

    def explain(self, header: Header) -> Node | None:
        if not self.upgrades:
            return None
        match header.name.lower():
            case "sec-websocket-key":
                return _checked(header, "16 random bytes in base64", _is_key(header.value))
            case "sec-websocket-version":
                return _checked(header, "13, the version of RFC 6455", header.value == "13")
            case _:
                return None


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
        if not self.switches or header.name.lower() != "sec-websocket-accept" or self.request is None:
            return None
        right = accept_key(self.request.get("sec-websocket-key"))
        rule = f"{right}, the SHA-1 of the request's Sec-WebSocket-Key and the fixed GUID, in base64"
        return _checked(header, rule, header.value == right)

    def deflate_parameters(self) -> dict[str, str | None] | None:
        """The agreed parameters of permessage-deflate (RFC 7692 section 7.1), None without it."""
        value = self.get("sec-websocket-extensions")
        try:
            agreed = parse_extension(value) if value else []
        except InvalidHeaderFormat:
            return None
        return next((dict(parameters) for name, parameters in agreed if name == "permessage-deflate"), None)


def _is_key(value: str) -> bool:
    try:
        return len(b64decode(value, validate=True)) == 16
    except ValueError:
        return False


def _checked(header: Header, rule: str, holds: bool) -> Node:
    error = None if holds else f"{escape(header.name)} is not what the handshake asks for"
    return Node("correct" if holds else "expected", rule, (header.value_span,), error=error)


class MessageParser:
    """Takes the messages of one direction off the front of a buffer.

    A message is handed out when its body is complete, or when the stream ends. `lost` says that nothing
    which follows can be read.
    """

    def __init__(self, kind: type[Request] | type[Response]) -> None:
        self.lost = False
        self._kind = kind
        self._name = f"HTTP {kind.__name__.lower()}"
        self._begin = _REQUEST_BEGIN if kind is Request else _STATUS_BEGIN
        self._line = _REQUEST_LINE if kind is Request else _STATUS_LINE
        self._message: Request | Response | None = None
        self._segments: list[tuple[int, int]] = []
        self._body: Iterator[None] = iter(())

    def take(self, buffer: bytearray, request: Request | None) -> Request | Response | Undecoded | None:
        """The first message, removed from the buffer, or None while it is incomplete.

        A response needs the `request` that it answers to know whether it has a body.
        """
        if self._message is None:
            head = self._read_head(buffer)
            if head is None or isinstance(head, Undecoded):
                return head
            self._message = self._build(head, request)
            self._segments = []
            self._body = self._read_body(buffer, self._message)
        for _ in self._body:
            return None
        return self._finish(buffer, self._segments[-1][1] if self._segments else self._message.head)

    def end(self, buffer: bytearray) -> Request | Response | Undecoded:
        """What is left in the buffer when the stream ends inside a message."""
        message = self._message
        if message is None:
            return self._refuse(buffer, len(buffer), "the connection ended inside the head")
        if isinstance(message, Response) and _lasts_until_end(message):
            self._segments = [(message.head, len(buffer))]
        else:
            message.problems.append("the connection ended inside the body")
            self.lost = True
        return self._finish(buffer, len(buffer))

    def _read_head(self, buffer: bytearray) -> bytes | Undecoded | None:
        if blank := _BLANK_LINES.match(buffer):
            del buffer[: blank.end()]
        if buffer == b"\r":
            return None
        seen = bytes(buffer[:_HEAD_LIMIT])
        line, newline, _ = seen.partition(b"\n")
        begun = self._begin.match(line)
        good = begun.end() if begun else 0
        if good < len(line):
            return self._refuse(buffer, good + 1, f"an {self._name} does not begin like this")
        if newline and not self._line.fullmatch(line.removesuffix(b"\r")):
            return self._refuse(buffer, len(line) + 1, f"an {self._name} does not begin like this")
        if end := _HEAD_END.search(seen):
            return seen[: end.end()]
        if len(buffer) > _HEAD_LIMIT:
            return self._refuse(buffer, _HEAD_LIMIT, "the head is longer than 64 KiB")
        return None

    def _build(self, head: bytes, request: Request | None) -> Request | Response:
        first, *lines = _LINE.finditer(head)
        found = self._line.fullmatch(first[1])
        assert found is not None
        names = ("Method", "Target", "Version") if self._kind is Request else ("Version", "Status", "Reason")
        parts = zip(names, found.groups(), map(found.span, (1, 2, 3)), strict=True)
        start = tuple((name, span) for name, value, span in parts if value is not None)
        headers = tuple(_header(line) for line in lines if line[1])
        message = (
            Request(head, len(head), start, headers)
            if self._kind is Request
            else Response(head, len(head), start, headers, request=request)
        )
        if any(header.malformed for header in headers):
            message.problems.append(_MALFORMED)
        return message

    def _read_body(self, buffer: bytearray, message: Request | Response) -> Iterator[None]:
        """Note where the body's parts lie; yields while bytes are missing (RFC 9112 section 6.3)."""
        if isinstance(message, Response):
            if _has_no_body(message):
                return
            while _lasts_until_end(message):
                message.missing += _shorten(buffer, message.head)
                yield
        at = message.head
        if message.has_token("transfer-encoding", "chunked"):
            yield from self._read_chunks(buffer, message)
        elif length := message.get("content-length"):
            if not re.fullmatch(r"[0-9]{1,15}", length):
                message.problems.append("the Content-Length is not a number")
                self.lost = True
                return
            while len(buffer) + message.missing < at + int(length):
                message.missing += _shorten(buffer, at)
                yield
            self._segments.append((at, at + int(length) - message.missing))

    def _read_chunks(self, buffer: bytearray, message: Message) -> Iterator[None]:
        at, size = message.head, -1
        while size:
            while (stop := buffer.find(b"\n", at) + 1) == 0 and len(buffer) < at + _HEAD_LIMIT:
                yield
            line = _CHUNK_SIZE.fullmatch(buffer, at, stop)
            if not stop or stop > at + _HEAD_LIMIT or not line:
                message.problems.append("a chunk does not begin with its size in hexadecimal")
                self.lost = True
                self._segments.append((at, at))
                return
            at, size = stop, int(line[1], 16)
            while size and len(buffer) < at + size + 2:
                if len(buffer) > _LONGEST_KEPT:
                    message.problems.append("the body is longer than 4 MiB and was not taken apart")
                    self.lost = True
                    self._segments.append((at, at))
                    return
                yield
            if size:
                self._segments.append((at, at + size))
                at += size + (2 if buffer[at + size : at + size + 2] == b"\r\n" else 0)
        blank = False
        while not blank:
            while (stop := buffer.find(b"\n", at) + 1) == 0:
                yield
            blank = not buffer[at:stop].strip()
            at = stop
        self._segments.append((at, at))

    def _finish(self, buffer: bytearray, end: int) -> Request | Response:
        message = self._message
        assert message is not None
        message.raw = bytes(buffer[:end])
        message.body_segments = tuple(span for span in self._segments if span[0] < span[1])
        del buffer[:end]
        self._message = None
        return message

    def _refuse(self, buffer: bytearray, end: int, error: str) -> Undecoded:
        self.lost = True
        raw = bytes(buffer[:end])
        buffer.clear()
        return Undecoded(Layer.HTTP, self._name, raw, error)


def _shorten(buffer: bytearray, head: int) -> int:
    """Remove the middle of a body that is longer than 4 MiB so far; how many bytes that were."""
    if len(buffer) <= _LONGEST_KEPT:
        return 0
    removed = len(buffer) - head - _PREVIEW
    del buffer[head + _PREVIEW :]
    return removed


def _header(line: re.Match[bytes]) -> Header:
    found = _HEADER.fullmatch(line[1])
    if not found:
        return Header(line[1].decode("latin-1"), "", line.span(), line.span(), malformed=True)
    low, high = found.span(2)
    name, value = (part.decode("latin-1") for part in found.groups())
    return Header(name, value, line.span(), (line.start() + low, line.start() + high))


def _has_no_body(response: Response) -> bool:
    method = response.request.method if response.request else "GET"
    return (
        method == "HEAD"
        or response.status // 100 == 1
        or response.status in (204, 304)
        or (method == "CONNECT" and response.status // 100 == 2)
    )


def _lasts_until_end(response: Response) -> bool:
    return (
        not _has_no_body(response)
        and not response.has_token("transfer-encoding", "chunked")
        and not response.get("content-length")
    )
