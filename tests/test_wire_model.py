"""The wire without a screen: which arrows, between which lanes, and what the saved picture says."""

from __future__ import annotations

import asyncio
import base64
import gc
import json
import re
import time
import xml.etree.ElementTree as ElementTree
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

from wirelab import recording
from wirelab.decode import Layer
from wirelab.middlebox import Middlebox, RoundRobin
from wirelab.trace import Act, Deed, Direction, Event, Leg, Record, Trace
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


async def test_a_saved_picture_takes_no_arrow_from_the_views_that_are_open(talk):
    wire = Wire(Box(talk))
    sent = []
    wire.send = lambda content, buffers=None: sent.append(content)

    def open_another():
        wire._take({"type": "ready", "view": "late"})

    for look in (wire.snapshot, wire._repr_mimebundle_, open_another):
        wire._take({"type": "reset"})
        wire._take({"type": "ready", "view": "early"})
        sent.clear()
        record(talk, Leg.CLIENT, Direction.UP, data=REQUEST, flow=99)
        look()
        wire._send_batch()
        assert [len(message["arrows"]) for message in sent if message["type"] == "batch"] == [1], look


async def test_a_wire_that_nobody_sees_sends_nothing(talk):
    wire = Wire(Box(talk))
    wire.send = lambda content, buffers=None: pytest.fail(f"sent {content}")
    wire.snapshot()


async def test_what_records_no_trace_is_told_to_put_a_middlebox_before_it():
    async with serve(echo, "127.0.0.1", 0) as server:
        with pytest.raises(TypeError, match=r"this is a Server: put a Middlebox before it.*Wire\(cable\)"):
            Wire(server)


async def test_a_middlebox_that_was_not_awaited_is_told_so():
    async def start():
        pass

    coroutine = start()
    with pytest.raises(TypeError, match="write `await` before it"):
        Wire(coroutine)
    await coroutine


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


# What the middlebox did


def acted(trace, act, begin, end, rule="Blackhole", direction=Direction.UP, event=Event.DATA, changes=()):
    """A rule does something with bytes that came in with flow 1."""
    at = len(trace) / 100
    trace.note(Deed(act, rule, rule.lower(), at, len(trace), 1, direction, event, begin, end, changes))


def laid(trace, act, title):
    trace.note(Deed(act, title.title(), title, len(trace) / 100, len(trace)))


def asked(trace, data=REQUEST):
    record(trace, Leg.CLIENT, Direction.UP, data=data, flow=1)


def shown(trace, layer=Layer.WEBSOCKET):
    model = WireModel(trace, layer)
    model.update()
    return model


def test_what_a_rule_drops_dies_there_and_says_by_whom():
    trace = Trace()
    asked(trace)
    acted(trace, Act.DROPPED, 0, len(REQUEST))
    [arrow] = shown(trace).arrows
    assert (arrow.end, arrow.fate, arrow.note, arrow.failed) == (
        MIDDLEBOX,
        "dropped",
        "dropped by Blackhole",
        True,
    )


def test_half_a_message_that_was_dropped_is_a_message_that_was_dropped():
    trace = Trace()
    asked(trace, REQUEST[:10])
    acted(trace, Act.DROPPED, 0, 10)
    asked(trace, REQUEST[10:])
    acted(trace, Act.DROPPED, 10, len(REQUEST))
    [arrow] = shown(trace).arrows
    assert arrow.note == "dropped by Blackhole"


def test_what_was_dropped_and_repeated_arrives_late():
    trace = Trace()
    asked(trace)
    acted(trace, Act.DROPPED, 0, len(REQUEST))
    model = shown(trace)
    acted(trace, Act.RELEASED, 0, len(REQUEST))
    record(trace, Leg.SERVER, Direction.UP, data=REQUEST, flow=1, source=0)
    [arrow] = model.update()
    assert (arrow.end, arrow.passed, arrow.note, arrow.failed) == (
        SERVER,
        True,
        "late because of Blackhole",
        False,
    )


def test_what_is_held_waits_and_then_passes():
    trace = Trace()
    asked(trace)
    acted(trace, Act.HELD, 0, len(REQUEST), "Delay")
    model = shown(trace)
    assert model.arrows[0].note == "held by Delay"
    record(trace, Leg.SERVER, Direction.UP, data=REQUEST, flow=1, source=0)
    model.update()
    assert (model.arrows[0].fate, model.arrows[0].note) == ("passed", "")


