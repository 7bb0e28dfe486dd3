"""The library with recovery and without, alone and as one of several servers over Redis."""

import asyncio
import contextlib
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from handmade import Aim, ClientSocket, Namespace, Recovery, Redis, Server, Socket, io
from handmade.redis_line import end
from wirelab import bench
from wirelab.bench import RedisServer
from wirelab.waiting import until

SOURCES = Path(__file__).resolve().parents[1] / "lessons_src"
RECOVERY = pytest.mark.parametrize("recovers", [False, True], ids=["forgets", "recovers"])
ADAPTER = pytest.mark.parametrize("many", [False, True], ids=["alone", "one of several"])


class Town:
    """Servers, alone or over one Redis, that recover or do not; and clients at them."""

    def __init__(self, recovers: bool, store: RedisServer | None, stack: contextlib.AsyncExitStack) -> None:
        self.recovers, self.store, self.stack = recovers, store, stack

    async def server(self) -> tuple[Server, int]:
        """A server, and its port."""
        recovery = Recovery() if self.recovers else None
        adapter = Redis(bench.url(self.store, scheme="redis")) if self.store else None
        server = Server(connection_state_recovery=recovery, adapter=adapter)
        return server, await self.stack.enter_async_context(server.listen())

    async def client(self, port: int, namespace: str = "/") -> ClientSocket:
        """A client there, connected."""
        options: Any = {"force_new": True, "transports": ["websocket"], "reconnection_delay": 0.1}
        ours = io(f"http://127.0.0.1:{port}{namespace}", **options)
        self.stack.callback(ours.disconnect)
        await until(lambda: ours.connected, 5)
        return ours

    def said(self, *what: object) -> tuple[object, ...]:
        """What a client hears of an event, without the offset that is behind it if the server recovers."""
        assert not self.recovers or re.fullmatch(r"[\w-]+-\d+", str(what[-1]))
        return what[:-1] if self.recovers else what


@contextlib.asynccontextmanager
async def town(recovers: bool, many: bool) -> AsyncIterator[Town]:
    """A town for the length of a test."""
    async with contextlib.AsyncExitStack() as stack:
        store = await stack.enter_async_context(RedisServer.best()) if many else None
        yield Town(recovers, store, stack)


async def settle() -> None:
    """Long enough for what goes through Redis, and for what must not come."""
    await asyncio.sleep(0.2)


async def socket_of(server: Any, ours: ClientSocket) -> Socket:
    """The server's socket of a client."""
    await until(lambda: ours.id in server.sockets)
    theirs = server.sockets[ours.id]
    assert isinstance(theirs, Socket)
    return theirs


# Whom one means


@RECOVERY
@ADAPTER
@pytest.mark.parametrize("name", ["/", "/tea", "a pattern"])
async def test_each_aim_reaches_those_who_are_meant(recovers: bool, many: bool, name: str) -> None:
    async with town(recovers, many) as place:
        server, port = await place.server()
        server.of(re.compile("^/p") if name == "a pattern" else name)
        path = name if name.startswith("/") else "/pattern"
        clients = [await place.client(port, path) for _ in range(3)]
        space = server.of(path)
        assert isinstance(space, Server if name == "/" else Namespace)
        heard: list[list[Any]] = [[] for _ in clients]
        for client, ear in zip(clients, heard, strict=True):
            client.on("news", lambda *what, ear=ear: ear.append(*place.said(*what)))
        ann, bob, cem = [await socket_of(space, client) for client in clients]
        bob.join(["gold", "silver"])
        cem.join("gold")
        aims = {
            1: space.to("gold"),
            2: space.except_("gold"),
            3: space.to("gold").to(ann.id).except_("silver"),
            4: space.local,
            5: ann.broadcast,
            6: bob.to("gold").volatile,
            7: cem.local.in_("silver"),
            8: space.volatile.timeout(3),
            9: bob.except_(cem.id).local,
        }
        for number, aim in aims.items():
            assert type(aim) is Aim
            aim.emit("news", number)
        space.emit("news", 10)
        bob.emit("news", 11)
        bob.volatile.emit("news", 12)
        bob.volatile.to("gold").emit("news", 13)
        await until(lambda: [ear[-1:] for ear in heard] == [[10], [12], [13]])
    assert heard == [
        [2, 3, 4, 8, 9, 10],
        [1, 4, 5, 7, 8, 10, 11, 12],
        [1, 3, 4, 5, 6, 8, 10, 13],
    ]


