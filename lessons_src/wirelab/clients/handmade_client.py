"""The client of lesson 11 or a later one, in tasks of the kernel's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from handmade.l08_meet_socketio import Emitter
from handmade.l11_core import Engine
from handmade.l11_reconnection import Manager, Socket, io
from wirelab.address import url
from wirelab.clients.client import PLAIN, Client, Options
from wirelab.clients.event import Event, Kind
from wirelab.waiting import eventually

LEAVING_TIME = 0.2
"""Seconds that a client has for its goodbye."""
_SETTINGS = (
    "transports",
    "auth",
    "proxy",
    "timeout",
    "reconnection",
    "reconnection_attempts",
    "reconnection_delay",
    "reconnection_delay_max",
    "randomization_factor",
)
_NO_ACKNOWLEDGEMENTS = (
    "The client of lesson 11 has no acknowledgements: use emit, or the io of lesson 13 or a later one."
)


@dataclass
class _Line:
    """One order to connect: its socket, what was emitted too early, and which engine has tried to upgrade."""

    number: int
    socket: Socket
    answers: Mapping[str, object]
    kept: list[tuple[object, ...]] = field(default_factory=list)
    tried: Engine | None = None

    @property
    def manager(self) -> Manager:
        manager: Manager = self.socket.io
        return manager

    @property
    def retrying(self) -> bool:
        return self.socket.active and self.manager.options.reconnection

    @property
    def can_ask(self) -> bool:
        return hasattr(self.socket, "emit_with_ack")


class HandmadeClient(Client):
    """A Socket.IO client as lesson 11 builds it, or as `connect` makes it, an `io` that somebody has typed.

    `extra` are options of that `io`. With the io of lesson 13 or a later one it asks and acknowledges; with
    that of lesson 15 or a later one the namespaces of one site share a connection.
    """

    library, raw = "handmade", False

    def __init__(self, name: str, connect: Callable[..., Socket] = io) -> None:
        super().__init__(name)
        self._io = connect
        self._line: _Line | None = None

    async def connect(self, where: object, options: Options = PLAIN) -> None:
        await self._drop()
        settings = {key: getattr(options, key) for key in _SETTINGS if getattr(options, key) is not None}
        headers = {"extra_headers": {"User-Agent": self.name}}
        address = url(where, options.endpoint, scheme="http")
        socket = self._io(address, **headers | settings | dict(options.extra))
        line = _Line(self._begin(), socket, options.answers)
        if options.answers and not line.can_ask:
            socket.disconnect()
            raise ValueError(_NO_ACKNOWLEDGEMENTS)
        self._line = line
        self._watch(line)
        self._tell(line, Kind.TRYING, "io")

    async def send(self, message: object) -> None:
        await self.emit("message", message)

    async def emit(self, event: str, *data: object) -> None:
        line = self._known()
        before = len(line.socket.send_buffer)
        line.socket.emit(event, *data)
        self._tell_of_sending(line, before, event, *data)

    async def call(self, event: str, *data: object, timeout: float = 3.0) -> Any:
        line = self._known()
        if not line.can_ask:
            raise TypeError(_NO_ACKNOWLEDGEMENTS)
        socket: Any = line.socket
        before = len(socket.send_buffer)
        asking = asyncio.ensure_future(socket.timeout(timeout).emit_with_ack(event, *data))
        await asyncio.sleep(0)  # now it has been sent, or kept, or cannot be
        if not asking.done():
            self._tell_of_sending(line, before, event, *data)
        try:
            return await asking
        except TimeoutError:
            raise TimeoutError("The server did not acknowledge in time.") from None

    def _known(self) -> _Line:
        if self._line is None:
            raise ConnectionError(f"{self.name} has no connection: connect first.")
        return self._line

    def _tell_of_sending(self, line: _Line, before: int, *data: object) -> None:
        if len(line.socket.send_buffer) > before:
            line.kept.append(data)
            self._tell(line, Kind.KEPT, "emit", data=data)
        else:
            self._tell(line, Kind.SENT, "emit", data=data)

    async def close(self) -> None:
        await self._drop()
        self._observe(self._begin(), Event(Kind.LEFT, "disconnect"))

    async def _drop(self) -> None:
        line, self._line = self._line, None
        self._connection += 1
        if line is None:
            return
        engine = line.manager.engine
        line.socket.disconnect()
        if engine is None or engine is line.manager.engine:  # other namespaces share it
            return
        if not await eventually(lambda: engine.state == "closed", LEAVING_TIME):
            engine.end("forced close")

    def _watch(self, line: _Line) -> None:
        """Hear each event before its handlers, and each delay before it is waited for."""
        world, backoff = line.manager.world, line.manager.backoff
        tell, duration = world.tell, backoff.duration

        def told(emitter: Emitter, *event: Any) -> None:
            self._hear(line, emitter, *event)
            tell(emitter, *event)

        def observed() -> float:
            delay = duration()
            self._tell(line, Kind.WAITING, "reconnect", delay=delay, attempt=backoff.attempts)
            return delay

        world.tell = told
        backoff.duration = observed  # type: ignore[method-assign]

    def _hear(self, line: _Line, emitter: Emitter, name: str, *data: Any) -> None:
        if emitter is line.socket:
            self._hear_socket(line, name, *data)
        elif name in ("upgrade", "upgrade_error"):
            line.tried = line.manager.engine
            kind = Kind.UPGRADED if name == "upgrade" else Kind.NOT_UPGRADED
            transport = "websocket" if name == "upgrade" else "polling"
            self._tell(line, kind, name, ", ".join(map(_said, data)), transport=transport)
        elif name == "reconnect_attempt":
            self._tell(line, Kind.TRYING, name, attempt=data[0])
        elif name == "reconnect_failed":
            self._tell(line, Kind.GIVEN_UP, name)

    def _hear_socket(self, line: _Line, name: str, *data: Any) -> None:
        match name:
            case "connect":
                self._tell_of_connection(line)
            case "disconnect":
                self._tell(line, Kind.DISCONNECTED, name, data[0], retrying=line.retrying)
            case "connect_error":
                self._tell(line, Kind.FAILED, name, _said(data[0]), retrying=line.retrying)
            case _:
                self._hear_event(line, name, *data)

    def _hear_event(self, line: _Line, name: str, *data: Any) -> None:
        """An event, behind whose arguments there may be what acknowledges it."""
        acknowledge = data[-1] if data and callable(data[-1]) else None
        self._tell(line, Kind.RECEIVED, name, data=(name, *(data[:-1] if acknowledge else data)))
        if acknowledge and name in line.answers:
            acknowledge(line.answers[name])

    def _tell_of_connection(self, line: _Line) -> None:
        """What was kept has gone out before."""
        for data in line.kept:
            self._tell(line, Kind.SENT, "emit", data=data)
        line.kept.clear()
        engine = line.manager.engine
        assert engine is not None
        transport, offered = engine.outbox.transport, engine.handshake["upgrades"]
        wanted = transport == "polling" and "websocket" in offered
        upgrading = wanted and "websocket" in line.manager.options.transports and line.tried is not engine
        self._tell(
            line,
            Kind.CONNECTED,
            "connect",
            transport=transport,
            upgrading=upgrading,
            recovered=getattr(line.socket, "recovered", False),
        )

    def _tell(self, line: _Line, kind: Kind, name: str, text: str = "", **details: Any) -> None:
        self._observe(line.number, Event(kind, name, text, **details))


def _said(error: object) -> str:
    """An exception in words; some have only a type."""
    return str(error) or type(error).__name__
