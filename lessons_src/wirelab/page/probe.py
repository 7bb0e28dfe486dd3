"""A probe: whether a page runs on the kernel's own machine."""

from __future__ import annotations

import asyncio

PROBE_SECONDS = 5.0


async def open_probe() -> str:
    """A URL on the kernel's loopback that answers one request: a page that reaches it is on this machine."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: *\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()
            server.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    asyncio.get_running_loop().call_later(PROBE_SECONDS, server.close)
    return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
