"""The panel's echo server, as a program. It tells the port in its argument what each of its handlers sees.

Each report is a line of JSON: `[connection number, client's name, "open" | "heard" | "closed", exception]`.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import signal
import sys

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed


async def main(report_port: int) -> None:
    """Serve on the port that the environment says, until SIGTERM: then say goodbye to everyone with 1001."""
    _, reports = await asyncio.open_connection("127.0.0.1", report_port)
    numbers = itertools.count(1)

    def report(*what: object) -> None:
        reports.write(json.dumps(what).encode() + b"\n")

    async def echo(websocket: ServerConnection) -> None:
        assert websocket.request is not None
        me = (next(numbers), websocket.request.path.strip("/"))
        report(*me, "open", "")
        try:
            while True:
                message = await websocket.recv()
                report(*me, "heard", "")
                await websocket.send(message)
        except ConnectionClosed as end:
            report(*me, "closed", f"{type(end).__name__}: {end}")

    port = int(os.environ["PORT"])
    async with serve(
        echo, "127.0.0.1", port, compression=None, ping_interval=None, close_timeout=1
    ) as server:
        with contextlib.suppress(NotImplementedError):  # Windows has no SIGTERM
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.close)
        print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
        await server.wait_closed()
    reports.close()
    await reports.wait_closed()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
