"""Who takes part, and what each of them believes: one end of one connection."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

PING = 1.0
"""Seconds: Ann's ping_interval, ping_timeout and close_timeout. The library's own are 20, 20 and 10."""
ANN, BOB, BROWSER = "Ann", "Bob", "browser"
CLIENTS: dict[str, tuple[str, dict[str, Any]]] = {
    ANN: ("Python, a ping each second", {"ping_interval": PING, "ping_timeout": PING, "close_timeout": PING}),
    BOB: ("Python, without pings", {"close_timeout": PING}),
}


class Belief(StrEnum):
    """What a party knows of its connection."""

    NONE = "no connection"
    CONNECTING = "connecting"
    OPEN = "open"
    CLOSED = "knows that it is closed"
    LOST = "ended with its process"


@dataclass
class Party:
    """One end of one connection. `after`: seconds from the outage until it noticed; None: it has not."""

    name: str
    about: str
    belief: Belief = Belief.NONE
    noticed: str = ""
    after: float | None = None
    sent: int = 0
    heard: int = 0
    number: int = 0

    def forget(self) -> None:
        """Be as before the first connection."""
        self.belief, self.noticed, self.after = Belief.NONE, "", None
        self.sent = self.heard = self.number = 0


def listed(parties: Iterable[Party]) -> str:
    """Their names in one line."""
    return ", ".join(party.name for party in parties)


class Panel(StrEnum):
    """Whether there is anything to break."""

    NEW = "not started"
    RUNNING = "running"
    CLOSED = "closed"
