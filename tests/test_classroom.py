"""The class: sixty official clients over real TCP, hostile ones among them; each limit; no door left open."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import struct
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest
from websockets import ConnectionClosed
from websockets.asyncio.client import connect

from wirelab import bench, classroom
from wirelab.classroom.doors import Doors
from wirelab.classroom.limits import Bucket, Limits
from wirelab.classroom.model import Class
from wirelab.classroom.network import addresses, choose
from wirelab.classroom.phases import Phase
from wirelab.classroom.roll import Roll
from wirelab.classroom.site import is_address
from wirelab.classroom.texts import Refused, clean, clean_name, is_code, new_code
from wirelab.process import Peer
from wirelab.process.spawning import NODE, SOURCE, reaper
from wirelab.waiting import until

HERE = "127.0.0.1"
QUICK = {"ping_interval": 1, "ping_timeout": 1, "idle_seconds": 1, "stranger_seconds": 1}
PATIENCE = 15
ENGINE = "/socket.io/?EIO=4&transport="
KEY = "key of a stranger"
UPGRADE = (
    f"GET {ENGINE}websocket HTTP/1.1\r\nHost: {HERE}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
).encode()


@asynccontextmanager
async def opened(**limits: Any) -> AsyncIterator[Class]:
    """A class, which must not have failed in itself, whatever came over the wire."""
    async with Class(Limits(**{**QUICK, "wrong_code_seconds": 0.1, **limits}), HERE) as room:
        yield room
        assert room.faults == []


@asynccontextmanager
async def pupils() -> AsyncIterator[Peer]:
    async with Peer(NODE, str(Path(__file__).with_name("classroom_clients.mjs"))) as peer:
        yield peer


def raw(room: Class) -> Any:
    """A WebSocket to the class's engine."""
    return connect(f"ws://{HERE}:{room.port}{ENGINE}websocket", proxy=None, max_size=None)


async def joined(room: Class, websocket: Any, **auth: Any) -> str:
    """What the server answers to a CONNECT with this `auth`."""
    await websocket.recv()
    await websocket.send("40" + json.dumps({"code": room.code, "key": KEY, "name": "Mallory", **auth}))
    return await answer(websocket)


async def answer(websocket: Any) -> str:
    """The next packet that is no ping."""
    while (packet := await asyncio.wait_for(websocket.recv(), PATIENCE)) == "2":
        await websocket.send("3")
    return packet


async def end_of(websocket: Any) -> int:
    """The code with which the server closes."""
    with contextlib.suppress(ConnectionClosed):
        async with asyncio.timeout(PATIENCE):
            while True:
                await websocket.recv()
    return websocket.close_code


async def refused(room: Class, kind: str, times: int = 1) -> None:
    """Wait until the teacher's notebook knows of so many refusals of that kind."""
    await until(lambda: room.state["refused"].get(kind, 0) >= times, PATIENCE)


async def lets_nobody_in(room: Class) -> None:
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(HERE, room.port)


# Without a network


def test_a_bucket_gives_so_many_at_once_and_so_many_a_second():
    now = [0.0]
    bucket = Bucket(2, 3, lambda: now[0])
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    now[0] = 0.5
    assert [bucket.take() for _ in range(2)] == [True, False]
    now[0] = 100
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  Ann\n\tLee ", "Ann Lee"),
        ("<b>Ann</b>", "<b>Ann</b>"),
        ("A\u202enn\u2066a\x00\x1b[31m", "Anna[31m"),
        ("x" + "\u0301" * 50, "x\u0301\u0301\u0301"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("Ａｎｎ", "Ann"),
    ],
)
def test_a_name_is_text_in_one_line(written, kept):
    assert clean_name(written, 24) == kept


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (None, "has to be text"),
        (["Ann"], "has to be text"),
        (" \n\u200d", "is empty"),
        ("x" * 25, "at most 24 letters"),
        ("x" * 10**6, "at most 24 letters"),
        ("Teacher", "somebody else"),
        ("ｔｅａｃｈｅｒ", "somebody else"),
    ],
)
def test_a_name_that_is_none_is_refused_with_a_reason(written, why):
    with pytest.raises(Refused, match=why):
        clean_name(written, 24)


