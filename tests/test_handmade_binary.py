"""Lesson 12: bytes among the arguments, without a network and with the clients and servers of others."""

import asyncio
import contextlib
import gc
import json
import re
import tracemalloc
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import socketio
from aiohttp import ClientSession, web
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps
from test_handmade_client import HANDSHAKE, IN, Room
from test_handmade_sessions import Clock
from websockets.asyncio.client import connect

from handmade.l08_meet_socketio import Packet, ProtocolError, Type
from handmade.l12_binary import Manager, Server, io
from handmade.l12_core import Assembly, encode
from wirelab import bench
from wirelab.process import Child
from wirelab.waiting import until

LESSON = Path(__file__).parents[1] / "lessons_src/lessons/12_binary.py"
OFFICIAL = Path(__file__).with_name("socketio_server.mjs")
EVERY_WAY = (["polling"], ["websocket"], ["polling", "websocket"])
ONE = '{"_placeholder":true,"num":0}'
HEADER = f'51-["x",{ONE}]'


def assembly(room: int = 1000) -> Any:
    return Assembly(room, 5, Clock().call_later, lambda: None)


def taken(*messages: str | bytes) -> list[Packet]:
    """The packets that these messages make."""
    one = assembly()
    return [packet for message in messages if (packet := one.add(message))]


# The codec


EXAMPLES = [  # of the document, "Packet encoding"
    (Packet(Type.EVENT, ["baz", b"\1\2\3\4"]), [f'51-["baz",{ONE}]', b"\1\2\3\4"]),
    (
        Packet(Type.EVENT, ["baz", b"\1\2", b"\3\4"], namespace="/admin"),
        ['52-/admin,["baz",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]', b"\1\2", b"\3\4"],
    ),
    (Packet(Type.ACK, ["bar", b"\1\2\3\4"], 15), [f'61-15["bar",{ONE}]', b"\1\2\3\4"]),
    (Packet(Type.EVENT, ["foo"]), ['2["foo"]']),
    (Packet(Type.ACK, [b""], 0), [f"61-0[{ONE}]", b""]),
]


@pytest.mark.parametrize("packet, messages", EXAMPLES)
def test_a_packet_and_its_messages(packet: Packet, messages: list[str | bytes]) -> None:
    assert encode(packet) == messages
    assert taken(*messages) == [packet]


blobs = st.binary(max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])) | blobs,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=9,
)


@given(st.lists(values, max_size=3), st.none() | st.integers(0, 9))
@settings(max_examples=200)
def test_whatever_goes_out_comes_in_again(arguments: list[object], number: int | None) -> None:
    packet = Packet(Type.EVENT, ["x", *arguments], number)
    try:
        messages = encode(packet)
    except ValueError:
        assert repr(arguments).count("b'") + repr(arguments).count('b"') > 10
        return
    assert taken(*messages) == [packet]


def test_bytes_are_not_copied_and_what_may_change_is() -> None:
    picture, changing = b"x" * 10, bytearray(b"y" * 10)
    _, first, second = encode(Packet(Type.EVENT, ["x", picture, {"deep": (changing,)}]))
    assert first is picture
    changing[0] = 0
    assert second == b"y" * 10
    (packet,) = taken(HEADER, picture)
    assert packet.data[1] is picture


def test_the_senders_data_stays_as_it_was() -> None:
    data = ["x", {"deep": [b"1"]}]
    encode(Packet(Type.EVENT, data))
    assert data == ["x", {"deep": [b"1"]}]


def test_what_cannot_be_sent_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="11 attachments"):
        encode(Packet(Type.EVENT, ["x", *[b""] * 11]))
    with pytest.raises(ValueError, match="_placeholder"):
        encode(Packet(Type.EVENT, ["x", b"", {"_placeholder": True, "num": 7}]))
    for packet in (Packet(Type.EVENT, ["x", b"", object()]), Packet(Type.CONNECT, {"token": b"x"})):
        with pytest.raises(TypeError):
            encode(packet)


def nested(levels: int, core: object) -> object:
    """The core in so many lists."""
    for _ in range(levels):
        core = [core]
    return core


ROUND: list[object] = [b"x"]
ROUND.append(ROUND)


TOO_DEEP = {"text": nested(200_000, 1), "bytes": nested(2_000, b"x"), "round": ROUND}


