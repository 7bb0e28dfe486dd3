"""The decoder on bytes written by hand: HTTP/1.1, RFC 6455, Engine.IO v4 and Socket.IO v5."""

from __future__ import annotations

import gzip
import zlib

import pytest
from decode_tools import (
    DOWN,
    KEY,
    MASK,
    UP,
    above_tcp,
    cut,
    decode,
    fields,
    frames,
    masked,
    record,
    request,
    response,
    switch,
    upgrade,
)

from wirelab.decode import Decoder, Layer, sentence, visible
from wirelab.trace import Event, Leg, Trace

POLL = "/socket.io/?EIO=4&transport=polling"
SOCKET = "/socket.io/?EIO=4&transport=websocket"
OPEN = b'0{"sid":"abc","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000}'


# HTTP


def test_a_handshake_is_explained():
    asked, answered = above_tcp((UP, upgrade()), (DOWN, switch()))
    assert (asked.kind, asked.summary) == ("request", "GET /chat · upgrade to websocket")
    assert (answered.kind, answered.summary) == ("response", "101 Switching Protocols")
    assert (asked.error, answered.error) == (None, None)
    tree = fields(answered.tree())
    assert cut(answered, tree["Status"]) == b"101"
    assert tree["Sec-WebSocket-Accept"].children[0].name == "correct"
    assert cut(asked, fields(asked.tree())["Target"]) == b"/chat"


