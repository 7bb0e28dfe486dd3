"""What is started by name can be restarted and stopped; children can be killed and frozen."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientError, ClientSession, web
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosedError

from wirelab import bench
from wirelab.bench import Child, JavaScriptError, javascript, registry
from wirelab.middlebox import Middlebox
from wirelab.process import reaper
from wirelab.waiting import until

ECHO = """
import asyncio, json, os
from websockets.asyncio.server import serve

async def echo(ws):
    async for message in ws:
        print("got", message)
        await ws.send(message)

async def main():
    async with serve(echo, "127.0.0.1", int(os.environ["PORT"])) as server:
        print("starting")
        print(json.dumps({"port": server.sockets[0].getsockname()[1]}))
        await asyncio.Future()

asyncio.run(main())
"""

NODE_SERVER = """
const server = require("net").createServer((socket) => socket.end("from Node"));
server.listen(process.env.PORT, "127.0.0.1", () => console.log(JSON.stringify(server.address())));
"""


@pytest.fixture(autouse=True)
async def clean_bench() -> AsyncIterator[None]:
    yield
    await bench.stop_all()
    assert bench.names() == []
    registry._bench.clear()


async def echo(ws: ServerConnection) -> None:
    async for message in ws:
        await ws.send(message)


async def says(thing: object, message: str) -> str | bytes:
    async with connect(bench.url(thing), proxy=None) as ws:
        await ws.send(message)
        return await asyncio.wait_for(ws.recv(), 5)


async def refused(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return True
    writer.close()
    return False


# By name


async def test_the_same_cell_twice_closes_the_predecessor() -> None:
    first = await bench.start("echo", serve(echo, "127.0.0.1", 0))
    port = first.sockets[0].getsockname()[1]
    second = await bench.start("echo", serve(echo, "127.0.0.1", port))
    assert not first.is_serving()
    assert await says(second, "hi") == "hi"
    assert bench.names() == ["echo"]


async def test_a_server_and_a_cable_restarted_on_their_ports() -> None:
    server = await bench.start("echo", lambda port=0: serve(echo, "127.0.0.1", port))
    cable = await bench.start("cable", lambda port=0: Middlebox(server, port=port))
    address = bench.url(cable)
    assert await says(cable, "one") == "one"
    again = await bench.restart("echo")
    assert bench.url(again) == f"ws://127.0.0.1:{again.sockets[0].getsockname()[1]}"
    assert await says(cable, "two") == "two"
    assert bench.url(await bench.restart("cable")) == address
    assert await says(cable, "three") == "three"


async def test_two_that_are_started_at_once_under_one_name_leave_one() -> None:
    servers = await asyncio.gather(
        *(bench.start("echo", serve(echo, "127.0.0.1", 0)) for _ in range(3)),
    )
    assert bench.names() == ["echo"]
    assert sum(server.is_serving() for server in servers) == 1
    await bench.stop_all()
    assert not any(server.is_serving() for server in servers)


async def test_stopped_things_may_be_stopped_again_and_restarted() -> None:
    server = await bench.start("echo", lambda: serve(echo, "127.0.0.1", 0))
    await bench.stop("echo")
    await bench.stop("echo")
    assert not server.is_serving()
    assert bench.names() == []
    assert await says(await bench.restart("echo"), "back") == "back"


async def test_a_client_by_name_and_stop_all_the_latest_first() -> None:
    server = await bench.start("echo", serve(echo, "127.0.0.1", 0))
    client = await bench.start("client", connect(bench.url(server), proxy=None))
    assert bench.names() == ["echo", "client"]
    await bench.stop_all()
    assert client.close_code == 1000
    assert not server.is_serving()


def test_url_takes_a_path_and_a_scheme() -> None:
    assert bench.url(8000) == "ws://127.0.0.1:8000"
    assert bench.url(8000, "/socket.io/", scheme="http") == "http://127.0.0.1:8000/socket.io/"


def page() -> web.Application:
    """One page, and one that is never ready."""

    async def hello(request: web.Request) -> web.Response:
        return web.Response(text="Hello")

    async def never(request: web.Request) -> web.Response:
        return await asyncio.Future()

    app = web.Application()
    app.add_routes([web.get("/", hello), web.get("/never", never)])
    return app


async def get(thing: object, path: str = "/") -> str:
    async with ClientSession() as http, http.get(bench.url(thing, path, scheme="http")) as answer:
        return await answer.text()


async def test_an_aiohttp_application_restarted_on_its_port() -> None:
    site = await bench.start("page", lambda port=0: bench.aiohttp(page(), port))
    assert await get(site) == "Hello"
    again = await bench.restart("page")
    assert again.port == site.port
    assert await get(again) == "Hello"
    await bench.stop("page")
    assert await refused(site.port)


async def test_an_aiohttp_application_with_an_answer_outstanding_is_closed() -> None:
    site = await bench.start("page", bench.aiohttp(page()))
    waiting = asyncio.create_task(get(site, "/never"))
    await asyncio.sleep(0.1)
    started = time.monotonic()
    await bench.stop("page")
    assert time.monotonic() - started < 2
    with pytest.raises(ClientError):
        await waiting


async def test_a_hanging_close_is_bounded() -> None:
    closed = []

    @asynccontextmanager
    async def stubborn() -> AsyncIterator[str]:
        try:
            yield "thing"
        finally:
            closed.append(True)
            await asyncio.Future()

    assert await bench.start("stubborn", stubborn()) == "thing"
    started = time.monotonic()
    await bench.stop("stubborn")
    assert closed
    assert time.monotonic() - started < 2


async def test_a_server_with_a_sleeping_handler_and_a_deaf_client_is_closed() -> None:
    ended = []

    async def sleeper(ws: ServerConnection) -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.append(True)

    server = await bench.start("sleeper", serve(sleeper, "127.0.0.1", 0))
    async with connect(bench.url(server), proxy=None) as client:
        client.transport.pause_reading()
        await until(lambda: bool(server.all_connections))
        started = time.monotonic()
        await bench.stop("sleeper")
        assert time.monotonic() - started < 2
        assert ended
        assert not server.all_connections
        client.transport.abort()


@pytest.mark.parametrize("act", [bench.stop, bench.restart])
async def test_an_unknown_name_lists_the_known(act: Callable[[str], Awaitable[object]]) -> None:
    with pytest.raises(LookupError, match=r"There is no 'cable' on the bench; there is: nothing\."):
        await act("cable")
    await bench.start("echo", serve(echo, "127.0.0.1", 0))
    with pytest.raises(LookupError, match=r"there is: 'echo'\."):
        await act("cable")


async def test_what_cannot_be_restarted_or_started_is_told_in_a_sentence() -> None:
    await bench.start("echo", serve(echo, "127.0.0.1", 0))
    with pytest.raises(TypeError, match=r"'echo' cannot be restarted.*bench\.start\('echo', lambda port=0: "):
        await bench.restart("echo")

    async def main() -> None: ...

    with pytest.raises(TypeError, match=r"'main' needs something that `async with` takes.*got a coroutine"):
        await bench.start("main", main())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="got a coroutine"):
        await bench.start("main", main)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="got a int"):
        await bench.start("main", 8000)  # type: ignore[arg-type]


async def test_a_start_without_await_is_told_so_wherever_it_is_used():
    server = bench.start("echo", serve(echo, "127.0.0.1", 0))
    for use in (Middlebox, bench.url):
        with pytest.raises(TypeError, match=r"start\(\.\.\.\) has not run yet: write `await` before it"):
            use(server)
    assert bench.url(await server).startswith("ws://127.0.0.1:")


async def test_a_closed_server_is_not_taken_for_a_running_one() -> None:
    server = await bench.start("echo", serve(echo, "127.0.0.1", 0))
    with pytest.raises(ConnectionError, match="has been closed before"):
        await bench.start("echo", server)
    assert bench.names() == []


# Children


async def lost(ws: ClientConnection) -> int | None:
    with pytest.raises(ConnectionClosedError):
        await asyncio.wait_for(ws.recv(), 5)
    return ws.close_code


async def test_a_killed_child_is_1006_for_its_client_and_comes_back_on_its_port() -> None:
    child = await bench.start("server", Child.python("-c", ECHO))
    port = child.port
    async with connect(bench.url(child), proxy=None) as ws:
        child.kill()
        assert not child.running
        assert await lost(ws) == 1006
    assert await refused(port)
    assert await bench.restart("server") is child
    assert (child.running, child.port) == (True, port)
    assert await says(child, "back") == "back"
    await until(lambda: child.output == ["starting", "starting", "got back"])
    await bench.stop("server")
    assert not child.running
    await bench.restart("server")
    assert bench.names() == ["server"]


async def test_a_frozen_child_says_nothing_until_it_is_thawed() -> None:
    child = await bench.start("server", Child.python("-c", ECHO))
    async with connect(bench.url(child), proxy=None) as ws:
        child.freeze()
        assert child.running
        await ws.send("anyone?")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ws.recv(), 0.2)
        child.thaw()
        assert await asyncio.wait_for(ws.recv(), 5) == "anyone?"
        child.freeze()
        await bench.stop("server")
        assert await lost(ws) == 1006


async def test_terminate_asks_politely() -> None:
    async with Child.python("-c", ECHO) as child:
        child.terminate()
        await until(lambda: not child.running)
        with pytest.raises(ProcessLookupError, match="restart it first"):
            child.freeze()


async def test_a_node_child() -> None:
    async with Child.node("-e", NODE_SERVER) as child:
        reader, writer = await asyncio.open_connection("127.0.0.1", child.port)
        assert await asyncio.wait_for(reader.read(), 5) == b"from Node"
        writer.close()
        port = child.port
        await child.restart()
        assert child.port == port
    assert await refused(port)


async def test_a_child_that_never_listens_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConnectionError, match="does not listen yet"):
        _ = Child("x").port
    with pytest.raises(ChildProcessError, match="exit code 3 before it listened; its last line was: no luck"):
        await bench.start("server", Child.python("-c", "print('no luck'); exit(3)"))
    monkeypatch.setattr("wirelab.process.child.STARTING_TIME", 0.1)
    child = Child.python("-c", "import time; time.sleep(60)")
    with pytest.raises(TimeoutError, match=r"within 0\.1 s; it printed nothing"):
        await child.__aenter__()
    assert not child.running


async def test_of_much_output_the_first_and_the_last_lines_are_kept() -> None:
    program = """
