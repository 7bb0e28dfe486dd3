"""The first two bytes of a frame, and the extended length after them (RFC 6455 section 5.2)."""

from __future__ import annotations

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
NAMES = {
    CONTINUATION: "continuation",
    TEXT: "text",
    BINARY: "binary",
    CLOSE: "close",
    PING: "ping",
    PONG: "pong",
}
FIN, RSV1, RSV2, RSV3, OPCODE, MASK, LENGTH = 0x80, 0x40, 0x20, 0x10, 0x0F, 0x80, 0x7F
LONGEST_IN_ONE_BYTE = 125
LONGEST_HEAD = 10
"""In bytes, without the masking key."""


def sizes(buffer: bytearray) -> tuple[int, int] | None:
    """How many bytes the head and the payload have; None until the payload's length is there."""
    size = len(buffer)
    if size < 2:
        return None
    second = buffer[1]
    length, head = second & LENGTH, 2
    if length > LONGEST_IN_ONE_BYTE:
        head = 4 if length == 126 else LONGEST_HEAD
        if size < head:
            return None
        length = int.from_bytes(buffer[2:head], "big")
    return (head + 4, length) if second & MASK else (head, length)
