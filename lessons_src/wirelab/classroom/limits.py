"""What a class allows: how many, how much, how fast, for how long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

MOST_PUPILS = 200


@dataclass(frozen=True)
class Limits:
    """The limits of a class: times in seconds, messages in bytes, texts in letters."""

    pupils: int = 30
    ping_interval: float = 3
    ping_timeout: float = 4
    message_bytes: int = 4096
    text_letters: int = 300
    name_letters: int = 24
    texts_per_second: float = 2
    texts_at_once: int = 6
    packets_per_second: float = 20
    packets_at_once: int = 60
    unread_bytes: int = 256 * 1024
    """What the server keeps for somebody who takes nothing."""
    idle_per_address: int = 96
    """Connections that ask for nothing, or not yet for something whole. A class sits behind one address."""
    idle_seconds: float = 8
    strangers_per_address: int = 96
    stranger_seconds: float = 5
    """Until who has connected must have shown the code."""
    wrong_code_seconds: float = 1
    """What the answer to a wrong code costs whoever guesses."""
    first_wait: float = 1
    longest_wait: float = 5
    """Before a page's first try to come back, on average, and before any."""
    try_seconds: float = 4
    """How long a try may last: a frozen server answers none."""
    attempts: int = 100
    """How often a page tries to come back before it gives up."""

    def __post_init__(self) -> None:
        if not 1 <= self.pupils <= MOST_PUPILS:
            raise ValueError(
                f"A class of {self.pupils} is none for one kernel. Choose pupils from 1 to {MOST_PUPILS}."
            )

    @property
    def connections(self) -> int:
        """The most connections of all addresses together."""
        return 4 * self.pupils + 2 * self.idle_per_address

    def to_json(self) -> dict[str, Any]:
        """For the server's process."""
        return asdict(self)


class Bucket:
    """Holds `size` tokens and gets `rate` new ones a second; `clock()` is in seconds."""

    def __init__(self, rate: float, size: float, clock: Callable[[], float]) -> None:
        self._rate, self._size, self._clock = rate, size, clock
        self._tokens, self._seen = size, clock()

    def take(self) -> bool:
        """Take a token, if there is one."""
        now = self._clock()
        self._tokens = min(self._size, self._tokens + (now - self._seen) * self._rate)
        self._seen = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
