"""The same seed, without jitter: when a client would have tried again, computed while the real one tries."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import Protocol

from wirelab.clients import Kind, State
from wirelab.clients.backoff import Formula
from wirelab.waiting import eventually
from wirelab.widgets.timeline.settings import PING_INTERVAL, PING_TIMEOUT, TIMEOUT

NAME = "without jitter"


class TellComputed(Protocol):
    """Records what was computed."""

    def __call__(
        self, kind: str, state: str, said: str, attempt: int = 0, delay: float | None = None
    ) -> None: ...


class Shadow:
    """A client that only exists on paper. It goes its own way where the real one has lost its connection.

    `refuses()` says whether an attempt would be refused at once, `answers()` whether it would succeed; one
    that is met by silence fails after the time-out, as for everyone. It gets the server's pings once it is
    back, and notices their absence: the real one may be waiting still, and see nothing of that outage.
    """

    def __init__(self, refuses: Callable[[], bool], answers: Callable[[], bool], tell: TellComputed) -> None:
        self._refuses, self._answers, self._tell = refuses, answers, tell
        self._task: asyncio.Task[None] | None = None
        self._is_connected = False

    def connected(self) -> None:
        """The real one is connected for the first time, and so is this one."""
        self.rest()
        self._connect("Computed: without jitter, nothing differs as long as the connection stands.")

    def lost(self, formula: Formula) -> None:
        """The real one has lost its connection: so has this one, unless it is on its way back already."""
        if self._is_connected:
            self.rest()
            self._task = asyncio.get_running_loop().create_task(self._live(formula))

    def rest(self) -> None:
        """Compute no further."""
        if self._task is not None:
            self._task.cancel()

    def _connect(self, said: str) -> None:
        self._is_connected = True
        self._tell(Kind.CONNECTED, State.CONNECTED, said)

    async def _live(self, formula: Formula) -> None:
        while True:
            self._is_connected = False
            await self._come_back(formula)
            self._connect("Computed: without jitter, it would be connected again.")
            await self._stay()

    async def _come_back(self, formula: Formula) -> None:
        for attempt in itertools.count(1):
            delay = formula(attempt, 0.0)
            said = f"Computed: without jitter, attempt {attempt} would come after {delay:.2f} s."
            self._tell(Kind.WAITING, State.WAITING, said, attempt, delay)
            await asyncio.sleep(delay)
            self._tell(Kind.TRYING, State.TRYING, f"Computed: without jitter, attempt {attempt}.", attempt)
            if not self._refuses() and await eventually(self._answers, TIMEOUT):
                break

    async def _stay(self) -> None:
        """Stay connected until the connection is reset, or no ping has come for too long."""
        silence = 0.0
        while silence < PING_INTERVAL + PING_TIMEOUT:
            if await eventually(self._refuses, PING_INTERVAL):
                return
            silence = 0.0 if self._answers() else silence + PING_INTERVAL
