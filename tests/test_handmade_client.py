"""The client of lesson 11 without a network: a clock and chance of the test's own."""

import itertools
import json
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_handmade_sessions import Clock

from handmade.l08_meet_socketio import ProtocolError
from handmade.l11_core import Backoff, Engine, Options, World
from handmade.l11_reconnection import Manager, io
from wirelab import bench
from wirelab.waiting import until

OFFICIAL_BACKOFF = """
import { pathToFileURL } from "node:url";
const { Backoff } = await import(pathToFileURL("node_modules/socket.io-client/build/esm/contrib/backo2.js"));
const run = ({ min, max, jitter, chances }) => {
  const backoff = new Backoff({ min, max, jitter });
  return chances.map((chance) => {
    Math.random = () => chance;
    return backoff.duration();
  });
};
console.log(JSON.stringify(runs.map(run)));
"""
HANDSHAKE = (
    '0{"sid":"engine","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":9}'
)
IN = ('40{"sid":"s1"}',)


class Room:
    """A manager with its socket, and all that they do: packets that go out, events that are told."""

    def __init__(self, **options: object) -> None:
        self.clock, self.told, self.dialled = Clock(), [], []
        chances = itertools.cycle([0.5])
        world = World(
            self.dial, self.tell, lambda: self.clock.now, self.clock.call_later, lambda: next(chances)
        )
        self.manager = Manager("/", Options(transports=["websocket"], **options), world)
        self.socket = self.manager.socket
        self.socket.connect()

    def dial(self, engine: Engine) -> "Room":
        self.sent = []
        self.dialled.append(engine)
        engine.outbox.attach(self.sent.extend)
        return self

    def cancel(self) -> None:
        """The network lets go of an engine."""

    def tell(self, emitter: object, *event: object) -> None:
        self.told.append(event)

    @property
    def names(self) -> list[str]:
        return [name for name, *_ in self.told]

    def hear(self, *packets: str | bytes) -> None:
        for packet in packets:
            self.dialled[-1].receive(packet)

    def fail(self, times: int = 1) -> None:
        for _ in range(times):
            self.dialled[-1].end("transport error", OSError("refused"))
            self.clock.move(10)


def opened(**options: object) -> Room:
    room = Room(**options)
    room.hear(HANDSHAKE, *IN)
    return room


# The back-off


async def test_the_back_off_is_the_official_one_number_for_number() -> None:
    source, runs = random.Random(11), []
    for _ in range(400):
        delay, longest = source.choice([(1000, 5000), (100, 200), (250, 60_000), (5000, 5000), (7, 10**6)])
        jitter = source.choice([0, 0.25, 0.5, 1])
        chances = [source.choice([source.random(), source.randrange(10) / 10]) for _ in range(12)]
        runs.append({"min": delay, "max": longest, "jitter": jitter, "chances": chances})
    ours = []
    for run in runs:
        options = Options(
            reconnection_delay=run["min"] / 1000,
            reconnection_delay_max=run["max"] / 1000,
            randomization_factor=run["jitter"],
        )
        backoff = Backoff(options, iter(run["chances"]).__next__)
        ours.append([round(backoff.duration() * 1000) for _ in run["chances"]])
    assert ours == json.loads(await bench.javascript(OFFICIAL_BACKOFF, runs=runs))


async def test_after_hours_of_failure_it_still_waits_and_the_official_one_does_not() -> None:
    runs = [{"min": 1000, "max": 5000, "jitter": 0.5, "chances": [0.25] * 1100}]
    (official,) = json.loads(await bench.javascript(OFFICIAL_BACKOFF, runs=runs))
    assert official[-1] == 0
    backoff = Backoff(Options(), lambda: 0.25)
    assert [backoff.duration() for _ in range(1100)][-1] == 5


def test_the_jitter_dies_at_the_cap() -> None:
    source = random.Random(1)
    shares = [0.0] * 6
    for _ in range(2000):
        backoff = Backoff(Options(), source.random)
        shares = [share + (backoff.duration() == 5) / 2000 for share in shares]
    assert shares[:2] == [0, 0] and shares[4:] == [pytest.approx(1)] * 2
    assert (round(shares[2], 1), round(shares[3], 1)) == (0.3, 0.9)


# Coming in


def test_first_what_was_kept_then_the_event_connect() -> None:
    room = Room(auth={"name": "Ann"})
    room.socket.emit("early", 1)
    assert (room.socket.connected, room.socket.id, room.sent) == (False, None, [])
    room.hear(HANDSHAKE, '42["before",1]')
    assert (room.sent, room.told) == (['40{"name":"Ann"}'], [])
    room.hear('40{"sid":"s1"}', '42["after"]')
    assert room.sent[1:] == ['42["early",1]']
    assert room.told == [("before", 1), ("connect",), ("after",)]
    assert (room.socket.connected, room.socket.id) == (True, "s1")


