import asyncio
import json
import sys

import psutil

from wirelab.serve import stage

lesson, settings = json.loads(sys.argv[1])
io = stage(lesson)(**settings)
memory = psutil.Process().memory_info


@io.on("connection")
def welcome(socket):
    socket.on("follow", lambda answer: answer(socket.join("news")))
    socket.on("memory", lambda answer: answer(memory().rss))


async def main():
    async with io.listen() as port:
        print(json.dumps({"port": port}))
        while True:
            io.to("news").emit("news", "n" * 200_000)
            await asyncio.sleep(0.02)


asyncio.run(main())
