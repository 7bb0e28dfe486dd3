import asyncio
import json
import threading

from handmade.l16_who_is_there import Server

io = Server()


@io.on("connection")
def welcome(socket):
    threading.Timer(0.2, socket.emit, ("news", "from a thread")).start()
    socket.on("hello", lambda: socket.emit("news", "hello"))


async def main():
    async with io.listen() as port:
        print(json.dumps({"port": port}))
        await asyncio.Future()


asyncio.run(main())
