"""A client of the gap board, and what became of each number for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from enum import StrEnum

from wirelab.clients import Client, Event, Kind, Options, State

DELAY = 0.3
"""Seconds between two attempts to come back, for everybody."""


class Fate(StrEnum):
    """What became of a number."""

    HEARD = "heard"
    LATE = "heard later"
    TWICE = "heard twice"
    LOST = "lost"
    OPEN = "not heard yet"
    BEFORE = "said before it came"


MARKS = {Fate.HEARD: "", Fate.LATE: "↺", Fate.TWICE: "×2 ", Fate.LOST: "✗", Fate.OPEN: "?", Fate.BEFORE: "–"}
"""What stands before a number, so that colour is not needed."""


class Lane:
    """A client and its server. `said()` is the last number; `changed()` is called at each event."""

    def __init__(
        self,
        name: str,
        about: str,
        server: str,
        client: Client,
        said: Callable[[], int],
        changed: Callable[[], None],
    ) -> None:
        self.name, self.about, self.server, self.client = name, about, server, client
        self.here = True
        self._said, self._changed = said, changed
        self.forget()
        client.listen(self._take)

    def forget(self) -> None:
        """Be as before the first connection."""
        self.heard: Counter[int] = Counter()
        self.late: set[int] = set()
        self.came = 0  # what had been said before it came
        self.settled = 0  # of what had been said before its last connection nothing more will come
        self.connections = 0
        self.recovered = False

    @property
    def connected(self) -> bool:
        """Whether it believes so itself."""
        return self.here and self.client.state is State.CONNECTED

    @property
    def words(self) -> str:
        """How it stands."""
        if not self.here:
            return "not here"
        return "connected" if self.connected else "away" if self.connections else "not connected"

    async def connect(self, where: object) -> None:
        """Begin anew. A page may go: then nothing is raised."""
        options = Options(
            transports=["websocket"],
            timeout=2,
            reconnection_delay=DELAY,
            reconnection_delay_max=DELAY,
            randomization_factor=0,
        )
        await self.client.connect(where, options)

    def fate(self, number: int) -> Fate:
        """What became of a number."""
        if self.heard[number] > 1:
            return Fate.TWICE
        if number in self.late:
            return Fate.LATE
        if self.heard[number]:
            return Fate.HEARD
        if number <= self.came:
            return Fate.BEFORE
        return Fate.LOST if number <= self.settled else Fate.OPEN

    def numbers(self, fate: Fate) -> list[int]:
        """The numbers of which that became."""
        return [number for number in range(1, self._said() + 1) if self.fate(number) is fate]

    @property
    def outcome(self) -> str:
        """What its last return was worth."""
        if self.connections < 2 or not self.connected:
            return ""
        return "recovered" if self.recovered else "a new client"

    def _take(self, event: Event) -> None:
        match event.kind:
            case Kind.RECEIVED if event.name == "number":
                self._hear(int(str(event.data[1])))
            case Kind.CONNECTED:
                self.connections += 1
                self.recovered = event.recovered
                self.settled = self._said()
                if self.connections == 1:
                    self.came = self._said()
        self._changed()

    def _hear(self, number: int) -> None:
        self.heard[number] += 1
        if not self.connected:  # what was missed comes before the server has let it in
            self.late.add(number)
