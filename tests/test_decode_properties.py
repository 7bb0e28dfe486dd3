"""What holds for the decoder whatever the bytes and however they are cut."""

from __future__ import annotations

import zlib

from decode_tools import DOWN, UP, above_tcp, check, decode, record, request, response, switch, upgrade
from engineio.packet import MESSAGE
from engineio.packet import Packet as EngineioPacket
from hypothesis import given, settings
from hypothesis import strategies as st
from socketio.packet import ACK, CONNECT, CONNECT_ERROR, DISCONNECT, EVENT
from socketio.packet import Packet as SocketioPacket
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import BINARY, CLOSE, CONT, PING, PONG, TEXT, Frame

from wirelab.decode import Decoder, Layer
from wirelab.trace import Event, Trace

EXTENSIONS = st.sampled_from(
    [(), ("Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover",)]
)
POLL = "/socket.io/?EIO=4&transport=polling"
SOCKET = "/socket.io/?EIO=4&transport=websocket"

directions = st.sampled_from([UP, DOWN])
payloads = st.binary(max_size=140) | st.text(max_size=40).map(str.encode)
packets = st.sampled_from([
    b"0{\"sid\":\"abc\"}", b"2probe", b"3", b"40", b"40/a,{}", b"42[\"x\",{\"a\":[1,\"\xc3\xa9\"]}]", b"42[",
    b"451-[\"x\",{\"_placeholder\":true,\"num\":0}]", b"bAAEC", b"b!", b"6", b"", b"\xff4", b"4\xff",
])  # fmt: skip


@st.composite
def wire_frames(draw):
    """A frame with any first byte, masked or not, its length written in any of the three ways."""
    first = draw(st.integers(0, 255) | st.sampled_from([0x81, 0x82, 0x01, 0x80, 0x88, 0xC1]))
    payload = draw(payloads | packets)
    form = draw(st.sampled_from([0, 126, 127] if len(payload) < 126 else [126, 127]))
    size = len(payload).to_bytes({0: 1, 126: 2, 127: 8}[form], "big")
    mask = draw(st.sampled_from([b"", b"\x00\x00\x00\x00", b"1234"]))
    body = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload)) if mask else payload
    second = (0x80 if mask else 0) | (form or size[0])
    return bytes([first, second]) + (size if form else b"") + mask + body


http_parts = st.one_of(
    st.sampled_from([
        request(), request(POLL), request(POLL + "&sid=abc"), upgrade(), upgrade(SOCKET), switch(),
        response(b"abc"),         b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"3\r\nabc\r\n",
        b"0\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", b"\r\n", b"\r", b"GET ", b"HTTP/1.",
        b"\xff\r\n\r\n", b"\n\n",
        request("/", method="CONNECT"), response(zlib.compress(b"2\x1e3"), "Content-Encoding: deflate"),
    ]),
    st.lists(packets, min_size=1, max_size=3).map(b"\x1e".join).map(response),
    st.lists(packets, min_size=1, max_size=3).map(b"\x1e".join).map(
        lambda body: request(POLL, f"Content-Length: {len(body)}", method="POST") + body
    ),
    st.binary(max_size=30),
)  # fmt: skip


@st.composite
def conversations(draw):
    """Steps of one connection: HTTP, or a handshake and frames, or anything at all; perhaps with an end."""
    if draw(st.booleans()):
        target = draw(st.sampled_from(["/chat", SOCKET]))
        steps = [(UP, upgrade(target)), (DOWN, switch(*draw(EXTENSIONS)))]
        parts = wire_frames() | st.binary(max_size=20)
    else:
        steps, parts = [], http_parts
    steps += draw(st.lists(st.tuples(directions, parts), max_size=12))
    ends = st.lists(st.tuples(directions, st.sampled_from([Event.FIN, Event.RST])), max_size=2)
    return steps + draw(ends)


def seen(units):
    return [
        (unit.layer, unit.upper, unit.direction, unit.kind, unit.summary, unit.raw, unit.error, unit.tree())
        for unit in units
        if unit.layer is not Layer.TCP
    ]


@given(conversations(), st.data())
@settings(max_examples=150)
def test_any_bytes_in_any_pieces_give_the_same_units(steps, data):
    trace = Trace()
    for direction, what in steps:
        size = len(what) if isinstance(what, bytes) else 0
        cuts = sorted(data.draw(st.lists(st.integers(0, size), max_size=6))) if size else []
        if isinstance(what, bytes):
            for low, high in zip([0, *cuts], [*cuts, size], strict=True):
                trace.append(record(direction, what[low:high]))
        else:
            trace.append(record(direction, what))
    pieces = Decoder(trace)
    while pieces.update():
        pass
    for unit in pieces.units:
        check(unit)
    assert seen(pieces.units) == seen(decode(*steps).units)


@given(conversations())
@settings(max_examples=100)
def test_byte_by_byte_gives_the_same_units(steps):
    bytewise = []
    for direction, what in steps:
        parts = [what[at : at + 1] for at in range(len(what))] if isinstance(what, bytes) else [what]
        bytewise += [(direction, part) for part in parts]
    assert seen(decode(*bytewise).units) == seen(decode(*steps).units)


