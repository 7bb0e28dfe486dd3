"""Lesson 17: what waits for a client has a bound, what is volatile never waits, and who may emit."""

import asyncio
import contextlib
import gc
import json
import re
import threading
import time
import weakref
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from sys import getsizeof
from typing import Any

import aiohttp
import pytest
from aiohttp.helpers import DEFAULT_CHUNK_SIZE
from seat import Seat
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from handmade import l12_core
from handmade.l17_async_and_backpressure import Client, Options, Server, io
from handmade.l17_core import Outbox, Session, Watchdog
from wirelab import bench
from wirelab.waiting import until

LESSON = Path(__file__).parents[1] / "lessons_src/lessons/17_async_and_backpressure.py"
LONG = "n" * 200_000

# The outbox alone


class Line:
    """A carrier that has room for one packet at a time, until it is told that there is room again."""

    def __init__(self) -> None:
        self.carried: list[Any] = []
        self.waiting: list[Callable[[], None]] = []

    def write(self, packets: list[Any]) -> Any:
        self.carried += packets
        return self.waiting.append

    def free(self) -> None:
        """There is room again."""
        self.waiting.pop()()


def outbox(transport: str = "websocket", most: int = 1000) -> tuple[Outbox, list[str]]:
    box, full = Outbox(transport), list[str]()
    box.most, box.on_full = most, lambda: full.append("full")
    return box, full


def test_what_goes_out_at_once_is_not_counted() -> None:
    box, full = outbox()
    carried: list[Any] = []
    box.attach(carried.extend)
    for _ in range(3):
        box.send("4" + "x" * 5000)
    assert (len(carried), box.size, full, box.is_writable) == (3, 0, [], True)


def test_what_waits_for_room_is_counted_and_goes_out_in_order() -> None:
    box, full = outbox()
    line = Line()
    box.attach(line.write)
    for number in range(4):
        box.send(f"4{number}")
    assert (line.carried, box.packets, box.is_writable) == (["40"], ["41", "42", "43"], False)
    assert box.size == 3 * getsizeof("41")
    line.free()
    assert (line.carried, box.packets, box.size, box.is_writable) == (["40", "41", "42", "43"], [], 0, False)
    line.free()
    assert (box.is_writable, line.waiting, full) == (True, [], [])


def test_a_poll_carries_once_and_then_all_waits() -> None:
    box, _ = outbox("polling")
    assert not box.is_writable
    polls: list[Any] = []
    box.attach(polls.append)
    assert box.is_writable
    box.send("4a")
    box.send(b"bytes")
    assert (polls, box.size, box.is_writable) == ([["4a"]], getsizeof(b"bytes"), False)


def test_at_the_bound_nothing_happens_and_above_it_nothing_is_kept() -> None:
    one = getsizeof("4" + "x" * 99)
    box, full = outbox(most=5 * one)
    for _ in range(5):
        box.send("4" + "x" * 99)
    assert (box.size, full) == (5 * one, [])
    box.send("4")
    assert (box.packets, box.size, full) == ([], 0, ["full"])


# The session without a network


class Talk(Seat):
    """A session of a server of lesson 17. Its WebSocket has room for one packet at a time if it is `busy`."""

    session_type = Session

    def __init__(self, transport: str = "websocket", most: int = 10_000) -> None:
        self.line = Line()
        super().__init__(Server(), Client, transport)
        self.session.outbox.most = most
        self.told: list[Any] = []
        self.server.on("connection", self.meet)

    def _websocket(self) -> Any:
        return self.line.write

    def meet(self, socket: Any) -> None:
        self.told.append("connection")
        for event in ("disconnecting", "disconnect"):
            socket.on(event, lambda reason, event=event: self.told.append((event, reason, socket.connected)))

    def join(self) -> Any:
        self.frame(0, "40")
        self.line.free()
        (socket,) = self.server.sockets.values()
        return socket

    def leaves_nothing(self) -> bool:
        assert (self.session.outbox.packets, self.session.outbox.size) == ([], 0)
        return super().leaves_nothing()


END = [("disconnecting", "queue full", False), ("disconnect", "queue full", False)]