def test_what_cannot_be_sent_is_refused_at_once_connected_or_not() -> None:
    room = Room()
    for bad in (object(), float("nan"), "\ud800"):
        with pytest.raises((TypeError, ValueError)):
            room.socket.emit("x", bad)
    with pytest.raises(ValueError, match=r"Socket\.IO's own"):
        room.socket.emit("connect")
    assert room.socket.send_buffer == []


def test_what_is_kept_is_what_was_said_at_that_time() -> None:
    room, list_of_mine = Room(), [1]
    room.socket.emit("x", list_of_mine)
    list_of_mine.append(2)
    room.hear(HANDSHAKE, *IN)
    assert room.sent[1:] == ['42["x",[1]]']


# Coming back


def test_it_waits_longer_each_time_and_begins_anew_after_a_success() -> None:
    room = opened(randomization_factor=0)
    waits = []
    for _ in range(2):
        room.dialled[-1].end("transport close")
        for seconds in (1, 2, 4, 5):
            count = len(room.dialled)
            room.clock.move(seconds - 0.01)
            waits.append(len(room.dialled) == count)
            room.clock.move(0.01)
            waits.append(len(room.dialled) == count + 1)
            room.dialled[-1].end("transport error", OSError())
        room.clock.move(5)
        room.hear(HANDSHAKE, *IN)
    assert all(waits)
    assert room.told[:4] == [
        ("connect",),
        ("disconnect", "transport close"),
        ("reconnect_attempt", 1),
        room.told[3],
    ]
    assert room.names[3:5] == ["connect_error", "reconnect_error"]
    assert room.names[-2:] == ["reconnect", "connect"]


def test_what_is_said_in_between_is_kept_and_goes_once() -> None:
    room = opened()
    room.dialled[-1].end("transport close")
    room.socket.emit("kept")
    room.clock.move(10)
    room.hear(HANDSHAKE, *IN)
    assert room.sent == ["40", '42["kept"]']
    room.dialled[-1].end("transport close")
    room.clock.move(10)
    room.hear(HANDSHAKE, *IN)
    assert room.sent == ["40"]


def test_a_first_attempt_that_fails_is_repeated_too() -> None:
    room = Room()
    room.fail()
    assert room.names == ["connect_error", "reconnect_attempt"]


def test_it_gives_up_after_so_many_attempts_and_connect_begins_anew() -> None:
    room = Room(reconnection_attempts=2)
    room.fail(3)
    assert (room.names[-1], len(room.dialled), room.clock.pending) == ("reconnect_failed", 3, 0)
    room.socket.connect()
    room.hear(HANDSHAKE, *IN)
    assert room.socket.connected


def test_without_reconnection_it_tries_once() -> None:
    room = Room(reconnection=False)
    room.fail()
    assert (room.names, room.clock.pending) == (["connect_error"], 0)


@pytest.mark.parametrize("refusal", ['44{"message":"no","data":{"code":7}}', '44"no"'])
def test_who_is_not_let_in_does_not_come_back(refusal: str) -> None:
    room = Room()
    room.hear(HANDSHAKE, refusal)
    (name, error) = room.told[0]
    assert (name, str(error), error.data) == (
        "connect_error",
        "no",
        {"code": 7} if "data" in refusal else None,
    )
    room.dialled[-1].end("transport close")
    room.clock.move(100)
    assert (room.names, len(room.dialled), room.clock.pending) == (["connect_error"], 1, 0)


def test_whom_the_server_sends_away_does_not_come_back_until_told() -> None:
    room = opened()
    room.hear("41")
    assert (room.told[-1], room.sent[-1]) == (("disconnect", "io server disconnect"), "1")
    room.clock.move(100)
    assert len(room.dialled) == 1
    room.socket.connect()
    room.hear(HANDSHAKE, *IN)
    assert room.socket.connected and len(room.dialled) == 2


def test_who_leaves_says_so_and_does_not_come_back() -> None:
    room = opened()
    room.socket.disconnect()
    assert room.sent[-2:] == ["41", "1"]
    assert room.told[-1] == ("disconnect", "io client disconnect")
    room.hear('42["late"]')
    room.dialled[-1].end("transport close")
    assert (room.names, room.clock.pending) == (["connect", "disconnect"], 0)


