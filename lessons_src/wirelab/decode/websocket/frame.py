"""Frames, and the messages that they make up: what they say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from wirelab.decode.text import binary_preview, count, preview, quote, shorten
from wirelab.decode.unit import Layer, Node, Origin
from wirelab.decode.websocket.closing import close_name
from wirelab.decode.websocket.header import (
    BINARY,
    CLOSE,
    CONTINUATION,
    FIN,
    MASK,
    NAMES,
    OPCODE,
    PING,
    PONG,
    RSV1,
    TEXT,
)
from wirelab.decode.websocket.limits import PREVIEW

_LONGEST_INFLATED = 1024 * 1024


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
            self.cut = len(self.data) - PREVIEW
            self.data = self.data[:PREVIEW]

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
        return self.raw[0] & OPCODE

    @property
    def is_data(self) -> bool:
        """Whether it carries a message, or a part of one."""
        return self.opens in (TEXT, BINARY)

    @property
    def is_last(self) -> bool:
        """Whether the FIN bit is set."""
        return bool(self.raw[0] & FIN)

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
        if self.raw[1] & MASK:
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
        at = self.head - (4 if second & MASK else 0)
        mask = "masked" if second & MASK else "not masked"
        place = "last" if first & FIN else "not the last"
        fields = [
            ("FIN", f"{first >> 7} ({place} frame of the message)", 0, 1),
            ("RSV1", f"{first >> 6 & 1}{' (compressed message)' if first & RSV1 else ''}", 0, 1),
            ("RSV2", str(first >> 5 & 1), 0, 1),
            ("RSV3", str(first >> 4 & 1), 0, 1),
            ("Opcode", f"0x{self.opcode:x} ({self.kind})", 0, 1),
            ("MASK", f"{second >> 7} ({mask})", 1, 2),
            ("Payload length", count(len(self.payload) + self.missing, "byte"), 1, at),
        ]
        if second & MASK:
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
        return self.data[:PREVIEW].decode(errors="replace")

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
