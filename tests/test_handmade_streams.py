"""Several servers over Redis Streams: whoever is lost comes back at any of them, and has missed nothing."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
import redis.asyncio
from test_handmade_cluster import GARBAGE, KINDS, at, becomes, settle

from handmade import ConnectError, Recovery, RedisStreams, Server, io
from handmade.stream_entries import as_number, as_offset, write
from wirelab import bench
from wirelab.bench import Child, RedisServer
from wirelab.middlebox import Blackhole, Middlebox, RoundRobin
from wirelab.waiting import until


@pytest.fixture(params=list(KINDS))
async def store(request: pytest.FixtureRequest) -> AsyncIterator[RedisServer]:
    command = KINDS[request.param]
    if command is None:
        pytest.skip("neither redis-server nor valkey-server is installed")
    async with RedisServer(command) as server:
        yield server


class Town:
    """Servers on one stream, and clients at them."""

    def __init__(self, store: RedisServer, stack: contextlib.AsyncExitStack) -> None:
        self.store, self.stack = store, stack
        self.client = redis.asyncio.Redis.from_url(at(store))
        stack.push_async_callback(self.client.aclose)

    async def server(self, length: int = 10_000, options: Any = None, **recovery: Any) -> tuple[Any, int]:
        """One of ours, and its port."""
        line = RedisStreams(at(self.store), length)
        server = Server(adapter=line, connection_state_recovery=Recovery(**recovery), **(options or {}))
        return server, await self.stack.enter_async_context(server.listen())

    async def child(self) -> Child:
        """One of ours, in a process that can be killed."""
        child = Child.python("tests/stream_server.py", at(self.store))
        return await self.stack.enter_async_context(child)

    async def node(self) -> Child:
        """An official one."""
        return await self.stack.enter_async_context(Child.node("tests/stream_server.mjs", at(self.store)))

    async def in_turn(self, *servers: Any) -> Middlebox:
        """A balancer: the first connection goes to the first of them, the next to the next."""
        return await self.stack.enter_async_context(Middlebox(servers[0], [RoundRobin(servers)]))

    async def ear(self, where: object, namespace: str = "/", **options: Any) -> tuple[Any, list[Any]]:
        """A client there, connected, and what it hears."""
        address = bench.url(where, namespace, scheme="http")
        settings = {"transports": ["websocket"], "force_new": True, "reconnection_delay": 0.1, **options}
        client, heard = io(address, **settings), []
        self.stack.callback(client.disconnect)
        client.on("said", lambda *what: heard.append(without_offset(what)))
        await until(lambda: client.connected, 5)
        return client, heard

    async def kept(self, pid: str) -> bool:
        """Whether Redis knows of somebody."""
        return bool(await self.client.exists(f"sio:session:{pid}"))


@pytest.fixture
async def town(store: RedisServer) -> AsyncIterator[Town]:
    async with contextlib.AsyncExitStack() as stack:
        yield Town(store, stack)


def without_offset(what: tuple[Any, ...]) -> Any:
    """What an event says: one thing, or several. Its offset comes behind them, as at an official client."""
    said = what[:-1] if isinstance(what[-1], str) and what[-1][:1].isdecimal() else what
    return said[0] if len(said) == 1 else said


def last(heard: list[Any]) -> Any:
    """What somebody has heard last, or None."""
    return heard[-1] if heard else None


def lose(server: Any, client: Any) -> None:
    """The connection of a client breaks."""
    server.sockets[client.id].client.session.end("transport close")


async def back(client: Any, is_recovered: bool = True) -> None:
    """Wait until a client is there again, as it was or as a new one."""
    await until(lambda: client.connected and client.recovered is is_recovered, 10)


async def speak(server: Any, numbers: range) -> None:
    """Say numbers, one after the other."""
    for number in numbers:
        server.emit("said", number)
        await asyncio.sleep(0.002)


# Whoever comes back


async def test_a_server_is_killed_while_numbers_flow(town: Town) -> None:
    crier, _ = await town.server()
    first, second = await town.child(), await town.child()
    client, heard = await town.ear(await town.in_turn(first, second))
    await client.timeout(5).emit_with_ack("join", "gold")
    await client.timeout(5).emit_with_ack("call", "Ann")
    id = client.id
    speaking = asyncio.create_task(speak(crier, range(600)))
    await until(lambda: len(heard) > 100)
    first.kill()
    await until(lambda: not client.connected)
    await back(client)
    await speaking
    crier.to("gold").emit("said", "the end")
    await until(lambda: last(heard) == "the end", 10)
    assert heard == [*range(600), "the end"]
    assert client.id == id
    assert await client.timeout(5).emit_with_ack("who") == [["gold"], {"name": "Ann"}]
    for number in range(3):  # and once more, from there
        crier.emit("said", number)
    await until(lambda: last(heard) == 2)


async def test_both_servers_speak_at_once_and_all_hear_the_same_order(town: Town) -> None:
    (one, first), (two, second) = await town.server(), await town.server()
    (_, ann), (_, bob) = await town.ear(first), await town.ear(second)
    await asyncio.gather(speak(one, range(300)), speak(two, range(300, 600)))
    await until(lambda: len(ann) == len(bob) == 600, 10)
    assert ann == bob
    assert sorted(ann) == list(range(600))
    assert [number for number in ann if number < 300] == list(range(300))


async def test_numbers_of_two_servers_while_a_client_moves_again_and_again(town: Town) -> None:
    servers = [await town.server() for _ in range(3)]
    line = await town.in_turn(*(port for _, port in servers))
    client, heard = await town.ear(line, reconnection_delay=0.01)
    _, witness = await town.ear(servers[0][1])
    speaking = [
        asyncio.create_task(speak(server, range(at, at + 500)))
        for (server, _), at in zip(servers[:2], (0, 500), strict=True)
    ]
    moves = 0
    while not all(task.done() for task in speaking):
        here = [server for server, _ in servers if client.connected and client.id in server.sockets]
        if here and await town.kept(client.pid):  # who is lost before that comes back as a new client
            lose(here[0], client)
            moves += 1
        await asyncio.sleep(0.1)
    await until(lambda: len(witness) == 1000 and len(heard) >= 1000, 10)
    assert moves > 3 and client.recovered
    assert heard == witness


async def test_rooms_data_and_what_was_said_to_one(town: Town) -> None:
    (one, first), (two, second) = await town.server(), await town.server()
    client, heard = await town.ear(await town.in_turn(first, second))
    one.emit("said", "before")
    await until(lambda: heard == ["before"])
    socket = one.sockets[client.id]
    one.to("gold").emit("said", "before it came into gold")
    await settle()
    socket.join("gold")
    socket.data = {"name": "Ann", "image": b"\x00\xff"}
    lose(one, client)
    two.to("gold").emit("said", 1, b"bytes", {"a": [b"more"]})
    two.to("silver").emit("said", "not for her")
    two.except_("gold").emit("said", "not for her")
    two.to(client.id).emit("said", 2)
    two.volatile.emit("said", "worth nothing later")
    two.local.emit("said", "for who is there")
    await settle()
    socket.emit("said", 3)
    one.emit("said", 4)
    await until(lambda: last(heard) == 4, 10)
    assert heard == ["before", (1, b"bytes", {"a": [b"more"]}), 2, 3, 4]
    await back(client)
    here = two.sockets[client.id]
    assert (here.rooms, here.data) == ({client.id, "gold"}, {"name": "Ann", "image": b"\x00\xff"})
    assert here.recovered


async def test_who_has_heard_nothing_yet_comes_back_too(town: Town) -> None:
    (one, first), (two, second) = await town.server(), await town.server()
    client, heard = await town.ear(await town.in_turn(first, second))
    lose(one, client)
    two.emit("said", 1)
    await back(client)
    await until(lambda: heard == [1])


async def test_what_the_connection_handler_leaves_is_kept(town: Town) -> None:
    (one, first), (two, second) = await town.server(), await town.server()
    one.on("connection", lambda socket: socket.data.update(name="Ann"))
    client, _ = await town.ear(await town.in_turn(first, second))
    pid = client.pid
    await becomes(lambda: town.kept(pid), True)
    await settle()
    one.options.adapter.keep = lambda *_: None  # as if it had been killed now
    lose(one, client)
    await back(client)
    assert two.sockets[client.id].data == {"name": "Ann"}


async def test_a_server_that_ends_politely(town: Town) -> None:
    two, second = await town.server()
    async with contextlib.AsyncExitStack() as ending:
        one = Server(adapter=RedisStreams(at(town.store)), connection_state_recovery=Recovery())
        first = await ending.enter_async_context(one.listen())
        client, heard = await town.ear(await town.in_turn(first, second))
        two.emit("said", 1)
        await until(lambda: heard == [1])
        one.sockets[client.id].join("gold")
        one.emit("said", 2)
        id = client.id
    two.to("gold").emit("said", 3)
    await until(lambda: heard == [1, 2, 3], 10)
    await back(client)
    assert client.id == id


async def test_a_pid_is_given_out_once(town: Town) -> None:
    (one, first), (_, second) = await town.server(), await town.server()
    client, heard = await town.ear(first, reconnection=False)
    one.emit("said", 1)
    await until(lambda: heard == [1])
    claim = {"pid": client.pid, "offset": client.offset}
    lose(one, client)
    await becomes(lambda: town.kept(claim["pid"]), True)
    both = [await town.ear(port, auth=dict(claim)) for port in (second, first)]
    names = [each.pid == claim["pid"] for each, _ in both]
    assert names == [True, True]  # the second has taken the first one's place, as at one server
    await until(lambda: not both[0][0].connected)
    both[1][0].disconnect()
    await becomes(lambda: town.kept(claim["pid"]), False)
    third, _ = await town.ear(second, auth=dict(claim))
    assert third.pid != claim["pid"]


async def test_of_two_with_one_pid_at_the_same_moment_one_is_let_in_as_it(town: Town) -> None:
    (one, first), (two, _) = await town.server(), await town.server()
    client, heard = await town.ear(first, reconnection=False)
    one.emit("said", 1)
    await until(lambda: heard == [1])
    lose(one, client)
    pid = client.pid
    await becomes(lambda: town.kept(pid), True)
    claims = [each.history.claim_anywhere(pid, client.offset) for each in (one, two)]
    found = await asyncio.gather(*claims)
    assert sorted(each is None for each in found) == [False, True]


async def test_too_late(town: Town) -> None:
    (one, first), (_, second) = [await town.server(max_disconnection_duration=0.3) for _ in range(2)]
    client, heard = await town.ear(await town.in_turn(first, second), reconnection_delay=1.5)
    one.emit("said", 1)
    await until(lambda: heard == [1])
    lose(one, client)
    await until(lambda: not client.connected)
    await back(client, is_recovered=False)


async def test_who_stays_long_is_still_kept(town: Town) -> None:
    (one, first), (two, second) = [await town.server(max_disconnection_duration=0.6) for _ in range(2)]
    client, _ = await town.ear(await town.in_turn(first, second))
    two.emit("said", 1)
    await asyncio.sleep(2)
    one.options.adapter.keep = lambda *_: None  # as if it had been killed now
    lose(one, client)
    await back(client)


async def test_who_has_said_goodbye_is_not_kept(town: Town) -> None:
    one, first = await town.server()
    for leave in (lambda client: client.disconnect(), lambda client: one.disconnect_sockets()):
        client, _ = await town.ear(first)
        pid = client.pid
        await becomes(lambda pid=pid: town.kept(pid), True)
        leave(client)
        await becomes(lambda pid=pid: town.kept(pid), False)


async def test_what_was_cut_off_the_stream_makes_a_new_client(town: Town) -> None:
    (one, first), (two, second) = await town.server(), await town.server()
    client, heard = await town.ear(await town.in_turn(first, second), reconnection_delay=1)
    one.emit("said", 1)
    await until(lambda: heard == [1])
    lose(one, client)
    for number in range(50):
        two.emit("said", number)
    await settle()
    await town.client.xtrim("socket.io", maxlen=20, approximate=False)
    await back(client, is_recovered=False)
    assert heard == [1]


async def test_a_stream_that_is_read_in_many_pages(town: Town) -> None:
    (one, first), (two, second) = await town.server(), await town.server()
    two.options.adapter.page = 7
    client, heard = await town.ear(await town.in_turn(first, second), reconnection_delay=0.5)
    one.emit("said", -1)
    await until(lambda: heard == [-1])
    lose(one, client)
    await speak(one, range(100))
    await until(lambda: len(heard) == 101, 10)
    assert heard == list(range(-1, 100))


async def test_a_server_that_has_read_less_than_its_new_client(town: Town) -> None:
    (one, first), (two, second) = await town.server(), await town.server()
    line = two.options.adapter
    xread = line.client.xread

    async def slow(*arguments: Any, **options: Any) -> Any:
        found = await xread(*arguments, **options)
        await asyncio.sleep(0.5)
        return found

    line.client.xread = slow
    await asyncio.sleep(2.2)  # until the read that had begun before is over
    client, heard = await town.ear(await town.in_turn(first, second))
    await speak(one, range(50))
    await until(lambda: len(heard) == 50)
    lose(one, client)
    one.emit("said", 50)
    await back(client)
    await until(lambda: last(heard) == 50, 10)
    await asyncio.sleep(1)
    assert heard == list(range(51))


@pytest.mark.parametrize("errand", ["take_away", "between"])
async def test_what_an_old_handle_says_while_redis_is_asked_is_heard(town: Town, errand: str) -> None:
    one, first = await town.server()
    line = one.options.adapter
    ask, asked, answered = getattr(line, errand), asyncio.Event(), asyncio.Event()

    async def slow(*arguments: Any) -> Any:
        asked.set()
        await answered.wait()
        return await ask(*arguments)

    client, heard = await town.ear(first)
    old = one.sockets[client.id]
    old.emit("said", 1)
    await until(lambda: heard == [1])
    setattr(line, errand, slow)
    lose(one, client)
    await asked.wait()
    old.emit("said", 2)
    await asyncio.sleep(0.1)
    answered.set()
    await back(client)
    one.emit("said", 3)
    await until(lambda: last(heard) == 3)
    assert heard == [1, 2, 3]
    assert not one.history.lost


async def test_what_an_official_server_has_said_volatile_is_not_said_again(town: Town) -> None:
    (one, first), (_, second) = await town.server(), await town.server()
    client, heard = await town.ear(await town.in_turn(first, second), reconnection_delay=0.5)
    one.emit("said", 1)
    await until(lambda: heard == [1])
    lose(one, client)
    packet = {"type": 2, "data": ["said", 2], "nsp": "/"}
    said = write({"packet": packet, "opts": {"rooms": [], "except": [], "flags": {"volatile": True}}})
    await town.client.xadd("socket.io", {"uid": "u", "nsp": "/", "type": 3, "data": said})
    one.emit("said", 3)
    await until(lambda: last(heard) == 3, 10)
    assert heard == [1, 3]


async def test_stream_and_memory_stay_bounded(town: Town) -> None:
    one, first = await town.server(length=300)
    _, heard = await town.ear(first)
    for batch in range(20):
        for number in range(100):
            one.emit("said", 100 * batch + number)
        await asyncio.sleep(0.01)
    await until(lambda: len(heard) == 2000, 10)
    assert heard == list(range(2000))
    assert await town.client.xlen("socket.io") <= 400
    line, adapter = one.options.adapter, one.adapter
    assert not line.errands and not adapter.waiting and not one.history.coming


# Strangers


OFFSETS = [
    "",
    "0-0",
    "1",
    "-",
    "$",
    "+",
    "0-0 COUNT 1",
    "9" * 30,
    f"{2**64}-0",
    f"{2**63}-5",
    "1-1\r\n",
    "é-1",
    7,
]
OFFSETS += [None, [], {"a": 1}, "1-" + "0" * 5000, "١-١"]
PIDS = [
    "",
    "*",
    "a\r\nFLUSHALL",
    "x" * 5000,
    "../x",
    "é",
    "a b",
    5,
    None,
    ["a"],
    {"pid": "a"},
    "unknown",
    "\x00",
]


async def test_hostile_claims_make_new_clients(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    (one, first), (_, second) = await town.server(), await town.server()
    for offset in OFFSETS:
        client, _ = await town.ear(first, reconnection=False)
        pid = client.pid
        await becomes(lambda pid=pid: town.kept(pid), True)
        lose(one, client)
        again, _ = await town.ear(second, auth={"pid": pid, "offset": offset})
        assert (again.pid == pid) is (offset is None or offset == "0-0"), offset
        again.disconnect()
    for pid in PIDS:
        stranger, _ = await town.ear(second, auth={"pid": pid, "offset": "0-0"})
        assert stranger.pid != pid


async def test_a_pid_opens_no_other_namespace(town: Town) -> None:
    (one, first), (two, second) = await town.server(), await town.server()
    for server in (one, two):
        server.of("/office").use(refuse)
    client, heard = await town.ear(first, reconnection=False)
    one.emit("said", 1)
    await until(lambda: heard == [1])
    claim = {"pid": client.pid, "offset": client.offset}
    lose(one, client)
    stranger = io(bench.url(second, "/office", scheme="http"), auth=claim, force_new=True)
    refused: list[Any] = []
    stranger.on("connect_error", refused.append)
    await until(lambda: bool(refused))
    assert not stranger.connected
    stranger.disconnect()


def refuse(socket: Any) -> None:
    """Nobody comes in."""
    raise ConnectError("no strangers")


async def test_nobody_hears_what_was_said_before_he_came(town: Town) -> None:
    (one, first), (_, second) = await town.server(), await town.server()
    _, witness = await town.ear(first)
    one.emit("said", "a secret")
    await until(lambda: witness == ["a secret"])
    ((early, _), *_) = await town.client.xrange("socket.io")
    client, heard = await town.ear(first, reconnection=False)
    pid = client.pid
    await becomes(lambda: town.kept(pid), True)
    lose(one, client)
    again, heard = await town.ear(second, auth={"pid": pid, "offset": early.decode()})
    assert again.pid == pid
    one.emit("said", "now")
    await until(lambda: heard == ["now"])


async def test_who_is_refused_on_his_way_back_may_try_again(town: Town) -> None:
    (one, first), (two, second) = [await town.server(skip_middlewares=False) for _ in range(2)]
    two.use(refuse)
    client, heard = await town.ear(first, reconnection=False)
    one.emit("said", 1)
    await until(lambda: heard == [1])
    claim = {"pid": client.pid, "offset": client.offset}
    lose(one, client)
    await becomes(lambda: town.kept(claim["pid"]), True)
    refused: list[Any] = []
    stranger = io(bench.url(second, scheme="http"), auth=claim, force_new=True)
    stranger.on("connect_error", refused.append)
    await until(lambda: bool(refused))
    stranger.disconnect()
    await becomes(lambda: town.kept(claim["pid"]), True)
    again, _ = await town.ear(first, auth=claim)
    assert again.pid == claim["pid"]


async def test_garbage_in_the_stream_harms_nobody(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    (one, first), (_, second) = await town.server(), await town.server()
    client, heard = await town.ear(await town.in_turn(first, second))
    one.emit("said", 1)
    await until(lambda: heard == [1])
    lose(one, client)
    packet = {"type": 2, "data": ["connect"], "nsp": "/"}
    bad = [
        b"",
        b"{",
        b"x",
        b"\xff",
        # To a room without anybody: as an order to disconnect it is none of the garbage.
        write({"packet": packet, "opts": {"rooms": ["nobody"], "except": []}}),
        write({}),
    ]
    for kind in [*range(15), "", "x", "taken over"]:
        for data in bad:
            await town.client.xadd("socket.io", {"uid": "u", "nsp": "/", "type": kind, "data": data})
            await town.client.xadd("socket.io", {"uid": one.uid, "nsp": "/", "type": kind, "data": data})
    await town.client.xadd("socket.io", {"nsp": "/"})
    await town.client.xadd("socket.io", {"a": b"\xff"})
    for garbage in GARBAGE:
        await town.client.publish("socket.io#/#", garbage)
    one.emit("said", 2)
    await until(lambda: last(heard) == 2, 10)
    assert heard == [1, 2]


# Redis goes away


async def test_a_line_that_is_cut_reads_on_from_where_it_was(town: Town) -> None:
    one, _ = await town.server()
    async with Middlebox(town.store) as cable:
        line = RedisStreams(bench.url(cable, scheme="redis"))
        line.client.connection_pool.connection_kwargs.update(socket_timeout=0.4)
        line.block = 200
        two = Server(adapter=line, connection_state_recovery=Recovery())
        port = await town.stack.enter_async_context(two.listen())
        client, heard = await town.ear(port)
        one.emit("said", 1)
        await until(lambda: heard == [1])
        cable.rules = [Blackhole()]
        one.emit("said", 2)
        await until(lambda: line.is_alone, 10)
        one.emit("said", 3)
        two.emit("said", "alone")
        await until(lambda: heard == [1, "alone"])
        assert line.lost == 1
        cable.rules = []
        await until(lambda: last(heard) == 3, 10)
        assert heard == [1, "alone", 2, 3]
        assert client.connected
        await town.stack.aclose()


async def test_what_redis_took_and_did_not_give_back_before_it_died(town: Town) -> None:
    one, first = await town.server()
    _, heard = await town.ear(first)
    one.options.adapter.take_in = lambda entries: None  # it reads nothing any more
    one.emit("said", 1)
    await until(lambda: len(one.adapter.waiting) == 1 and not one.options.adapter.errands)
    await settle()
    assert heard == []
    town.store.kill()
    await until(lambda: heard == [1], 10)
    assert not one.adapter.waiting and one.options.adapter.lost == 1


async def test_what_was_cut_off_before_its_own_server_has_read_it(town: Town) -> None:
    one, first = await town.server()
    _, heard = await town.ear(first)
    line, cut = one.options.adapter, b'["said",1]'
    take_in = line.take_in
    line.take_in = lambda entries: take_in([each for each in entries if cut not in each[1].get(b"data", b"")])
    one.emit("said", 1)
    one.emit("said", 2)
    await until(lambda: heard == [1, 2])
    assert not one.adapter.waiting and line.lost == 1


async def test_a_stream_that_is_cut_while_it_is_paged(town: Town) -> None:
    one, _ = await town.server()
    line = one.options.adapter
    line.page = 7
    await speak(one, range(50))
    await until(lambda: not one.adapter.waiting, 10)
    ((early, _), *_) = await town.client.xrange("socket.io")
    start, look_up = as_number(early.decode()), line.look_up
    assert len(await line.between(start, line.last) or []) == 50
    pages: list[int] = []

    async def cut_after_the_first(*where: int) -> Any:
        pages.append(len(pages))
        found = await look_up(*where)
        await town.client.xtrim("socket.io", maxlen=20, approximate=False)
        return found

    line.look_up = cut_after_the_first
    assert await line.between(start, line.last) is None
    assert pages == [0, 1]


async def test_redis_dies_and_comes_back_with_nothing_in_it(town: Town) -> None:
    (one, first), (two, second) = await town.server(), await town.server()
    client, heard = await town.ear(await town.in_turn(first, second))
    one.emit("said", 1)
    await until(lambda: heard == [1])
    town.store.kill()
    one.emit("said", 2)
    await until(lambda: heard == [1, 2])
    with pytest.raises(ConnectionError):
        await one.fetch_sockets()
    await town.store.restart()
    await until(lambda: not any(server.options.adapter.is_alone for server in (one, two)), 10)
    two.emit("said", 3)
    await until(lambda: heard == [1, 2, 3], 10)
    lose(one, client)
    two.emit("said", 4)
    await until(lambda: last(heard) == 4, 10)
    await back(client)
    assert heard == [1, 2, 3, 4]


async def test_nobody_can_come_back_while_redis_is_away(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    one, first = await town.server()
    client, heard = await town.ear(first)
    one.emit("said", 1)
    await until(lambda: heard == [1])
    town.store.kill()
    await until(lambda: one.options.adapter.is_alone)
    lose(one, client)
    await until(lambda: not client.connected)
    await back(client, is_recovered=False)


async def test_no_redis_is_said_at_once(store: RedisServer) -> None:
    store.kill()
    with pytest.raises(ConnectionError, match=r"No Redis answers at 127\.0\.0\.1:\d+"):
        async with Server(adapter=RedisStreams(at(store))).listen():
            pass


async def test_a_stream_without_recovery(town: Town) -> None:
    lines = [RedisStreams(at(town.store)) for _ in range(2)]
    one, two = (Server(adapter=line) for line in lines)
    ports = [await town.stack.enter_async_context(server.listen()) for server in (one, two)]
    (_, ann), (bob, bobs) = [await town.ear(port) for port in ports]
    one.emit("said", 1, b"bytes")
    two.to(bob.id).emit("said", 2)
    one.volatile.emit("said", 3)
    await until(lambda: len(bobs) == 3 and len(ann) == 2)
    assert set(ann) == {(1, b"bytes"), 3}
    assert set(bobs) == {(1, b"bytes"), 2, 3}


# What servers do and ask


async def test_servers_do_and_ask_as_over_pub_sub(town: Town) -> None:
    (one, first), (two, second) = await town.server(), await town.server()
    (ann, _), (bob, _) = await town.ear(first), await town.ear(second)
    for client, name in ((ann, "Ann"), (bob, "Bob")):
        client.on("who", lambda answer, name=name: answer(name))
    one.sockets_join("gold")
    await until(lambda: "gold" in two.sockets[bob.id].rooms)
    assert sorted(await one.to("gold").timeout(3).emit_with_ack("who")) == ["Ann", "Bob"]
    found = {socket.id: socket.rooms for socket in await two.fetch_sockets()}
    assert found == {ann.id: {ann.id, "gold"}, bob.id: {bob.id, "gold"}}
    two.to(ann.id).sockets_leave("gold")
    await until(lambda: "gold" not in one.sockets[ann.id].rooms)
    heard: list[Any] = []
    two.on("hello", heard.append)
    one.server_side_emit("hello", "there")
    await until(lambda: heard == ["there"])
    one.to(bob.id).disconnect_sockets()
    await until(lambda: not bob.connected)


# Official servers


async def test_official_servers_and_ours_on_one_stream(town: Town) -> None:
    ours, port = await town.server()
    node = await town.node()
    (ann, anns), (bob, bobs) = await town.ear(port), await town.ear(node)
    await becomes(lambda: at_node(bob, "io.of('/').adapter.serverCount()"), 2)
    ours.sockets[ann.id].join("gold")
    await at_node(bob, "socket.join('silver') ?? true")
    await at_node(bob, "io.emit('said', 1, Buffer.from('abc'), { when: new Date(0) })")
    await at_node(bob, "io.to('gold').emit('said', 2)")
    await at_node(bob, "io.except('gold').emit('said', 3)")
    await at_node(bob, "io.volatile.emit('said', 4)")
    await until(lambda: last(anns) == last(bobs) == 4)
    assert anns == [(1, b"abc", {"when": "1970-01-01T00:00:00.000Z"}), 2, 4]
    bobs.clear()
    ours.emit("said", 1, b"abc")
    ours.to("silver").emit("said", 2)
    ours.except_("silver").emit("said", 3)
    await until(lambda: last(bobs) == 2)
    await settle()
    ours.volatile.emit("said", 4)
    await until(lambda: last(bobs) == 4)
    assert bobs == [(1, b"abc"), 2, 4]
    for client, name in ((ann, "Ann"), (bob, "Bob")):
        client.on("name", lambda answer, name=name: answer(name))
    assert sorted(await ours.timeout(5).emit_with_ack("name")) == ["Ann", "Bob"]
    assert sorted(await at_node(bob, "io.timeout(5000).emitWithAck('name')")) == ["Ann", "Bob"]
    assert {socket.id for socket in await ours.fetch_sockets()} == {ann.id, bob.id}
    words = "io.fetchSockets().then((all) => all.map((each) => each.id))"
    assert sorted(await at_node(bob, words)) == sorted([ann.id, bob.id])
    ours.on("question", lambda answer: answer("from ours"))
    assert await at_node(bob, "io.serverSideEmitWithAck('question')") == ["from ours"]
    ours.server_side_emit("hello", "Node")
    await becomes(lambda: at_node(bob, "heard"), [["Node"]])
    await at_node(bob, f"io.to('{ann.id}').disconnectSockets() ?? true")
    await until(lambda: not ann.connected)


async def at_node(client: Any, words: str) -> Any:
    """Have the official server do that."""
    return await client.timeout(8).emit_with_ack("do", words)


@pytest.mark.parametrize("to_node", [False, True])
async def test_a_client_goes_from_an_official_server_to_ours_and_back(town: Town, to_node: bool) -> None:
    ours, port = await town.server()
    node = await town.node()
    client, heard = await town.ear(await town.in_turn(*((port, node) if to_node else (node, port))))
    await asyncio.sleep(0.3)  # until the official one reads the stream
    if to_node:
        ours.sockets[client.id].join("gold")
        ours.sockets[client.id].data["name"] = "Ann"
    else:
        await at_node(client, "socket.join('gold') ?? true")
        await client.timeout(5).emit_with_ack("call", "Ann")
    ours.emit("said", 1)
    await until(lambda: heard == [1])
    id = client.id
    if to_node:
        lose(ours, client)
    else:
        await client.io.engine.transport.close() if hasattr(client.io.engine, "transport") else hang_up(
            client
        )
    await until(lambda: not client.connected)
    ours.to("gold").emit("said", 2, b"bytes")
    ours.emit("said", 3)
    await until(lambda: last(heard) == 3, 10)
    assert heard == [1, (2, b"bytes"), 3]
    await back(client)
    assert client.id == id
    rooms = (
        ours.sockets[id].rooms - {id}
        if not to_node
        else set(await at_node(client, "[...socket.rooms]")) - {id}
    )
    assert rooms == {"gold"}


def hang_up(client: Any) -> None:
    """The client's side breaks the connection, as a lost network would."""
    client.io.engine.end("transport close")


def test_ids_of_entries_as_numbers() -> None:
    for offset in ("0-0", "1-0", "1526919030474-55", f"{2**64 - 1}-{2**64 - 1}"):
        assert as_offset(as_number(offset)) == offset
    assert as_number("10-0") > as_number("9-99999")
    for bad in OFFSETS[2:]:
        if bad != f"{2**63}-5":
            with pytest.raises(ValueError):
                as_number(bad)
