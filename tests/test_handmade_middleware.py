"""Lesson 16: what is known of a client, and who is let in; without a network and with the official client."""

import asyncio
import contextlib
import json
import logging
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from hostile import Loud, Victim
from seat import Seat, pause
from test_handmade_client import HANDSHAKE, Room
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from handmade.l08_meet_socketio import ProtocolError
from handmade.l16_core import ConnectError, Presence, objection
from handmade.l16_who_is_there import Client, Manager, Server, io
from wirelab import bench
from wirelab.waiting import until

# The server without a network


class Talk(Seat):
    """A session of a server of lesson 16 that has the namespaces / and /shop."""

    def __init__(self, *middleware: Any, server: Any = None) -> None:
        super().__init__(server or Server(connect_timeout=20), Client, "websocket")
        self.seen: list[Any] = []
        self.shop = self.server.of("/shop")
        self.server.on("connection", self.seen.append)
        for each in middleware:
            self.server.use(each)

    def hears(self, *packets: str | bytes) -> list[object]:
        """What it says to these packets; the ids are left out."""
        self.out.clear()
        for packet in packets:
            self.frame(0, packet)
        return self.heard()

    def heard(self) -> list[object]:
        out, self.out[:] = [packet for packet in self.out if packet != "2"], []
        return [re.sub(r'"sid":"[^"]{20}"', '"sid":"…"', packet) for packet in out]


async def slow(socket: Any) -> None:
    await pause()


def no(socket: Any) -> None:
    raise ConnectError("no strangers", data={"hint": "sesame"})


def test_without_middleware_everybody_comes_in_at_once() -> None:
    talk = Talk()
    talk.session.receive("40")  # and no task has run yet
    assert talk.heard() == ['40{"sid":"…"}']
    assert talk.client.sockets["/"].connected
    talk.wait(0)
    assert len(talk.seen) == 1


def test_middleware_is_asked_one_after_the_other_before_anybody_knows() -> None:
    order: list[object] = []
    server = Server()

    @server.use
    async def first(socket: Any) -> None:
        order.append(("first", socket.connected, len(server.sockets) + len(socket.rooms)))
        await pause()
        order.append("first, later")
        socket.data["name"] = socket.handshake["auth"]["name"]

    server.use(lambda socket: order.append("second"))
    server.on("connection", lambda socket: order.append(("in", socket.connected, socket.data)))
    talk = Talk(server=server)
    assert talk.hears('40{"name":"Ann"}') == []
    talk.wait(0)
    assert talk.heard() == ['40{"sid":"…"}']
    assert order == [("first", False, 0), "first, later", "second", ("in", True, {"name": "Ann"})]


@pytest.mark.parametrize("middleware", [[no], [slow, no], [no, slow]])
def test_who_is_refused_hears_why_and_nobody_else_hears_of_him(middleware: list[Any]) -> None:
    talk = Talk(*middleware)
    talk.hears("40")
    talk.wait(0)
    talk.hears("40")
    talk.wait(0)
    refusals = '44{"message":"no strangers","data":{"hint":"sesame"}}'
    assert refusals in (talk.heard() or [refusals])
    assert (talk.seen, talk.server.sockets, talk.client.examinations) == ([], {}, {})
    talk.wait(20)
    assert talk.session.state == "closed"
    assert talk.leaves_nothing()


def test_without_data_there_is_no_data() -> None:
    def shut(socket: Any) -> None:
        raise ConnectError("closed today")

    assert Talk(shut).hears("40") == ['44{"message":"closed today"}']


def test_what_could_not_be_sent_is_refused_where_it_is_said() -> None:
    def unsendable(socket: Any) -> None:
        raise ConnectError("no strangers", data=b"bytes")

    with pytest.raises(TypeError):
        ConnectError("no strangers", data=b"bytes")
    assert Talk(unsendable).hears("40") == ['44{"message":"Internal error"}']


