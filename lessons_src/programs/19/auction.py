import asyncio
import json
import os
import sys

from handmade.l19_many_servers import Server
from handmade.redis_line import Redis


def auction(io, socket):
    """Who is in a room hears its prices. One can ask how many are there, and ask them all."""

    async def count(answer):
        answer(len(await io.fetch_sockets()))

    async def ask(answer):
        answer(await io.timeout(2).emit_with_ack("going once"))

    socket.on("join", lambda room, answer: answer(socket.join(room)))
    socket.on("bid", lambda room, price: io.to(room).emit("price", price))
    socket.on("echo", lambda word, answer: answer(word))
    socket.on("count", count)
    socket.on("ask", ask)


async def main(*addresses):
    io = Server(adapter=Redis(addresses[0]) if addresses else None)
    io.on("connection", lambda socket: auction(io, socket))
    async with io.listen(int(os.environ["PORT"])) as port:
        print(json.dumps({"port": port}), flush=True)
        await asyncio.Future()


asyncio.run(main(*sys.argv[1:]))
