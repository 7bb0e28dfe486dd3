"""Raw WebSocket servers that echo. argv[1]: JSON {name: port}; prints the ports, and who was closed how."""

import asyncio
import json
import sys
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed


async def echo(connection: ServerConnection) -> None:
    assert connection.request is not None
    job = parse_qs(urlsplit(connection.request.path).query).get("job", [""])[0]
    print(json.dumps({"job": job, "server": "open"}), flush=True)
    try:
        async for message in connection:
            await connection.send(message)
    except ConnectionClosed:
        pass
    print(json.dumps({"job": job, "server": connection.close_code}), flush=True)


async def main() -> None:
    ports = {}
    for name, port in json.loads(sys.argv[1]).items():
        server = await serve(echo, "127.0.0.1", port, compression=None, ping_interval=None, open_timeout=None)
        ports[name] = server.sockets[0].getsockname()[1]
    print(json.dumps({"ports": ports}), flush=True)
    await asyncio.to_thread(sys.stdin.read)


asyncio.run(main())
