"""The relay is transparent without rules, and its place for rules carries every kind of rule."""

import asyncio
import contextlib
import random
import socket
import struct
import time
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

from wirelab.middlebox import Flow, Handler, Middlebox, Pass, Rule
from wirelab.trace import Direction, Event, Leg, Trace
from wirelab.waiting import until

UP, DOWN = Direction.UP, Direction.DOWN
OPEN, DATA, FIN, RST = Event.OPEN, Event.DATA, Event.FIN, Event.RST
CLIENT, SERVER = Leg.CLIENT, Leg.SERVER


@dataclass
class End:
    """One program's end of a TCP connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def finish(self) -> None:
        self.writer.write_eof()

    def reset(self) -> None:
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def get(self, data: bytes) -> None:
        """Wait for exactly these bytes."""
        async with asyncio.timeout(5):
            assert await self.reader.readexactly(len(data)) == data

    async def rest(self) -> bytes:
        """All bytes up to the FIN; raises ConnectionResetError at an RST."""
        async with asyncio.timeout(10):
            return await self.reader.read(-1)


class Host:
    """A TCP server whose accepted connections are taken with `accepted()`."""

    def __init__(self) -> None:
        self.ends: asyncio.Queue[End] = asyncio.Queue()
        self._all: list[End] = []

    async def __aenter__(self) -> "Host":
        self.server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.close()
        for end in self._all:
            end.writer.transport.abort()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._all.append(End(reader, writer))
        self.ends.put_nowait(self._all[-1])

    async def accepted(self) -> End:
        return await asyncio.wait_for(self.ends.get(), 5)


@contextlib.asynccontextmanager
async def client_of(box: Middlebox) -> AsyncIterator[End]:
    end = End(*await asyncio.open_connection("127.0.0.1", box.port))
    try:
        yield end
    finally:
        end.writer.transport.abort()


@contextlib.asynccontextmanager
async def wired(*rules: Rule) -> AsyncIterator[tuple[End, End, Middlebox]]:
    """A client and a server joined by a middlebox."""
    async with Host() as host, Middlebox(host, rules) as box, client_of(box) as client:
        yield client, await host.accepted(), box


def events(box: Middlebox, leg: Leg, *, without: Event = DATA) -> list[tuple[Direction, Event]]:
    return [(r.direction, r.event) for r in box.trace if r.leg is leg and r.event is not without]


def passed(box: Middlebox, leg: Leg, direction: Direction) -> bytes:
    return b"".join(r.data for r in box.trace if r.leg is leg and r.direction is direction)


async def until_over(box: Middlebox) -> None:
    await until(lambda: not box.flows, 5)


# Without a rule


async def say(end: End, data: bytes, pieces: int, rng: random.Random) -> None:
    cuts = sorted(rng.randrange(len(data) + 1) for _ in range(pieces))
    for start, stop in zip([0, *cuts], [*cuts, len(data)], strict=True):
        await end.send(data[start:stop])
        if rng.random() < 0.2:
            await asyncio.sleep(0)


async def soup(up: int, down: int, pieces: int, first: str, seed: int) -> None:
    rng = random.Random(seed)
    bytes_up, bytes_down = rng.randbytes(up), rng.randbytes(down)
    async with wired() as (client, server, box):

        async def client_program() -> bytes:
            if first == "server":
                got = await client.rest()
                await say(client, bytes_up, pieces, rng)
                client.finish()
                return got
            await say(client, bytes_up, pieces, rng)
            client.finish()
            return await client.rest()

        async def server_program() -> bytes:
            if first == "client":
                got = await server.rest()
                await say(server, bytes_down, pieces, rng)
                server.finish()
                return got
            await say(server, bytes_down, pieces, rng)
            server.finish()
            return await server.rest()

        async with asyncio.TaskGroup() as group:
            at_client = group.create_task(client_program())
            at_server = group.create_task(server_program())
        await until_over(box)
        assert at_client.result() == bytes_down == passed(box, CLIENT, DOWN) == passed(box, SERVER, DOWN)
        assert at_server.result() == bytes_up == passed(box, CLIENT, UP) == passed(box, SERVER, UP)
        for leg in Leg:
            assert sorted(events(box, leg)) == sorted([(UP, OPEN), (UP, FIN), (DOWN, FIN)])


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(
    up=st.integers(0, 300_000),
    down=st.integers(0, 300_000),
    pieces=st.integers(0, 20),
    first=st.sampled_from(["client", "server", "either"]),
    seed=st.integers(),
)
def test_any_bytes_pass_both_ways_and_finish_in_any_order(
    up: int, down: int, pieces: int, first: str, seed: int
) -> None:
    asyncio.run(soup(up, down, pieces, first, seed))


async def test_a_mebibyte_each_way_at_once() -> None:
    await soup(2**20, 2**20, 300, "either", 1)


async def test_half_closed_the_other_direction_goes_on() -> None:
    async with wired(Pass()) as (client, server, box):
        client.finish()
        assert await server.rest() == b""
        await server.send(b"still here")
        await client.get(b"still here")
        assert (DOWN, FIN) not in events(box, CLIENT)
        server.finish()
        assert await client.rest() == b""
        await until_over(box)


async def test_rst_of_the_client_reaches_the_server() -> None:
    async with wired() as (client, server, box):
        client.reset()
        with pytest.raises(ConnectionResetError):
            await server.rest()
        assert events(box, CLIENT) == events(box, SERVER) == [(UP, OPEN), (UP, RST)]
        await until_over(box)


async def test_rst_of_the_server_reaches_the_client() -> None:
    async with wired() as (client, server, box):
        server.reset()
        with pytest.raises(ConnectionResetError):
            await client.rest()
        assert events(box, CLIENT) == events(box, SERVER) == [(UP, OPEN), (DOWN, RST)]


async def test_an_upstream_that_refuses_resets_the_client() -> None:
    async with Host() as host:
        pass
    async with Middlebox(host) as box, client_of(box) as client:
        with pytest.raises(ConnectionResetError):
            await client.rest()
        assert events(box, SERVER) == [(DOWN, RST)]
        assert events(box, CLIENT) == [(UP, OPEN), (DOWN, RST)]
        await until_over(box)


async def test_a_slow_reader_slows_the_sender() -> None:
    size = 64 * 2**20
    async with wired() as (client, server, box):
        sent = 0

        async def sender() -> None:
            nonlocal sent
            while sent < size:
                await client.send(bytes(2**16))
                sent += 2**16
            client.finish()

        task = asyncio.create_task(sender())
        seen, idle_turns = 0, 0
        while idle_turns < 30:
            await asyncio.sleep(0.005)
            idle_turns = idle_turns + 1 if sent == seen else 0
            seen = sent
        assert 0 < sent < size / 2
        assert len(await server.rest()) == size
        await task
        assert sum(r.size for r in box.trace if r.leg is SERVER and r.direction is UP) == size


async def test_a_websocket_echo_and_a_server_restarted_on_its_port() -> None:
    async def echo(ws: object) -> None:
        async for message in ws:  # type: ignore[attr-defined]
            await ws.send(message)  # type: ignore[attr-defined]

    async with serve(echo, "127.0.0.1", 0) as server, Middlebox(server) as box:
        port = server.sockets[0].getsockname()[1]
        url = f"ws://127.0.0.1:{box.port}"
        async with connect(url, proxy=None) as ws:
            await ws.send("Hello")
            assert await ws.recv() == "Hello"
        server.close()
        await server.wait_closed()
        async with serve(echo, "127.0.0.1", port), connect(url, proxy=None) as ws:
            await ws.send("again")
            assert await ws.recv() == "again"
    assert passed(box, CLIENT, UP) == passed(box, SERVER, UP)


async def test_stopping_closes_both_sides_and_frees_the_port() -> None:
    async with Host() as host:
        async with Middlebox(host) as box, client_of(box) as client:
            server = await host.accepted()
            await box.__aexit__()
            assert await client.rest() == b""
            assert await server.rest() == b""
        async with Middlebox(host, port=box.port) as again:
            assert again.port == box.port


async def test_two_middleboxes_may_share_a_trace() -> None:
    trace = Trace()
    async with Host() as host, Middlebox(host, trace=trace) as one, Middlebox(host, trace=trace) as two:
        async with client_of(one), client_of(two):
            await host.accepted()
            await host.accepted()
        assert {record.flow for record in trace} == {1, 2}


def test_wrong_arguments_are_told_in_a_sentence() -> None:
    with pytest.raises(TypeError, match=r"Expected a port number.*but got 'here'"):
        Middlebox("here")
    with pytest.raises(TypeError, match="Expected a list of rules"):
        Middlebox(80, Pass())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="Expected a list of rules"):
        Middlebox(80, [Pass])  # type: ignore[list-item]
    with pytest.raises(ConnectionError, match="start it with"):
        _ = Middlebox(80).port


# The place for rules: throwaway rules, one for each power that real rules need


class Swallow(Rule):
    """Drop what the server says."""

    def handler(self, flow: Flow) -> Handler:
        return SwallowHandler(flow)


class SwallowHandler(Handler):
    def receive(self, direction: Direction, event: Event, data: bytes = b"") -> None:
        if direction is UP or event is not DATA:
            self.forward(direction, event, data)


class Portal(Rule):
    """Answer each first packet itself; the server never hears of it."""

    def handler(self, flow: Flow) -> Handler:
        return PortalHandler(flow)


class PortalHandler(Handler):
    def receive(self, direction: Direction, event: Event, data: bytes = b"") -> None:
        if event is DATA:
            self.forward(DOWN, DATA, b"pay first")
            self.forward(DOWN, FIN)


class Delay(Rule):
    """Hold everything for `seconds`, in order, in both directions."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def handler(self, flow: Flow) -> Handler:
        return DelayHandler(self, flow)


