"""Each rule leaves a record of what it did, with its name; what it did not touch passes as it came in."""

import asyncio
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_middlebox import End, Host, client_of, wired
from test_rules import GET, OK, SWITCHING, UPGRADE, head_of, upgraded

from wirelab import recording
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
    Handler,
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
from wirelab.middlebox.rules.provenance import Pending, Piece, came_in
from wirelab.trace import RECORDS_KEPT, Act, Deed, Direction, Event, Leg, Record, Trace

UP, DOWN = Direction.UP, Direction.DOWN
DATA, FIN, RST = Event.DATA, Event.FIN, Event.RST
TO_PROXY = b"CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\n\r\nabc"


async def ask(client: End, server: asyncio.Queue[End], request: bytes) -> None:
    await client.send(request)
    with contextlib.suppress(TimeoutError, asyncio.IncompleteReadError, ConnectionResetError):
        await asyncio.wait_for(client.reader.read(10), 0.2)


def did(box: Middlebox) -> set[tuple[Act, str, Direction, Event]]:
    """What rules did to the traffic."""
    return {(deed.act, deed.rule, deed.direction, deed.event) for deed in box.trace.deeds if deed.flow}


def made(box: Middlebox) -> set[tuple[str, Direction, Event]]:
    """What the middlebox said by itself."""
    return {(record.by, record.direction, record.event) for record in box.trace if record.by}


ASKED = [
    (ResetUpgrade(), UPGRADE, {(Act.DROPPED, UP, DATA)}, {(DOWN, RST)}),
    (SwallowUpgrade(), UPGRADE, {(Act.DROPPED, UP, DATA)}, set()),
    (Blackhole(), b"hello", {(Act.DROPPED, UP, DATA)}, set()),
    (Swallow(UP), b"hello", {(Act.DROPPED, UP, DATA)}, set()),
    (ResetBoth(), b"hello", {(Act.DROPPED, UP, DATA)}, {(DOWN, RST)}),
    (ResetClient(), b"hello", {(Act.DROPPED, UP, DATA)}, {(DOWN, RST)}),
    (Roam(), b"hello", set(), set()),
    (BodyLimit(2), POST, {(Act.ANSWERED, UP, DATA)}, {(DOWN, DATA), (DOWN, FIN)}),
    (Delay(0.01), b"hello", {(Act.HELD, UP, DATA)}, set()),
    (Jitter(0.01), b"hello", {(Act.HELD, UP, DATA)}, set()),
    (Rate(1_000_000), b"hello", {(Act.HELD, UP, DATA)}, set()),
    (Stall(1, 0.01), b"hello", {(Act.HELD, UP, DATA)}, set()),
    (Pass(), b"hello", set(), set()),
    (Answer(511, "no"), GET, {(Act.ANSWERED, UP, DATA)}, {(DOWN, DATA), (DOWN, FIN)}),
    (CaptivePortal(), GET, {(Act.ANSWERED, UP, DATA)}, {(DOWN, DATA), (DOWN, FIN)}),
    (LoginPage(), GET, {(Act.ANSWERED, UP, DATA)}, {(DOWN, DATA), (DOWN, FIN)}),
    (BlockPage(), GET, {(Act.ANSWERED, UP, DATA)}, {(DOWN, DATA), (DOWN, FIN)}),
    (BadGateway(), GET, {(Act.ANSWERED, UP, DATA)}, {(DOWN, DATA), (DOWN, FIN)}),
    (BadGateway(), b"\x16\x03\x01", {(Act.DROPPED, UP, DATA)}, set()),
    (EmptyReply(), GET, {(Act.DROPPED, UP, DATA)}, {(DOWN, FIN)}),
    (Refuse(), b"", set(), {(DOWN, RST)}),
    (StrictProxy(), UPGRADE, {(Act.CHANGED, UP, DATA)}, {(UP, DATA)}),
    (ConnectOnlyTo(443), TO_PROXY, {(Act.ANSWERED, UP, DATA)}, {(DOWN, DATA), (DOWN, FIN)}),
    (ProxyLogin("ann", "x"), TO_PROXY, {(Act.ANSWERED, UP, DATA)}, {(DOWN, DATA), (DOWN, FIN)}),
    (IdleTimeout(0.05), b"hello", set(), {(DOWN, FIN), (UP, FIN)}),
    (IdleTimeout(0.05), GET, set(), {(DOWN, DATA), (DOWN, FIN), (UP, FIN)}),
]


