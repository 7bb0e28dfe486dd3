"""python-socketio on aiohttp, with the application that the rulebook wants and a short heartbeat.

It announces whole seconds alone: 0.3 would be announced as 0.
"""

from __future__ import annotations

import asyncio
import json
import os

import socketio  # type: ignore[import-untyped]
from aiohttp import web


async def main() -> None:
    sio = socketio.AsyncServer(async_mode="aiohttp", ping_interval=1, ping_timeout=1)

    async def connect(sid: str, environ: object, auth: object = None) -> None:
        await sio.emit("auth", auth or {}, to=sid)

    async def message(sid: str, *arguments: object) -> None:
        await sio.emit("message-back", arguments, to=sid)

    sio.on("connect", connect)
    sio.on("message", message)
    app = web.Application()
    sio.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(os.environ.get("PORT", "0"))).start()
    print(json.dumps({"port": runner.addresses[0][1]}), flush=True)
    await asyncio.Future()


if __name__ == "__main__":
    asyncio.run(main())
