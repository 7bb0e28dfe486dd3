import asyncio
import json
import os
import sys
from pathlib import Path

import redis.asyncio
from aiohttp import web

from handmade.chat import CLIENT, PAGE, file
from handmade.l09_long_polling_and_upgrade import site
from handmade.l20_capstone import Archive, chat, member

HERE = Path(__file__).parent
SCRIPTS = {f"/{name}": HERE / name for name in ("draw.js", "chat.js", "form.js")}
OTHERS = {"/": HERE / "chat.html", "/chat.css": PAGE / "chat.css", "/socket.io.js": CLIENT}


async def main(name, address):
    io = chat(member(address), Archive(redis.asyncio.Redis.from_url(address)))
    io.on("connection", lambda socket: socket.emit("welcome", name))
    app = web.Application()
    for path, found in (SCRIPTS | OTHERS).items():
        app.router.add_get(path, file(found))
    io.attach(app)
    async with site(app, "127.0.0.1", int(os.environ["PORT"])) as port:
        print(json.dumps({"port": port}), flush=True)
        await asyncio.Future()


asyncio.run(main(*sys.argv[1:]))
