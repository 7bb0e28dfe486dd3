"""Servers that ask each other, ours and official ones, over Redis pub/sub and over Redis Streams."""

import asyncio
import contextlib
import itertools
import logging
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from test_handmade_cluster import KINDS, at, at_node, becomes, settle

from handmade import ClientSocket, Incomplete, Redis, RedisStreams, Server, io
from wirelab import bench
from wirelab.bench import Child, RedisServer
from wirelab.waiting import until

LINES: dict[str, Any] = {"pub/sub": Redis, "streams": RedisStreams}
PROGRAMS = {"pub/sub": "tests/cluster_server.mjs", "streams": "tests/stream_server.mjs"}
EACH = [pytest.param(each, id=" ".join(each)) for each in itertools.product(KINDS, LINES)]


class Town:
    """Servers of one cluster."""

    def __init__(self, store: RedisServer, kind: str, stack: contextlib.AsyncExitStack) -> None:
        self.store, self.kind, self.stack = store, kind, stack

    async def server(self) -> tuple[Server, int]:
        """One of ours, and its port."""
        server = Server(adapter=LINES[self.kind](at(self.store)))
        return server, await self.stack.enter_async_context(server.listen())

    async def servers(self, count: int) -> list[Server]:
        """Several of ours."""
        return [(await self.server())[0] for _ in range(count)]

    async def node(self) -> ClientSocket:
        """A client at an official one, which can have it do anything."""
        child = await self.stack.enter_async_context(Child.node(PROGRAMS[self.kind], at(self.store)))
        client = io(bench.url(child, scheme="http"), transports=["websocket"], force_new=True)
        self.stack.callback(client.disconnect)
        await until(lambda: client.connected, 5)
        return client


@pytest.fixture(params=EACH)
async def town(request: pytest.FixtureRequest) -> AsyncIterator[Town]:
    store, kind = request.param
    command = KINDS[store]
    if command is None:
        pytest.skip("neither redis-server nor valkey-server is installed")
    async with contextlib.AsyncExitStack() as stack:
        redis = await stack.enter_async_context(RedisServer(command))
        yield Town(redis, kind, stack)


Answer = Callable[..., None]


async def knows(client: ClientSocket, count: int) -> None:
    """Wait until an official server knows of so many servers, itself among them."""
    await becomes(lambda: at_node(client, "io.of('/').adapter.serverCount()"), count)


# Ours


async def test_each_of_the_others_answers_once(town: Town) -> None:
    one, two, three = await town.servers(3)
    asked = list[str]()
    one.on("which", lambda *_: asked.append("one"))
    two.on("which", lambda number, image, what, answer: answer(["two", number, image, what]))

    async def slowly(number: int, image: bytes, what: object, answer: Answer) -> None:
        await asyncio.sleep(0.05)
        answer(["three", number, image, what], "more")
        answer("again")

    three.on("which", slowly)
    three.on("which", lambda *what: what[-1]("a second handler's"))
    said = (1, b"\x00\xff", {"a": [1.5, None, "ü"]})
    answers = await one.server_side_emit_with_ack("which", *said)
    assert sorted(answers) == [["three", *said], ["two", *said]]
    assert asked == []
    two.on("nothing", lambda answer: answer())
    three.on("nothing", lambda answer: answer(None))
    assert await one.server_side_emit_with_ack("nothing") == [None, None]


async def test_the_only_server_has_an_empty_list_at_once(town: Town) -> None:
    [one] = await town.servers(1)
    one.on("which", lambda answer: answer("one"))
    async with asyncio.timeout(3):
        assert await one.server_side_emit_with_ack("which", timeout=30) == []


async def test_who_does_not_answer_in_time_is_missing(town: Town) -> None:
    one, two, three = await town.servers(3)
    late = list[Answer]()
    two.on("which", lambda number, answer: answer(["two", number]))
    three.on(
        "which", lambda number, answer: late.append(answer) if number == 1 else answer(["three", number])
    )
    begin = time.monotonic()
    with pytest.raises(Incomplete, match="1 of 2") as failure:
        await one.server_side_emit_with_ack("which", 1, timeout=0.5)
    assert isinstance(failure.value, TimeoutError)
    assert failure.value.responses == [["two", 1]]
    assert 0.4 < time.monotonic() - begin < 4
    late[0](["three", 1])  # to nobody
    await settle()
    assert sorted(await one.server_side_emit_with_ack("which", 2)) == [["three", 2], ["two", 2]]
    with pytest.raises(Incomplete, match="0 of 2") as failure:
        await one.server_side_emit_with_ack("what nobody knows", timeout=0.3)
    assert failure.value.responses == []


