import asyncio
import json
import os
import sys

from handmade import Recovery, RedisStreams, Server


async def main(address):
    io = Server(adapter=RedisStreams(address), connection_state_recovery=Recovery())
    io.on("connection", lambda socket: socket.on("join", lambda room, answer: answer(socket.join(room))))
    async with io.listen(int(os.environ["PORT"])) as port:
        print(json.dumps({"port": port}), flush=True)
        await asyncio.Future()


asyncio.run(main(sys.argv[1]))
