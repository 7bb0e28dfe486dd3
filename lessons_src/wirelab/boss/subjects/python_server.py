"""The boss's chat on python-socketio and aiohttp, as a program.

With a port (0: any) it is one server, a `bench.Child`; with the address of a Redis as well, one of several.
With `--nursery` it is a process that has done the slow imports already, and forks a server for each call
that it is sent (see `peer.py`): `start` with a port returns `[port, pid]`, `stop` with a pid kills that
server.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from functools import partial

import socketio  # type: ignore[import-untyped]
from aiohttp import web

from wirelab.boss.subject import PASSWORD


class Chat(socketio.AsyncNamespace):  # type: ignore[misc]
    """One endpoint of the chat."""

    async def on_connect(self, sid: str, environ: object, auth: dict[str, str]) -> None:
        if auth["password"] != PASSWORD:
            raise socketio.exceptions.ConnectionRefusedError("no strangers")
        await self.save_session(sid, {"kept": [auth["name"], None]})

    async def on_echo(self, sid: str, message: object) -> None:
        await self.emit("message", message, to=sid)

    async def on_join(self, sid: str, room: str) -> None:
        await self.enter_room(sid, room)

    async def on_tell(self, sid: str, room: str | None, message: object) -> None:
        await self.emit("message", message, to=room)

    async def on_remember(self, sid: str, text: str) -> None:
        async with self.session(sid) as session:
            session["kept"][1] = text

    async def on_recall(self, sid: str) -> object:
        async with self.session(sid) as session:
            return session["kept"]


async def serve(port: int, listens: Callable[[int], None], redis: str | None = None) -> None:
    """Serve on that port (0: any) until the process ends; with the others on that Redis, if there is one."""
    manager = socketio.AsyncRedisManager(redis) if redis else None
    sio = socketio.AsyncServer(async_mode="aiohttp", client_manager=manager, ping_interval=1, ping_timeout=2)
    for name in ("/", "/news"):
        sio.register_namespace(Chat(name))
    app = web.Application()
    sio.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    listens(runner.addresses[0][1])
    await asyncio.Future()


def nursery() -> None:
    """Fork servers until the input ends."""
    for line in sys.stdin:
        call = json.loads(line)
        number, (value,) = call["id"], call["with"]
        if call["do"] == "start":
            if os.fork() == 0:
                asyncio.run(serve(value, partial(announce, number)))
        else:
            os.kill(value, signal.SIGKILL)
            os.waitpid(value, 0)
            say({"id": number})


def announce(number: int, port: int) -> None:
    """Answer the call for a server, in the server's own process."""
    say({"id": number, "result": [port, os.getpid()]})


def say(message: object) -> None:
    """Print one line at once, in one piece: the servers of a nursery share the pipe."""
    os.write(1, (json.dumps(message) + "\n").encode())


if __name__ == "__main__":
    if "--nursery" in sys.argv:
        nursery()
    else:
        asyncio.run(serve(int(sys.argv[1]), lambda port: say({"port": port}), *sys.argv[2:]))
