"""A session of the server of lesson 12 without a network, and what a stranger may do to it, byte by byte.

Whatever comes, there are two outcomes: it is taken, or it breaks a rule, which ends the session. All else
that is raised is a fault of the server, also in a handler that only sends back what it was sent.
"""

from __future__ import annotations

import logging
import random
from types import SimpleNamespace
from typing import Any

from hostile_words import ROOM, bytes_of, frames, said
from test_handmade_sessions import Clock

from handmade import l08_meet_socketio as l08
from handmade import l09_long_polling_and_upgrade as l09
from handmade import l10_heartbeats as l10
from handmade import l12_binary as l12


class Loud(logging.Handler):
    """Raises what the server would only have written to its log: a handler that failed."""

    def emit(self, record: logging.LogRecord) -> None:
        assert record.exc_info and record.exc_info[1]
        raise record.exc_info[1]

    def handleError(self, record: logging.LogRecord) -> None:
        raise


class Victim:
    """One session and its client; a handler sends every `echo` back."""

    def __init__(self, transport: str = "polling") -> None:
        self.clock, self.ends = Clock(), list[str]()
        self.session = l10.Session(transport, self.clock.call_later)
        self.session.interval, self.session.timeout = 25, 20
        self.session.beat()
        self.session.on_close.append(self.ends.append)
        self.server = l08.Emitter()
        self.server.options = l12.Options(
            connect_timeout=45, max_attachments_size=ROOM, attachments_timeout=30
        )
        self.server.engine = SimpleNamespace(strangers={})
        self.work = list[Any]()
        self.server.start = self._start
        self.server.on("connection", self._welcome)
        self.client = l12.Client(self.server, self.session)
        self.out = list[object]()
        self.polls = False
        self.websockets = [self._websocket() for _ in range(2)]
        if transport == "websocket":
            self.session.attach(self.websockets[0])

    def _start(self, work: Any) -> Any:
        self.work.append(work)
        return work

    def _websocket(self):
        return lambda packets: self.out.extend(packets)

    def _welcome(self, socket: l08.Socket) -> None:
        socket.on("echo", lambda *data: socket.emit("echo", *data))

    def post(self, body: bytes) -> None:
        """The body of a POST."""
        try:
            for packet in l09.from_payload(body):
                self.session.receive(packet)
        except l08.ProtocolError:
            self.session.end("parse error")
        self._work()

    def poll(self) -> None:
        """A GET."""
        try:
            self.session.attach(self._answer)
            self.polls = not self.out
        except l08.ProtocolError:
            self.session.end("transport error")

    def _answer(self, packets: list[object]) -> None:
        self.polls = False
        self.out.extend(packets)

    def knock(self, number: int) -> None:
        """A WebSocket with the id of the session."""
        if self.session.state == "open":
            self.session.knock(self.websockets[number], 10)

    def frame(self, number: int, packet: str | bytes) -> None:
        """What one of the WebSockets brings."""
        try:
            self.session.frame(packet, self.websockets[number])
        except l08.ProtocolError:
            self.session.end("parse error")
        self._work()

    def hang_up(self, number: int) -> None:
        """One of the WebSockets is gone."""
        self.session.hang_up(self.websockets[number])

    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.clock.move(seconds)
        self._work()

    def is_sound(self) -> bool:
        """Whether what must hold at any moment does: an end comes once, and what was sent is real text."""
        for packet in self.out:
            assert isinstance(packet, bytes) or packet.encode()
        self.out.clear()
        kept = [place[0][place[1]] for place in self.client.assembly.missing]
        assert all(isinstance(each, dict) for each in kept) and len(kept) <= 10
        return len(self.ends) == (self.session.state == "closed")

    def leaves_nothing(self) -> bool:
        """Whether nothing is left once nobody comes any more: no session, no timer, nobody in a namespace."""
        self.wait(200)
        assert (self.client.assembly.packet, self.client.assembly.missing) == (None, [])
        return (self.session.state, self.clock.pending, self.client.sockets) == ("closed", 0, {})

    def _work(self) -> None:
        """Let the handlers run, as the client's worker would."""
        while self.work:
            try:
                self.work.pop().send(None)
            except StopIteration:
                continue
            raise AssertionError("a handler waits")


def attack(chance: random.Random, victim: Victim) -> None:
    """Do one thing to a session."""
    number = int(chance.random() < 0.1)
    match chance.randrange(18):
        case 0 | 1 if not victim.polls or chance.random() < 0.02:
            victim.poll()
        case 2:
            victim.knock(number)
        case 3:
            victim.frame(number, chance.choice(("2probe", "5")))
        case 4 if chance.random() < 0.05:
            victim.hang_up(number)
        case 5:
            victim.wait(chance.choice((0.1, 1, 10)))
        case 6 | 7 | 8 | 9 | 10 | 11:
            for packet in frames(chance):
                victim.frame(number, packet)
        case _:
            victim.post(bytes_of("\x1e".join(said(chance) for _ in range(1 + chance.randrange(2)))))


def siege(chance: random.Random, inputs: int) -> tuple[int, int]:
    """Attack one session after the other, each as long as it stands; how many there were, and the longest."""
    done = sessions = longest = 0
    while done < inputs:
        victim = Victim(chance.choice(["polling", "websocket"]))
        if chance.random() < 0.8:
            victim.frame(0, "40")
        lived = 0
        while victim.session.state == "open" and lived < 200:
            attack(chance, victim)
            assert victim.is_sound()
            lived += 1
        assert victim.leaves_nothing()
        done += lived
        sessions += 1
        longest = max(longest, lived)
    return sessions, longest
