"""python-socketio on aiohttp, or raw `websockets`, with the application that load.mjs wants."""

import asyncio
import sys

import socketio
from aiohttp import web
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed

NEWS = "n" * 64


async def python_socketio(port: int) -> None:
    sio = socketio.AsyncServer(async_mode="aiohttp")

    @sio.on("echo")
    async def echo(sid: str, value: object) -> None:
        await sio.emit("echo", value, to=sid)

    @sio.on("cast")
    async def cast(sid: str) -> None:
        await sio.emit("news", NEWS)

    app = web.Application()
    sio.attach(app)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    print("ready", flush=True)
    await asyncio.Event().wait()


async def raw(port: int) -> None:
    everyone: set[ServerConnection] = set()

    async def talk(websocket: ServerConnection) -> None:
        everyone.add(websocket)
        try:
            async for message in websocket:
                if message.startswith("cast"):
                    broadcast(everyone, NEWS)
                else:
                    await websocket.send(message)
        except ConnectionClosed:
            pass  # the load generator leaves without a word
        finally:
            everyone.discard(websocket)

    async with serve(talk, "127.0.0.1", port, compression=None):
        print("ready", flush=True)
        await asyncio.Event().wait()


asyncio.run({"python-socketio": python_socketio, "raw": raw}[sys.argv[1]](int(sys.argv[2])))