async def test_a_question_may_take_longer_than_others_do(town: Town) -> None:
    one, two = await town.servers(2)
    one.adapter.patience = 0.1

    async def slowly(answer: Answer) -> None:
        await asyncio.sleep(0.5)
        answer("at last")

    two.on("which", slowly)
    assert await one.server_side_emit_with_ack("which", timeout=20) == ["at last"]


async def test_many_ask_at_once_and_each_has_its_own_answers(town: Town) -> None:
    servers = await town.servers(3)
    for name, server in enumerate(servers):
        server.on("which", lambda number, answer, name=name: answer([name, number]))
    asking = [server.server_side_emit_with_ack("which", number) for number in range(40) for server in servers]
    found = await asyncio.gather(*asking)
    for number, name in itertools.product(range(40), range(3)):
        others = [[other, number] for other in range(3) if other != name]
        assert sorted(found[3 * number + name]) == others


async def test_each_namespace_asks_those_of_its_name(town: Town) -> None:
    one, two = await town.servers(2)
    for path in ("/", "/tea"):
        for server in (one, two):
            server.of(path)
        two.of(path).on("where", lambda answer, path=path: answer(path))
    await settle()  # until the namespace is subscribed
    assert await one.of("/tea").server_side_emit_with_ack("where") == ["/tea"]
    assert await one.server_side_emit_with_ack("where") == ["/"]


async def test_a_bad_question_is_not_sent(town: Town) -> None:
    one, two = await town.servers(2)
    heard = list[object]()
    for event in ("connect", "connection", "new_namespace", "hello"):
        two.on(event, lambda *what: heard.append(what))
    for event in ("connect", "connection", "new_namespace"):
        with pytest.raises(ValueError, match=event):
            await one.server_side_emit_with_ack(event)
        with pytest.raises(ValueError, match=event):
            one.server_side_emit(event)
    for seconds in (0, -1.5):
        with pytest.raises(ValueError, match="leaves no time"):
            await one.server_side_emit_with_ack("hello", timeout=seconds)
    one.server_side_emit("hello", "there")
    await until(lambda: bool(heard))
    assert heard == [("there",)]


async def test_nobody_can_be_asked_while_redis_is_away(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    one, _ = await town.servers(2)
    town.store.kill()
    with pytest.raises(ConnectionError, match="No Redis answers"):
        await one.server_side_emit_with_ack("which")


# Official servers


async def test_we_ask_official_servers(town: Town) -> None:
    ours, other = await town.servers(2)
    first, second = await town.node(), await town.node()
    await knows(first, 4)
    for client, name in ((first, "first"), (second, "second")):
        words = (
            f"io.on('which', (number, image, what, answer) => answer(['{name}', number, image.length, what]))"
        )
        assert await at_node(client, f"{words} && true")
    other.on("which", lambda number, image, what, answer: answer(["ours", number, len(image), what]))
    answers = await ours.server_side_emit_with_ack("which", 7, b"\x00\xff", {"a": [None, "ü"]})
    said = [7, 2, {"a": [None, "ü"]}]
    assert sorted(answers) == [["first", *said], ["ours", *said], ["second", *said]]
    assert await at_node(first, "io.on('nothing', (answer) => answer()) && true")
    other.on("nothing", lambda answer: answer())
    with pytest.raises(Incomplete, match="2 of 3") as failure:
        await ours.server_side_emit_with_ack("nothing", timeout=0.7)
    assert failure.value.responses == [None, None]


async def test_official_servers_ask_us(town: Town) -> None:
    ours, other = await town.servers(2)
    first, second = await town.node(), await town.node()
    await knows(first, 4)
    for server, name in ((ours, "ours"), (other, "other")):
        server.on("which", lambda number, answer, name=name: answer([name, number], "more"))
        server.on("which", lambda number, answer: answer("a second handler's"))
    assert await at_node(second, "io.on('which', (number, answer) => answer(['second', number])) && true")
    answers = await at_node(first, "io.serverSideEmitWithAck('which', 7)")
    assert sorted(answers) == [["other", 7], ["ours", 7], ["second", 7]]
    ours.on("half", lambda answer: answer("ours"))
    words = "io.serverSideEmitWithAck('half').catch((error) => error.responses)"
    assert await at_node(first, words) == ["ours"]


async def test_bytes_among_the_answers(town: Town) -> None:
    [ours], node = await town.servers(1), await town.node()
    await knows(node, 2)
    assert await at_node(node, "io.on('image', (answer) => answer(Buffer.from([0, 255]))) && true")
    of_json = {"type": "Buffer", "data": [0, 255]}  # in which the official pub/sub adapter answers
    expected = of_json if town.kind == "pub/sub" else b"\x00\xff"
    assert await ours.server_side_emit_with_ack("image") == [expected]
    ours.on("image", lambda answer: answer(b"\x00\xff"))
    words = "io.serverSideEmitWithAck('image').then(([image]) => [...image])"
    assert await at_node(node, words) == [0, 255]
