"""What all clients have in common: orders in, events out."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from wirelab.clients.event import Event, Kind, State
from wirelab.trace import now
from wirelab.waiting import until

HISTORY = 500
"""So many events a client remembers."""
Listener = Callable[[Event], None]


@dataclass(frozen=True)
class Options:
    """How to connect; None leaves it to the library.

    `endpoint` is the path of a raw WebSocket, the namespace of Socket.IO. `timeout` (seconds) is for one
    attempt. `transports`, `auth`, `answers` and the delays (seconds) and attempts of a reconnection are
    Socket.IO's; `answers` holds what the client acknowledges an event with. A raw WebSocket comes back only
    if told to (`reconnection=True`; with `websockets` only), Socket.IO unless told not to. `proxy` is the
    address of a proxy that the client is to use; a page cannot be told. `extra` are the library's own
    settings, under its own names.
    """

    endpoint: str = "/"
    timeout: float | None = None
    proxy: str | None = None
    transports: Sequence[str] | None = None
    auth: Mapping[str, object] | None = None
    answers: Mapping[str, object] = field(default_factory=dict)
    reconnection: bool | None = None
    reconnection_attempts: int | None = None
    reconnection_delay: float | None = None
    reconnection_delay_max: float | None = None
    randomization_factor: float | None = None
    extra: Mapping[str, object] = field(default_factory=dict)


PLAIN = Options()


class Client:
    """One client of one server.

    `library` says whose code it is, `raw` whether it speaks WebSocket without Socket.IO. Its `events` are the
    last 500.
    """

    library: str
    raw: bool

    def __init__(self, name: str) -> None:
        self.name = name
        self.events: list[Event] = []
        self.state = State.IDLE
        self.transport = ""
        self.upgrading = False
        self._listeners: list[Listener] = []
        self._connection = 0

    def __repr__(self) -> str:
        return f"<{self.name}, {self.library}: {self.state}>"

    @property
    def settled(self) -> bool:
        """Whether nothing is under way by itself: no attempt, no wait for the next, no upgrade."""
        return self.state not in (State.TRYING, State.WAITING) and not self.upgrading

    @property
    def inbox(self) -> list[tuple[object, ...]]:
        """What has arrived: each message with its event's name before it, if it has one."""
        return [event.data for event in self.events if event.kind is Kind.RECEIVED]

    def last(self, *kinds: Kind) -> Event | None:
        """The latest event of these kinds."""
        return next((event for event in reversed(self.events) if event.kind in kinds), None)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener(event)` after each event; the returned function ends that."""
        self._listeners.append(listener)

        def unlisten() -> None:
            with contextlib.suppress(ValueError):
                self._listeners.remove(listener)

        return unlisten

    async def connect(self, where: object, options: Options = PLAIN) -> None:
        """Drop the connection, if there is one, and begin a new one to a server, Middlebox, Child or port.

        Returns as soon as the client has begun; `connected` waits. Raises ValueError for options that this
        client cannot have, ConnectionError if there is no such client any more.
        """
        raise NotImplementedError

    async def send(self, message: object) -> None:
        """Send a text or bytes; by Socket.IO as the event "message", with anything that JSON knows.

        Raises ConnectionError if the library refuses.
        """
        raise NotImplementedError

    async def emit(self, event: str, *data: object) -> None:
        """Emit an event. Raises ConnectionError if the library refuses, TypeError at a raw WebSocket."""
        raise TypeError(f"{self.name} speaks raw WebSocket, which has messages and no events: use send.")

    async def call(self, event: str, *data: object, timeout: float = 3.0) -> Any:
        """Emit an event and return what it is acknowledged with.

        Raises TimeoutError after `timeout` seconds, ConnectionError if the library refuses, TypeError at a
        raw WebSocket.
        """
        raise TypeError(f"{self.name} speaks raw WebSocket, which has no acknowledgements.")

    async def close(self) -> None:
        """Leave, whatever state the connection is in; of this connection nothing is heard any more."""
        raise NotImplementedError

    async def connected(self, timeout: float = 3.0) -> None:
        """Return once the connection stands.

        Raises ConnectionError with what the client saw if it does not try any more, TimeoutError after
        `timeout` seconds.
        """
        await until(lambda: self.state not in (State.TRYING, State.WAITING), timeout)
        if self.state is not State.CONNECTED:
            saw = self.last(Kind.FAILED, Kind.DISCONNECTED, Kind.LEFT)
            raise ConnectionError(str(saw) if saw else f"{self.name} is {self.state}.")

    def _begin(self) -> int:
        """The number of a new connection: what earlier ones have to say is not heard any more."""
        self._connection += 1
        return self._connection

    def _observe(self, connection: int, event: Event) -> None:
        """Keep what happened to a connection, if it is the one that counts, and tell everyone who listens."""
        if connection != self._connection:
            return
        event = event if event.time else replace(event, time=now())
        self.events.append(event)
        del self.events[:-HISTORY]
        before, self.state = self.state, event.leads_to(self.state)
        if event.kind is Kind.CONNECTED:
            self.upgrading = event.upgrading
        elif self.state is not before or event.kind in (Kind.UPGRADED, Kind.NOT_UPGRADED):
            self.upgrading = False
        if event.kind in (Kind.CONNECTED, Kind.UPGRADED):
            self.transport = event.transport
        elif self.state is not State.CONNECTED:
            self.transport = ""
        for listener in tuple(self._listeners):
            listener(event)
