"""An Engine.IO session without a network, and with a clock of the test's own."""

import heapq
import itertools
from collections.abc import Callable

import pytest

from handmade import l10_heartbeats as l10
from handmade.l08_meet_socketio import ProtocolError
from handmade.l09_core import Session, from_payload, to_payload


class Clock:
    """Time that stands still until it is told to move."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, Timer]] = []
        self._numbers = itertools.count()

    def call_later(self, delay: float, action: Callable[[], object]) -> "Timer":
        timer = Timer(action)
        heapq.heappush(self._due, (self.now + delay, next(self._numbers), timer))
        return timer

    @property
    def pending(self) -> int:
        """How many timers still have something to do."""
        return sum(not timer.is_cancelled for _, _, timer in self._due)

    def move(self, seconds: float) -> None:
        end = self.now + seconds
        while self._due and self._due[0][0] <= end + 1e-9:
            self.now, _, timer = heapq.heappop(self._due)
            timer.run()
        self.now = end


class Timer:
    is_cancelled = False

    def __init__(self, action: Callable[[], object]) -> None:
        self.run = action

    def cancel(self) -> None:
        self.run, self.is_cancelled = lambda: None, True


class Carrier(list):
    """What a poll or a WebSocket was given to carry."""

    def __init__(self) -> None:
        super().__init__()
        self.write = lambda packets: self.append(to_payload(packets))


@pytest.fixture
def clock() -> Clock:
    return Clock()


def make(clock: Clock, transport: str = "polling", kind: type[Session] = Session) -> Session:
    session = kind(transport, clock.call_later)
    session.messages, session.reasons = [], []
    session.on_message = session.messages.append
    session.on_close.append(session.reasons.append)
    return session


def poll(session: Session) -> Carrier:
    carrier = Carrier()
    session.attach(carrier.write)
    return carrier


# Payloads


def test_the_payloads_of_the_document() -> None:
    assert to_payload(["4hello", "2", "4world"]) == "4hello\x1e2\x1e4world"
    assert to_payload(["4hello", b"\x01\x02\x03\x04"]) == "4hello\x1ebAQIDBA=="
    assert from_payload(b"4hello\x1ebAQIDBA==") == ["4hello", b"\x01\x02\x03\x04"]
    assert from_payload("4é\u2028x\x1e4\x1d".encode()) == ["4é\u2028x", "4\x1d"]


@pytest.mark.parametrize("body", [b"4\xff", b"b?", b"bAQ", "bé".encode()])
def test_a_body_that_is_no_payload(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        from_payload(body)


# Polling


def test_packets_wait_for_a_poll_and_a_poll_for_packets(clock: Clock) -> None:
    session = make(clock)
    session.send("4a")
    session.send("4b")
    first, second = poll(session), poll(session)
    assert (first, second) == (["4a\x1e4b"], [])
    session.send("4c")
    session.send("4d")
    assert second == ["4c"]
    assert poll(session) == ["4d"]


def test_a_second_poll_is_an_error(clock: Clock) -> None:
    session = make(clock)
    waiting = poll(session)
    with pytest.raises(ProtocolError):
        poll(session)
    session.end("transport error")
    assert (waiting, session.reasons) == (["1"], ["transport error"])


def test_messages_are_text_or_bytes_and_other_packets_are_checked(clock: Clock) -> None:
    session = make(clock)
    for packet in ("4text", b"bytes", "4", "3", "5", "6"):
        session.receive(packet)
    assert session.messages == ["text", b"bytes", ""]
    for packet in ("2", "2probe", "", "abc", "²"):
        with pytest.raises(ProtocolError):
            session.receive(packet)


def test_the_goodbye_of_the_client_frees_the_poll_and_nothing_is_heard_afterwards(clock: Clock) -> None:
    session = make(clock)
    waiting = poll(session)
    session.receive("1")
    session.receive("4late")
    session.send("4late")
    assert (waiting, session.reasons, session.messages) == (["6"], ["transport close"], [])


@pytest.mark.parametrize("unsent, expected", [([], "6\x1e1"), (["4a"], "4a\x1e1")])
def test_the_goodbye_of_the_server_waits_for_a_poll(clock: Clock, unsent: list[str], expected: str) -> None:
    session = make(clock)
    for packet in unsent:
        session.send(packet)
    session.close()
    assert session.reasons == []
    assert poll(session) == [expected]
    assert session.reasons == ["forced close"]


def test_the_goodbye_of_the_server_reaches_the_poll_that_waits(clock: Clock) -> None:
    session = make(clock)
    waiting = poll(session)
    session.close()
    assert (waiting, session.reasons) == (["1"], ["forced close"])


def test_who_polls_no_more_is_waited_for_half_a_minute(clock: Clock) -> None:
    session = make(clock)
    session.close()
    clock.move(29)
    assert session.reasons == []
    clock.move(2)
    assert session.reasons == ["forced close"]


# The upgrade


def test_the_upgrade_step_by_step(clock: Clock) -> None:
    session, websocket = make(clock), Carrier()
    waiting = poll(session)
    session.knock(websocket.write, 10)
    session.frame("2probe", websocket.write)
    assert (websocket, waiting) == (["3probe"], [])
    session.send("4over polling")
    assert waiting == ["4over polling"]
    clock.move(0.1)
    waiting = poll(session)
    clock.move(0.1)
    assert waiting == ["6"]
    session.send("4in flight")
    session.frame("5", websocket.write)
    session.frame("4hello", websocket.write)
    session.send("4more")
    assert websocket == ["3probe", "4in flight", "4more"]
    assert (session.outbox.transport, session.messages) == ("websocket", ["hello"])
    clock.move(60)
    assert session.reasons == [] and websocket[3:] == []


def test_a_poll_that_waits_at_the_moment_of_the_upgrade(clock: Clock) -> None:
    session, websocket = make(clock), Carrier()
    session.knock(websocket.write, 10)
    waiting = poll(session)
    session.frame("5", websocket.write)
    assert waiting == ["1"]
    assert session.reasons == []


def test_a_probe_that_stops_half_way(clock: Clock) -> None:
    session, websocket = make(clock), Carrier()
    session.knock(websocket.write, 10)
    session.frame("2probe", websocket.write)
    polls = 0
    for _ in range(100):
        waiting = poll(session)
        clock.move(0.1)
        polls += waiting == ["6"]
        if not waiting:
            session.outbox.carrier = None
    assert 90 <= polls <= 100
    clock.move(1)
    assert websocket == ["3probe", "1"]
    waiting = poll(session)
    clock.move(1)
    assert waiting == []
    session.send("4still here")
    assert waiting == ["4still here"]


@pytest.mark.parametrize("packet", ["4too early", "abc", b"x", "2"])
def test_a_websocket_that_does_not_probe_goes_and_the_session_stays(clock: Clock, packet: str) -> None:
    session, websocket = make(clock), Carrier()
    session.knock(websocket.write, 10)
    session.frame(packet, websocket.write)
    session.frame("4ignored", websocket.write)
    assert (websocket, session.messages, session.state) == (["1"], [], "open")


def test_many_probes_make_one_timer(clock: Clock) -> None:
    session, websocket = make(clock), Carrier()
    session.knock(websocket.write, 10)
    session.frame("2probe", websocket.write)
    session.frame("2probe", websocket.write)
    assert websocket == ["3probe", "1"]
    assert session.guest is None


@pytest.mark.parametrize("upgraded", [False, True])
def test_a_second_websocket_is_shown_out(clock: Clock, upgraded: bool) -> None:
    session, first, second = make(clock), Carrier(), Carrier()
    session.knock(first.write, 10)
    if upgraded:
        session.frame("5", first.write)
    session.knock(second.write, 10)
    assert (first, second, session.state) == ([], ["1"], "open")


def test_the_end_of_a_session_is_the_end_of_its_guest(clock: Clock) -> None:
    session, websocket = make(clock), Carrier()
    session.knock(websocket.write, 10)
    session.receive("1")
    assert websocket == ["1"]


def test_a_websocket_that_is_gone_ends_only_what_it_carried(clock: Clock) -> None:
    session, guest = make(clock), Carrier()
    session.knock(guest.write, 10)
    session.hang_up(guest.write)
    assert session.state == "open"
    session.knock(guest.write, 10)
    session.frame("5", guest.write)
    session.hang_up(guest.write)
    assert session.reasons == ["transport close"]


# Heartbeats


def living(clock: Clock, transport: str = "polling") -> l10.Session:
    session = make(clock, transport, l10.Session)
    session.interval, session.timeout = 25, 20
    session.beat()
    return session


def test_a_ping_after_the_interval_and_a_pong_begins_anew(clock: Clock) -> None:
    session = living(clock)
    waiting = poll(session)
    clock.move(24)
    assert waiting == []
    clock.move(1)
    assert waiting == ["2"]
    clock.move(19)
    session.receive("3")
    waiting = poll(session)
    clock.move(24)
    assert (waiting, session.reasons) == ([], [])
    clock.move(1)
    assert waiting == ["2"]


@pytest.mark.parametrize("polled", [False, True])
def test_without_a_pong_it_is_over_to_the_second(clock: Clock, polled: bool) -> None:
    session = living(clock)
    if polled:
        poll(session)
    clock.move(44.9)
    assert session.reasons == []
    clock.move(0.1)
    assert session.reasons == ["ping timeout"]


def test_only_a_pong_counts(clock: Clock) -> None:
    session = living(clock)
    for _ in range(9):
        clock.move(5)
        session.receive("4I talk and do not answer")
    assert session.reasons == ["ping timeout"]


def test_a_ping_that_nobody_answered_is_remembered_across_the_upgrade(clock: Clock) -> None:
    session, websocket = living(clock), Carrier()
    poll(session)
    clock.move(25)
    session.knock(websocket.write, 10)
    session.frame("2probe", websocket.write)
    session.frame("5", websocket.write)
    clock.move(20)
    assert session.reasons == ["ping timeout"]
    assert websocket == ["3probe", "1"]


def test_the_end_stops_the_clocks(clock: Clock) -> None:
    session = living(clock)
    session.receive("1")
    session.receive("3")
    assert clock.pending == 0
    clock.move(100)
    assert session.reasons == ["transport close"]


def test_a_session_of_lesson_09_has_no_heartbeat(clock: Clock) -> None:
    session = make(clock, kind=Session)
    waiting = poll(session)
    clock.move(3600)
    assert (waiting, session.reasons) == ([], [])
