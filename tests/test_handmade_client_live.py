"""The client of lesson 11 on a real network: three servers, each transport, and what goes wrong."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import socketio
from aiohttp import web

from handmade.l11_reconnection import Server, Socket, io
from wirelab.middlebox import Blackhole, Middlebox, ResetBoth, StrictProxy
from wirelab.process import Child
from wirelab.waiting import until

OFFICIAL = Path(__file__).with_name("socketio_server.mjs")
QUICK = {"reconnection_delay": 0.05, "reconnection_delay_max": 0.1}
EVERY_WAY = (["polling"], ["websocket"], ["polling", "websocket"])


@asynccontextmanager
async def official() -> AsyncIterator[int]:
    async with Child.node(str(OFFICIAL)) as child:
        yield child.port


@asynccontextmanager
async def python_socketio() -> AsyncIterator[int]:
    sio = socketio.AsyncServer(async_mode="aiohttp")

    @sio.on("echo")
    async def echo(sid: str, *data: object) -> None:
        await sio.emit("echo", data, to=sid)

    @sio.on("connect")
    async def connected(sid: str, environ: object, auth: Any) -> None:
        if auth and auth.get("name") == "stranger":
            raise socketio.exceptions.ConnectionRefusedError("not you", {"code": 7})

    app = web.Application()
    sio.attach(app)
    runner = web.AppRunner(app, shutdown_timeout=0.2)  # python-engineio keeps polls that nobody waits for
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    if sio.eio.sockets:
        await sio.eio.disconnect()
    await sio.shutdown()
    await runner.cleanup()


@asynccontextmanager
async def ours(port: int = 0, **settings: object) -> AsyncIterator[int]:
    server = Server(**settings)

    @server.on("connection")
    def connected(socket: Any) -> None:
        socket.on("echo", lambda *data: socket.emit("echo", *data))
        socket.on("leave", socket.disconnect)

    async with server.listen(port) as listening:
        yield listening


SERVERS = {"official": official, "python-socketio": python_socketio, "ours": ours}
Connect = Callable[..., Socket]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """`connect(port)` is `io`, with what it tells in `told` and `heard`. Afterwards all is gone."""
    sockets: list[Any] = []

    def connected(port: int, endpoint: str = "", **options: object) -> Any:
        socket: Any = io(f"http://127.0.0.1:{port}{endpoint}", **QUICK | options)
        socket.told, socket.heard, socket.upgrades = [], [], []
        sockets.append(socket)
        for name in ("connect", "disconnect", "connect_error"):
            socket.on(name, lambda *data, name=name: socket.told.append((name, *data)))
        socket.on("echo", lambda *data: socket.heard.append(data))
        for name in ("upgrade", "upgrade_error"):
            socket.io.engine.on(name, lambda *_, name=name: socket.upgrades.append(name))
        return socket

    before = asyncio.all_tasks()
    yield connected
    for socket in sockets:
        engine = socket.io.engine
        socket.disconnect()
        if engine and engine.state != "closed":
            engine.end("forced close")
    mine = {"carry", "Line.work", "pump", "get_all", "post_all"}
    await until(
        lambda: not [task for task in asyncio.all_tasks() - before if task.get_coro().__qualname__ in mine]
    )


def names(socket: Any) -> list[str]:
    return [name for name, *_ in socket.told]


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("transports", EVERY_WAY, ids=" and ".join)
async def test_it_talks_to_each_server_over_each_transport(
    connect: Connect, server: str, transports: list[str]
) -> None:
    async with SERVERS[server]() as port:
        socket: Any = connect(port, transports=transports)
        for number in range(40):
            socket.emit("echo", number, "你好 🙂", {"deep": [None, 1.5]})
        await until(lambda: len(socket.heard) == 40, 10)
        await until(lambda: socket.io.engine.outbox.transport == transports[-1], 10)
        for number in range(40, 80):
            socket.emit("echo", number, "你好 🙂", {"deep": [None, 1.5]})
        await until(lambda: len(socket.heard) == 80, 10)
        assert socket.heard == [(number, "你好 🙂", {"deep": [None, 1.5]}) for number in range(80)]
        assert (names(socket), socket.upgrades) == (["connect"], ["upgrade"] * (len(transports) - 1))
        socket.disconnect()
        await until(lambda: socket.told[-1] == ("disconnect", "io client disconnect"))


@pytest.mark.parametrize("transports", EVERY_WAY, ids=" and ".join)
async def test_the_server_is_killed_and_comes_back(connect: Connect, transports: list[str]) -> None:
    async with Child.node(str(OFFICIAL)) as server:
        socket: Any = connect(server.port, transports=transports)
        attempts: list[int] = []
        socket.io.on("reconnect_attempt", attempts.append)
        await until(lambda: socket.connected, 10)
        first = socket.id
        server.kill()
        await until(lambda: not socket.connected)
        for number in range(30):
            socket.emit("echo", number)
        await until(lambda: len(attempts) > 1)
        await server.restart()
        await until(lambda: len(socket.heard) == 30, 10)
        assert socket.heard == [(number,) for number in range(30)]
        assert attempts == list(range(1, len(attempts) + 1))
        assert socket.id != first
        assert names(socket)[:2] == ["connect", "disconnect"] and names(socket)[-1] == "connect"


async def test_a_server_that_is_not_there_yet_is_waited_for(connect: Connect) -> None:
    async with ours() as port:
        pass
    socket: Any = connect(port)
    socket.emit("echo", "early")
    await until(lambda: names(socket).count("connect_error") == 2)
    async with ours(port):
        await until(lambda: socket.heard == [("early",)])


@pytest.mark.parametrize("server", ["official", "python-socketio"])
async def test_a_namespace_that_there_is_not(connect: Connect, server: str) -> None:
    async with SERVERS[server]() as port:
        socket: Any = connect(port, "/nowhere")
        await until(lambda: socket.told)
        ((name, error),) = socket.told
        assert (name, str(error)) == (
            "connect_error",
            {"official": "Invalid namespace", "python-socketio": "Unable to connect"}[server],
        )
        await asyncio.sleep(0.3)
        assert (names(socket), socket.active) == (["connect_error"], False)


async def test_a_namespace_that_there_is(connect: Connect) -> None:
    async with official() as port:
        socket: Any = connect(port, "/news")
        socket.emit("echo", "news")
        await until(lambda: socket.heard == [("news",)], 10)


async def test_who_is_refused_hears_why(connect: Connect) -> None:
    async with python_socketio() as port:
        socket: Any = connect(port, auth={"name": "stranger"})
        await until(lambda: socket.told)
        ((_, error),) = socket.told
        assert (str(error), error.data) == ("not you", {"code": 7})


async def test_whom_the_server_sends_away_stays_away(connect: Connect) -> None:
    async with ours() as port:
        socket: Any = connect(port)
        socket.emit("leave")
        await until(lambda: ("disconnect", "io server disconnect") in socket.told)
        await asyncio.sleep(0.3)
        assert names(socket).count("connect") == 1
        socket.connect()
        await until(lambda: names(socket).count("connect") == 2)


async def test_behind_a_proxy_without_upgrades_it_stays_on_polling(connect: Connect) -> None:
    async with ours() as port, Middlebox(port, [StrictProxy()]) as box:
        socket: Any = connect(box.port)
        await until(lambda: socket.upgrades == ["upgrade_error"])
        socket.emit("echo", "by polling")
        await until(lambda: socket.heard == [("by polling",)])
        assert socket.io.engine.outbox.transport == "polling"


@pytest.mark.parametrize("transports", EVERY_WAY, ids=" and ".join)
async def test_a_silent_line_is_noticed_by_the_missing_ping(connect: Connect, transports: list[str]) -> None:
    async with ours(ping_interval=0.3, ping_timeout=0.2) as port, Middlebox(port) as box:
        socket: Any = connect(box.port, transports=transports)
        await until(lambda: socket.connected)
        await asyncio.sleep(1)
        assert "disconnect" not in names(socket)
        box.rules = [Blackhole()]
        await until(lambda: ("disconnect", "ping timeout") in socket.told)
        box.rules = []
        await until(lambda: socket.connected, 10)


async def test_a_broken_line_is_mended_and_nothing_is_said_twice(connect: Connect) -> None:
    async with ours() as port, Middlebox(port) as box:
        socket: Any = connect(box.port)
        for number in range(5):
            await until(lambda: socket.connected)
            socket.emit("echo", number)
            await until(lambda: (number,) in socket.heard)  # noqa: B023 (awaited before the next)
            box.rules = [ResetBoth()]
            await until(lambda: not socket.connected)
            box.rules = []
        assert socket.heard == [(number,) for number in range(5)]


async def test_a_page_of_a_hotel_is_no_server(connect: Connect) -> None:
    async def portal(request: web.Request) -> web.Response:
        return web.Response(text="<html>Please log in</html>", content_type="text/html")

    app = web.Application()
    app.router.add_get("/{tail:.*}", portal)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    for transports in EVERY_WAY:
        socket: Any = connect(runner.addresses[0][1], transports=transports)
        await until(lambda: names(socket).count("connect_error") > 1)  # noqa: B023
        assert set(names(socket)) == {"connect_error"}
        socket.disconnect()
    await runner.cleanup()


async def test_a_slow_handler_delays_the_next_and_loses_none(connect: Connect) -> None:
    async with ours() as port:
        socket: Any = connect(port)
        order: list[object] = []

        async def slowly(number: int) -> None:
            order.append(number)
            await asyncio.sleep(0.01)
            order.append(number)

        socket.on("echo", slowly)
        for number in range(5):
            socket.emit("echo", number)
        await until(lambda: len(order) == 10)
        assert order == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
