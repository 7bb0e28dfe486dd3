"""Clients in JavaScript, wherever it runs: one driver in Python for the one in driver.mjs."""

from __future__ import annotations

import itertools
from typing import Any, Protocol

from wirelab.address import port_of
from wirelab.clients.client import PLAIN, Client, Options
from wirelab.clients.event import Event, Kind, State

OFFICIAL, WEBSOCKET = "socket.io-client", "WebSocket"
_MILLISECONDS = {
    "timeout": "timeout",
    "reconnection_delay": "reconnectionDelay",
    "reconnection_delay_max": "reconnectionDelayMax",
}
_SAME = {
    "transports": "transports",
    "auth": "auth",
    "reconnection": "reconnection",
    "reconnection_attempts": "reconnectionAttempts",
    "randomization_factor": "randomizationFactor",
    "proxy": "proxy",
}


class Where(Protocol):
    """A place where JavaScript runs and takes orders: a process of Node, a page."""

    async def call(self, do: str, *values: object) -> Any:
        """Have it done there; ConnectionError says why it could not be."""


class JavaScriptClients:
    """The clients of one place, by their numbers."""

    def __init__(self, where: Where) -> None:
        self.where = where
        self._numbers = itertools.count()
        self._clients: dict[int, JavaScriptClient] = {}

    def add(self, name: str, library: str = OFFICIAL) -> JavaScriptClient:
        """One more client there: of the official library, or the WebSocket that is built in."""
        number = next(self._numbers)
        client = self._clients[number] = JavaScriptClient(name, library, self.where, number)
        return client

    def take(self, report: dict[str, Any]) -> None:
        """Hand a report to the client that it is about."""
        client = self._clients[report["client"]]
        client._observe(report["connection"], Event.from_report(report))

    def gone(self) -> None:
        """The place is no more, and with it all connections."""
        for client in self._clients.values():
            if client.state is not State.IDLE:
                client._observe(client._begin(), Event(Kind.LEFT, "gone", "its page has gone"))


class JavaScriptClient(Client):
    """A client in Node or in a page."""

    def __init__(self, name: str, library: str, where: Where, number: int) -> None:
        super().__init__(name)
        self.library, self.raw = library, library == WEBSOCKET
        self._where = where
        self._number = number

    async def connect(
        self, where: object, options: Options = PLAIN, over: JavaScriptClient | None = None
    ) -> None:
        """As every client; with `over`, as one more namespace on the connection of another client there."""
        scheme, path = ("ws", options.endpoint) if self.raw else ("http", "")
        address = f"{scheme}://127.0.0.1:{port_of(where)}{path}"
        settings = self._settings(options)
        connection = self._begin()
        beside = None if over is None else over._number
        await self._where.call("connect", self._number, connection, self.library, address, settings, beside)

    async def send(self, message: object) -> None:
        await self._where.call("send", self._number, message)

    async def emit(self, event: str, *data: object) -> None:
        if self.raw:
            await super().emit(event, *data)
        await self._where.call("emit", self._number, event, *data)

    async def call(self, event: str, *data: object, timeout: float = 3.0) -> Any:
        if self.raw:
            await super().call(event)
        try:
            return await self._where.call("call", self._number, timeout * 1000, event, *data)
        except ConnectionError as failure:
            if str(failure) == "operation has timed out":
                raise TimeoutError("The server did not acknowledge in time.") from None
            raise

    async def close(self) -> None:
        connection = self._begin()
        await self._where.call("close", self._number)
        self._observe(connection, Event(Kind.LEFT, "close"))

    def _settings(self, options: Options) -> dict[str, object]:
        if self.raw:
            given = {key for key in (*_SAME, *_MILLISECONDS) if getattr(options, key) is not None}
            if given:
                raise ValueError(f"The WebSocket of JavaScript takes no {' and no '.join(sorted(given))}.")
            return {}
        settings: dict[str, object] = {"endpoint": options.endpoint, "answers": dict(options.answers)}
        for key, theirs in _SAME.items():
            if (value := getattr(options, key)) is not None:
                settings[theirs] = value
        for key, theirs in _MILLISECONDS.items():
            if (value := getattr(options, key)) is not None:
                settings[theirs] = value * 1000
        return {**settings, **options.extra}
