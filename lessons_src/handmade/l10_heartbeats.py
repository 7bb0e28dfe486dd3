"""Lesson 10, built from lessons/10_heartbeats.py: edit there, not here."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import web

from handmade import l08_meet_socketio as l08
from handmade import l09_core
from handmade import l09_long_polling_and_upgrade as l09


class Session(l09_core.Session):
    """A session that asks its client for a sign of life (Engine.IO v4, "Heartbeat")."""

    interval = timeout = 0.0
    timer: asyncio.TimerHandle | None = None

    def beat(self) -> None:
        """Begin to wait for the time of the next ping."""
        self.rest()
        self.timer = self.call_later(self.interval, self.ask)

    def ask(self) -> None:
        """Send a ping, and wait for the time at which its pong is too late."""
        self.send("2")
        self.timer = self.call_later(self.timeout, lambda: self.end("ping timeout"))

    def rest(self) -> None:
        """Wait no longer."""
        if self.timer:
            self.timer.cancel()

    def receive(self, packet: l09_core.EnginePacket) -> None:
        """Act on a packet of the client; after a pong, begin again. Raises ProtocolError."""
        super().receive(packet)
        if packet[:1] == "3" and self.state == "open":
            self.beat()

    def end(self, reason: str, goodbye: str = "1") -> None:
        """It is over; nobody has to be asked any more."""
        self.rest()
        super().end(reason, goodbye)


def take_off(clock: asyncio.Timeout) -> None:
    """Take the time-out off: all has arrived, and what the handlers do with it may take its time."""
    with suppress(RuntimeError):  # it has rung, or the request is answered
        clock.reschedule(None)


@dataclass(frozen=True)
class Options(l09.Options):
    """The settings of a server: also how long it waits, in seconds, and for how many strangers."""

    ping_interval: float = 25
    ping_timeout: float = 20
    connect_timeout: float = 45
    body_timeout: float = 30
    max_strangers: int = 1000

    def opening(self) -> dict[str, int]:
        """What the open packet says of them, in milliseconds and bytes."""
        return {
            "pingInterval": round(self.ping_interval * 1000),
            "pingTimeout": round(self.ping_timeout * 1000),
            "maxPayload": self.max_http_buffer_size,
        }


class Engine(l09.Engine):
    """Engine.IO with a heartbeat. It waits for nothing for ever, and not for any number of strangers."""

    session_type = Session

    def __init__(self, greet: Any, options: Any) -> None:
        super().__init__(greet, options)
        self.strangers = dict[str, str | None]()  # the address of each session that nobody has used yet

    def forbids(self, request: web.Request) -> bool:
        """Whether too many strangers are there from this address already, or its page is foreign."""
        strangers = list(self.strangers.values()).count(request.remote)
        is_one_too_many = not request.query.get("sid") and strangers >= self.options.max_strangers
        return is_one_too_many or super().forbids(request)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request; what is sent has to arrive in time."""
        patience = self.options.body_timeout if request.method == "POST" else None
        try:
            async with asyncio.timeout(patience) as clock:
                request.content.on_eof(partial(take_off, clock))
                return await super().handle(request)
        except TimeoutError:
            return web.Response(status=408)
        except ConnectionError:  # somebody asked for a WebSocket, and hung up before it was there
            return web.Response()

    def open(self, request: web.Request) -> Any:
        """A new session, of a stranger at first."""
        session: Any = super().open(request)
        session.interval, session.timeout = self.options.ping_interval, self.options.ping_timeout
        session.beat()
        self.strangers[session.sid] = request.remote
        return session


class Client(l09.Client):
    """A client that has to join a namespace in time, and then is no stranger any more."""

    server: "Server"

    def __init__(self, server: "Server", session: l09_core.Session) -> None:
        super().__init__(server, session)
        self.waiting = session.call_later(server.options.connect_timeout, session.close)

    def settle(self) -> None:
        """It is no stranger any more."""
        self.waiting.cancel()
        self.server.engine.strangers.pop(self.session.sid, None)

    def connect(self, packet: l08.Packet) -> None:
        """Let the client into a namespace."""
        self.settle()
        super().connect(packet)

    def closed(self, reason: str) -> None:
        """The connection has ended."""
        self.settle()
        super().closed(reason)


class Server(l09.Server):
    """A Socket.IO server that notices when a client is gone, with Options."""

    options_type, engine_type, client_type = Options, Engine, Client
    options: Options
    engine: Engine
