"""Lesson 02, built from lessons/02_inside_the_wire.py: edit there, not here."""

import re
from base64 import b64encode
from codecs import IncrementalDecoder, getincrementaldecoder
from collections.abc import Generator, Iterable, Iterator
from email import message_from_string
from email.message import Message
from hashlib import sha1
from typing import NamedTuple

from websockets.frames import EXTERNAL_CLOSE_CODES, Opcode
from websockets.speedups import apply_mask


def accept(key: str) -> str:
    """What proves that the server knows WebSocket (RFC 6455 section 4.2.2)."""
    both = (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()
    return b64encode(sha1(both).digest()).decode()


def lists(headers: Message, name: str, word: str) -> bool:
    """Whether a header has `word` in its list, which may come in several lines (RFC 9110 section 5.3)."""
    words = ",".join(headers.get_all(name, [])).split(",")
    return word in [each.strip().lower() for each in words]


def refusal(line: str, headers: Message) -> str:
    """What is wrong with a request, in HTTP's words (section 4.2.1); empty if nothing is."""
    if not line.startswith("GET "):
        return "405 Method Not Allowed\r\nAllow: GET\r\nConnection: close"
    upgrades = lists(headers, "Upgrade", "websocket") and lists(headers, "Connection", "upgrade")
    if not upgrades or not line.endswith(" HTTP/1.1") or not lists(headers, "Sec-WebSocket-Version", "13"):
        wanted = "Upgrade: websocket\r\nSec-WebSocket-Version: 13"
        return f"426 Upgrade Required\r\n{wanted}\r\nConnection: Upgrade, close"
    sixteen_bytes = re.fullmatch("[0-9A-Za-z+/]{21}[AQgw]==", headers.get("Sec-WebSocket-Key", "").strip())
    if "Host" not in headers or not sixteen_bytes:
        return "400 Bad Request\r\nConnection: close"
    return ""


def handshake(request: bytes) -> bytes:
    """The answer to a request, up to its empty line: 101, or what is wrong with it (section 4.2)."""
    line, _, fields = request.decode("latin-1").partition("\r\n")
    headers = message_from_string(fields)
    if refused := refusal(line, headers):
        return f"HTTP/1.1 {refused}\r\nContent-Length: 0\r\n\r\n".encode()
    proof = accept(headers["Sec-WebSocket-Key"].strip())
    agreed = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade"
    return f"{agreed}\r\nSec-WebSocket-Accept: {proof}\r\n\r\n".encode()


def frame(opcode: int, payload: bytes | bytearray, key: bytes = b"", fin: int = 1) -> bytes:
    """One frame (section 5.2). A client hands in a masking key: four random bytes."""
    size, masked = len(payload), bool(key)
    if size < 126:
        short, longer = size, b""
    elif size < 65_536:
        short, longer = 126, size.to_bytes(2, "big")
    else:
        short, longer = 127, size.to_bytes(8, "big")
    if masked:
        payload = apply_mask(payload, key)
    return bytes([fin << 7 | opcode, masked << 7 | short]) + longer + key + payload


def take(buffer: bytearray, count: int) -> Generator[None, None, bytearray]:
    """The next `count` bytes, as soon as they are there; until then it yields None."""
    while len(buffer) < count:
        yield None
    taken = buffer[:count]
    del buffer[:count]
    return taken


class Frame(NamedTuple):
    """One frame as it was meant: unmasked."""

    fin: int
    opcode: int
    payload: bytes | bytearray


class Reply(NamedTuple):
    """What the protocol itself has to send: a pong, or the close frame."""

    frame: bytes


class Closed(Exception):
    """The end, with its code and reason (section 7.4); 1005 means that the close frame had no code."""


def read_length(buffer: bytearray, short: int) -> Generator[None, None, int]:
    """The payload's length; `short` is what the seven bits say (section 5.2). Raises Closed."""
    if short == 126:
        width, least = 2, 126
    elif short == 127:
        width, least = 8, 65_536
    else:
        return short
    extended = yield from take(buffer, width)
    size = int.from_bytes(extended, "big")
    if size < least:
        raise Closed(1002, "a length in more bytes than it needs")
    if size >> 63:
        raise Closed(1002, "a length whose first bit is 1")
    return size


def goodbye(payload: bytes | bytearray) -> Closed:
    """What a close frame says (section 5.5.1). Raises UnicodeDecodeError for its reason."""
    if not payload:
        return Closed(1005, "")
    code = int.from_bytes(payload[:2], "big")
    if code not in EXTERNAL_CLOSE_CODES and not 3000 <= code <= 4999:
        return Closed(1002, f"close code {code}")
    return Closed(code, payload[2:].decode())


def read_messages(frames: Iterable[Frame | None]) -> Iterator[str | bytes | Reply | None]:
    """Messages and replies, as frames complete them. Raises Closed, UnicodeDecodeError."""
    kind, message = 0, bytearray()
    for each in frames:
        if each is None:
            yield None
        elif each.opcode == Opcode.PING:
            yield Reply(frame(Opcode.PONG, each.payload))
        elif each.opcode == Opcode.CLOSE:
            raise goodbye(each.payload)
        elif each.opcode != Opcode.PONG:
            if each.opcode != Opcode.CONT:
                kind, message = each.opcode, bytearray()
            message += each.payload
            if each.fin:
                yield message.decode() if kind == Opcode.TEXT else bytes(message)


OPCODES = frozenset(Opcode)


def check_head(first: int, second: int) -> None:
    """Raise Closed if a client's frame must not begin so (sections 5.1, 5.2 and 5.5)."""
    fin, reserved, opcode = first >> 7, first & 0x70, first & 0x0F
    masked, short = second >> 7, second & 0x7F
    if reserved:
        raise Closed(1002, "a reserved bit is set")
    if opcode not in OPCODES:
        raise Closed(1002, f"there is no opcode {opcode}")
    if not masked:
        raise Closed(1002, "a client must mask")
    if opcode >= Opcode.CLOSE and (not fin or short > 125):
        raise Closed(1002, "a control frame is whole, and has at most 125 bytes")


def check_text(decoder: IncrementalDecoder, piece: bytes) -> None:
    """Raise UnicodeDecodeError as soon as nothing that follows could make UTF-8 of it."""
    decoder.decode(piece)
    half, _ = decoder.getstate()
    if half[:1] == b"\xed" and half[1:2] >= b"\xa0":
        decoder.decode(b"", final=True)


class Guard:
    """Looks at messages while they arrive. Raises Closed, UnicodeDecodeError."""

    def __init__(self, limit: int) -> None:
        self.limit, self.room, self.inside = limit, limit, False
        self.decoder: IncrementalDecoder | None = None

    def announce(self, fin: int, opcode: int, size: int) -> None:
        """A part of `size` bytes is to come: is it its turn, and is there room for it?"""
        if self.inside and opcode != Opcode.CONT:
            raise Closed(1002, "a new message inside another")
        if not self.inside and opcode == Opcode.CONT:
            raise Closed(1002, "a continuation of nothing")
        if opcode != Opcode.CONT:
            self.room = self.limit
            self.decoder = getincrementaldecoder("utf-8")() if opcode == Opcode.TEXT else None
        self.room -= size
        if self.room < 0:
            raise Closed(1009, f"a message of more than {self.limit} bytes")
        self.inside = not fin

    def look(self, piece: bytes) -> None:
        """This much of the part has come."""
        if self.decoder:
            check_text(self.decoder, piece)


def read_payload(
    buffer: bytearray, size: int, key: bytearray, guard: Guard
) -> Generator[None, None, bytearray]:
    """A payload of `size` bytes, looked at piece by piece."""
    payload = bytearray()
    while len(payload) < size:
        missing, there = size - len(payload), max(1, len(buffer))
        arrived = yield from take(buffer, min(missing, there))
        piece = apply_mask(arrived, key)
        guard.look(piece)
        payload += piece
        turn = len(piece) % 4
        key = key[turn:] + key[:turn]
    return payload


def read_frames(buffer: bytearray, guard: Guard) -> Iterator[Frame | None]:
    """A client's frames, and None while bytes are missing. Raises Closed, UnicodeDecodeError."""
    while True:
        first, second = yield from take(buffer, 2)
        check_head(first, second)
        fin, opcode = first >> 7, first & 0x0F
        size = yield from read_length(buffer, second & 0x7F)
        key = yield from take(buffer, 4)
        if opcode >= Opcode.CLOSE:
            payload = yield from take(buffer, size)
            yield Frame(fin, opcode, apply_mask(payload, key))
        else:
            guard.announce(fin, opcode, size)
            payload = yield from read_payload(buffer, size, key, guard)
            yield Frame(fin, opcode, payload)


class Connection:
    """A server's end without a network: bytes in, events and bytes out; messages have up to `limit` bytes."""

    def __init__(self, limit: int = 32 * 1024 * 1024) -> None:
        self.closing = False
        self._buffer = bytearray()
        self._events = read_messages(read_frames(self._buffer, Guard(limit)))

    def receive(self, data: bytes) -> Iterator[str | bytes | Reply | Closed]:
        """What these bytes complete, in order: a message (`str` or `bytes`), a Reply to send, Closed."""
        self._buffer += data
        try:
            for event in self._events:
                if event is None:
                    return
                yield event
        except (Closed, UnicodeDecodeError) as error:
            end = error if isinstance(error, Closed) else Closed(1007, "text that is not UTF-8")
            if not self.closing:
                yield Reply(self.close(*end.args))
            yield end

    def close(self, code: int = 1000, reason: str = "") -> bytes:
        """The close frame to send, and the last one; 1005 makes one without a code."""
        self.closing = True
        payload = b"" if code == 1005 else code.to_bytes(2, "big") + reason.encode()
        return frame(Opcode.CLOSE, payload)