def test_a_text_keeps_its_letters():
    assert clean("Grüße, 世界! <script>", 300, "A message") == "Grüße, 世界! <script>"


def test_the_code_is_typed_as_people_type():
    code = new_code()
    for said in (code, code.upper(), code.replace("-", ""), f" {code.replace('-', ' ')} "):
        assert is_code(said, code)
    for said in (code[:-1], code + "a", "", None, 7, [code], "\ud800", "x" * 10**6, {"code": code}):
        assert not is_code(said, code)
    assert len({new_code() for _ in range(100)}) == 100


def test_the_roll_numbers_those_of_one_name_and_knows_who_comes_back():
    roll = Roll(3)

    class Socket:
        rooms: tuple[str, ...] = ()

    a, b = Socket(), Socket()
    assert roll.enter("a", "Ann", a).name == "Ann"
    assert roll.enter("b", "ann", b).name == "ann (2)"
    roll.lose("a", b)
    assert len(roll.here) == 2, "a connection that was not hers"
    roll.lose("a", a)
    assert [pupil.name for pupil in roll.here] == ["ann (2)"]
    back = roll.enter("a", "Ann", Socket())
    assert (back.name, len(roll.everybody)) == ("Ann", 2)
    assert back.id != "a"
    for number in range(20):
        key = f"k{number}"
        roll.enter(key, "Zoe", b)
        roll.lose(key, b)
    assert len(roll.everybody) <= 2 + 3


@pytest.mark.parametrize("host", ["127.0.0.1:80", "192.168.1.5", "[::1]:8000", "localhost:1"])
def test_a_host_that_is_a_number_is_the_class(host):
    assert is_address(host)


@pytest.mark.parametrize("host", ["evil.example:80", "evil.example", "", "127.0.0.1.evil.example", "1.2.3"])
def test_a_host_that_is_a_name_is_not(host):
    assert not is_address(host)


def test_the_address_is_one_of_this_machine_and_never_all_of_them():
    for wanted in ("0.0.0.0", "::", "everywhere", ""):
        with pytest.raises(ValueError, match="Choose one of"):
            choose(wanted)
    assert choose(HERE) == HERE
    assert HERE not in addresses()


@pytest.mark.parametrize("pupils", [0, -1, 201])
def test_a_class_has_a_size(pupils):
    with pytest.raises(ValueError, match="from 1 to 200"):
        Limits(pupils=pupils)


def test_without_a_network_nobody_is_let_in_by_mistake(monkeypatch):
    monkeypatch.setattr("wirelab.classroom.network.addresses", list)
    with pytest.raises(ConnectionError, match="in no network"):
        choose(None)


def test_the_whole_internet_is_let_in_by_nobody_who_did_not_say_so(monkeypatch):
    """A public address has to be named; one of the room comes before it."""
    found = ["9.9.9.9"]
    monkeypatch.setattr("wirelab.classroom.network.addresses", lambda: found)
    with pytest.raises(ConnectionError, match="the whole internet"):
        choose(None)
    assert choose("9.9.9.9") == "9.9.9.9"
    found.insert(0, "192.168.1.5")
    assert choose(None) == "192.168.1.5"


# A class of sixty

NAMES = [f"Pupil {number:02}" for number in range(60)]