def test_who_takes_nothing_is_cut_off_and_the_handlers_hear_why() -> None:
    talk = Talk()
    socket = talk.join()
    for _ in range(200):
        socket.emit("news", "x" * 100)
    assert (talk.session.state, talk.told, socket.connected) == ("full", ["connection"], True)
    assert talk.session.outbox.packets == []
    talk.wait(0)
    assert (talk.session.state, talk.told) == ("closed", ["connection", *END])
    assert talk.line.carried[-1] == "1"
    assert talk.leaves_nothing()


def test_whoever_tells_all_may_finish_and_the_others_hear_it() -> None:
    server = Server()
    talks = [Talk(), Talk()]
    for talk in talks:
        talk.server = talk.client.server = server
        server.start = talk._start
        talk.frame(0, "40")
        talk.line.free()
    for _ in range(200):
        server.emit("news", "x" * 100)
        talks[1].line.free()
    assert [talk.session.state for talk in talks] == ["full", "open"]
    assert talks[1].line.carried.count(f'42["news","{"x" * 100}"]') == 200


def test_a_connection_that_is_full_before_the_handlers_know_of_it_is_told_in_order() -> None:
    talk = Talk(most=100)
    talk.session.send("4first")
    talk.session.send("4" + "x" * 40)
    talk.frame(0, "40")
    talk.wait(0)
    assert talk.told == ["connection", *END]
    assert talk.leaves_nothing()


def test_what_is_said_after_the_cut_is_kept_nowhere_and_a_question_fails() -> None:
    talk = Talk(most=1000)
    socket = talk.join()
    failed: list[Any] = []
    socket.timeout(5).emit("why", lambda error, *answer: failed.append(type(error)))
    for _ in range(20):
        socket.emit("news", "x" * 100)
    socket.timeout(5).emit("and now", lambda error, *answer: failed.append(type(error)))
    talk.wait(0)
    assert failed == [ConnectionError, ConnectionError]
    assert talk.leaves_nothing()


@pytest.mark.parametrize("end", ["close", "end"])
def test_a_goodbye_does_not_wait_for_room_and_comes_last(end: str) -> None:
    talk = Talk()
    socket = talk.join()
    socket.emit("a")
    socket.emit("b")
    talk.session.close() if end == "close" else talk.session.end("ping timeout")
    assert talk.line.carried[-3:] == ['42["a"]', '42["b"]', "1"]
    assert talk.leaves_nothing()


def test_who_polls_no_more_is_cut_off_too() -> None:
    talk = Talk("polling")
    talk.post(b"40")
    for _ in range(200):
        talk.server.emit("news", "x" * 100)
    talk.wait(0)
    assert talk.told == ["connection", *END]
    assert talk.leaves_nothing()


def test_after_the_upgrade_the_websocket_says_whether_there_is_room() -> None:
    talk = Talk("polling")
    talk.post(b"40")
    talk.poll()
    talk.knock(0)
    talk.frame(0, "2probe")
    talk.frame(0, "5")
    (socket,) = talk.server.sockets.values()
    assert socket.is_writable
    socket.emit("news")
    assert not socket.is_writable
    talk.line.free()
    assert socket.is_writable


# Volatile


def test_volatile_goes_out_at_once_or_never() -> None:
    talk = Talk()
    socket = talk.join()
    aims = [socket, talk.server, talk.server.to(socket.id), talk.server.except_("x")]
    for aim in aims:
        talk.line.carried.clear()
        aim.volatile.emit("one", b"bytes")
        aim.volatile.emit("two")
        assert talk.line.carried[:1] == ['451-["one",{"_placeholder":true,"num":0}]']
        talk.line.free()  # the attachment is not lost: it was decided once
        assert talk.line.carried[1:] == [b"bytes"]
        talk.line.free()
        assert (talk.session.outbox.packets, socket.is_writable) == ([], True)


def test_what_is_volatile_leaves_its_own_socket_out_and_may_be_aimed_first() -> None:
    talk = Talk()
    socket = talk.join()
    socket.join("gold")
    for aim in (socket.volatile.broadcast, socket.volatile.to("gold"), socket.volatile.except_("tin")):
        assert aim.sockets() == []
    assert talk.server.volatile.to("gold").sockets() == [socket]
    assert talk.server.of("/other").volatile.sockets() == []
    assert talk.server.to("gold").sockets() == [socket]


