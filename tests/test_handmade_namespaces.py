"""Lesson 15: namespaces, without a network and with the clients and servers of others."""

import asyncio
import contextlib
import gc
import re
import weakref
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from seat import Seat
from test_handmade_client import HANDSHAKE, Room

from handmade.l08_meet_socketio import ProtocolError
from handmade.l15_namespaces import Client, Manager, Server, io
from wirelab import bench
from wirelab.process import Child
from wirelab.waiting import until

OFFICIAL = Path(__file__).with_name("socketio_server.mjs")


# The server without a network


class Talk(Seat):
    """A session of a server of lesson 15 that has the namespaces / and /shop; its handlers run at once."""

    def __init__(self, server: Any = None) -> None:
        super().__init__(server or Server(connect_timeout=20), Client, "websocket")
        self.shop = self.server.of("shop")

    def hears(self, *packets: str | bytes) -> list[object]:
        """What it says to these packets; the ids are left out."""
        self.out.clear()
        for packet in packets:
            self.frame(0, packet)
        out = [packet for packet in self.out if packet != "2"]
        return [re.sub(r'"sid":"[^"]{20}"', '"sid":"…"', packet) for packet in out]


def test_a_namespace_is_there_once_it_is_named() -> None:
    server = Server()
    assert server.of("/shop") is server.of("shop")
    assert server.of("/") is server
    assert server.of("/shop").name == "/shop"


def test_each_namespace_is_joined_and_has_handlers_of_its_own() -> None:
    talk, seen = Talk(), []
    talk.server.on("connection", lambda socket: seen.append("main"))
    talk.shop.on("connection", lambda socket: socket.on("buy", lambda *what: seen.append(what)))
    assert talk.hears("40/shop,") == ['40/shop,{"sid":"…"}']
    assert talk.hears("40") == ['40{"sid":"…"}']
    talk.hears('42/shop,["buy",1]', '42["buy",2]')
    assert seen == ["main", (1,)]
    main, shop = talk.client.sockets["/"], talk.client.sockets["/shop"]
    assert main.id != shop.id
    assert (list(talk.server.sockets), list(talk.shop.sockets)) == ([main.id], [shop.id])


def test_rooms_and_broadcasts_stay_in_their_namespace() -> None:
    talk = Talk()
    talk.hears("40", "40/shop")
    for socket in talk.client.sockets.values():
        socket.join("gold")
    talk.out.clear()
    talk.shop.to("gold").emit("news", 1)
    talk.client.sockets["/"].broadcast.emit("news", 2)
    talk.server.emit("news", 3)
    assert talk.out == ['42/shop,["news",1]', '42["news",3]']


def test_acknowledgements_count_for_each_namespace() -> None:
    talk, heard = Talk(), []
    talk.hears("40", "40/shop")
    talk.client.sockets["/"].emit("ask", lambda answer: heard.append(("/", answer)))
    talk.client.sockets["/shop"].emit("ask", lambda answer: heard.append(("/shop", answer)))
    assert talk.out[-2:] == ['420["ask"]', '42/shop,0["ask"]']
    talk.hears("43/shop,0[1]", "430[2]")
    assert heard == [("/shop", 1), ("/", 2)]


def test_an_unknown_namespace_is_refused_and_the_connection_has_its_time() -> None:
    talk = Talk()
    assert talk.hears("40/random") == ['44/random,{"message":"Invalid namespace"}']
    assert talk.hears("40/random,") == ['44/random,{"message":"Invalid namespace"}']
    talk.wait(19)
    assert talk.session.state == "open"
    talk.wait(1)
    assert talk.session.state == "closed"


def test_who_is_refused_there_and_is_in_here_may_stay_and_is_no_stranger_any_more() -> None:
    talk = Talk()
    talk.server.engine.strangers[talk.session.sid] = "127.0.0.1"
    talk.hears("40/random")
    assert len(talk.server.engine.strangers) == 1
    talk.hears("40/shop")
    assert talk.server.engine.strangers == {}
    talk.wait(21)
    assert talk.session.state == "open"


