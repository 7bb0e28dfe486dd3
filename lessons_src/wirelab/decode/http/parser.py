"""Takes HTTP messages off the front of a buffer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wirelab.decode.http.body import Body
from wirelab.decode.http.header import MALFORMED, Header
from wirelab.decode.http.message import Request, Response
from wirelab.decode.unit import Layer, Undecoded

_HEAD_LIMIT = 65_536
_HEAD_END = re.compile(rb"\n\r?\n")
_BLANK_LINES = re.compile(rb"(?:\r?\n)*")
_LINE = re.compile(rb"([^\n]*?)\r?\n")
_REQUEST_LINE = re.compile(rb"([!#$%&'*+\-.^_`|~\w]{1,24}) ([\x21-\xff]+) (HTTP/\d\.\d)")
_STATUS_LINE = re.compile(rb"(HTTP/\d\.\d) (\d{3})(?: ([^\n]*))?")
_REQUEST_BEGIN = re.compile(rb"[!#$%&'*+\-.^_`|~\w]{0,24}(?: (?:[\x21-\xff]+(?: [^\n]*)?)?)?")
_STATUS_BEGIN = re.compile(rb"(?:H(?:T(?:T(?:P(?:/[^\n]*)?)?)?)?)?")


class MessageParser:
    """Takes the messages of one direction off the front of a buffer.

    A message is handed out when its body is complete, or when the stream ends. `lost` says that nothing
    which follows can be read.
    """

    def __init__(self, kind: type[Request] | type[Response]) -> None:
        self.lost = False
        self._kind = kind
        self._name = f"HTTP {kind.__name__.lower()}"
        # A response that is a request is read as a whole, so that one can see what came back.
        self._begins = [_REQUEST_BEGIN] if kind is Request else [_STATUS_BEGIN, _REQUEST_BEGIN]
        self._line = _REQUEST_LINE if kind is Request else _STATUS_LINE
        self._message: Request | Response | None = None
        self._body: Body
        self._reading: Iterator[None]

    def take(self, buffer: bytearray, request: Request | None) -> Request | Response | Undecoded | None:
        """The first message, removed from the buffer, or None while it is incomplete.

        A response needs the `request` that it answers to know whether it has a body.
        """
        if self._message is None:
            head = self._read_head(buffer)
            if head is None or isinstance(head, Undecoded):
                return head
            self._message = self._build(head, request)
            self._body = Body(self._message)
            self._reading = self._body.read(buffer)
        for _ in self._reading:
            return None
        return self._finish(buffer, self._message)

    def end(self, buffer: bytearray) -> Request | Response | Undecoded:
        """What is left in the buffer when the stream ends inside a message."""
        message = self._message
        if message is None:
            return self._refuse(buffer, len(buffer), "the connection ended inside the head")
        self._body.end_of_stream(buffer)
        return self._finish(buffer, message)

    def _read_head(self, buffer: bytearray) -> bytes | Undecoded | None:
        if blank := _BLANK_LINES.match(buffer):
            del buffer[: blank.end()]
        if buffer == b"\r":
            return None
        seen = bytes(buffer[:_HEAD_LIMIT])
        line, newline, _ = seen.partition(b"\n")
        begun = [begin.match(line) for begin in self._begins]
        good = max(each.end() for each in begun if each)
        start, wrong = line.removesuffix(b"\r"), f"an {self._name} does not begin like this"
        right = self._line.fullmatch(start)
        readable = right or _REQUEST_LINE.fullmatch(start)
        if good < len(line) or (newline and not readable):
            return self._refuse(buffer, good + 1, wrong)
        if end := _HEAD_END.search(seen):
            return seen[: end.end()] if right else self._refuse(buffer, end.end(), wrong)
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
        headers = tuple(Header.parse(line) for line in lines if line[1])
        message = (
            Request(head, len(head), start, headers)
            if self._kind is Request
            else Response(head, len(head), start, headers, request=request)
        )
        if any(header.malformed for header in headers):
            message.problems.append(MALFORMED)
        return message

    def _finish(self, buffer: bytearray, message: Request | Response) -> Request | Response:
        self.lost = self._body.lost
        message.raw = bytes(buffer[: self._body.end])
        message.body_segments = tuple(self._body.segments)
        del buffer[: self._body.end]
        self._message = None
        return message

    def _refuse(self, buffer: bytearray, end: int, error: str) -> Undecoded:
        self.lost = True
        raw = bytes(buffer[:end])
        buffer.clear()
        return Undecoded(Layer.HTTP, self._name, raw, error)