async def test_a_class_of_sixty_with_hostile_ones_among_them():
    """Sixty hear each other, see Kill, Freeze and Restart and come back; hostile ones change nothing."""
    async with pupils() as crowd:
        async with opened(pupils=60, idle_per_address=80) as room:
            hostile = asyncio.create_task(misbehave(room))
            assert await crowd.call("join", room.site, room.code, NAMES, {}) == dict.fromkeys(NAMES, "in")
            assert await crowd.call("join", room.site, room.code, ["Late"], {}) == {
                "Late": "The class is full: 60 of 60 are here."
            }
            await until(lambda: len(room.here) == 60, PATIENCE)
            assert {one["name"] for one in room.here} == set(NAMES)

            saying = [crowd.call("say", name, f"hello from {name}", []) for name in NAMES]
            said = await asyncio.gather(*saying)
            assert said == [{"ok": True, "sent": 60}] * 60
            for name in NAMES:
                await crowd.call("heard", NAMES, f"{name}: hello from {name}")
            assert await crowd.call("act", NAMES[0], "room", "gold", True) == {"ok": True, "rooms": ["gold"]}
            assert await room.say("To gold alone", "gold") == 1
            await crowd.call("heard", NAMES[:1], "the teacher: To gold alone")
            saw = await hostile
            assert saw == EXPECTED
            await refused(room, "too large a message", 2)  # by WebSocket and by POST

            await room.press("kill")
            await crowd.call("lost", NAMES)
            await room.press("restart")
            await crowd.call("connected", NAMES)
            await until(lambda: len(room.here) == 60, PATIENCE)
            assert all(one["rooms"] == [] for one in room.here), "a new server knows no rooms"

            await room.press("freeze")
            await crowd.call("lost", NAMES)
            await room.press("thaw")
            await crowd.call("connected", NAMES)
            await until(lambda: len(room.here) == 60, PATIENCE)
            assert len(room.people) == 60

            process = psutil.Process(room._peer._process.pid)
            await room.press("close")
            await crowd.call("lost", NAMES)
            seen = await crowd.call("seen", NAMES)
            assert not process.is_running()
            await lets_nobody_in(room)
        assert room.phase is Phase.CLOSED
        for name in NAMES:
            each = seen[name]
            assert each["welcomes"] == [name] * 3
            assert each["losses"] == ["transport close", "ping timeout", "io server disconnect"]
            assert each["goodbye"] == "over"
            assert Counter(each["texts"]).most_common(1)[0][1] == 1, "heard twice"
            assert len([text for text in each["texts"] if "hello" in text]) == 60


EXPECTED = {
    "no code": "code",
    "wrong code": "code",
    "guesses": "code",
    "no JSON": "closed",
    "oversized": 1009,
    "oversized post": 413,
    "another namespace": "Invalid namespace",
    "a foreign page": 400,
    "a foreign name": 421,
    "outside": [404, 404, 405],
    "no HTTP": ["400"] * 4,
}


async def misbehave(room: Class) -> dict[str, Any]:
    """All that strangers without the code try, at the same time; what each of them sees."""
    idlers = [await asyncio.open_connection(HERE, room.port) for _ in range(150)]
    saw = dict(
        zip(
            EXPECTED,
            await asyncio.gather(
                knock(room, {"code": None}),
                knock(room, {"code": "aaaaa-aaaaa"}),
                guess(room),
                babble(room),
                shout(room),
                post_too_much(room),
                ask_for_a_namespace(room),
                come_from_elsewhere(room),
                ask_by_name(room),
                look_around(room),
                speak_no_http(room),
            ),
            strict=True,
        )
    )
    for reader, writer in idlers:
        assert await asyncio.wait_for(reader.read(), PATIENCE) == b""
        writer.close()
    return saw


def why(packet: str) -> str:
    return json.loads(packet[2:])["data"]["why"]


async def knock(room: Class, auth: dict[str, Any]) -> str:
    async with raw(room) as websocket:
        return why(await joined(room, websocket, **auth))


async def guess(room: Class) -> str:
    """Thirty guesses over one connection are one at a time; none is right."""
    async with raw(room) as websocket:
        answers = {why(await joined(room, websocket, code="bbbbb-bbbbb"))}
        for number in range(3):
            await websocket.send("40" + json.dumps({"code": f"ccccc-cccc{number}"}))
            answers.add(why(await answer(websocket)))
    return " ".join(answers)


