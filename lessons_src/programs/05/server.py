import asyncio
import contextlib
import json
import os
import signal

from websockets.asyncio.server import serve


async def echo(websocket):
    async for message in websocket:
        await websocket.send(message)


async def main():
    port = int(os.environ["PORT"])
    async with serve(echo, "127.0.0.1", port, ping_interval=None, compression=None) as server:
        with contextlib.suppress(NotImplementedError):  # Windows has no SIGTERM
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.close)
        print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
        await server.wait_closed()


asyncio.run(main())
