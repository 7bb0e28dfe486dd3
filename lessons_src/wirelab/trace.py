"""What passed on the wire: who, when, which way, which bytes, and what the middlebox did to it.

Knows no network and no screen. The bytes of old records go, so that a long trace stays small; when something
passed, which way, and how long it was, is kept for ever.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from wirelab.waiting import until

_EPOCH = time.time() - time.perf_counter()

BYTES_KEPT = 32 << 20
RECORDS_KEPT = 1 << 16
_STEP = 1 << 9
"""How many records are put away at once: little enough that nobody waits for it."""


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


class Act(StrEnum):
    """What a rule of the middlebox did: came, went, or did something to what had come in."""

    LAID = "laid"
    LIFTED = "taken off"
    DROPPED = "dropped"
    HELD = "held"
    RELEASED = "released"
    CHANGED = "changed"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Record:
    """One event on one leg; `flow` numbers the client's TCP connection, `time` is in Unix seconds.

    `server` is a port: with the OPEN of the server leg, where it goes; with a RST in its place, who refused.
    What leaves the middlebox says where it comes from: `by` names the rule that made or changed it, and is
    empty for what passes as it came in; `source` counts the bytes that had come in before it in that
    direction (-1: what comes next, or, with a rule's name, nothing). `lost` counts bytes of `data` that are
    no longer kept.
    """

    flow: int
    leg: Leg
    direction: Direction
    event: Event
    time: float
    data: bytes = b""
    server: int = 0
    source: int = -1
    by: str = ""
    lost: int = 0

    @property
    def size(self) -> int:
        """How many bytes passed, whether they are still kept or not."""
        return len(self.data) + self.lost

    @property
    def comes_in(self) -> bool:
        """Whether the middlebox hears it; else the middlebox says it."""
        return (self.leg is Leg.CLIENT) is (self.direction is Direction.UP)


@dataclass(frozen=True, slots=True)
class Deed:
    """What a rule did, after the first `after` records of the trace; `time` is in Unix seconds.

    `rule` is its class, `title` what it stands for ("nginx as a strict proxy"). An act upon traffic says upon
    what: the bytes `begin` to `end` that came in with `flow` in `direction`, or one `event` of the
    connection. `changes` are lines: "− Upgrade: websocket".
    """

    act: Act
    rule: str
    title: str
    time: float
    after: int
    flow: int = 0
    direction: Direction = Direction.UP
    event: Event = Event.DATA
    begin: int = 0
    end: int = 0
    changes: tuple[str, ...] = ()


_LEGS, _WAYS, _EVENTS = tuple(Leg), tuple(Direction), tuple(Event)


class _Columns:
    """Old records in 21 bytes each: all but their bytes and where these came from."""

    def __init__(self) -> None:
        self._times = array("d")
        self._flows = array("I")
        self._sizes = array("Q")
        self._kinds = array("B")

    def __len__(self) -> int:
        return len(self._times)

    def put(self, record: Record) -> None:
        self._times.append(record.time)
        self._flows.append(record.flow)
        self._sizes.append(record.size)
        leg, way = _LEGS.index(record.leg), _WAYS.index(record.direction)
        self._kinds.append(leg << 4 | way << 3 | _EVENTS.index(record.event))

    def get(self, index: int) -> Record:
        kind = self._kinds[index]
        leg, way, event = _LEGS[kind >> 4], _WAYS[kind >> 3 & 1], _EVENTS[kind & 7]
        return Record(self._flows[index], leg, way, event, self._times[index], lost=self._sizes[index])


class Trace:
    """An append-only list of records that can be watched while it grows.

    The last 65,536 records keep their bytes, or as many as have 32 MiB together. `deeds` are those of the
    rules, without the first `deeds_gone` of a long trace; `server_names` has names of servers by their ports.
    """

    def __init__(self) -> None:
        self.deeds: list[Deed] = []
        self.deeds_gone = 0
        self.server_names: dict[int, str] = {}
        self._old = _Columns()
        self._records: list[Record] = []
        self._bytes = 0
        self._listeners: list[Callable[[], None]] = []
        self._readers: list[Callable[[int], None]] = []

    def __len__(self) -> int:
        return len(self._old) + len(self._records)

    def __iter__(self) -> Iterator[Record]:
        index = 0
        while index < len(self):
            yield self[index]
            index += 1

    def __getitem__(self, index: int) -> Record:
        old = len(self._old)
        return self._records[index - old] if index >= old else self._old.get(index)

    def __repr__(self) -> str:
        return f"<Trace of {len(self)} records>"

    @property
    def first_kept(self) -> int:
        """The index of the first record whose bytes are still there."""
        return len(self._old)

    @property
    def so_far(self) -> tuple[int, int]:
        """How many records and how many deeds there have been."""
        return len(self), self.deeds_gone + len(self.deeds)

    def since(self, start: int, most: int | None = None) -> list[Record]:
        """The records from index `start` on, at most so many."""
        stop = len(self) if most is None else min(len(self), start + most)
        old = len(self._old)
        gone = [self._old.get(index) for index in range(start, min(old, stop))]
        return gone + self._records[max(0, start - old) : max(0, stop - old)]

    def append(self, record: Record) -> None:
        """Keep a record and tell everyone who listens."""
        self._records.append(record)
        self._bytes += len(record.data)
        if self._bytes > BYTES_KEPT or len(self._records) >= RECORDS_KEPT + _STEP:
            self._put_away()
        self._tell()

    def note(self, deed: Deed) -> None:
        """Keep what a rule did and tell everyone who listens."""
        self.deeds.append(deed)
        if len(self.deeds) >= RECORDS_KEPT + _STEP:
            del self.deeds[:_STEP]
            self.deeds_gone += _STEP
        self._tell()

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener()` after each record and deed; the returned function ends that."""
        self._listeners.append(listener)

        def unlisten() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unlisten

    def read_before_it_goes(self, reader: Callable[[int], None]) -> Callable[[], None]:
        """Call `reader(index)` before the bytes of the records up to there go; what is returned ends that."""
        self._readers.append(reader)
        return lambda: self._readers.remove(reader)

    async def wait(self, condition: Callable[[], bool], timeout: float = 5.0) -> None:
        """Return once `condition()` holds. Raises TimeoutError after `timeout` seconds."""
        await until(condition, timeout)

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()

    def _put_away(self) -> None:
        count = min(_STEP, len(self._records) - 1)
        for reader in tuple(self._readers):
            reader(len(self._old) + count)
        enough = BYTES_KEPT * 3 // 4
        for place, record in enumerate(self._records[:count]):
            if self._bytes <= enough and len(self._records) - place <= RECORDS_KEPT:
                count = place
                break
            self._old.put(record)
            self._bytes -= len(record.data)
        del self._records[:count]