async def babble(room: Class) -> str:
    for packet in ("hello", "4", "42[", '42["say"]', "40[]", "40{" * 500, "451-[1]", b"\x00\xff"):
        async with raw(room) as websocket:
            await websocket.recv()
            await websocket.send(packet)
            await end_of(websocket)
    return "closed"


async def shout(room: Class) -> int:
    async with raw(room) as websocket:
        await websocket.recv()
        with contextlib.suppress(Exception):
            await websocket.send("4" * 1_000_000)
        return await end_of(websocket)


async def post_too_much(room: Class) -> int:
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{room.site}{ENGINE}polling") as response:
            sid = json.loads((await response.text())[1:])["sid"]
        async with session.post(f"{room.site}{ENGINE}polling&sid={sid}", data="4" * 1_000_000) as response:
            return response.status


async def ask_for_a_namespace(room: Class) -> str:
    async with raw(room) as websocket:
        await websocket.recv()
        await websocket.send("40/admin," + json.dumps({"code": room.code}))
        return json.loads((await answer(websocket)).partition(",")[2])["message"]


async def come_from_elsewhere(room: Class) -> int:
    async with aiohttp.ClientSession(headers={"Origin": "http://evil.example"}) as session:
        try:
            await session.ws_connect(f"{room.site}{ENGINE}websocket")
        except aiohttp.WSServerHandshakeError as refusal:
            return refusal.status
    return 101


async def ask_by_name(room: Class) -> int:
    async with (
        aiohttp.ClientSession(headers={"Host": "evil.example"}) as session,
        session.get(room.site) as response,
    ):
        return response.status


async def look_around(room: Class) -> list[int]:
    async with aiohttp.ClientSession() as session:
        statuses = []
        for path in ("/../../etc/passwd", "/%2e%2e/pyproject.toml"):
            async with session.get(room.site + path) as response:
                statuses.append(response.status)
        async with session.put(room.site) as response:
            return [*statuses, response.status]


async def speak_no_http(room: Class) -> list[str]:
    """TLS, a head that is too long, one without a host, a body of no known length."""
    post = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
    long = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"x" * 20_000 + b"\r\n\r\n"
    statuses = []
    for request in (b"\x16\x03\x01 hello\r\n\r\n", long, b"GET / HTTP/1.1\r\n\r\n", post):
        reader, writer = await asyncio.open_connection(HERE, room.port)
        writer.write(request)
        said = (await asyncio.wait_for(reader.read(4096), PATIENCE)).decode()
        writer.close()
        assert "Traceback" not in said
        statuses.append(said.split()[1])
    await refused(room, "speaks no HTTP", 3)
    return statuses


# Each limit


async def test_who_says_too_much_hears_it_and_who_floods_is_out():
    async with opened(pupils=2, texts_at_once=3, packets_at_once=20) as room, pupils() as crowd:
        await crowd.call("join", room.site, room.code, ["Ann"], {})
        said = [await crowd.call("say", "Ann", f"text {number}", []) for number in range(5)]
        assert [each["ok"] for each in said] == [True, True, True, False, False]
        assert said[-1]["why"] == "Too fast: wait a moment."
        await refused(room, "Too fast: wait a moment.", 2)
        async with raw(room) as websocket:
            assert (await joined(room, websocket))[:2] == "40"
            for _ in range(200):
                with contextlib.suppress(Exception):
                    await websocket.send('42["say","spam",[]]')
            await end_of(websocket)
        await refused(room, "floods")
        await until(lambda: len(room.here) == 1)
        seen = (await crowd.call("seen", ["Ann"]))["Ann"]
        assert len([text for text in seen["texts"] if "spam" in text]) <= 3
        assert seen["losses"] == []


