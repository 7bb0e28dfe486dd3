"""The handmade WebSocket, held against RFC 6455, section by section of Autobahn, and against `websockets`."""

import asyncio
import random
import re
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from websockets.asyncio.client import connect
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN, SERVER, Protocol

from builder.lesson import Course
from handmade import l02_inside_the_wire
from handmade.l02_inside_the_wire import Closed, Connection, Reply, frame, handshake
from wirelab import bench
from wirelab.middlebox import port_of
from wirelab.serve import serve_echo

CONT, TEXT, BINARY, CLOSE, PING, PONG = Opcode
SOURCES = Path(__file__).resolve().parents[1] / "lessons_src"
KEY = bytes.fromhex("37fa213d")
REQUEST = (
    b"GET /chat HTTP/1.1\r\nHost: example.org\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def up(opcode, payload=b"", fin=1):
    return frame(opcode, payload, KEY, fin)


def close(code, reason=b""):
    return code.to_bytes(2, "big") + reason


def events(*chunks):
    """What a connection makes of the bytes; the end without its wording."""
    connection = Connection()
    found = [event for chunk in chunks for event in connection.receive(chunk)]
    return [event.args[0] if isinstance(event, Closed) else sent(event) for event in found]


def sent(event):
    """The bytes of a reply; any other event as it is."""
    return event.frame if isinstance(event, Reply) else event


# --- The opening handshake, section 4 ---


def status(request):
    return int(handshake(request).split(b" ")[1])


def test_the_handshake_of_section_1_3():
    response = handshake(REQUEST)
    assert response.startswith(b"HTTP/1.1 101 ")
    assert b"\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in response


@pytest.mark.parametrize(
    "old, new, expected",
    [
        (b"Upgrade: websocket", b"upgrade: WebSocket", 101),
        (b"Connection: keep-alive, Upgrade", b"Connection: keep-alive\r\nConnection: Upgrade", 101),
        (b"Upgrade: websocket", b"Upgrade: h2c, websocket", 101),
        (b"Version: 13", b"Version: 13 ", 101),
        (b"25jZQ==", b"25jZQ== \t", 101),
        (b"GET", b"POST", 405),
        (b"HTTP/1.1", b"HTTP/1.0", 426),
        (b"Upgrade: websocket\r\n", b"", 426),
        (b"Upgrade: websocket", b"Upgrade: notwebsocketatall", 426),
        (b"keep-alive, Upgrade", b"close", 426),
        (b"keep-alive, Upgrade", b"no-upgrade", 426),
        (b"Version: 13", b"Version: 8", 426),
        (b"Host: example.org\r\n", b"", 400),
        (b"dGhlIHNhbXBsZSBub25jZQ==", b"", 400),
        (b"dGhlIHNhbXBsZSBub25jZQ==", b"dGhlIHNhbXBsZSBub25j", 400),
        (b"dGhlIHNhbXBsZSBub25jZQ==", b"\xe9hlIHNhbXBsZSBub25jZQ==", 400),
        (b"25jZQ==", b"25jZR==", 400),  # bits beyond the sixteenth byte
        (REQUEST, b"\r\n\r\n", 405),
    ],
)
def test_what_a_request_gets(old, new, expected):
    assert status(REQUEST.replace(old, new, 1)) == expected


def test_a_refusal_says_what_would_be_right():
    upgrade_required = handshake(REQUEST.replace(b"13", b"12"))
    for line in (b"Upgrade: websocket", b"Connection: Upgrade, close", b"Sec-WebSocket-Version: 13"):
        assert b"\r\n" + line + b"\r\n" in upgrade_required
    assert b"\r\nAllow: GET\r\n" in handshake(REQUEST.replace(b"GET", b"PUT"))


@given(st.binary())
def test_any_request_gets_an_answer(request):
    assert re.fullmatch(rb"HTTP/1\.1 4\d\d [^\r]+\r\n(.+\r\n)+\r\n", handshake(request))


# --- Frames, as the sections of Autobahn have them ---

SIZES = (0, 1, 125, 126, 127, 128, 65535, 65536)
VALID_CLOSE = (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999)
INVALID_CLOSE = (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)
REASON_123 = b"*" * 123

TABLE = {
    **{f"1.1 text of {n}": ([up(TEXT, b"*" * n)], ["*" * n]) for n in SIZES},
    **{f"1.2 binary of {n}": ([up(BINARY, b"\xfe" * n)], [b"\xfe" * n]) for n in SIZES},
    "2.1 empty ping": ([up(PING)], [frame(PONG, b"")]),
    "2.4 ping of 125": ([up(PING, b"\xfe" * 125)], [frame(PONG, b"\xfe" * 125)]),
    "2.5 ping of 126": ([up(PING, bytes(126))], [1002]),
    "2.7 a pong nobody asked for": ([up(PONG, b"hi"), up(PING, b"x")], [frame(PONG, b"x")]),
    "2.10 ten pings": ([up(PING, b"%d" % n) for n in range(10)], [frame(PONG, b"%d" % n) for n in range(10)]),
    **{f"3 RSV {bits:03b}": ([bytes([0x81 | bits << 4, 0x80]) + KEY], [1002]) for bits in range(1, 8)},
    "3.2 echo before the wrong frame": ([up(TEXT, b"a"), b"\xa1\x80" + KEY], ["a", 1002]),
    **{f"4 opcode {code}": ([up(code, b"x")], [1002]) for code in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)},
    "5.1 ping in parts": ([up(PING, b"a", 0), up(CONT, b"b")], [1002]),
    "5.3 text in two parts": ([up(TEXT, b"a", 0), up(CONT, b"b")], ["ab"]),
    "5.6 ping between": (
        [up(TEXT, b"a", 0), up(PING, b"p"), up(CONT, b"b")],
        [frame(PONG, b"p"), "ab"],
    ),
    "5.9 continuation of nothing": ([up(CONT, b"a")], [1002]),
    "5.12 the same, not final": ([up(CONT, b"a", 0)], [1002]),
    "5.15 after a message": ([up(TEXT, b"a", 0), up(CONT, b"b"), up(CONT, b"c", 0)], ["ab", 1002]),
    "5.18 text in a text": ([up(TEXT, b"a", 0), up(TEXT, b"b")], [1002]),
    "6.1 empty parts": ([up(TEXT, b"", 0), up(CONT, b"", 0), up(CONT, b"")], [""]),
    "6.2 a letter in four frames": (
        [up(TEXT, b"\xf0", 0), up(CONT, b"\x9f", 0), up(CONT, b"\x99", 0), up(CONT, b"\x82")],
        ["🙂"],
    ),
    "6.3 invalid": ([up(TEXT, b"\xce\xba\xed\xa0\x80edited")], [1007]),
    "6.4.1 invalid part, then waiting": ([up(TEXT, b"\xce\xba", 0), up(CONT, b"\xf4\x90", 0)], [1007]),
    "6.4.3 invalid in an unfinished frame": ([up(TEXT, b"ok\xf4\x90\x80\x80ok")[: 6 + 4]], [1007]),
    "6.6 half a letter at the end": ([up(TEXT, b"\xe2\x82")], [1007]),
    "6.9 U+FFFF": ([up(TEXT, "\uffff".encode())], ["\uffff"]),
    "6.11 overlong": ([up(TEXT, b"\xc0")], [1007]),
    "7.1.2 two closes": ([up(CLOSE, close(1000)), up(CLOSE, close(1000))], [frame(CLOSE, close(1000)), 1000]),
    "7.1.3 ping after close": ([up(CLOSE, close(1000)), up(PING)], [frame(CLOSE, close(1000)), 1000]),
    "7.1.5 close inside a message": ([up(TEXT, b"a", 0), up(CLOSE)], [frame(CLOSE, b""), 1005]),
    "7.3.1 close with nothing": ([up(CLOSE)], [frame(CLOSE, b""), 1005]),
    "7.3.2 close of one byte": ([up(CLOSE, b"a")], [1002]),
    "7.3.5 reason of 123": (
        [up(CLOSE, close(1000, REASON_123))],
        [frame(CLOSE, close(1000, REASON_123)), 1000],
    ),
    "7.3.6 reason of 124": ([up(CLOSE, close(1000, b"*" * 124))], [1002]),
    "7.5.1 reason not UTF-8": ([up(CLOSE, close(1000, b"\xce\xed\xa0\x80"))], [1007]),
    **{f"7.7 code {n}": ([up(CLOSE, close(n))], [frame(CLOSE, close(n)), n]) for n in VALID_CLOSE},
    **{f"7.9 code {n}": ([up(CLOSE, close(n))], [1002]) for n in INVALID_CLOSE},
    "5.1 not masked": ([frame(TEXT, b"a")], [1002]),
    "5.2 length 5 in two bytes": ([b"\x81\xfe\x00\x05" + KEY + b"Hello"], [1002]),
    "5.2 length 65,535 in eight bytes": ([b"\x82\xff" + (65535).to_bytes(8, "big") + KEY], [1002]),
    "5.2 length with the first bit set": ([b"\x82\xff" + (1 << 63).to_bytes(8, "big") + KEY], [1002]),
    "10 over 32 MiB, at once": ([b"\x82\xff" + (32 * 1024 * 1024 + 1).to_bytes(8, "big") + KEY], [1009]),
}


