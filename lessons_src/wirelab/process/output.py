"""What a program printed, kept within bounds."""

from __future__ import annotations

import threading
from collections import deque

FIRST, LAST = 200, 800
"""Lines that are kept."""
LONGEST_LINE = 10_000
"""Bytes; what is longer counts as several lines."""


class Output:
    """The first and the last lines that were added, and how many between them were left out."""

    def __init__(self) -> None:
        self._first: list[str] = []
        self._last: deque[str] = deque(maxlen=LAST)
        self._left_out = 0
        self._lock = threading.Lock()

    def add(self, line: str) -> None:
        """Add a line; any thread may."""
        with self._lock:
            if len(self._first) < FIRST:
                self._first.append(line)
                return
            self._left_out += len(self._last) == LAST
            self._last.append(line)

    def lines(self) -> list[str]:
        """All that is kept, with a line that says what is not."""
        with self._lock:
            note = [f"… {self._left_out:,} lines are left out here …"] if self._left_out else []
            return [*self._first, *note, *self._last]
