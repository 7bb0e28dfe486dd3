"""Lesson 19: several servers over Redis, ours and official ones, with a real Redis and with fakeredis."""

import asyncio
import contextlib
import datetime
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgpack
import pytest
import redis.asyncio
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.client import connect as websocket

from handmade.l14_core import Incomplete
from handmade.l18_core import Recovery
from handmade.l18_nothing_lost import io as connect
from handmade.l19_core import RequestType, pack, unpack
from handmade.l19_many_servers import Server
from handmade.redis_line import Redis
from wirelab import bench
from wirelab.bench import Child, RedisServer
from wirelab.middlebox import Blackhole, Middlebox
from wirelab.process.redis import real_redis
from wirelab.waiting import until

KINDS = {"real": real_redis(), "embedded": "embedded"}


@pytest.fixture(params=list(KINDS))
async def store(request: pytest.FixtureRequest) -> AsyncIterator[RedisServer]:
    command = KINDS[request.param]
    if command is None:
        pytest.skip("neither redis-server nor valkey-server is installed")
    async with RedisServer(command) as server:
        yield server


def at(store: RedisServer) -> str:
    return bench.url(store, scheme="redis")


Ear = list[tuple[Any, ...]]


class Town:
    """Servers of one cluster, and clients at them."""

    def __init__(self, store: RedisServer, stack: contextlib.AsyncExitStack) -> None:
        self.store, self.stack = store, stack

    async def server(self, **options: Any) -> tuple[Any, int]:
        """One of ours, and its port."""
        server = Server(adapter=Redis(at(self.store)), **options)
        return server, await self.stack.enter_async_context(server.listen())

    async def node(self) -> Child:
        """An official one."""
        child = Child.node("tests/cluster_server.mjs", at(self.store))
        return await self.stack.enter_async_context(child)

    async def client(self, where: object, namespace: str = "/") -> Any:
        """A client there, connected."""
        address = bench.url(where, namespace, scheme="http")
        client = connect(address, transports=["websocket"], force_new=True, reconnection_delay=0.2)
        self.stack.callback(client.disconnect)
        await until(lambda: client.connected, 5)
        return client

    async def ear(self, where: object, namespace: str = "/", event: str = "said") -> tuple[Any, Ear]:
        """A client there, and what it hears."""
        client, heard = await self.client(where, namespace), []
        client.on(event, lambda *what: heard.append(what))
        return client, heard


@pytest.fixture
async def town(store: RedisServer) -> AsyncIterator[Town]:
    async with contextlib.AsyncExitStack() as stack:
        yield Town(store, stack)


async def told(server: Any, id: str) -> Any:
    """The socket of a client at a server of ours."""
    await until(lambda: id in server.sockets)
    return server.sockets[id]


async def at_node(client: Any, words: str) -> Any:
    """Have the official server do that."""
    return await client.timeout(8).emit_with_ack("do", words)


async def becomes(ask: Callable[[], Awaitable[object]], wanted: object) -> None:
    """Ask until that is the answer. Raises TimeoutError."""
    async with asyncio.timeout(8):
        while await ask() != wanted:  # noqa: ASYNC110 (Redis and Node tell nobody)
            await asyncio.sleep(0.02)


async def settle() -> None:
    """Long enough for what must not come."""
    await asyncio.sleep(0.25)


# What travels


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_what_json_can_say_travels_unchanged(value: Any) -> None:
    assert unpack(pack([value])) == [value]


def test_what_javascript_has_instead() -> None:
    assert unpack(pack([2**70, 10**400])) == [float(2**70), None]
    moment = datetime.datetime(2026, 11, 26, 12, 30, 5, 250_000, tzinfo=datetime.UTC)
    sent = msgpack.packb([moment, {"when": moment}], datetime=True)
    assert unpack(sent) == ["2026-11-26T12:30:05.250Z", {"when": "2026-11-26T12:30:05.250Z"}]
    assert unpack(b'{"type":1}') == {"type": 1}
    assert unpack(pack([b"\x00", bytearray(b"\x01")])) == [b"\x00", b"\x01"]


