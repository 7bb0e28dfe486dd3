"""The echo server of lesson 02 on asyncio streams: the handmade protocol, with limits for time and memory."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from websockets.frames import Opcode

from handmade.l02_inside_the_wire import Closed, Connection, Reply, frame, handshake

OPENING_TIME = 10.0
"""Seconds that a client has for its request."""
CLOSING_TIME = 1.0
"""Seconds that a client has for letting go of TCP, once both close frames have passed."""
READ = 1024 * 1024
"""Bytes taken at a time: with asyncio's 64 KiB a large message takes twice as long."""


ENDINGS = (
    asyncio.CancelledError,
    asyncio.IncompleteReadError,
    asyncio.LimitOverrunError,
    ConnectionError,
    TimeoutError,
)
"""Ways in which a conversation is over before its end; none of them is a fault of the server."""


@asynccontextmanager
async def serve_echo(port: int = 0) -> AsyncIterator[asyncio.Server]:
    """Send back each message of up to 32 MiB, on 127.0.0.1; when it ends, its clients get 1001."""
    connections: dict[asyncio.Task[None], StreamWriter] = {}

    async def connected(reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections[task] = writer
        try:
            with suppress(*ENDINGS):
                await _converse(reader, writer)
        finally:
            del connections[task]
            writer.close()

    async with await asyncio.start_server(connected, "127.0.0.1", port, limit=READ) as server:
        yield server
        server.close()
        stopping = list(connections)
        for task in stopping:
            task.cancel()
        await asyncio.gather(*stopping, return_exceptions=True)


async def _converse(reader: StreamReader, writer: StreamWriter) -> None:
    """One client, from its request to its end."""
    async with asyncio.timeout(OPENING_TIME):
        response = handshake(await reader.readuntil(b"\r\n\r\n"))
    writer.write(response)
    if response.startswith(b"HTTP/1.1 101 "):
        await _echo(reader, writer)
    with suppress(TimeoutError, OSError):
        # Closing while bytes of the client are unread would reset the connection: it might lose the goodbye.
        async with asyncio.timeout(CLOSING_TIME):
            await writer.drain()
            writer.write_eof()
            while await reader.read(READ):
                pass


async def _echo(reader: StreamReader, writer: StreamWriter) -> None:
    """Every message back, until the close frame or the end of the bytes."""
    connection = Connection()
    try:
        while data := await reader.read(READ):
            for event in connection.receive(data):
                match event:
                    case Closed():
                        return
                    case Reply():
                        writer.write(event)
                    case bytes():
                        writer.write(frame(Opcode.BINARY, event))
                    case str():
                        writer.write(frame(Opcode.TEXT, event.encode()))
                await writer.drain()
    except asyncio.CancelledError:
        writer.write(connection.close(1001, "the server stops"))
        raise
