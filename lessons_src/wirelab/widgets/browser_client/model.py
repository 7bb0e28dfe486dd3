"""What a browser tells of its WebSocket: a log of events and a state; knows no page and no kernel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

HISTORY = 500


class State(StrEnum):
    """`WebSocket.readyState` by its names (HTML Standard, WebSockets), and NONE before the first socket."""

    NONE = "no socket"
    CONNECTING = "CONNECTING"
    OPEN = "OPEN"
    CLOSING = "CLOSING"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened in the page, under the browser's name for it.

    `name` is "new WebSocket", "onopen", "send", "onmessage", "onerror", "close", "onclose", "exception",
    "console.log" or "note"; `time` in Unix seconds by the browser's clock; `size` in bytes.
    """

    name: str
    text: str = ""
    time: float = 0.0
    size: int | None = None
    code: int | None = None
    reason: str | None = None
    clean: bool | None = None


_FIELDS = {field.name for field in fields(Event)}


class ClientLog:
    """The last 500 events and the state of the socket, as the page reports them."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.state = State.NONE
        self._changed = asyncio.Event()

    def add(self, events: list[dict[str, Any]], state: str) -> None:
        """Keep what the page reports; ValueError for a state that no browser has."""
        self.state = State(state)
        self.events += [Event(**{key: event[key] for key in _FIELDS & event.keys()}) for event in events]
        del self.events[:-HISTORY]
        self._changed.set()

    def reset(self) -> None:
        """Forget everything."""
        self.events.clear()
        self.add([], State.NONE)

    async def wait(self, condition: Callable[[], bool], timeout: float) -> None:
        """Return once `condition()` holds; TimeoutError after `timeout` seconds."""
        async with asyncio.timeout(timeout):
            while not condition():
                self._changed.clear()
                await self._changed.wait()
