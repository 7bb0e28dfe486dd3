"""The wire without a screen: which arrows, between which lanes, and what the saved picture says."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ElementTree

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

from wirelab.decode import Layer
from wirelab.middlebox import Middlebox
from wirelab.trace import Direction, Event, Leg, Record, Trace
from wirelab.widgets.wire.drawing import draw
from wirelab.widgets.wire.model import MIDDLEBOX, SERVER, WireModel
from wirelab.widgets.wire.widget import HISTORY, Wire, layer_named

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: Ann\r\n\r\n"


async def echo(websocket):
    async for message in websocket:
        await websocket.send(message)


def record(trace, leg, direction, event=Event.DATA, data=b"", flow=0):
    trace.append(Record(flow, leg, direction, event, float(len(trace)), data))


@pytest.fixture
async def talk():
    """The trace of one client that says Hello to an echo server."""
    async with serve(echo, "127.0.0.1", 0, compression=None) as server, Middlebox(server) as box:
        async with connect(f"ws://127.0.0.1:{box.port}", user_agent_header="Ann", proxy=None) as ann:
            await ann.send("Hello")
            await ann.recv()
        yield box.trace


async def test_a_conversation_is_six_arrows_that_pass_through(talk):
    model = WireModel(talk)
    model.update()
    assert [(a.start, a.end) for a in model.arrows] == [(0, SERVER), (SERVER, 0)] * 3
    assert all(arrow.passed for arrow in model.arrows)
    assert [lane.name for lane in model.lanes] == ["Ann"]


async def test_every_layer_shows_each_byte_once(talk):
    model = WireModel(talk)
    for layer in Layer:
        model.show(layer)
        shown = sum(len(arrow.unit.raw) for arrow in model.arrows)
        assert shown == sum(len(record.data) for record in talk) / 2, layer


def test_what_the_middlebox_swallows_ends_there():
    trace = Trace()
    record(trace, Leg.CLIENT, Direction.UP, data=REQUEST)
    model = WireModel(trace)
    model.update()
    assert [(a.start, a.end, a.passed) for a in model.arrows] == [(0, MIDDLEBOX, False)]


def test_what_the_middlebox_answers_itself_begins_there():
    trace = Trace()
    record(trace, Leg.CLIENT, Direction.UP, data=REQUEST)
    record(trace, Leg.CLIENT, Direction.DOWN, data=b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
    model = WireModel(trace)
    model.update()
    assert [(a.start, a.end) for a in model.arrows] == [(0, MIDDLEBOX), (MIDDLEBOX, 0)]


def test_what_the_middlebox_changes_is_two_arrows():
    trace = Trace()
    record(trace, Leg.CLIENT, Direction.UP, data=REQUEST)
    record(trace, Leg.SERVER, Direction.UP, data=REQUEST.replace(b"Host: x", b"Host: y"))
    model = WireModel(trace)
    model.update()
    assert [(a.start, a.end) for a in model.arrows] == [(0, MIDDLEBOX), (MIDDLEBOX, SERVER)]


def test_an_arrow_grows_when_its_bytes_leave_the_middlebox():
    trace = Trace()
    model = WireModel(trace)
    record(trace, Leg.CLIENT, Direction.UP, data=REQUEST)
    [first] = model.update()
    assert first.end == MIDDLEBOX
    record(trace, Leg.SERVER, Direction.UP, data=REQUEST)
    [same] = model.update()
    assert (same.number, same.end) == (first.number, SERVER)
    assert model.update() == []


async def test_lanes_are_reused_by_a_client_that_comes_again_and_added_for_one_more():
    async with serve(echo, "127.0.0.1", 0) as server, Middlebox(server) as box:
        url = f"ws://127.0.0.1:{box.port}"
        async with connect(url, proxy=None):
            pass
        await box.trace.wait(
            lambda: sum(r.event is not Event.DATA and r.leg is Leg.CLIENT for r in box.trace) >= 2
        )
        async with connect(url, proxy=None), connect(url, proxy=None):
            pass
    model = WireModel(box.trace)
    model.update()
    assert [lane.name for lane in model.lanes] == ["Python", "Python 2"]


async def test_reset_begins_with_an_empty_picture(talk):
    model = WireModel(talk)
    model.reset()
    assert model.arrows == [] and model.lanes == []
    model.show(Layer.TCP)
    assert model.arrows == []


async def test_the_saved_picture_says_the_same_in_words(talk):
    wire = Wire(type("Box", (), {"trace": talk})())
    picture = wire.snapshot()
    assert (
        picture.text.splitlines()[0] == "The wire at the WebSocket layer, between Ann | middlebox | server."
    )
    assert len(picture.text.splitlines()) == 7
    alt, data = re.fullmatch(r'<img alt="(.*?)" style=.*base64,(.*)">', picture.to_html()).groups()
    assert alt.count("&#10;") == 6
    svg = ElementTree.fromstring(base64.b64decode(data))
    labels = [text.text for text in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Ann", "middlebox", "server", 'text "Hello"'} <= set(labels)


async def test_the_saved_picture_is_the_same_for_the_same_talk():
    async def picture():
        async with serve(echo, "127.0.0.1", 0, compression=None) as server, Middlebox(server) as box:
            async with connect(f"ws://127.0.0.1:{box.port}", proxy=None) as client:
                await client.send("<b>&")
                await client.recv()
            model = WireModel(box.trace)
            model.update()
            return draw(model)

    one, other = await picture(), await picture()
    assert one == other
    assert "<b>" not in one.svg


def test_an_unknown_layer_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"Choose one of: TCP, HTTP, WebSocket, Engine\.IO, Socket\.IO"):
        layer_named("SSL")


async def test_the_view_gets_the_history_when_it_is_ready_and_the_bytes_it_asks_for(talk):
    wire = Wire(type("Box", (), {"trace": talk})())
    sent = []
    wire.send = lambda content, buffers=None: sent.append((content, buffers))
    wire._receive(None, {"type": "ready", "view": "v"}, [])
    content, _ = sent.pop()
    assert content["lanes"] == ["Ann"] and len(content["arrows"]) == 6 <= HISTORY
    wire._receive(None, {"type": "select", "view": "v", "number": 2}, [])
    content, [raw] = sent.pop()
    assert content["size"] == len(raw) == 11
    assert "Hello" in content["sentence"]
    wire._receive(None, {"type": "select", "view": "v", "number": 99}, [])
    assert sent == []


def test_a_burst_of_thousands_of_frames_still_passes_through():
    trace = Trace()
    switch = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    upgrade = REQUEST[:-2] + b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n"
    burst = b"".join(b"\x81\x04%04d" % number for number in range(5000))
    for direction, legs in ((Direction.UP, list(Leg)), (Direction.DOWN, list(Leg)[::-1])):
        for leg in legs:
            record(trace, leg, direction, data=upgrade if direction is Direction.UP else switch)
    for leg in (Leg.SERVER, Leg.CLIENT):
        record(trace, leg, Direction.DOWN, data=burst)
    model = WireModel(trace)
    model.update()
    assert len(model.arrows) == 5002
    assert all(arrow.passed for arrow in model.arrows)
