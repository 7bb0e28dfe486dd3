"""What passed on the wire: who, when, which way, which bytes. Knows no network and no screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from wirelab.waiting import until

_EPOCH = time.time() - time.perf_counter()


def now() -> float:
    """Seconds since the Unix epoch, never running backwards."""
    return _EPOCH + time.perf_counter()


class Leg(StrEnum):
    """Which half of a relayed connection: client to middlebox, or middlebox to server."""

    CLIENT = "client"
    SERVER = "server"


class Direction(StrEnum):
    """UP is from the client towards the server, DOWN is back."""

    UP = "up"
    DOWN = "down"


class Event(StrEnum):
    """What happened to one leg of one TCP connection."""

    OPEN = "open"
    DATA = "data"
    FIN = "fin"
    RST = "rst"


@dataclass(frozen=True, slots=True)
class Record:
    """One event on one leg; `flow` numbers the client's TCP connection, `time` is in Unix seconds.

    `server` is a port: with the OPEN of the server leg, where it goes; with a RST in its place, who refused.
    """

    flow: int
    leg: Leg
    direction: Direction
    event: Event
    time: float
    data: bytes = b""
    server: int = 0


class Trace:
    """An append-only list of records that can be watched while it grows."""

    def __init__(self) -> None:
        self._records: list[Record] = []
        self._listeners: list[Callable[[], None]] = []

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records)

    def __repr__(self) -> str:
        return f"<Trace of {len(self)} records>"

    def since(self, start: int) -> list[Record]:
        """The records from index `start` on."""
        return self._records[start:]

    def append(self, record: Record) -> None:
        """Keep a record and tell everyone who listens."""
        self._records.append(record)
        for listener in tuple(self._listeners):
            listener()

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener()` after each record; the returned function ends that."""
        self._listeners.append(listener)

        def unlisten() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unlisten

    async def wait(self, condition: Callable[[], bool], timeout: float = 5.0) -> None:
        """Return once `condition()` holds. Raises TimeoutError after `timeout` seconds."""
        await until(condition, timeout)
