"""WebSocket frames off a byte stream (RFC 6455 section 5) and permessage-deflate (RFC 7692)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from websockets.frames import EXTERNAL_CLOSE_CODES, CloseCode

from wirelab.decode.text import binary_preview, count, preview, quote, shorten
from wirelab.decode.unit import Layer, Node, Origin, Undecoded

try:
    from websockets.speedups import apply_mask
except ImportError:
    from websockets.utils import apply_mask

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
NAMES = {
    CONTINUATION: "continuation",
    TEXT: "text",
    BINARY: "binary",
    CLOSE: "close",
    PING: "ping",
    PONG: "pong",
}
_FIN, _RSV1, _RSV2, _RSV3, _OPCODE, _MASK, _LENGTH = 0x80, 0x40, 0x20, 0x10, 0x0F, 0x80, 0x7F
_TAIL = b"\x00\x00\xff\xff"
_INFLATE_LIMIT = 16 * 1024 * 1024
LONGEST_KEPT = 4 * 1024 * 1024
_LONGEST_INFLATED = 1024 * 1024
_PREVIEW = 64 * 1024


@dataclass(slots=True)
class Frame:
    """One frame; `payload` is unmasked, `data` is inflated too where the message is compressed.

    `opens` is the opcode of the message that it belongs to; `part` counts from 1 in a fragmented message,
    whose frames share the list `parts`, and is 0 otherwise; `problems` says what is wrong with which field.
    Of a message longer than 4 MiB the first bytes are kept: `missing` bytes of the payload are not; nor are
    `cut` bytes of what was inflated.
    """

    layer: ClassVar[Layer] = Layer.WEBSOCKET
    raw: bytes
    head: int
    payload: bytes
    data: bytes
    opens: int
    part: int
    parts: Sequence[Frame]
    compressed: bool
    problems: tuple[tuple[str, str], ...]
    missing: int = 0
    cut: int = 0

    def let_go(self) -> None:
        """Once all has been read from it, keep no more of an inflated message than can be shown."""
        if self.compressed and not self.part and len(self.data) > _LONGEST_INFLATED:
            self.cut = len(self.data) - _PREVIEW
            self.data = self.data[:_PREVIEW]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing, in the message's earlier frames neither."""
        return not self.missing and not any(part.missing for part in self.parts[: self.part])

    @property
    def size(self) -> int:
        """The length of the message's part in bytes, inflated as far as it was."""
        return len(self.data) + self.missing + self.cut

    @property
    def opcode(self) -> int:
        return self.raw[0] & _OPCODE

    @property
    def is_data(self) -> bool:
        """Whether it carries a message, or a part of one."""
        return self.opens in (TEXT, BINARY)

    @property
    def is_last(self) -> bool:
        """Whether the FIN bit is set."""
        return bool(self.raw[0] & _FIN)

    @property
    def kind(self) -> str:
        return NAMES.get(self.opcode, "reserved")

    @property
    def error(self) -> str | None:
        return "; ".join(problem for _, problem in self.problems) or None

    @property
    def summary(self) -> str:
        if self.opcode == CLOSE:
            return f"close {self._close_label('', 34)}".strip()
        if self.opcode in (PING, PONG):
            return self.kind
        if not self.is_data:
            name = self.kind if self.opcode == CONTINUATION else self._opcode_label
            return f"{name}, {count(len(self.payload), 'byte')}"
        label = NAMES[self.opens]
        if self.part:
            label += f", part {self.part}{' (last)' if self.is_last else ''}:"
        if self.opens == BINARY:
            return f"{label} {count(self.size, 'byte')}"
        return f"{label} {quote(self._text(), 39 - len(label))}"

    def nodes(self) -> tuple[Node, ...]:
        if not self.part or not self.is_last:
            return (self.node(0),)
        return (self.node(0), Node("Message", self.message().preview(), self._payload_spans(0)))

    def message(self) -> Message:
        """The message that this frame, the last one, completes."""
        return Message(tuple(self.parts[: self.part]) or (self,))

    def phrase(self, receiver: str) -> str:
        facts = [count(self.size, "byte")]
        if self.compressed:
            facts.append(f"compressed to {len(self.payload):,}")
        if self.raw[1] & _MASK:
            facts.append("masked")
        size = f"({', '.join(facts)})"
        if self.opcode == CLOSE:
            return f"closes with {self._close_label('code ', 70) or 'no code'}."
        if self.opcode in (PING, PONG):
            return f"sends {receiver} a {self.kind}."
        if not self.is_data:
            return f"sends {receiver} a frame with {self._opcode_label}: {size[1:-1]}."
        content = f": {quote(self._text(), 62)}" if self.opens == TEXT else ""
        part = f"part {self.part}{', the last,' if self.is_last else ''} of " if self.part else ""
        return f"sends {receiver} {part}a {NAMES[self.opens]} message{content} {size}."

    def node(self, base: int) -> Node:
        """The frame's fields; its first byte is at `base` of the unit's raw bytes."""
        first, second = self.raw[:2]
        wrong = dict(self.problems)
        at = self.head - (4 if second & _MASK else 0)
        mask = "masked" if second & _MASK else "not masked"
        place = "last" if first & _FIN else "not the last"
        fields = [
            ("FIN", f"{first >> 7} ({place} frame of the message)", 0, 1),
            ("RSV1", f"{first >> 6 & 1}{' (compressed message)' if first & _RSV1 else ''}", 0, 1),
            ("RSV2", str(first >> 5 & 1), 0, 1),
            ("RSV3", str(first >> 4 & 1), 0, 1),
            ("Opcode", f"0x{self.opcode:x} ({self.kind})", 0, 1),
            ("MASK", f"{second >> 7} ({mask})", 1, 2),
            ("Payload length", count(len(self.payload) + self.missing, "byte"), 1, at),
        ]
        if second & _MASK:
            fields.append(("Masking key", self.raw[at : self.head].hex(" "), at, self.head))
        children = tuple(
            Node(name, value, ((base + low, base + high),), error=wrong.get(name))
            for name, value, low, high in fields
        )
        spans = ((base, base + len(self.raw)),)
        return Node("WebSocket frame", self.summary, spans, (*children, self._payload_node(base)), self.error)

    def _payload_spans(self, base: int) -> tuple[tuple[int, int], ...]:
        return ((base + self.head, base + len(self.raw)),) if self.payload else ()

    def _payload_node(self, base: int) -> Node:
        spans = self._payload_spans(base)
        error = dict(self.problems).get("Payload")
        if self.compressed:
            inflated = Node("Inflated", self._shown(), spans)
            return Node("Payload", f"{binary_preview(self.payload)}, compressed", spans, (inflated,), error)
        if self.opcode != CLOSE or len(self.payload) < 2:
            return Node("Payload", self._shown(), spans, error=error)
        start = base + self.head
        parts = [Node("Close code", f"{self._code} ({close_name(self._code)})", ((start, start + 2),))]
        if len(self.payload) > 2:
            parts.append(Node("Reason", shorten(self._reason), ((start + 2, base + len(self.raw)),)))
        return Node("Payload", self._close_label("", 125), spans, tuple(parts), error)

    @property
    def _opcode_label(self) -> str:
        return f"opcode 0x{self.opcode:x}"

    def _text(self) -> str:
        return self.data[:_PREVIEW].decode(errors="replace")

    def _shown(self) -> str:
        return shorten(self._text()) if self.opens == TEXT else binary_preview(self.data)

    @property
    def _code(self) -> int:
        return int.from_bytes(self.payload[:2], "big")

    @property
    def _reason(self) -> str:
        return self.payload[2:].decode(errors="replace")

    def _close_label(self, noun: str, limit: int) -> str:
        if len(self.payload) < 2:
            return ""
        label = f"{noun}{self._code}"
        return f"{label} {quote(self._reason, limit - len(label) - 1)}" if self._reason else label


