import asyncio
import json

import psutil
import socketio
from aiohttp import web

sio = socketio.AsyncServer(async_mode="aiohttp")
memory = psutil.Process().memory_info


@sio.on("follow")
async def follow(sid):
    await sio.enter_room(sid, "news")


@sio.on("memory")
async def say_memory(sid):
    return memory().rss


async def main():
    app = web.Application()
    sio.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(json.dumps({"port": runner.addresses[0][1]}))
    while True:
        await sio.emit("news", "n" * 200_000, to="news")
        await asyncio.sleep(0.02)


asyncio.run(main())