def test_a_middleware_with_a_fault_lets_nobody_in_and_tells_no_stranger_of_it() -> None:
    talk = Talk(lambda socket: socket.handshake["auth"]["token"])
    handler = Loud()
    logging.getLogger("handmade").addHandler(handler)
    try:
        with pytest.raises(KeyError):
            talk.hears("40")
    finally:
        logging.getLogger("handmade").removeHandler(handler)
    assert Talk(lambda socket: socket.handshake["auth"]["token"]).hears("40") == [
        '44{"message":"Internal error"}'
    ]


def test_a_second_connect_meanwhile_ends_the_connection_and_only_one_comes_in() -> None:
    talk = Talk(slow)
    talk.hears("40")
    with pytest.raises(ProtocolError):
        talk.session.receive("40")
    talk.session.end("parse error")
    assert talk.leaves_nothing()
    assert talk.seen == []


@pytest.mark.parametrize("packet", ['42["too early"]', "41", "430[]"])
def test_what_comes_while_one_is_examined_ends_the_connection(packet: str) -> None:
    talk = Talk(slow)
    talk.hears("40")
    with pytest.raises(ProtocolError):
        talk.session.receive(packet)
    talk.session.end("parse error")
    assert talk.leaves_nothing()


def test_other_namespaces_go_on_meanwhile() -> None:
    talk = Talk(slow)
    assert talk.hears("40", "40/shop") == ['40/shop,{"sid":"…"}']
    talk.wait(0)
    assert talk.heard() == ['40{"sid":"…"}']


def test_for_who_is_gone_the_middleware_does_not_go_on() -> None:
    went_on: list[object] = []

    async def check(socket: Any) -> None:
        await pause()
        went_on.append(socket)

    talk = Talk(check)
    talk.hears("40")
    talk.session.end("transport close")
    assert talk.client.examinations == {}
    talk.wait(0)
    assert (talk.seen, talk.server.sockets, went_on) == ([], {}, [])
    assert talk.leaves_nothing()


async def test_who_is_gone_before_the_middleware_has_begun_leaves_nothing() -> None:
    talk = Talk(slow)
    talk.server.start = asyncio.create_task
    talk.session.receive("40")
    assert len(talk.server.examined) == 1
    talk.session.end("transport close")
    await asyncio.sleep(0.01)
    assert (talk.server.examined, talk.client.examinations, talk.seen) == (set(), {}, [])


def test_who_is_thrown_out_by_the_middleware_itself_does_not_come_in() -> None:
    talk = Talk(lambda socket: socket.client.session.end("forced close"))
    talk.hears("40")
    assert (talk.seen, talk.server.sockets) == ([], {})
    assert talk.leaves_nothing()


async def test_who_ends_his_own_examination_does_not_come_in() -> None:
    talk = Talk(lambda socket: socket.client.session.end("forced close"))
    talk.server.start = asyncio.create_task
    talk.session.receive("40")
    await asyncio.sleep(0.01)
    assert (talk.seen, talk.server.sockets, talk.client.sockets, talk.server.examined) == ([], {}, {}, set())


async def test_an_examination_ends_when_its_task_is_cancelled() -> None:
    asked: list[object] = []
    task = asyncio.create_task(objection([lambda socket: asyncio.sleep(9), asked.append], "a socket"))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled() and asked == []


def test_a_middleware_may_put_a_socket_into_a_room() -> None:
    talk = Talk(lambda socket: socket.join("gold"))
    rooms: list[object] = []
    talk.server.on("connection", lambda socket: rooms.append(socket.rooms - {socket.id}))
    talk.hears("40")
    assert rooms == [{"gold"}]
    refused = Talk(lambda socket: socket.join("gold"), no)
    refused.hears("40")
    assert refused.server.rooms.members == {}


def test_a_middleware_may_take_a_socket_out_of_a_room_again() -> None:
    rooms: list[object] = []
    metals = ["silver", "gold", "silver"]
    talk = Talk(lambda socket: socket.join(metals), lambda socket: socket.leave("silver"))
    talk.server.on("connection", lambda socket: rooms.append(socket.rooms - {socket.id}))
    talk.hears("40")
    assert rooms == [{"gold"}]


