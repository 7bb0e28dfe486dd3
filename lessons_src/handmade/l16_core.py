"""Lesson 16, draft of who is there: middleware, and what is known of a socket, without a network."""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any

from aiohttp import web

from handmade import l11_core, l15_core
from handmade.l08_meet_socketio import RESERVED, Packet
from handmade.l14_core import names

Middleware = Callable[[Any], Any]


class ConnectError(l11_core.ConnectError):
    """Raised by a middleware for somebody who is not to be let in, with what he is told."""

    def __init__(self, message: str, data: object = None) -> None:
        super().__init__(message)
        self.data = data

    def reason(self) -> dict[str, Any]:
        """What goes to the client."""
        message = {"message": str(self)}
        return message if self.data is None else {**message, "data": self.data}


def describe(request: web.Request) -> dict[str, Any]:
    """What the first request of a connection says of the client, under the official server's names."""
    return {
        "headers": {name.lower(): value for name, value in request.headers.items()},
        "query": dict(request.query),
        "address": request.remote,
        "url": request.path_qs,
        "secure": request.secure,
        "xdomain": "Origin" in request.headers,
    }


async def ask_all(middleware: Iterable[Middleware], subject: Any) -> None:
    """Call each middleware, the next one when the one before is done. What one raises ends it."""
    for check in tuple(middleware):
        result = check(subject)
        if asyncio.iscoroutine(result):
            await result


class Gate:
    """What stands before a namespace: a row of middleware, each of which may say no."""

    def __init__(self) -> None:
        self.middleware: list[Middleware] = []
        self.examined = set[Any]()  # the sockets that stand before it now

    def use(self, middleware: Middleware) -> Middleware:
        """Have it called with each socket before that is let in. It may be async, and raise ConnectError."""
        self.middleware.append(middleware)
        return middleware


class Namespace(l15_core.Namespace, Gate):
    """A namespace into which not everybody comes."""

    def __init__(self, name: str, parent: Any = None) -> None:
        super().__init__(name, parent)
        Gate.__init__(self)
        if parent:
            self.middleware = parent.middleware

    def tidy(self) -> None:
        """Nobody may be here any more, and nobody at the gate."""
        if not self.examined:
            super().tidy()


class Socket(l15_core.Socket):
    """One client in one namespace, as the handlers see it: with what is known of it, and kept for it."""

    audience: Any

    def __init__(self, client: Any, connect: Packet) -> None:
        super().__init__(client, connect)
        self.connected = False  # until it is let in
        now = time.time()
        self.handshake |= client.session.handshake
        self.handshake |= {"time": time.ctime(now), "issued": round(now * 1000)}
        self.data: dict[str, Any] = {}
        self.middleware: list[Middleware] = []
        self.early_rooms: list[str] | None = []

    def use(self, middleware: Middleware) -> Middleware:
        """Have it called with each event, a list, before its handlers. What it raises is told as `error`."""
        self.middleware.append(middleware)
        return middleware

    def join(self, rooms: str | Iterable[str]) -> None:
        """Enter a room, or several, as soon as it is let in."""
        if self.early_rooms is None:
            super().join(rooms)
        else:
            self.early_rooms += names(rooms)

    def begin(self) -> None:
        """It has been let in."""
        rooms, self.early_rooms = self.early_rooms or [], None
        self.join(rooms)

    async def fire(self, event: object, *arguments: object) -> None:
        """Call the handlers of an event, unless a middleware has something against it."""
        try:
            if self.middleware and event not in RESERVED:
                await ask_all(self.middleware, [event, *arguments])
        except Exception as error:
            await super().fire("error", error)
        else:
            await super().fire(event, *arguments)