async def test_hostile_texts_are_texts_and_others_are_refused():
    async with opened(pupils=2, texts_at_once=50, text_letters=300) as room, pupils() as crowd:
        await crowd.call("join", room.site, room.code, ["<img src=x onerror=alert(1)>"[:24]], {})
        name = "<img src=x onerror=alert(1)>"[:24]
        markup = "<script>alert(1)</script>"
        assert (await crowd.call("say", name, markup, []))["ok"]
        await crowd.call("heard", [name], f"{name}: {markup}")
        for event in (
            ["say"],
            ["say", "x"],
            ["say", {"text": "x"}, []],
            ["say", "x" * 301, []],
            ["say", "", []],
            ["say", "x", ["gold", "cellar"]],
            ["say", "x", "gold"],
            ["say", "x", [[]]],
            ["room", "cellar", True],
            ["room", "gold", "yes"],
            ["room"],
        ):
            answered = await crowd.call("act", name, *event)
            assert answered["ok"] is False, event
            assert answered["why"]
        assert (await crowd.call("seen", [name]))[name]["losses"] == []


async def test_a_seat_is_free_again_and_one_key_has_one_seat():
    async with opened(pupils=2) as room, pupils() as crowd:
        assert set((await crowd.call("join", room.site, room.code, ["Ann", "Bob"], {})).values()) == {"in"}
        assert "full" in (await crowd.call("join", room.site, room.code, ["Cid"], {}))["Cid"]
        await until(lambda: len(room.here) == 2)
        async with raw(room) as websocket:
            assert (await joined(room, websocket, key="key of Ann", name="Ann"))[:2] == "40"
            await crowd.call("lost", ["Ann"])
            seen = (await crowd.call("seen", ["Ann"]))["Ann"]
            assert (seen["goodbye"], seen["losses"]) == ("taken", ["io server disconnect"])
        await crowd.call("leave", ["Bob"])
        await until(lambda: [(one["name"], one["here"]) for one in room.people.values()] == [("Ann", False)])
        assert await crowd.call("join", room.site, room.code, ["Dan", "Eve"], {}) == dict.fromkeys(
            ["Dan", "Eve"], "in"
        )
        await until(lambda: len(room.here) == 2)
        out, key = room.here[0]["name"], room.here[0]["id"]
        await room.send_out(key)
        await crowd.call("lost", [out])
        assert "sent you out" in (await crowd.call("join", room.site, room.code, [out], {}))[out]


async def test_idle_connections_make_room_and_end():
    async with opened(pupils=2, idle_per_address=10, idle_seconds=1.6) as room, pupils() as crowd:
        idle = [await asyncio.open_connection(HERE, room.port) for _ in range(30)]
        idle[-1][1].write(b"GET / HTTP/1.1\r\nHost: 127.0")
        began = time.monotonic()
        assert await crowd.call("join", room.site, room.code, ["Ann", "Bob"], {}) == dict.fromkeys(
            ["Ann", "Bob"], "in"
        )
        assert time.monotonic() - began < 1.5, "they waited for the idle ones"
        for reader, writer in idle:
            with contextlib.suppress(ConnectionError):
                assert await asyncio.wait_for(reader.read(), PATIENCE) == b""
            writer.close()
        await refused(room, "too many connections that ask for nothing", 20)
        assert len(room.here) == 2


async def test_a_guess_costs_a_second_and_who_leaves_is_not_kept():
    async with opened(wrong_code_seconds=0.6, stranger_seconds=30, ping_interval=30) as room:
        async with raw(room) as websocket:
            await websocket.recv()
            began = time.monotonic()
            await websocket.send('40{"code":"aaaaa-aaaaa"}')
            assert why(await answer(websocket)) == "code"
            assert time.monotonic() - began >= 0.6
        async with raw(room) as websocket:
            assert (await joined(room, websocket))[:2] == "40"
            await websocket.send("41")
            await end_of(websocket)
            await until(lambda: "speaks no Socket.IO" not in room.state["refused"] and not room.here)


