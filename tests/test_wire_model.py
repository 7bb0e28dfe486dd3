"""The wire without a screen: which arrows, between which lanes, and what the saved picture says."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ElementTree
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

from wirelab.decode import Layer
from wirelab.middlebox import Middlebox, RoundRobin
from wirelab.trace import Direction, Event, Leg, Record, Trace
from wirelab.widgets.wire.drawing import draw, lane_positions
from wirelab.widgets.wire.message import HISTORY
from wirelab.widgets.wire.model import MIDDLEBOX, SERVER, WireModel
from wirelab.widgets.wire.widget import Wire, layer_named

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: Ann\r\n\r\n"


async def echo(websocket):
    async for message in websocket:
        await websocket.send(message)


def record(trace, leg, direction, event=Event.DATA, data=b"", flow=0, server=0, by="", source=-1):
    trace.append(Record(flow, leg, direction, event, float(len(trace)) / 100, data, server, source, by))


@dataclass
class Box:
    """What the wire needs of a middlebox."""

    trace: Trace
    servers: tuple[int, ...] = ()


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
    assert [lane.name for lane in model.lanes.clients] == ["Ann"]


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
    record(
        trace,
        Leg.CLIENT,
        Direction.DOWN,
        data=b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        by="BlockPage",
    )
    model = WireModel(trace)
    model.update()
    assert [(a.start, a.end) for a in model.arrows] == [(0, MIDDLEBOX), (MIDDLEBOX, 0)]


def test_what_the_middlebox_changes_is_two_arrows():
    trace = Trace()
    record(trace, Leg.CLIENT, Direction.UP, data=REQUEST)
    record(trace, Leg.SERVER, Direction.UP, data=REQUEST.replace(b"Host: x", b"Host: y"), by="X", source=0)
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
    assert [lane.name for lane in model.lanes.clients] == ["websockets", "websockets 2"]


async def test_reset_begins_with_an_empty_picture(talk):
    model = WireModel(talk)
    model.reset()
    assert model.arrows == [] and model.lanes.clients == []
    model.show(Layer.TCP)
    assert model.arrows == []


async def test_the_saved_picture_says_the_same_in_words(talk):
    wire = Wire(Box(talk))
    picture = wire.snapshot()
    assert (
        picture.text.splitlines()[0] == "The wire at the WebSocket layer, between Ann | middlebox | server."
    )
    assert len(picture.text.splitlines()) == 7
    alt, data = re.match(
        r'<img class="wl-static" alt="(.*?)" style=.*base64,(.*)"><style>', picture.to_html()
    ).groups()
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
    wire = Wire(Box(talk))
    sent = []
    wire.send = lambda content, buffers=None: sent.append((content, buffers))
    wire._take({"type": "ready", "view": "v"})
    content, _ = sent.pop()
    assert content["lanes"] == ["Ann"] and len(content["arrows"]) == 6 <= HISTORY
    wire._take({"type": "select", "view": "v", "number": 2})
    content, [raw] = sent.pop()
    assert content["size"] == len(raw) == 11
    assert "Hello" in content["sentence"]
    wire._take({"type": "select", "view": "v", "number": 99})
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


@asynccontextmanager
async def balanced():
    """A balancer before two echo servers, and the servers."""
    async with (
        serve(echo, "127.0.0.1", 0, compression=None) as one,
        serve(echo, "127.0.0.1", 0, compression=None) as two,
        Middlebox(one, [RoundRobin([one, two])]) as box,
    ):
        yield box, one, two


async def say_hello(box, name):
    async with connect(f"ws://127.0.0.1:{box.port}", user_agent_header=name, proxy=None) as client:
        await client.send("Hello")
        await client.recv()


def ends(model, lane):
    """Where a client's arrows begin and end."""
    return {place for arrow in model.arrows if arrow.lane == lane for place in (arrow.start, arrow.end)}


