"""Hostile input: sessions of the server of lesson 18, done everything to that a stranger can do."""

import logging
import random

import pytest
from hostile import Loud, Victim, siege
from hostile_words import PIECES, SEEDS, bytes_of, pieces
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

PIECE = st.one_of(st.sampled_from(SEEDS), st.sampled_from(PIECES), st.text(max_size=3), st.characters())
PACKET = st.one_of(st.sampled_from(SEEDS), st.lists(PIECE, max_size=4).map("".join))
ONE_OF_TWO = st.integers(0, 1)


@pytest.fixture(autouse=True)
def loud():
    handler = Loud()
    logging.getLogger("handmade").addHandler(handler)
    yield
    logging.getLogger("handmade").removeHandler(handler)


class Stranger(RuleBasedStateMachine):
    """What may happen to a session, in any order."""

    @initialize(transport=st.sampled_from(["polling", "websocket"]))
    def come(self, transport: str) -> None:
        self.victim = Victim(transport)

    @rule(packets=st.lists(PACKET, min_size=1, max_size=6))
    def post(self, packets: list[str]) -> None:
        self.victim.post(bytes_of("\x1e".join(packets)))

    @rule(body=st.binary(max_size=20))
    def post_bytes(self, body: bytes) -> None:
        self.victim.post(body)

    @rule(number=ONE_OF_TWO, packets=st.lists(PACKET, min_size=1, max_size=6))
    def frames(self, number: int, packets: list[str]) -> None:
        for packet in packets:
            self.victim.frame(number, packet.encode("utf-8", "ignore").decode())

    @rule(number=ONE_OF_TWO, packet=st.binary(max_size=20))
    def frame_of_bytes(self, number: int, packet: bytes) -> None:
        self.victim.frame(number, packet)

    @rule(number=ONE_OF_TWO, seed=st.integers(0, 10**6))
    def frames_with_attachments(self, number: int, seed: int) -> None:
        for message in pieces(random.Random(seed)):
            self.victim.frame(number, message)

    @rule(has_room=st.booleans())
    def take(self, has_room: bool) -> None:
        self.victim.take(has_room)

    @rule(number=ONE_OF_TWO)
    def upgrade(self, number: int) -> None:
        self.victim.knock(number)
        self.victim.frame(number, "2probe")
        self.victim.frame(number, "5")

    @rule(number=ONE_OF_TWO)
    def knock(self, number: int) -> None:
        self.victim.knock(number)

    @rule(number=ONE_OF_TWO)
    def hang_up(self, number: int) -> None:
        self.victim.hang_up(number)

    @rule()
    def poll(self) -> None:
        self.victim.poll()

    @rule(seconds=st.sampled_from([0.1, 1, 20, 46]))
    def wait(self, seconds: float) -> None:
        self.victim.wait(seconds)

    @rule()
    def server_says_goodbye(self) -> None:
        self.victim.session.close()

    @invariant()
    def it_is_sound(self) -> None:
        if hasattr(self, "victim"):
            assert self.victim.is_sound()

    def teardown(self) -> None:
        assert self.victim.leaves_nothing()


TestStranger = Stranger.TestCase
TestStranger.settings = settings(
    max_examples=250, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_twenty_thousand_mutated_inputs() -> None:
    sessions, longest = siege(random.Random(11), 20_000)
    assert sessions < 8_000 and longest > 20  # they do not all die at the first word


def test_bytes_come_back_among_all_that() -> None:
    chance, heard = random.Random(12), 0
    victim = Victim("websocket")
    victim.frame(0, "40")
    for _ in range(200):
        if victim.session.state == "closed":
            assert victim.leaves_nothing()
            victim = Victim("websocket")
            victim.frame(0, "40")
        for message in pieces(chance):
            victim.frame(0, message)
        heard += sum(isinstance(packet, bytes) for packet in victim.out)
        assert victim.is_sound()
    assert heard > 200


def test_a_fault_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    victim = Victim("websocket")
    victim.frame(0, "40")
    monkeypatch.setattr("handmade.l08_meet_socketio.encode", lambda packet: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        victim.frame(0, '42["echo"]')