@pytest.mark.parametrize("data", TOO_DEEP.values(), ids=TOO_DEEP)
async def test_what_is_nested_too_deeply_is_refused_and_nothing_is_lost(data: object) -> None:
    server, heard = Server(), list[object]()

    @server.on("connection")
    def connected(socket: Any) -> None:
        socket.on("echo", lambda: socket.emit("deep", data))
        socket.on("x", heard.append)

    async with server.listen() as port:
        socket = io(f"http://127.0.0.1:{port}")
        socket.on("x", heard.append)
        with pytest.raises(ValueError, match="nested too deeply"):
            socket.emit("x", data)  # kept for later, if anything was
        await until(lambda: socket.connected)
        with pytest.raises(ValueError, match="nested too deeply"):
            socket.emit("x", data)
        socket.emit("echo")
        socket.emit("x", "after")
        await until(lambda: heard == ["after"])
        assert socket.connected
        socket.disconnect()


def test_what_looks_like_a_placeholder_is_data_in_an_event_without_bytes() -> None:
    text = f'2["x",{ONE}]'
    (packet,) = taken(text)
    assert packet.data == ["x", json.loads(ONE)]
    assert encode(packet) == [text]


ODD = ("1", "-1", "false", "0.0", '"0"', "true", "[]", "null")
BAD = [
    [b"bytes alone"],
    ['50-["x"]'],
    ['511-["x"]'],
    [HEADER, '2["y"]'],
    [HEADER, HEADER],
    [HEADER, b"1", b"2"],
    [HEADER, b"x" * 1001],
    ['51-["x"]'],
    [f'51-["x",{ONE},{ONE}]'],
    [f'52-["x",{ONE}]'],
    [f'51-["x",{ONE},{ONE.replace("0", "1")}]', b"1"],
    [f"51-[{ONE}]"],
    *([f'51-["x",{{"_placeholder":true,"num":{number}}}]'] for number in ODD),
    ['51-["x",{"_placeholder":true}]'],
    ['51-["x",' + "[" * 100_000],
]


@pytest.mark.parametrize("messages", BAD, ids=lambda messages: str(messages[0])[:40])
def test_what_breaks_the_protocol(messages: list[str | bytes]) -> None:
    with pytest.raises(ProtocolError):
        taken(*messages)


def test_places_are_found_however_deep() -> None:
    depth = 900
    text = f'51-["x",{"[" * depth}{ONE}{"]" * depth}]'
    (packet,) = taken(text, b"deep")
    value = packet.data[1]
    for _ in range(depth):
        (value,) = value
    assert value == b"deep"


def test_an_attachment_has_so_many_seconds_and_no_clock_is_left() -> None:
    clock, given_up = Clock(), []
    one = Assembly(1000, 5, clock.call_later, lambda: given_up.append(clock.now))
    one.add(HEADER)
    clock.move(4.9)
    assert one.add(b"in time").data == ["x", b"in time"]
    assert clock.pending == 0
    one.add(f'52-["x",{ONE},{ONE.replace("0", "1")}]')
    one.add(b"first")
    clock.move(4.9)
    assert given_up == []
    clock.move(0.1)
    assert len(given_up) == 1
    one.stop()
    assert (one.packet, one.missing, clock.pending) == (None, [], 0)


# The client without a network


