"""A frame that is too long to be kept whole."""

from __future__ import annotations

from wirelab.decode.websocket.limits import PREVIEW


class LongFrame:
    """What is kept of it while it comes: its head, and the first bytes of its payload."""

    def __init__(self, head: bytes, length: int) -> None:
        self.head = head
        self.kept = bytearray()
        self.missing = 0
        self._left = length

    def take(self, buffer: bytearray) -> bool:
        """Take what belongs to it out of the buffer; true when it has come to its end."""
        size = min(self._left, len(buffer))
        keep = min(size, PREVIEW - len(self.kept))
        self.kept += buffer[:keep]
        self.missing += size - keep
        self._left -= size
        del buffer[:size]
        return self._left == 0
