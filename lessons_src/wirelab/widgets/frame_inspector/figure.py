"""The figure of RFC 6455 section 5.2: where the fields of a frame lie, whole or cut short, right or wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wirelab.decode.websocket import NAMES

_RESERVED = ("RSV1", "RSV2", "RSV3")
# As many as the figure shows at most: a header of 14 bytes and 8 bytes of payload.
_ORDINALS = (
    *(
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
        "eleventh",
    ),
    *("twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth"),
    *("nineteenth", "twentieth", "twenty-first", "twenty-second"),
)


@dataclass(frozen=True, slots=True)
class Field:
    """A box of the figure: the bits from `start` up to `stop`, counted from the frame's first."""

    name: str
    start: int
    stop: int


def fields(frame: bytes, end: int) -> Iterator[Field]:
    """The boxes of a frame of at least 2 bytes, as far as they lie in its first `end` bits."""
    sizes = {
        "FIN": 1,
        "RSV1": 1,
        "RSV2": 1,
        "RSV3": 1,
        "Opcode": 4,
        "MASK": 1,
        "Payload length": 7,
        "Extended payload length": 8 * _extended(frame),
        "Masking key": 32 if is_masked(frame) else 0,
        "Payload": 8 * (_length(frame) or 0),
        "Next frame": end,
    }
    start = 0
    for name, size in sizes.items():
        stop = min(start + size, end)
        if stop > start:
            yield Field(name, start, stop)
            start = stop


def news(frame: bytes, field: Field, bit: int) -> str:
    """What just happened to a frame: one of its bits, in that field, was flipped."""
    place, position = divmod(bit, 8)
    return f"You flipped bit {position} of the {_ORDINALS[place]} byte: {_now(frame, field, place)}."


def _now(frame: bytes, field: Field, place: int) -> str:
    inside = place - field.start // 8
    match field.name:
        case "FIN" | "RSV1" | "RSV2" | "RSV3" | "Opcode" as name:
            return _first_byte_now(frame, name)
        case "MASK":
            meaning = "a masking key of 4 bytes follows" if is_masked(frame) else "no masking key follows"
            return f"MASK is now {frame[1] >> 7}, {meaning}"
        case "Payload length":
            meaning = f", so the next {_extended(frame)} bytes hold the length" if _extended(frame) else ""
            return f"the payload length is now {frame[1] & 0x7F}{meaning}"
        case "Extended payload length":
            length = _length(frame)
            if length is None:
                return "it is part of the extended payload length, which is not all there"
            return f"the extended payload length is now {length:,}"
        case "Masking key":
            return f"the {_ORDINALS[inside]} byte of the masking key is now 0x{frame[place]:02x}"
        case "Payload":
            plain = frame[place] ^ frame[head(frame) - 4 + inside % 4]
            meaning = f", unmasked 0x{plain:02x}" if is_masked(frame) else ""
            return f"the {_ORDINALS[inside]} byte of the payload is now 0x{frame[place]:02x}{meaning}"
        case _:
            return "it lies beyond the end of this frame"


def _first_byte_now(frame: bytes, name: str) -> str:
    first = frame[0]
    match name:
        case "FIN":
            meaning = (
                "the message ends with this frame" if first >> 7 else "more frames of the message follow"
            )
            return f"FIN is now {first >> 7}, {meaning}"
        case "Opcode":
            opcode = first & 0x0F
            meaning = f"a {NAMES[opcode]}" if opcode in NAMES else "which is reserved"
            return f"the opcode is now 0x{opcode:x}, {meaning}"
        case _:
            return f"{name} is now {first >> (6 - _RESERVED.index(name)) & 1}"


def is_masked(frame: bytes) -> bool:
    """Whether the MASK bit is set."""
    return bool(frame[1] & 0x80)


def head(frame: bytes) -> int:
    """How many bytes come before the payload."""
    return 2 + _extended(frame) + (4 if is_masked(frame) else 0)


def missing(frame: bytes) -> int:
    """How many bytes the parser waits for at least before it can go on; 0 or less when it need not."""
    if len(frame) < 2:
        return 2 - len(frame)
    length = _length(frame)
    needed = 2 + _extended(frame) if length is None else head(frame) + length
    return needed - len(frame)


def _extended(frame: bytes) -> int:
    """How many bytes hold the extended payload length."""
    return {126: 2, 127: 8}.get(frame[1] & 0x7F, 0)


def _length(frame: bytes) -> int | None:
    """The payload's length, or None as long as not all of its bytes are there."""
    end = 2 + _extended(frame)
    if len(frame) < end:
        return None
    return int.from_bytes(frame[2:end], "big") if end > 2 else frame[1] & 0x7F