def test_over_polling_what_is_volatile_needs_a_poll_that_waits() -> None:
    talk = Talk("polling")
    talk.post(b"40")
    talk.poll()
    talk.server.volatile.emit("lost")
    talk.poll()
    talk.server.volatile.emit("heard")
    talk.server.volatile.emit("lost")
    talk.server.emit("kept")
    talk.poll()
    assert talk.out[1:] == ['42["heard"]', '42["kept"]']


def test_bad_arguments_are_refused_also_if_nobody_would_hear_them() -> None:
    with pytest.raises(ValueError, match="name of Socket"):
        Server().volatile.emit("connect")
    with pytest.raises(TypeError):
        Server().volatile.emit("news", object())


# Live


@contextlib.asynccontextmanager
async def serving(**options: Any) -> AsyncIterator[tuple[Any, list[Any]]]:
    """A server, with what its handlers were told of ends; everybody is in the room `news`."""
    server, ends = Server(**options), list[Any]()

    @server.on("connection")
    def welcome(socket: Any) -> None:
        socket.join("news")
        socket.on("message", lambda *what: socket.emit("message-back", *what))
        socket.on("disconnect", ends.append)

    async with server.listen() as server.port:
        yield server, ends


@contextlib.asynccontextmanager
async def bell(server: Any) -> AsyncIterator[ClientConnection]:
    """Somebody who joins and then takes nothing."""
    url = f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket"
    async with connect(url, compression=None, max_queue=1, max_size=None, close_timeout=0) as websocket:
        await websocket.recv()
        await websocket.send("40")
        await websocket.recv()
        yield websocket
        websocket.transport.abort()


async def test_one_who_does_not_read_is_cut_off_and_the_others_hear_everything() -> None:
    async with serving(max_queue_size=1_000_000) as (server, ends), bell(server):
        ann = io(bench.url(server.port, scheme="http"), transports=["websocket"], force_new=True)
        heard: list[str] = []
        ann.on("news", heard.append)
        await until(lambda: ann.connected and len(server.sockets) == 2)
        (session, _) = server.engine.sessions.values()
        kept = weakref.ref(session)
        del session
        for _ in range(100):
            server.to("news").emit("news", LONG)
            await asyncio.sleep(0.002)
        await until(lambda: len(heard) == 100, 10)
        assert ends == ["queue full"]
        assert len(server.engine.sessions) == len(server.sockets) == 1
        ann.disconnect()
        await until(lambda: ends == ["queue full", "client namespace disconnect"])
        await asyncio.sleep(5.2)  # who does not take the goodbye gets no more
        gc.collect()
        assert kept() is None
        assert not server.tasks


async def test_who_posts_and_never_polls_does_not_fill_the_server() -> None:
    async with serving(max_queue_size=500_000) as (server, ends), aiohttp.ClientSession() as http:
        url = f"http://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=polling"
        sid = json.loads((await (await http.get(url)).text())[1:])["sid"]
        statuses = []
        for packet in ("40", *[f'42["message","{LONG}"]'] * 9):
            async with http.post(f"{url}&sid={sid}", data=packet) as response:
                statuses.append(response.status)
        assert statuses[:3] == [200] * 3 and statuses[-1] == 400
        assert (ends, server.engine.sessions) == (["queue full"], {})


async def test_who_reads_again_gets_what_waited_and_nothing_volatile() -> None:
    async with serving() as (server, ends), bell(server) as websocket:
        (socket,) = server.sockets.values()
        count = 0
        while socket.is_writable:
            server.emit("news", LONG)
            await asyncio.sleep(0)
            count += 1
        for number in range(100):
            server.volatile.emit("position", number)
            socket.volatile.emit("position", number)
        server.emit("end")
        heard = [json.loads((await websocket.recv())[2:])[0] for _ in range(count + 1)]
        assert heard == ["news"] * count + ["end"]
        await until(lambda: socket.is_writable)
        server.volatile.emit("position", 1)
        assert await websocket.recv() == '42["position",1]'
        assert ends == []


async def test_a_message_larger_than_the_bound_gets_through_to_who_reads() -> None:
    async with serving(max_queue_size=1000) as (server, ends), bell(server) as websocket:
        server.emit("news", "n" * 3_000_000)
        assert len(await websocket.recv()) > 3_000_000
        assert ends == []