async def test_each_flow_goes_to_the_lane_of_its_server_at_every_layer():
    async with balanced() as (box, *_):
        for name in ("Ann", "Bob"):
            await say_hello(box, name)
        await box.quiet()
        model = WireModel(box.trace, servers=lambda: box.servers)
        for layer in Layer:
            model.show(layer)
            assert (ends(model, 0), ends(model, 1)) == ({0, SERVER}, {1, SERVER - 1}), layer
        frames = [arrow for arrow in model.arrows if arrow.unit.kind == "text"]
        assert [(a.lane, a.start, a.end) for a in frames] == [(0, 0, -2), (0, -2, 0), (1, 1, -3), (1, -3, 1)]
        assert all(arrow.passed for arrow in frames)
        assert "Bob sends server 2" in model.describe(frames[2])


async def test_a_balancer_shows_all_its_servers_before_anybody_comes():
    async with balanced() as (box, *_):
        wire = Wire(box)
        head = wire.snapshot().text.splitlines()[0]
        lanes = "client | load balancer: in turn | server 1 | server 2"
        assert head == f"The wire at the WebSocket layer, between {lanes}."
        box.rules = []
        wire.model.reset()
        assert wire.model.server_names() == ["server"]


async def test_a_server_that_refuses_has_its_lane_and_the_next_one_gets_the_client():
    async with balanced() as (box, _, two):
        two.close()
        await two.wait_closed()
        await say_hello(box, "Ann")
        await say_hello(box, "Bob")
        await box.quiet()
        model = WireModel(box.trace, Layer.TCP, lambda: box.servers)
        model.update()
        refusal = next(arrow for arrow in model.arrows if arrow.unit.kind == "rst")
        assert (refusal.start, refusal.end) == (SERVER - 1, MIDDLEBOX)
        model.arrows.remove(refusal)
        assert (ends(model, 0), ends(model, 1)) == ({0, SERVER}, {1, SERVER})


async def test_after_a_reset_a_live_connection_keeps_its_server():
    async with balanced() as (box, *_):
        await say_hello(box, "Ann")
        model = WireModel(box.trace, servers=lambda: box.servers)
        async with connect(f"ws://127.0.0.1:{box.port}", user_agent_header="Bob", proxy=None) as bob:
            model.reset()
            await bob.send("still here")
            await bob.recv()
            model.update()
            assert [(a.start, a.end) for a in model.arrows] == [(0, SERVER - 1), (SERVER - 1, 0)]


def test_servers_nobody_named_get_lanes_in_the_order_of_their_first_use():
    trace = Trace()
    model = WireModel(trace)
    for flow, port in enumerate((7002, 7001, 7002)):
        record(trace, Leg.CLIENT, Direction.UP, Event.OPEN, flow=flow)
        record(trace, Leg.SERVER, Direction.UP, Event.OPEN, flow=flow, server=port)
        for leg in Leg:
            record(trace, leg, Direction.UP, data=REQUEST, flow=flow)
    model.update()
    assert [arrow.end for arrow in model.arrows] == [SERVER, SERVER - 1, SERVER]
    assert model.server_names() == ["server 1", "server 2"]


async def test_the_view_is_told_the_servers_with_every_batch_and_history():
    trace = Trace()
    wire = Wire(Box(trace, (7001, 7002, 7003)))
    sent = []
    wire.send = lambda content, buffers=None: sent.append(content)
    wire._take({"type": "ready", "view": "v"})
    record(trace, Leg.CLIENT, Direction.UP, data=REQUEST)
    wire._send_batch()
    wire._take({"type": "reset"})
    assert [(message["type"], message["servers"]) for message in sent] == [
        ("all", ["server 1", "server 2", "server 3"]),
        ("batch", ["server 1", "server 2", "server 3"]),
        ("all", ["server 1", "server 2", "server 3"]),
    ]


@pytest.mark.parametrize("servers", [1, 2, 3, 4])
@pytest.mark.parametrize("clients", [1, 2, 3])
def test_in_the_saved_picture_clients_stand_left_servers_right_and_none_on_another(clients, servers):
    spots = lane_positions(clients, servers)
    order = [*range(clients), MIDDLEBOX, *(SERVER - number for number in range(servers))]
    places = [spots[lane] for lane in order]
    assert all(right - left >= 55 for left, right in pairwise(places)), places
    assert places[-1] < 600, "there must be room for the labels"
