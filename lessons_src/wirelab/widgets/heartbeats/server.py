"""The panel's server, as a program: the handmade one of lesson 10. It tells what each of its sockets sees.

The port in its argument hands it one line of JSON, `{"ping_interval": 2.0, "ping_timeout": 1.0}`, and gets a
line for each report: `[client's name, "open" | "closed", reason]`.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

from handmade.l10_heartbeats import Server


async def main(report_port: int) -> None:
    """Serve on the port that the environment says, until somebody ends the process."""
    orders, reports = await asyncio.open_connection("127.0.0.1", report_port)
    io = Server(cors=("*",), **json.loads(await orders.readline()))

    def report(*what: object) -> None:
        reports.write(json.dumps(what).encode() + b"\n")

    def connected(socket: Any) -> None:
        name = socket.handshake["auth"].get("name", "")
        report(name, "open", "")
        socket.on("disconnect", lambda reason: report(name, "closed", reason))

    io.on("connection", connected)
    async with io.listen(int(os.environ["PORT"])) as port:
        print(json.dumps({"port": port}), flush=True)
        await asyncio.Future()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
