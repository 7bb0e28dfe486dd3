"""Lesson 17, built from lessons/17_async_and_backpressure.py: edit there, not here."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import get_ident
from typing import Any

from aiohttp import web

from handmade import l09_core
from handmade import l09_long_polling_and_upgrade as l09
from handmade import l13_acknowledgements as l13
from handmade import l15_namespaces as l15
from handmade import l16_who_is_there as l16
from handmade.l09_core import EnginePacket
from handmade.l16_core import ConnectError as ConnectError
from handmade.l17_core import Aim, Session, Volatile, VolatileSocket


class Frames(l09.Frames):
    """The way back to a client over its WebSocket. It knows whether there is room."""

    def write(self, packets: list[EnginePacket]) -> Any:
        """Write packets. If there is no room for more, return a function that takes what to do later."""
        super().write(packets)
        return self.later if self.unsent.protocol.writing_paused else None

    def later(self, action: Callable[[], None]) -> None:
        """Call this as soon as the system has taken most of what waits here."""
        self.waiting = asyncio.create_task(self.wait(action))

    async def wait(self, action: Callable[[], None]) -> None:
        """Wait for room, or for the end of the connection."""
        with suppress(ConnectionError):
            await self.unsent.drain()
            action()


class Socket(l16.Socket):
    """One client, as the handlers see it. It may be told something that is worth nothing later."""

    client: Any

    @property
    def is_writable(self) -> bool:
        """Whether an event would go out at once."""
        return self.connected and bool(self.client.session.is_writable)

    @property
    def volatile(self) -> VolatileSocket:
        """This socket for an event that is dropped unless it can go out at once."""
        return VolatileSocket(self)

    def aim(self) -> Aim:
        """Everybody but this one."""
        return Aim(self.audience, but=(self.id,))


class Client(l16.Client):
    """One connection. Its sockets know whether there is room."""

    def __init__(self, server: "Server", session: l09_core.Session) -> None:
        super().__init__(server, session)
        self.socket_type = Socket


@dataclass(frozen=True)
class Options(l13.Options):
    """The settings of a server: also how many bytes may wait in a client's outbox."""

    max_queue_size: int = 10_000_000


class Engine(l16.Engine):
    """Engine.IO whose outboxes keep no more than the Options say."""

    session_type, frames_type = Session, Frames

    def open(self, request: web.Request) -> Any:
        """A new session."""
        session = super().open(request)
        session.outbox.most = self.options.max_queue_size
        return session


class Speaking:
    """What can speak to all in a namespace."""

    def aim(self: Any) -> Aim:
        """Everybody."""
        return Aim(self)

    @property
    def volatile(self) -> Aim:
        """Everybody to whom an event can go out at once."""
        return self.aim().volatile


class Namespace(Speaking, l16.Namespace):
    """A namespace that drops what is worth nothing later."""


class Server(Speaking, l16.Server):
    """A Socket.IO server that keeps a bounded number of bytes for each client, with Options."""

    options_type: type[l13.Options] = Options
    engine_type = Engine
    client_type: type[l13.Client] = Client
    namespace_type = Namespace
    loop: asyncio.AbstractEventLoop | None = None
    thread: int | None = None

    def attach(self, app: web.Application, path: str = "/socket.io/") -> None:
        """Serve at that path of an application."""
        super().attach(app, path)
        app.on_startup.append(self.begin)

    async def begin(self, app: web.Application) -> None:
        """Remember where it runs."""
        self.loop, self.thread = asyncio.get_running_loop(), get_ident()

    def from_thread(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function in the server's thread, from another one. Returns, or raises, what that does."""
        if get_ident() == self.thread:
            raise RuntimeError("This is the server's own thread: call the function as it is.")
        if self.loop is None:
            raise RuntimeError(
                "The server does not listen yet: it has no thread that could call the function."
            )

        async def call() -> Any:
            result = function(*arguments)
            return await result if asyncio.iscoroutine(result) else result

        return asyncio.run_coroutine_threadsafe(call(), self.loop).result()


class ClientSocket(l16.ClientSocket):
    """Your end of a namespace. It may say what is worth nothing later."""

    @property
    def is_writable(self) -> bool:
        """Whether a POST would take an event at once, or the WebSocket's queue, which takes all."""
        engine = self.io.engine
        return bool(self.connected and engine and engine.outbox.carrier and not engine.is_late)

    @property
    def volatile(self) -> Volatile:
        """This socket for an event that is dropped unless it can go out at once."""
        return Volatile(self)


class Manager(l16.Manager):
    """One connection, and the sockets that share it."""

    socket_type = ClientSocket


def io(url: str, auth: Any = None, **options: Any) -> Any:
    """Connect to a namespace of a Socket.IO server, as the `io` of lesson 16 does. Raises ValueError."""
    return l15.io(url, auth, manager_type=Manager, **options)
