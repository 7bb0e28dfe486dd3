"""What a user of the library has beside the last stage: listeners of all kinds, at both ends; one import."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any, get_type_hints

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.client import connect

import handmade
from builder import official
from handmade import ClientSocket, ConnectError, Recovery, Server, Socket, io, l11_core, latest
from handmade.adapters import PubSubAdapter
from handmade.l08_meet_socketio import Packet, Type
from handmade.l12_core import encode, to_engine
from handmade.l17_core import Session
from handmade.listeners import Listeners
from handmade.options import ClientOptions, ServerOptions
from handmade.sockets import event_of
from wirelab.process import javascript
from wirelab.serve import stage
from wirelab.waiting import until

SOURCES = Path(__file__).resolve().parents[1] / "lessons_src"
Prepare = Callable[[Server], object]


@asynccontextmanager
async def visit(prepare: Prepare = lambda server: None, **options: Any) -> AsyncIterator[Any]:
    """A server, its socket and ours, in the main namespace."""
    server, met = Server(**options), asyncio.Queue[Socket]()
    server.on("connection", met.put_nowait)
    prepare(server)
    async with server.listen() as port:
        ours = io(f"http://127.0.0.1:{port}", force_new=True, reconnection=False)
        theirs = await asyncio.wait_for(met.get(), 5)
        await until(lambda: ours.connected)
        yield server, theirs, ours
        ours.disconnect()


async def settle(ours: ClientSocket, theirs: Socket) -> None:
    """Let arrive what was sent, both ways, and be heard."""
    theirs.once("settle", lambda answer: answer())
    ours.once("settle", lambda answer: answer())
    await ours.timeout(5).emit_with_ack("settle")
    await theirs.timeout(5).emit_with_ack("settle")


# Listeners, without a network


async def test_once_hears_one_event() -> None:
    emitter, heard = Listeners(), list[object]()
    emitter.once("tea", heard.append)

    @emitter.once("tea")
    async def later(value: object) -> None:
        heard.append(f"late {value}")

    await emitter.fire("tea", 1)
    await emitter.fire("tea", 2)
    assert heard == [1, "late 1"] and later is not None
    assert emitter.handlers == {}


async def test_once_hears_one_event_also_when_two_are_told_at_the_same_time() -> None:
    emitter, heard = Listeners(), list[object]()

    async def slow(value: object) -> None:
        await asyncio.sleep(0)

    emitter.on("tea", slow)
    emitter.once("tea", heard.append)
    await asyncio.gather(emitter.fire("tea", 1), emitter.fire("tea", 2))
    assert heard == [1]


async def test_what_was_taken_away_hears_nothing() -> None:
    emitter, heard = Listeners(), list[object]()

    def one(value: object) -> None:
        heard.append(("one", value))

    def two(value: object) -> None:
        heard.append(("two", value))

    emitter.on("tea", one)
    emitter.once("tea", two)
    emitter.on("tea", one)
    assert emitter.listeners("tea") == [one, two, one]
    emitter.off("tea", one)
    assert emitter.listeners("tea") == [one, two]
    emitter.off("tea", two)
    emitter.off("tea", print)
    emitter.off("milk", one)
    await emitter.fire("tea", 1)
    assert heard == [("one", 1)]
    emitter.on("milk", two)
    emitter.off("tea")
    assert list(emitter.handlers) == ["milk"]
    emitter.off()
    assert emitter.handlers == {}


# Whatever comes, whatever goes


async def test_whatever_comes_is_heard_in_order_and_before_its_own_handlers() -> None:
    heard = list[Any]()

    def prepare(server: Server) -> None:
        @server.on("connection")
        def connected(socket: Socket) -> None:
            socket.on_any(lambda *what: heard.append(("any", *what)))
            socket.prepend_any(lambda *what: heard.append(("first", *what)))
            socket.on("tea", lambda *what: heard.append(("own", *what)))

    async with visit(prepare) as (_, theirs, ours):
        assert len(theirs.listeners_any()) == 2
        ours.emit("tea", 1, b"\x01")
        await until(lambda: len(heard) == 3)
        theirs.off_any(theirs.listeners_any()[0])
        ours.emit("nobody's", 2)
        await until(lambda: len(heard) == 4)
        theirs.off_any()
        ours.emit("tea", 3)
        await until(lambda: len(heard) == 5)
    assert [what[0] for what in heard] == ["first", "any", "own", "any", "own"]
    assert heard[:3] == [("first", "tea", 1, b"\x01"), ("any", "tea", 1, b"\x01"), ("own", 1, b"\x01")]


async def test_whatever_comes_is_heard_before_a_middleware_and_the_end_is_no_event() -> None:
    heard = list[object]()

    def no(event: list[object]) -> None:
        raise ValueError("no")

    async with visit() as (_, theirs, ours):
        theirs.on_any(lambda *what: heard.append(what))
        theirs.use(no)
        theirs.on("disconnect", heard.append)
        ours.emit("tea", 1)
        await until(lambda: bool(heard))
        ours.disconnect()
        await until(lambda: len(heard) > 1)
    assert heard == [("tea", 1), "client namespace disconnect"]


async def test_whatever_the_server_sends_is_heard() -> None:
    heard = list[object]()
    async with visit() as (server, theirs, ours):
        theirs.on_any_outgoing(lambda *what: heard.append(("last", *what)))
        theirs.prepend_any_outgoing(lambda *what: heard.append(("first", *what)))
        ours.on("question", lambda answer: answer("an answer"))
        theirs.emit("tea", 1, b"\x01")
        assert await theirs.timeout(5).emit_with_ack("question") == "an answer"
        server.emit("all", {"image": b"\x02"}, [b"\x03"])
        ours.on("asked", lambda value, answer: answer(value + 1))
        assert await server.timeout(5).emit_with_ack("asked", 7) == [8]
        theirs.off_any_outgoing(theirs.listeners_any_outgoing()[0])
        theirs.to(theirs.id).emit("for others")
        server.to(theirs.id).emit("for one")
        await settle(ours, theirs)
    sent = [("tea", 1, b"\x01"), ("question",), ("all", {"image": b"\x02"}, [b"\x03"]), ("asked", 7)]
    both = [(who, *what) for what in sent for who in ("first", "last")]
    assert heard == [*both, ("last", "for one"), ("last", "settle")]


BYTES = st.binary(max_size=4)
LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab_ü", max_size=4) | BYTES
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(VALUES, max_size=3))
def test_what_was_encoded_for_many_is_read_as_it_was(arguments: list[Any]) -> None:
    packets = [to_engine(message) for message in encode(Packet(Type.EVENT, ["news", *arguments]))]
    assert event_of(packets) == ["news", *arguments]


def test_what_looks_like_a_placeholder_is_none_without_attachments() -> None:
    event = ["news", {"_placeholder": True, "num": 0}]
    assert event_of([to_engine(message) for message in encode(Packet(Type.EVENT, event))]) == event


async def test_a_client_hears_whatever_comes_and_goes() -> None:
    came, went = list[object](), list[object]()
    async with visit() as (_, theirs, ours):
        ours.on_any(lambda *what: came.append(what))
        ours.on_any_outgoing(lambda *what: went.append(what))
        theirs.on("ask", lambda answer: answer("yes"))
        theirs.emit("news", 1)
        assert await ours.emit_with_ack("ask") == "yes"
        ours.emit("bytes", b"\x01")
        await until(lambda: len(went) == 2)
    assert came == [("news", 1)]
    assert went == [("ask",), ("bytes", b"\x01")]


async def test_what_a_client_keeps_goes_when_it_is_connected() -> None:
    server, went, order = Server(), list[object](), list[object]()
    server.on("connection", lambda socket: socket.on("early", order.append))
    async with server.listen() as port:
        ours = io(f"http://127.0.0.1:{port}", force_new=True)
        ours.on_any_outgoing(lambda *what: went.append(what))
        ours.emit("early", b"\x01\x02")
        await asyncio.sleep(0)
        assert went == []
        await until(lambda: order == [b"\x01\x02"] and went == [("early", b"\x01\x02")])
        ours.disconnect()


async def test_a_listener_that_fails_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    heard = list[object]()
    async with visit() as (_, theirs, ours):
        theirs.on_any(lambda *what: 1 / 0)
        theirs.on("tea", heard.append)
        ours.emit("tea", 1)
        await until(lambda: heard == [1])
    assert "ZeroDivisionError" in caplog.text


# Who is meant, and what is known of them


async def test_a_socket_knows_its_server_and_namespace() -> None:
    async with visit() as (server, theirs, ours):
        assert theirs.server is server and theirs.nsp is server
        assert server.clients_count == 1
        heard = list[object]()
        ours.on("news", heard.append)
        theirs.local.emit("news", "for others")
        server.local.emit("news", "for all")
        await until(lambda: heard == ["for all"])


@pytest.mark.parametrize("name", ["/tea", re.compile("^/t")])
async def test_a_namespace_has_the_same_listeners(name: Any) -> None:
    server, met = Server(), list[Socket]()
    server.of(name).once("connection", met.append)
    server.of("/tea")
    async with server.listen() as port:
        first, second = (io(f"http://127.0.0.1:{port}/tea", force_new=True) for _ in range(2))
        await until(lambda: first.connected and second.connected)
        await asyncio.sleep(0.05)
        assert len(met) == 1
        assert len(server.of("/tea").sockets) == 2
        first.disconnect()
        second.disconnect()


async def test_what_a_parent_says_all_its_children_hear() -> None:
    """As in the official library, whose parent does nothing else to them (docs v4, server API)."""
    server, heard, clients = Server(), list[Any](), list[ClientSocket]()
    rooms = server.of(re.compile("^/room-[0-9]$"))
    rooms.on("connection", lambda socket: socket.join("gold") if socket.namespace == "/room-2" else None)
    async with server.listen() as port:
        for path in ("", "/room-1", "/room-2", "/room-3"):
            clients.append(io(f"http://127.0.0.1:{port}{path}"))
            clients[-1].on("news", lambda number, path=path: heard.append((number, path)))
        await until(lambda: all(client.connected for client in clients))
        clients.pop().disconnect()
        await until(lambda: "/room-3" not in server.namespaces)
        rooms.emit("news", 1)
        rooms.to("gold").emit("news", 2)
        rooms.volatile.except_("gold").emit("news", 3)
        await until(lambda: len(heard) == 4)
        with pytest.raises(ValueError):
            rooms.emit("connect")
        for client in clients:
            client.disconnect()
    assert sorted(heard) == [(1, "/room-1"), (1, "/room-2"), (2, "/room-2"), (3, "/room-1")]


async def test_who_is_taken_out_of_a_room_while_he_is_lost_is_not_told_what_was_said_there() -> None:
    """The official library (4.8.4) does not hear of it: he is still in the room, and hears all."""
    server, met, heard = Server(connection_state_recovery=Recovery()), asyncio.Queue[Socket](), list[Any]()
    server.on("connection", met.put_nowait)
    async with server.listen() as port:
        ours = io(f"http://127.0.0.1:{port}", force_new=True, reconnection_delay=0.2)
        ours.on("news", lambda what, *offset: heard.append(what))
        theirs = await met.get()
        theirs.join(["gold", "silver"])
        await until(lambda: ours.connected)
        ours.io.engine.end("transport close")
        await until(lambda: not theirs.connected)
        server.to("gold").emit("news", "of gold")
        server.to("silver").emit("news", "of silver")
        theirs.leave("gold")
        theirs.emit("news", "to an old handle")
        back = await met.get()
        server.to("gold").emit("news", "of gold, later")
        server.emit("news", "the end")
        await until(lambda: heard[-1:] == ["the end"])
        assert ours.recovered and back.rooms == {back.id, "silver"}
        ours.disconnect()
    assert heard == ["of silver", "to an old handle", "the end"]


async def test_a_query_that_would_not_be_sent_is_refused() -> None:
    with pytest.raises(ValueError, match="say in `auth` what the server must know"):
        io("http://127.0.0.1:9/?token=abc")


async def test_a_refusal_is_of_one_class_at_both_ends() -> None:
    def refuse(socket: Socket) -> None:
        raise ConnectError("no strangers", data={"hint": 1})

    server, heard = Server(), list[Any]()
    server.use(refuse)
    async with server.listen() as port:
        ours = io(f"http://127.0.0.1:{port}", force_new=True)
        ours.once("connect_error", heard.append)
        await until(lambda: bool(heard))
    assert (type(heard[0]), str(heard[0]), heard[0].data) == (ConnectError, "no strangers", {"hint": 1})


# Settings


@pytest.mark.parametrize("options", [{"pingInterval": 1}, {"ping_interval": 1, "nix": 2}])
def test_an_option_that_there_is_not_is_named(options: Any) -> None:
    with pytest.raises(TypeError, match=r"^Server has no option '(pingInterval|nix)'\. .*ping_timeout"):
        Server(**options)


async def test_so_it_is_for_a_client() -> None:
    with pytest.raises(TypeError, match=r"^io has no option 'autoConnect'\. .*reconnection_delay"):
        io("http://127.0.0.1:1", **{"autoConnect": False})  # type: ignore[typeddict-item]


def test_the_options_that_are_written_down_are_those_that_there_are() -> None:
    assert set(get_type_hints(ServerOptions)) == {field.name for field in fields(Server.options_type)}
    known = {field.name for field in fields(l11_core.Options)} - {"auth"}
    assert set(get_type_hints(ClientOptions)) == known


# One import


def test_all_names_come_from_one_import() -> None:
    assert [name for name in handmade.__all__ if not hasattr(handmade, name)] == []
    with pytest.raises(AttributeError, match="'nix'"):
        handmade.nix  # noqa: B018


def test_it_stands_on_the_last_stage() -> None:
    assert latest.stage.Server is stage()
    assert issubclass(Server, stage())
    aims = [Server().to("gold"), Server().of("/x").except_("gold").in_("silver"), Server().local]
    assert {type(aim) for aim in aims} == {handmade.Aim}


@pytest.mark.parametrize("first", ["handmade.server", "handmade.client", "handmade", "handmade.l16_core"])
def test_any_module_can_be_imported_first(first: str) -> None:
    program = f"import {first}; from handmade import Server, io; import handmade.l08_meet_socketio"
    subprocess.run([sys.executable, "-c", program], cwd=SOURCES, check=True)


def test_a_stage_alone_loads_no_more_than_its_lessons() -> None:
    program = (
        "import sys, handmade.l08_meet_socketio; print(*(n for n in sys.modules if n[:9] == 'handmade.'))"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], cwd=SOURCES, check=True, capture_output=True, text=True
    )
    assert sorted(said.stdout.split()) == ["handmade.l08_core", "handmade.l08_meet_socketio"]


def test_a_server_knows_no_adapter_by_its_name() -> None:
    program = "import sys, handmade.server; print(*(name for name in sys.modules if 'stream_' in name))"
    said = subprocess.run(
        [sys.executable, "-c", program], cwd=SOURCES, check=True, capture_output=True, text=True
    )
    assert said.stdout.split() == []


def test_what_a_server_leaves_to_its_adapter() -> None:
    clients, said = list[Any](), list[Any]()

    class Member(PubSubAdapter.client_type):
        def __init__(self, server: Any, session: Any) -> None:
            super().__init__(server, session)
            clients.append(self)

    class Recorder(PubSubAdapter):
        client_type = Member
        socket_type = type("Guest", (PubSubAdapter.socket_type,), {})

        @staticmethod
        def new_history(server: Any, name: str) -> Any:
            history = PubSubAdapter.new_history(server, name)
            history.of = name
            return history

        def say(self, data: list[Any], aim: Any) -> None:
            said.append((self.audience.name, data, aim.rooms))

    line = handmade.Redis("redis://127.0.0.1")
    line.adapter_type = Recorder
    server = Server(adapter=line, connection_state_recovery=Recovery())
    tea = server.of("/tea")
    server.emit("news", 1)
    tea.to("gold").volatile.emit("news", 2)
    tea.local.emit("news", 3)
    assert said == [("/", ["news", 1], None), ("/tea", ["news", 2], ("gold",))]
    assert (server.history.of, tea.history.of) == ("/", "/tea")
    server.greet(Session("polling", lambda *_: None))
    assert [each.socket_type for each in clients] == [Recorder.socket_type]


# Types


TYPED = """
from handmade import Aim, ClientSocket, ConnectError, Recovery, Redis, Server, Socket, io