async def test_in_the_official_client_volatile_is_heard_and_a_cut_is_a_transport_close() -> None:
    program = """
    import { io } from "socket.io-client";
    const socket = io(url, { transports: ["websocket"], reconnection: false });
    socket.on("news", (what) => console.log(what));
    socket.on("disconnect", (reason) => { console.log(reason); process.exit(); });
    """
    async with serving() as (server, ends):
        talking = asyncio.create_task(bench.javascript(program, url=bench.url(server.port, scheme="http")))
        await until(lambda: len(server.sockets) == 1, 10)
        server.volatile.emit("news", "volatile")
        (session,) = server.engine.sessions.values()
        session.cut_off()
        assert (await talking).split("\n") == ["volatile", "transport close"]
        assert ends == ["queue full"]


# Threads


async def test_to_emit_from_another_thread_is_refused_and_there_is_a_way() -> None:
    async with serving() as (server, _), bell(server) as websocket:
        (socket,) = server.sockets.values()
        for emit in (server.emit, socket.emit, server.to("news").emit, server.volatile.emit):
            with pytest.raises(RuntimeError, match=r"server\.from_thread"):
                await asyncio.to_thread(emit, "news", 1)
        await asyncio.to_thread(server.from_thread, server.emit, "news", 2)
        assert await websocket.recv() == '42["news",2]'


async def test_from_a_thread_results_and_errors_come_back() -> None:
    async def double(number: int) -> int:
        await asyncio.sleep(0)
        return 2 * number

    async with serving() as (server, _):
        assert await asyncio.to_thread(server.from_thread, double, 3) == 6
        assert await asyncio.to_thread(server.from_thread, threading.get_ident) == threading.get_ident()
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(server.from_thread, lambda: 1 / 0)
        with pytest.raises(RuntimeError, match="own thread"):
            server.from_thread(double, 3)


async def test_from_a_thread_a_server_that_does_not_listen_yet_says_so() -> None:
    with pytest.raises(RuntimeError, match="does not listen yet"):
        await asyncio.to_thread(Server().from_thread, print)


async def test_the_watchdog_names_who_keeps_the_loop() -> None:
    def greedy() -> None:
        time.sleep(0.5)

    async with Watchdog(0.05) as dog:
        await asyncio.sleep(0.15)
        greedy()
        await asyncio.sleep(0.1)
    seconds, place = max(dog.found)
    assert place.startswith("greedy, line ") and 0.2 < seconds < 5
    assert not any("watch" in thread.name for thread in threading.enumerate() if thread is dog.watcher)
    assert not dog.watcher.is_alive()


# The client


async def test_the_client_drops_what_is_volatile_while_it_is_not_connected() -> None:
    async with serving() as (server, _):
        ann = io(bench.url(server.port, scheme="http"), transports=["websocket"], force_new=True)
        heard: list[Any] = []
        ann.on("message-back", heard.append)
        ann.volatile.emit("message", "too early")
        ann.emit("message", "kept")
        await until(lambda: heard == ["kept"])
        ann.volatile.emit("message", "now")
        await until(lambda: heard == ["kept", "now"])
        ann.disconnect()
        ann.volatile.emit("message", "too late")
        assert ann.send_buffer == []


# The table of bounds


def bounds() -> list[tuple[str, str, str]]:
    """The rows of the lesson's table: what piles up, at most, what happens there."""
    text = LESSON.read_text(encoding="utf-8").partition("## 9. Where it ends")[2]
    rows = re.findall(r"^# \| (.+?) \| (.+?) \| (.+?) \| (\d\d) \|$", text, re.MULTILINE)
    return [(row[0], row[1], row[2]) for row in rows]


