"""A Socket.IO server that sends each `message` back, with a raw WebSocket echo at /raw, as a program.

`server.py python-socketio` is that library's, `server.py 10` the handmade one as it stood after lesson 10.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

from aiohttp import WSMsgType, web

from wirelab.widgets.timeline.settings import PING_INTERVAL, PING_TIMEOUT


def python_socketio(app: web.Application) -> None:
    """Put python-socketio's server there."""
    import socketio  # type: ignore[import-untyped]

    sio = socketio.AsyncServer(
        async_mode="aiohttp", ping_interval=PING_INTERVAL, ping_timeout=PING_TIMEOUT, cors_allowed_origins="*"
    )

    async def echo(sid: str, message: object) -> None:
        await sio.emit("message", message, to=sid)

    sio.on("message", echo)
    sio.attach(app)


def handmade(app: web.Application, lesson: int) -> None:
    """Put the handmade server of a lesson there."""
    from wirelab.serve import make, stage

    settings = {"ping_interval": PING_INTERVAL, "ping_timeout": PING_TIMEOUT, "cors": ("*",)}
    io = make(stage(lesson), settings)

    def greet(socket: Any) -> None:
        socket.on("message", lambda message: socket.emit("message", message))

    io.on("connection", greet)
    io.attach(app)


async def raw(request: web.Request) -> web.WebSocketResponse:
    """Send each message of a raw WebSocket back."""
    websocket = web.WebSocketResponse(compress=False)
    await websocket.prepare(request)
    async for message in websocket:
        if message.type is WSMsgType.TEXT:
            await websocket.send_str(message.data)
    return websocket


async def main(which: str) -> None:
    """Serve on the port that the environment says, until the process ends."""
    app = web.Application()
    app.router.add_get("/raw", raw)
    if which.isdecimal():
        handmade(app, int(which))
    else:
        python_socketio(app)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(os.environ["PORT"])).start()
    print(json.dumps({"port": runner.addresses[0][1]}), flush=True)
    await asyncio.Future()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