@RECOVERY
@ADAPTER
async def test_those_who_are_meant_are_asked_fetched_moved_and_sent_away(recovers: bool, many: bool) -> None:
    async with town(recovers, many) as place:
        server, port = await place.server()
        clients = [await place.client(port) for _ in range(2)]
        for number, client in enumerate(clients):
            client.on("question", lambda answer, number=number: answer(number))
        ann, bob = [await socket_of(server, client) for client in clients]
        server.to(bob.id).sockets_join("gold")
        assert bob.rooms == {bob.id, "gold"}
        assert await server.fetch_sockets() == [ann, bob]
        assert await server.in_("gold").fetch_sockets() == [bob]
        assert await ann.broadcast.local.fetch_sockets() == [bob]
        assert await server.timeout(5).emit_with_ack("question") == [0, 1]
        assert await server.to("gold").timeout(5).local.emit_with_ack("question") == [1]
        assert await ann.timeout(5).emit_with_ack("question") == 0
        server.sockets_leave("gold")
        assert bob.rooms == {bob.id}
        server.except_(ann.id).disconnect_sockets()
        await until(lambda: not clients[1].connected)
        assert await server.fetch_sockets() == [ann]


# Whatever comes and goes


@RECOVERY
@ADAPTER
async def test_whatever_goes_is_heard_once_as_it_went(recovers: bool, many: bool) -> None:
    went, came = list[Any](), list[Any]()
    async with town(recovers, many) as place:
        server, port = await place.server()
        ours = await place.client(port)
        theirs = await socket_of(server, ours)
        theirs.on_any_outgoing(lambda *what: went.append(what))
        ours.on_any(lambda *what: came.append(tuple(each for each in what if not callable(each))))
        ours.on("question", lambda answer: answer("fine"))
        theirs.emit("one", 1, b"\x01")
        server.emit("all", {"image": b"\x02"})
        theirs.volatile.emit("volatile")
        server.volatile.emit("volatile, all")
        server.to(theirs.id).emit("room")
        theirs.to(theirs.id).emit("nobody")
        assert await theirs.timeout(5).emit_with_ack("question") == "fine"
    *events, question = went
    assert question == ("question",)  # what asks for an answer is not kept
    said = [place.said(*event) for event in events]
    assert said == [
        ("one", 1, b"\x01"),
        ("all", {"image": b"\x02"}),
        ("volatile",),
        ("volatile, all",),
        ("room",),
    ]
    assert came == went


@RECOVERY
async def test_what_another_server_has_said_goes_through_the_same_ears(recovers: bool) -> None:
    went = list[Any]()
    async with town(recovers, True) as place:
        (one, _), (two, second) = await place.server(), await place.server()
        theirs = await socket_of(two, await place.client(second))
        theirs.on_any_outgoing(lambda *what: went.append(what))
        one.emit("news", 1)
        await until(lambda: bool(went))
        assert [place.said(*what) for what in went] == [("news", 1)]


# Who was lost


@RECOVERY
@ADAPTER
@pytest.mark.parametrize("name", ["/", "/tea", "/pattern"])
async def test_who_was_lost_comes_back_as_the_one_he_was(recovers: bool, many: bool, name: str) -> None:
    heard, met = list[Any](), list[Socket]()
    async with town(recovers, many) as place:
        server, port = await place.server()
        whole = server.of(re.compile("^/p") if name == "/pattern" else name)
        whole.on("connection", met.append)
        ours = await place.client(port, name)
        space = server.of(name)
        ours.on("news", lambda *what: heard.append(*place.said(*what)))
        first, id = await socket_of(space, ours), ours.id
        assert (ours.recovered, first.recovered) == (False, False)
        first.join("gold")
        first.data["name"] = "Ann"
        space.emit("news", 1)
        await until(lambda: heard == [1])
        first.client.session.end("transport close")
        first.emit("news", 2)
        space.to("gold").emit("news", 3)
        space.to("silver").emit("news", 4)
        await until(lambda: len(met) == 2 and ours.connected)
        again, space = met[1], server.of(name)  # without recovery another child, as nobody was in the first
        assert (ours.recovered, again.recovered, ours.id == id) == (recovers,) * 3
        assert (again.rooms - {again.id}, again.data) == (
            ({"gold"}, {"name": "Ann"}) if recovers else (set(), {})
        )
        assert again is not first and again.server is server and again.nsp is space
        went = list[Any]()
        again.on_any_outgoing(lambda *what: went.append(what[:2]))
        again.emit("news", 5)
        space.to("gold").emit("news", 6)
        await until(lambda: 5 in heard)
        await settle()
    assert heard == ([1, 2, 3, 5, 6] if recovers else [1, 5])
    assert went == ([("news", 5), ("news", 6)] if recovers else [("news", 5)])


async def test_each_namespace_remembers_for_itself() -> None:
    server, heard = Server(connection_state_recovery=Recovery(max_packets=2)), list[Any]()
    server.of("/tea")
    async with server.listen() as port:
        ours = io(f"http://127.0.0.1:{port}/tea", force_new=True, reconnection_delay=0.1)
        ours.on("news", lambda number, *offset: heard.append(number))
        theirs = await socket_of(server.of("/tea"), ours)
        theirs.client.session.end("transport close")
        theirs.emit("news", 1)
        for _ in range(3):
            server.emit("news", 2)
        await until(lambda: ours.recovered)
        ours.disconnect()
    assert heard == [1]


