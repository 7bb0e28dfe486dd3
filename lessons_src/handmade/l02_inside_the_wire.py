"""Lesson 02, built from lessons/02_inside_the_wire.py: edit there, not here."""

import re
from base64 import b64encode
from codecs import getincrementaldecoder
from collections.abc import Generator, Iterator
from email import message_from_string
from hashlib import sha1
from typing import Any

from websockets.frames import EXTERNAL_CLOSE_CODES, Opcode
from websockets.speedups import apply_mask


def handshake(request: bytes) -> bytes:
    """The answer to a request, up to its empty line: 101, or what is wrong with it (RFC 6455 section 4.2)."""
    line, _, fields = request.decode("latin-1").partition("\r\n")
    headers = message_from_string(fields)
    upgrade, options = headers.get("Upgrade", "").lower(), headers.get("Connection", "").lower()
    version, key = headers.get("Sec-WebSocket-Version"), headers.get("Sec-WebSocket-Key", "")
    if not line.startswith("GET "):
        refusal = "405 Method Not Allowed\r\nAllow: GET"
    elif line[-8:] != "HTTP/1.1" or version != "13" or "websocket" not in upgrade or "upgrade" not in options:
        refusal = "426 Upgrade Required\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13"
    elif "Host" not in headers or not re.fullmatch("[0-9A-Za-z+/]{21}[AQgw]==", key):
        refusal = "400 Bad Request"
    else:
        proof = b64encode(sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()).decode()
        agreed = f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {proof}"
        return f"HTTP/1.1 101 Switching Protocols\r\n{agreed}\r\n\r\n".encode()
    return f"HTTP/1.1 {refusal}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


def frame(opcode: int, payload: bytes, key: bytes = b"", fin: int = 1) -> bytes:
    """One frame (section 5.2). A client hands in a masking key: four random bytes."""
    size = len(payload)
    short, width = (size, 0) if size < 126 else (126, 2) if size < 65536 else (127, 8)
    head = bytes([fin << 7 | opcode, bool(key) << 7 | short]) + size.to_bytes(8, "big")[8 - width :]
    return head + key + (apply_mask(payload, key) if key else payload)


def take(buffer: bytearray, least: int, most: int) -> Generator[None, None, bytearray]:
    """The next bytes, at most `most`, as soon as there are `least`; it yields None until then."""
    while len(buffer) < least:
        yield None
    taken, buffer[:most] = buffer[:most], b""
    return taken


OUTSIDE = b"\x01\x02\x81\x82\x88\x89\x8a"
INSIDE = b"\x00\x80\x88\x89\x8a"


class Reply(bytes):
    """What the protocol itself has to send: a pong, or the close frame."""


class Closed(Exception):
    """The end, with its code and reason (section 7.4); 1005 means that the close frame had no code."""


def events(buffer: bytearray, limit: int) -> Generator[Any, None, None]:
    """Messages, replies, and None when the buffer is used up. Raises Closed, UnicodeDecodeError."""
    kind, room, message = 0, limit, bytearray()
    while True:
        first, second = yield from take(buffer, 2, 2)
        if first not in (INSIDE if kind else OUTSIDE) or second < 0x80 or (first > 0x87 and second > 0xFD):
            raise Closed(1002, f"a frame that begins with {first:02x} {second:02x}")
        opcode, size = first & 0x0F, second & 0x7F
        if width := {126: 2, 127: 8}.get(size, 0):
            size = int.from_bytes((yield from take(buffer, width, width)), "big")
        key = yield from take(buffer, 4, 4)
        if opcode >= Opcode.CLOSE:
            payload = apply_mask((yield from take(buffer, size, size)), key)
            if opcode == Opcode.CLOSE:
                code = int.from_bytes(payload[:2], "big") if payload else 1005
                known = not payload or code in EXTERNAL_CLOSE_CODES or 3000 <= code < 5000
                raise Closed(code, payload[2:].decode()) if known else Closed(1002, f"close code {code}")
            if opcode == Opcode.PING:
                yield Reply(frame(Opcode.PONG, payload))
            continue
        if opcode != Opcode.CONT:
            kind, room, message, utf8 = opcode, limit, bytearray(), getincrementaldecoder("utf-8")()
        if (room := room - size) < 0:
            raise Closed(1009, f"a message of more than {limit} bytes")
        while size:
            message += (piece := apply_mask((yield from take(buffer, 1, size)), key))
            utf8.decode(piece if kind == Opcode.TEXT else b"")
            utf8.decode(b"", b"\xed\xa0" <= utf8.getstate()[0] < b"\xee")
            size, key = size - len(piece), (key * 2)[len(piece) % 4 :][:4]
        if first & 0x80:
            yield message.decode() if kind == Opcode.TEXT else bytes(message)
            kind = 0


class Connection:
    """A server's end without a network: bytes in, events and bytes out; messages have up to `limit` bytes."""

    def __init__(self, limit: int = 32 * 1024 * 1024) -> None:
        self._buffer, self.closing = bytearray(), False
        self._events = events(self._buffer, limit)

    def receive(self, data: bytes) -> Iterator[str | bytes | Closed]:
        """What these bytes complete, in order: a message (`str` or `bytes`), a Reply to send, Closed."""
        self._buffer += data
        try:
            yield from iter(self._events.__next__, None)
        except (Closed, UnicodeDecodeError) as error:
            end = error if isinstance(error, Closed) else Closed(1007, "text that is not UTF-8")
            if not self.closing:
                yield Reply(self.close(*end.args))
            yield end

    def close(self, code: int = 1000, reason: str = "") -> bytes:
        """The close frame to send, and the last one; 1005 makes one without a code."""
        self.closing = True
        return frame(Opcode.CLOSE, b"" if code == 1005 else code.to_bytes(2, "big") + reason.encode())