@pytest.mark.parametrize("frames, expected", TABLE.values(), ids=TABLE)
def test_the_reaction_to(frames, expected):
    stream = b"".join(frames)
    whole, bytewise = events(stream), events(*(stream[n : n + 1] for n in range(min(len(stream), 2000))))
    failed = expected[-1] in (1002, 1007, 1009) and not isinstance(expected[-1], bytes)
    if failed and not (len(whole) >= 2 and whole[-2] == frame(CLOSE, close(expected[-1]))):
        goodbye = whole.pop(-2)
        assert goodbye[:1] + goodbye[2:4] == b"\x88" + close(expected[-1])
    assert whole == expected
    if len(stream) <= 2000 and not failed:
        assert bytewise == whole


@pytest.mark.parametrize("inside", [False, True])
def test_which_first_bytes_are_allowed(inside):
    """All 256, against the rules as sections 5.2, 5.4 and 5.5 say them."""
    for first in range(256):
        fin, reserved, opcode = first >> 7, first & 0x70, first & 0x0F
        allowed = opcode in (([CONT] if inside else [TEXT, BINARY]) + ([CLOSE, PING, PONG] if fin else []))
        before = up(TEXT, b"a", 0) if inside else b""
        found = events(before + bytes([first, 0x80]) + KEY)
        assert (found[-1:] != [1002]) == (allowed and not reserved), f"{first:08b}"


