"""Where the body of a message lies, and where it ends (RFC 9112 sections 6 and 7)."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator

from wirelab.decode.http.message import Request, Response

_LONGEST_KEPT = 4 * 1024 * 1024
_PREVIEW = 64 * 1024
_LONGEST_LINE = 65_536
_CHUNK_SIZE = re.compile(rb"([0-9a-fA-F]{1,15})[ \t]*(?:;[^\n]*)?\r?\n")


class _Unreadable(Exception):
    """The rule that is broken, after which nobody can say where the body ends."""


class Body:
    """A message's body while it comes: `segments` are its bytes without chunk framing.

    `end` is where the message ends in the buffer, as far as it was read; `lost` says that nothing which
    follows can be read.
    """

    def __init__(self, message: Request | Response) -> None:
        self.segments: list[tuple[int, int]] = []
        self.end = message.head
        self.lost = False
        self._message = message

    def read(self, buffer: bytearray) -> Iterator[None]:
        """Note where the body's parts lie; yields while bytes are missing."""
        try:
            yield from self._read(buffer)
        except _Unreadable as rule:
            self._lose(str(rule))

    def end_of_stream(self, buffer: bytearray) -> None:
        """The stream has ended before `read` did, with what is in the buffer."""
        if isinstance(self._message, Response) and _lasts_until_end(self._message):
            self._add_segment(len(buffer) - self.end)
        else:
            self.end = len(buffer)
            self._lose("the connection ended inside the body")

    def _read(self, buffer: bytearray) -> Iterator[None]:
        message = self._message
        if isinstance(message, Response):
            if _has_no_body(message):
                return
            if _lasts_until_end(message):
                yield from self._read_on(buffer)
        if message.has_token("transfer-encoding", "chunked"):
            yield from self._read_chunks(buffer)
        elif length := message.get("content-length"):
            if not re.fullmatch(r"[0-9]{1,15}", length):
                raise _Unreadable("the Content-Length is not a number")
            yield from self._read_length(buffer, int(length))

    def _read_on(self, buffer: bytearray) -> Iterator[None]:
        while True:
            self._shorten(buffer)
            yield

    def _read_length(self, buffer: bytearray, length: int) -> Iterator[None]:
        message = self._message
        while len(buffer) + message.missing < message.head + length:
            self._shorten(buffer)
            yield
        self._add_segment(length - message.missing)

    def _read_chunks(self, buffer: bytearray) -> Iterator[None]:
        while size := (yield from self._read_chunk_size(buffer)):
            while len(buffer) < self.end + size + len(b"\r\n"):
                if len(buffer) > _LONGEST_KEPT:
                    raise _Unreadable("the body is longer than 4 MiB and was not taken apart")
                yield
            self._add_segment(size)
            if buffer.startswith(b"\r\n", self.end):
                self.end += len(b"\r\n")
        yield from self._read_trailers(buffer)

    def _read_chunk_size(self, buffer: bytearray) -> Generator[None, None, int]:
        while (stop := buffer.find(b"\n", self.end) + 1) == 0 and len(buffer) < self.end + _LONGEST_LINE:
            yield
        line = _CHUNK_SIZE.fullmatch(buffer, self.end, stop)
        if not stop or stop > self.end + _LONGEST_LINE or not line:
            raise _Unreadable("a chunk does not begin with its size in hexadecimal")
        self.end = stop
        return int(line[1], 16)

    def _read_trailers(self, buffer: bytearray) -> Iterator[None]:
        blank = False
        while not blank:
            while (stop := buffer.find(b"\n", self.end) + 1) == 0:
                yield
            blank = not buffer[self.end : stop].strip()
            self.end = stop

    def _add_segment(self, size: int) -> None:
        if size:
            self.segments.append((self.end, self.end + size))
        self.end += size

    def _shorten(self, buffer: bytearray) -> None:
        """Remove the middle of a body that is longer than 4 MiB so far."""
        if len(buffer) > _LONGEST_KEPT:
            kept = self._message.head + _PREVIEW
            self._message.missing += len(buffer) - kept
            del buffer[kept:]

    def _lose(self, problem: str) -> None:
        self._message.problems.append(problem)
        self.lost = True


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