@st.composite
def messages(draw):
    """One to three frames that make a message, or a control frame."""
    kind = draw(st.sampled_from([TEXT, BINARY, CLOSE, PING, PONG]))
    if kind is CLOSE:
        reason = draw(st.text(max_size=20)).encode()
        return [Frame(CLOSE, draw(st.integers(3000, 4999)).to_bytes(2, "big") + reason)]
    if kind in (PING, PONG):
        return [Frame(kind, draw(st.binary(max_size=125)))]
    content = draw(st.text(max_size=60)).encode() if kind is TEXT else draw(st.binary(max_size=300))
    cuts = sorted(draw(st.lists(st.integers(0, len(content)), max_size=2)))
    parts = [content[low:high] for low, high in zip([0, *cuts], [*cuts, len(content)], strict=True)]
    return [Frame(CONT if at else kind, part, fin=at == len(parts) - 1) for at, part in enumerate(parts)]


@given(st.lists(messages(), max_size=6), directions, st.booleans(), st.booleans(), st.integers(9, 15))
@settings(max_examples=100)
def test_frames_of_websockets_decode_to_what_they_were(talk, direction, deflate, forgets, bits):
    talk = sorted(talk, key=lambda frames: frames[0].opcode is CLOSE)
    side = "client" if direction is UP else "server"
    extensions, headers = [], []
    if deflate:
        extensions = [PerMessageDeflate(False, forgets, 15, bits)]
        takeover = f"; {side}_no_context_takeover" if forgets else ""
        headers = [f"Sec-WebSocket-Extensions: permessage-deflate; {side}_max_window_bits={bits}{takeover}"]
    sent = [frame for frames in talk for frame in frames]
    data = b"".join(frame.serialize(mask=direction is UP, extensions=extensions) for frame in sent)
    units = above_tcp((UP, upgrade()), (DOWN, switch(*headers)), (direction, data))[2:]
    assert [unit.error for unit in units if unit.error and "no data frame may" not in unit.error] == []
    assert [(unit.detail.opcode, unit.detail.is_last, unit.detail.data) for unit in units] == [
        (frame.opcode, frame.fin, bytes(frame.data)) for frame in sent
    ]


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
)
blobs = st.binary(max_size=20)
values = st.recursive(
    scalars | blobs,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
namespaces = st.sampled_from(["/", "/admin", "/größe"])
sendable = st.one_of(
    st.builds(SocketioPacket, st.just(EVENT), st.lists(values, max_size=3).map(lambda args: ["say", *args]),
              namespaces, st.none() | st.integers(0, 999)),
    st.builds(SocketioPacket, st.just(ACK), st.lists(values, max_size=3), namespaces, st.integers(0, 999)),
    st.builds(SocketioPacket, st.just(CONNECT), st.none() | st.dictionaries(st.text(max_size=4), scalars),
              namespaces),
    st.builds(SocketioPacket, st.just(CONNECT_ERROR), st.text() | st.just({"message": "no"}), namespaces),
    st.builds(SocketioPacket, st.just(DISCONNECT), st.none(), namespaces),
)  # fmt: skip


def restored(value, blobs):
    """The JSON value of a decoded packet with its attachments put back."""
    if isinstance(value, list):
        return [restored(item, blobs) for item in value]
    if isinstance(value, dict):
        return {name: restored(item, blobs) for name, item in value.items()}
    return blobs[value.number] if hasattr(value, "number") else value


@given(st.lists(sendable, min_size=1, max_size=4), st.booleans())
@settings(max_examples=150)
def test_packets_of_python_socketio_decode_to_what_they_were(sent, polling):
    encoded = [part for packet in sent for part in _parts(packet)]
    if polling:
        body = "\x1e".join("4" + part if isinstance(part, str) else _base64(part) for part in encoded)
        units = above_tcp((UP, request(POLL)), (DOWN, response(body.encode())))
    else:
        frames = [
            Frame(TEXT, b"4" + part.encode()) if isinstance(part, str) else Frame(BINARY, part)
            for part in encoded
        ]
        data = b"".join(frame.serialize(mask=False) for frame in frames)
        units = above_tcp((UP, upgrade(SOCKET)), (DOWN, switch()), (DOWN, data))
    assert [unit.error for unit in units if unit.error] == []
    inside = [unit.detail for unit in units if unit.layer is Layer.SOCKETIO]
    heads = [detail for detail in inside if detail.kind != "sio.attachment"]
    assert len(inside) == len(encoded)
    for packet, head in zip(sent, heads, strict=True):
        attachments = [detail.data for detail in inside if getattr(detail, "packet", None) is head]
        number = None if head.id is None else int(head.id)
        assert (head.type, head.namespace, number) == (packet.packet_type, packet.namespace, packet.id)
        assert restored(head.data, attachments) == packet.data


def _parts(packet):
    encoded = packet.encode()
    return encoded if isinstance(encoded, list) else [encoded]


def _base64(data):
    return EngineioPacket(MESSAGE, data).encode(b64=True)
