"""Waiting for what raises no event that everyone shares: the one helper for it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

LOOK_AGAIN = 0.01
"""Seconds between two looks."""
PATIENCE = 3.0
"""Seconds after which what has not happened will not happen. Only what fails waits so long."""


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
