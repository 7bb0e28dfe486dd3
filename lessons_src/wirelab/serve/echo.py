"""The echo server of lesson 02 on asyncio streams: the handmade protocol, with limits for time and memory."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from websockets.frames import Opcode

from handmade.l02_inside_the_wire import Closed, Connection, Reply, frame, handshake
from wirelab.serve.memory import Full, Memory, Share

OPENING_TIME = 10.0
"""Seconds that a client has for its request."""
WRITING_TIME = 10.0
"""Seconds for which a client that is sent something may take none of it."""
CLOSING_TIME = 1.0
"""Seconds that a client has for letting go of TCP, once the last close frame is sent."""
READ = 1024 * 1024
"""Bytes taken at a time: with asyncio's 64 KiB a large message takes twice as long."""
MEMORY = 128 * 1024 * 1024
"""Bytes of all clients together that the server keeps: messages not yet whole, and echoes not yet taken."""


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
    clients: set[asyncio.Task[None]] = set()
    memory = Memory(MEMORY)

    async def connected(reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        clients.add(task)
        try:
            with suppress(*ENDINGS), Share(memory) as share:
                await _converse(reader, writer, share)
        finally:
            clients.discard(task)
            # What a deaf client has not taken is not waited for: from Python 3.12 on the server would be.
            writer.transport.abort()

    server = await asyncio.start_server(connected, "127.0.0.1", port, limit=READ)
    try:
        yield server
    finally:
        server.close()
        while clients:
            for task in clients:
                task.cancel()
            await asyncio.wait(clients)


async def _converse(reader: StreamReader, writer: StreamWriter, share: Share) -> None:
    """One client, from its request to its end."""
    async with asyncio.timeout(OPENING_TIME):
        response = handshake(await reader.readuntil(b"\r\n\r\n"))
    writer.write(response)
    if response.startswith(b"HTTP/1.1 101 "):
        await _echo(reader, writer, share)
    with suppress(TimeoutError, OSError):
        # Closing while bytes of the client are unread would reset the connection: it might lose the goodbye.
        async with asyncio.timeout(CLOSING_TIME):
            await writer.drain()
            writer.write_eof()
            while await reader.read(READ):
                pass


async def _echo(reader: StreamReader, writer: StreamWriter, share: Share) -> None:
    """Every message back, until the close frame, the end of the bytes, or the end of the server."""
    connection, arriving = Connection(), 0
    try:
        while data := await reader.read(READ):
            arriving += len(data)
            share.hold(arriving)
            for event in connection.receive(data):
                if isinstance(event, Closed):
                    return
                if not isinstance(event, Reply):
                    arriving = 0
                writer.write(_answer(event))
                if unsent := writer.transport.get_write_buffer_size():
                    # Meanwhile the reader takes in twice its limit, and then no more.
                    share.hold(arriving + unsent + 2 * READ)
                    await _taken(writer)
                    share.hold(arriving)
    except Full:
        writer.write(connection.close(1013, "the server has no room for this"))
    except asyncio.CancelledError:
        writer.write(connection.close(1001, "the server stops"))


def _answer(event: str | bytes | Reply) -> bytes:
    """What is sent back: a message in a frame, a Reply of the protocol as it is."""
    if isinstance(event, Reply):
        return event.frame
    if isinstance(event, str):
        return frame(Opcode.TEXT, event.encode())
    return frame(Opcode.BINARY, event)


async def _taken(writer: StreamWriter) -> None:
    """Return once the client has taken most of what was written.

    Raises TimeoutError if it takes nothing for WRITING_TIME: a slow client is waited for, a deaf one is not.
    """
    before = 0
    while (unsent := writer.transport.get_write_buffer_size()) != before:
        before = unsent
        with suppress(TimeoutError):
            async with asyncio.timeout(WRITING_TIME):
                return await writer.drain()
    raise TimeoutError
