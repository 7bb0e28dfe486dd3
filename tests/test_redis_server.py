"""A Redis for the lessons: the real one or the embedded one, killed and started again on its port."""

import sys
from pathlib import Path

import pytest
import redis.asyncio

from wirelab import bench
from wirelab.bench import RedisServer
from wirelab.process.redis import EMBEDDED, real_redis


async def answers(server: RedisServer) -> bool:
    """Whether it keeps what it is given."""
    client = redis.asyncio.Redis.from_url(bench.url(server, scheme="redis"))
    try:
        await client.set("metal", "gold")
        return bool(await client.get("metal") == b"gold")
    finally:
        await client.aclose()


@pytest.mark.parametrize("command", [real_redis(), EMBEDDED])
async def test_it_serves_dies_and_comes_back_empty_on_its_port(command: str | None) -> None:
    if command is None:
        pytest.skip("neither redis-server nor valkey-server is installed")
    async with RedisServer(command) as server:
        port = server.port
        assert await answers(server)
        server.kill()
        with pytest.raises(redis.exceptions.ConnectionError):
            await answers(server)
        await server.restart()
        assert server.port == port
        client = redis.asyncio.Redis.from_url(bench.url(server, scheme="redis"))
        assert await client.get("metal") is None
        await client.aclose()
    assert not server.running


async def test_several_at_a_time() -> None:
    async with RedisServer.best() as one, RedisServer.embedded() as two:
        assert one.port != two.port
        assert await answers(one) and await answers(two)


def test_which_one_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIRELAB_REDIS", EMBEDDED)
    assert real_redis() is None
    monkeypatch.delenv("WIRELAB_REDIS")
    monkeypatch.setattr(
        "shutil.which", lambda command, path: f"/there/{command}" if "valkey" in command else None
    )
    assert real_redis() == (None if sys.platform == "win32" else "/there/valkey-server")


@pytest.mark.skipif(sys.platform == "win32", reason="no Redis for Windows")
@pytest.mark.parametrize("version, is_taken", [("6.0.16", False), ("6.2.0", True), ("10.0.1", True)])
def test_one_that_is_too_old_is_not_taken(
    version: str, is_taken: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = tmp_path / "redis-server"
    command.write_text(f"#!/bin/sh\necho 'Redis server v={version} sha=00000000:0 malloc=jemalloc bits=64'\n")
    command.chmod(0o755)
    monkeypatch.delenv("WIRELAB_REDIS", raising=False)
    monkeypatch.setattr(
        "shutil.which", lambda command, path: {"redis-server": str(tmp_path / command)}.get(command)
    )
    assert real_redis() == (str(command) if is_taken else None)


async def test_what_cannot_start_says_so() -> None:
    with pytest.raises(ChildProcessError):
        async with RedisServer("/nowhere/redis-server"):
            pass