# Several servers


@RECOVERY
async def test_two_servers_are_one(recovers: bool) -> None:
    async with town(recovers, True) as place:
        (one, first), (two, second) = await place.server(), await place.server()
        clients = [await place.client(first), await place.client(second), await place.client(second)]
        heard: list[list[Any]] = [[] for _ in clients]
        for number, (client, ear) in enumerate(zip(clients, heard, strict=True)):
            client.on("news", lambda *what, ear=ear: ear.append(*place.said(*what)))
            client.on("question", lambda answer, number=number: answer(number))
        ann, bob, cem = [
            await socket_of(server, client) for server, client in zip((one, two, two), clients, strict=True)
        ]
        bob.join("gold")
        one.emit("news", 1)
        one.to("gold").emit("news", 2)
        ann.broadcast.except_("gold").emit("news", 3)
        one.local.emit("news", 4)
        ann.volatile.broadcast.emit("news", 5)
        ann.local.emit("news", 6)
        await settle()
        bob.volatile.local.emit("news", 7)
        await settle()
        assert heard == [[1, 4], [1, 2, 5], [1, 3, 5, 7]]
        assert bob.volatile.local.is_volatile
        everybody = {each.id for each in await one.fetch_sockets()}
        assert everybody == {ann.id, bob.id, cem.id}
        [remote] = await one.in_("gold").fetch_sockets()
        assert remote.id == bob.id
        remote.join("silver")
        await until(lambda: "silver" in bob.rooms)
        assert sorted(await one.timeout(5).emit_with_ack("question")) == [0, 1, 2]


@RECOVERY
async def test_servers_speak_to_each_other_in_each_namespace(recovers: bool) -> None:
    heard = list[Any]()
    async with town(recovers, True) as place:
        (one, _), (two, _) = await place.server(), await place.server()
        for name, server in {"one": one, "two": two}.items():
            for path in ("/", "/tea"):
                server.of(path).on("hello", lambda *what, who=(name, path): heard.append((*who, *what)))
            server.once("once", lambda *what, name=name: heard.append((name, "once", *what)))
        await settle()
        one.server_side_emit("hello", 1, b"\x01")
        two.of("/tea").server_side_emit("hello", 2)
        one.server_side_emit("once", 3)
        one.server_side_emit("once", 4)
        await settle()
    assert sorted(heard, key=lambda what: what[:2]) == [
        ("one", "/tea", 2),
        ("two", "/", 1, b"\x01"),
        ("two", "once", 3),
    ]


async def test_who_is_alone_speaks_to_no_other_server(caplog: pytest.LogCaptureFixture) -> None:
    server, heard = Server(), list[object]()
    for event in ("hello", "how many"):
        server.on(event, lambda *what: heard.append(what))
    server.server_side_emit("hello", 1)
    async with asyncio.timeout(1):
        assert await server.server_side_emit_with_ack("how many") == []
    await asyncio.sleep(0)
    assert heard == []
    assert [each.getMessage() for each in caplog.records] == [
        "There is no adapter, and so no other server that could answer 'how many'."
    ]


@pytest.mark.timeout(20)
async def test_a_server_ends_also_when_redis_py_loses_a_cancellation() -> None:
    told, may_end = asyncio.Event(), asyncio.Event()

    async def deaf() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await told.wait()
        await may_end.wait()

    task = asyncio.create_task(deaf())
    await asyncio.sleep(0)
    await end([task])
    assert task.cancelled()


# Settings


@pytest.mark.parametrize(
    "options, sentence",
    [
        (
            {"connection_state_recovery": {}},
            r"^connection_state_recovery=\{\} is no Recovery: write Recovery",
        ),
        ({"connection_state_recovery": True}, r"^connection_state_recovery=True is no Recovery"),
        ({"adapter": "redis://127.0.0.1"}, r"^adapter='redis://127.0.0.1' connects no servers: write Redis"),
    ],
)
def test_what_cannot_be_a_setting_is_refused_in_words(options: Any, sentence: str) -> None:
    with pytest.raises(TypeError, match=sentence):
        Server(**options)


def test_who_needs_no_redis_loads_none() -> None:
    program = "import sys; from handmade import Server, io, Recovery; Server(); print('redis' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=SOURCES, check=True, capture_output=True, text=True
    )
    assert done.stdout == "False\n"


async def test_one_who_cannot_be_described_hides_nobody(caplog: pytest.LogCaptureFixture) -> None:
    async with town(recovers=False, many=True) as a_town:
        (one, first), (two, _) = await a_town.server(), await a_town.server()
        ann, bob = await a_town.client(first), await a_town.client(first)
        theirs = await socket_of(one, ann)
        theirs.data["round"] = theirs.data
        assert {each.id for each in await two.fetch_sockets()} == {bob.id}
        assert f"do not learn of {ann.id}" in caplog.text
        del theirs.data["round"]
        assert {each.id for each in await two.fetch_sockets()} == {ann.id, bob.id}
