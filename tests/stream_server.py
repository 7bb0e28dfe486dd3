"""One of several servers on a Redis stream, in a process of its own: it can be killed."""

import asyncio
import json
import os
import sys

from handmade import Recovery, RedisStreams, Server


def welcome(io, socket):
    """What a client can have done; it is asked who it is."""
    socket.on("join", lambda room, answer: answer(socket.join(room)))
    socket.on("call", lambda name, answer: answer(socket.data.update(name=name)))
    socket.on("say", lambda *words: io.emit("said", *words))
    socket.on("who", lambda answer: answer([sorted(socket.rooms - {socket.id}), socket.data]))


async def main(address):
    io = Server(adapter=RedisStreams(address), connection_state_recovery=Recovery())
    io.on("connection", lambda socket: welcome(io, socket))
    async with io.listen(int(os.environ["PORT"])) as port:
        print(json.dumps({"port": port}), flush=True)
        await asyncio.Future()


asyncio.run(main(sys.argv[1]))