class DelayHandler(Handler):
    def __init__(self, rule: Delay, flow: Flow) -> None:
        super().__init__(flow)
        self.rule = rule
        self.held: deque[tuple[float, Direction, Event, bytes]] = deque()

    def receive(self, direction: Direction, event: Event, data: bytes = b"") -> None:
        self.held.append((time.monotonic() + self.rule.seconds, direction, event, data))
        if len(self.held) == 1:
            self.wake_after(self.rule.seconds)

    def wake(self) -> None:
        self.forward(*self.held.popleft()[1:])
        if self.held:
            self.wake_after(self.held[0][0] - time.monotonic())

    def leave(self) -> None:
        for _, *event in self.held:
            self.forward(*event)


class Mark(Rule):
    """Write its name behind each packet, and count the packets of each flow."""

    def __init__(self, name: bytes) -> None:
        self.name = name

    def handler(self, flow: Flow) -> Handler:
        return MarkHandler(self, flow)


class MarkHandler(Handler):
    def __init__(self, rule: Mark, flow: Flow) -> None:
        super().__init__(flow)
        self.rule = rule
        self.count = 0

    def receive(self, direction: Direction, event: Event, data: bytes = b"") -> None:
        if event is DATA:
            self.count += 1
            data += b"%s%d" % (self.rule.name, self.count)
        self.forward(direction, event, data)


