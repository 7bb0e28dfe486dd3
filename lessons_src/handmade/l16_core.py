"""Lesson 16, built from lessons/16_who_is_there.py: edit there, not here."""

import asyncio
import time
from collections.abc import Callable, Iterable
from sys import intern
from typing import Any

from aiohttp import web

from handmade import l08_meet_socketio as l08
from handmade import l11_core, l15_core
from handmade.l08_meet_socketio import RESERVED, Packet, Type
from handmade.l14_core import names


class ConnectError(l11_core.ConnectError):
    """Raised by a middleware: who is refused is told `message` and `data`, which must be JSON."""

    def __init__(self, message: str, data: object = None) -> None:
        super().__init__(message)
        self.data = data
        l08.encode(Packet(Type.CONNECT_ERROR, self.reason()))  # raises here what could not be sent later

    def reason(self) -> dict[str, Any]:
        """What goes to the client; data only if there is some."""
        message = {"message": str(self)}
        return message if self.data is None else {**message, "data": self.data}


Middleware = Callable[[Any], Any]


class Gate:
    """What stands before a namespace: a row of middleware, each of which may say no."""

    def __init__(self) -> None:
        self.middleware: list[Middleware] = []
        self.examined = set[Any]()  # the sockets that stand before it now

    def use(self, middleware: Middleware) -> Middleware:
        """Have it called with each socket before that is let in. It may be async, and raise ConnectError."""
        self.middleware.append(middleware)
        return middleware


async def objection(middleware: Iterable[Middleware], subject: Any) -> Exception | None:
    """Ask one middleware after the other; what the first raises that has something against the subject."""
    for examine in tuple(middleware):
        try:
            result = examine(subject)
            if asyncio.iscoroutine(result):
                await result
        except Exception as error:
            return error
    return None


def describe(request: web.Request) -> dict[str, Any]:
    """What the first request of a connection says of the client, under the official server's names."""
    return {
        "headers": {intern(name.lower()): value for name, value in request.headers.items()},  # once for all
        "query": dict(request.query),
        "address": request.remote,
        "url": request.path_qs,
        "secure": request.secure,
        "xdomain": "Origin" in request.headers,
    }


class Namespace(l15_core.Namespace, Gate):
    """A namespace into which not everybody comes."""

    def __init__(self, name: str, parent: Any = None) -> None:
        super().__init__(name, parent)
        Gate.__init__(self)
        if parent:
            self.middleware = [*parent.middleware]

    def tidy(self) -> None:
        """Nobody may be here any more, and nobody at the gate."""
        if not self.examined:
            super().tidy()


class Newcomer(l15_core.Socket):
    """One client in one namespace, with what is known of it, and kept for it. It may not be in yet."""

    audience: Any

    def __init__(self, client: Any, connect: Packet) -> None:
        super().__init__(client, connect)
        self.connected = False  # until it is let in
        now = time.time()
        self.handshake |= client.session.handshake
        self.handshake |= {"time": time.ctime(now), "issued": round(now * 1000)}
        self.data: dict[str, Any] = {}
        self.early_rooms: list[str] | None = []

    def join(self, rooms: str | Iterable[str]) -> None:
        """Enter a room, or several, as soon as it is let in."""
        if self.early_rooms is None:
            super().join(rooms)
        else:
            self.early_rooms += names(rooms)

    def leave(self, room: str) -> None:
        """Leave a room, or do not enter it."""
        if self.early_rooms:
            self.early_rooms = [early for early in self.early_rooms if early != room]
        super().leave(room)

    def begin(self) -> None:
        """It has been let in."""
        rooms, self.early_rooms = self.early_rooms or [], None
        self.join(rooms)


class Socket(Newcomer):
    """One client in one namespace, as the handlers see it. What it says may be looked at, too."""

    def __init__(self, client: Any, connect: Packet) -> None:
        super().__init__(client, connect)
        self.middleware: list[Middleware] = []

    def use(self, middleware: Middleware) -> Middleware:
        """Have it called with each event, a list, before its handlers. What it raises is told as `error`."""
        self.middleware.append(middleware)
        return middleware

    async def fire(self, event: object, *arguments: object) -> None:
        """Call the handlers of an event, unless a middleware has something against it."""
        error = None
        if self.middleware and event not in RESERVED:
            error = await objection(self.middleware, [event, *arguments])
        if error:
            await super().fire("error", error)
        else:
            await super().fire(event, *arguments)


class Presence:
    """Who is here: people by name, however many sockets each of them has."""

    def __init__(self) -> None:
        self.sockets: dict[str, set[str]] = {}  # the ids of each person's sockets

    def came(self, name: str, id: str) -> bool:
        """A socket has come. Is it the first one of that person?"""
        is_first = name not in self.sockets
        self.sockets.setdefault(name, set()).add(id)
        return is_first

    def left(self, name: str, id: str) -> bool:
        """A socket has gone. Was it the last one of that person?"""
        ids = self.sockets.get(name, set())
        if id not in ids:
            return False
        ids.remove(id)
        if ids:
            return False
        del self.sockets[name]
        return True

    def names(self) -> list[str]:
        """Who is here."""
        return sorted(self.sockets)
