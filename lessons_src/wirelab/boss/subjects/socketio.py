"""Servers that speak Socket.IO, with the official JavaScript client.

Each of them runs the same chat, the boss's, on the endpoints `/` and `/news`. Its events:

    connect, auth {name, password}    refused if the password is not "sesame"
    echo (message)                    the sender gets `message` with it; acknowledged
    join (room)                       acknowledged
    tell (room or null, message)      everyone in the room, or at all, gets `message` with it; acknowledged
    remember (text)                   kept for this client; acknowledged
    recall ()                         acknowledged with [name, text]
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from wirelab.address import url
from wirelab.boss.subject import Client, Equipment, Start, Subject, Visitor
from wirelab.clients import Event, Kind, Node, Options, State
from wirelab.process import Child, Peer, RedisServer
from wirelab.waiting import eventually

_NODE = str(Path(__file__).with_name("node_server.mjs"))
_PYTHON = ("-m", "wirelab.boss.subjects.python_server")
_ASKING_TIME = 3.0
"""Seconds for which the client waits for an acknowledgement."""
_UPGRADING_TIME = 1.0

HEARTBEAT = 3.0
"""Seconds: the servers here send a ping each second and wait for the pong for two."""


_LIKE_A_BROWSER = {"withCredentials": True, "perMessageDeflate": False}
_QUICK = Options(
    reconnection_delay=0.1, reconnection_delay_max=0.2, randomization_factor=0, extra=_LIKE_A_BROWSER
)


class SocketIOClient(Client):
    """One `socket` of the official client, in the process of Node in which those of one review run."""

    def __init__(self, node: Node) -> None:
        super().__init__()
        self._node = node
        self._client = node.client("client")
        self._client.listen(self._take)
        self._port = 0
        self._visitor = Visitor()

    async def connect(self, port: int, visitor: Visitor, patience: float) -> None:
        self._port, self._visitor = port, visitor
        options = replace(_QUICK, auth=auth_of(visitor), transports=self._transports(visitor))
        await self._client.connect(port, options)
        await self._stands(patience)

    def _transports(self, visitor: Visitor) -> list[str] | None:
        """With what it connects; None: polling first, as the library does by itself."""
        return ["polling"] if visitor.old_browser else None

    async def send(self, message: object) -> None:
        await self._client.emit("echo", message)

    async def close(self) -> None:
        await self._client.close()

    async def confirm(self, message: object, patience: float) -> None:
        await self._client.call("echo", message, timeout=patience)

    async def join(self, room: str) -> None:
        await self._ask("join", room)

    async def tell(self, room: str | None, message: object) -> None:
        await self._ask("tell", room, message)

    async def endpoint(self, name: str) -> Client:
        second = type(self)(self._node)
        options = Options(endpoint=name, auth=auth_of(self._visitor))
        await second._client.connect(self._port, options, over=self._client)
        await second._stands(_ASKING_TIME)
        return second

    async def remember(self, text: str) -> None:
        await self._ask("remember", text)

    async def recall(self) -> object:
        return await self._ask("recall")

    async def _ask(self, event: str, *values: object) -> Any:
        try:
            return await self._client.call(event, *values, timeout=_ASKING_TIME)
        except TimeoutError as no_answer:
            raise ConnectionError(str(no_answer)) from None

    async def _stands(self, patience: float) -> None:
        """Wait for the connection, and for the end of the first attempt to upgrade, however it goes."""
        try:
            await self._client.connected(patience)
        except TimeoutError:
            raise ConnectionError("no answer") from None
        await eventually(lambda: self._client.settled, _UPGRADING_TIME)

    def _take(self, event: Event) -> None:
        self.connected = self._client.state is State.CONNECTED
        if event.kind is Kind.RECEIVED and event.name == "message":
            self.inbox.append(event.data[1])  # behind it there may be the offset of a recovery


def auth_of(visitor: Visitor) -> dict[str, object]:
    """What a visitor says of himself."""
    return {"name": visitor.name, "password": visitor.password}


def socketio_subject(
    name: str, start: Start, heartbeat: float = HEARTBEAT, equipment: Sequence[Equipment] = ()
) -> Subject:
    """Any server that speaks Socket.IO and runs the boss's chat, as the module's docstring describes it."""
    node = Node()
    return Subject(name, start, lambda: SocketIOClient(node), heartbeat, [node, *equipment])


def node_socketio() -> Subject:
    """The official server, a process each."""
    return socketio_subject("Socket.IO on Node", lambda port: Child.node(_NODE, str(port)))


def node_cluster() -> Subject:
    """The official server; two of them have a Redis between them."""
    return _clustered(node_socketio(), lambda address: Child.node(_NODE, "0", address))


def python_cluster() -> Subject:
    """python-socketio on aiohttp; two of them have a Redis between them."""
    return _clustered(python_socketio(), lambda address: Child.python(*_PYTHON, "0", address))


def _clustered(subject: Subject, make: Callable[[str], Child]) -> Subject:
    @asynccontextmanager
    async def start_two() -> AsyncIterator[Sequence[object]]:
        # A Redis for each pair: on one that they share, the pairs of two scenarios would be one cluster.
        async with AsyncExitStack() as stack:
            redis = await stack.enter_async_context(RedisServer.best())
            two = [make(url(redis, scheme="redis")) for _ in range(2)]
            yield [await stack.enter_async_context(child) for child in two]

    return replace(subject, start_two=start_two)


def python_socketio() -> Subject:
    """python-socketio on aiohttp, a process each, forked from one that has imported it where that exists."""
    if not hasattr(os, "fork"):
        return socketio_subject("python-socketio", lambda port: Child.python(*_PYTHON, str(port)))
    nursery = Peer(sys.executable, *_PYTHON, "--nursery")

    @asynccontextmanager
    async def start(port: int) -> AsyncIterator[int]:
        port, pid = await nursery.call("start", port)
        try:
            yield port
        finally:
            await nursery.call("stop", pid)

    return socketio_subject("python-socketio", start, equipment=[nursery])
