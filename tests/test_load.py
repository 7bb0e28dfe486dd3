"""The servers of the bench: the same application in each, and a load generator that counts what arrives."""

import asyncio
import sys
from pathlib import Path

import pytest
import socketio
from bench_socketio import SERVERS, Load, Server

from wirelab import bench
from wirelab.serve import serve_load

SOURCES = Path(__file__).resolve().parents[1] / "lessons_src"
NAMES = [name for name in SERVERS if "uvloop" not in name]


@pytest.mark.parametrize("lesson", [8, 9, 10, 11, 12, None])
async def test_a_stage_under_load_echoes_and_casts(lesson: int | None) -> None:
    async with serve_load(lesson=lesson) as listening:
        address = bench.url(listening, scheme="http")
        client = socketio.AsyncSimpleClient()
        await client.connect(address, transports=["websocket"])
        await client.emit("echo", {"a": 1})
        assert await client.receive(5) == ["echo", {"a": 1}]
        await client.emit("cast")
        assert await client.receive(5) == ["news", "n" * 64]
        await client.disconnect()


@pytest.mark.parametrize("name", NAMES)
def test_the_generator_counts_what_arrives(name: str) -> None:
    server, load = Server(name), Load()
    try:
        echo = load.case(server, "echo", 3, 0.2)
        assert echo["count"] >= 3 and 0 < echo["p50"] <= echo["p99"]
        news = load.case(server, "broadcast", 7, 0.2)
        assert news["count"] >= 7 and news["count"] % 7 == 0
        assert load.case(server, "join", 5, 0)["rate"] > 0
        assert server.memory > 1
    finally:
        for process in (load.process, server.process):
            process.kill()
            process.wait()


async def test_it_says_that_it_is_ready_and_what_is_wrong() -> None:
    async with serve_load() as taken:
        port = bench.url(taken).rpartition(":")[2]
        assert "cannot be used" in await complaint_of("--port", port)
    assert "goes with load" in await complaint_of("--uvloop", server="echo")


async def complaint_of(*arguments: str, server: str = "load") -> str:
    command = (sys.executable, "-m", "wirelab.serve", server, *arguments)
    process = await asyncio.create_subprocess_exec(*command, cwd=SOURCES, stderr=asyncio.subprocess.PIPE)
    _, said = await asyncio.wait_for(process.communicate(), 30)
    return said.decode()
