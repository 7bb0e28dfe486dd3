"""Where the messages of a connection begin and end (RFC 9112)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wirelab.middlebox.rules.head import Head

_LONGEST_HEAD = 65536
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")


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