def named(value: object) -> str:
    """A name for a case; a set has another order in each process."""
    return str(sorted(map(str, value)) if isinstance(value, set) else value)[:30]


@pytest.mark.parametrize(("rule", "said", "acts", "words"), ASKED, ids=named)
async def test_what_a_rule_does_with_the_first_bytes(
    rule: Rule, said: bytes, acts: set[object], words: set[object]
) -> None:
    async with Host() as host, Middlebox(host, [rule]) as box, client_of(box) as client:
        if said:
            await ask(client, host.ends, said)
        await asyncio.sleep(0.05)
        assert did(box) == {(act, rule.kind, way, event) for act, way, event in acts}
        ours = {(way, event) for by, way, event in made(box) if by == rule.kind}
        assert ours - {(UP, FIN), (UP, RST)} == words - {(UP, FIN), (UP, RST)}
        assert {by for by, *_ in made(box)} <= {rule.kind}


@pytest.mark.parametrize(
    ("rule", "acts", "words"),
    [
        (SwallowAnswer(), {(Act.DROPPED, DOWN, DATA)}, set()),
        (BufferingAntivirus(), {(Act.HELD, DOWN, DATA)}, set()),
    ],
    ids=named,
)
async def test_what_a_rule_does_with_the_answer(rule: Rule, acts: set[object], words: set[object]) -> None:
    async with wired(rule) as (client, server, box):
        await client.send(UPGRADE)
        await server.get(UPGRADE)
        await server.send(SWITCHING)
        await box.trace.wait(lambda: bool(did(box)))
        assert did(box) == {(act, rule.kind, way, event) for act, way, event in acts}
        assert made(box) == words


@pytest.mark.parametrize(
    ("rule", "acts", "words"),
    [
        (ResetAfterUpgrade(), {(Act.DROPPED, UP, DATA)}, {(DOWN, RST), (UP, RST)}),
        (DropAfterUpgrade(), {(Act.DROPPED, UP, DATA)}, set()),
        (NoTunnel(), {(Act.ANSWERED, UP, DATA)}, {(DOWN, DATA), (DOWN, FIN), (UP, FIN)}),
    ],
    ids=named,
)
async def test_what_a_rule_does_after_the_upgrade(rule: Rule, acts: set[object], words: set[object]) -> None:
    async with wired(rule) as (client, server, box):
        await upgraded(client, server)
        await client.send(b"\x81\x80\x00\x00\x00\x00")
        await box.trace.wait(lambda: bool(did(box)))
        await asyncio.sleep(0.02)
        assert did(box) == {(act, rule.kind, way, event) for act, way, event in acts}
        assert made(box) == {(rule.kind, way, event) for way, event in words}


@pytest.mark.parametrize("rule", [IdleDrop(0.03), IdleReset(0.03)], ids=str)
async def test_what_a_firewall_that_forgot_does(rule: Rule) -> None:
    async with wired(rule) as (client, _, box):
        await asyncio.sleep(0.08)
        await client.send(b"anyone?")
        await box.trace.wait(lambda: bool(did(box)))
        assert did(box) == {(Act.DROPPED, rule.kind, UP, DATA)}
        expected = {(rule.kind, DOWN, RST)} if isinstance(rule, IdleReset) else set()
        assert made(box) == expected