@pytest.mark.parametrize(
    "packets", [['42/shop,["buy"]'], ["40/shop", "40/shop"], ["41/shop"], ["43/shop,0[]"]]
)
def test_what_must_not_come_ends_the_connection(packets: list[str]) -> None:
    talk = Talk()
    talk.hears("40")
    with pytest.raises(ProtocolError):
        for packet in packets:
            talk.session.receive(packet)
    talk.wait(0)


def test_leaving_one_is_not_leaving_the_others() -> None:
    talk, ends = Talk(), []
    talk.hears("40", "40/shop")
    for socket in talk.client.sockets.values():
        socket.on("disconnect", lambda reason, name=socket.namespace: ends.append((name, reason)))
    assert talk.hears("41/shop,") == []
    assert ends == [("/shop", "client namespace disconnect")]
    assert talk.hears('420["x"]') == []
    assert talk.session.state == "open"
    assert talk.hears("41", "40/shop") == ['40/shop,{"sid":"…"}']


def test_what_was_on_its_way_when_the_server_said_goodbye_is_no_offence() -> None:
    talk, heard = Talk(), []
    talk.shop.on("connection", lambda socket: socket.on("buy", heard.append))
    talk.hears("40", "40/shop")
    talk.client.sockets["/shop"].disconnect()
    talk.wait(0)
    talk.hears('42/shop,["buy",1]', "43/shop,0[]", "41/shop")
    assert (talk.session.state, heard) == ("open", [])
    talk.hears("40/shop", '42/shop,["buy",2]')
    assert heard == [2]
    talk.hears("41/shop")
    with pytest.raises(ProtocolError):
        talk.session.receive('42/shop,["buy",3]')


def test_namespaces_of_a_kind_come_with_the_first_and_go_with_the_last() -> None:
    talk, seen = Talk(), []
    rooms = talk.server.of(re.compile(r"^/room-\d+$"))
    rooms.on("connection", lambda socket: seen.append(socket.namespace))
    asked = talk.server.of(lambda name, auth: auth.get("token") == "sesame")
    asked.on("connection", lambda socket: seen.append(socket.namespace))
    assert talk.hears("40/room-1", "40/room-x") == [
        '40/room-1,{"sid":"…"}',
        '44/room-x,{"message":"Invalid namespace"}',
    ]
    talk.hears("40/room-22")
    assert talk.hears('40/secret,{"token":"sesame"}') == ['40/secret,{"sid":"…"}']
    assert seen == ["/room-1", "/room-22", "/secret"]
    assert set(talk.server.namespaces) == {"/", "/shop", "/room-1", "/room-22", "/secret"}
    other = Talk(talk.server)
    other.hears("40/room-1")
    talk.server.of("/room-1").emit("news", 1)
    assert (talk.out[-1], other.out[-1]) == ('42/room-1,["news",1]',) * 2
    assert talk.leaves_nothing()
    assert set(talk.server.namespaces) == {"/", "/shop", "/room-1"}
    assert other.leaves_nothing()
    assert set(talk.server.namespaces) == {"/", "/shop"}


def test_what_the_server_names_first_is_of_its_kind_all_the_same() -> None:
    """The official server 4.8 asks patterns there, too, and conditions only about a client."""
    talk, seen = Talk(), []
    rooms = talk.server.of(re.compile(r"^/room-\d+$"))
    rooms.on("connection", lambda socket: seen.append(socket.namespace))
    talk.server.of(lambda name, auth: seen.append((name, auth)))
    talk.server.of("room-1").emit("news", 1)
    talk.server.of("/hall").emit("news", 1)
    assert seen == []
    talk.hears("40/room-1", "40/hall")
    assert seen == ["/room-1"]
    talk.hears("41/room-1")
    assert "/room-1" not in talk.server.namespaces


def test_what_is_hung_on_one_child_is_not_for_the_others() -> None:
    talk, seen = Talk(), []
    rooms = talk.server.of(re.compile(r"^/room-\d+$"))
    rooms.on("connection", lambda socket: seen.append(socket.namespace))
    talk.server.of("/room-1").on("connection", lambda socket: seen.append("only 1"))
    talk.hears("40/room-2", "40/room-1")
    assert seen == ["/room-2", "/room-1", "only 1"]


