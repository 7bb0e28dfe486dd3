"""A session and its client at a server of any stage, without a network, a loop or a real clock."""

from __future__ import annotations

from types import coroutine
from typing import Any

from test_handmade_sessions import Clock

from handmade import l08_meet_socketio as l08
from handmade import l09_long_polling_and_upgrade as l09
from handmade import l16_who_is_there as l16


@coroutine
def pause() -> Any:
    """Let whoever waits for this wait until time passes."""
    yield


class Work:
    """What a server has started: it goes on, step by step, as a task would."""

    def __init__(self, work: Any) -> None:
        self.work = work

    def is_done(self) -> bool:
        """Go on up to the next wait, and say whether that was the end."""
        try:
            self.work.send(None)
        except StopIteration:
            return True
        return False

    def cancel(self) -> None:
        if not self.work.cr_running:  # who ends his own task goes on up to the next wait
            self.work.close()
        self.is_done = lambda: True  # type: ignore[method-assign]


class Seat:
    """A session and its client at a server of any stage, without a network."""

    session_type: Any = l16.Session

    def __init__(self, server: Any, client_type: Any, transport: str) -> None:
        self.clock, self.ends = Clock(), list[str]()
        self.session = self.session_type(transport, self.clock.call_later)
        self.session.interval, self.session.timeout = 25, 20
        self.session.beat()
        self.session.on_close.append(self.ends.append)
        self.work = list[Work]()
        self.waiting = list[Work]()
        self.server = server
        self.server.start = self._start
        self.client = client_type(self.server, self.session)
        self.out = list[object]()
        self.polls = False
        self.websockets = [self._websocket() for _ in range(2)]
        if transport == "websocket":
            self.session.attach(self.websockets[0])

    def _start(self, work: Any) -> Work:
        self.work.append(Work(work))
        return self.work[-1]

    def _websocket(self):
        return lambda packets: self.out.extend(packets)

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
        self.work, self.waiting = self.waiting + self.work, []
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
        self.wait(0)
        assert (self.client.assembly.packet, self.client.assembly.missing) == (None, [])
        return (self.session.state, self.clock.pending, self.client.sockets) == ("closed", 0, {})

    def _work(self) -> None:
        """Let handlers and middleware run, as tasks would."""
        while self.work:
            work = self.work.pop(0)
            if not work.is_done():
                self.waiting.append(work)
