"""What is wrong with a frame (RFC 6455 sections 5 and 7.4): each problem is a field's name and the rule."""

from __future__ import annotations

from collections.abc import Iterator

from websockets.frames import EXTERNAL_CLOSE_CODES

from wirelab.decode.websocket.header import (
    BINARY,
    CLOSE,
    CONTINUATION,
    FIN,
    LENGTH,
    LONGEST_IN_ONE_BYTE,
    MASK,
    NAMES,
    OPCODE,
    RSV1,
    RSV2,
    RSV3,
    TEXT,
)

Problem = tuple[str, str]


class FieldRules:
    """What one side must write into the fields of its frames."""

    def __init__(self, from_client: bool, deflates: bool) -> None:
        self._mask = MASK if from_client else 0
        self._deflates = deflates

    def problems(self, raw: bytes, length: int, in_message: bool, closed: bool) -> list[Problem]:
        """The rules that a frame breaks; `in_message` says that one has begun, `closed` that a close came."""
        # Asked of every frame, so what is rare is looked at only where a bit calls for it.
        first, second = raw[0], raw[1]
        opcode = first & OPCODE
        problems = []
        if second & MASK != self._mask:
            rule = "a client must mask its frames" if self._mask else "a server must not mask its frames"
            problems.append(("MASK", rule))
        if first & (RSV1 | RSV2 | RSV3):
            problems += self._reserved_bits(first)
        if second & LENGTH > LONGEST_IN_ONE_BYTE:
            problems += _extended_length(second, length)
        if opcode not in NAMES:
            problems.append(("Opcode", f"opcode 0x{opcode:x} is reserved"))
        if opcode >= CLOSE:
            problems += _control_frame(first, length)
        elif closed:
            problems.append(("Opcode", "no data frame may follow a close frame"))
        elif (opcode == CONTINUATION) != in_message:
            problems += _order(opcode)
        return problems

    def _reserved_bits(self, first: int) -> Iterator[Problem]:
        if first & RSV1 and not (self._deflates and first & OPCODE in (TEXT, BINARY)):
            yield "RSV1", "RSV1 is only for the first frame of a message, with permessage-deflate"
        if first & RSV2:
            yield "RSV2", "RSV2 must be 0: no extension uses it"
        if first & RSV3:
            yield "RSV3", "RSV3 must be 0: no extension uses it"


def close_problems(payload: bytes) -> Iterator[Problem]:
    """The rules that the payload of a close frame breaks."""
    if len(payload) == 1:
        yield "Payload", "a close code has two bytes"
    if len(payload) > 1:
        code = int.from_bytes(payload[:2], "big")
        if code not in EXTERNAL_CLOSE_CODES and not 3000 <= code <= 4999:
            yield "Payload", f"close code {code} must not be sent"
        if not is_utf8(payload[2:]):
            yield "Payload", "the reason is not valid UTF-8"


def is_utf8(data: bytes) -> bool:
    """Whether the bytes are text."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _extended_length(second: int, length: int) -> Iterator[Problem]:
    shortest = 126 if second & LENGTH == 126 else 65_536
    if length < shortest:
        yield "Payload length", "the length must be written in as few bytes as it needs"


def _control_frame(first: int, length: int) -> Iterator[Problem]:
    if not first & FIN:
        yield "FIN", "a control frame must not be fragmented"
    if length > LONGEST_IN_ONE_BYTE:
        yield "Payload length", "a control frame carries at most 125 bytes"


def _order(opcode: int) -> Iterator[Problem]:
    if opcode == CONTINUATION:
        yield "Opcode", "there is no message to continue"
    elif opcode <= BINARY:
        yield "Opcode", "the message before has not ended: a continuation frame is expected"
