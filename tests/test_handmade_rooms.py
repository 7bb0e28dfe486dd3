"""Lesson 14: rooms and broadcasts, without a network and with the official client."""

import ast
import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seat import Seat
from websockets.asyncio.client import connect

from handmade import l09_core
from handmade.l14_broadcast_and_rooms import Client, Server, io
from handmade.l14_core import Audience, Incomplete, Rooms
from wirelab import bench
from wirelab.waiting import until

# Rooms


def test_who_is_in_which_room() -> None:
    rooms = Rooms()
    rooms.join("ann", "gold")
    rooms.join("ann", ["silver", "gold"])
    rooms.join("bob", ("silver",))
    assert rooms.of("ann") == {"gold", "silver"}
    assert list(rooms.members["silver"]) == ["ann", "bob"]
    rooms.leave("ann", "gold")
    rooms.leave("ann", "gold")
    rooms.leave("nobody", "gold")
    assert list(rooms.members) == ["silver"]
    rooms.leave_all("ann")
    rooms.leave_all("ann")
    rooms.leave("bob", "silver")
    rooms.leave_all("bob")
    assert (rooms.members, rooms.rooms, rooms.of("ann")) == ({}, {}, set())


def test_what_is_told_of_rooms_cannot_change_them() -> None:
    rooms = Rooms()
    rooms.join("ann", "gold")
    rooms.of("ann").add("silver")
    assert rooms.of("ann") == {"gold"}


IDS = st.sampled_from("abcde")
NAMES = st.sampled_from(["gold", "silver", "copper"])


@given(st.lists(st.tuples(IDS, NAMES)), st.none() | st.lists(NAMES), st.lists(NAMES))
def test_a_union_reaches_each_once_and_nobody_of_the_others(
    joined: list[tuple[str, str]], chosen: list[str] | None, but: list[str]
) -> None:
    rooms = Rooms()
    for id, room in joined:
        rooms.join(id, room)
    selected = rooms.select(chosen, but)
    everybody = {id for id, _ in joined}
    inside = everybody if chosen is None else {id for id, room in joined if room in chosen}
    assert len(selected) == len(set(selected))
    assert set(selected) == inside - {id for id, room in joined if room in but}


def test_an_aim_is_never_changed() -> None:
    audience = Audience("/")
    gold = audience.to("gold")
    both = gold.to(["silver", "copper"]).except_("iron").timeout(1)
    assert (gold.rooms, gold.but, gold.seconds) == (("gold",), (), None)
    assert (both.rooms, both.but, both.seconds) == (("gold", "silver", "copper"), ("iron",), 1)
    assert audience.in_("gold") == gold
    assert (audience.local, both.local) == (audience.aim(), both)


# The server without a network


class House:
    """A server of lesson 14 with some clients that have joined; the names are theirs."""

    def __init__(self, *names: str) -> None:
        self.server = Server()
        self.seats: dict[str, Seat] = {}
        for name in names:
            self.come(name)

    def come(self, name: str) -> Any:
        seat = self.seats[name] = Seat(self.server, Client, "websocket")
        seat.frame(0, "40")
        seat.out.clear()
        return self[name]

    def __getitem__(self, name: str) -> Any:
        return self.seats[name].client.sockets["/"]

    def heard(self) -> dict[str, list[object]]:
        """Who has heard what since the last time; handlers have run."""
        for seat in self.seats.values():
            seat.wait(0)
        heard = {name: list(seat.out) for name, seat in self.seats.items() if seat.out}
        for seat in self.seats.values():
            seat.out.clear()
        return heard


def everybody() -> House:
    house = House("ann", "bob", "cid", "dan")
    house["ann"].join("gold")
    house["bob"].join(["gold", "silver"])
    house["cid"].join("silver")
    return house


NEWS = '42["news",1]'
AIMS = {
    "all": lambda house: (house.server, "ann bob cid dan"),
    "a room": lambda house: (house.server.to("gold"), "ann bob"),
    "a union": lambda house: (house.server.to("gold").to("silver"), "ann bob cid"),
    "a list": lambda house: (house.server.in_(["silver", "gold"]), "ann bob cid"),
    "but a room": lambda house: (house.server.except_("gold"), "cid dan"),
    "a union but a room": lambda house: (house.server.to(["gold", "silver"]).except_("silver"), "ann"),
    "nobody's room": lambda house: (house.server.to("iron"), ""),
    "no room at all": lambda house: (house.server.to([]), ""),
    "one by id": lambda house: (house.server.to(house["cid"].id), "cid"),
    "all but the sender": lambda house: (house["ann"].broadcast, "bob cid dan"),
    "a room but the sender": lambda house: (house["ann"].to("gold"), "bob"),
    "but a room and the sender": lambda house: (house["dan"].except_("gold"), "cid"),
    "local": lambda house: (house.server.to("gold").local, "ann bob"),
}


@pytest.mark.parametrize("name", AIMS)
def test_who_hears_it(name: str) -> None:
    house = everybody()
    aim, wanted = AIMS[name](house)
    aim.emit("news", 1)
    assert house.heard() == {each: [NEWS] for each in wanted.split()}