@pytest.mark.parametrize(
    ("steps", "error"),
    [
        (
            [(UP, upgrade()), (DOWN, switch(accept="bm8="))],
            "Sec-WebSocket-Accept is not what the handshake asks for",
        ),
        (
            [(UP, upgrade().replace(KEY.encode(), b"c2hvcnQ="))],
            "Sec-WebSocket-Key is not what the handshake asks for",
        ),
        (
            [(UP, upgrade().replace(b"Version: 13", b"Version: 8"))],
            "Sec-WebSocket-Version is not what the handshake",
        ),
        ([(UP, upgrade().replace(b"Sec-WebSocket-Key", b"X"))], "the handshake has no Sec-WebSocket-Key"),
        (
            [(UP, upgrade()), (DOWN, switch().replace(b"Sec-WebSocket-Accept", b"X"))],
            "no Sec-WebSocket-Accept",
        ),
        ([(UP, request("/", "no colon here"))], "a header must be a name, a colon and a value"),
        ([(UP, b"\x16\x03\x01\x02\x00")], "an HTTP request does not begin like this"),
        ([(UP, b"GET /chat\r\n")], "an HTTP request does not begin like this"),
        ([(UP, b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000 + b"\r\n\r\n")], "the head is longer than 64 KiB"),
        ([(UP, b"GET / HT"), (UP, Event.FIN)], "the connection ended inside the head"),
        (
            [(DOWN, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), (DOWN, Event.FIN)],
            "ended inside the body",
        ),
        ([(DOWN, b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n")], "the Content-Length is not a number"),
        (
            [(DOWN, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")],
            "a chunk does not begin with its size",
        ),
    ],
)
def test_broken_http_is_told(steps, error):
    assert error in above_tcp(*steps)[-1].error


@pytest.mark.parametrize("cuts", [[], [1], [4, 5, 20]])
def test_a_request_that_comes_back_is_seen_as_a_whole(cuts):
    asked = upgrade()
    pieces = [asked[start:end] for start, end in zip([0, *cuts], [*cuts, None], strict=True)]
    echo = above_tcp((UP, asked), *((DOWN, piece) for piece in pieces))[-1]
    assert (echo.direction, echo.raw) == (DOWN, asked)
    assert echo.error == "an HTTP response does not begin like this"


def test_bodies_end_where_they_say():
    chunked = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nfoo\r\n4;x=y\r\nbarb\r\n0\r\nT: 1\r\n\r\n"
    )
    units = above_tcp(
        *((UP, request(method=method)) for method in ("GET", "HEAD", "GET", "GET", "GET")),
        (DOWN, response(b"first") + b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
        (DOWN, b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 304 Not Modified\r\n\r\n" + chunked),
        (DOWN, b"HTTP/1.1 200 OK\r\n\r\nuntil the end"),
        (DOWN, Event.FIN),
    )
    answers = [unit for unit in units if unit.direction is DOWN]
    assert [unit.error for unit in answers] == [None] * 6
    bodies = [fields(unit.tree()).get("Body") for unit in answers]
    assert [body and cut(unit, body) for unit, body in zip(answers, bodies, strict=True)] == [
        b"first",
        None,
        None,
        None,
        b"foobarb",
        b"until the end",
    ]
    assert [unit.time for unit in answers] == [5, 5, 6, 6, 6, 8]


def test_a_refused_upgrade_leaves_http_as_it_was():
    units = above_tcp(
        (UP, upgrade() + request("/again")), (DOWN, response(status="403 Forbidden")), (DOWN, response(b"hi"))
    )
    assert [unit.summary for unit in units[1:]] == ["403 Forbidden", "GET /again", "200 OK"]


def test_an_empty_line_before_a_request_may_come_in_two_pieces():
    [asked] = above_tcp((UP, b"\r"), (UP, b"\n" + request()))
    assert asked.raw == request()


def test_labels_hold_nothing_that_changes():
    [asked] = above_tcp((UP, request("http://127.0.0.1:54321/chat?id=77")))
    assert asked.summary == "GET http://127.0.0.1/chat"
    [asked] = above_tcp((UP, request("127.0.0.1:54321", method="CONNECT")))
    assert asked.summary == "CONNECT 127.0.0.1"
    [asked] = above_tcp((UP, request("prices.example:443", method="CONNECT")))
    assert asked.summary == "CONNECT prices.example:443"


# WebSocket


def test_the_example_of_the_rfc():
    unit = frames((UP, masked(0x81, b"Hello")))[0]
    assert unit.raw == bytes.fromhex("818537fa213d7f9f4d5158")
    assert (unit.kind, unit.summary, unit.error) == ("text", 'text "Hello"', None)
    tree = fields(unit.tree())
    assert {name: cut(unit, tree[name]) for name in ("Masking key", "Payload")} == {
        "Masking key": MASK,
        "Payload": unit.raw[6:],
    }
    assert tree["Payload"].value == "Hello" and tree["MASK"].value == "1 (masked)"


def test_frames_wait_for_the_answer_to_the_handshake():
    units = above_tcp((UP, upgrade() + masked(0x81, b"early")), (DOWN, switch() + b"\x81\x02hi"))
    assert [unit.summary for unit in units[2:]] == ['text "early"', 'text "hi"']


def test_fragments_name_their_part_and_the_last_one_knows_the_whole():
    units = frames((DOWN, b"\x01\x03Hel\x00\x02lo\x89\x00\x80\x07, w\xc3\xb6rl"))
    assert [unit.summary for unit in units] == [
        'text, part 1: "Hel"',
        'text, part 2: "lo"',
        "ping",
        'text, part 3 (last): ", wörl"',
    ]
    assert fields(units[-1].tree())["Message"].value == "Hello, wörl"
    assert sentence(units[-1], "server", "Ann") == (
        'server sends Ann part 3, the last, of a text message: ", wörl" (7 bytes).'
    )


def test_deflated_messages_keep_their_context():
    packer = zlib.compressobj(wbits=-15)
    sent = []
    for _ in range(2):
        packed = (packer.compress(b"Hello" * 9) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]
        sent.append(bytes([0xC1, len(packed)]) + packed)
    agreed = switch("Sec-WebSocket-Extensions: permessage-deflate")
    one, other = above_tcp((UP, upgrade()), (DOWN, agreed + b"".join(sent)))[2:]
    assert (one.error, other.error) == (None, None) and one.summary == other.summary
    assert len(other.raw) < len(one.raw)
    inflated = fields(other.tree())["Inflated"]
    assert inflated.value == "Hello" * 9 and inflated.spans == ((2, len(other.raw)),)


def test_a_context_that_was_promised_to_be_forgotten_is_forgotten():
    packer = zlib.compressobj(wbits=-15)
    packed = [(packer.compress(b"Hello" * 9) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4] for _ in range(2)]
    agreed = switch("Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover")
    sent = b"".join(bytes([0xC1, len(data)]) + data for data in packed)
    one, other = above_tcp((UP, upgrade()), (DOWN, agreed + sent))[2:]
    assert one.error is None and "cannot be inflated" in other.error


@pytest.mark.parametrize(
    ("direction", "data", "error"),
    [
        (DOWN, b"\x83\x00", "opcode 0x3 is reserved"),
        (DOWN, b"\x8b\x00", "opcode 0xb is reserved"),
        (DOWN, b"\xc1\x00", "RSV1 is only for the first frame"),
        (DOWN, b"\xa1\x00", "RSV2 must be 0"),
        (DOWN, b"\x91\x00", "RSV3 must be 0"),
        (UP, b"\x81\x00", "a client must mask its frames"),
        (DOWN, masked(0x81, b"x"), "a server must not mask its frames"),
        (DOWN, b"\x89\x7e\x00\x7e" + bytes(126), "a control frame carries at most 125 bytes"),
        (DOWN, b"\x09\x00", "a control frame must not be fragmented"),
        (DOWN, b"\x81\x02\xc3\x28", "the text is not valid UTF-8"),
        (DOWN, b"\x82\x7e\x00\x02ab", "the length must be written in as few bytes"),
        (DOWN, b"\x82\x7f" + bytes(7) + b"\x02ab", "the length must be written in as few bytes"),
        (DOWN, b"\x80\x01x", "there is no message to continue"),
        (DOWN, b"\x88\x01x", "a close code has two bytes"),
        (DOWN, b"\x88\x02\x03\xed", "close code 1005 must not be sent"),
        (DOWN, b"\x88\x03\x03\xe8\xff", "the reason is not valid UTF-8"),
    ],
)
def test_broken_frames_are_told_and_the_next_one_is_read(direction, data, error):
    after = masked(0x8A, b"ok") if direction is UP else b"\x8a\x02ok"
    broken, next_one = frames((direction, data + after))
    assert error in broken.error
    assert (next_one.kind, next_one.error) == ("pong", None)


def test_a_new_message_inside_another_is_told():
    units = frames((DOWN, b"\x01\x01a\x81\x01b\x80\x01c"))
    assert [unit.error and unit.error.split(":")[0] for unit in units] == [
        None,
        "the message before has not ended",
        "there is no message to continue",
    ]


def test_nothing_can_be_read_after_an_impossible_length():
    decoder = decode((UP, upgrade()), (DOWN, switch()), (DOWN, b"\x82\x7f\xff" + bytes(7)), (DOWN, b"more"))
    broken = decoder.units[-2]
    assert (broken.kind, broken.error) == ("error", "the length's top bit is set: its end is unknown")
    assert decoder.units[-1].upper is None


def test_an_unfinished_frame_and_a_frame_that_does_not_inflate_are_told():
    agreed = switch("Sec-WebSocket-Extensions: permessage-deflate")
    units = above_tcp((UP, upgrade()), (DOWN, agreed + b"\xc1\x02\xff\xff\x82\x05ab"), (DOWN, Event.RST))
    assert "cannot be inflated" in units[2].error
    assert units[3].error == "the connection ended inside a frame" and units[3].raw == b"\x82\x05ab"


def test_no_message_after_a_close():
    units = frames((DOWN, b"\x88\x05\x03\xe8bye\x81\x01x"))
    assert units[0].summary == 'close 1000 "bye"'
    assert fields(units[0].tree())["Close code"].value == "1000 (normal closure)"
    assert units[1].error == "no data frame may follow a close frame"


# The ends of connections, and what is seen at which layer


def ends(*steps):
    return [unit.upper for unit in decode(*steps).units if unit.kind in ("fin", "rst")]


def test_expected_ends_are_only_seen_at_the_bottom():
    talk = (UP, upgrade()), (DOWN, switch()), (UP, masked(0x88, b"\x03\xe8"))
    fins = (DOWN, Event.FIN), (UP, Event.FIN)
    assert ends(*talk, (DOWN, b"\x88\x02\x03\xe8"), *fins) == [Layer.HTTP] * 2
    assert ends(*talk, *fins) == [None] * 2
    assert ends(*talk, (DOWN, b"\x88\x02\x03\xe8"), (DOWN, Event.RST)) == [None]
    assert ends((UP, request()), (DOWN, response()), *fins) == [Layer.HTTP] * 2
    assert ends((UP, request()), (DOWN, b"HTTP/1.0 200 OK\r\n\r\nall"), *fins) == [Layer.HTTP] * 2
    assert ends((UP, request()), *fins) == [None] * 2


def test_every_byte_is_seen_once_at_every_layer():
    event = b'42["chat","hi"]'
    steps = [
        (UP, Event.OPEN),
        (UP, upgrade(SOCKET)),
        (DOWN, switch()),
        (DOWN, bytes([0x81, len(OPEN)]) + OPEN),
        (UP, masked(0x81, b"40")),
        (UP, masked(0x81, event)),
        (DOWN, b"\x89\x00"),
    ]
    units = decode(*steps).units
    for layer in Layer:
        seen = sum(len(unit.raw) for unit in units if visible(unit, layer))
        assert seen == sum(len(what) for _, what in steps[1:]), layer
    assert [unit.summary for unit in units if visible(unit, Layer.SOCKETIO)] == [
        "GET /socket.io/ · upgrade to websocket",
        "101 Switching Protocols",
        "open",
        "connect",
        'event "chat" ["hi"]',
        "ping",
    ]
    assert next(unit.summary for unit in units if visible(unit, Layer.TCP)) == "connection opened"


# Engine.IO and Socket.IO


def engine(*packets, direction=DOWN):
    """The units above WebSocket that come of packets on an Engine.IO connection."""
    data = b""
    for packet in packets:
        first = 0x81 if isinstance(packet, str) else 0x82
        payload = packet.encode() if isinstance(packet, str) else packet
        data += masked(first, payload) if direction is UP else bytes([first, len(payload)]) + payload
    units = above_tcp((UP, upgrade(SOCKET)), (DOWN, switch()), (direction, data))
    return [unit for unit in units if unit.layer >= Layer.ENGINEIO]


def test_engineio_packets():
    units = engine(OPEN.decode(), "2probe", "3probe", "5", "6", "2", "3", "1", "4any text", b"\x00\x01", "9x")
    assert [(unit.kind, unit.summary) for unit in units] == [
        ("eio.open", "open"),
        ("eio.ping", 'ping "probe"'),
        ("eio.pong", 'pong "probe"'),
        ("eio.upgrade", "upgrade"),
        ("eio.noop", "noop"),
        ("eio.ping", "ping"),
        ("eio.pong", "pong"),
        ("eio.close", "close"),
        ("eio.message", 'message "any text"'),
        ("eio.message", "binary 2 bytes"),
        ("eio.error", 'error "9x"'),
    ]
    assert [unit.error for unit in units[:-1]] == [None] * 10
    tree = fields(units[0].tree())
    assert tree["pingInterval"].value == "25000" and cut(units[0], tree["sid"]) == b'"abc"'


def test_labels_hold_no_session_id():
    told = '0{"sid":"lv_VI97HAXpY6yYWAAAB","upgrades":[]}'
    units = above_tcp((UP, upgrade(SOCKET)), (DOWN, switch() + b"\x81\x2d" + told.encode()))
    assert [unit.summary for unit in units[2:]] == ['text “0{"sid":"…","upgrades":[]}”', "open"]
    assert engine("4" + told)[0].summary == 'message “0{"sid":"…","upgrades":[]}”'


def test_a_masked_packet_maps_to_its_masked_bytes():
    packet, event = engine('42/admin,7["größe",1,{"a":[2]}]', direction=UP)
    assert (event.kind, event.summary) == ("sio.event", 'event /admin #7 "größe" [1,{"a":[2]}]')
    tree = fields(event.tree())
    plain = '42/admin,7["größe",1,{"a":[2]}]'.encode()
    for name, text in [
        ("Namespace", "/admin"),
        ("Acknowledgement id", "7"),
        ("Event", '"größe"'),
        ("Argument 2", '{"a":[2]}'),
    ]:
        [(low, high)] = tree[name].spans
        assert plain[low - 6 : high - 6] == text.encode(), name
    assert [node.name for node in event.tree().children] == [
        "WebSocket frame",
        "Engine.IO packet",
        "Socket.IO packet",
    ]
    assert packet.upper is Layer.SOCKETIO


def test_a_packet_in_fragments_maps_to_all_of_them():
    data = b'\x01\x0742["cha\x80\x08t","hi"]'
    event = above_tcp((UP, upgrade(SOCKET)), (DOWN, switch()), (DOWN, data))[-1]
    assert event.raw == data
    assert fields(event.tree())["Event"].spans == ((5, 9), (11, 13))


def test_a_broken_frame_is_seen_at_every_layer():
    units = above_tcp((UP, upgrade(SOCKET)), (DOWN, switch()), (UP, b"\x81\x0240"))[2:]
    assert [(unit.layer, unit.upper) for unit in units if visible(unit, Layer.SOCKETIO)] == [
        (Layer.WEBSOCKET, None),
        (Layer.SOCKETIO, None),
    ]


def test_attachments_follow_their_event():
    units = engine(
        '452-["img",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]', b"abc", "2", b"defg"
    )
    assert [unit.summary for unit in units if unit.layer is Layer.SOCKETIO] == [
        'event "img" ["<attachment 1>","<attachm…',
        "attachment 1 of 2, 3 bytes",
        "attachment 2 of 2, 4 bytes",
    ]
    assert fields(units[-1].tree())["Completes"].value.endswith("with 3 bytes, 4 bytes")


@pytest.mark.parametrize(
    ("packet", "error"),
    [
        ("47", "a packet must begin with its type"),
        ("42{}", "the data of an event must be an array"),
        ("42[", "the data is not valid JSON"),
        ('421-["x"]', "the data is not valid JSON"),
        ("42" + "[" * 60_000, "the data is not valid JSON"),
        ("40[]", "the data of a CONNECT packet must be an object"),
        ('41["x"]', "a DISCONNECT packet carries no data"),
        ("43{}", "the data of an acknowledgement must be an array"),
        ("44[]", "the data of a CONNECT_ERROR packet must be"),
        ('45["x"]', "a binary packet must announce its number of attachments"),
        (b"blob", "no packet announced an attachment"),
    ],
)
def test_broken_packets_are_told_once_it_is_socketio(packet, error):
    if len(packet) < 100:
        assert [unit.layer for unit in engine(packet)] == [Layer.ENGINEIO]
        assert error in engine("40", packet)[-1].error
    else:
        payload = b"40\x1e" + packet.encode()
        assert error in above_tcp((UP, request(POLL)), (DOWN, response(payload)))[-1].error


def test_polling_payloads():
    units = above_tcp(
        (UP, request(POLL)),
        (DOWN, response(OPEN)),
        (UP, request(POLL + "&sid=abc", "Content-Length: 2", method="POST") + b"40"),
        (DOWN, response(b"ok")),
        (UP, request(POLL + "&sid=abc")),
        (DOWN, response(b'40{"sid":"x"}\x1e451-["i",{"_placeholder":true,"num":0}]\x1ebAAEC\x1eb!')),
    )
    assert [(unit.kind, unit.summary) for unit in units] == [
        ("request", "GET /socket.io/ · open a session"),
        ("response", "200 OK"),
        ("eio.open", "open"),
        ("request", "POST /socket.io/ · send"),
        ("eio.message", 'message "0"'),
        ("sio.connect", "connect"),
        ("response", "200 OK"),
        ("request", "GET /socket.io/ · poll"),
        ("response", "200 OK"),
        ("eio.message", 'message “0{"sid":"x"}”'),
        ("sio.connect", "connect"),
        ("eio.message", 'message “51-["i",{"_placeholder":true,…”'),
        ("sio.binary_event", 'event "i" ["<attachment 1>"]'),
        ("eio.message", "binary 3 bytes"),
        ("sio.attachment", "attachment 1 of 1, 3 bytes"),
        ("eio.message", "binary 0 bytes"),
    ]
    assert units[-1].error == "the binary packet is not valid base64"
    assert cut(units[-2], fields(units[-2].tree())["Socket.IO attachment"]) == b"bAAEC"
    assert [unit.kind for unit in units if visible(unit, Layer.SOCKETIO)] == [
        "eio.open",
        "sio.connect",
        "sio.connect",
        "sio.binary_event",
        "sio.attachment",
        "eio.message",
    ]


def test_attachments_may_come_in_another_poll_on_another_connection():
    trace = Trace()
    decoder = Decoder(trace)
    polls = OPEN, b'451-["i",{"_placeholder":true,"num":0}]', b"bAAEC"
    for flow, body in enumerate(polls):
        trace.append(record(UP, request(POLL + ("&sid=abc" if flow else "")), flow=flow))
        trace.append(record(DOWN, response(body), flow=flow))
    decoder.update()
    assert decoder.units[-1].summary == "attachment 1 of 1, 3 bytes"


def test_compressed_and_chunked_polls():
    packed = gzip.compress(b"2\x1e4hello", mtime=0)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = b"5\r\n" + packed[:5] + b"\r\n%x\r\n" % (len(packed) - 5) + packed[5:] + b"\r\n0\r\n\r\n"
    units = above_tcp((UP, request(POLL)), (DOWN, head + chunks))
    assert [unit.summary for unit in units[2:]] == ["ping", 'message "hello"']
    assert cut(units[-1], fields(units[-1].tree())["Engine.IO packet"]) == packed


# Names and sentences


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Python/3.11 websockets/17.4", "websockets"),
        ("python-requests/2.34", "Python"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", "browser"),
        ("node", "Node.js"),
        ("node-XMLHttpRequest", "Node.js"),
        ("curl/8.0", "client"),
        ("Ann", "Ann"),
    ],
)
def test_clients_are_named_after_their_user_agent(agent, name):
    decoder = decode((UP, Event.OPEN))
    assert decoder.client_name(0) == "client"
    assert decode((UP, request("/", f"User-Agent: {agent}"))).client_name(0) == name


def test_clients_without_a_user_agent_are_known_by_the_order_of_their_headers():
    ws = f"GET / HTTP/1.1\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\nHost: x\r\n\r\n"
    assert decode((UP, ws.encode())).client_name(0) == "Node.js"
    blocking = "GET / HTTP/1.1\r\nUpgrade: websocket\r\nHost: x\r\nOrigin: http://x\r\n\r\n"
    assert decode((UP, blocking.encode())).client_name(0) == "Python"
    assert decode((UP, request())).client_name(0) == "client"


def test_names_are_numbered_and_stay_and_a_session_keeps_its_own():
    trace = Trace()
    decoder = Decoder(trace)
    agent = "User-Agent: node"
    trace.append(record(UP, request("/", agent), flow=1))
    trace.append(record(UP, request(POLL, agent), flow=2))
    trace.append(record(DOWN, response(OPEN), flow=2))
    trace.append(record(UP, request(POLL + "&sid=abc", agent), flow=3))
    trace.append(record(UP, request("/", agent), flow=4))
    trace.append(record(UP, request("/", agent), flow=4, leg=Leg.SERVER))
    decoder.update()
    assert [decoder.client_name(flow) for flow in (1, 2, 3, 4)] == [
        "Node.js",
        "socket.io-client",
        "socket.io-client",
        "Node.js 2",
    ]


def test_sentences():
    units = decode(
        (UP, Event.OPEN),
        (UP, upgrade()),
        (DOWN, switch()),
        (UP, masked(0x81, b"Hello")),
        (UP, masked(0x81, b"a\nb" + b"x" * 99)),
        (DOWN, masked(0x82, b"1")),
        (DOWN, b"\x88\x05\x03\xe8bye"),
        (DOWN, Event.RST),
    ).units
    said = [
        sentence(unit, *(("Ann", "server") if unit.direction is UP else ("server", "Ann"))) for unit in units
    ]
    assert [text for text, unit in zip(said, units, strict=True) if unit.kind != "data"] == [
        "Ann opens a connection to server.",
        "Ann asks server: GET /chat · upgrade to websocket.",
        "server answers Ann: 101 Switching Protocols.",
        'Ann sends server a text message: "Hello" (5 bytes, masked).',
        f'Ann sends server a text message: "a\\nb{"x" * 55}…" (102 bytes, masked).',
        "server sends Ann a binary message (1 byte, masked). Wrong: a server must not mask its frames.",
        'server closes with code 1000 "bye".',
        "server resets the connection to Ann (RST).",
    ]


def test_each_record_is_read_once():
    class Counting(Trace):
        read = 0

        def since(self, start):
            records = super().since(start)
            self.read += len(records)
            return records

    trace = Counting()
    decoder = Decoder(trace)
    trace.append(record(UP, upgrade()))
    trace.append(record(DOWN, switch()))
    for _ in range(5_000):
        trace.append(record(UP, masked(0x81, b"Hello")))
    assert len(decoder.update()) == len(decoder.units) == 2 * len(trace)
    assert decoder.update() == []
    trace.append(record(UP, masked(0x81, b"Hello")))
    assert [unit.number for unit in decoder.update()] == [2 * len(trace) - 2, 2 * len(trace) - 1]
    assert trace.read == len(trace)