async def test_pages_that_gave_up_a_frozen_server_are_no_attack():
    """Who waits at its door as it thaws is let go without a word to the teacher; later ones are counted."""
    kind = "too many connections that ask for nothing"
    async with opened(pupils=9, idle_per_address=10, idle_seconds=60) as room:
        nothing_yet = room.state
        await until(lambda: room.state is not nothing_yet)
        await room.press("freeze")
        early = [await asyncio.open_connection(HERE, room.port) for _ in range(30)]
        await asyncio.sleep(2)
        await room.press("thaw")
        for reader, _ in early[:20]:
            assert await asyncio.wait_for(reader.read(), PATIENCE) == b""
        await asyncio.sleep(2.5)
        assert room.state["refused"] == {}
        late = [await asyncio.open_connection(HERE, room.port) for _ in range(30)]
        await refused(room, kind, 30)
        for _, writer in early + late:
            writer.close()


async def test_strangers_make_room_and_end():
    async with opened(pupils=2, strangers_per_address=5, stranger_seconds=1.5) as room, pupils() as crowd:
        async with contextlib.AsyncExitStack() as stack:
            strangers = [await stack.enter_async_context(raw(room)) for _ in range(12)]
            assert (await crowd.call("join", room.site, room.code, ["Ann"], {})) == {"Ann": "in"}
            for stranger in strangers:
                await end_of(stranger)
        await refused(room, "too many strangers", 7)
        assert len(room.here) == 1


async def test_who_takes_nothing_is_let_go():
    """A pupil who never reads costs the server no memory: the others speak on."""
    limits = {"pupils": 9, "unread_bytes": 4096, "texts_at_once": 1000, "texts_per_second": 1000}
    slow = {"packets_at_once": 10_000, "ping_interval": 60, "ping_timeout": 60}
    async with opened(**limits, **slow) as room, pupils() as crowd:
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect((HERE, room.port))
        deaf.sendall(UPGRADE)
        auth = b"40" + json.dumps({"code": room.code, "key": KEY, "name": "Deaf"}).encode()
        deaf.sendall(bytes([0x81, 0x80 | 126, 0, len(auth), 0, 0, 0, 0]) + auth)
        await until(lambda: len(room.here) == 1, PATIENCE)
        await crowd.call("join", room.site, room.code, ["Ann"], {})
        many = 30
        while "takes nothing of what it is sent" not in room.state["refused"] and many:
            many -= 1
            await asyncio.gather(*(crowd.call("say", "Ann", "x" * 300, []) for _ in range(300)))
        await refused(room, "takes nothing of what it is sent")
        await until(lambda: [one["name"] for one in room.here] == ["Ann"], PATIENCE)
        deaf.close()


async def test_who_hangs_up_before_the_answer_is_no_fault():
    """While the server is frozen, clients come, ask, and give up."""
    async with opened() as room:
        await room.press("freeze")
        for _ in range(5):
            _, writer = await asyncio.open_connection(HERE, room.port)
            writer.write(UPGRADE)
            await writer.drain()
            writer.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
            writer.transport.abort()
        await room.press("thaw")
        async with raw(room) as websocket:
            assert (await joined(room, websocket))[:2] == "40"
        await until(lambda: room.people != {})