def test_before_and_after_of_a_change_know_each_other_and_what_is_different():
    trace = Trace()
    asked(trace)
    acted(trace, Act.CHANGED, 0, len(REQUEST), "StrictProxy", changes=("− Upgrade: websocket",))
    changed = REQUEST.replace(b"Ann", b"Annabel")
    record(trace, Leg.SERVER, Direction.UP, data=changed, flow=1, source=0, by="StrictProxy")
    before, after = shown(trace).arrows
    assert (before.pair, after.pair) == (1, 0)
    assert before.changes == after.changes == ("− Upgrade: websocket",)
    assert (before.note, after.note) == ("changed by StrictProxy", "as StrictProxy sends it")


@pytest.mark.parametrize(("rule", "is_beside"), [("StrictProxy", False), ("AProxyWithAVeryLongName", True)])
def test_what_a_rule_did_stands_beside_the_label_if_it_would_touch_a_lane(rule, is_beside):
    trace = Trace()
    asked(trace)
    acted(trace, Act.CHANGED, 0, len(REQUEST), rule)
    svg = draw(shown(trace)).svg
    assert (f">changed by {rule}<" in svg) is not is_beside
    assert (" · changed by" in svg) is is_beside


def test_what_follows_a_change_still_passes_as_it_came_in():
    trace = Trace()
    asked(trace)
    acted(trace, Act.CHANGED, 0, len(REQUEST), "StrictProxy")
    changed = REQUEST.replace(b"Ann", b"Annabel")
    record(trace, Leg.SERVER, Direction.UP, data=changed, flow=1, source=0, by="StrictProxy")
    asked(trace)
    record(trace, Leg.SERVER, Direction.UP, data=REQUEST, flow=1, source=len(REQUEST))
    assert [(a.start, a.end) for a in shown(trace).arrows] == [
        (0, MIDDLEBOX),
        (MIDDLEBOX, SERVER),
        (0, SERVER),
    ]


def test_who_answers_in_the_servers_place_is_named_at_both_arrows():
    trace = Trace()
    asked(trace)
    acted(trace, Act.ANSWERED, 0, len(REQUEST), "CaptivePortal")
    page = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"
    record(trace, Leg.CLIENT, Direction.DOWN, data=page, flow=1, by="CaptivePortal")
    request, answer = shown(trace).arrows
    assert (request.note, request.failed) == ("answered by CaptivePortal", False)
    assert (answer.start, answer.note) == (MIDDLEBOX, "answered by CaptivePortal")


def test_chunks_of_another_size_are_the_same_message():
    """At the TCP layer, too: a line that passes segments makes no arrows of its own."""
    trace = Trace()
    asked(trace)
    for start in range(0, len(REQUEST), 10):
        part = REQUEST[start : start + 10]
        record(trace, Leg.SERVER, Direction.UP, data=part, flow=1, source=start)
    for layer in (Layer.TCP, Layer.HTTP):
        [arrow] = shown(trace, layer).arrows
        assert arrow.passed


def test_rules_that_change_are_marked_between_the_arrows_and_stand_above_the_middlebox():
    trace = Trace()
    laid(trace, Act.LAID, "nginx")
    asked(trace)
    laid(trace, Act.LIFTED, "nginx")
    laid(trace, Act.LAID, "cable pulled")
    asked(trace)
    model = shown(trace)
    assert [(mark.before, mark.words) for mark in model.marks] == [(1, "− nginx   + cable pulled")]
    assert model.middlebox_names() == ["cable pulled"]
    text = draw(model).text.splitlines()
    assert text[0].endswith("between Ann | cable pulled | server.") and "cable pulled" in text[2]