# Two of ours


async def test_a_message_for_everybody_a_room_and_all_but_one(town: Town) -> None:
    one, first = await town.server()
    two, second = await town.server()
    ports = (first, second, second)
    (ann, ann_hears), (bob, bob_hears), (cy, cy_hears) = [await town.ear(port) for port in ports]
    (await told(two, bob.id)).join("gold")
    one.emit("said", 1)
    one.to("gold").emit("said", 2)
    one.to(["gold", ann.id]).emit("said", 3)
    one.except_("gold").emit("said", 4)
    one.to(cy.id).emit("said", 5)
    (await told(one, ann.id)).broadcast.emit("said", 6)
    two.local.emit("said", 7)
    two.to([]).emit("said", 8)
    two.emit("said", 9, b"bytes", {"a": [1.5, None, "ü"]})
    last = (9, b"bytes", {"a": [1.5, None, "ü"]})
    await until(lambda: last in ann_hears and all((6,) in heard for heard in (bob_hears, cy_hears)))
    numbers = [[what[0] for what in heard] for heard in (ann_hears, bob_hears, cy_hears)]
    assert [sorted(each) for each in numbers] == [[1, 3, 4, 9], [1, 2, 3, 6, 7, 9], [1, 4, 5, 6, 7, 9]]
    assert [n for n in numbers[1] if n < 7] == [1, 2, 3, 6]  # of one server, in order


async def test_each_namespace_for_itself(town: Town) -> None:
    (one, _), (two, second) = await town.server(), await town.server()
    for server in (one, two):
        server.of("/office")
    _, in_office = await town.ear(second, "/office")
    _, in_main = await town.ear(second)
    one.of("/office").emit("said", "office")
    one.emit("said", "main")
    await until(lambda: bool(in_office and in_main))
    await settle()
    assert (in_office, in_main) == ([("office",)], [("main",)])


async def test_a_namespace_that_comes_later_and_one_that_goes(town: Town) -> None:
    (one, first), (two, second) = await town.server(), await town.server()
    for server in (one, two):
        server.of(lambda name, auth: name.startswith("/customer["))
    ann, _ = await town.ear(first, "/customer[1]")
    bob, bob_hears = await town.ear(second, "/customer[1]")
    _, other_hears = await town.ear(second, "/customer[12]")
    redis_client = redis.asyncio.Redis.from_url(at(town.store))
    listeners = "socket.io-request#/customer[1]#"

    async def count() -> int:
        return int((await redis_client.pubsub_numsub(listeners))[0][1])

    await becomes(count, 2)
    one.of("/customer[1]").emit("said", 1)
    await until(lambda: bob_hears == [(1,)])
    await settle()
    assert other_hears == []
    ann.disconnect()
    bob.disconnect()
    await becomes(count, 0)
    await redis_client.aclose()


async def test_join_leave_and_goodbye_across_servers(town: Town) -> None:
    (one, _), (two, second) = await town.server(), await town.server()
    bob = await town.client(second)
    one.sockets_join("gold")
    socket = await told(two, bob.id)
    await until(lambda: "gold" in socket.rooms)
    one.to("gold").sockets_leave("gold")
    await until(lambda: "gold" not in socket.rooms)
    one.to(bob.id).disconnect_sockets()
    await until(lambda: not bob.connected)