def test_each_namespace_has_its_own() -> None:
    talk = Talk()
    talk.shop.use(no)
    assert talk.hears("40", "40/shop") == [
        '40{"sid":"…"}',
        '44/shop,{"message":"no strangers","data":{"hint":"sesame"}}',
    ]


def test_a_child_of_a_pattern_has_its_parents_and_ends_when_nobody_stands_before_it() -> None:
    talk = Talk()
    parent = talk.server.of(re.compile("^/room-"))
    parent.use(slow)
    parent.use(lambda socket: no(socket) if socket.handshake["auth"] else None)
    for packet in ("40/room-1", '40/room-2,{"a":1}'):
        talk.frame(0, packet)
    other = Talk(server=talk.server)
    other.hears('40/room-1,{"a":1}')
    other.wait(0)
    assert set(talk.server.namespaces) == {"/", "/shop", "/room-1", "/room-2"}
    talk.wait(0)
    assert set(talk.server.namespaces) == {"/", "/shop", "/room-1"}
    assert list(talk.client.sockets) == ["/room-1"]
    assert talk.server.of("/room-1").sockets == {each.id: each for each in talk.client.sockets.values()}
    talk.hears("41/room-1")
    assert set(talk.server.namespaces) == {"/", "/shop"}
    assert talk.leaves_nothing() and other.leaves_nothing()


def test_a_child_that_the_server_names_first_is_guarded_as_its_parent_says_and_no_sibling_more() -> None:
    talk = Talk()
    talk.server.of(re.compile("^/room-")).use(lambda socket: no(socket) if socket.handshake["auth"] else None)
    talk.server.of("/room-1").emit("news", 1)
    talk.server.of("/room-3").use(no)
    assert talk.hears('40/room-1,{"a":1}', "40/room-2", "40/room-3") == [
        '44/room-1,{"message":"no strangers","data":{"hint":"sesame"}}',
        '40/room-2,{"sid":"…"}',
        '44/room-3,{"message":"no strangers","data":{"hint":"sesame"}}',
    ]


async def test_an_examination_that_ends_late_takes_no_child_that_has_come_since() -> None:
    release = asyncio.Event()

    async def thorough(socket: Any) -> None:
        try:
            await asyncio.sleep(9)
        finally:
            await release.wait()  # it puts its connection to the database back

    first = Talk()
    parent = first.server.of(re.compile("^/room-"))
    parent.use(lambda socket: None if socket.handshake["auth"] else thorough(socket))
    first.server.start = asyncio.create_task
    first.session.receive("40/room-1")
    await asyncio.sleep(0)
    first.session.end("transport close")
    second = Talk(server=first.server)
    first.server.start = asyncio.create_task
    second.session.receive('40/room-1,{"a":1}')
    await asyncio.sleep(0)
    child = second.client.sockets["/room-1"].audience
    release.set()
    await asyncio.sleep(0.01)
    assert first.server.namespaces["/room-1"] is child


def test_data_is_each_sockets_own_and_new_when_he_comes_again() -> None:
    talk = Talk()
    talk.hears("40", "40/shop")
    talk.client.sockets["/"].data["name"] = "Ann"
    assert talk.client.sockets["/shop"].data == {}
    talk.hears("41", "40")
    assert talk.client.sockets["/"].data == {}


def test_what_was_sent_is_looked_at_before_its_handlers() -> None:
    talk, heard = Talk(), []

    @talk.server.on("connection")
    def welcome(socket: Any) -> None:
        @socket.use
        async def polite(event: list[Any]) -> None:
            if "please" not in event:
                raise ValueError(f"{event[0]} what?")

        socket.on("ask", lambda *data: heard.append(data))
        socket.on("error", lambda error: heard.append(str(error)))
        socket.on("disconnect", heard.append)

    talk.hears("40", '42["ask","please"]', '42["ask"]', "41")
    assert heard == [("please",), "ask what?", "client namespace disconnect"]


