"""The echo server from a command line: how it stops, and what its clients may cost it."""

import asyncio
import signal
import sys
import time
import tracemalloc
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import psutil
import pytest
from websockets.asyncio.client import connect
from websockets.frames import Opcode

from handmade.l02_inside_the_wire import Connection, frame
from wirelab import bench
from wirelab.middlebox import port_of
from wirelab.serve import echo, serve_echo

MIB = 1024 * 1024
SOURCES = Path(__file__).resolve().parents[1] / "lessons_src"
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
KEY = bytes(4)
REQUEST = (
    b"GET / HTTP/1.1\r\nHost: example.org\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@asynccontextmanager
async def process() -> AsyncIterator[tuple[Process, int]]:
    """The server in a process of its own, and its port."""
    command = [sys.executable, "-m", "wirelab.serve", "echo"]
    server = await asyncio.create_subprocess_exec(*command, cwd=SOURCES, stdout=PIPE)
    try:
        line = await asyncio.wait_for(server.stdout.readline(), 10)
        yield server, int(line.rsplit(b":", 1)[1])
    finally:
        if server.returncode is None:
            server.kill()
        await server.communicate()  # closes the pipe, too


async def opened(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection after its handshake, on which nothing is read any more unless the test does."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    writer.write(REQUEST)
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def ends(server: Process) -> float:
    """Seconds until the process has ended; TimeoutError after ten."""
    begin = time.monotonic()
    await asyncio.wait_for(server.wait(), 10)
    return time.monotonic() - begin


@POSIX
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM], ids=lambda told: told.name)
async def test_fifty_idle_clients_get_1001_and_the_server_stops_at_once(told):
    async with process() as (server, port), AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(connect(bench.url(port), proxy=None)) for _ in range(50)]
        server.send_signal(told)
        seconds = await ends(server)
        for client in clients:
            await asyncio.wait_for(client.wait_closed(), 5)
    assert (server.returncode, {client.close_code for client in clients}) == (0, {1001})
    assert seconds < 3


@POSIX
async def test_clients_that_do_not_read_cannot_keep_the_server():
    async with process() as (server, port):
        writers = [(await opened(port))[1] for _ in range(3)]
        for writer in writers:
            writer.write(frame(Opcode.BINARY, bytes(8 * MIB), KEY))
        await asyncio.sleep(0.3)
        server.send_signal(signal.SIGTERM)
        assert await ends(server) < 4
        assert server.returncode == 0
        for writer in writers:
            writer.transport.abort()


async def test_twenty_clients_that_do_not_read_do_not_fill_the_memory():
    message = frame(Opcode.BINARY, bytes(32 * MIB), KEY)
    async with process() as (server, port):
        writers = [(await opened(port))[1] for _ in range(20)]
        most = 0
        for writer in writers:
            writer.write(message)
        for _ in range(100):
            most = max(most, psutil.Process(server.pid).memory_info().rss)
            await asyncio.sleep(0.03)
        async with connect(bench.url(port), proxy=None) as another:
            await another.send("is there anybody?")
            assert await asyncio.wait_for(another.recv(), 5) == "is there anybody?"
        for writer in writers:
            writer.transport.abort()
    assert most < 700 * MIB


async def test_a_message_for_which_there_is_no_room_gets_1013(monkeypatch):
    monkeypatch.setattr(echo, "MEMORY", MIB)
    async with serve_echo() as server, connect(bench.url(server), proxy=None, compression=None) as client:
        await client.send("there is room for this")
        assert await client.recv() == "there is room for this"
        await client.send(bytes(2 * MIB))
        await asyncio.wait_for(client.wait_closed(), 5)
    assert client.close_code == 1013


async def test_who_takes_nothing_for_a_while_is_let_go_and_who_is_slow_is_not(monkeypatch):
    monkeypatch.setattr(echo, "WRITING_TIME", 0.3)
    message = frame(Opcode.BINARY, bytes(8 * MIB), KEY)
    async with serve_echo() as server:
        deaf, slow = await opened(port_of(server)), await opened(port_of(server))
        for _, writer in (deaf, slow):
            writer.write(message)
        taken = 0
        while taken < 8 * MIB:
            taken += len(await asyncio.wait_for(slow[0].readexactly(MIB), 5))
            await asyncio.sleep(0.15)
        with pytest.raises(ConnectionError):
            async with asyncio.timeout(5):
                while True:
                    deaf[1].write(b"x")
                    await deaf[1].drain()
                    await asyncio.sleep(0.01)
        slow[1].transport.abort()


def test_a_message_in_parts_of_one_byte_costs_what_it_is_long():
    parts = 50_000
    first, next_one = frame(Opcode.BINARY, b"x", KEY, fin=0), frame(Opcode.CONT, b"x", KEY, fin=0)
    connection = Connection()
    tracemalloc.start()
    try:
        assert list(connection.receive(first)) == []
        for _ in range(parts // 1000):
            assert list(connection.receive(next_one * 1000)) == []
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 3 * parts
