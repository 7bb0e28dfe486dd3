"""What a browser tells of its WebSocket: a log of events and a state; knows no page and no kernel."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from wirelab.clients import Event
from wirelab.clients.client import HISTORY


class State(StrEnum):
    """`WebSocket.readyState` by its names (HTML Standard, WebSockets), and NONE before the first socket."""

    NONE = "no socket"
    CONNECTING = "CONNECTING"
    OPEN = "OPEN"
    CLOSING = "CLOSING"
    CLOSED = "CLOSED"


class ClientLog:
    """The last 500 events and the state of the socket, as the page reports them.

    An event's `name` is the browser's ("new WebSocket", "onopen", "send", "onmessage", "onerror", "close",
    "onclose"), or "exception", "console.log" or "note".
    """

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.state = State.NONE

    def add(self, report: dict[str, Any] | None, state: str) -> None:
        """Keep what the page reports; ValueError for a kind or a state that there is not."""
        self.state = State(state)
        if report is not None:
            self.events.append(Event.from_report(report))
            del self.events[:-HISTORY]

    def reset(self) -> None:
        """Forget everything."""
        self.events.clear()
        self.state = State.NONE
