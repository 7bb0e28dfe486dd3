"""The 32 cases of the official test suite of Socket.IO v5, under their titles, in words of our own.

The suite: socketio/socket.io, docs/socket.io-protocol/v5-test-suite. It wants a server with the heartbeat
300 + 200 ms that emits `auth`, answers `message` and acknowledges `message-with-ack`, also at `/custom`.
The official server passes them, too: else a case would prove nothing.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from wirelab import rulebook
from wirelab.address import port_of
from wirelab.rulebook.wire import Line, Wire

INTERVAL, TIMEOUT, WAIT = 0.3, 0.2, 2.0
LATE = 0.3  # a busy machine's server rings this much later
MANY = {"sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"}
BOTH = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}'
ONE, TWO = b"\1\2\3", b"\4\5\6"
Case = Callable[[Wire], Awaitable[None]]
CASES: dict[str, Case] = {}


def case(title: str) -> Callable[[Case], Case]:
    """Keeps a case under its title."""

    def keep(run: Case) -> Case:
        assert title not in CASES
        CASES[title] = run
        return run

    return keep


# What the cases have in common


async def silent_line(wire: Wire) -> tuple[Line, dict[str, Any]]:
    """A WebSocket that shows each ping and answers none, and what its open packet says."""
    line = await wire.websocket()
    assert line is not None
    line.answers_pings = False
    opening = await line.next(WAIT)
    assert isinstance(opening, str) and opening[0] == "0"
    return line, json.loads(opening[1:])


async def inside(wire: Wire) -> Line:
    """A WebSocket that has joined the main namespace and heard `auth`."""
    line, _ = await silent_line(wire)
    await line.send("40")
    assert str(await line.next(WAIT)).startswith("40{")
    assert str(await line.next(WAIT)).startswith('42["auth"')
    return line


async def joins(wire: Wire, packet: str, namespace: str, auth: str) -> None:
    """Join a namespace, and hear what the application was told."""
    line, _ = await silent_line(wire)
    await line.send(packet)
    answer = str(await line.next(WAIT))
    assert answer.startswith(f"40{namespace}")
    assert set(json.loads(answer.removeprefix(f"40{namespace}"))) == {"sid"}
    assert await line.next(WAIT) == f'42{namespace}["auth",{auth}]'


async def is_closed(line: Line) -> bool:
    """Whether it is closed within two heartbeats."""
    return await line.is_closed(WAIT)


async def is_shut(wire: Wire, **query: str) -> bool:
    """Whether a WebSocket with such a query is refused, or closed at once."""
    line = await wire.websocket(**query)
    return line is None or await line.is_closed(INTERVAL)


async def is_closed_at(wire: Wire, packet: str) -> None:
    line = await inside(wire)
    await line.send(packet)
    assert await is_closed(line)


async def upgraded(wire: Wire, *packets: str) -> tuple[Line, str]:
    """A session that began with polling, and its WebSocket."""
    sid = await wire.session()
    line = await wire.websocket(sid)
    assert line is not None
    line.answers_pings = False
    await line.send(*packets)
    return line, sid


# Engine.IO: handshake


@case("Engine.IO, handshake, HTTP long-polling: should successfully open a session")
async def _(wire: Wire) -> None:
    opening = await wire.opening()
    assert set(opening) == MANY and isinstance(opening["sid"], str)
    assert (opening["upgrades"], opening["maxPayload"]) == (["websocket"], 1_000_000)
    assert (opening["pingInterval"], opening["pingTimeout"]) == (300, 200)


@case("Engine.IO, handshake, HTTP long-polling: should fail with an invalid 'EIO' query parameter")
async def _(wire: Wire) -> None:
    assert [(await wire.ask(EIO=wrong)).status for wrong in ("", "abc")] == [400, 400]


@case("Engine.IO, handshake, HTTP long-polling: should fail with an invalid 'transport' query parameter")
async def _(wire: Wire) -> None:
    assert [(await wire.ask(transport=wrong)).status for wrong in ("", "abc")] == [400, 400]


@case("Engine.IO, handshake, HTTP long-polling: should fail with an invalid request method")
async def _(wire: Wire) -> None:
    assert [(await wire.ask(method)).status for method in ("POST", "PUT")] == [400, 400]


@case("Engine.IO, handshake, WebSocket: should successfully open a session")
async def _(wire: Wire) -> None:
    _, opening = await silent_line(wire)
    assert set(opening) == MANY and isinstance(opening["sid"], str)
    assert (opening["upgrades"], opening["maxPayload"]) == ([], 1_000_000)
    assert (opening["pingInterval"], opening["pingTimeout"]) == (300, 200)


@case("Engine.IO, handshake, WebSocket: should fail with an invalid 'EIO' query parameter")
async def _(wire: Wire) -> None:
    assert [await is_shut(wire, EIO=wrong) for wrong in ("", "abc")] == [True, True]


@case("Engine.IO, handshake, WebSocket: should fail with an invalid 'transport' query parameter")
async def _(wire: Wire) -> None:
    assert [await is_shut(wire, transport=wrong) for wrong in ("", "abc")] == [True, True]


# Engine.IO: heartbeat, close, upgrade


@case("Engine.IO, heartbeat, HTTP long-polling: should send ping/pong packets")
async def _(wire: Wire) -> None:
    sid = await wire.session()
    for _ in range(3):
        answer = await wire.ask(sid=sid)
        assert (answer.status, answer.text) == (200, "2")
        assert (await wire.post(sid, "3")).status == 200


@case("Engine.IO, heartbeat, HTTP long-polling: should close the session upon ping timeout")
async def _(wire: Wire) -> None:
    sid = await wire.session()
    await asyncio.sleep(INTERVAL + TIMEOUT + LATE)
    assert (await wire.ask(sid=sid)).status == 400


@case("Engine.IO, heartbeat, WebSocket: should send ping/pong packets")
async def _(wire: Wire) -> None:
    line, _ = await silent_line(wire)
    for _ in range(3):
        assert await line.next(WAIT) == "2"
        await line.send("3")


@case("Engine.IO, heartbeat, WebSocket: should close the session upon ping timeout")
async def _(wire: Wire) -> None:
    line, _ = await silent_line(wire)
    start = time.monotonic()
    assert await is_closed(line)
    assert time.monotonic() - start >= (INTERVAL + TIMEOUT) * 0.9


@case("Engine.IO, close, HTTP long-polling: should forcefully close the session")
async def _(wire: Wire) -> None:
    sid = await wire.session()
    poll = asyncio.create_task(wire.ask(sid=sid))
    await asyncio.sleep(0.05)
    await wire.post(sid, "1")
    answer = await poll
    assert (answer.status, answer.text) == (200, "6")
    assert (await wire.ask(sid=sid)).status == 400


@case("Engine.IO, close, WebSocket: should forcefully close the session")
async def _(wire: Wire) -> None:
    line, _ = await silent_line(wire)
    await line.send("1")
    assert await is_closed(line)


@case("Engine.IO, upgrade: should successfully upgrade from HTTP long-polling to WebSocket")
async def _(wire: Wire) -> None:
    line, _ = await upgraded(wire, "2probe")
    assert await line.next(WAIT) == "3probe"
    await line.send("5")
    assert await line.next(WAIT) == "2"  # from now on it is here that the heart beats


@case("Engine.IO, upgrade: should ignore HTTP requests with same sid after upgrade")
async def _(wire: Wire) -> None:
    line, sid = await upgraded(wire, "2probe", "5")
    assert await line.next(WAIT) == "3probe"
    await asyncio.sleep(0.05)
    assert (await wire.ask(sid=sid)).status == 400


@case("Engine.IO, upgrade: should ignore WebSocket connection with same sid after upgrade")
async def _(wire: Wire) -> None:
    line, sid = await upgraded(wire, "2probe", "5")
    assert await line.next(WAIT) == "3probe"
    await asyncio.sleep(0.05)
    assert await is_shut(wire, sid=sid)


# Socket.IO: connect


@case("connect: should allow connection to the main namespace")
async def _(wire: Wire) -> None:
    await joins(wire, "40", "", "{}")


@case("connect: should allow connection to the main namespace with a payload")
async def _(wire: Wire) -> None:
    await joins(wire, '40{"token":"123"}', "", '{"token":"123"}')


@case("connect: should allow connection to a custom namespace")
async def _(wire: Wire) -> None:
    await joins(wire, "40/custom,", "/custom,", "{}")


@case("connect: should allow connection to a custom namespace with a payload")
async def _(wire: Wire) -> None:
    await joins(wire, '40/custom,{"token":"abc"}', "/custom,", '{"token":"abc"}')


@case("connect: should disallow connection to an unknown namespace")
async def _(wire: Wire) -> None:
    line, _ = await silent_line(wire)
    await line.send("40/random")
    assert await line.next(WAIT) == '44/random,{"message":"Invalid namespace"}'


@case("connect: should disallow connection with an invalid handshake")
async def _(wire: Wire) -> None:
    line, _ = await silent_line(wire)
    await line.send("4abc")
    assert await is_closed(line)


@case("connect: should close the connection if no handshake is received")
async def _(wire: Wire) -> None:
    line, _ = await silent_line(wire)
    line.answers_pings = True  # it is not the heartbeat that ends it
    assert await line.is_closed(WAIT)


# Socket.IO: disconnect


@case("disconnect: should disconnect from the main namespace")
async def _(wire: Wire) -> None:
    line = await inside(wire)
    await line.send("41")
    assert await line.next(WAIT) == "2"


@case("disconnect: should connect then disconnect from a custom namespace")
async def _(wire: Wire) -> None:
    line = await inside(wire)
    assert await line.next(WAIT) == "2"
    await line.send("3", "40/custom")
    assert str(await line.next(WAIT)).startswith("40/custom,{")
    assert str(await line.next(WAIT)).startswith('42/custom,["auth"')
    await line.send("41/custom", '42["message","message to main namespace"]')
    assert await line.next(WAIT) == '42["message-back","message to main namespace"]'


# Socket.IO: message


async def heard(line: Line, count: int) -> list[object]:
    """So many packets, pings apart."""
    line.answers_pings = True
    return [await line.next(WAIT) for _ in range(count)]


@case("message: should send a plain-text packet")
async def _(wire: Wire) -> None:
    line = await inside(wire)
    await line.send('42["message",1,"2",{"3":[true]}]')
    assert await heard(line, 1) == ['42["message-back",1,"2",{"3":[true]}]']


@case("message: should send a packet with binary attachments")
async def _(wire: Wire) -> None:
    line = await inside(wire)
    await line.send(f'452-["message",{BOTH}]', ONE, TWO)
    assert await heard(line, 3) == [f'452-["message-back",{BOTH}]', ONE, TWO]


@case("message: should send a plain-text packet with an ack")
async def _(wire: Wire) -> None:
    line = await inside(wire)
    await line.send('42456["message-with-ack",1,"2",{"3":[false]}]')
    assert await heard(line, 1) == ['43456[1,"2",{"3":[false]}]']


@case("message: should send a packet with binary attachments and an ack")
async def _(wire: Wire) -> None:
    line = await inside(wire)
    await line.send(f'452-789["message-with-ack",{BOTH}]', ONE, TWO)
    assert await heard(line, 3) == [f"462-789[{BOTH}]", ONE, TWO]


@case("message: should close the connection upon invalid format (unknown packet type)")
async def _(wire: Wire) -> None:
    await is_closed_at(wire, "4abc")


@case("message: should close the connection upon invalid format (invalid payload format)")
async def _(wire: Wire) -> None:
    await is_closed_at(wire, "42{}")


@case("message: should close the connection upon invalid format (invalid ack id)")
async def _(wire: Wire) -> None:
    await is_closed_at(wire, '42abc["message-with-ack",1,"2",{"3":[false]}]')


@pytest.fixture(params=["ours", "official"])
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[Wire]:
    servers = {"ours": rulebook.handmade, "official": rulebook.node_socketio}
    async with servers[request.param]() as server, aiohttp.ClientSession() as http:
        one = Wire(port_of(server), http)
        yield one
        await one.close()


@pytest.mark.parametrize("title", CASES)
async def test_case(title: str, wire: Wire) -> None:
    await CASES[title](wire)


def test_there_are_as_many_as_the_suite_has() -> None:
    assert len(CASES) == 32