async def test_who_is_there_at_all_servers(town: Town) -> None:
    (one, first), (two, second) = await town.server(), await town.server()
    ann, bob = await town.client(first), await town.client(second)
    bobs = await told(two, bob.id)
    bobs.join("gold")
    bobs.data = {"name": "Bob", "secret": object()}
    found = {socket.id: socket for socket in await one.fetch_sockets()}
    assert set(found) == {ann.id, bob.id}
    remote = found[bob.id]
    assert (remote.data, remote.rooms) == ({"name": "Bob", "secret": None}, {"gold", bob.id})
    assert remote.handshake["headers"]["host"]
    assert [socket.id for socket in await one.local.fetch_sockets()] == [ann.id]
    assert [socket.id for socket in await one.to("gold").fetch_sockets()] == [bob.id]
    heard: Ear = []
    bob.on("said", lambda *what: heard.append(what))
    remote.emit("said", "to Bob")
    remote.join("silver")
    await until(lambda: bool(heard) and "silver" in bobs.rooms)
    remote.disconnect()
    await until(lambda: not bob.connected)


async def test_all_clients_of_all_servers_are_asked(town: Town) -> None:
    (one, first), (_, second) = await town.server(), await town.server()
    for number, port in enumerate((first, second, second)):
        client = await town.client(port)
        client.on("how", lambda what, answer, number=number: answer([number, what]))
    answers = await one.timeout(3).emit_with_ack("how", "much")
    assert sorted(answers) == [[0, "much"], [1, "much"], [2, "much"]]
    assert await one.to("nobody").timeout(3).emit_with_ack("how") == []
    assert await one.local.timeout(3).emit_with_ack("how", "local") == [[0, "local"]]
    one.on("connection", lambda socket: socket.on("ask", lambda answer: ask(answer)))

    async def ask(answer: Callable[[object], None]) -> None:
        answer(await one.timeout(3).emit_with_ack("how", "about you"))

    eve = await town.client(first)
    eve.on("how", lambda what, answer: answer([3, what]))
    assert len(await eve.timeout(5).emit_with_ack("ask")) == 4  # she answers while her handler waits
    eve.disconnect()
    await until(lambda: eve.id not in one.sockets)
    await town.client(second)  # who does not answer
    with pytest.raises(Incomplete, match="3 of 4") as failure:
        await one.timeout(0.5).emit_with_ack("how", "much")
    assert sorted(failure.value.responses) == [[0, "much"], [1, "much"], [2, "much"]]


async def test_clients_of_other_servers_have_the_same_time_to_answer(town: Town) -> None:
    (one, _), (two, second) = await town.server(), await town.server()
    slow = await town.client(second)
    slow.on("how", lambda answer: asyncio.get_running_loop().call_later(0.6, answer, "slowly"))
    asked: list[float] = []
    await told(two, slow.id)
    two.sockets[slow.id].emit = lambda *data, ask=two.sockets[slow.id].emit: (
        asked.append(data[-1].seconds),
        ask(*data),
    )
    assert await one.timeout(7.5).emit_with_ack("how") == ["slowly"]
    assert asked == [7.5]


async def test_who_owes_too_many_answers_spoils_no_question_to_others(town: Town) -> None:
    one, port = await town.server()
    busy, other = await town.client(port), await town.client(port)
    (await told(one, busy.id)).questions.most = 0
    other.on("how", lambda answer: answer("fine"))
    with pytest.raises(Incomplete, match="1 of 2") as failure:
        await one.timeout(0.5).emit_with_ack("how")
    assert failure.value.responses == ["fine"]


async def test_servers_speak_to_each_other(town: Town) -> None:
    (one, _), (two, _) = await town.server(), await town.server()
    heard: list[tuple[int, object]] = []
    one.on("hello", lambda what: heard.append((1, what)))
    two.on("hello", lambda what: heard.append((2, what)))
    two.on("connection", lambda what: heard.append((3, what)))
    one.server_side_emit("connection", "not a client")
    one.server_side_emit("hello", "there")
    await until(lambda: bool(heard))
    await settle()
    assert heard == [(2, "there")]