@pytest.mark.parametrize("size", SIZES)
def test_a_frame_is_written_as_the_library_writes_it(size):
    payload = bytes(size)
    assert frame(BINARY, payload) == Frame(BINARY, payload).serialize(mask=False)
    assert frame(TEXT, payload, KEY, 0)[: -size or None][-4:] == KEY


def test_a_message_in_parts_is_measured_as_a_whole():
    connection = Connection(limit=10)
    assert list(connection.receive(up(TEXT, b"12345", 0) + up(CONT, b"67890"))) == ["1234567890"]
    *_, end = connection.receive(up(TEXT, b"12345", 0) + up(CONT, b"678901"))
    assert end.args[0] == 1009


def test_who_has_said_goodbye_does_not_say_it_again():
    connection = Connection()
    assert connection.close(4000, "done") == frame(CLOSE, close(4000, b"done"))
    (end,) = connection.receive(up(CLOSE, close(4000, b"done")))
    assert end.args == (4000, "done")


# --- Properties ---

messages = st.lists(st.one_of(st.text(), st.binary()), max_size=8)
controls = st.lists(st.tuples(st.sampled_from([PING, PONG]), st.binary(max_size=125)), max_size=2)


@st.composite
def traffic(draw):
    """Valid frames of a client: messages in parts of any size, with pings and pongs between."""
    frames = []
    for message in draw(messages):
        payload, opcode = (message.encode(), TEXT) if isinstance(message, str) else (message, BINARY)
        cuts = sorted(draw(st.lists(st.integers(0, len(payload)), max_size=4)))
        pairs = list(zip([0, *cuts], [*cuts, len(payload)], strict=True))
        for number, (start, end) in enumerate(pairs):
            frames += [up(*control) for control in draw(controls)]
            last = number == len(pairs) - 1
            frames.append(up(CONT if number else opcode, payload[start:end], int(last)))
    return b"".join(frames)


