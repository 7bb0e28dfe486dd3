"""One WebSocket frame to play with (RFC 6455 section 5.2): built, flipped, read by the real decoder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from websockets.utils import apply_mask

from wirelab.decode import Decoder, Layer, Node, Unit, sentence
from wirelab.decode.text import count, shorten
from wirelab.decode.websocket import CLOSE, Frame
from wirelab.trace import Direction, Event, Leg, Record, Trace
from wirelab.widgets.frame_inspector import figure

PAYLOAD_SHOWN = 8
VALUE_LETTERS = 120
# The opening handshake of RFC 6455 section 1.3, without extensions.
_HANDSHAKE = (
    b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
)


class Sender(StrEnum):
    """Who sends the frame; only a client masks (RFC 6455 section 5.1)."""

    CLIENT = "client"
    SERVER = "server"


class Mark(StrEnum):
    """What the parser thinks of the bytes, in one sign."""

    GOOD = "✓"
    WRONG = "✗"
    WAITS = "…"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the frame is built from; `code` counts only in a close frame, whose reason is the message."""

    message: str
    opcode: int = 0x1
    code: int = 1000
    sender: Sender = Sender.CLIENT
    fin: bool = True

    def build(self, mask: bytes) -> bytes:
        """The frame's bytes, masked with the 4 bytes `mask` if a client sends it."""
        payload = self.message.encode(errors="replace")
        if self.opcode == CLOSE:
            payload = self.code.to_bytes(2, "big") + payload
        length = len(payload)
        if length < 126:
            coded, extended = length, b""
        elif length < 1 << 16:
            coded, extended = 126, length.to_bytes(2, "big")
        else:
            coded, extended = 127, length.to_bytes(8, "big")
        first = self.fin << 7 | self.opcode
        if self.sender is Sender.SERVER:
            return bytes([first, coded]) + extended + payload
        return bytes([first, 0x80 | coded]) + extended + mask + apply_mask(payload, mask)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the decoder says: a verdict, the first frame's fields, and what becomes of bytes left over."""

    mark: Mark
    verdict: str
    nodes: tuple[Node, ...] = ()
    payload: bytes | None = None
    after: str = ""


class Inspector:
    """A frame, its flipped bits, and in `said` what just happened."""

    def __init__(self, message: str, mask: bytes) -> None:
        if len(mask) != 4:
            raise ValueError(f"A masking key has 4 bytes, and {mask!r} has {len(mask)}: give 4.")
        self._first = Settings(message)
        self._mask = mask
        self.build(self._first)

    def build(self, settings: Settings) -> None:
        """Build the frame anew; flipped bits are forgotten."""
        self.settings = settings
        self.built = self.frame = settings.build(self._mask)
        head = figure.head(self.frame)
        sizes = f"{head} of header and {len(self.frame) - head:,} of payload"
        self.said = f"A new frame: {count(len(self.frame), 'byte')}, {sizes}."

    def flip(self, bit: int) -> None:
        """Turn one of the bits that are shown; IndexError if it is not one of them."""
        if not 0 <= bit < 8 * self.shown:
            raise IndexError(f"There is no bit {bit}: choose one from 0 to {8 * self.shown - 1}.")
        place, position = divmod(bit, 8)
        changed = bytearray(self.frame)
        changed[place] ^= 0x80 >> position
        self.frame = bytes(changed)
        field = next(field for field in self.fields() if field.start <= bit < field.stop)
        self.said = figure.news(self.frame, field, bit)

    def undo(self) -> None:
        """Turn all flipped bits back."""
        flips = count(len(self.flipped), "bit")
        self.frame = self.built
        self.said = f"You turned {flips} back: this is the frame as it was built."

    def reset(self) -> None:
        """Begin again with the first message."""
        self.build(self._first)

    @property
    def shown(self) -> int:
        """How many bytes the figure shows: the header as built and 8 bytes of payload at most."""
        return min(len(self.built), figure.head(self.built) + PAYLOAD_SHOWN)

    @property
    def hidden(self) -> int:
        """How many bytes of the frame the figure leaves out."""
        return len(self.frame) - self.shown

    @property
    def bits(self) -> str:
        """The bits of the bytes that are shown, such as "10000001"."""
        return _bits(self.frame[: self.shown])

    @property
    def flipped(self) -> list[int]:
        """The bits that differ from the frame as built."""
        pairs = zip(self.bits, _bits(self.built[: self.shown]), strict=True)
        return [bit for bit, (now, built) in enumerate(pairs) if now != built]

    def fields(self) -> list[figure.Field]:
        """The figure of RFC 6455 section 5.2 for the bits as they are now, as far as they are shown."""
        return list(figure.fields(self.frame, 8 * self.shown))

    def captions(self, reading: Reading) -> list[str]:
        """For each byte shown its hexadecimal digits and, in the payload, what it stands for."""
        captions = [f"{byte:02x}" for byte in self.frame[: self.shown]]
        head = figure.head(self.frame)
        for place, byte in enumerate((reading.payload or b"")[: max(0, self.shown - head)], head):
            unmasked = f" → {byte:02x}" if figure.is_masked(self.frame) else ""
            letter = f" {chr(byte)}" if 0x20 < byte < 0x7F else ""
            captions[place] += unmasked + letter
        return captions

    def read(self) -> Reading:
        """What the decoder says when these bytes come after an opening handshake."""
        sender = Direction.UP if self.settings.sender is Sender.CLIENT else Direction.DOWN
        passed = (Direction.UP, _HANDSHAKE[0]), (Direction.DOWN, _HANDSHAKE[1]), (sender, self.frame)
        trace = Trace()
        for time, (direction, data) in enumerate(passed):
            trace.append(Record(0, Leg.CLIENT, direction, Event.DATA, time, data))
        units = [unit for unit in Decoder(trace).update() if unit.layer is Layer.WEBSOCKET]
        if not units:
            return Reading(Mark.WAITS, _waits(self.frame))
        unit = units[0]
        nodes = tuple(_flatten(unit.tree().children[0].children))
        mark = Mark.WRONG if unit.error else Mark.GOOD
        if not isinstance(unit.detail, Frame):
            return Reading(mark, self._judge(unit), nodes)
        after = ""
        if left := self.frame[len(unit.raw) :]:
            fate = self._judge(units[1]) if len(units) > 1 else _waits(left)
            after = f"{count(len(left), 'byte')} left over, read as the next frame. {fate}"
        return Reading(mark, self._judge(unit), nodes, unit.detail.payload, after)

    def _judge(self, unit: Unit) -> str:
        if unit.error:
            return f"{unit.error[0].upper()}{unit.error[1:]}."
        if self.settings.sender is Sender.CLIENT:
            return sentence(unit, "The client", "the server")
        return sentence(unit, "The server", "the client")


def _bits(data: bytes) -> str:
    return "".join(f"{byte:08b}" for byte in data)


def _waits(frame: bytes) -> str:
    return f"The parser waits for {count(figure.missing(frame), 'more byte')}."


def _flatten(nodes: tuple[Node, ...]) -> Iterator[Node]:
    for node in nodes:
        yield Node(node.name, shorten(node.value, VALUE_LETTERS), node.spans, error=node.error)
        yield from _flatten(node.children)