async def test_a_lost_client_hears_what_another_server_said_meanwhile(town: Town) -> None:
    (one, _), (two, second) = [await town.server(connection_state_recovery=Recovery()) for _ in range(2)]
    bob, heard = await town.ear(second)
    one.emit("said", 1)
    await until(lambda: len(heard) == 1)
    (await told(two, bob.id)).client.session.end("transport close")
    one.emit("said", 2)
    await until(lambda: len(heard) == 2, 10)
    assert bob.recovered
    assert [what[0] for what in heard] == [1, 2]


# A mixed cluster


async def test_official_servers_and_ours_in_both_directions(town: Town) -> None:
    ours, port = await town.server()
    node = await town.node()
    (ann, ann_hears), (bob, bob_hears) = await town.ear(port), await town.ear(node)
    assert await at_node(bob, "io.of('/').adapter.serverCount()") == 2
    (await told(ours, ann.id)).join("gold")
    await at_node(bob, "socket.join('silver') ?? true")
    await at_node(bob, "io.emit('said', 1, Buffer.from('abc'), { when: new Date(0), no: undefined })")
    await at_node(bob, "io.to('gold').emit('said', 2)")
    await at_node(bob, "io.except('gold').emit('said', 3)")
    await at_node(bob, "socket.broadcast.emit('said', 4)")
    await at_node(bob, "io.local.emit('said', 5)")
    await at_node(bob, "io.volatile.emit('said', 6)")
    await until(lambda: (6,) in ann_hears)
    first = (1, b"abc", {"when": "1970-01-01T00:00:00.000Z"})
    assert ann_hears == [first, (2,), (4,), (6,)]
    bob_hears.clear()
    ours.emit("said", 1, b"abc")
    ours.to("silver").emit("said", 2)
    ours.except_("silver").emit("said", 3)
    (await told(ours, ann.id)).to("silver").emit("said", 4)
    await until(lambda: (4,) in bob_hears)
    await settle()  # the official server drops what is volatile right behind another event
    ours.volatile.emit("said", 5)
    await until(lambda: (5,) in bob_hears)
    assert bob_hears == [(1, b"abc"), (2,), (4,), (5,)]


async def test_official_servers_and_ours_ask_each_other(town: Town) -> None:
    ours, port = await town.server()
    node = await town.node()
    ann, bob = await town.client(port), await town.client(node)
    anns = await told(ours, ann.id)
    anns.data = {"name": "Ann"}
    for client, name in ((ann, "Ann"), (bob, "Bob")):
        client.on("who", lambda answer, name=name: answer(name))
    assert sorted(await ours.timeout(5).emit_with_ack("who")) == ["Ann", "Bob"]
    assert sorted(await at_node(bob, "io.timeout(5000).emitWithAck('who')")) == ["Ann", "Bob"]
    found = {socket.id: socket.data for socket in await ours.fetch_sockets()}
    assert found == {ann.id: {"name": "Ann"}, bob.id: {"name": "somebody at Node"}}
    words = "io.fetchSockets().then((all) => all.map((s) => [s.id, s.data.name]))"
    assert sorted(await at_node(bob, words)) == sorted([[ann.id, "Ann"], [bob.id, "somebody at Node"]])
    rooms = await at_node(bob, "io.of('/').adapter.allRooms().then((all) => [...all])")
    assert set(rooms) == {ann.id, bob.id}
    await at_node(bob, f"io.to('{ann.id}').socketsJoin('gold') ?? true")
    await until(lambda: "gold" in anns.rooms)
    ours.to(bob.id).sockets_join("silver")
    await becomes(lambda: at_node(bob, "socket.rooms.has('silver')"), True)
    ours.server_side_emit("hello", "Node")
    await becomes(lambda: at_node(bob, "heard"), [["Node"]])
    ours.on("question", lambda answer: answer("from ours"))
    assert await at_node(bob, "io.serverSideEmitWithAck('question')") == ["from ours"]
    await at_node(bob, f"io.to('{ann.id}').disconnectSockets() ?? true")
    await until(lambda: not ann.connected)