class Alternate(Rule):
    """Send each flow to the next upstream."""

    def __init__(self, *upstreams: object) -> None:
        self.upstreams = deque(upstreams)

    def handler(self, flow: Flow) -> Handler:
        self.upstreams.rotate(-1)
        flow.upstream = self.upstreams[-1]
        return Handler(flow)


class Idle(Rule):
    """Reset both sides of a flow on which nothing came for a moment."""

    def handler(self, flow: Flow) -> Handler:
        return IdleHandler(flow)


class IdleHandler(Handler):
    def enter(self) -> None:
        self.wake_after(0.05)

    def receive(self, direction: Direction, event: Event, data: bytes = b"") -> None:
        self.wake_after(0.05)
        self.forward(direction, event, data)

    def wake(self) -> None:
        self.forward(UP, RST)
        self.forward(DOWN, RST)


class Stop(Rule):
    """Let nothing out of the client, and nothing be read from it."""

    def handler(self, flow: Flow) -> Handler:
        return StopHandler(flow)


class StopHandler(Handler):
    def enter(self) -> None:
        self.pause(UP)


async def test_a_rule_that_swallows() -> None:
    async with wired(Swallow()) as (client, server, box):
        await server.send(b"lost")
        await client.send(b"through")
        await server.get(b"through")
        server.finish()
        assert await client.rest() == b""
        assert passed(box, SERVER, DOWN) == b"lost"
        assert passed(box, CLIENT, DOWN) == b""


async def test_a_rule_that_answers_itself_and_never_connects() -> None:
    async with Host() as host, Middlebox(host, [Portal()]) as box, client_of(box) as client:
        await client.send(b"GET / HTTP/1.1\r\n\r\n")
        assert await client.rest() == b"pay first"
        client.writer.close()
        await until_over(box)
        assert host.ends.empty()
        assert events(box, SERVER) == []