def test_one_packet_is_encoded_once_and_framed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    house = everybody()
    house.server.emit("news", "x" * 100)
    (first,), *others = house.heard().values()
    assert [other[0] is first for other in others] == [True] * 3
    l09_core.to_frame.cache_clear()
    assert l09_core.to_frame(first) is l09_core.to_frame(others[0][0])


def test_bytes_go_to_all() -> None:
    house = everybody()
    house.server.to("gold").emit("picture", b"\1")
    header = '451-["picture",{"_placeholder":true,"num":0}]'
    assert house.heard() == {"ann": [header, b"\1"], "bob": [header, b"\1"]}


def test_bad_arguments_reach_nobody() -> None:
    house = everybody()
    for bad, error in ((("news", object()), TypeError), (("connect",), ValueError)):
        with pytest.raises(error):
            house.server.emit(*bad)
        with pytest.raises(error):
            house["ann"].broadcast.emit(*bad)
    assert house.heard() == {}


def test_its_own_id_is_a_room_from_the_beginning() -> None:
    house = House()
    rooms: list[object] = []
    house.server.on("connection", lambda socket: rooms.append(socket.rooms == {socket.id}))
    ann = house.come("ann")
    assert rooms == [True]
    assert house.server.sockets == {ann.id: ann}


def test_leaving() -> None:
    house = everybody()
    house["bob"].leave("gold")
    house["bob"].leave("never joined")
    house.server.to("gold").emit("news", 1)
    assert list(house.heard()) == ["ann"]


def test_what_is_done_to_many() -> None:
    house = everybody()
    house.server.to("gold").sockets_join(["iron", "tin"])
    assert house["ann"].rooms >= {"iron", "tin"} <= house["bob"].rooms
    house.server.except_("silver").sockets_leave(["iron", "gold"])
    assert house["ann"].rooms == {house["ann"].id, "tin"}
    house.server.to("tin").disconnect_sockets()
    assert house.heard() == {"ann": ["41"], "bob": ["41"]}
    assert set(house.server.sockets.values()) == {house["cid"], house["dan"]}
    house.server.disconnect_sockets(close=True)
    assert house.server.sockets == {}
    house.heard()
    assert [seat.session.state for seat in house.seats.values()] == ["open", "open", "closed", "closed"]


async def test_their_sockets_can_be_had() -> None:
    house = everybody()
    assert await house.server.in_("gold").fetch_sockets() == [house["ann"], house["bob"]]
    assert len(await house.server.fetch_sockets()) == 4


def test_at_the_end_the_rooms_are_seen_once_more_and_nobody_reaches_who_is_gone() -> None:
    house, seen = everybody(), []
    bob = house["bob"]
    bob.on("disconnecting", lambda reason: seen.append((reason, bob.rooms - {bob.id})))
    bob.on("disconnecting", lambda reason: house.server.emit("news", 1))
    bob.on("disconnect", lambda reason: seen.append((reason, bob.rooms)))
    house.seats["bob"].frame(0, "41")
    why = "client namespace disconnect"
    assert seen == [(why, {"gold", "silver"}), (why, set())]
    assert list(house.heard()) == ["ann", "cid", "dan"]
    bob.join("gold")  # a task that comes late
    bob.emit("news", 1)
    assert house.server.rooms.of(bob.id) == set()
    assert bob.id not in house.server.sockets
    house.server.to("gold").emit("news", 1)
    assert list(house.heard()) == ["ann"]


def test_nothing_is_left_when_all_are_gone() -> None:
    house = everybody()
    for seat in house.seats.values():
        assert seat.leaves_nothing()
    assert (house.server.sockets, house.server.rooms.rooms, house.server.rooms.members) == ({}, {}, {})


def test_a_room_that_was_left_in_disconnecting_stays_left() -> None:
    house = everybody()
    ann = house["ann"]
    ann.on("disconnecting", lambda reason: ann.join("gold"))
    house.seats["ann"].frame(0, "41")
    assert list(house.server.rooms.members["gold"]) == [house["bob"].id]


# A broadcast that is acknowledged


async def test_an_empty_room_answers_nothing() -> None:
    assert await everybody().server.to("iron").timeout(1).emit_with_ack("ask") == []


async def test_each_answer_comes_once_in_the_order_of_the_sockets() -> None:
    house = everybody()
    waiting = asyncio.create_task(house.server.to("gold").timeout(1).emit_with_ack("ask", "you"))
    await asyncio.sleep(0.01)
    assert house.heard() == {"ann": ['420["ask","you"]'], "bob": ['420["ask","you"]']}
    house.seats["bob"].frame(0, '430["b"]')
    house.seats["ann"].frame(0, '430["a"]')
    house.seats["ann"].frame(0, '430["again"]')
    assert await waiting == ["a", "b"]


@pytest.mark.parametrize("how", ["silence", "41"])
async def test_who_does_not_answer_is_told_with_the_answers_that_came(how: str) -> None:
    house = everybody()
    waiting = asyncio.create_task(house.server.timeout(5).emit_with_ack("ask"))
    await asyncio.sleep(0.01)
    for name in ("ann", "bob", "dan"):
        house.seats[name].frame(0, f'430["{name}"]')
    if how == "silence":
        house.seats["cid"].wait(5)
    else:
        house.seats["cid"].frame(0, "41")
    with pytest.raises(Incomplete, match="3 of 4") as caught:
        await waiting
    assert caught.value.responses == ["ann", "bob", "dan"]