async def test_of_the_answers_of_a_server_an_official_one_hears_the_first(town: Town) -> None:
    (one, _), (two, _) = await town.server(), await town.server()
    bob = await town.client(await town.node())

    async def late(answer: Callable[..., object]) -> None:
        await asyncio.sleep(0.2)
        answer("two")

    one.on("question", lambda answer: answer("one"))
    one.on("question", lambda answer: answer("one, again"))
    two.on("question", late)
    assert await at_node(bob, "io.serverSideEmitWithAck('question')") == ["one", "two"]


# Trouble


@pytest.mark.parametrize("evil", ["9" * 400, "[" * 900 + "]" * 900], ids=["too large", "nested"])
async def test_whatever_a_client_says_of_itself_others_can_ask_who_is_there(town: Town, evil: str) -> None:
    (_, first), (two, second) = await town.server(), await town.server()
    await town.ear(second)
    async with websocket(f"ws://127.0.0.1:{first}/socket.io/?EIO=4&transport=websocket") as line:
        await line.recv()
        await line.send(f'40{{"name":{evil}}}')
        assert str(await line.recv()).startswith("40{")
        assert len(await two.fetch_sockets()) == 2


async def test_no_two_servers_and_no_two_questions_have_one_name(town: Town) -> None:
    """They would take each other's words for their own. 64 bits, as in the official cluster adapter."""
    (one, _), _ = await town.server(), await town.server()
    question = asyncio.create_task(one.fetch_sockets())
    await until(lambda: one.adapter.surveys)
    (number,) = one.adapter.surveys
    assert all(len(bytes.fromhex(name)) >= 8 for name in (one.uid, number))
    await question


def event(data: object, rooms: object = (), **packet: object) -> bytes:
    """What another server might publish."""
    return pack(["u", {"type": 2, "data": data, "nsp": "/", **packet}, {"rooms": rooms, "except": []}])


GARBAGE = [b"", b"\xc1", b"hello", b"{", b'{"type":"x"}', b"\x81" * 2000, b"\x91" * 2000, pack(1), pack([])]
GARBAGE += [
    pack([1, 2, 3]),
    pack(["u", None, None]),
    event(["connect"]),
    event([]),
    event("text"),
    event(["x"], 7),
]
GARBAGE += [event(["x", msgpack.ExtType(5, b"x")]), event(["said", "elsewhere"], nsp="/other")]
GARBAGE += [pack({"uid": "u", "type": kind}) for kind in (*RequestType, 99)]
GARBAGE += [pack({"requestId": 1}), pack({"requestId": [1]})]


