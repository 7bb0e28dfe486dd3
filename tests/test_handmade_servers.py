"""The handmade servers on a real network: the clients of others, bad input, limits, and their end."""

import asyncio
import contextlib
import json
import signal
import sys
import tracemalloc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest
import socketio
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

import handmade
from handmade import l08_meet_socketio as l08
from handmade import l09_long_polling_and_upgrade as l09
from handmade import l10_heartbeats as l10
from wirelab import bench
from wirelab.serve import make, serve_conformance, server_of, stage
from wirelab.waiting import until

SOURCES = Path(__file__).resolve().parents[1] / "lessons_src"
TRANSPORTS = {8: [["websocket"]], 9: [["polling"], ["websocket"], ["polling", "websocket"]]}
TRANSPORTS[10] = TRANSPORTS[12] = TRANSPORTS[16] = TRANSPORTS[9]
EVERY_WAY = [(lesson, transports) for lesson in TRANSPORTS for transports in TRANSPORTS[lesson]]
QUICK = {"ping_interval": 0.3, "ping_timeout": 0.2}


@asynccontextmanager
async def chat(lesson: int = 10, **settings: object) -> AsyncIterator[Any]:
    """A server that echoes `message`, and keeps what its handlers saw in `io.seen`; its port is `io.port`."""
    io = make(stage(lesson), settings) if lesson < 10 else stage(lesson)(**settings)
    io.seen, io.met = [], []

    @io.on("connection")
    def connected(socket: l08.Socket) -> None:
        io.seen.append("connection")
        io.met.append(socket)
        socket.on("message", lambda *data: socket.emit("message", *data))
        socket.on("disconnect", io.seen.append)
        socket.on("leave", lambda close: socket.disconnect(close))

    async with io.listen() as server:
        io.port = bench.url(server).rpartition(":")[2]
        yield io
    assert asyncio.all_tasks() - {asyncio.current_task()} == set()


@asynccontextmanager
async def line(io: Any, *packets: str, **query: str) -> AsyncIterator[Any]:
    """A WebSocket to the server, after its open packet."""
    async with connect(
        f"ws://127.0.0.1:{io.port}/socket.io/?EIO=4&transport=websocket", proxy=None, close_timeout=0.2
    ) as websocket:
        assert (await websocket.recv())[0] == "0"
        for packet in packets:
            await websocket.send(packet)
        yield websocket


