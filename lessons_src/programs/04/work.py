import asyncio
import json
import os
import sys
import time
from http import HTTPStatus

from websockets.asyncio.server import serve


def health(connection, request):
    if request.path == "/healthz":
        return connection.respond(HTTPStatus.OK, "well\n")


async def handler(websocket):
    await websocket.send(sys.argv[1])
    async for message in websocket:
        if message == "report":
            time.sleep(600)  # a slow query: until it is done, nobody else gets a turn


async def main():
    port = int(os.environ["PORT"])
    async with serve(handler, "127.0.0.1", port, process_request=health, compression=None) as server:
        print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
        await server.serve_forever()


asyncio.run(main())
