"""The kernel's side of the board's server: its process, where it listens, what it is told."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from wirelab.process import Peer

_PROGRAM = Path(__file__).with_name("server.py")


class Host:
    """The server in a process of its own. `tell(report)` hears what it does; `port` is where it listens."""

    def __init__(self, interval: float, timeout: float, tell: Callable[[dict[str, Any]], None]) -> None:
        self._settings = {"ping_interval": interval, "ping_timeout": timeout}
        self._tell = tell
        self.port = 0

    async def __aenter__(self) -> Self:
        self._peer = Peer(sys.executable, str(_PROGRAM), on_event=self._tell)
        await self._peer.__aenter__()
        self.port = await self._peer.call("listen", self._settings)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._peer.__aexit__()

    async def restart(self) -> None:
        """End the process, with all its connections and rooms, and start another one."""
        await self.__aexit__()
        await self.__aenter__()

    async def move(self, name: str, rooms: list[str]) -> list[str]:
        """Have a socket be in exactly these rooms; returns those in which it is. Raises ConnectionError."""
        return list(await self._peer.call("move", name, rooms))

    async def emit(self, aim: dict[str, object], text: str) -> None:
        """Have the server itself send. Raises ConnectionError."""
        await self._peer.call("emit", aim, text)
