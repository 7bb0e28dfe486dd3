"""Each rule of the middlebox does on the wire what its docstring says; nonsense is refused in a sentence."""

import asyncio
import contextlib
import itertools
import sys
import time
from collections.abc import AsyncIterator, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_middlebox import End, Host, client_of, wired
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosedError

from wirelab.middlebox import (
    Answer,
    BadGateway,
    Blackhole,
    BlockPage,
    BodyLimit,
    BufferingAntivirus,
    CaptivePortal,
    ConnectOnlyTo,
    Delay,
    DropAfterUpgrade,
    EmptyReply,
    ExplicitProxy,
    IdleDrop,
    IdleReset,
    IdleTimeout,
    Jitter,
    LoginPage,
    Middlebox,
    NoTunnel,
    Pass,
    ProxyLogin,
    Rate,
    Refuse,
    ResetAfterUpgrade,
    ResetBoth,
    ResetClient,
    ResetUpgrade,
    Roam,
    RoundRobin,
    Rule,
    Stall,
    StickyByAddress,
    StickyByCookie,
    StrictProxy,
    Swallow,
    SwallowAnswer,
    SwallowUpgrade,
)
from wirelab.middlebox.rules.http import Answers, Head, Messages, Requests
from wirelab.trace import Direction, Event, Leg
from wirelab.waiting import until

UP, DOWN = Direction.UP, Direction.DOWN
GET = b"GET /chat HTTP/1.1\r\nHost: here\r\n\r\n"
UPGRADE = b"GET /chat HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


async def head_of(end: End) -> bytes:
    """The next head that this end receives."""
    async with asyncio.timeout(5):
        return await end.reader.readuntil(b"\r\n\r\n")


async def reset(end: End) -> None:
    """Wait for a RST."""
    with pytest.raises(ConnectionResetError):
        await end.rest()


async def silent(end: End, seconds: float = 0.1) -> None:
    """Nothing comes, neither bytes nor an end."""
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(end.reader.read(1), seconds)


async def upgraded(client: End, server: End) -> None:
    """Bring a WebSocket about by hand."""
    await client.send(UPGRADE)
    await server.get(UPGRADE)
    await server.send(SWITCHING)
    await client.get(SWITCHING)