async def test_who_runs_the_cell_again_sends_nobody_home():
    """The same class, its code and its people; with other limits a new server, to which they come back."""
    settings = {**QUICK, "address": HERE}
    try:
        async with pupils() as crowd:
            room = await classroom.open(pupils=2, **settings)
            url, server = room.url, room.model._peer._process.pid
            await crowd.call("join", room.model.site, room.model.code, ["Ann", "Bob"], {})
            assert await classroom.open(pupils=2, **settings) is room
            assert "nobody had to leave" in room.model.said
            assert (room.url, room.model._peer._process.pid) == (url, server)
            assert "full" in (await crowd.call("join", room.model.site, room.model.code, ["Cid"], {}))["Cid"]
            assert await classroom.open(pupils=3, **settings) is room
            assert room.url == url
            await crowd.call("connected", ["Ann", "Bob"])
            assert await crowd.call("join", room.model.site, room.model.code, ["Cid"], {}) == {"Cid": "in"}
            seen = await crowd.call("seen", ["Ann", "Bob"])
            assert [each["losses"] for each in seen.values()] == [["transport close"]] * 2
            await room.press("close")
            another = await classroom.open(pupils=3, **settings)
            assert another is not room
            assert another.url != url
    finally:
        await bench.stop(classroom.NAME)


async def test_a_frozen_class_says_goodbye_and_sends_nobody_out():
    async with opened(ping_timeout=9) as room, pupils() as crowd:
        await crowd.call("join", room.site, room.code, ["Ann"], {})
        await until(lambda: len(room.here) == 1)
        await room.press("freeze")
        with pytest.raises(ValueError, match="frozen: it can send nobody out"):
            await room.send_out(room.here[0]["id"])
        await room.press("close")
        await crowd.call("lost", ["Ann"])
        assert (await crowd.call("seen", ["Ann"]))["Ann"]["goodbye"] == "over"
        await lets_nobody_in(room)


def test_connections_have_a_limit_in_all():
    class Transport:
        aborted = 0

        def abort(self) -> None:
            Transport.aborted += 1

    class Stranger:
        address, patience = HERE, None

        def __init__(self, number: int) -> None:
            self.address, self.transport = f"192.0.2.{number}", Transport()

    async def come() -> None:
        heard: list[str] = []
        doors = Doors(Limits(pupils=1, idle_per_address=1), heard.append)
        for number in range(10):
            doors.enter(Stranger(number))  # type: ignore[arg-type]
        assert heard == ["too many connections"] * 4
        assert Transport.aborted == 4

    asyncio.run(come())


# What it leaves


async def test_closing_leaves_no_port_no_process_and_no_task():
    tasks, children = asyncio.all_tasks(), set(psutil.Process().children())
    for how in ("close", "kill", "freeze"):
        async with opened() as room:
            server = room._peer._process.pid
            await room.press(how)
            assert psutil.pid_exists(server) == (how == "freeze")
        await lets_nobody_in(room)
        assert not psutil.pid_exists(server)
        assert room._peer is None
    assert asyncio.all_tasks() == tasks
    left = set(psutil.Process().children()) - children
    assert all("reaper" in " ".join(each.cmdline()) for each in left), left


async def test_a_kernel_that_dies_takes_the_class_along():
    program = """
import asyncio
from wirelab import classroom

async def main():
    room = await classroom.open(pupils=2, address="127.0.0.1")
    print(room.model._peer._process.pid, room.port, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""
    kernel = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )
    assert kernel.stdout is not None
    server, port = map(int, (await kernel.stdout.readline()).split())
    assert psutil.pid_exists(server)
    kernel.kill()
    await kernel.communicate()  # closes the pipe, too
    await until(lambda: not psutil.pid_exists(server))
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(HERE, port)


async def test_a_server_that_ends_by_itself_is_noticed():
    async with opened() as room:
        server = room._peer._process.pid
        psutil.Process(server).kill()
        await until(lambda: room.phase is Phase.DOWN)
        await until(lambda: server not in reaper._pids)
        assert "nobody here has told it to" in room.said
        assert set(room.refusals) == {"kill", "freeze", "thaw"}
        await room.press("freeze")
        assert "Only a running server" in room.said
        await room.press("restart")
        assert room.phase is Phase.OPEN


async def test_an_address_of_somebody_else_is_refused_in_words():
    with pytest.raises(ConnectionError, match=r"cannot listen on 192\.0\.2\.77"):
        async with Class(Limits(), "192.0.2.77"):
            pass