@pytest.mark.parametrize("moment", ["opening", "waiting"])
def test_who_leaves_before_being_in_leaves_no_clock_behind(moment: str) -> None:
    room = Room()
    if moment == "waiting":
        room.dialled[-1].end("transport error", OSError())
    room.socket.disconnect()
    assert (room.clock.pending, room.socket.active) == (0, False)
    room.socket.connect()
    room.hear(HANDSHAKE, *IN)
    assert room.socket.connected


def test_the_end_of_an_earlier_connection_is_no_news() -> None:
    room = opened()
    room.socket.disconnect()
    room.socket.connect()
    room.dialled[0].end("transport close")
    room.hear(HANDSHAKE, *IN)
    assert room.socket.connected and len(room.dialled) == 2


# Heartbeats


def test_only_pings_start_the_clock_anew() -> None:
    room = opened()
    room.clock.move(44)
    room.hear("2")
    assert room.sent[-1] == "3"
    for _ in range(8):
        room.clock.move(5)
        room.hear('42["talk"]')
    assert room.socket.connected
    room.clock.move(5.1)
    assert ("disconnect", "ping timeout") in room.told


def test_what_is_said_after_the_time_is_kept_though_nobody_has_looked_at_the_clock() -> None:
    room = opened()
    room.clock.now += 46  # the process stood still
    room.socket.emit("x")
    assert room.sent == ["40"]
    room.clock.move(0)
    assert ("disconnect", "ping timeout") in room.told


def test_a_server_that_does_not_answer_is_given_up() -> None:
    room = Room(timeout=20)
    room.clock.move(19.9)
    assert room.told == []
    room.clock.move(0.1)
    assert [(name, str(error)) for name, error in room.told] == [("connect_error", "timeout")]


# Bad input


@pytest.mark.parametrize(
    "packets",
    [
        ["4hello"],
        ["0"],
        ["0{}"],
        ['0{"sid":1,"upgrades":[],"pingInterval":1,"pingTimeout":1}'],
        [HANDSHAKE, HANDSHAKE],
        [HANDSHAKE, "5"],
        [HANDSHAKE, "49"],
        [HANDSHAKE, ""],
        [HANDSHAKE, b"x"],
    ],
)
def test_what_a_server_must_not_send(packets: list[str | bytes]) -> None:
    room = Room()
    with pytest.raises(ProtocolError):
        room.hear(*packets)


PIECES = st.sampled_from(
    ["", "0", "1", "2", "3", "4", "40", "41", "42", "44", "6", HANDSHAKE, *IN, '["x"]', "null"]
)


@given(
    st.lists(st.one_of(st.lists(PIECES, max_size=3).map("".join), st.text(max_size=5), st.binary(max_size=5)))
)
def test_whatever_a_server_sends_it_is_no_crash_and_no_two_clocks(packets: list[str | bytes]) -> None:
    room = Room()
    for packet in packets:
        try:
            room.hear(packet)
        except ProtocolError:
            room.dialled[-1].end("parse error")
            room.clock.move(10)
        assert room.clock.pending <= 1
    room.socket.disconnect()
    room.dialled[-1].end("forced close")
    assert room.clock.pending == 0


@pytest.mark.parametrize("address", ["127.0.0.1:3000", "ftp://127.0.0.1", "", "http://", "http://:3000"])
async def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(ValueError, match="has an address like"):
        io(address)


@pytest.mark.parametrize("port", ["99999", "0", "port"])
async def test_a_port_that_is_none(port: str) -> None:
    with pytest.raises(ValueError, match=r"[Pp]ort|has an address like"):
        io(f"http://127.0.0.1:{port}")


@pytest.mark.parametrize("host", ["a" * 70 + ".invalid", ".invalid"])
async def test_a_name_that_no_dns_can_have_is_told_at_once_and_not_after_the_time_out(host: str) -> None:
    socket, told = io(f"http://{host}"), []
    socket.on("connect_error", told.append)
    try:
        await until(lambda: told, 2)
    finally:
        socket.disconnect()


async def test_what_cannot_be_said_of_oneself_is_refused_at_once() -> None:
    for auth in ({"token": b"x"}, {"token": math.nan}):
        with pytest.raises((TypeError, ValueError)):
            io("http://127.0.0.1:1", auth=auth)


def test_options_that_are_none() -> None:
    with pytest.raises(ValueError, match='"polling" and "websocket"'):
        Options(transports=["carrier pigeon"])
    for wrong in (-0.5, 2, math.nan):
        with pytest.raises(ValueError, match="randomization_factor is from 0 to 1"):
            Options(randomization_factor=wrong)
    with pytest.raises(TypeError, match="reconnectionDelay"):
        Options(reconnectionDelay=1)
    assert Options().reconnection_attempts == math.inf