@contextlib.asynccontextmanager
async def echo_server() -> AsyncIterator[object]:
    async def echo(connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    async with serve(echo, "127.0.0.1", 0, compression=None, close_timeout=0.1) as server:
        yield server


# HTTP, as rules read it

STREAMS = [
    (Requests, [GET, b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n", b"GET ", UPGRADE]),
    (
        Answers,
        [OK[:-2], b"hi", b"HTTP/1.1 204 No Content\r\n\r\n", SWITCHING, b"\x81\x01a HTTP/1.1 200 OK\r\n\r\n"],
    ),
    (
        Answers,
        [
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"3;x=y\r\nHTT\r\n11\r\nHTTP/1.1 200 OK\r\n\r\n0\r\nExpires: now\r\n\r\n",
            OK[:-2],
            b"hi",
        ],
    ),
    (Requests, [b"\x16\x03\x01 no HTTP at all", b"\x81\x85GET /"]),
]


@given(st.sampled_from(STREAMS), st.lists(st.integers(0, 150)))
def test_messages_lose_no_byte_and_find_the_heads(
    stream: tuple[type[Messages], list[bytes]], cuts: list[int]
) -> None:
    kind, parts = stream
    raw = b"".join(parts)
    places = sorted({0, len(raw), *(cut for cut in cuts if cut < len(raw))})
    messages = kind()
    found = [part for start, stop in itertools.pairwise(places) for part in messages.feed(raw[start:stop])]
    assert b"".join(map(bytes, found)) + messages.rest() == raw
    heads = [part for part in parts if part.endswith(b"\r\n\r\n") and part[:1].isalpha()]
    assert [bytes(part) for part in found if isinstance(part, Head)] == heads


# Proxies


async def test_strict_proxy_takes_upgrade_out() -> None:
    async with wired(StrictProxy()) as (client, server, _):
        await client.send(UPGRADE)
        assert await head_of(server) == b"GET /chat HTTP/1.0\r\nHost: here\r\nConnection: close\r\n\r\n"
        await server.send(b"HTTP/1.0 200 OK\r\n\r\nhi")
        server.finish()
        assert await client.rest() == b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhi"


async def explicit(rules: list[Rule], request: bytes) -> tuple[bytes, bool]:
    """What the client reads after its request, and whether a server was reached; `PORT` is the server's."""
    async with Host() as host, Middlebox(1, rules) as box, client_of(box) as client:
        await client.send(request.replace(b"PORT", str(host.port).encode()))
        answer = await head_of(client)
        return answer.split(b"\r\n")[0], not host.ends.empty()


async def test_explicit_proxy_opens_a_tunnel() -> None:
    async with Host() as host, Middlebox(1, [ExplicitProxy()]) as box, client_of(box) as client:
        await client.send(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n\r\n" % host.port)
        assert (await head_of(client)).startswith(b"HTTP/1.1 200")
        server = await host.accepted()
        await client.send(UPGRADE)
        await server.get(UPGRADE)
        await server.send(SWITCHING)
        await client.get(SWITCHING)


async def test_explicit_proxy_knows_names() -> None:
    async with Host() as host:
        named = ExplicitProxy({"prices.example:443": host.port})
        async with Middlebox(1, [ConnectOnlyTo(443), named]) as box:
            async with client_of(box) as client:
                await client.send(b"CONNECT prices.example:443 HTTP/1.1\r\n\r\n")
                assert (await head_of(client)).startswith(b"HTTP/1.1 200")
                await host.accepted()
            async with client_of(box) as stranger:
                await stranger.send(b"CONNECT other.example:443 HTTP/1.1\r\n\r\n")
                assert (await head_of(stranger)).startswith(b"HTTP/1.1 403")


async def test_explicit_proxy_forwards_a_request() -> None:
    async with Host() as host, Middlebox(1, [ExplicitProxy()]) as box, client_of(box) as client:
        await client.send(b"GET http://127.0.0.1:%d/a?b HTTP/1.1\r\nUpgrade: websocket\r\n\r\n" % host.port)
        assert await head_of(await host.accepted()) == b"GET /a?b HTTP/1.1\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize(
    ("rules", "request_", "status"),
    [
        ([ConnectOnlyTo(443), ExplicitProxy()], b"CONNECT 127.0.0.1:PORT HTTP/1.1\r\n\r\n", b"403"),
        ([ExplicitProxy()], b"CONNECT example.invalid:80 HTTP/1.1\r\n\r\n", b"403"),
        ([ExplicitProxy()], b"CONNECT 127.0.0.1:1 HTTP/1.1\r\n\r\n", b"503"),
        ([ExplicitProxy()], b"CONNECT 127.0.0.1 HTTP/1.1\r\n\r\n", b"400"),
        ([ExplicitProxy()], b"CONNECT 127.0.0.1:99999 HTTP/1.1\r\n\r\n", b"400"),
        ([ExplicitProxy()], b"CONNECT 127.0.0.1:\xb2 HTTP/1.1\r\n\r\n", b"400"),
        ([ExplicitProxy()], b"GET http://127.0.0.1:99999/ HTTP/1.1\r\n\r\n", b"400"),
        ([ExplicitProxy()], b"GET http://[::1 HTTP/1.1\r\n\r\n", b"400"),
        ([ProxyLogin("ann", "secret"), ExplicitProxy()], b"CONNECT 127.0.0.1:PORT HTTP/1.1\r\n\r\n", b"407"),
        (
            [ProxyLogin("ann", "secret"), ExplicitProxy()],
            b"CONNECT 127.0.0.1:PORT HTTP/1.1\r\nProxy-Authorization: Basic YW5uOnNlY3JldA==\r\n\r\n",
            b"200",
        ),
    ],
)
async def test_explicit_proxy_answers(rules: list[Rule], request_: bytes, status: bytes) -> None:
    line, reached = await explicit(rules, request_)
    assert line.split()[1] == status
    assert reached is (status == b"200")


# Inspection


async def test_reset_upgrade_resets_both_and_spares_polling() -> None:
    async with wired(ResetUpgrade()) as (client, server, _):
        await client.send(GET)
        await server.get(GET)
        await server.send(OK)
        await client.get(OK)
        await client.send(UPGRADE)
        await reset(client)
        await reset(server)


async def test_swallowed_request_arrives_when_the_rule_is_taken_off() -> None:
    async with wired(SwallowUpgrade()) as (client, server, box):
        await client.send(UPGRADE)
        await silent(server)
        box.rules = []
        await server.get(UPGRADE)


async def test_swallowed_answer() -> None:
    async with wired(SwallowAnswer()) as (client, server, box):
        await client.send(UPGRADE)
        await server.get(UPGRADE)
        await server.send(SWITCHING + b"frame")
        await silent(client)
        box.rules = []
        await client.get(SWITCHING + b"frame")


async def test_reset_after_the_upgrade() -> None:
    async with wired(ResetAfterUpgrade()) as (client, server, _):
        await upgraded(client, server)
        await client.send(b"frame")
        await reset(client)
        await reset(server)


async def test_drop_after_the_upgrade() -> None:
    async with wired(DropAfterUpgrade()) as (client, server, _):
        await upgraded(client, server)
        await client.send(b"frame")
        await server.send(b"frame")
        await silent(client)
        await silent(server)


async def test_no_tunnel_fails_the_websocket() -> None:
    async with (
        echo_server() as server,
        Middlebox(server, [NoTunnel()]) as box,
        connect(f"ws://127.0.0.1:{box.port}", compression=None, close_timeout=0.1) as client,
    ):
        await client.send("hello")
        with pytest.raises(ConnectionClosedError):
            await client.recv()
        assert client.protocol.close_sent is not None
        assert client.protocol.close_sent.code == 1002


async def test_answer_to_head_has_no_body() -> None:
    async with wired(BufferingAntivirus()) as (client, server, _):
        await client.send(GET.replace(b"GET", b"HEAD"))
        await server.get(GET.replace(b"GET", b"HEAD"))
        await server.send(OK[:-2])
        await client.get(OK[:-2])


async def test_antivirus_hands_on_what_is_complete() -> None:
    async with wired(BufferingAntivirus()) as (client, server, _):
        await client.send(GET)
        await server.send(OK[:-1])
        await silent(client)
        await server.send(OK[-1:])
        await client.get(OK)
        await client.send(UPGRADE)
        await server.send(SWITCHING + b"frame")
        await silent(client)
        server.finish()
        assert await client.rest() == SWITCHING + b"frame"


# Faults


async def test_blackhole_tells_nobody_and_heals() -> None:
    async with wired() as (client, server, box):
        await client.send(b"1")
        await server.get(b"1")
        box.rules = [Blackhole()]
        await client.send(b"2")
        client.finish()
        await server.send(b"3")
        await silent(client)
        await silent(server)
        box.rules = []
        assert await server.rest() == b"2"
        await client.get(b"3")


async def test_what_was_held_back_for_somebody_who_is_gone_is_not_recorded_as_sent(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The first write is answered by an RST, and the others fail."""
    async with wired() as (client, server, box):
        box.rules = [Blackhole()]
        for number in range(10):
            await client.send(b"%d" % number)
            await until(lambda sent=number + 1: len(said_on(box, Leg.CLIENT)) == sent)  # type: ignore[misc]
        server.writer.transport.abort()
        await asyncio.sleep(0.1)
        box.rules = []
        await until(lambda: not box.flows)
        assert len(said_on(box, Leg.SERVER)) < 10
        assert caplog.messages == []  # asyncio warns of a fifth write after an error


def said_on(box: Middlebox, leg: Leg) -> list[bytes]:
    return [record.data for record in box.trace if record.leg is leg and record.event is Event.DATA]


async def test_blackhole_of_one_flow() -> None:
    async with Host() as host, Middlebox(host) as box, client_of(box) as one, client_of(box) as two:
        ends = [await host.accepted(), await host.accepted()]
        box.rules = [Blackhole(flow=box.flows[0].number)]
        await one.send(b"one")
        await two.send(b"two")
        done, _ = await asyncio.wait([asyncio.create_task(end.get(b"two")) for end in ends], timeout=1)
        assert len(done) == 1


async def test_blackhole_holds_a_sender_that_sends_too_much() -> None:
    async with wired() as (client, _, box):
        box.rules = [Blackhole()]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.send(bytes(50 << 20)), 0.5)


async def test_one_direction_is_swallowed_and_the_other_is_well() -> None:
    async with wired() as (client, server, box):
        box.rules = [Swallow(DOWN)]
        await client.send(b"order")
        await server.get(b"order")
        await server.send(b"noted")
        await silent(client)
        box.rules = []
        await client.get(b"noted")
        box.rules = [Swallow(UP)]
        await client.send(b"again")
        await silent(server)
        await server.send(b"well?")
        await client.get(b"well?")


async def test_what_was_swallowed_is_gone_if_the_line_tears_behind_it() -> None:
    async with wired() as (client, server, box):
        swallow = Swallow(UP)
        box.rules = [swallow]
        await client.send(b"order")
        await silent(server)
        box.rules = [swallow, ResetBoth()]
        await reset(client)
        await reset(server)


async def test_reset_both_cuts_live_connections_at_once() -> None:
    async with wired() as (client, server, box):
        box.rules = [ResetBoth()]
        await reset(client)
        await reset(server)


async def test_reset_both_lets_new_ones_begin() -> None:
    async with wired(ResetBoth()) as (client, server, _):
        await client.send(b"x")
        await reset(client)
        await reset(server)


async def test_reset_client_does_not_tell_the_server() -> None:
    async with wired() as (client, server, box):
        box.rules = [ResetClient()]
        await server.send(b"listening is fine")
        await client.get(b"listening is fine")
        await client.send(b"x")
        await reset(client)
        await silent(server)
        box.rules = []
        await reset(server)


async def test_who_roams_is_cut_off_and_the_server_is_not_told() -> None:
    async with wired() as (client, server, box):
        box.rules = [Roam()]
        await reset(client)
        await server.send(b"into nothing")
        await silent(server)


async def test_who_roams_can_connect_anew() -> None:
    async with wired(Roam()) as (client, server, _):
        await client.send(b"hello")
        await server.get(b"hello")


# Time-outs


async def test_idle_timeout_ends_with_fin() -> None:
    async with wired(IdleTimeout(0.1)) as (client, server, _):
        await upgraded(client, server)
        assert await client.rest() == b""
        assert await server.rest() == b""


async def test_held_poll_gets_504() -> None:
    async with wired(IdleTimeout(0.1)) as (client, server, _):
        await client.send(GET)
        assert (await client.rest()).startswith(b"HTTP/1.1 504 Gateway Timeout\r\n")
        assert await server.rest() == GET


async def test_traffic_in_either_direction_keeps_a_connection() -> None:
    async with wired(IdleTimeout(0.3)) as (client, server, _):
        for _ in range(4):
            await asyncio.sleep(0.1)
            await server.send(b"ping")
            await client.get(b"ping")


async def test_idle_drop() -> None:
    async with wired(IdleDrop(0.1)) as (client, server, box):
        await silent(server, 0.2)
        await client.send(b"too late")
        await silent(server)
        box.rules = []
        await server.get(b"too late")


async def test_idle_reset_hits_who_sends() -> None:
    async with wired(IdleReset(0.1)) as (client, server, _):
        await silent(client, 0.2)
        await server.send(b"too late")
        await reset(server)
        await silent(client)


# Limits


@pytest.mark.parametrize(
    "post",
    [
        b"POST / HTTP/1.1\r\nContent-Length: 11\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n",
    ],
)
async def test_body_limit(post: bytes) -> None:
    async with wired(BodyLimit(10)) as (client, _, _):
        await client.send(post)
        assert (await client.rest()).startswith(b"HTTP/1.1 413 Request Entity Too Large\r\n")


def test_a_body_may_come_with_its_head_in_one_piece() -> None:
    post = b"POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n"
    body = bytes(range(250)) * 400
    parts = list(Requests().feed(post + body))
    assert [type(part) for part in parts] == [Head, bytes]
    assert parts[1] == body


def test_a_head_that_does_not_end_is_handed_on_as_it_came() -> None:
    endless = GET[:-2] + b"X: " + b"x" * 70_000
    assert b"".join(map(bytes, Requests().feed(endless))) == endless


async def test_body_limit_counts_neither_websocket_nor_answers() -> None:
    async with wired(BodyLimit(10)) as (client, server, _):
        await upgraded(client, server)
        await client.send(b"x" * 20)
        await server.get(b"x" * 20)
        await server.send(b"y" * 20)
        await client.get(b"y" * 20)


# Balancers


async def reached(box: Middlebox, hosts: list[Host], cookie: bytes = b"") -> tuple[int, bytes]:
    """Which host gets a request, and the head of the answer."""
    async with client_of(box) as client:
        await client.send(GET[:-2] + cookie + b"\r\n")
        waits = [asyncio.create_task(host.accepted()) for host in hosts]
        done, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        chosen = waits.index(done.pop())
        server = waits[chosen].result()
        assert b"Connection: close" in await head_of(server)
        await server.send(OK)
        return chosen, await head_of(client)


async def test_round_robin() -> None:
    async with Host() as one, Host() as two, Middlebox(1, [RoundRobin([one, two])]) as box:
        assert [(await reached(box, [one, two]))[0] for _ in range(4)] == [0, 1, 0, 1]


async def test_round_robin_leaves_out_who_refuses() -> None:
    async with Host() as dead:
        pass
    async with Host() as alive, Middlebox(1, [RoundRobin([dead.port, alive])]) as box:
        assert [(await reached(box, [alive]))[0] for _ in range(3)] == [0, 0, 0]


async def test_no_server_left_is_502() -> None:
    async with Host() as dead:
        pass
    async with Middlebox(1, [RoundRobin([dead.port, dead.port])]) as box, client_of(box) as client:
        await client.send(GET)
        assert (await client.rest()).startswith(b"HTTP/1.1 502 ")


async def test_sticky_by_address() -> None:
    async with Host() as one, Host() as two, Middlebox(1, [StickyByAddress([one, two])]) as box:
        assert len({(await reached(box, [one, two]))[0] for _ in range(4)}) == 1


async def test_sticky_by_cookie() -> None:
    async with Host() as one, Host() as two, Middlebox(1, [StickyByCookie([one, two])]) as box:
        _, first = await reached(box, [one, two])
        assert b"Set-Cookie: server=0; Path=/" in first
        assert [(await reached(box, [one, two], b"Cookie: a=b; server=1\r\n"))[0] for _ in range(3)] == [
            1,
            1,
            1,
        ]


async def test_sticky_by_cookie_names_the_server_that_has_answered() -> None:
    async with Host() as dead:
        pass
    async with Host() as one, Middlebox(1, [StickyByCookie([dead, one])]) as box:
        _, answer = await reached(box, [one], b"Cookie: server=0\r\n")
        assert b"Set-Cookie: server=1; Path=/" in answer


@pytest.mark.parametrize("rule", [RoundRobin([1]), ExplicitProxy(), BlockPage()], ids=repr)
async def test_who_still_waits_is_connected_when_the_rule_is_taken_off(rule: Rule) -> None:
    async with Host() as host, Middlebox(host, [rule]) as box, client_of(box) as client:
        async with asyncio.timeout(5):
            while not box.flows:  # noqa: ASYNC110 (accepting is no event)
                await asyncio.sleep(0.001)
        box.rules = []
        server = await host.accepted()
        await client.send(GET)
        await server.get(GET)


# Portals


@pytest.mark.parametrize(
    ("rule", "start"),
    [
        (CaptivePortal(), b"HTTP/1.1 302 Found\r\nLocation: http://portal.invalid/login\r\n"),
        (LoginPage(), b"HTTP/1.1 200 OK\r\n"),
        (BlockPage(), b"HTTP/1.1 403 Forbidden\r\n"),
        (BadGateway(), b"HTTP/1.1 502 Bad Gateway\r\n"),
        (Answer(511, "Log in"), b"HTTP/1.1 511 Network Authentication Required\r\n"),
    ],
)
async def test_portals_answer_without_asking_the_server(rule: Rule, start: bytes) -> None:
    async with Host() as host, Middlebox(host, [rule]) as box, client_of(box) as client:
        await client.send(GET)
        assert (await client.rest()).startswith(start)
        assert host.ends.empty()


async def test_empty_reply() -> None:
    async with Host() as host, Middlebox(host, [EmptyReply()]) as box, client_of(box) as client:
        await client.send(GET)
        assert await client.rest() == b""


async def test_refuse_resets_new_connections_only() -> None:
    async with wired() as (client, server, box):
        box.rules = [Refuse()]
        await client.send(b"still here")
        await server.get(b"still here")
        async with client_of(box) as late:
            await reset(late)


# The line


async def round_trip(*rules: Rule, data: bytes = b"x") -> float:
    """Seconds for bytes to go up and come back."""
    async with wired(*rules) as (client, server, _):
        start = time.perf_counter()
        await client.send(data)
        await server.get(data)
        await server.send(data)
        await client.get(data)
        return time.perf_counter() - start


@pytest.mark.parametrize(
    ("rule", "least"),
    [
        (Delay(0.1), 0.2),
        (Delay(0.1, direction=UP), 0.1),
        (Delay(0.1, direction=DOWN), 0.1),
        (Stall(1, 0.1), 0.2),
        (Rate(800_000), 0.2),
    ],
)
async def test_line_takes_its_time(rule: Rule, least: float) -> None:
    assert least <= await round_trip(rule, data=bytes(10_000)) < least + 0.5


@pytest.mark.parametrize("rule", [Jitter(0.02), Stall(0.3, 0.02), Rate(20_000_000), Delay(0.01)], ids=repr)
async def test_line_keeps_the_order(rule: Rule) -> None:
    data = bytes(range(256)) * 1000
    async with wired(rule) as (client, server, _):
        sending = asyncio.create_task(client.send(data))
        await server.get(data)
        await sending
        client.finish()
        assert await server.rest() == b""


async def test_slow_line_slows_the_sender_down() -> None:
    async with wired(Rate(100_000)) as (client, _, _):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.send(bytes(50 << 20)), 0.5)


# Switched while connections live

HARMLESS: list[Callable[[], Rule]] = [
    Pass,
    StrictProxy,
    ResetUpgrade,
    SwallowUpgrade,
    SwallowAnswer,
    Blackhole,
    lambda: Swallow(UP),
    lambda: Swallow(DOWN),
    BodyLimit,
    BufferingAntivirus,
    lambda: IdleTimeout(5),
    lambda: IdleDrop(0.001),
    lambda: Delay(0.01),
    lambda: Rate(1_000_000),
    lambda: Jitter(0.01),
    lambda: Stall(0.5, 0.01),
    lambda: RoundRobin([1]),
]


@pytest.mark.parametrize("make", HARMLESS, ids=lambda make: repr(make()))
async def test_nothing_is_lost_by_laying_a_rule_and_taking_it_off(make: Callable[[], Rule]) -> None:
    async with (
        echo_server() as server,
        Middlebox(server) as box,
        connect(f"ws://127.0.0.1:{box.port}", compression=None) as client,
    ):
        for number in range(20):
            box.rules = [make()] if number % 2 else [Delay(0), make()]
            await client.send(f"GET /{number} HTTP/1.1")
            await asyncio.sleep(0)
        box.rules = []
        async with asyncio.timeout(5):
            assert [await client.recv() for _ in range(20)] == [f"GET /{n} HTTP/1.1" for n in range(20)]


# Nonsense


@pytest.mark.parametrize(
    ("nonsense", "sentence"),
    [
        (lambda: Delay(-1), "A time cannot be -1 seconds"),
        (lambda: Delay("fast"), "Expected a number of seconds"),  # type: ignore[arg-type]
        (lambda: Delay(float("nan")), "A time cannot be nan seconds"),
        (lambda: Delay(1, direction="up"), "Expected Direction.UP"),  # type: ignore[arg-type]
        (lambda: IdleTimeout(0), "A time cannot be 0 seconds"),
        (lambda: IdleDrop(-1), "A time cannot be"),
        (lambda: Rate(0), "0 bits per second are too few"),
        (lambda: Rate(True), "Expected a whole number of bits per second"),
        (lambda: Stall(2), "A chance lies between 0"),
        (lambda: BodyLimit(-1), "-1 bytes are too few"),
        (lambda: Blackhole(flow=0), "Flows are numbered from 1"),
        (lambda: Swallow("up"), "Expected Direction.UP"),  # type: ignore[arg-type]
        (lambda: Swallow(None), "Which way"),  # type: ignore[arg-type]
        (lambda: Answer(99, "?"), "An answer needs an HTTP status"),
        (lambda: StrictProxy("2"), 'A proxy speaks HTTP "1.0" or "1.1"'),  # type: ignore[arg-type]
        (lambda: ConnectOnlyTo(0), "Expected port numbers"),
        (lambda: RoundRobin([]), "Expected a list of servers"),
        (lambda: RoundRobin(["here"]), "Expected a port number"),
        (lambda: Middlebox(80, [Delay]), r"like \[Delay\(\)\], but got Delay without parentheses"),  # type: ignore[list-item]
        (lambda: Middlebox(80, [Pass(), 3]), "Expected a list of rules"),  # type: ignore[list-item]
        (lambda: Middlebox(80, [RoundRobin([1]), StickyByAddress([1])]), "both choose the server"),
        (lambda: Middlebox(80, [RoundRobin([1]), ExplicitProxy()]), "both choose the server"),
        (lambda: Middlebox(80, [Blackhole(), Delay(1)]), r"Nothing gets past Blackhole\(flow=None\)"),
        (lambda: Middlebox(80, [BlockPage(), Pass()]), "Nothing gets past BlockPage"),
        (lambda: Middlebox(80, [Refuse(), EmptyReply()]), "Nothing gets past Refuse"),
    ],
)
def test_nonsense_is_refused_in_a_sentence(nonsense: Callable[[], object], sentence: str) -> None:
    with pytest.raises((TypeError, ValueError), match=sentence) as refusal:
        nonsense()
    assert str(refusal.value).endswith((".", ")."))


async def test_refused_rules_leave_the_old_ones_in_force() -> None:
    async with Host() as host, Middlebox(host, [Pass()]) as box:
        old = box.rules
        with pytest.raises(ValueError, match="Nothing gets past"):
            box.rules = [Refuse(), Pass()]
        assert box.rules == old


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux answers on all of 127/8")
async def test_address_of_a_client() -> None:
    async with Host() as host, Middlebox(host) as box:
        _, writer = await asyncio.open_connection("127.0.0.1", box.port, local_addr=("127.0.0.2", 0))
        await host.accepted()
        assert box.flows[0].client_address[0] == "127.0.0.2"
        writer.transport.abort()