@dataclass(frozen=True, slots=True)
class Message:
    """A complete message: what Engine.IO rides on."""

    frames: tuple[Frame, ...]

    @property
    def is_text(self) -> bool:
        return self.frames[0].opens == TEXT

    @property
    def raw(self) -> bytes:
        return self.frames[0].raw if len(self.frames) == 1 else b"".join(frame.raw for frame in self.frames)

    @property
    def data(self) -> bytes:
        return self.frames[0].data if len(self.frames) == 1 else b"".join(frame.data for frame in self.frames)

    @property
    def origin(self) -> Origin:
        """Where `data` lies in `raw`."""
        segments = tuple((base + frame.head, base + len(frame.raw)) for base, frame in self._placed())
        return Origin(segments, exact=not self.frames[0].compressed)

    def preview(self) -> str:
        """The text, or the first bytes in hexadecimal."""
        return preview(self.data) if self.is_text else binary_preview(self.data)

    def nodes(self) -> tuple[Node, ...]:
        return tuple(frame.node(base) for base, frame in self._placed())

    def _placed(self) -> Iterator[tuple[int, Frame]]:
        base = 0
        for frame in self.frames:
            yield base, frame
            base += len(frame.raw)


class Inflater:
    """One direction of permessage-deflate (RFC 7692 section 7.2.2)."""

    def __init__(self, parameters: Mapping[str, str | None], side: str) -> None:
        """`parameters` as agreed in the handshake; `side` is "client" or "server", whoever compresses."""
        bits = parameters.get(f"{side}_max_window_bits") or ""
        self._bits = int(bits) if bits in {str(number) for number in range(8, 16)} else 15
        self._forgets = f"{side}_no_context_takeover" in parameters
        self._inflate = zlib.decompressobj(-self._bits)
        self._lost = False

    def lose(self) -> None:
        """A compressed message was too long to be inflated: what refers back to it cannot be read either."""
        self._lost = not self._forgets

    def inflate(self, data: bytes, last: bool) -> bytes:
        """One frame's part of a message; raises zlib.error, after which the next message starts afresh."""
        try:
            if self._lost:
                raise zlib.error("it refers to a message that was too long to be kept")
            found = self._inflate.decompress(data + _TAIL if last else data, _INFLATE_LIMIT)
            if self._inflate.unconsumed_tail:
                raise zlib.error("more than 16 MiB")
        except zlib.error:
            self._inflate = zlib.decompressobj(-self._bits)
            raise
        if self._inflate.eof or (last and self._forgets):
            self._inflate = zlib.decompressobj(-self._bits)
        return found


