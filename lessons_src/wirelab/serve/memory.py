"""What a server keeps in memory for all its clients together, with a bound."""

from __future__ import annotations

from typing import Self


class Full(Exception):
    """There is no room for more; some client has to go."""


class Memory:
    """Room for `most` bytes, which the clients share: first come, first served."""

    def __init__(self, most: int) -> None:
        self.free = most


class Share:
    """What is kept for one client; leaving the `with` block gives it back."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._held = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.hold(0)

    def hold(self, size: int) -> None:
        """From now on `size` bytes are kept, no longer what was said before. Raises Full."""
        more = size - self._held
        if more > self._memory.free:
            raise Full
        self._memory.free -= more
        self._held = size
