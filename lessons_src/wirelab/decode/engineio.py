"""Engine.IO v4 packets in WebSocket messages and in long-polling payloads."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Protocol

from wirelab.decode.jsontext import members, read
from wirelab.decode.text import binary_preview, count, quote, shorten
from wirelab.decode.unit import Layer, Node, Origin, Spans
from wirelab.decode.websocket import Message

NAMES = {
    b"0": "open",
    b"1": "close",
    b"2": "ping",
    b"3": "pong",
    b"4": "message",
    b"5": "upgrade",
    b"6": "noop",
}


class Carrier(Protocol):
    """What packets travel in: a WebSocket message or an HTTP message."""

    @property
    def raw(self) -> bytes: ...

    def nodes(self) -> tuple[Node, ...]: ...


_MOST_PACKETS = 1_000
_PREVIEW = 1_024


@dataclass(slots=True)
class Packet:
    """One packet, `payload[start:stop]`; `data` is without the type, and binary data without its base64."""

    layer: ClassVar[Layer] = Layer.ENGINEIO
    carrier: Carrier
    origin: Origin
    start: int
    stop: int
    name: str
    data: bytes
    is_binary: bool = False
    error: str | None = None

    @property
    def raw(self) -> bytes:
        return self.carrier.raw

    @property
    def kind(self) -> str:
        return f"eio.{self.name}"

    @property
    def text(self) -> str:
        """The data as text; bytes that are not UTF-8 become lone surrogates, so that offsets stay true."""
        return self.data.decode(errors="surrogateescape")

    @property
    def sid(self) -> str | None:
        """The session's id, which only an open packet tells."""
        told = read(self.text) if self.name == "open" else None
        sid = told.get("sid") if isinstance(told, dict) else None
        return sid if isinstance(sid, str) else None

    @property
    def summary(self) -> str:
        if self.is_binary:
            return f"binary {count(len(self.data), 'byte')}"
        if not self.data or self.name == "open":
            return self.name
        return f"{self.name} {quote(self.text, 39 - len(self.name))}"

    def spans(self, start: int, stop: int) -> Spans:
        """Where `data[start:stop]` (UTF-8 bytes) lies in `raw`."""
        return self.origin.spans(self.start + 1 + start, self.start + 1 + stop)

    def nodes(self) -> tuple[Node, ...]:
        spans = self.origin.spans(self.start, self.stop)
        node = Node("Engine.IO packet", self.summary, spans, self._fields(), self.error)
        return (*self.carrier.nodes(), node)

    def phrase(self, receiver: str) -> str:
        match self.name:
            case "open":
                return f"opens an Engine.IO session for {receiver}."
            case "message":
                content = f"of {count(len(self.data), 'byte')}" if self.is_binary else quote(self.text, 62)
                return f"sends {receiver} an Engine.IO message {content}."
            case _:
                article = "a broken" if self.name == "error" else "an"
                content = f" {quote(self.text, 62)}" if self.data else ""
                return f"sends {receiver} {article} Engine.IO {self.name}{content}."

    def _fields(self) -> tuple[Node, ...]:
        size = self.stop - self.start
        if self.is_binary:
            prefix = 0 if size == len(self.data) else 1
            kind = (Node("Type", "b (a message in base64)", self.origin.spans(self.start, self.start + 1)),)
            data = Node("Data", binary_preview(self.data), self.origin.spans(self.start + prefix, self.stop))
            return (*kind[:prefix], data)
        if self.name == "error":
            return ()
        number = next(digit.decode() for digit, name in NAMES.items() if name == self.name)
        kind = (Node("Type", f"{number} ({self.name})", self.spans(-1, 0)),)
        if not self.data:
            return kind
        parts = tuple(
            Node(label, value, self.spans(start, stop))
            for label, value, start, stop in (members(self.text) if self.name == "open" else ())
        )
        return (*kind, Node("Data", shorten(self.text), self.spans(0, len(self.data)), parts))


def read_message(message: Message) -> Packet:
    """The packet in a whole WebSocket message."""
    if message.is_text:
        return _read_text(message, message.origin, 0, message.data)
    return Packet(message, message.origin, 0, len(message.data), "message", message.data, is_binary=True)


def read_payload(carrier: Carrier, origin: Origin, payload: bytes) -> Iterator[Packet]:
    """The packets of a long-polling body, which the character \\x1e separates."""
    start = 0
    pieces = payload.split(b"\x1e", _MOST_PACKETS)
    for number, piece in enumerate(pieces):
        if number == _MOST_PACKETS:
            rest = piece.count(b"\x1e") + 1
            problem = f"{rest:,} more packets, which are not taken apart"
            yield Packet(carrier, origin, start, start + len(piece), "error", piece[:_PREVIEW], error=problem)
            return
        if piece[:1] == b"b":
            try:
                data, error = b64decode(piece[1:], validate=True), None
            except ValueError:
                data, error = b"", "the binary packet is not valid base64"
            yield Packet(carrier, origin, start, start + len(piece), "message", data, True, error)
        else:
            yield _read_text(carrier, origin, start, piece)
        start += len(piece) + 1


def _read_text(carrier: Carrier, origin: Origin, start: int, piece: bytes) -> Packet:
    name = NAMES.get(piece[:1], "error")
    packet = Packet(carrier, origin, start, start + len(piece), name, piece[1:])
    if name == "error":
        packet.data = piece
        packet.error = "a packet must begin with its type, a digit from 0 to 6"
    elif name == "open" and packet.sid is None:
        packet.error = "an open packet must carry a JSON object with a sid"
    return packet