def test_a_pattern_takes_no_name_with_a_line_break_though_python_would() -> None:
    talk = Talk()
    talk.server.of(re.compile(r"^/room-\d+$"))
    assert talk.hears("40/room-1\n,") == ['44/room-1\n,{"message":"Invalid namespace"}']
    assert talk.hears("40/room-1") == ['40/room-1,{"sid":"…"}']


# The client without a network


class Away(Room):
    """Our client with two namespaces over one connection."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.socket.disconnect()
        self.manager = Manager("/", self.manager.options, self.manager.world)
        self.socket, self.shop = self.manager.of("/"), self.manager.of("/shop")
        self.told.clear()
        self.dialled.clear()
        self.socket.connect()
        self.shop.connect()

    def tell(self, emitter: Any, *event: Any) -> None:
        self.told.append((getattr(emitter, "namespace", "io"), *event))


IN = ('40{"sid":"s1"}', '40/shop,{"sid":"s2"}')


def inside() -> Away:
    room = Away()
    room.hear(HANDSHAKE, *IN)
    room.sent.clear()
    room.told.clear()
    return room


def test_one_connection_and_each_namespace_is_asked_for() -> None:
    room = Away()
    assert len(room.dialled) == 1
    room.hear(HANDSHAKE)
    assert room.sent == ["40", "40/shop,"]
    room.hear(*IN, '42/shop,["x",1]', '42/never,["x"]')
    assert room.told == [("/", "connect"), ("/shop", "connect"), ("/shop", "x", 1)]
    assert (room.socket.id, room.shop.id) == ("s1", "s2")


def test_who_comes_later_is_let_in_over_the_same_connection() -> None:
    room = inside()
    late = room.manager.of("/late")
    late.connect()
    late.connect()
    assert room.sent == ["40/late,"]
    room.hear('40/late,{"sid":"s3"}')
    late.connect()
    assert (late.connected, len(room.sent), len(room.dialled)) == (True, 1, 1)


def test_each_has_what_it_says_of_itself() -> None:
    room = Away()
    room.shop.auth = {"name": "Ann"}
    room.hear(HANDSHAKE)
    assert room.sent == ["40", '40/shop,{"name":"Ann"}']


def test_after_a_loss_all_come_back() -> None:
    room = inside()
    room.fail()
    assert room.told[:2] == [
        ("/", "disconnect", "transport error"),
        ("/shop", "disconnect", "transport error"),
    ]
    room.hear(HANDSHAKE)
    assert room.sent == ["40", "40/shop,"]
    room.fail()
    room.hear(HANDSHAKE)
    assert [event for event in room.told if "reconnect" in event] == [("io", "reconnect", 1)] * 2


def test_if_the_server_is_not_there_all_hear_of_it() -> None:
    room = Away()
    room.fail()
    room.dialled[-1].end("timeout")
    errors = [(who, type(rest[0]), str(rest[0])) for who, what, *rest in room.told if what == "connect_error"]
    refused, late = (OSError, "refused"), (ConnectionError, "timeout")
    assert errors == [("/", *refused), ("/shop", *refused), ("/", *late), ("/shop", *late)]


def test_the_connection_ends_with_the_last_and_begins_again_with_any() -> None:
    room = inside()
    room.socket.disconnect()
    assert room.sent == ["41"]
    room.hear('42["too late"]')
    assert room.told == [("/", "disconnect", "io client disconnect")]
    room.shop.disconnect()
    assert room.sent == ["41", "41/shop,", "1"]
    assert room.manager.engine is None
    room.told.clear()
    room.shop.connect()
    room.hear(HANDSHAKE)
    assert room.sent == ["40/shop,"]
    room.fail()
    assert [who for who, *_ in room.told] == ["/shop", "io"]


def test_who_has_left_alone_does_not_come_back_with_the_others() -> None:
    room = inside()
    room.socket.disconnect()
    room.told.clear()
    room.fail()
    room.hear(HANDSHAKE)
    assert room.sent == ["40/shop,"]
    assert ("/", "disconnect", "transport error") not in room.told


def test_a_refusal_is_heard_by_the_one_and_the_others_stay() -> None:
    room = Away()
    room.hear(HANDSHAKE, IN[0], '44/shop,{"message":"Invalid namespace"}')
    (who, what, error) = room.told[-1]
    assert (who, what, str(error)) == ("/shop", "connect_error", "Invalid namespace")
    assert (room.socket.connected, room.shop.active, room.manager.engine is None) == (True, False, False)


def test_who_leaves_before_he_is_let_in_says_goodbye_then() -> None:
    room = inside()
    late = room.manager.of("/late")
    late.connect()
    late.disconnect()
    assert room.sent == ["40/late,"]
    room.hear('40/late,{"sid":"s3"}')
    assert room.sent == ["40/late,", "41/late,"]
    late.connect()
    late.disconnect()
    late.connect()
    assert room.sent[2:] == ["40/late,"]
    room.hear('40/late,{"sid":"s4"}')
    assert late.id == "s4"


def test_who_asked_over_a_lost_connection_asks_again() -> None:
    room = Away()
    room.hear(HANDSHAKE)
    room.fail()
    room.hear(HANDSHAKE)
    assert room.sent == ["40", "40/shop,"]


# Servers and clients of others


@contextlib.asynccontextmanager
async def ours(**options: Any) -> AsyncIterator[Any]:
    server: Any = Server(**options)
    for endpoint in (server, server.of("/news")):
        endpoint.on("connection", lambda socket: socket.on("echo", lambda *data: socket.emit("echo", *data)))
    async with server.listen() as server.port:
        yield server


@contextlib.asynccontextmanager
async def official() -> AsyncIterator[Any]:
    async with Child.node(str(OFFICIAL)) as child:
        yield child


@pytest.mark.parametrize("name", ["official", "ours"])
async def test_our_client_shares_a_connection(name: str) -> None:
    async with {"official": official, "ours": ours}[name]() as server:
        url = bench.url(getattr(server, "port", None) or server, scheme="http")
        main, news = io(url), io(f"{url}/news")
        alone, again = io(f"{url}/news", force_new=True), io(f"{url}/news")
        assert main.io is news.io
        assert len({socket.io for socket in (news, alone, again)}) == 3
        heard: list[object] = []
        for number, socket in enumerate((main, news, alone, again)):
            socket.on("echo", lambda value, number=number: heard.append((number, value)))
            socket.emit("echo", b"%d" % number)
        await until(lambda: len(heard) == 4)
        assert sorted(heard) == [(number, b"%d" % number) for number in range(4)]
        stranger = io(f"{url}/nowhere")
        errors: list[str] = []
        stranger.on("connect_error", lambda error: errors.append(str(error)))
        await until(lambda: errors == ["Invalid namespace"])
        assert stranger.io is main.io and main.connected
        for socket in (main, news, alone, again):
            assert socket.io.engine is not None
            socket.disconnect()
        assert main.io.engine is None


async def test_a_manager_lives_as_long_as_somebody_has_its_socket() -> None:
    async with ours() as server:
        manager = weakref.ref(io(f"http://127.0.0.1:{server.port}").io)
        await until(lambda: server.sockets)
        gc.collect()
        manager().of("/").disconnect()
        await until(lambda: server.engine.sessions == {})
        await asyncio.sleep(0.1)
        gc.collect()
        assert manager() is None


async def test_the_official_client_shares_a_connection() -> None:
    async with ours(connect_timeout=0.5) as server:
        said = await bench.javascript(
            """
            import { io } from "socket.io-client";
            const main = io(url), news = io(`${url}/news`), nowhere = io(`${url}/nowhere`);
            console.log(main.io === news.io);
            const refusal = new Promise((resolve) => nowhere.on("connect_error", resolve));
            console.log((await refusal).message);
            const echo = (socket, value) =>
              new Promise((resolve) => socket.once("echo", resolve).emit("echo", value));
            console.log(await echo(main, 1), await echo(news, 2), main.id !== news.id);
            news.disconnect();
            await new Promise((resolve) => setTimeout(resolve, 700));
            console.log(await echo(main, 3), main.connected, news.connected);
            news.connect();
            console.log(await echo(news, 4));
            process.exit();
            """,
            url=f"http://127.0.0.1:{server.port}",
        )
    assert said.split("\n") == ["true", "Invalid namespace", "1 2 true", "3 true false", "4"]
