"""The one room of clients: the same orders and the same kinds of event, whichever the library."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import socketio
from aiohttp import web
from page_tools import FakePage
from websockets.asyncio.server import ServerConnection, serve

from handmade import l16_who_is_there as l16
from handmade.l11_reconnection import Socket, io
from wirelab import clients
from wirelab.clients import WEBSOCKET, Client, Event, Kind, Node, Options, State
from wirelab.clients.page import Absent
from wirelab.middlebox import Middlebox, ResetBoth, StrictProxy
from wirelab.process import Child
from wirelab.waiting import eventually, until

RAW = ("websockets", "Node's WebSocket")
SOCKETIO = ("python-socketio", "socket.io-client")
OURS = "handmade"
SERVER = Path(__file__).with_name("socketio_server.mjs")
QUICK = Options(reconnection_delay=0.1, reconnection_delay_max=0.2, randomization_factor=0)


async def echo(websocket: ServerConnection) -> None:
    async for message in websocket:
        if message == "go":
            await websocket.close(4001, "go away")
        await websocket.send(message)


@pytest.fixture
async def raw_server() -> AsyncIterator[object]:
    async with serve(echo, "127.0.0.1", 0, close_timeout=0.2) as server:
        yield server


@pytest.fixture
async def server() -> AsyncIterator[Child]:
    """The official one."""
    async with Child.node(str(SERVER)) as child:
        yield child


@pytest.fixture
async def node() -> AsyncIterator[Node]:
    async with Node() as running:
        yield running


@pytest.fixture
async def client(request: pytest.FixtureRequest, node: Node) -> AsyncIterator[Client]:
    made: Client
    match request.param:
        case "websockets":
            made = clients.WebSocketsClient("Ann")
        case "python-socketio":
            made = clients.PythonSocketIOClient("Ann")
        case "handmade":
            made = clients.HandmadeClient("Ann")
        case "handmade, the last one":
            made = clients.HandmadeClient("Ann", l16.io)
        case library:
            made = node.client("Ann", WEBSOCKET if "WebSocket" in library else library)
    yield made
    await made.close()


def kinds(client: Client) -> list[Kind]:
    return [event.kind for event in client.events]


raw_clients = pytest.mark.parametrize("client", RAW, indirect=True)
socketio_clients = pytest.mark.parametrize("client", SOCKETIO, indirect=True)
returning_clients = pytest.mark.parametrize("client", (*SOCKETIO, OURS), indirect=True)
all_clients = pytest.mark.parametrize("client", (*RAW, *SOCKETIO, OURS), indirect=True)


@raw_clients
async def test_a_raw_client_talks_and_hears_why_it_ends(client: Client, raw_server: object) -> None:
    assert (client.state, client.raw) == (State.IDLE, True)
    await client.connect(raw_server, Options(endpoint="/chat"))
    await client.connected()
    assert (client.state, client.transport.lower(), client.settled) == (State.CONNECTED, "websocket", True)
    await client.send("Hello")
    await client.send(b"\0\xff")
    await until(lambda: client.inbox == [("Hello",), (b"\0\xff",)])
    await client.send("go")
    await until(lambda: client.state is State.DOWN)
    end = client.last(Kind.DISCONNECTED)
    assert end and (end.code, end.reason, client.transport) == (4001, "go away", "")
    assert kinds(client)[:3] == [Kind.TRYING, Kind.CONNECTED, Kind.SENT]
    times = [event.time for event in client.events]
    assert times[0] > 1e9 and times == sorted(times)


@raw_clients
async def test_a_raw_client_has_no_events(client: Client, raw_server: object) -> None:
    with pytest.raises(TypeError, match="no events: use send"):
        await client.emit("chat", "Hello")
    with pytest.raises(TypeError, match="no acknowledgements"):
        await client.call("chat", "Hello")
    with pytest.raises(ValueError, match="no auth"):
        await client.connect(raw_server, Options(auth={"name": "Ann"}))


@pytest.mark.parametrize("client", (*SOCKETIO, f"{OURS}, the last one"), indirect=True)
async def test_a_socketio_client_emits_calls_and_answers(client: Client, server: Child) -> None:
    await client.connect(server, Options(auth={"name": "Ann"}, answers={"how are you": "well"}))
    await client.connected()
    assert await eventually(lambda: client.settled and client.transport == "websocket")
    await client.send("Hello")
    await client.emit("echo", {"image": b"\x89PNG"}, 2)
    await until(lambda: len(client.inbox) == 2)
    assert client.inbox == [("message", "Hello"), ("echo", {"image": b"\x89PNG"}, 2)]
    assert await client.call("who am i") == "Ann"
    assert await client.call("ask me") == "well"
    with pytest.raises(TimeoutError, match="did not acknowledge"):
        await client.call("never answered", timeout=0.1)
    sent = [event.data for event in client.events if event.kind is Kind.SENT]
    assert sent[:3] == [("message", "Hello"), ("echo", {"image": b"\x89PNG"}, 2), ("who am i",)]


@socketio_clients
async def test_the_transport_stays_polling_where_nothing_else_passes(client: Client, server: Child) -> None:
    async with Middlebox(server, [StrictProxy()]) as box:
        await client.connect(box)
        await client.connected()
        assert await eventually(lambda: client.settled)
        assert client.transport == "polling"
        assert Kind.NOT_UPGRADED in kinds(client)
        await client.connect(box, Options(transports=["websocket"], reconnection=False))
        with pytest.raises(ConnectionError, match=r"[Ee]rror"):
            await client.connected()
        assert (client.state, client.transport) == (State.DOWN, "")


@returning_clients
async def test_tells_how_long_it_waits_and_when_it_tries(client: Client, server: Child) -> None:
    await client.connect(server, QUICK)
    await client.connected()
    server.kill()
    await until(lambda: kinds(client).count(Kind.WAITING) == 3)
    waits = [event for event in client.events if event.kind is Kind.WAITING]
    assert [(wait.delay, wait.attempt) for wait in waits[:2]] == [(0.1, 1), (0.2, 2)]
    after = kinds(client)[kinds(client).index(Kind.DISCONNECTED) :]
    assert after[:5] == [Kind.DISCONNECTED, Kind.WAITING, Kind.TRYING, Kind.FAILED, Kind.WAITING]
    tries = [event.time for event in client.events if event.kind is Kind.TRYING][1:]
    assert tries[0] - waits[0].time >= 0.095
    await server.restart()
    await until(lambda: client.state is State.CONNECTED)


@returning_clients
async def test_gives_up_after_the_attempts_that_it_has(client: Client, server: Child) -> None:
    await client.connect(server, Options(**{**vars(QUICK), "reconnection_attempts": 2}))
    await client.connected()
    server.kill()
    await until(lambda: client.state is State.GIVEN_UP)
    assert kinds(client).count(Kind.WAITING) == 2
    with pytest.raises(ConnectionError):
        await client.connected()


async def test_the_one_of_lesson_11_does_not_ask_and_says_so(server: Child) -> None:
    ann = clients.HandmadeClient("Ann")
    with pytest.raises(ValueError, match="no acknowledgements"):
        await ann.connect(server, Options(answers={"how are you": "well"}))
    await ann.connect(server)
    with pytest.raises(TypeError, match="no acknowledgements"):
        await ann.call("who am i")
    await ann.close()


async def test_two_of_ours_share_a_connection_and_one_may_leave(server: Child) -> None:
    ann, bob = clients.HandmadeClient("Ann", l16.io), clients.HandmadeClient("Bob", l16.io)
    await ann.connect(server)
    await bob.connect(server, Options(endpoint="/news"))
    await ann.connected()
    await bob.connected()
    await ann.close()
    await bob.emit("echo", "still here")
    await until(lambda: bob.inbox == [("echo", "still here")])
    await bob.close()
    assert Kind.DISCONNECTED not in kinds(bob)


async def test_ours_is_made_by_the_io_that_somebody_has_typed(server: Child) -> None:
    made: list[Socket] = []

    def typed(url: str, **options: object) -> Socket:
        made.append(io(url, **options))
        return made[-1]

    ann = clients.HandmadeClient("Ann", typed)
    await ann.connect(server, QUICK)
    await ann.connected(5)
    assert [socket.connected for socket in made] == [True]
    await ann.close()


@pytest.mark.parametrize("client", ["socket.io-client", OURS], indirect=True)
async def test_these_keep_what_they_cannot_send_yet(client: Client, server: Child) -> None:
    await client.connect(server, QUICK)
    await client.connected()
    server.kill()
    await until(lambda: client.state is not State.CONNECTED)
    await client.emit("echo", "later")
    assert client.events[-1].kind is Kind.KEPT or Kind.KEPT in kinds(client)
    assert ("echo", "later") not in [event.data for event in client.events if event.kind is Kind.SENT]
    await server.restart()
    await until(lambda: client.inbox == [("echo", "later")])
    assert ("echo", "later") in [event.data for event in client.events if event.kind is Kind.SENT]


@pytest.mark.parametrize("client", ["python-socketio"], indirect=True)
async def test_python_socketio_keeps_nothing_and_says_so(client: Client, server: Child) -> None:
    with pytest.raises(ConnectionError, match="connect first"):
        await client.emit("echo", "never")
    await client.connect(server, QUICK)
    await client.connected()
    server.kill()
    await until(lambda: client.state is not State.CONNECTED)
    with pytest.raises(ConnectionError, match="BadNamespaceError"):
        await client.emit("echo", "lost")


@pytest.mark.parametrize("client", ["websockets"], indirect=True)
async def test_websockets_comes_back_if_it_is_told_to(client: Client) -> None:
    delays = {"reconnect_delays": lambda: iter([0.05] * 100)}
    async with serve(echo, "127.0.0.1", 0) as first:
        port = first.sockets[0].getsockname()[1]
        await client.connect(first, Options(reconnection=True, extra=delays))
        await client.connected()
    await until(lambda: kinds(client).count(Kind.FAILED) == 2)
    async with serve(echo, "127.0.0.1", port):
        await client.connected()
        await client.close()


async def test_websockets_tells_the_delays_of_the_library() -> None:
    client = clients.WebSocketsClient("Ann")
    async with serve(echo, "127.0.0.1", 0) as server:
        await client.connect(server, Options(reconnection=True))
        await client.connected()
    await until(lambda: client.state is State.WAITING)
    wait = client.last(Kind.WAITING)
    assert wait and wait.delay is not None and 0 <= wait.delay <= 5 and wait.attempt == 1
    assert await eventually(lambda: not client.settled)
    await client.close()
    assert client.state is State.IDLE


@all_clients
async def test_what_is_over_is_not_heard_any_more(client: Client, server: Child, raw_server: object) -> None:
    where = raw_server if client.raw else server
    for _ in range(2):
        await client.connect(where)
        await client.connected()
    await client.close()
    seen = list(client.events)
    assert (client.state, client.transport, seen[-1].kind) == (State.IDLE, "", Kind.LEFT)
    await asyncio.sleep(0.2)
    assert client.events == seen
    with pytest.raises(ConnectionError, match="connect first"):
        await client.send("too late")


@all_clients
async def test_a_refused_connection_says_what_the_client_saw(client: Client, server: Child) -> None:
    port = server.port
    server.kill()
    await client.connect(port, Options(reconnection=None if client.raw else False))
    with pytest.raises(ConnectionError, match=r"ConnectionRefused|onclose|xhr poll error|[Cc]annot connect"):
        await client.connected()
    assert (client.state, kinds(client)[-1]) == (State.DOWN, Kind.FAILED)


@all_clients
async def test_listeners_hear_each_event_until_they_do_not_want_to(
    client: Client, server: Child, raw_server: object
) -> None:
    heard: list[Event] = []
    unlisten = client.listen(heard.append)
    async with Middlebox(raw_server if client.raw else server) as box:
        await client.connect(box, Options(reconnection=None if client.raw else False))
        await client.connected()
        await until(lambda: client.settled)
        box.rules = [ResetBoth()]
        await until(lambda: client.state is State.DOWN)
    assert heard == client.events
    unlisten()
    unlisten()
    await client.close()
    assert heard == client.events[:-1]


async def test_a_second_namespace_shares_the_connection(node: Node, server: Child) -> None:
    first, news = node.client("Ann"), node.client("Ann's news")
    async with Middlebox(server) as box:
        await first.connect(box, Options(auth={"name": "Ann"}))
        await first.connected()
        await until(lambda: first.settled)
        flows = len(box.flows)
        await news.connect(box, Options(endpoint="/news"), over=first)
        await news.connected()
        assert await news.call("who am i") == "Ann"
        assert len(box.flows) == flows
        await news.close()
        assert first.state is State.CONNECTED
        assert await first.call("who am i") == "Ann"


async def test_python_speaks_to_python_socketio_too() -> None:
    sio = socketio.AsyncServer(async_mode="aiohttp")

    @sio.on("echo")
    async def echo_back(sid: str, text: str) -> None:
        await sio.emit("echo", text, to=sid)

    app = web.Application()
    sio.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    client = clients.PythonSocketIOClient("Ann")
    await client.connect(runner.addresses[0][1])
    await client.connected()
    await client.emit("echo", "Hello")
    await until(lambda: client.inbox == [("echo", "Hello")])
    await client.close()
    await sio.eio.disconnect()
    await sio.shutdown()
    await runner.cleanup()


# The page, played by a test


async def test_without_a_page_there_is_no_client_in_it() -> None:
    fake = FakePage()
    client = fake.client("browser")
    assert not fake.page.present
    with pytest.raises(Absent, match="No page shows this"):
        await client.connect(8000)


async def test_a_page_takes_orders_and_its_reports_are_the_clients_events() -> None:
    fake = FakePage()
    client = fake.client("browser")
    fake.come()
    assert (fake.page.present, fake.page.origin, fake.changes) == (True, "http://lab", 1)
    await client.connect(8000, Options(endpoint="/chat"))
    assert fake.orders[0]["with"] == [0, 1, "WebSocket", "ws://127.0.0.1:8000/chat", {}, None]
    fake.saw(1, "connected", name="onopen", transport="websocket")
    await client.connected()
    fake.saw(0, "disconnected", name="onclose")  # of an earlier connection
    fake.saw(1, "received", name="onmessage", data=[{"$bytes": "AP8="}])
    assert client.inbox == [(b"\0\xff",)]
    assert client.state is State.CONNECTED
    with pytest.raises(ValueError, match="no reconnection"):
        await client.connect(8000, Options(reconnection=True))


async def test_a_page_that_does_not_answer_is_not_there_and_nobody_waits_for_it_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("wirelab.clients.page.ANSWERING_TIME", 0.1)
    fake = FakePage()
    client = fake.client("browser")
    fake.come()
    await client.connect(8000)
    fake.saw(1, "connected", name="onopen", transport="websocket")
    fake.lives = False
    with pytest.raises(Absent, match="does not answer"):
        await client.send("Hello")
    assert (fake.page.present, client.state) == (False, State.IDLE)
    async with asyncio.timeout(0.05):
        with pytest.raises(Absent, match="No page"):
            await client.send("Hello")
    fake.lives = True
    fake.saw(1, "note", name="late")
    assert fake.page.present and await fake.page.check()


async def test_a_page_that_says_goodbye_or_is_replaced_takes_its_connections_along() -> None:
    fake = FakePage()
    client = fake.client("browser")
    for end in ({"type": "gone", "page": "p1"}, {"type": "here", "page": "p2", "direct": True, "origin": ""}):
        fake.come("p1")
        await client.connect(8000)
        fake.saw(client._connection, "connected", name="onopen", transport="websocket")
        assert client.state is State.CONNECTED
        fake.lives = False
        waiting = asyncio.create_task(client.send("Hello"))
        await asyncio.sleep(0)
        fake.page.take(end)
        with pytest.raises(Absent, match="has gone"):
            await waiting
        assert client.state is State.IDLE
        fake.saw(client._connection - 1, "disconnected", name="onclose")  # the last word of its socket
        assert fake.page.present == (end["type"] == "here")
        fake.lives = True
    fake.page.take({"type": "gone", "page": "p1"})  # not the one that counts
    assert fake.page.present


async def test_two_orders_to_connect_make_one_connection(node: Node, server: Child) -> None:
    client = node.client("Ann")
    async with Middlebox(server) as box:
        await asyncio.gather(*(client.connect(box, Options(transports=["websocket"])) for _ in range(3)))
        await client.connected()
        await asyncio.sleep(0.1)
        assert len(box.flows) == 1
        assert kinds(client).count(Kind.CONNECTED) == 1


async def test_a_process_that_ended_is_said_so(node: Node) -> None:
    client = node.client("Ann")
    node._peer._process.kill()
    with contextlib.suppress(BrokenPipeError), pytest.raises(ChildProcessError, match=r"node\.mjs"):
        await client.connect(8000)