def test_the_hostile_session_gets_through_the_gate() -> None:
    """What tests/hostile.py does at random reaches what it should."""
    victim = Victim("websocket")
    for packet in (
        '40/gate,{"token":"sesame"}',
        "40/room-1",
        '42/room-1,["join","gold"]',
        '42/room-1,["ask"]',
    ):
        victim.frame(0, packet)
    victim.wait(1)
    assert {socket.namespace for socket in victim.sockets} == {"/gate", "/room-1"}
    assert victim.leaves_nothing()


# Who is here


def test_a_person_is_here_from_the_first_socket_to_the_last() -> None:
    presence = Presence()
    told = [presence.came("Ann", "1"), presence.came("Bob", "2"), presence.came("Ann", "3")]
    assert (told, presence.names()) == ([True, True, False], ["Ann", "Bob"])
    assert [presence.left("Ann", "1"), presence.left("Ann", "1"), presence.left("Cy", "7")] == [False] * 3
    assert (presence.left("Ann", "2"), presence.names()) == (False, ["Ann", "Bob"])
    assert (presence.left("Ann", "3"), presence.left("Bob", "2")) == (True, True)
    assert (presence.names(), presence.sockets) == ([], {})


# The client without a network


class Away(Room):
    """Our client, whose connection is that of lesson 16."""

    def __init__(self, auth: Any) -> None:
        super().__init__()
        self.socket.disconnect()
        self.manager = Manager("/", self.manager.options, self.manager.world)
        self.socket = self.manager.socket
        self.socket.auth = auth
        self.told.clear()
        self.socket.connect()


async def test_auth_may_be_a_function_that_is_asked_each_time() -> None:
    numbers = iter(range(9))
    room = Away(lambda: {"number": next(numbers)})
    for number in range(2):
        room.hear(HANDSHAKE)
        await asyncio.sleep(0)
        assert room.sent == [f'40{{"number":{number}}}']
        room.fail()


LATE: list[Callable[[asyncio.Future[Any]], None]] = [
    lambda asked: asked.set_result({"token": "old"}),
    lambda asked: asked.set_exception(OSError("no network")),
]


@pytest.mark.parametrize("answer_late", LATE, ids=["answers", "fails"])
async def test_auth_may_take_its_time_and_the_connection_may_be_lost_meanwhile(answer_late: Any) -> None:
    asked: list[asyncio.Future[Any]] = []

    async def token() -> object:
        asked.append(asyncio.get_running_loop().create_future())
        return await asked[-1]

    room = Away(token)
    room.hear(HANDSHAKE)
    await asyncio.sleep(0)
    room.fail()
    room.hear(HANDSHAKE)
    await asyncio.sleep(0)
    answer_late(asked[0])
    await asyncio.sleep(0.01)
    assert room.sent == []
    asked[1].set_result({"token": "new"})
    await asyncio.sleep(0.01)
    assert room.sent == ['40{"token":"new"}']
    assert "connect_error" not in [name for name, *_ in room.told]


async def test_who_leaves_while_he_looks_for_his_pass_does_not_ask_to_be_let_in() -> None:
    token = asyncio.get_running_loop().create_future()
    room = Away(lambda: asyncio.wait_for(token, 1))
    other = room.manager.of("/other")
    other.connect()
    room.hear(HANDSHAKE)
    await asyncio.sleep(0)
    room.socket.disconnect()
    token.set_result({})
    await asyncio.sleep(0.01)
    assert room.sent == ["40/other,"]
    room.socket.connect()
    await asyncio.sleep(0.01)
    assert room.sent == ["40/other,", "40{}"]


async def test_an_auth_that_fails_is_told() -> None:
    room = Away(lambda: 1 / 0)
    room.hear(HANDSHAKE)
    await asyncio.sleep(0)
    assert [name for name, *_ in room.told] == ["connect_error"]
    assert (room.socket.active, room.manager.engine) == (False, None)


async def test_an_auth_that_fails_when_its_user_has_left_tells_him_nothing() -> None:
    token = asyncio.get_running_loop().create_future()
    room = Away(lambda: asyncio.wait_for(token, 1))
    room.manager.of("/other").connect()
    room.hear(HANDSHAKE)
    await asyncio.sleep(0)
    room.socket.disconnect()
    room.told.clear()
    token.set_exception(OSError("no network"))
    await asyncio.sleep(0.01)
    assert room.told == []
    room.socket.connect()
    await asyncio.sleep(0.01)
    assert [name for name, *_ in room.told] == ["connect_error"]


