"""The same seed, without jitter: when a client would have tried again, computed while the real one tries."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import Protocol

from wirelab.clients import Kind, State
from wirelab.clients.backoff import Formula
from wirelab.waiting import eventually
from wirelab.widgets.timeline.settings import TIMEOUT

NAME = "without jitter"


class TellComputed(Protocol):
    """Records what was computed."""

    def __call__(
        self, kind: str, state: str, said: str, attempt: int = 0, delay: float | None = None
    ) -> None: ...


class Shadow:
    """A client that only exists on paper. It begins where the real one lost its connection.

    `refuses()` says whether an attempt would be refused at once, `answers()` whether it would succeed; one
    that is met by silence fails after the time-out, as for everyone.
    """

    def __init__(self, refuses: Callable[[], bool], answers: Callable[[], bool], tell: TellComputed) -> None:
        self._refuses, self._answers, self._tell = refuses, answers, tell
        self._task: asyncio.Task[None] | None = None

    def connected(self) -> None:
        """The real one is connected for the first time, and so is this one."""
        self.rest()
        self._tell(
            Kind.CONNECTED,
            State.CONNECTED,
            "Computed: without jitter, nothing differs as long as the connection stands.",
        )

    def lost(self, formula: Formula) -> None:
        """The real one has lost its connection: count from here, with that formula."""
        self.rest()
        self._task = asyncio.get_running_loop().create_task(self._come_back(formula))

    def rest(self) -> None:
        """Compute no further."""
        if self._task is not None:
            self._task.cancel()

    async def _come_back(self, formula: Formula) -> None:
        for attempt in itertools.count(1):
            delay = formula(attempt, 0.0)
            said = f"Computed: without jitter, attempt {attempt} would come after {delay:.2f} s."
            self._tell(Kind.WAITING, State.WAITING, said, attempt, delay)
            await asyncio.sleep(delay)
            self._tell(Kind.TRYING, State.TRYING, f"Computed: without jitter, attempt {attempt}.", attempt)
            if not self._refuses() and await eventually(self._answers, TIMEOUT):
                break
        self._tell(Kind.CONNECTED, State.CONNECTED, "Computed: without jitter, it would be connected again.")
