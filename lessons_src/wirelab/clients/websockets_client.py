"""The client of `websockets`, in a task of the kernel's loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as Opening
from websockets.client import backoff, process_exception
from websockets.exceptions import ConnectionClosed, WebSocketException

from wirelab.address import url
from wirelab.clients.client import PLAIN, Client, Options
from wirelab.clients.event import Event, Kind

LEAVING_TIME = 0.2
"""Seconds that a client has for its goodbye."""
TRANSPORT = "WebSocket"


@dataclass
class _Line:
    """One order to connect: the task that carries it out, and its connection while there is one."""

    number: int
    task: asyncio.Task[None] | None = None
    websocket: ClientConnection | None = None


class WebSocketsClient(Client):
    """A raw WebSocket client.

    It sends no pings unless `extra` says so ({"ping_interval": 20}), and does not compress. With
    `reconnection=True` it does what `async for websocket in connect(...)` does.
    """

    library, raw = "websockets", True

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._line = _Line(0)

    async def connect(self, where: object, options: Options = PLAIN) -> None:
        if refused := [key for key in ("transports", "auth") if getattr(options, key) is not None]:
            raise ValueError(f"{self.name} speaks raw WebSocket, which has no {' and no '.join(refused)}.")
        await self._drop()
        self._line = line = _Line(self._begin())
        self._tell(line, Kind.TRYING, "connect")
        settings: dict[str, Any] = {
            "compression": None,
            "ping_interval": None,
            "close_timeout": LEAVING_TIME,
            "user_agent_header": self.name,
            "proxy": options.proxy,
            **({} if options.timeout is None else {"open_timeout": options.timeout}),
            **options.extra,
        }
        if options.reconnection:
            delays = settings.get("reconnect_delays", backoff)
            settings["reconnect_delays"] = lambda: self._watched(line, delays())
            settings["process_exception"] = lambda failure: self._failed(line, failure)
        opening = Opening(url(where, options.endpoint), **settings)
        run = self._come_back if options.reconnection else self._stay
        line.task = asyncio.create_task(run(line, opening))

    async def send(self, message: object) -> None:
        if not isinstance(message, str | bytes):
            raise TypeError(f"A WebSocket message is a str or bytes, not a {type(message).__name__}.")
        line = self._line
        if line.websocket is None:
            raise ConnectionError(f"{self.name} has no connection: connect first.")
        try:
            await line.websocket.send(message)
        except ConnectionClosed as closed:
            raise ConnectionError(f"{type(closed).__name__}: {closed}") from None
        self._tell(line, Kind.SENT, "send", data=(message,))

    async def close(self) -> None:
        await self._drop()
        self._observe(self._begin(), Event(Kind.LEFT, "close"))

    def abort(self) -> None:
        """Break the connection off, without a goodbye."""
        if self._line.websocket is not None:
            self._line.websocket.transport.abort()

    async def _drop(self) -> None:
        line, self._line = self._line, _Line(0)
        self._connection += 1
        if line.task is None:
            return
        line.task.cancel()
        if line.websocket is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(line.websocket.close(), LEAVING_TIME)
            line.websocket.transport.abort()
        await asyncio.wait([line.task])

    async def _stay(self, line: _Line, opening: Opening) -> None:
        try:
            line.websocket = await opening
        except (OSError, WebSocketException) as failure:
            self._tell(line, Kind.FAILED, type(failure).__name__, str(failure))
        else:
            await self._talk(line)

    async def _come_back(self, line: _Line, opening: Opening) -> None:
        with contextlib.suppress(OSError, WebSocketException):  # fatal ones, told already
            async for line.websocket in opening:
                await self._talk(line)
                self._tell(line, Kind.TRYING, "connect", attempt=1)

    def _failed(self, line: _Line, failure: Exception) -> Exception | None:
        fatal = process_exception(failure)
        self._tell(line, Kind.FAILED, type(failure).__name__, str(failure), retrying=fatal is None)
        return fatal

    async def _talk(self, line: _Line) -> None:
        """One connection, from its handshake to its end."""
        websocket = line.websocket
        assert websocket is not None
        self._tell(line, Kind.CONNECTED, "connect", transport=TRANSPORT)
        try:
            while True:
                self._tell(line, Kind.RECEIVED, "recv", data=(await websocket.recv(),))
        except ConnectionClosed as closed:
            code, reason = websocket.close_code, websocket.close_reason
            self._tell(line, Kind.DISCONNECTED, type(closed).__name__, str(closed), code=code, reason=reason)

    def _watched(self, line: _Line, delays: Iterable[float]) -> Generator[float]:
        """The delays between attempts, each told before the wait."""
        for attempt, delay in enumerate(delays, 1):
            self._tell(line, Kind.WAITING, "reconnect_delays", delay=delay, attempt=attempt)
            yield delay
            self._tell(line, Kind.TRYING, "connect", attempt=attempt)

    def _tell(self, line: _Line, kind: Kind, name: str, text: str = "", **details: Any) -> None:
        self._observe(line.number, Event(kind, name, text, **details))
