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

import itertools
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from wirelab.bench import Child
from wirelab.boss.subject import Client, Equipment, Start, Subject, Visitor
from wirelab.process.peer import Peer
from wirelab.process.spawning import NODE

_HERE = Path(__file__).parent
_ASKING_TIME = 3.0
"""Seconds for which the client waits for an acknowledgement."""

HEARTBEAT = 3.0
"""Seconds: the servers here send a ping each second and wait for the pong for two."""


class JavaScriptClients(Peer):
    """The process in which the official clients of one review run."""

    def __init__(self) -> None:
        super().__init__(NODE, str(_HERE / "javascript_clients.mjs"), on_event=self._hand_on)
        self._numbers = itertools.count()
        self._clients: dict[int, SocketIOClient] = {}

    def client(self) -> SocketIOClient:
        """One more client, not connected yet."""
        number = next(self._numbers)
        self._clients[number] = SocketIOClient(self, number)
        return self._clients[number]

    def _hand_on(self, event: dict[str, Any]) -> None:
        client = self._clients[event["client"]]
        if "message" in event:
            client.inbox.append(event["message"])
        else:
            client.connected = event["connected"]


class SocketIOClient(Client):
    """One `socket` of the official client."""

    def __init__(self, process: JavaScriptClients, number: int) -> None:
        super().__init__()
        self._process = process
        self._number = number

    async def connect(self, port: int, visitor: Visitor, patience: float) -> None:
        options: dict[str, object] = {"auth": {"name": visitor.name, "password": visitor.password}}
        if visitor.old_browser:
            options["transports"] = ["polling"]
        await self._do("open", f"http://127.0.0.1:{port}", options, patience * 1000)

    async def send(self, message: object) -> None:
        await self._do("emit", "echo", message)

    async def close(self) -> None:
        await self._do("close")

    async def confirm(self, message: object, patience: float) -> None:
        try:
            await self._do("ask", patience * 1000, "echo", message)
        except ConnectionError as no_answer:
            raise TimeoutError(str(no_answer)) from None

    async def join(self, room: str) -> None:
        await self._ask("join", room)

    async def tell(self, room: str | None, message: object) -> None:
        await self._ask("tell", room, message)

    async def endpoint(self, name: str) -> Client:
        second = self._process.client()
        await second._do("endpoint", self._number, name, _ASKING_TIME * 1000)
        return second

    async def remember(self, text: str) -> None:
        await self._ask("remember", text)

    async def recall(self) -> object:
        return await self._ask("recall")

    async def _ask(self, *event: object) -> Any:
        return await self._do("ask", _ASKING_TIME * 1000, *event)

    async def _do(self, action: str, *values: object) -> Any:
        return await self._process.call(action, self._number, *values)


def socketio_subject(
    name: str, start: Start, heartbeat: float = HEARTBEAT, equipment: Sequence[Equipment] = ()
) -> Subject:
    """Any server that speaks Socket.IO and runs the boss's chat, as the module's docstring describes it."""
    clients = JavaScriptClients()
    return Subject(name, start, clients.client, heartbeat, [clients, *equipment])


def node_socketio() -> Subject:
    """The official server, a process each."""
    program = str(_HERE / "node_server.mjs")
    return socketio_subject("Socket.IO on Node", lambda port: Child.node(program, str(port)))


def python_socketio() -> Subject:
    """python-socketio on aiohttp, a process each, forked from one that has imported it where that exists."""
    program = ("-m", "wirelab.boss.subjects.python_server")
    if not hasattr(os, "fork"):
        return socketio_subject("python-socketio", lambda port: Child.python(*program, str(port)))
    nursery = Peer(sys.executable, *program, "--nursery")

    @asynccontextmanager
    async def start(port: int) -> AsyncIterator[int]:
        port, pid = await nursery.call("start", port)
        try:
            yield port
        finally:
            await nursery.call("stop", pid)

    return socketio_subject("python-socketio", start, equipment=[nursery])
