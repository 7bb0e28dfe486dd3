"""Takes WebSocket frames off the front of a buffer."""

from __future__ import annotations

import zlib

from wirelab.decode.unit import Layer, Undecoded
from wirelab.decode.websocket.frame import Frame
from wirelab.decode.websocket.header import (
    BINARY,
    CLOSE,
    CONTINUATION,
    FIN,
    LONGEST_HEAD,
    MASK,
    OPCODE,
    RSV1,
    TEXT,
    sizes,
)
from wirelab.decode.websocket.inflater import Inflater
from wirelab.decode.websocket.limits import LONGEST_KEPT
from wirelab.decode.websocket.longframe import LongFrame
from wirelab.decode.websocket.rules import FieldRules, Problem, close_problems, is_utf8

try:
    from websockets.speedups import apply_mask
except ImportError:
    from websockets.utils import apply_mask


class FrameParser:
    """Takes the frames of one direction off the front of a buffer; after an error it goes on if it can."""

    def __init__(self, from_client: bool, inflater: Inflater | None) -> None:
        self.lost = False
        self.closed = False
        self._rules = FieldRules(from_client, deflates=inflater is not None)
        self._inflater = inflater
        self._parts: list[Frame] = []
        self._long: LongFrame | None = None

    def take(self, buffer: bytearray) -> Frame | Undecoded | None:
        """The first frame, removed from the buffer, or None while it is incomplete."""
        if self._long is not None:
            return self._read_on(self._long, buffer)
        measured = sizes(buffer)
        if measured is None:
            return None
        head, length = measured
        if length >> 63:
            return self._refuse(buffer, LONGEST_HEAD, "the length's top bit is set: its end is unknown")
        if length > LONGEST_KEPT and len(buffer) >= head:
            self._long = LongFrame(bytes(buffer[:head]), length)
            del buffer[:head]
            return self._read_on(self._long, buffer)
        end = head + length
        if len(buffer) < end:
            return None
        raw = bytes(buffer[:end])
        del buffer[:end]
        payload = raw[head:]
        if raw[1] & MASK:
            payload = apply_mask(payload, raw[head - 4 : head])
        return self._interpret(raw, head, payload)

    def end(self, buffer: bytearray) -> Undecoded:
        """What is left in the buffer when the stream ends inside a frame."""
        return self._refuse(buffer, len(buffer), "the connection ended inside a frame")

    def _read_on(self, long: LongFrame, buffer: bytearray) -> Frame | None:
        if not long.take(buffer):
            return None
        self._long = None
        payload = bytes(long.kept)
        if long.head[1] & MASK:
            payload = apply_mask(payload, long.head[-4:])
        if self._inflater and self._is_compressed(long.head[0]):
            self._inflater.lose()
        return self._interpret(long.head + bytes(long.kept), len(long.head), payload, long.missing)

    def _is_compressed(self, first: int) -> bool:
        if self._parts:
            return self._parts[0].compressed
        return bool(first & RSV1) and self._inflater is not None

    def _refuse(self, buffer: bytearray, end: int, error: str) -> Undecoded:
        self.lost = True
        raw = (self._long.head + bytes(self._long.kept) if self._long else b"") + bytes(buffer[:end])
        buffer.clear()
        return Undecoded(Layer.WEBSOCKET, "WebSocket frame", raw, error)

    def _interpret(self, raw: bytes, head: int, payload: bytes, missing: int = 0) -> Frame:
        first = raw[0]
        opcode = first & OPCODE
        parts = self._parts
        problems = self._rules.problems(raw, len(payload) + missing, bool(parts), self.closed)
        if opcode > BINARY or (opcode == CONTINUATION and not parts):
            if opcode == CLOSE:
                problems += close_problems(payload)
                self.closed = True
            return Frame(raw, head, payload, payload, opcode, 0, (), False, tuple(problems), missing)
        if opcode != CONTINUATION and parts:
            self._parts = []
        last = bool(first & FIN)
        compressed = self._is_compressed(first)
        data = self._inflate(payload, last, problems) if compressed and not missing else payload
        frame = Frame(raw, head, payload, data, opcode, 0, (), compressed, (), missing)
        if self._parts or not last:
            self._join(frame)
        if last and frame.opens == TEXT and not _is_valid_text(frame):
            problems.append(("Payload", "the text is not valid UTF-8"))
        frame.problems = tuple(problems)
        return frame

    def _inflate(self, payload: bytes, last: bool, problems: list[Problem]) -> bytes:
        assert self._inflater is not None
        try:
            return self._inflater.inflate(payload, last)
        except zlib.error as failure:
            problems.append(("Payload", f"cannot be inflated ({failure})"))
            return b""

    def _join(self, frame: Frame) -> None:
        """Make the frame a part of the message that it begins or continues."""
        parts = self._parts
        if parts:
            frame.opens = parts[0].opens
            if sum(len(part.data) for part in parts) + len(frame.data) > LONGEST_KEPT:
                frame.missing += len(frame.data)
                frame.raw, frame.payload, frame.data = frame.raw[: frame.head], b"", b""
        parts.append(frame)
        frame.part, frame.parts = len(parts), parts
        if frame.is_last:
            self._parts = []


def _is_valid_text(last: Frame) -> bool:
    """Whether the message that ends with this frame is UTF-8, as far as all of it was kept."""
    if not last.part:
        return bool(last.missing) or is_utf8(last.data)
    return not last.is_whole or is_utf8(last.message().data)