async def test_garbage_harms_nobody(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    (one, _), (_, second) = await town.server(), await town.server()
    _, heard = await town.ear(second)
    stranger = redis.asyncio.Redis.from_url(at(town.store))
    for channel in ("socket.io#/#", "socket.io#/#gold#", "socket.io-request#/#", "socket.io-response#/#"):
        for garbage in GARBAGE:
            await stranger.publish(channel, garbage)
    await stranger.aclose()
    one.emit("said", "still here")
    await until(lambda: heard == [("still here",)])


async def test_redis_dies_and_comes_back(town: Town) -> None:
    (one, first), (two, second) = await town.server(), await town.server()
    (ann, ann_hears), (bob, bob_hears) = await town.ear(first), await town.ear(second)
    one.emit("said", 1)
    await until(lambda: ann_hears == bob_hears == [(1,)])
    town.store.kill()
    one.emit("said", 2)
    await until(lambda: ann_hears == [(1,), (2,)] and one.options.adapter.lost == 1)
    with pytest.raises(ConnectionError, match="No Redis answers at 127"):
        await one.fetch_sockets()
    await town.store.restart()
    await asyncio.gather(*(listens_again(server.options.adapter) for server in (one, two)))
    one.emit("said", 3)
    await until(lambda: bob_hears == [(1,), (3,)] and ann_hears[-1] == (3,))
    assert ann.connected and bob.connected


async def test_the_first_word_after_an_outage_in_which_nothing_was_said(town: Town) -> None:
    (one, _), (_, second) = await town.server(), await town.server()
    _, heard = await town.ear(second)
    one.emit("said", 1)
    await until(lambda: heard == [(1,)])
    await town.store.restart()

    async def listeners() -> int:
        observer = redis.asyncio.Redis.from_url(at(town.store))
        ((_, count),) = await observer.pubsub_numsub("socket.io-request#/#")
        await observer.aclose()
        return int(count)

    await becomes(listeners, 2)
    await settle()
    one.emit("said", 2)
    await until(lambda: heard == [(1,), (2,)])
    assert one.options.adapter.lost == 0


async def listens_again(line: Redis) -> None:
    """Wait until a line is subscribed again."""
    heard: list[bytes] = []
    line.routes["socket.io#/#*"], before = heard.append, line.routes["socket.io#/#*"]
    async with asyncio.timeout(10):
        while not heard:
            line.publish("socket.io#/#", b"anybody?")
            await asyncio.sleep(0.05)
    line.routes["socket.io#/#*"] = before


async def test_no_redis_is_said_at_once(store: RedisServer) -> None:
    address = at(store)
    store.kill()
    server = Server(adapter=Redis(address.replace("//", "//somebody:password@")))
    with pytest.raises(ConnectionError, match=r"No Redis answers at 127\.0\.0\.1:\d+") as failure:
        async with server.listen():
            pass
    assert "password" not in str(failure.value)


async def test_a_silent_redis_is_noticed(town: Town) -> None:
    async with Middlebox(town.store) as cable:
        line = Redis(bench.url(cable, scheme="redis"))
        line.quiet = 0.3
        server = Server(adapter=line)
        port = await town.stack.enter_async_context(server.listen())
        other, _ = await town.server()
        _, heard = await town.ear(port)
        cable.rules = [Blackhole()]
        await asyncio.sleep(1.2)
        cable.rules = []
        await listens_again(line)
        other.emit("said", 1)
        await until(lambda: heard == [(1,)])
        await town.stack.aclose()


@pytest.mark.parametrize("milliseconds", [0, 0.2, 0.5, 1, 2])
async def test_a_line_ends_while_a_message_is_on_its_way(store: RedisServer, milliseconds: float) -> None:
    line = Redis(at(store))
    async with asyncio.timeout(5), Server(adapter=line).listen():
        line.publish("news", b"the end")
        await asyncio.sleep(milliseconds / 1000)


async def test_a_server_can_be_started_again(town: Town) -> None:
    two, _ = await town.server()
    one = Server(adapter=Redis(at(town.store)))
    for number in range(2):
        async with one.listen() as port:
            _, heard = await town.ear(port)
            two.emit("said", number)
            await until(lambda heard=heard, number=number: heard == [(number,)])


async def test_without_an_adapter_all_is_as_before() -> None:
    server = Server()
    async with server.listen() as port:
        client = connect(bench.url(port, scheme="http"), transports=["websocket"], force_new=True)
        client.on("how", lambda answer: answer("fine"))
        await until(lambda: client.connected)
        assert await server.timeout(2).emit_with_ack("how") == ["fine"]
        assert [socket.id for socket in await server.fetch_sockets()] == [client.id]
        server.sockets_join("gold")
        assert server.sockets[client.id].rooms == {client.id, "gold"}
        client.disconnect()


async def test_many_messages_come_in_order(town: Town) -> None:
    (one, _), (_, second) = await town.server(), await town.server()
    _, heard = await town.ear(second)
    for number in range(3000):
        one.emit("said", number)
        if number % 100 == 0:
            await asyncio.sleep(0)
    await until(lambda: len(heard) == 3000, 10)
    assert [what[0] for what in heard] == list(range(3000))
