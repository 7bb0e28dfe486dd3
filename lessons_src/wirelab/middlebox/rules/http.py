"""HTTP/1.1 as far as a middlebox reads it: heads, where a message ends, pages of its own (RFC 9112)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from wirelab.middlebox.rules.base import Handler
from wirelab.trace import Act, Direction, Event

if TYPE_CHECKING:
    from wirelab.middlebox.flow import Flow

_LONGEST_HEAD = 65536
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_PHRASES = {
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    416: "Requested Range Not Satisfiable",
    422: "Unprocessable Entity",
}
"""Reason phrases that Python 3.13 words differently, as RFC 2616 and RFC 4918 have them, and nginx 413."""


@dataclass(frozen=True, slots=True)
class Head:
    """The start line and the fields of a request or an answer; `bytes()` gives it back for the wire."""

    start: str
    fields: tuple[tuple[str, str], ...]
    raw: bytes = field(default=b"", compare=False, repr=False)
    """As it came, also where this one was made out of it."""

    @classmethod
    def parse(cls, raw: bytes) -> Head:
        """Read a whole head, up to and with its empty line."""
        start, *lines = raw.decode("latin-1").rstrip("\r\n").splitlines()
        pairs = (line.partition(":") for line in lines)
        return cls(start, tuple((name.strip(), value.strip()) for name, _, value in pairs), raw)

    def __bytes__(self) -> bytes:
        lines = (f"{name}: {value}\r\n" for name, value in self.fields)
        return f"{self.start}\r\n{''.join(lines)}\r\n".encode("latin-1")

    @property
    def method(self) -> str:
        """Of a request."""
        return self.start.split(" ")[0]

    @property
    def target(self) -> str:
        """Of a request: what is asked for."""
        return self.start.split(" ")[1]

    @property
    def status(self) -> int:
        """Of an answer."""
        return int(self.start.split(" ")[1])

    @property
    def wants_websocket(self) -> bool:
        """Whether a request asks for `Upgrade: websocket` (RFC 6455, 4.1)."""
        return "websocket" in self.get("Upgrade").lower()

    def get(self, name: str) -> str:
        """The values of a field, joined with commas; empty if it is missing."""
        return ", ".join(value for key, value in self.fields if key.lower() == name.lower())

    def without(self, *names: str) -> Head:
        """The same head, these fields taken out."""
        unwanted = {name.lower() for name in names}
        return replace(self, fields=tuple(pair for pair in self.fields if pair[0].lower() not in unwanted))

    def plus(self, name: str, value: str) -> Head:
        """The same head with one field more."""
        return replace(self, fields=(*self.fields, (name, value)))

    def closing(self) -> Head:
        """The same head, saying that the connection carries nothing after this message."""
        return self.without("Connection", "Keep-Alive").plus("Connection", "close")

    def changes(self) -> Iterator[str]:
        """What is different from the head that came, a line each: "− Upgrade: websocket"."""
        came = Head.parse(self.raw)
        before, after = [came.start, *_lines(came)], [self.start, *_lines(self)]
        yield from (f"− {line}" for line in before if line not in after)
        yield from (f"+ {line}" for line in after if line not in before)


def _lines(head: Head) -> list[str]:
    return [f"{name}: {value}" for name, value in head.fields]


class Messages:
    """Cuts one direction of a connection into heads and the pieces between them; loses no byte.

    What is no HTTP is handed on in the pieces in which it came.
    """

    _STARTS: tuple[bytes, ...]
    _START_LINE: re.Pattern[bytes]

    def __init__(self) -> None:
        self._buffer = b""
        self._left = 0
        self._chunked = False
        self.tunnel = False
        """All that comes is data: the connection has left HTTP, or its end is the end of the message."""

    @property
    def complete(self) -> bool:
        """Whether the last message is over."""
        return not (self._in_body or self._buffer)

    def feed(self, data: bytes) -> Iterator[Head | bytes]:
        """What these bytes complete."""
        self._buffer += data
        while length := self._ready():
            part, self._buffer = self._buffer[:length], self._buffer[length:]
            if self._in_body:
                self._follow(part)
                yield part
            elif self._START_LINE.match(part) and _END_OF_HEAD.search(part):
                head = Head.parse(part)
                self._begin(head)
                yield head
            else:
                yield part

    def rest(self) -> bytes:
        """What was held back, because it is not yet a whole head."""
        rest, self._buffer = self._buffer, b""
        return rest

    @property
    def _in_body(self) -> bool:
        return self.tunnel or self._chunked or self._left > 0

    def _ready(self) -> int:
        """How many of the buffered bytes can be handed out as one part."""
        if self.tunnel:
            return len(self._buffer)
        if self._left:
            return min(self._left, len(self._buffer))
        if self._chunked:
            return self._buffer.find(b"\n") + 1
        if not self._may_be_head():
            return len(self._buffer)
        if end := _END_OF_HEAD.search(self._buffer):
            return end.end()
        return len(self._buffer) if len(self._buffer) > _LONGEST_HEAD else 0

    def _may_be_head(self) -> bool:
        if b"\n" in self._buffer:
            return self._START_LINE.match(self._buffer) is not None
        return any(start.startswith(self._buffer[: len(start)]) for start in self._STARTS)

    def _begin(self, head: Head) -> None:
        self._chunked = "chunked" in head.get("Transfer-Encoding").lower()
        length = head.get("Content-Length")
        self._left = int(length) if length.isdigit() and not self._chunked else 0

    def _follow(self, part: bytes) -> None:
        if self._left:
            self._left -= len(part)
        elif self._chunked and not part.strip():
            self._chunked = False
        elif self._chunked and (size := re.fullmatch(rb"([0-9a-fA-F]+)(;[^\r\n]*)?\r?\n", part)):
            chunk = int(size[1], 16)
            self._left = chunk + 2 if chunk else 0


class Requests(Messages):
    """What goes up."""

    _STARTS = (b"GET ", b"HEAD ", b"POST ", b"PUT ", b"PATCH ", b"DELETE ", b"OPTIONS ", b"CONNECT ")
    _START_LINE = re.compile(rb"[A-Z]+ [^ \r\n]+ HTTP/1\.[01]\r?\n")


class Answers(Messages):
    """What comes down."""

    _STARTS = (b"HTTP/1.",)
    _START_LINE = re.compile(rb"HTTP/1\.[01] [1-5][0-9][0-9][^\r\n]*\r?\n")

    def __init__(self) -> None:
        super().__init__()
        self.to_head = False
        """The request was HEAD: the answer has no body, whatever its head says."""

    def _begin(self, head: Head) -> None:
        if self.to_head or head.status in (100, 102, 103, 204, 304):
            return
        super()._begin(head)
        self.tunnel = not self._chunked and not head.get("Content-Length").isdigit()


class HttpHandler(Handler):
    """Reads the HTTP of a flow; a subclass says what becomes of a request or an answer."""

    def __init__(self, flow: Flow) -> None:
        super().__init__(flow)
        self._requests = Requests()
        self._answers = Answers()
        self._method = ""
        self.over = False
        """From now on nothing passes any more."""

    def request(self, head: Head) -> None:
        """Take the head of a request; as it stands, hand it on."""
        self._hand_on_head(Direction.UP, head)

    def answer(self, head: Head) -> None:
        """Take the head of the server's answer; as it stands, hand it on."""
        self._hand_on_head(Direction.DOWN, head)

    def piece(self, direction: Direction, data: bytes) -> None:
        """Take a piece of a body, or of what is no HTTP; as it stands, hand it on."""
        self.forward(direction, Event.DATA, data)

    def finish(self, page: bytes = b"") -> None:
        """Answer in the server's place, and close both connections."""
        self.over = True
        self.drop_all(Direction.UP, Act.ANSWERED if page else Act.DROPPED)
        self.drop_all(Direction.DOWN)
        if page:
            self.make(Direction.DOWN, Event.DATA, page)
        self.make(Direction.DOWN, Event.FIN)
        self.make(Direction.UP, Event.FIN)

    def reset(self) -> None:
        """Reset both connections."""
        self.over = True
        for direction in Direction:
            self.drop_all(direction)
        self.make(Direction.DOWN, Event.RST)
        self.make(Direction.UP, Event.RST)

    def receive(self, direction: Direction, event: Event, data: bytes = b"") -> None:
        if self.over:
            self.drop_all(direction)
            return
        if event is not Event.DATA:
            self._release(direction)
            self.forward(direction, event, data)
            return
        for part in self._messages(direction).feed(data):
            if self.over:
                return
            if isinstance(part, bytes):
                self.piece(direction, part)
            elif direction is Direction.UP:
                self._method = part.method
                self._answers.to_head = part.method == "HEAD"
                self.request(part)
            else:
                self._follow(part)
                self.answer(part)

    def leave(self) -> None:
        for direction in Direction:
            self._release(direction)

    def answer_is_complete(self) -> bool:
        """Whether nothing more belongs to the server's last answer."""
        return self._answers.complete

    def is_tunnel(self) -> bool:
        """Whether the connection has left HTTP: 101, or CONNECT granted."""
        return self._requests.tunnel

    def _hand_on_head(self, direction: Direction, head: Head) -> None:
        if bytes(head) == bytes(Head.parse(head.raw)):
            self.forward(direction, Event.DATA, head.raw)
        else:
            self.change(direction, head.raw, bytes(head), list(head.changes()))

    def _messages(self, direction: Direction) -> Messages:
        return self._requests if direction is Direction.UP else self._answers

    def _follow(self, head: Head) -> None:
        granted = self._method == "CONNECT" and 200 <= head.status < 300
        self._requests.tunnel = granted or head.status == 101

    def _release(self, direction: Direction) -> None:
        if rest := self._messages(direction).rest():
            self.forward(direction, Event.DATA, rest)


class Gate(HttpHandler):
    """Decides itself whether a server is connected; who still waits at the end of the rule gets one."""

    def leave(self) -> None:
        if not self.over:
            self.forward(Direction.UP, Event.OPEN)  # ignored by a connection that was opened already
        super().leave()


def page(status: int, text: str, *fields: tuple[str, str]) -> bytes:
    """A whole answer of the middlebox's own, after which it closes the connection."""
    html = f"<!DOCTYPE html><title>{status}</title><h1>{text}</h1>\n".encode()
    phrase = _PHRASES.get(status, HTTPStatus(status).phrase)
    head = Head(f"HTTP/1.1 {status} {phrase}", fields)
    head = head.plus("Content-Type", "text/html").plus("Content-Length", str(len(html)))
    return bytes(head.closing()) + html