def judged_by_websockets(stream):
    """Messages and bytes to send, in the eyes of the library."""
    library = Protocol(SERVER, state=OPEN, max_size=None)
    library.receive_data(stream)
    found, whole, kind = [], b"", None
    for each in library.events_received():
        if each.opcode in (TEXT, BINARY):
            kind, whole = each.opcode, b""
        if each.opcode in (TEXT, BINARY, CONT):
            whole += each.data
            if each.fin:
                found.append(whole.decode() if kind == TEXT else bytes(whole))
    return found, b"".join(library.data_to_send())


@given(traffic())
def test_valid_traffic_is_read_as_websockets_reads_it(stream):
    found = list(Connection().receive(stream))
    replies = b"".join(event.frame for event in found if isinstance(event, Reply))
    assert ([event for event in found if not isinstance(event, Reply)], replies) == judged_by_websockets(
        stream
    )


@given(st.one_of(traffic(), st.binary(), traffic().map(lambda s: s[:-1] + b"\xff\xff")), st.data())
def test_it_does_not_matter_how_tcp_cuts(stream, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    chunks = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert events(*chunks) == events(stream)


@example(b"\xed\xa0")  # a surrogate, which the standard library's decoder notices a byte later
@given(st.binary(max_size=40))
def test_text_is_refused_at_the_byte_that_is_wrong(payload):
    """Not a byte later than a decoder that is fed one byte at a time."""
    connection, head = Connection(), up(TEXT, payload + b"more")[:6]
    assert list(connection.receive(head)) == []
    masked = up(TEXT, payload + b"more")[6:]
    for count in range(1, len(payload) + 1):
        ended = list(connection.receive(masked[count - 1 : count])) != []
        assert ended == cannot_become_text(payload[:count])
        if ended:
            return


def cannot_become_text(start):
    """Whether no continuation makes it UTF-8: tried with every way to end the last letter."""
    for end in (b"", b"\x80", b"\x80\x80", b"\x80\x80\x80", b"\xa0\x80", b"\x90\x80\x80"):
        try:
            (start + end).decode()
        except UnicodeDecodeError:
            continue
        return False
    return True


# --- The server, over TCP ---


async def talk(port, *chunks, opening=REQUEST):
    """All bytes that come back after the response, until the server ends the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(opening)
        response = await reader.readuntil(b"\r\n\r\n")
        for chunk in chunks:
            writer.write(chunk)
            await writer.drain()
        return response, await asyncio.wait_for(reader.read(), 5)
    finally:
        writer.close()


async def test_the_server_echoes_in_order_and_ends_tcp_itself():
    sent = [up(TEXT, "größer".encode()), up(PING, b"p"), up(BINARY, b"\0" * 70_000), up(CLOSE, close(4000))]
    wanted = [
        frame(TEXT, "größer".encode()),
        frame(PONG, b"p"),
        frame(BINARY, b"\0" * 70_000),
        frame(CLOSE, close(4000)),
    ]
    async with serve_echo() as server:
        response, rest = await talk(port_of(server), *sent)
    assert response.startswith(b"HTTP/1.1 101 ")
    assert rest == b"".join(wanted)


async def test_nothing_is_lost_when_the_client_goes_on_talking_after_the_close():
    async with serve_echo() as server:
        _, rest = await talk(
            port_of(server), up(TEXT, b"x" * 100_000) + up(CLOSE) + up(BINARY, bytes(500_000))
        )
    assert rest == frame(TEXT, b"x" * 100_000) + frame(CLOSE, b"")


async def test_the_server_fails_fast_inside_an_unfinished_frame():
    async with serve_echo() as server:
        _, rest = await talk(port_of(server), up(TEXT, b"\xff" + bytes(1000))[:9])
    assert rest[:4] == b"\x88" + bytes([len(rest) - 2]) + close(1007)


async def test_a_wrong_request_is_told_so_and_closed():
    async with serve_echo() as server:
        response, rest = await talk(port_of(server), opening=b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert response.startswith(b"HTTP/1.1 426 ")
    assert rest == b""


async def test_a_server_that_stops_says_1001():
    async with serve_echo() as server:
        client = await connect(bench.url(server))
        await client.send("still here")
        assert await client.recv() == "still here"
    await asyncio.wait_for(client.wait_closed(), 5)
    assert client.close_code == 1001


async def test_messages_up_to_32_mib():
    limit = 32 * 1024 * 1024
    async with serve_echo() as server:
        client = await connect(bench.url(server), max_size=None, compression=None)
        message = random.Random(1).randbytes(limit)
        await client.send(message)
        assert await client.recv() == message
        await client.send("x" * (limit + 1))
        await asyncio.wait_for(client.wait_closed(), 5)
    assert client.close_code == 1009


async def test_it_starts_from_a_command_line():
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "wirelab.serve", "echo"),
        cwd=SOURCES,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 10)
        async with connect(line.split()[-1].decode()) as client:
            await client.send("Hello")
            assert await client.recv() == "Hello"
    finally:
        process.kill()
        await process.communicate()  # closes the pipe, too


# --- The lesson's own server, which is no part of the module ---


@pytest.fixture
async def lesson():
    """The lesson's server, and what asyncio has to say about it."""
    shell = vars(l02_inside_the_wire) | {"asyncio": asyncio}
    (source,) = (each for each in Course(SOURCES.parent).lessons() if each.number == "02")
    for cell in source.cells:
        if cell.source.startswith(("async def echo_messages", "async def handmade_echo")):
            exec(cell.source, shell)
    complaints = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    async with await asyncio.start_server(shell["handmade_echo"], "127.0.0.1", 0) as server:
        yield server, complaints


async def test_the_lessons_server_ends_in_silence_after_a_goodbye(lesson):
    server, complaints = lesson
    for _ in range(20):
        async with connect(bench.url(server), compression=None) as client:
            await client.send("Hello")
            assert await client.recv() == "Hello"
            await client.close(4000, "seen enough")
        assert (client.close_code, client.close_reason) == (4000, "seen enough")
    await asyncio.sleep(0.1)
    assert complaints == []


@pytest.mark.parametrize("begun", [b"", REQUEST[:20], REQUEST, REQUEST + up(TEXT, b"Hello")[:4]])
async def test_the_lessons_server_does_not_mind_who_hangs_up(lesson, begun):
    server, complaints = lesson
    _, writer = await asyncio.open_connection("127.0.0.1", port_of(server))
    writer.write(begun)
    await asyncio.sleep(0.05)
    writer.transport.abort()
    await asyncio.sleep(0.1)
    assert complaints == []


async def test_the_lessons_server_closes_on_a_request_without_end(lesson):
    server, complaints = lesson
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(server))
    writer.write(b"x" * 200_000)
    with suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()
    assert complaints == []
