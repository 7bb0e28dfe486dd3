"""python-socketio for the gap board, as a program: it tells everybody the numbers that it is told."""

from __future__ import annotations

import asyncio
import json
import os

import socketio  # type: ignore[import-untyped]
from aiohttp import web


async def main() -> None:
    """Serve on the port that the environment says, until the process ends."""
    sio = socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins="*")

    @sio.on("say")  # type: ignore[untyped-decorator]
    async def say(sid: str, number: int) -> None:
        await sio.emit("number", number)

    app = web.Application()
    sio.attach(app)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(os.environ["PORT"])).start()
    print(json.dumps({"port": runner.addresses[0][1]}), flush=True)
    await asyncio.Future()


if __name__ == "__main__":
    asyncio.run(main())