@pytest.mark.parametrize(
    ("layer", "data", "event", "failed"),
    [
        (Layer.HTTP, b"HTTP/1.1 505 No\r\nContent-Length: 0\r\n\r\n", Event.DATA, True),
        (Layer.HTTP, b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", Event.DATA, False),
        (Layer.TCP, b"", Event.RST, True),
        (Layer.TCP, b"", Event.FIN, False),
    ],
)
def test_refusals_and_resets_look_like_failure(layer, data, event, failed):
    trace = Trace()
    asked(trace)
    record(trace, Leg.SERVER, Direction.DOWN, event, data, flow=1)
    assert shown(trace, layer).arrows[-1].failed is failed
    assert ("✗" in draw(shown(trace, layer)).svg) is failed


SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
UPGRADE = REQUEST[:-2] + b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n"


def upgraded(trace, *, answer_arrives=True):
    for leg in Leg:
        record(trace, leg, Direction.UP, data=UPGRADE, flow=1)
    record(trace, Leg.SERVER, Direction.DOWN, data=SWITCH, flow=1)
    if answer_arrives:
        record(trace, Leg.CLIENT, Direction.DOWN, data=SWITCH, flow=1)


@pytest.mark.parametrize(
    ("frame", "failed"),
    [
        (b"\x88\x02\x03\xe8", False),
        (b"\x88\x02\x03\xe9", False),
        (b"\x88\x02\x03\xf3", True),
        (b"\x88\x00", False),
    ],
)
def test_a_close_by_error_looks_like_failure(frame, failed):
    trace = Trace()
    upgraded(trace)
    record(trace, Leg.SERVER, Direction.DOWN, data=frame, flow=1)
    assert shown(trace).arrows[-1].failed is failed


def test_an_open_websocket_that_ends_without_a_close_looks_like_failure():
    trace = Trace()
    upgraded(trace)
    record(trace, Leg.SERVER, Direction.DOWN, Event.FIN, flow=1)
    assert shown(trace).arrows[-1].failed


# Silence


def test_the_ends_believe_what_they_have_heard():
    trace = Trace()
    upgraded(trace, answer_arrives=False)
    model = shown(trace)
    assert model.beliefs() == "Ann: waiting · server: open"
    record(trace, Leg.CLIENT, Direction.UP, Event.FIN, flow=1)
    model.update()
    assert model.beliefs() == "Ann: closed · server: open"
    assert "Ann: closed · server: open" in draw(model).text
    record(trace, Leg.SERVER, Direction.DOWN, Event.RST, flow=1)
    model.update()
    assert model.beliefs() == ""


def test_a_long_silence_says_what_was_believed_in_it():
    trace = Trace()
    upgraded(trace)
    late = Record(1, Leg.SERVER, Direction.DOWN, Event.DATA, 9.0, b"\x81\x02hi")
    trace.append(late)
    model = shown(trace)
    assert [arrow.silence for arrow in model.arrows] == ["", "", "Ann: open · server: open"]
    model.show(Layer.HTTP)
    model.show(Layer.WEBSOCKET)
    assert model.arrows[-1].silence == "Ann: open · server: open"


# Lanes


async def test_a_client_with_a_name_keeps_one_lane_for_all_its_connections():
    async with serve(echo, "127.0.0.1", 0) as server, Middlebox(server) as box:
        url = f"ws://127.0.0.1:{box.port}"
        async with (
            connect(url, proxy=None, user_agent_header="Ann"),
            connect(url, proxy=None, user_agent_header="Ann"),
            connect(url, proxy=None, user_agent_header="Bob"),
        ):
            pass
    assert [lane.name for lane in shown(box.trace).lanes.clients] == ["Ann", "Bob"]


def test_the_connections_of_one_session_share_a_lane():
    trace = Trace()
    poll = b"GET /socket.io/?EIO=4&transport=polling%s HTTP/1.1\r\nUser-Agent: node\r\n\r\n"
    body = b'0{"sid":"abc"}'
    record(trace, Leg.CLIENT, Direction.UP, data=poll % b"", flow=1)
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    record(trace, Leg.CLIENT, Direction.DOWN, data=answer, flow=1)
    record(trace, Leg.CLIENT, Direction.UP, data=poll % b"", flow=2)
    record(trace, Leg.CLIENT, Direction.UP, data=poll % b"&sid=abc", flow=3)
    model = shown(trace, Layer.HTTP)
    assert [lane.name for lane in model.lanes.clients] == ["socket.io-client", "socket.io-client 2"]
    assert [arrow.lane for arrow in model.arrows] == [0, 0, 1, 0]


def test_servers_may_have_names():
    trace = Trace()
    trace.server_names[7001] = "chat"
    model = WireModel(trace, servers=lambda: [7001, 7002])
    model.update()
    assert model.server_names() == ["chat", "server 2"]


async def test_thirty_clients_are_folded_and_each_arrow_says_whose_it_is():
    async with serve(echo, "127.0.0.1", 0) as server, Middlebox(server) as box, AsyncExitStack() as stack:
        for _ in range(30):
            await stack.enter_async_context(connect(f"ws://127.0.0.1:{box.port}", proxy=None))
    svg = draw(shown(box.trace)).svg
    assert ">30 clients<" in svg and ">websockets 7: GET / · upgrade" in svg


# A picture and its cell


def test_a_long_picture_shows_its_beginning_and_says_how_much_follows():
    trace = Trace()
    upgraded(trace)
    for number in range(100):
        for leg in (Leg.SERVER, Leg.CLIENT):
            record(trace, leg, Direction.DOWN, data=b"\x81\x03%03d" % number, flow=1)
    text = draw(shown(trace)).text
    assert '"000"' in text and '"037"' in text and '"038"' not in text
    assert "… and 62 more." in text


def watched(trace):
    wire, sent = Wire(Box(trace)), []
    wire.send = lambda content, buffers=None: sent.append(content)
    return wire, sent


async def test_a_wire_shown_after_the_traffic_ends_with_its_cell_and_goes_on_when_asked():
    trace = Trace()
    asked(trace)
    wire, sent = watched(trace)
    wire._repr_mimebundle_()
    asked(trace)
    wire._take({"type": "ready", "view": "v"})
    assert (sent[-1]["live"], len(sent[-1]["arrows"])) == (False, 1)
    assert len(wire.snapshot().text.splitlines()) == 3
    wire._take({"type": "go on"})
    assert (sent[-1]["live"], len(sent[-1]["arrows"])) == (True, 2)


async def test_a_wire_shown_before_the_traffic_is_live():
    trace = Trace()
    wire, sent = watched(trace)
    wire._repr_mimebundle_()
    wire._take({"type": "ready", "view": "v"})
    asked(trace)
    wire._send_batch()
    assert sent[0]["live"] and sent[-1]["type"] == "batch" and len(sent[-1]["arrows"]) == 1


async def test_a_snapshot_takes_nothing_away_from_the_live_view():
    trace = Trace()
    wire, sent = watched(trace)
    wire._take({"type": "ready", "view": "v"})
    asked(trace)
    wire.snapshot()
    wire._repr_mimebundle_()
    wire._send_batch()
    assert [row[0] for row in sent[-1]["arrows"]] == [0]


async def test_a_recording_has_all_layers_and_is_plain_data(talk):
    wire = Wire(Box(talk))
    recorded = json.loads(json.dumps(wire.recording()))
    assert list(recorded["layers"]) == ["TCP", "HTTP", "WebSocket", "Engine.IO", "Socket.IO"]
    frames = recorded["layers"]["WebSocket"]
    assert len(frames["arrows"]) == len(frames["details"]) == 6
    assert base64.b64decode(frames["details"]["2"]["bytes"])[:1] == b"\x81"
    assert len(wire.model.arrows) == 6 and wire.model.layer is Layer.WEBSOCKET


async def test_a_trace_from_a_file_is_shown_like_a_middlebox(talk, tmp_path):
    recording.write(talk, tmp_path / "talk.jsonl")
    again = Wire(recording.read(tmp_path / "talk.jsonl")).snapshot()
    assert again == Wire(Box(talk)).snapshot()


# A long trace


def long_trace(messages):
    trace = Trace()
    upgraded(trace)
    for number in range(messages):
        for leg in (Leg.SERVER, Leg.CLIENT):
            record(trace, leg, Direction.DOWN, data=b"\x81\x06%06d" % number, flow=1)
    return trace


def test_a_long_trace_leaves_out_its_beginning_and_counts_it():
    trace = Trace()
    upgraded(trace)
    model = WireModel(trace)
    for number in range(25_000):
        for leg in (Leg.SERVER, Leg.CLIENT):
            record(trace, leg, Direction.DOWN, data=b"\x81\x06%06d" % number, flow=1)
        if number % 1000 == 0:
            model.update()
    model.update()
    assert model.total == 25_002 and len(model.arrows) <= 11_000
    assert model.left_out == model.total - len(model.arrows)
    assert model.arrows[-1].unit.summary == 'text "024999"' and model.arrows[-1].passed
    assert model.arrow(model.left_out) is model.arrows[0] and model.arrow(0) is None
    assert model.traffic[Layer.WEBSOCKET] == 50_000


def test_an_update_stops_when_its_time_is_over_and_goes_on_where_it_was():
    model = WireModel(long_trace(5_000))
    model.update(seconds=0.002)
    assert 0 < model.behind < 10_000
    while model.behind:
        model.update(seconds=0.01)
    assert model.total == 5_002 and all(arrow.passed for arrow in model.arrows)


def test_thousands_that_come_out_changed_are_no_slower_than_those_that_pass():
    trace = Trace()
    upgraded(trace)
    for number in range(4_000):
        record(trace, Leg.SERVER, Direction.DOWN, data=b"\x81\x04%04d" % number, flow=1)
    for number in range(4_000):
        source = len(SWITCH) + 6 * number
        record(
            trace,
            Leg.CLIENT,
            Direction.DOWN,
            data=b"\x81\x04x%03d" % (number % 1000),
            flow=1,
            by="X",
            source=source,
        )
    began = time.perf_counter()
    model = shown(trace)
    assert model.total == 8_002
    assert time.perf_counter() - began < 3


async def test_a_wire_that_nobody_looks_at_keeps_up_so_that_bytes_can_go():
    trace = Trace()
    wire = Wire(Box(trace))
    upgraded(trace)
    for number in range(3_000):
        record(trace, Leg.SERVER, Direction.DOWN, data=b"\x81\x04%04d" % number, flow=1)
    await asyncio.sleep(1)
    assert wire.model.behind < 2_000


async def test_a_wire_that_is_gone_listens_no_more():
    trace = Trace()
    wire = Wire(Box(trace))
    wire.close()
    del wire
    gc.collect()
    record(trace, Leg.SERVER, Direction.DOWN, data=b"x", flow=1)
    assert trace._listeners == []


async def test_after_a_reset_what_was_held_before_still_comes_out():
    trace = Trace()
    asked(trace)
    acted(trace, Act.DROPPED, 0, len(REQUEST))
    model = shown(trace)
    model.reset()
    acted(trace, Act.RELEASED, 0, len(REQUEST))
    record(trace, Leg.SERVER, Direction.UP, data=REQUEST, flow=1, source=0)
    model.update()
    assert [(arrow.start, arrow.end) for arrow in model.arrows] == [(MIDDLEBOX, SERVER)]


async def test_a_live_demo_goes_on_although_something_has_passed_before():
    trace = Trace()
    asked(trace)
    wire, sent = watched(trace)
    wire.live()._repr_mimebundle_()
    wire._take({"type": "ready", "view": "v"})
    assert sent[-1]["live"]


async def test_a_line_behind_a_proxy_holds_what_the_proxy_made_of_it():
    trace = Trace()
    asked(trace)
    acted(trace, Act.CHANGED, 0, len(REQUEST), "StrictProxy", changes=("− Upgrade: websocket",))
    acted(trace, Act.HELD, 0, 1, "Delay")
    assert shown(trace).arrows[0].note == "changed by StrictProxy"


def test_socketio_packets_are_arrows_too():
    trace = Trace()
    poll = b"GET /socket.io/?EIO=4&transport=polling&sid=abc HTTP/1.1\r\nUser-Agent: node\r\n\r\n"
    body = b'42["news",{"a":1}]\x1e40\x1e2'
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    for direction, legs, data in (
        (Direction.UP, list(Leg), poll),
        (Direction.DOWN, list(Leg)[::-1], answer),
    ):
        for leg in legs:
            record(trace, leg, direction, data=data, flow=1)
    arrows = shown(trace, Layer.SOCKETIO).arrows
    assert [(arrow.unit.kind, arrow.passed) for arrow in arrows] == [
        ("sio.event", True),
        ("sio.connect", True),
        ("eio.ping", True),
    ]


async def test_rules_that_change_after_the_cell_are_no_part_of_its_picture():
    trace = Trace()
    laid(trace, Act.LAID, "nginx")
    asked(trace)
    wire, sent = watched(trace)
    wire._repr_mimebundle_()
    laid(trace, Act.LIFTED, "nginx")
    wire._take({"type": "ready", "view": "v"})
    assert (sent[-1]["middlebox"], sent[-1]["marks"]) == (["nginx"], [])
    wire._take({"type": "go on"})
    assert (sent[-1]["middlebox"], len(sent[-1]["marks"])) == (["middlebox"], 1)