@pytest.mark.parametrize("balancer", [RoundRobin, StickyByAddress, StickyByCookie])
async def test_a_balancer_says_what_it_changes(balancer: type[Rule]) -> None:
    async with Host() as host, Middlebox(1, [balancer([host])]) as box, client_of(box) as client:  # type: ignore[call-arg]
        await client.send(GET)
        server = await host.accepted()
        await head_of(server)
        await server.send(OK)
        await head_of(client)
        changed = [deed for deed in box.trace.deeds if deed.act is Act.CHANGED]
        assert next((deed.direction, deed.changes[-1]) for deed in changed) == (UP, "+ Connection: close")
        assert {deed.direction for deed in changed} == {UP, DOWN}


async def test_a_tunnel_is_granted_by_the_proxy_and_then_passes_as_it_came_in() -> None:
    async with Host() as host, Middlebox(1, [ExplicitProxy()]) as box, client_of(box) as client:
        await client.send(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n\r\n" % host.port)
        server = await host.accepted()
        assert b"200" in await head_of(client)
        await client.send(b"hello")
        await server.get(b"hello")
        assert did(box) == {(Act.ANSWERED, "ExplicitProxy", UP, DATA)}
        passed = [record for record in box.trace if record.leg is Leg.SERVER and record.data]
        came = sum(record.size for record in box.trace if record.leg is Leg.CLIENT and record.direction is UP)
        assert [(record.by, record.source) for record in passed] == [("", came - 5)]


async def test_a_change_names_its_lines_and_where_the_old_ones_stood() -> None:
    async with wired(StrictProxy()) as (client, server, box):
        await client.send(UPGRADE)
        await head_of(server)
        [deed] = [deed for deed in box.trace.deeds if deed.flow]
        assert (deed.begin, deed.end) == (0, len(UPGRADE))
        assert deed.changes == (
            "− GET /chat HTTP/1.1",
            "− Connection: Upgrade",
            "− Upgrade: websocket",
            "+ GET /chat HTTP/1.0",
            "+ Connection: close",
        )


async def test_rules_that_come_and_go_leave_a_record_in_the_words_of_their_product() -> None:
    proxy = StrictProxy()
    async with wired(proxy) as (_, _, box):
        box.rules = [proxy, Blackhole()]
        box.rules = []
        acts = [(deed.act, deed.rule, deed.title) for deed in box.trace.deeds]
    assert acts == [
        (Act.LAID, "StrictProxy", "nginx as a strict proxy"),
        (Act.LAID, "Blackhole", "cable pulled"),
        (Act.LIFTED, "StrictProxy", "nginx as a strict proxy"),
        (Act.LIFTED, "Blackhole", "cable pulled"),
    ]


def _all_rules(kind: type[Rule]) -> set[type[Rule]]:
    return {kind, *(each for below in kind.__subclasses__() for each in _all_rules(below))}


def test_every_rule_of_the_laboratory_has_a_title_of_its_own() -> None:
    rules = [
        rule
        for rule in _all_rules(Rule) - {Rule}
        if rule.__module__.startswith("wirelab.") and not rule.__name__.startswith("_")
    ]
    titles = {rule.title for rule in rules}
    assert len(rules) > 30 and len(titles) == len(rules) and Rule.title not in titles


async def test_what_was_cut_off_is_released_when_the_line_is_mended() -> None:
    async with wired() as (client, server, box):
        box.rules = [Blackhole()]
        await client.send(b"hello")
        await box.trace.wait(lambda: bool(did(box)))
        box.rules = []
        await server.get(b"hello")
        acts = [(deed.act, deed.begin, deed.end) for deed in box.trace.deeds if deed.flow]
        assert acts == [(Act.DROPPED, 0, 5), (Act.RELEASED, 0, 5)]
        assert [(r.by, r.source) for r in box.trace if r.leg is Leg.SERVER and r.data] == [("", 0)]


async def test_behind_a_rule_that_changes_the_rest_still_knows_its_place() -> None:
    async with wired(StrictProxy(), Delay(0.01), Pass()) as (client, server, box):
        await client.send(POST)
        await server.reader.readuntil(b"abc")
        pieces = [(r.by, r.source, r.data[-3:]) for r in box.trace if r.leg is Leg.SERVER and r.data]
        assert pieces == [("StrictProxy", 0, b"\r\n\r\n"[-3:]), ("", len(POST) - 3, b"abc")]


class Own(Rule):
    """A rule that somebody wrote in a lesson."""

    def __init__(self, handler: type[Handler]) -> None:
        self._handler = handler

    def handler(self, flow: object) -> Handler:
        return self._handler(flow)  # type: ignore[arg-type]


async def test_a_rule_of_ones_own_that_does_not_forward_drops_and_the_rest_keeps_its_place() -> None:
    class Picky(Handler):
        def receive(self, direction: Direction, event: Event, data: bytes = b"") -> None:
            if b"bad" not in data:
                self.forward(direction, event, data)

    async with wired(Own(Picky)) as (client, server, box):
        for text in (b"bad!", b"good"):
            await client.send(text)
            await box.trace.wait(lambda text=text: any(record.data == text for record in box.trace))
        await server.get(b"good")
        assert [(r.by, r.source) for r in box.trace if r.leg is Leg.SERVER and r.data] == [("", 4)]


@given(st.lists(st.integers(1, 9)), st.lists(st.tuples(st.booleans(), st.integers(1, 9))))
def test_pending_bytes_are_handed_out_once_and_in_order(
    sizes: list[int], steps: list[tuple[bool, int]]
) -> None:
    pending, at = Pending(), 0
    for size in sizes:
        pending.put([Piece(size, at)])
        at += size
    taken: list[int] = []
    for look, size in steps:
        seen = pending.look(0, size)
        if not look:
            assert pending.take(size) == seen
            taken += [byte for low, high in came_in(seen) for byte in range(low, high)]
    assert taken == list(range(len(taken)))
    assert pending.size == at - len(taken)


# A trace in a file


async def test_a_trace_is_written_and_read_back(tmp_path) -> None:
    async with wired(StrictProxy()) as (client, server, box):
        box.trace.server_names[box.port] = "echo"
        await client.send(UPGRADE)
        await head_of(server)
        box.rules = []
        recording.write(box.trace, tmp_path / "talk.jsonl")
        again = recording.read(tmp_path / "talk.jsonl")
        assert list(again) == list(box.trace)
        assert list(again.deeds) == list(box.trace.deeds)
        assert again.server_names == box.trace.server_names


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("hello\n", "Line 1 of .* is no line of a recorded trace"),
        ('{"format": "other"}\n', "the format is 'other'"),
        ('{"format": "wirelab trace 1", "servers": {}}\n{"flow": 1}\n', "Line 2"),
        ("", "is empty"),
    ],
)
def test_what_is_no_recording_is_refused_with_its_line(tmp_path, text: str, problem: str) -> None:
    (tmp_path / "bad.jsonl").write_text(text)
    with pytest.raises(ValueError, match=problem):
        recording.read(tmp_path / "bad.jsonl")


# What a long trace forgets, and what it does not


def test_a_long_trace_keeps_time_length_and_index_of_every_record() -> None:
    trace = Trace()
    for number in range(RECORDS_KEPT * 2):
        trace.append(Record(number % 7, Leg.SERVER, DOWN, DATA, float(number), b"%06d" % number))
    assert len(trace) == RECORDS_KEPT * 2 and trace.first_kept > 0
    old = trace[17]
    assert (old.flow, old.leg, old.direction, old.event, old.time, old.size, old.data) == (
        3, Leg.SERVER, DOWN, DATA, 17.0, 6, b"",
    )  # fmt: skip
    border = trace.first_kept
    assert [record.time for record in trace.since(border - 2, 4)] == [border + n for n in (-2, -1, 0, 1)]
    assert trace[len(trace) - 1].data
    assert sum(record.size for record in trace) == 6 * len(trace)


def test_the_last_deeds_are_kept_and_the_others_counted() -> None:
    trace = Trace()
    for number in range(70_000):
        trace.note(Deed(Act.LAID, "Pass", "a wire", float(number), 0))
    assert trace.deeds_gone + len(trace.deeds) == 70_000
    assert trace.deeds[0].time == trace.deeds_gone > 0
    assert len(trace.deeds) >= 65_536