server = Server(ping_interval=10, cors=["http://localhost"])
one_of_several = Server(connection_state_recovery=Recovery(), adapter=Redis("redis://127.0.0.1"))
one_of_several.server_side_emit("news")
quiet: Aim = server.volatile.timeout(1).except_("gold").volatile

@server.on("connection")
def connected(socket: Socket) -> None:
    aim: Aim = socket.to("gold").except_("silver").local
    aim.to("copper").volatile.emit("news")
    was_lost: bool = socket.recovered
    others: Aim = socket.broadcast
    nearby: Aim = socket.volatile.local

@server.of("/chat").once("connection")
async def first(socket: Socket) -> None:
    socket.on_any(print)
    answers: list[object] = await server.server_side_emit_with_ack("how many", 1, timeout=2)

@server.use
async def check(socket: Socket) -> None:
    raise ConnectError("no strangers", data=1)

ours: ClientSocket = io("http://127.0.0.1", {"name": "Ann"}, reconnection=False)
ours.once("news", print)
"""


@pytest.mark.parametrize(
    "line, complaint",
    [
        ("connected(server)", '"Server"; expected "Socket"'),
        ("Server(pingInterval=3)", 'did you mean "ping_interval"'),
        ("Server(adapter='redis://127.0.0.1')", 'incompatible type "str"; expected "Bus | None"'),
        ("Server(connection_state_recovery={})", 'expected "Recovery | None"'),
        ("io('', autoConnect=False)", 'Unexpected keyword argument "autoConnect"'),
        ("ours.once('news', 3)", "No overload variant"),
        ("asked = server.server_side_emit_with_ack('how many', timeout='2')", 'expected "float"'),
    ],
)
def test_types_help_who_uses_it(line: str, complaint: str, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(TYPED + line, "utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", str(program)]
    done = subprocess.run(command, cwd=SOURCES.parent, capture_output=True, text=True, timeout=100)
    said = done.stdout + done.stderr
    errors = [each for each in said.splitlines() if ": error: " in each]
    assert len(errors) == 1 and complaint in errors[0], said


# The official client


PROGRAM = """
import { io } from "socket.io-client";
const socket = io(url, { auth: { name: "Ann" }, forceNew: true });
const heard = [];
socket.onAny((...what) => heard.push(what));
socket.on("question", (answer) => answer("fine"));
socket.emit("start");
await new Promise((resolve) => socket.once("done", resolve));
console.log(JSON.stringify(heard.filter(([name]) => name !== "question")));
socket.disconnect();
"""


async def test_the_official_client_at_the_library() -> None:
    server, seen = Server(), list[Any]()

    @server.on("connection")
    def connected(socket: Socket) -> None:
        async def start() -> None:
            socket.join(["gold", "silver"])
            seen.append(await socket.timeout(5).emit_with_ack("question"))
            server.to("gold").to("silver").except_("copper").emit("once each", 1)
            server.to("gold").except_("silver").emit("nobody")
            seen.append([each.id == socket.id for each in await server.in_("gold").fetch_sockets()])
            server.in_("gold").sockets_leave("silver")
            server.sockets_join("copper")
            seen.append(socket.rooms - {socket.id})
            socket.emit("done")

        socket.once("start", start)
        socket.on("disconnecting", lambda reason: seen.append((reason, socket.rooms - {socket.id})))
        socket.on("disconnect", lambda reason: seen.append((reason, socket.rooms)))

    async with server.listen() as port:
        said = await javascript(PROGRAM, url=f"http://127.0.0.1:{port}")
        await until(lambda: len(seen) == 5)
    assert said == '[["once each",1],["done"]]'
    reason = "client namespace disconnect"
    assert seen == ["fine", [True], {"gold", "copper"}, (reason, {"gold", "copper"}), (reason, set())]


LEFT = ("client namespace disconnect", "io client disconnect")
SENT_AWAY = ("server namespace disconnect", "io server disconnect")
ENDINGS: dict[str, tuple[Callable[[Any, Any, Any], Any], tuple[str, str]]] = {
    "we leave": (lambda server, theirs, ours: ours.disconnect(), LEFT),
    "they send us away": (lambda server, theirs, ours: theirs.disconnect(), SENT_AWAY),
    "they hang up": (lambda server, theirs, ours: theirs.disconnect(True), SENT_AWAY),
    "they send all away": (lambda server, theirs, ours: server.disconnect_sockets(), SENT_AWAY),
    "they shut down": (
        lambda server, theirs, ours: asyncio.ensure_future(server.stop(None)),
        ("server shutting down", "transport close"),
    ),
    "nonsense comes": (
        lambda server, theirs, ours: ours.io.write("nonsense"),
        ("parse error", "transport close"),
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
async def test_both_ends_hear_the_reason(ending: str) -> None:
    act, reasons = ENDINGS[ending]
    heard = dict[str, str]()
    async with visit() as (server, theirs, ours):
        theirs.on("disconnect", lambda reason: heard.update(theirs=reason))
        ours.on("disconnect", lambda reason: heard.update(ours=reason))
        act(server, theirs, ours)
        await until(lambda: len(heard) == 2)
    assert (heard["theirs"], heard["ours"]) == reasons


@pytest.mark.parametrize("close", [False, True])
async def test_one_who_is_sent_away_with_the_connection_leaves_every_namespace(close: bool) -> None:
    heard = list[tuple[str, str]]()
    server = Server()
    for name in ("/", "/other"):
        server.of(name).on("connection", lambda socket: socket.on("disconnect", partial(note, socket)))

    def note(socket: Any, reason: str) -> None:
        heard.append((socket.namespace, reason))

    async with server.listen() as port:
        ours, other = io(f"http://127.0.0.1:{port}"), io(f"http://127.0.0.1:{port}/other")
        for socket in (ours, other):
            socket.on("disconnect", partial(note, socket))
        await until(lambda: ours.connected and other.connected)
        server.of("/other").disconnect_sockets(close)
        await until(lambda: len(heard) == (4 if close else 2))
        everywhere = {"/", "/other"} if close else {"/other"}
        assert {name for name, _ in heard} == everywhere
        assert {reason for _, reason in heard} == {"server namespace disconnect", "io server disconnect"}
        assert (ours.connected, ours.active, other.active) == (not close, not close, False)
        ours.disconnect()


async def silent(server: Server, port: int) -> None:
    """A client that answers no ping."""
    async with connect(f"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket") as websocket:
        await websocket.send("40")
        await websocket.wait_closed()


async def hangs_up(server: Server, port: int) -> None:
    """A client that leaves without a word of Socket.IO."""
    async with connect(f"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket") as websocket:
        await websocket.send("40")
        while not str(await websocket.recv()).startswith("40"):
            pass


async def polls_twice(server: Server, port: int) -> None:
    """A client with two polls at once."""
    url = f"http://127.0.0.1:{port}/socket.io/?EIO=4&transport=polling"
    async with aiohttp.ClientSession() as http:
        opening = await (await http.get(url)).text()
        url += f"&sid={json.loads(opening[1:])['sid']}"
        await http.post(url, data="40")
        await http.get(url)
        await asyncio.gather(http.get(url), http.get(url))


async def is_cut_off(server: Server, port: int) -> None:
    """A client whose connection is ended without a goodbye."""
    ours = io(f"http://127.0.0.1:{port}", reconnection=False)
    await until(lambda: ours.connected)
    server.sockets[ours.id].client.close()
    await until(lambda: not ours.connected)


async def takes_nothing(server: Server, port: int) -> None:
    """A client that polls no more, and is sent more than a server keeps."""
    url = f"http://127.0.0.1:{port}/socket.io/?EIO=4&transport=polling"
    async with aiohttp.ClientSession() as http:
        opening = await (await http.get(url)).text()
        await http.post(f"{url}&sid={json.loads(opening[1:])['sid']}", data="40")
        server.emit("news", "x" * 10_000_000)


async def comes_back_over_another_line(server: Server, port: int) -> None:
    """A client whose old connection seems to be alive."""
    url = f"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket"
    async with connect(url) as first, connect(url) as second:
        await first.send("40")
        assert str(await first.recv()).startswith("0")
        pid = json.loads(str(await first.recv())[2:])["pid"]
        await second.send(f'40{{"pid":"{pid}"}}')
        await first.wait_closed()


MORE_ENDINGS: dict[str, Callable[[Server, int], Any]] = {
    "ping timeout": silent,
    "transport close": hangs_up,
    "transport error": polls_twice,
    "queue full": takes_nothing,
    "taken over": comes_back_over_another_line,
    "forced close": is_cut_off,
}


@pytest.mark.parametrize("reason", MORE_ENDINGS)
async def test_the_server_hears_how_others_end(reason: str) -> None:
    recovery = Recovery() if reason == "taken over" else None
    heard = list[str]()
    server = Server(ping_interval=0.2, ping_timeout=0.2, connection_state_recovery=recovery)
    server.on("connection", lambda socket: socket.on("disconnect", heard.append))
    async with server.listen() as port:
        await MORE_ENDINGS[reason](server, port)
        await until(lambda: bool(heard))
    assert heard[0] == reason


def test_each_reason_of_the_page_is_one_that_was_heard() -> None:
    seen = {*MORE_ENDINGS, *(reasons[0] for _, reasons in ENDINGS.values())}
    assert {reason for end, reason, _ in official.REASONS if end == "server"} == seen
