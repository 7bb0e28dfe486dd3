"""Waiting for what raises no event that everyone shares, and not judging by a clock that rings late."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

LOOK_AGAIN = 0.01
"""Seconds between two looks."""
PATIENCE = 3.0
"""Seconds after which what has not happened will not happen. Only what fails waits so long."""
TOO_LATE = 0.2
"""Seconds by which a clock may ring late before it says more of this machine than of what is judged."""
TRIES = 3

T = TypeVar("T")


async def until(condition: Callable[[], bool], timeout: float = PATIENCE) -> None:
    """Return once `condition()` holds. Raises TimeoutError after `timeout` seconds."""
    async with asyncio.timeout(timeout):
        while not condition():  # noqa: ASYNC110 (clients, wires and servers have no event in common)
            await asyncio.sleep(LOOK_AGAIN)


async def eventually(condition: Callable[[], bool], timeout: float = PATIENCE) -> bool:
    """Whether the condition comes true within `timeout` seconds."""
    with contextlib.suppress(TimeoutError):
        await until(condition, timeout)
    return condition()


async def surely(attempt: Callable[[], Awaitable[T]], holds: Callable[[T], bool]) -> T:
    """What `attempt()` gives; made again where that does not hold and this machine was too busy to tell.

    It was if a clock of this process rang more than TOO_LATE seconds late meanwhile.
    """
    for _ in range(TRIES):
        pendulum = _Pendulum()
        swinging = asyncio.create_task(pendulum.swing())
        try:
            result = await attempt()
        finally:
            swinging.cancel()
        if holds(result) or not pendulum.was_late:
            break
    return result


class _Pendulum:
    """A clock that rings all the time, and notes whether it was ever too late."""

    PERIOD = 0.05

    def __init__(self) -> None:
        self._due = time.monotonic() + self.PERIOD
        self._was_late = False

    @property
    def was_late(self) -> bool:
        """Whether it rang too late, or is too late now."""
        return self._was_late or time.monotonic() > self._due + TOO_LATE

    async def swing(self) -> None:
        """Ring, until it is cancelled."""
        while True:
            self._was_late = self.was_late
            self._due = time.monotonic() + self.PERIOD
            await asyncio.sleep(self.PERIOD)
