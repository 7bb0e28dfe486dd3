"""The servers' log: kept for a cell that asks, and never printed by itself."""

from __future__ import annotations

import logging

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosedError

from wirelab import bench


async def test_what_a_handler_raises_is_one_line_of_the_log(capsys):
    async def divide(websocket):
        async for message in websocket:
            await websocket.send(str(1 / int(message)))

    bench.keep_logs()
    bench.log()
    async with serve(divide, "127.0.0.1", 0) as server, connect(bench.url(server), proxy=None) as client:
        await client.send("0")
        with pytest.raises(ConnectionClosedError):
            await client.recv()
    assert bench.log() == [
        "websockets.server: connection handler failed · ZeroDivisionError: division by zero"
    ]
    assert bench.log() == []
    assert capsys.readouterr() == ("", "")


def test_keeping_twice_keeps_each_line_once():
    bench.keep_logs()
    bench.keep_logs()
    bench.log()
    logging.getLogger("aiohttp.server").error("once")
    assert bench.log() == ["aiohttp.server: once"]