async def test_a_rule_that_delays_keeps_order_and_the_fin() -> None:
    async with Host() as host, Middlebox(host, [Delay(0.05)]) as box, client_of(box) as client:
        await client.send(b"one")
        await client.send(b"two")
        client.finish()
        server = await host.accepted()
        assert await server.rest() == b"onetwo"
        at_client = next(r.time for r in box.trace if r.leg is CLIENT and r.event is FIN)
        at_server = next(r.time for r in box.trace if r.leg is SERVER and r.event is FIN)
        assert at_server - at_client >= 0.049


async def test_an_answer_passes_the_rules_nearer_to_the_client_only() -> None:
    rules = [Mark(b"!"), Portal(), Mark(b"?")]
    async with Host() as host, Middlebox(host, rules) as box, client_of(box) as client:
        await client.send(b"hello")
        assert await client.rest() == b"pay first!2"


async def test_the_first_rule_is_nearest_to_the_client() -> None:
    async with wired(Mark(b"a"), Mark(b"b")) as (client, server, _):
        await client.send(b"up ")
        await server.get(b"up a1b1")
        await server.send(b"down ")
        await client.get(b"down b2a2")


async def test_rules_are_exchanged_under_a_live_connection_and_keep_their_state() -> None:
    mark = Mark(b"m")
    async with wired(mark) as (client, server, box):
        await client.send(b"one ")
        await server.get(b"one m1")
        box.rules = [Swallow(), mark]
        await server.send(b"lost ")
        await box.trace.wait(lambda: passed(box, SERVER, DOWN) == b"lost ")
        box.rules = [mark, Pass()]
        await server.send(b"two ")
        await client.get(b"two m3")
        box.rules = []
        await client.send(b"three")
        await server.get(b"three")


async def test_rules_taken_off_release_what_they_hold_in_order() -> None:
    first, second = Delay(60), Delay(60)
    async with wired() as (client, server, box):
        box.rules = [second]
        await client.send(b"1")
        await box.trace.wait(lambda: passed(box, CLIENT, UP) == b"1")
        box.rules = [first, second]
        await client.send(b"2")
        await server.send(b"3")
        await box.trace.wait(lambda: passed(box, CLIENT, UP) == b"12" and passed(box, SERVER, DOWN) == b"3")
        assert passed(box, SERVER, UP) == b""
        box.rules = []
        await client.send(b"4")
        await server.get(b"124")
        await client.get(b"3")


async def test_a_rule_chooses_the_upstream() -> None:
    async with Host() as one, Host() as two, Middlebox(one, [Alternate(one, two)]) as box:
        for host in (one, two, one):
            async with client_of(box):
                await host.accepted()


async def test_a_rule_with_an_alarm_resets_both_sides() -> None:
    async with wired(Idle()) as (client, server, box):
        for end in (client, server):
            with pytest.raises(ConnectionResetError):
                await end.rest()
        await until_over(box)


async def test_a_rule_that_pauses_is_undone_when_taken_off() -> None:
    async with wired(Stop()) as (client, server, box):
        for word in (b"wait", b"again"):
            await client.send(word)
            await server.send(b"meanwhile")
            await client.get(b"meanwhile")
            assert word not in passed(box, CLIENT, UP)
            box.rules = []
            await server.get(word)
            box.rules = [Stop()]
        box.rules = []
        client.finish()
        assert await server.rest() == b""
        box.rules = [Stop()]
        box.rules = []
        await server.send(b"after")
        await client.get(b"after")
        assert events(box, CLIENT) == [(UP, OPEN), (UP, FIN)]


async def test_relaying_and_recording_is_fast_enough() -> None:
    messages = 5_000
    async with wired() as (client, server, box):
        started = time.perf_counter()
        for _ in range(messages // 50):
            for _ in range(50):
                client.writer.write(b"x" * 32)
            await server.get(b"x" * 32 * 50)
            await server.send(b"y")
            await client.get(b"y")
        assert messages / (time.perf_counter() - started) > 5_000
        assert len(passed(box, SERVER, UP)) == messages * 32


async def test_quiet_returns_when_the_last_connection_is_gone():
    async def hold(reader, writer):
        await reader.read()
        writer.close()

    async with await asyncio.start_server(hold, "127.0.0.1", 0) as server, Middlebox(server) as box:
        await box.quiet()
        _, writer = await asyncio.open_connection("127.0.0.1", box.port)
        await box.trace.wait(lambda: len(box.trace) > 0)
        with pytest.raises(TimeoutError):
            await box.quiet(0.05)
        writer.transport.abort()
        await box.quiet()
        assert box.flows == ()