class Away(Room):
    """Our client that takes bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.socket.disconnect()
        self.manager = Manager("/", self.manager.options, self.manager.world)
        self.socket = self.manager.socket
        self.told.clear()
        self.socket.connect()


def test_what_is_said_meanwhile_is_kept_whole() -> None:
    room = Away()
    room.socket.emit("x", b"1", b"2")
    assert room.sent == []
    room.hear(HANDSHAKE, *IN)
    assert room.sent[1:] == [
        '452-["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]',
        b"1",
        b"2",
    ]
    assert room.socket.send_buffer == []


def test_after_the_deadline_nothing_is_sent_of_it_and_all_is_kept() -> None:
    room = Away()
    room.hear(HANDSHAKE, *IN)
    del room.sent[:]
    room.clock.now += 46  # the clock has moved on, and no timer was looked at
    room.socket.emit("x", b"1")
    assert room.sent == []
    assert [message for _, message in room.socket.send_buffer] == [HEADER, b"1"]


def test_a_server_that_announces_and_never_sends_is_given_up() -> None:
    room = Away()
    room.hear(HANDSHAKE, *IN, f"4{HEADER}")
    for _ in range(4):
        room.clock.move(10)
        room.hear("2")
    assert "disconnect" not in room.names
    room.clock.move(6)
    assert ("disconnect", "parse error") in room.told


def test_what_is_not_whole_ends_with_its_connection() -> None:
    room = Away()
    room.hear(HANDSHAKE, *IN, f"4{HEADER}")
    room.fail()
    room.hear(HANDSHAKE, *IN, '42["y"]', f"4{HEADER}", b"whole")
    assert room.told[-2:] == [("y",), ("x", b"whole")]


def test_who_leaves_in_the_middle_leaves_no_clock_behind() -> None:
    room = Away()
    room.hear(HANDSHAKE, *IN, f"4{HEADER}")
    room.socket.disconnect()
    room.dialled[-1].end("forced close")
    assert (room.clock.pending, room.manager.assembly.missing) == (0, [])


# Servers and clients of others


@contextlib.asynccontextmanager
async def ours(**options: object) -> AsyncIterator[Any]:
    server = Server(**options)
    server.seen = []

    @server.on("connection")
    def connected(socket: Any) -> None:
        socket.on("echo", lambda *data: socket.emit("echo", *data))
        socket.on("disconnect", server.seen.append)

    async with server.listen() as server.port:
        yield server


@contextlib.asynccontextmanager
async def official() -> AsyncIterator[Any]:
    async with Child.node(str(OFFICIAL)) as child:
        yield child


@contextlib.asynccontextmanager
async def python_socketio() -> AsyncIterator[Any]:
    sio = socketio.AsyncServer(async_mode="aiohttp")

    @sio.on("echo")
    async def echo(sid: str, *data: object) -> None:
        await sio.emit("echo", data, to=sid)

    app = web.Application()
    sio.attach(app)
    runner = web.AppRunner(app, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield site
    if sio.eio.sockets:
        await sio.eio.disconnect()
    await sio.shutdown()
    await runner.cleanup()


SERVERS = {"official": official, "python-socketio": python_socketio, "ours": ours}


@pytest.mark.parametrize("name", SERVERS)
@pytest.mark.parametrize("transports", EVERY_WAY, ids=" and ".join)
async def test_our_client_and_each_server(name: str, transports: list[str]) -> None:
    heard: list[Any] = []
    async with SERVERS[name]() as server:
        port = getattr(server, "port", None) or server
        socket: Any = io(bench.url(port, scheme="http"), transports=transports)
        socket.on("echo", lambda *data: heard.append(data))
        sent = [
            (number, {"deep": [bytes([number]) * 5000, "你好 🙂"]}, b"") if number % 3 else (number, "text")
            for number in range(30)
        ]
        for number, what in enumerate(sent):
            socket.emit("echo", *what)
            if number % 5 == 4:
                await until(lambda wanted=number: len(heard) > wanted, 10)
        await until(lambda: len(heard) == len(sent), 10)
        assert heard == sent
        socket.disconnect()
        await until(lambda: socket.io.engine is None)


@pytest.mark.parametrize("transports", EVERY_WAY, ids=" and ".join)
async def test_the_official_client(transports: list[str]) -> None:
    async with ours() as server:
        said = await bench.javascript(
            """
            import { io } from "socket.io-client";
            const socket = io(url, { transports, reconnection: false });
            const heard = [];
            socket.on("echo", (...args) => heard.push(args));
            await new Promise((resolve) => socket.on("connect", resolve));
            for (let count = 0; count < 100; count++) {
              socket.emit("echo", count, { deep: [Buffer.alloc(3000, count)] }, new Uint8Array([count, 255]));
              socket.emit("echo", count, "你好 🙂");
              if (count % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
            }
            while (heard.length < 200) await new Promise((resolve) => setTimeout(resolve, 10));
            const fine = heard.every(([count, data, bytes], index) => count === index >> 1 && (index % 2
              ? data === "你好 🙂"
              : data.deep[0].equals(Buffer.alloc(3000, count)) && bytes.join() === `${count},255`));
            console.log(fine, socket.connected, socket.io.engine.transport.name);
            process.exit();
            """,
            url=f"http://127.0.0.1:{server.port}",
            transports=transports,
        )
    assert said == f"true true {transports[-1]}"


@pytest.mark.parametrize("transports", EVERY_WAY, ids=" and ".join)
async def test_the_client_of_python_socketio(transports: list[str]) -> None:
    heard: list[object] = []
    async with ours() as server:
        client = socketio.AsyncClient(reconnection=False, handle_sigint=False)
        client.on("echo", lambda *data: heard.append(data))
        await client.connect(f"http://127.0.0.1:{server.port}", transports=transports)
        for count in range(30):
            await client.emit("echo", (count, {"deep": [bytes([count]) * 3000]}, b"\xff"))
            await until(lambda wanted=count: len(heard) > wanted)
        await client.disconnect()
    assert heard == [(count, {"deep": [bytes([count]) * 3000]}, b"\xff") for count in range(30)]


@contextlib.asynccontextmanager
async def line(server: Any) -> AsyncIterator[Any]:
    """A WebSocket to the server that has joined."""
    url = f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket"
    async with connect(url, proxy=None, close_timeout=0.2, compression=None) as websocket:
        await websocket.send("40")
        await websocket.recv()
        await websocket.recv()
        yield websocket


@pytest.mark.parametrize("messages", BAD, ids=lambda messages: str(messages[0])[:40])
async def test_who_breaks_the_protocol_goes_and_nobody_else(messages: list[str | bytes]) -> None:
    async with ours(max_attachments_size=1000) as server, line(server) as other, line(server) as bad:
        for message in messages:
            await bad.send(message if isinstance(message, bytes) else f"4{message}")
        await asyncio.wait_for(bad.wait_closed(), 2)
        await until(lambda: server.seen == ["parse error"])
        await other.send('42["echo","well"]')
        assert await asyncio.wait_for(other.recv(), 2) == '42["echo","well"]'


async def test_who_announces_and_never_sends_is_not_waited_for() -> None:
    async with ours(attachments_timeout=0.2) as server, line(server) as bad:
        await bad.send(f"4{HEADER}")
        await asyncio.wait_for(bad.wait_closed(), 2)
        await until(lambda: server.seen == ["parse error"])


async def test_what_is_not_whole_when_the_connection_breaks_is_forgotten() -> None:
    async with ours() as server:
        for _ in range(2):
            async with line(server) as gone:
                await gone.send(f"4{HEADER}")
                gone.transport.abort()
        await until(lambda: len(server.seen) == 2)
        assert server.engine.sessions == {}


async def test_what_strangers_make_the_server_keep_has_a_bound() -> None:
    """A hundred of them, each with nine of ten attachments; then they are gone, and so is it."""
    placeholders = ",".join(f'{{"_placeholder":true,"num":{number}}}' for number in range(10))
    async with ours(max_attachments_size=100_000, attachments_timeout=1.5) as server:
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            async with contextlib.AsyncExitStack() as stack:
                for _ in range(100):
                    one = await stack.enter_async_context(line(server))
                    await one.send(f'4510-["x",{placeholders}]')
                    for _ in range(9):
                        await one.send(b"x" * 11_000)
                await asyncio.sleep(0.3)
                held = tracemalloc.get_traced_memory()[0] - before
                await until(lambda: len(server.seen) == 100, 10)
            await asyncio.sleep(0.1)
            gc.collect()
            left = tracemalloc.get_traced_memory()[0] - before
        finally:
            tracemalloc.stop()
    assert 5_000_000 < held < 25_000_000
    assert left < 3_000_000


def test_what_ann_makes_of_a_photograph_is_small_enough_to_be_sent() -> None:
    """A photograph is a short JPEG, and would be a long PNG: her chat takes messages of 3,000,000 bytes."""
    source = LESSON.read_text("utf-8")
    (code,) = re.findall(r"^def negative\(.*?(?=^\n)", source, re.MULTILINE | re.DOTALL)
    own: dict[str, Any] = {"BytesIO": BytesIO, "Image": Image, "ImageOps": ImageOps}
    exec(code, own)
    photograph, file = Image.effect_noise((2400, 1600), 40).convert("RGB"), BytesIO()
    photograph.save(file, "jpeg", quality=50)
    assert 500_000 < file.tell() < 2_000_000
    assert len(own["negative"](file.getvalue())) < 300_000


@pytest.mark.parametrize("name, is_whole", [("python-socketio", False), ("ours", True), ("official", True)])
async def test_a_post_that_comes_in_pieces_is_cut_by_python_socketio_on_aiohttp(
    name: str, is_whole: bool
) -> None:
    """As the table of section 10 says: what has not come yet is lost, and the answer is 200."""
    async with SERVERS[name]() as server, ClientSession() as http:
        where = bench.url(getattr(server, "port", None) or server, "/socket.io/", scheme="http")
        query = {"EIO": "4", "transport": "polling"}
        async with http.get(where, params=query) as answer:
            query["sid"] = json.loads((await answer.text())[1:])["sid"]
        await http.post(where, params=query, data="40")
        await http.get(where, params=query)

        async def pieces() -> AsyncIterator[bytes]:
            yield b'42["echo","' + b"a" * 1000
            await asyncio.sleep(0.2)
            yield b"a" * 2000 + b'"]'

        headers = {"Content-Length": str(3000 + len('42["echo",""]')), "Content-Type": "text/plain"}
        async with http.post(where, params=query, data=pieces(), headers=headers) as answer:
            assert answer.status == 200
        got = [""]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.5), http.get(where, params=query) as answer:
                got = (await answer.text()).split("\x1e")
        assert any("a" * 3000 in packet for packet in got) == is_whole
