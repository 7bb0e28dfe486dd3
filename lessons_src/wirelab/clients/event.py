"""What a client observes: one event after another, and the state that they add up to."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What happened, whichever the library."""

    TRYING = "trying"
    CONNECTED = "connected"
    UPGRADED = "upgraded"
    NOT_UPGRADED = "not upgraded"
    FAILED = "failed"
    DISCONNECTED = "disconnected"
    WAITING = "waiting"
    GIVEN_UP = "given up"
    LEFT = "left"
    SENT = "sent"
    KEPT = "kept"
    RECEIVED = "received"
    NOTE = "note"


class State(StrEnum):
    """How a client stands, as far as it knows itself."""

    IDLE = "not connected"
    TRYING = "trying to connect"
    CONNECTED = "connected"
    DOWN = "disconnected"
    WAITING = "waiting to reconnect"
    GIVEN_UP = "given up"


_AFTER = {
    Kind.TRYING: State.TRYING,
    Kind.CONNECTED: State.CONNECTED,
    Kind.FAILED: State.DOWN,
    Kind.DISCONNECTED: State.DOWN,
    Kind.WAITING: State.WAITING,
    Kind.GIVEN_UP: State.GIVEN_UP,
    Kind.LEFT: State.IDLE,
}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that a client observed.

    `name` is the library's own word for it ("onclose", "connect_error", "ConnectionClosedError"), `text` what
    came with it. `time` is in Unix seconds by the client's clock; a page may have another than the kernel.

    SENT, KEPT (for later: the connection does not stand) and RECEIVED have `data`: a Socket.IO event's name
    and arguments, or the one message of a raw WebSocket. CONNECTED and UPGRADED have `transport`; CONNECTED
    has `upgrading` (an upgrade is under way) and `recovered`. FAILED and DISCONNECTED have `retrying`: the
    client will try again by itself. WAITING has `delay` in seconds, WAITING and TRYING the `attempt` as the
    library counts (0: the first connection). The end of a raw WebSocket has the
    closing `code`, the `reason`, and whether it was `clean`. `size` (bytes) stands for data that stayed in
    the page.
    """

    kind: Kind
    name: str = ""
    text: str = ""
    time: float = 0.0
    data: tuple[object, ...] = ()
    transport: str = ""
    upgrading: bool = False
    recovered: bool = False
    retrying: bool = False
    delay: float | None = None
    attempt: int = 0
    code: int | None = None
    reason: str | None = None
    clean: bool | None = None
    size: int | None = None

    def leads_to(self, state: State) -> State:
        """The state after this, if it was `state` before."""
        return State.WAITING if self.retrying else _AFTER.get(self.kind, state)

    @classmethod
    def from_report(cls, report: dict[str, Any]) -> Event:
        """An event as JavaScript reports it. Raises ValueError for a kind that there is not."""
        known = {key: report[key] for key in _FIELDS & report.keys()}
        return cls(**{**known, "kind": Kind(report["kind"]), "data": tuple(report.get("data", ()))})

    def __str__(self) -> str:
        return f"{self.name}: {self.text}" if self.text else self.name


_FIELDS = {field.name for field in fields(Event)}