async def test_an_auth_that_failed_may_be_asked_again_over_the_same_connection() -> None:
    passes = iter([0, 1])
    room = Away(lambda: {"pass": 1 / next(passes)})
    room.manager.of("/other").connect()
    room.hear(HANDSHAKE)
    await asyncio.sleep(0)
    room.socket.connect()
    await asyncio.sleep(0)
    assert room.sent == ["40/other,", '40{"pass":1.0}']


# Over the network


@contextlib.asynccontextmanager
async def guarded(**options: Any) -> AsyncIterator[Any]:
    server: Any = Server(**options)
    server.seen = []

    @server.use
    async def password(socket: Any) -> None:
        await asyncio.sleep(0.02)
        if socket.handshake["auth"].get("password") != "sesame":
            raise ConnectError("no strangers", data={"left": 2})
        socket.data["name"] = socket.handshake["auth"]["name"]

    @server.on("connection")
    def welcome(socket: Any) -> None:
        server.seen.append(socket)
        socket.on("who am i", lambda answer: answer(socket.data))

    async with server.listen() as server.port:
        yield server


@pytest.mark.parametrize("transports", [["polling"], ["websocket"], ["polling", "websocket"]], ids=" ".join)
async def test_the_official_client(transports: list[str]) -> None:
    async with guarded() as server:
        said = await bench.javascript(
            """
            import { io } from "socket.io-client";
            const stranger = io(url, { transports, auth: { password: "guess" }, forceNew: true });
            const error = await new Promise((resolve) => stranger.on("connect_error", resolve));
            console.log(error.message, error.data.left, stranger.active);
            const auth = (say) => setTimeout(() => say({ name: "Ann", password: "sesame" }), 10);
            const socket = io(url, { transports, auth });
            console.log((await socket.emitWithAck("who am i")).name);
            process.exit();
            """,
            url=f"http://127.0.0.1:{server.port}",
            transports=transports,
        )
        assert said.split("\n") == ["no strangers 2 false", "Ann"]
        (socket,) = server.seen
        handshake = socket.handshake
        assert handshake["auth"] == {"name": "Ann", "password": "sesame"}
        assert handshake["headers"]["host"] == f"127.0.0.1:{server.port}"
        assert (handshake["address"], handshake["secure"], handshake["xdomain"]) == (
            "127.0.0.1",
            False,
            False,
        )
        assert (handshake["query"]["EIO"], handshake["query"]["transport"]) == ("4", transports[0])
        assert handshake["url"].startswith("/socket.io/?EIO=4&transport=")
        assert isinstance(handshake["time"], str) and handshake["issued"] > 10**12
        json.dumps(handshake)


async def test_our_client_and_its_refusal() -> None:
    async with guarded() as server:
        url, heard = f"http://127.0.0.1:{server.port}", []
        stranger = io(url, auth={"password": "guess"}, force_new=True)
        stranger.on("connect_error", lambda error: heard.append((str(error), error.data)))
        await until(lambda: heard == [("no strangers", {"left": 2})])
        assert stranger.io.engine is None

        async def auth() -> dict[str, str]:
            await asyncio.sleep(0.01)
            return {"name": "Ann", "password": "sesame"}

        socket = io(url, auth=auth)
        assert await socket.emit_with_ack("who am i") == {"name": "Ann"}
        first = server.seen[0]
        socket.io.engine.end("transport close")
        assert await socket.timeout(5).emit_with_ack("who am i") == {"name": "Ann"}
        assert server.seen[1].data is not first.data
        socket.disconnect()


async def test_a_page_of_another_origin_is_still_kept_out() -> None:
    async with guarded() as server:
        url = f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket"
        with pytest.raises(InvalidStatus):
            await connect(url, proxy=None, origin="http://evil.example")
        async with connect(url, proxy=None, origin=f"http://127.0.0.1:{server.port}") as own:
            assert str(await own.recv()).startswith("0{")