class _LongFrame:
    """A frame that is too long to be kept whole, while it comes."""

    def __init__(self, head: bytes, length: int) -> None:
        self.head = head
        self.kept = bytearray()
        self.missing = 0
        self._left = length

    def take(self, buffer: bytearray) -> bool:
        """Take what belongs to it out of the buffer; true when it has come to its end."""
        size = min(self._left, len(buffer))
        keep = min(size, _PREVIEW - len(self.kept))
        self.kept += buffer[:keep]
        self.missing += size - keep
        self._left -= size
        del buffer[:size]
        return self._left == 0


class FrameParser:
    """Takes the frames of one direction off the front of a buffer; after an error it goes on if it can."""

    def __init__(self, from_client: bool, inflater: Inflater | None) -> None:
        self.lost = False
        self.closed = False
        self._mask = _MASK if from_client else 0
        self._inflater = inflater
        self._parts: list[Frame] = []
        self._long: _LongFrame | None = None

    def take(self, buffer: bytearray) -> Frame | Undecoded | None:
        """The first frame, removed from the buffer, or None while it is incomplete."""
        if self._long is not None:
            return self._read_on(self._long, buffer)
        size = len(buffer)
        if size < 2:
            return None
        second = buffer[1]
        length, head = second & _LENGTH, 2
        if length > 125:
            head = 4 if length == 126 else 10
            if size < head:
                return None
            length = int.from_bytes(buffer[2:head], "big")
            if length >> 63:
                return self._refuse(buffer, head, "the length's top bit is set: its end is unknown")
        if second & _MASK:
            head += 4
        end = head + length
        if length > LONGEST_KEPT and size >= head:
            self._long = _LongFrame(bytes(buffer[:head]), length)
            del buffer[:head]
            return self._read_on(self._long, buffer)
        if size < end:
            return None
        raw = bytes(buffer[:end])
        del buffer[:end]
        payload = raw[head:]
        if second & _MASK:
            payload = apply_mask(payload, raw[head - 4 : head])
        return self._interpret(raw, head, payload)

    def end(self, buffer: bytearray) -> Undecoded:
        """What is left in the buffer when the stream ends inside a frame."""
        return self._refuse(buffer, len(buffer), "the connection ended inside a frame")

    def _read_on(self, long: _LongFrame, buffer: bytearray) -> Frame | None:
        if not long.take(buffer):
            return None
        self._long = None
        payload = bytes(long.kept)
        if long.head[1] & _MASK:
            payload = apply_mask(payload, long.head[-4:])
        if self._inflater and self._is_compressed(long.head[0]):
            self._inflater.lose()
        return self._interpret(long.head + bytes(long.kept), len(long.head), payload, long.missing)

    def _is_compressed(self, first: int) -> bool:
        return self._parts[0].compressed if self._parts else bool(first & _RSV1)

    def _refuse(self, buffer: bytearray, end: int, error: str) -> Undecoded:
        self.lost = True
        raw = (self._long.head + bytes(self._long.kept) if self._long else b"") + bytes(buffer[:end])
        buffer.clear()
        return Undecoded(Layer.WEBSOCKET, "WebSocket frame", raw, error)

    def _interpret(self, raw: bytes, head: int, payload: bytes, missing: int = 0) -> Frame:
        first = raw[0]
        opcode = first & _OPCODE
        problems = list(self._field_problems(raw, head, len(payload) + missing))
        if opcode > BINARY:
            if opcode == CLOSE:
                problems += _close_problems(payload)
                self.closed = True
            return Frame(raw, head, payload, payload, opcode, 0, (), False, tuple(problems), missing)
        if opcode == CONTINUATION and not self._parts:
            return Frame(raw, head, payload, payload, opcode, 0, (), False, tuple(problems), missing)
        last = bool(first & _FIN)
        if opcode != CONTINUATION and self._parts:
            self._parts = []
        parts = self._parts
        opens = parts[0].opens if parts else opcode
        compressed = parts[0].compressed if parts else self._inflater is not None and bool(first & _RSV1)
        data = payload
        if compressed and self._inflater and not missing:
            try:
                data = self._inflater.inflate(payload, last)
            except zlib.error as failure:
                data = b""
                problems.append(("Payload", f"cannot be inflated ({failure})"))
        kept = sum(len(part.data) for part in parts) if parts else 0
        if parts and kept + len(data) > LONGEST_KEPT:
            missing += len(data)
            raw, payload, data = raw[:head], b"", b""
        whole = not missing and not any(part.missing for part in parts)
        if opens == TEXT and last and whole:
            text = b"".join([*(part.data for part in parts), data]) if parts else data
            if not _is_utf8(text):
                problems.append(("Payload", "the text is not valid UTF-8"))
        if last and not parts:
            return Frame(raw, head, payload, data, opens, 0, (), compressed, tuple(problems), missing)
        frame = Frame(
            raw, head, payload, data, opens, len(parts) + 1, parts, compressed, tuple(problems), missing
        )
        parts.append(frame)
        if last:
            self._parts = []
        return frame

    def _field_problems(self, raw: bytes, head: int, length: int) -> Iterator[tuple[str, str]]:
        first, second = raw[0], raw[1]
        opcode = first & _OPCODE
        if second & _MASK != self._mask:
            rule = "a client must mask its frames" if self._mask else "a server must not mask its frames"
            yield "MASK", rule
        if first & (_RSV1 | _RSV2 | _RSV3):
            if first & _RSV1 and (self._inflater is None or opcode not in (TEXT, BINARY)):
                yield "RSV1", "RSV1 is only for the first frame of a message, with permessage-deflate"
            if first & _RSV2:
                yield "RSV2", "RSV2 must be 0: no extension uses it"
            if first & _RSV3:
                yield "RSV3", "RSV3 must be 0: no extension uses it"
        coded = second & _LENGTH
        if (coded == 126 and length < 126) or (coded == 127 and length < 65_536):
            yield "Payload length", "the length must be written in as few bytes as it needs"
        if BINARY < opcode < CLOSE or opcode > PONG:
            yield "Opcode", f"opcode 0x{opcode:x} is reserved"
        if opcode >= CLOSE:
            if not first & _FIN:
                yield "FIN", "a control frame must not be fragmented"
            if length > 125:
                yield "Payload length", "a control frame carries at most 125 bytes"
        elif self.closed:
            yield "Opcode", "no data frame may follow a close frame"
        elif opcode == CONTINUATION and not self._parts:
            yield "Opcode", "there is no message to continue"
        elif BINARY >= opcode != CONTINUATION and self._parts:
            yield "Opcode", "the message before has not ended: a continuation frame is expected"


def close_name(code: int) -> str:
    """What RFC 6455 section 7.4 and the registry call a close code."""
    if 3000 <= code <= 3999:
        return "registered by a library"
    if 4000 <= code <= 4999:
        return "private use"
    try:
        return CloseCode(code).name.replace("_", " ").lower()
    except ValueError:
        return "unknown"


def _close_problems(payload: bytes) -> Iterator[tuple[str, str]]:
    if len(payload) == 1:
        yield "Payload", "a close code has two bytes"
    if len(payload) > 1:
        code = int.from_bytes(payload[:2], "big")
        if code not in EXTERNAL_CLOSE_CODES and not 3000 <= code <= 4999:
            yield "Payload", f"close code {code} must not be sent"
        if not _is_utf8(payload[2:]):
            yield "Payload", "the reason is not valid UTF-8"


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
