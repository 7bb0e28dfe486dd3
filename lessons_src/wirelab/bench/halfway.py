"""The guard of servers that end: without it, Python 3.13 complains under a cell that did nothing wrong.

A connection that is half accepted when its server closes is thrown away. Python 3.13.0 wakes those who wait
for the server's end once more then, and stumbles over their absence (CPython issue 109564).
"""

from __future__ import annotations

from asyncio import Server
from typing import Any


def install() -> None:
    """Let a server wake up those who wait for its end once only."""
    wake_up = Server._wakeup  # type: ignore[attr-defined]
    if hasattr(wake_up, "guards_the_end"):
        return

    def wake_up_once(server: Any) -> None:
        if server._waiters is not None:
            wake_up(server)

    wake_up_once.guards_the_end = True  # type: ignore[attr-defined]
    Server._wakeup = wake_up_once  # type: ignore[attr-defined]