async def test_who_owes_too_many_answers_spoils_no_question_to_others() -> None:
    house = everybody()
    house["bob"].questions.most = 0
    waiting = asyncio.create_task(house.server.to("gold").timeout(1).emit_with_ack("ask"))
    await asyncio.sleep(0.01)
    house.seats["ann"].frame(0, '430["a"]')
    with pytest.raises(Incomplete, match="1 of 2") as caught:
        await waiting
    assert caught.value.responses == ["a"]


async def test_what_cannot_be_asked_is_an_error() -> None:
    with pytest.raises(TypeError):
        await everybody().server.emit_with_ack("ask", object())


# The official client


@contextlib.asynccontextmanager
async def hall(**options: Any) -> AsyncIterator[Any]:
    server: Any = Server(**options)

    @server.on("connection")
    def connected(socket: Any) -> None:
        def tell(room: str | None, message: object, answer: Any) -> None:
            (server.to(room) if room else server).emit("message", message)
            answer()

        socket.on("join", lambda room, answer: answer(socket.join(room)))
        socket.on("tell", tell)
        socket.on("others", lambda message: socket.broadcast.emit("message", message))

    async with server.listen() as server.port:
        yield server


async def test_the_official_client_hears_what_it_should() -> None:
    async with hall() as server:
        said = await bench.javascript(
            """
            import { io } from "socket.io-client";
            const heard = {}, all = {};
            for (const name of ["ann", "bob", "cid"]) {
              const transports = name === "bob" ? ["polling"] : ["polling", "websocket"];
              const socket = all[name] = io(url, { transports, forceNew: true });
              heard[name] = [];
              socket.on("message", (message) => heard[name].push(message));
              socket.on("count", (answer) => answer(name));
              await socket.emitWithAck("join", name === "cid" ? "garden" : "kitchen");
            }
            await all.ann.emitWithAck("tell", "kitchen", "soup");
            all.ann.emit("others", "hush");
            await all.ann.emitWithAck("tell", null, "good night");
            while (Object.values(heard).some((list) => list.at(-1) !== "good night"))
              await new Promise((resolve) => setTimeout(resolve, 10));
            console.log(JSON.stringify(heard));
            process.exit();
            """,
            url=f"http://127.0.0.1:{server.port}",
        )
        await until(lambda: server.sockets == {})
    assert said == (
        '{"ann":["soup","good night"],"bob":["soup","hush","good night"],"cid":["hush","good night"]}'
    )


async def test_a_broadcast_is_acknowledged_over_the_network() -> None:
    async with hall() as server:
        sockets = [io(f"http://127.0.0.1:{server.port}", transports=["websocket"]) for _ in range(5)]
        for number, socket in enumerate(sockets[:4]):
            socket.on("ask", lambda answer, number=number: answer(number))
        await until(lambda: len(server.sockets) == 5)
        last = next(each.id for each in server.sockets.values() if each.id == sockets[4].id)
        found = await server.except_(last).timeout(2).emit_with_ack("ask")
        assert sorted(found) == [0, 1, 2, 3]
        with pytest.raises(Incomplete) as caught:
            await server.timeout(0.2).emit_with_ack("ask")
        assert sorted(caught.value.responses) == [0, 1, 2, 3]
        for socket in sockets:
            socket.disconnect()
        await until(lambda: server.sockets == {})
    assert server.rooms.members == {}


async def test_a_pulled_cable_empties_its_rooms() -> None:
    async with hall(ping_interval=0.2, ping_timeout=0.2) as server:
        url = f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket"
        async with connect(url, proxy=None, close_timeout=0.1, compression=None) as silent:
            await silent.send("40")
            await silent.send('420["join","kitchen"]')
            await until(lambda: "kitchen" in server.rooms.members)
            await until(lambda: server.rooms.members == {}, 2)


# What the lesson tries it with


async def test_a_crowd_of_which_one_gets_no_answer_is_gone_with_that() -> None:
    source = Path(__file__).parents[1] / "lessons_src/lessons/14_broadcast_and_rooms.py"
    allowed = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    lesson: Any = compile(source.read_text("utf-8"), "lesson", "exec", allowed)
    lesson.body = [each for each in lesson.body if getattr(each, "name", "") == "crowd"]
    own: dict[str, Any] = {"contextlib": contextlib}
    exec(compile(lesson, "lesson", "exec"), own)
    own["join"] = lambda where: io(where, transports=["websocket"], reconnection=False)
    server, here = Server(), list[Any]()

    @server.on("connection")
    def connected(socket: Any) -> None:
        here.append(socket)
        if len(here) == 1:
            socket.on("join", lambda room, answer: answer())

    async with server.listen() as port:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5), own["crowd"](f"http://127.0.0.1:{port}", 3):
                pass
        await until(lambda: len(here) == 3 and not any(socket.connected for socket in here))