import json
for number in range(300_000): print(number)
print("x" * 3_000_000)
print(json.dumps({"port": 1}))
print("end")
"""
    async with Child.python("-c", program) as child:
        await until(lambda: child.output[-1:] == ["end"])
        assert child.output[:2] == ["0", "1"]
        assert "… 299,302 lines are left out here …" in child.output
        assert len(child.output) == 1001
        assert max(map(len, child.output)) <= 10_000


async def test_children_know_the_course(tmp_path: object) -> None:
    program = "import wirelab, json; print(json.dumps({'port': 1})); print(wirelab.__name__)"
    async with Child.python("-c", program) as child:
        await until(lambda: child.output == ["wirelab"])


async def test_the_orphan_guard_kills_what_it_was_told_last_and_can_be_killed_itself() -> None:
    async with Child.python("-c", ECHO) as ended, Child.python("-c", ECHO) as child:
        guard = reaper.Reaper()
        assert ended._process
        assert child._process
        guard.watch(ended._process.pid)
        assert guard._process
        guard._process.kill()
        guard._process.wait()
        guard.watch(child._process.pid)
        guard.forget(ended._process.pid)
        child.freeze()
        guard._process.communicate(timeout=5)
        await until(lambda: not child.running)
        assert ended.running


# JavaScript


async def test_javascript_talks_to_a_server_in_this_loop() -> None:
    server = await bench.start("echo", serve(echo, "127.0.0.1", 0))
    source = """
        import { once } from "node:events";
        const ws = new WebSocket(url);
        await once(ws, "open");
        ws.send(text);
        const [event] = await once(ws, "message");
        console.log(event.data);
        console.log(numbers.length);
        ws.close();
    """
    text = "grüße ✓ </script> \u2028 'quoted\""
    assert await javascript(source, url=bench.url(server), text=text, numbers=[1, 2]) == text + "\n2"


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ('throw new TypeError("no such\\nthing")', "TypeError: no such thing"),
        ("setTimeout(() => null.x, 1)", "TypeError: Cannot read properties of null (reading 'x')"),
        ("let x = ;", "SyntaxError: Unexpected token ';'"),
        ('await Promise.reject(new Error("late"))', "Error: late"),
        ("await new Promise(() => {})", "The JavaScript awaits something that can never happen"),
        ("process.exit(4)", "Node ended with exit code 4."),
    ],
)
async def test_a_javascript_error_is_one_sentence(source: str, sentence: str) -> None:
    with pytest.raises(JavaScriptError) as caught:
        await javascript(source)
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)
    assert " at " not in str(caught.value)


async def test_javascript_that_does_not_end_is_ended() -> None:
    started = time.monotonic()
    with pytest.raises(TimeoutError, match=r"still ran after 0\.3 s"):
        await javascript("setInterval(() => {}, 1000)", timeout=0.3)
    assert time.monotonic() - started < 5


async def test_the_guard_forgets_children_that_ended() -> None:
    await javascript("")
    async with Child(sys.executable, "-c", ECHO):
        assert len(registry_of_pids()) == 1
    await until(lambda: not registry_of_pids())


def registry_of_pids() -> set[int]:
    from wirelab.process.spawning import reaper as guard

    return guard._pids