@asynccontextmanager
async def browser(io: Any) -> AsyncIterator[Callable[..., Any]]:
    """`await ask("GET", sid=…)` returns the status, the text and the headers."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as http:

        async def ask(method: str = "GET", body: object = None, headers: Any = None, **query: str) -> Any:
            params = {"EIO": "4", "transport": "polling", **query}
            url = f"http://127.0.0.1:{io.port}/socket.io/"
            async with http.request(method, url, params=params, data=body, headers=headers) as answer:
                return answer.status, await answer.text(), answer.headers

        yield ask


def sid_of(answer: Any) -> str:
    return json.loads(answer[1].split("\x1e")[0][1:])["sid"]


# The clients of others


@pytest.mark.parametrize("lesson, transports", EVERY_WAY)
async def test_the_official_client(lesson: int, transports: list[str]) -> None:
    async with chat(lesson, **QUICK) as io:
        said = await bench.javascript(
            """
            import { io } from "socket.io-client";
            const socket = io(url, { transports, reconnection: false });
            const heard = [];
            socket.on("message", (...args) => heard.push(args));
            await new Promise((resolve) => socket.on("connect", resolve));
            for (let count = 0; count < 300; count++) {
              socket.emit("message", count, "你好 🙂", { deep: [null, 1.5] });
              if (count % 30 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
            }
            while (heard.length < 300) await new Promise((resolve) => setTimeout(resolve, 10));
            await new Promise((resolve) => setTimeout(resolve, 700));
            const inOrder = heard.every(([count, text, data], index) =>
              count === index && text === "你好 🙂" && data.deep[1] === 1.5);
            console.log(inOrder, socket.connected, socket.io.engine.transport.name);
            socket.emit("leave", false);
            console.log(await new Promise((resolve) => socket.on("disconnect", resolve)));
            """,
            url=f"http://127.0.0.1:{io.port}",
            transports=transports,
        )
    assert said == f"true true {transports[-1]}\nio server disconnect"
    assert io.seen == ["connection", "server namespace disconnect"]


@pytest.mark.parametrize("lesson, transports", EVERY_WAY)
async def test_the_client_of_python_socketio(lesson: int, transports: list[str]) -> None:
    heard: list[object] = []
    async with chat(lesson, ping_interval=1, ping_timeout=1) as io:
        client = socketio.AsyncClient(reconnection=False)
        client.on("message", lambda *data: heard.append(data))
        await client.connect(f"http://127.0.0.1:{io.port}", transports=transports)
        for count in range(50):  # python-engineio reads no more than 16 packets of one poll
            await client.emit("message", (count, "你好 🙂"))
            await until(lambda wanted=count: len(heard) > wanted)
        await asyncio.sleep(1.2)
        assert client.connected
        await client.disconnect()
        await until(lambda: len(io.seen) == 2)
    assert heard == [(count, "你好 🙂") for count in range(50)]


async def test_a_client_of_another_version_is_told_so() -> None:
    for lesson in (8, 9, 10):
        async with chat(lesson) as io:
            with pytest.raises(InvalidStatus) as refused:
                await connect(f"ws://127.0.0.1:{io.port}/socket.io/?EIO=3&transport=websocket", proxy=None)
        assert refused.value.response.status_code == 400
        assert b"Unsupported protocol version" in refused.value.response.body


# Handlers


async def test_handlers_are_called_in_order_one_at_a_time_and_may_fail(caplog: Any) -> None:
    log: list[object] = []
    io = l10.Server()

    @io.on("connection")
    async def connected(socket: l08.Socket) -> None:
        await asyncio.sleep(0.05)
        log.append("connected")

        @socket.on("work")
        async def work(number: int) -> None:
            log.append(("begin", number))
            await asyncio.sleep(0.01)
            log.append(("end", number))

        @socket.on("fail")
        def fail() -> None:
            raise RuntimeError("my mistake")

        socket.on("disconnect", log.append)

    async with io.listen() as io.port, line(io, "40", '42["work",1]', '42["fail"]', '42["work",2]', "41"):
        await until(lambda: "client namespace disconnect" in log)
    ends = [("begin", 1), ("end", 1), ("begin", 2), ("end", 2)]
    assert log == ["connected", *ends, "client namespace disconnect"]
    assert "my mistake" in caplog.text


async def test_a_slow_handler_holds_up_its_client_alone() -> None:
    io, handled = l10.Server(), []

    @io.on("connection")
    def connected(socket: l08.Socket) -> None:
        async def slow(number: int, padding: str) -> None:
            await asyncio.sleep(30)

        socket.on("slow", slow)
        socket.on("message", lambda text: (handled.append(text), socket.emit("message", text)))

    async with io.listen() as io.port, line(io, "40") as busy, line(io, "40") as other:
        sending = asyncio.create_task(flood(busy, "slow"))
        line_of_busy = next(iter(io.engine.sessions.values())).catch_up.__self__
        await until(lambda: len(line_of_busy.events) > 256)
        await asyncio.sleep(0.5)
        assert len(line_of_busy.events) < 400  # the rest waits in TCP
        await other.send('42["message","well"]')
        assert [await other.recv(), await other.recv()][-1] == '42["message","well"]'
        sending.cancel()
        busy.transport.abort()
        await asyncio.gather(sending, return_exceptions=True)


async def test_the_events_of_one_post_wait_in_the_post() -> None:
    io = l10.Server()
    io.on("connection", lambda socket: socket.on("slow", lambda: asyncio.sleep(30)))
    async with io.listen() as io.port, aiohttp.ClientSession() as http:
        url = f"http://127.0.0.1:{io.port}/socket.io/?EIO=4&transport=polling"
        opening = await (await http.get(url)).text()
        url += f"&sid={json.loads(opening[1:])['sid']}"
        await http.post(url, data="40")
        body = "\x1e".join(['42["slow"]'] * 5000)
        posting = asyncio.create_task(http.post(url, data=body))
        waiting = next(iter(io.engine.sessions.values())).catch_up.__self__
        await until(lambda: len(waiting.events) > 256)
        await asyncio.sleep(0.2)
        assert len(waiting.events) == 257
        posting.cancel()
        await asyncio.gather(posting, return_exceptions=True)


async def flood(websocket: Any, event: str) -> None:
    for number in range(1_000_000):
        await websocket.send(f'42["{event}",{number},"{"x" * 1000}"]')


async def test_what_a_socket_cannot_send() -> None:
    async with chat() as io, line(io, "40") as websocket:
        await websocket.recv()
        (socket,) = io.met
        for name in l08.RESERVED:
            with pytest.raises(ValueError, match="names no event"):
                socket.emit(name)
        for wrong in (float("nan"), "\ud800"):
            with pytest.raises(ValueError):
                socket.emit("x", wrong)
        with pytest.raises(TypeError):
            socket.emit("x", b"bytes")
        socket.emit("x", "after")
        assert await websocket.recv() == '42["x","after"]'
        socket.disconnect(True)
        socket.emit("x", "too late")
        assert await websocket.recv() == "41"
        await asyncio.wait_for(websocket.wait_closed(), 2)


# Bad input


@pytest.mark.parametrize("lesson", [8, 9, 10, 16])
async def test_one_bad_client_harms_nobody(lesson: int) -> None:
    bad = ["4", "4abc", "42[]", '42["x",1e400]', '42["x","\\ud800"]', "42" + "[" * 300_000, "9", "", "42²[]"]
    bad += [f'42["x",{"9" * 5000}]', '42["connect"]', "40[1]", "40", b"\x01", "45-[]", "4" + "9" * 999_000]
    async with chat(lesson) as io, line(io, "40") as good:
        await good.recv()
        for packet in bad:
            async with line(io, "40", packet) as websocket:
                await asyncio.wait_for(websocket.wait_closed(), 3)
            await good.send('42["message","still here"]')
            assert await asyncio.wait_for(good.recv(), 3) == '42["message","still here"]'
        async with line(io, "40", "4" + "x" * 1_000_000) as websocket:
            await asyncio.wait_for(websocket.wait_closed(), 3)
            assert websocket.close_code == 1009
        await good.send(f'42["message","{"x" * 999_000}"]')
        assert len(await good.recv()) > 999_000


async def test_codes_and_words_of_refusals_are_those_of_the_official_server() -> None:
    async with chat(9) as io, browser(io) as ask:
        sid = sid_of(await ask())
        table = {
            (0, "Transport unknown"): [{"transport": "x"}, {"transport": "x", "sid": "x", "EIO": "3"}],
            (1, "Session ID unknown"): [{"sid": "x"}, {"sid": "x", "EIO": "3", "method": "PUT"}],
            (2, "Bad handshake method"): [
                {"method": "POST"},
                {"method": "PUT", "EIO": "3"},
                {"method": "OPTIONS"},
            ],
            (3, "Bad request"): [{"transport": "websocket"}, {"transport": "websocket", "sid": sid}],
            (5, "Unsupported protocol version"): [{"EIO": "3"}, {"EIO": ""}],
        }
        for (code, message), requests in table.items():
            for request in requests:
                status, text, headers = await ask(**request)
                assert (status, text) == (400, f'{{"code":{code},"message":"{message}"}}'), request
                assert headers["Content-Type"].startswith("application/json")


@pytest.mark.parametrize("size, status", [(1000, 200), (1001, 413)])
async def test_a_body_is_measured_exactly(size: int, status: int) -> None:
    async with chat(max_http_buffer_size=1000) as io, browser(io) as ask:
        sid = sid_of(await ask())
        body = "4" + '0{"x":"'.ljust(size - 3, "x") + '"}'
        assert (await ask("POST", body, sid=sid))[0] == status
        assert (await ask("POST", '42["message","on"]' if status == 200 else "40", sid=sid))[0] == 200


async def test_bytes_go_both_ways_over_both_transports() -> None:
    async with serve_conformance() as port, aiohttp.ClientSession() as http:
        url = f"http://127.0.0.1:{port}/engine.io/?EIO=4&transport="
        sid = json.loads((await (await http.get(url + "polling")).text())[1:])["sid"]
        await http.post(f"{url}polling&sid={sid}", data="4hello\x1ebAQIDBA==")
        assert await (await http.get(f"{url}polling&sid={sid}")).text() == "4hello\x1ebAQIDBA=="
        async with http.ws_connect(url + "websocket") as websocket:
            await websocket.receive_str()
            await websocket.send_bytes(b"\x01\x02\x03\x04")
            assert await websocket.receive_bytes() == b"\x01\x02\x03\x04"


async def test_octets_are_no_payload() -> None:
    async with chat() as io, browser(io) as ask:
        sid = sid_of(await ask())
        headers = {"Content-Type": "application/octet-stream"}
        assert (await ask("POST", b"4x", headers, sid=sid))[0] == 400
        assert (await ask(sid=sid))[0] == 400


# Other origins


async def test_pages_of_other_origins() -> None:
    friend, stranger = "http://localhost:8888", "http://evil.example"
    async with chat(cors=[friend]) as io, browser(io) as ask:
        url = f"ws://127.0.0.1:{io.port}/socket.io/?EIO=4&transport=websocket"
        for origin, may in {
            friend: True,
            f"http://127.0.0.1:{io.port}": True,
            stranger: False,
            "null": False,
        }.items():
            with contextlib.nullcontext() if may else pytest.raises(InvalidStatus):
                (await connect(url, origin=origin, proxy=None)).transport.abort()
        for query in ({}, {"sid": "unknown"}):
            _, _, headers = await ask(headers={"Origin": friend}, **query)
            assert headers["Access-Control-Allow-Origin"] == friend
            assert headers["Vary"] == "Origin"
            _, _, headers = await ask(headers={"Origin": stranger}, **query)
            assert "Access-Control-Allow-Origin" not in headers
        preflight = {"Origin": friend, "Access-Control-Request-Headers": "x-token"}
        status, _, headers = await ask("OPTIONS", headers=preflight)
        assert (status, headers["Access-Control-Allow-Headers"]) == (204, "x-token")


async def test_all_origins_if_it_says_so() -> None:
    async with chat(cors="*") as io, browser(io) as ask:
        url = f"ws://127.0.0.1:{io.port}/socket.io/?EIO=4&transport=websocket"
        (await connect(url, origin="http://any.example", proxy=None)).transport.abort()
        _, _, headers = await ask(headers={"Origin": "http://any.example"})
        assert headers["Access-Control-Allow-Origin"] == "http://any.example"


# Limits


async def test_who_joins_no_namespace_is_not_waited_for() -> None:
    async with (
        chat(connect_timeout=0.2) as io,
        browser(io) as ask,
        line(io) as websocket,
        line(io, "40") as good,
    ):
        sid = sid_of(await ask())
        await asyncio.wait_for(websocket.wait_closed(), 2)
        await until(lambda: io.engine.sessions[sid].state == "closing")
        assert len(io.engine.sessions) == 2
        assert (await ask(sid=sid))[1] == "6\x1e1"
        await good.send('42["message",1]')
        assert [await good.recv(), await good.recv()][1] == '42["message",1]'


async def test_so_many_strangers_from_one_address_and_no_more() -> None:
    async with chat(max_strangers=3) as io, browser(io) as ask, line(io, "40") as friend:
        await friend.recv()
        sids = [sid_of(await ask()) for _ in range(3)]
        assert (await ask())[:2] == (403, '{"code":4,"message":"Forbidden"}')
        with pytest.raises(InvalidStatus):
            await connect(f"ws://127.0.0.1:{io.port}/socket.io/?EIO=4&transport=websocket", proxy=None)
        assert (await ask("POST", "40", sid=sids[0]))[0] == 200
        assert (await ask())[0] == 200
        assert (await ask("POST", "1", sid=sids[1]))[0] == 200
        assert (await ask())[0] == 200
        assert (await ask())[0] == 403


async def test_strangers_take_a_dozen_kilobytes_each_at_most_and_leave_nothing() -> None:
    async with chat(max_strangers=300) as io, browser(io) as ask:
        await ask()
        tracemalloc.start()
        try:
            statuses = [(await ask())[0] for _ in range(350)]
            size, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert len(io.engine.sessions) == 300
        assert (statuses.count(200), statuses.count(403)) == (299, 51)
        assert size / statuses.count(200) < 12_000
        for session in tuple(io.engine.sessions.values()):
            session.end("test")
        assert (io.engine.sessions, io.engine.strangers) == ({}, {})
        await until(lambda: not io.tasks)


async def test_a_slow_body_is_given_up() -> None:
    async with chat(body_timeout=0.2) as io, browser(io) as ask:
        sid = sid_of(await ask())
        reader, writer = await asyncio.open_connection("127.0.0.1", int(io.port))
        target = f"/socket.io/?EIO=4&transport=polling&sid={sid}"
        writer.write(f"POST {target} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n4".encode())
        assert (await asyncio.wait_for(reader.readline(), 2)).startswith(b"HTTP/1.1 408")
        assert (await ask(sid=sid))[0] == 400
        writer.close()


async def test_a_body_that_is_there_is_not_given_up_for_the_sake_of_slow_handlers(caplog: Any) -> None:
    async with chat(body_timeout=0.2) as io, browser(io) as ask:
        sid = sid_of(await ask())
        await ask("POST", "40", sid=sid)
        await until(lambda: io.met)
        io.met[0].on("work", lambda: asyncio.sleep(0.002))
        assert (await ask("POST", "\x1e".join(['42["work"]'] * 300), sid=sid))[:2] == (200, "ok")
        assert io.seen == ["connection"] and sid in io.engine.sessions
        assert (await ask("DELETE", "4", sid=sid))[0] == 400  # answered before its body is read
    assert caplog.records == []


async def test_who_reads_nothing_is_dropped_with_all_that_waited() -> None:
    async with chat(**QUICK) as io, line(io, "40") as deaf:
        await deaf.recv()
        deaf.transport.pause_reading()
        (socket,) = io.met
        for _ in range(200):
            socket.emit("x", "x" * 100_000)
        await until(lambda: "ping timeout" in io.seen)
        assert io.engine.sessions == {}
        assert connections_at(io.port) == 1
        await until(lambda: connections_at(io.port) == 0, timeout=8)


async def test_who_reads_nothing_is_not_listened_to() -> None:
    async with chat() as io, line(io, "40") as deaf:
        await deaf.recv()
        deaf.transport.pause_reading()
        (socket,) = io.met
        counted = []
        socket.on("message", lambda number, text: counted.append(number))
        sending = asyncio.create_task(flood(deaf, "message"))
        seen = -1
        while seen < len(counted):  # up to the moment at which nothing more is taken
            seen = len(counted)
            await asyncio.sleep(0.5)
        assert 0 < seen < 20_000
        deaf.transport.resume_reading()
        drinking = asyncio.create_task(drink(deaf))
        await until(lambda: len(counted) > seen + 1000)
        for task in (sending, drinking):
            task.cancel()
        deaf.transport.abort()
        await asyncio.gather(sending, drinking, return_exceptions=True)


async def drink(websocket: Any) -> None:
    async for _ in websocket:
        pass


class Wire:
    """A WebSocket and its connection at once, as Frames see them."""

    closed = False

    def __init__(self) -> None:
        self.written, self.ended = list[bytes](), False

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def is_closing(self) -> bool:
        return self.ended

    def abort(self) -> None:
        self.ended = True

    async def close(self) -> bool:
        self.closed = True
        return True


async def test_a_frame_is_made_once_for_all_who_are_to_hear_it() -> None:
    wires = [Wire() for _ in range(3)]
    for wire in wires:
        l09.Frames(wire, wire, wire).write([f"4{'你好' * 100}", "4" + "x" * 9])
    assert all(wire.written == wires[0].written for wire in wires)
    assert wires[0].written[1] == b"\x81\x0a4xxxxxxxxx"
    for wire in wires:
        l09.Frames(wire, wire, wire).write(["".join(("4", "news"))])
    assert wires[0].written[-1] is wires[1].written[-1] is wires[2].written[-1]
    l09.Frames(wires[0], wires[0], wires[0]).write([b"4news"])
    assert wires[0].written[-1] == b"\x82\x054news"


async def test_what_is_no_frame_is_a_parse_error_and_no_traceback(caplog: Any) -> None:
    async with chat() as io:
        async with connect(f"ws://127.0.0.1:{io.port}/socket.io/?EIO=4&transport=websocket") as websocket:
            await websocket.send("40")
            await until(lambda: "connection" in io.seen)
            websocket.transport.write(b"\xf1\x80\x00\x00\x00\x00")  # three bits that nobody has agreed on
            await until(lambda: len(io.seen) == 2)
        assert io.seen == ["connection", "parse error"]
    assert caplog.records == []


@pytest.mark.parametrize("hang_up", [asyncio.StreamWriter.close, lambda writer: writer.transport.abort()])
async def test_who_hangs_up_before_the_websocket_is_there_leaves_no_traceback(
    hang_up: Callable[[asyncio.StreamWriter], None], caplog: Any
) -> None:
    names = ("Host: x", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13")
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    request = "\r\n".join(("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1", *names, key, "", ""))
    async with chat() as io:
        _, writer = await asyncio.open_connection("127.0.0.1", int(io.port))
        writer.write(request.encode())
        hang_up(writer)
        async with line(io, "40") as websocket:  # the next one is served, and by then the first one was
            await websocket.recv()
    assert caplog.records == []


@pytest.mark.parametrize("probe", [["2probe"], []])
@pytest.mark.parametrize("lesson", [9, 10, 17])
async def test_a_websocket_that_only_visits_ends_no_session(lesson: int, probe: list[str]) -> None:
    async with chat(lesson) as io, browser(io) as ask:
        sid = sid_of(await ask())
        address = f"ws://127.0.0.1:{io.port}/socket.io/?EIO=4&transport=websocket&sid={sid}"
        async with connect(address, proxy=None, close_timeout=0.2) as websocket:
            for packet in probe:
                await websocket.send(packet)
                await websocket.recv()
            websocket.transport.write(b"\xf1\x80\x00\x00\x00\x00")  # no frame of WebSocket
            await websocket.wait_closed()
        assert (await ask("POST", "40", sid=sid))[:2] == (200, "ok")


async def test_a_websocket_is_opened_by_a_get_alone() -> None:
    handshake = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    async with chat(9) as io, browser(io) as ask:
        sid = sid_of(await ask())
        status, text, _ = await ask("POST", None, handshake, transport="websocket", sid=sid)
        assert (status, text) == (400, "Bad handshake method")


async def test_nothing_is_written_after_a_goodbye_whoever_said_it() -> None:
    for end in ("goodbye", "closed", "ended"):
        wire = Wire()
        frames = l09.Frames(wire, wire, wire)
        frames.write(["4a"])
        if end == "goodbye":
            frames.write(["4b", "1"])
        else:
            setattr(wire, end, True)
        frames.write(["4c"])
        frames.write(["1"])
        await asyncio.gather(*frames.goodbyes)
        frames.write(["4d", "1"])
        assert wire.written == [b"\x81\x024a", b"\x81\x024b"][: 1 + (end == "goodbye")]
        assert len(frames.goodbyes) == (end == "goodbye")


@pytest.mark.parametrize("lesson", [8, 9, 10, 16])
async def test_who_says_nothing_costs_no_handlers_task(lesson: int) -> None:
    async with chat(lesson) as io, line(io, "40") as one, line(io, "40") as other:
        for websocket in (one, other):
            await websocket.recv()
        await until(lambda: not io.tasks)
        await one.send('42["message",1]')
        assert await one.recv() == '42["message",1]'
        await until(lambda: not io.tasks)


async def test_after_a_handler_that_was_cancelled_events_are_heard_again() -> None:
    async with chat() as io, line(io, "40") as websocket:
        await websocket.recv()
        (socket,) = io.met

        @socket.on("cancel")
        async def cancel() -> None:
            io.seen.append("cancelled")
            raise asyncio.CancelledError

        await websocket.send('42["cancel"]')
        await until(lambda: "cancelled" in io.seen and not io.tasks)
        await websocket.send('42["message",1]')
        assert await asyncio.wait_for(websocket.recv(), 2) == '42["message",1]'


def connections_at(port: str) -> int:
    """How many TCP connections the server still has."""
    every = psutil.Process().net_connections()
    return sum(each.laddr.port == int(port) and each.status == psutil.CONN_ESTABLISHED for each in every)


# The end


async def test_a_server_that_stops_says_goodbye() -> None:
    async with chat(10) as io, browser(io) as ask:
        sid = sid_of(await ask())
        await ask("POST", "40", sid=sid)
        await ask(sid=sid)
        waiting = asyncio.create_task(ask(sid=sid))
        async with line(io, "40") as websocket:
            await websocket.recv()
            await io.stop(None)
            assert (await asyncio.wait_for(waiting, 2))[1] == "1"
            await asyncio.wait_for(websocket.wait_closed(), 2)
    assert io.seen.count("server shutting down") == 2


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    "what", [("echo",), ("conformance",), ("conformance", "--lesson", "8"), ("jsclient",)]
)
async def test_a_signal_ends_it_cleanly(what: tuple[str, ...], signal_number: int) -> None:
    command = (sys.executable, "-m", "wirelab.serve", *what)
    pipes = {"stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.PIPE}
    process = await asyncio.create_subprocess_exec(*command, cwd=SOURCES, **pipes)
    try:
        said = await asyncio.wait_for(process.stdout.readline(), 20)
        assert said.startswith(f"{what[0]} listens on ".encode())
        process.send_signal(signal_number)
        _, complaints = await asyncio.wait_for(process.communicate(), 10)  # closes the pipes, too
        assert (process.returncode, complaints) == (0, b"")
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()


def test_each_stage_composes_the_one_before() -> None:
    assert issubclass(l09.Server, l08.Server) and issubclass(l10.Server, l09.Server)
    assert stage() is stage(19)
    assert all(issubclass(stage(lesson), stage(lesson - 1)) for lesson in (13, 14, 15, 16, 17, 18, 19))
    assert issubclass(stage(12), l10.Server)
    assert (server_of(None), server_of(16)) == (handmade.Server, stage(16))