def test_the_table_says_the_defaults() -> None:
    options = Options()
    said = {}
    for _, most, _ in bounds():
        names = re.findall(r"`(\w+)`", most)
        numbers = [float(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", most)]
        said |= dict(zip(names, numbers, strict=True)) if names else {}
    assert said == {name: getattr(options, name) for name in said}
    wanted = {name for name in vars(options) if name.startswith("max_") or "time" in name or "ping" in name}
    assert set(said) == wanted
    plain = [most for _, most, _ in bounds() if "`" not in most]
    kept = f"{2 * DEFAULT_CHUNK_SIZE // 1024} KiB and one message more, which aiohttp keeps"
    assert plain == [str(l12_core.MOST), "256, and one more", kept]


async def test_questions_strangers_and_messages_end_as_the_table_says() -> None:
    few = {"max_unanswered": 2, "max_strangers": 2, "max_http_buffer_size": 1000}
    async with serving(**few) as (server, ends), aiohttp.ClientSession() as http:
        url = f"http://127.0.0.1:{server.port}/socket.io/?EIO=4&transport="
        async with bell(server) as websocket:
            (socket,) = server.sockets.values()
            for _ in range(2):
                socket.emit("question", lambda answer: None)
            with pytest.raises(RuntimeError, match="2 events wait"):
                socket.emit("question", lambda answer: None)
            assert len(socket.questions.waiting) == 2
            await websocket.send("42" + "x" * 2000)
            with pytest.raises(ConnectionClosed):
                while True:
                    await websocket.recv()
            assert websocket.close_code == 1009
        await until(lambda: len(ends) == 1)
        assert (socket.questions.waiting, server.engine.sessions) == ({}, {})
        strangers = [await http.get(url + "polling") for _ in range(3)]
        assert [each.status for each in strangers] == [200, 200, 403]
        with pytest.raises(aiohttp.WSServerHandshakeError, match="400"):
            await http.ws_connect(url + "websocket")
        sid = json.loads((await strangers[0].text())[1:])["sid"]
        async with http.post(f"{url}polling&sid={sid}", data="40" + "x" * 2000) as response:
            assert response.status == 413
        assert sid in server.engine.sessions


async def test_attachments_and_silence_end_as_the_table_says() -> None:
    eleven = "4511-" + json.dumps(["x", *({"_placeholder": True, "num": n} for n in range(11))])
    one = '451-["x",{"_placeholder":true,"num":0}]'
    quick = {
        "max_attachments_size": 1000,
        "attachments_timeout": 0.2,
        "ping_interval": 0.3,
        "ping_timeout": 0.3,
    }
    async with serving(**quick) as (server, ends):
        for packets, reason in [
            ([eleven], "parse error"),
            ([one, b"x" * 1001], "parse error"),
            ([one], "parse error"),
            ([], "ping timeout"),
        ]:
            async with bell(server) as websocket:
                for packet in packets:
                    await websocket.send(packet)
                await until(lambda: len(ends) == 1)
            assert ends.pop() == reason
        await until(lambda: server.engine.sessions == {})


async def test_events_for_which_handlers_have_no_time_are_not_read() -> None:
    async with serving() as (server, _):
        begin, taken = asyncio.Event(), list[int]()

        async def wait(number: int) -> None:
            await begin.wait()
            taken.append(number)

        server.on("connection", lambda socket: socket.on("work", wait))
        async with bell(server) as websocket:
            (socket,) = server.sockets.values()
            for number in range(2000):
                await websocket.send(f'42["work",{number}]')
            await asyncio.sleep(0.3)
            assert 256 < len(socket.client.line.events) < 300
            begin.set()
            await until(lambda: taken == list(range(2000)))


async def test_beside_a_full_outbox_asyncio_may_hold_as_much_again() -> None:
    async with serving(max_queue_size=5_000_000) as (server, ends), bell(server) as websocket:
        (session,) = server.engine.sessions.values()
        connection = session.outbox.carrier.__self__.connection

        async def fill() -> None:
            while session.outbox.size < 4_500_000:
                server.emit("news", LONG)
                await asyncio.sleep(0)

        await fill()
        assert connection.get_write_buffer_size() < 1_000_000
        while session.outbox.size:  # until he has taken so much that the rest is handed on
            await websocket.recv()
            await asyncio.sleep(0.01)
        await fill()
        assert session.outbox.size + connection.get_write_buffer_size() > 6_000_000
        assert ends == []


async def test_our_client_queues_on_a_websocket_what_is_volatile_and_drops_it_beside_a_post() -> None:
    async with serving() as (server, _):
        for transport, count in (("websocket", 2), ("polling", 1)):
            ann = io(bench.url(server.port, scheme="http"), transports=[transport], force_new=True)
            heard: list[Any] = []
            ann.on("message-back", heard.append)
            await until(lambda ann=ann: ann.is_writable)
            ann.emit("message", LONG)
            assert ann.is_writable == (transport == "websocket")
            ann.volatile.emit("message", "volatile")
            await until(lambda heard=heard: LONG in heard)
            await asyncio.sleep(0.1)
            assert len(heard) == count
            ann.disconnect()
