"""A session of the server of lesson 18 without a network, and what a stranger may do to it, byte by byte.

Whatever comes, there are two outcomes: it is taken, or it breaks a rule, which ends the session. All else
that is raised is a fault of the server, also in a handler that only sends back what it was sent.
"""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Callable
from contextlib import suppress
from sys import getsizeof
from typing import Any

from hostile_words import ROOM, bytes_of, frames, said
from seat import Seat, pause

from handmade import l17_core
from handmade import l18_nothing_lost as l18
from handmade.l16_core import ConnectError

MOST = 600
"""Bytes that may wait for a session."""


class Loud(logging.Handler):
    """Raises what the server would only have written to its log: a handler that failed."""

    def emit(self, record: logging.LogRecord) -> None:
        assert record.exc_info and record.exc_info[1]
        raise record.exc_info[1]

    def handleError(self, record: logging.LogRecord) -> None:
        raise


def echo(socket: Any) -> Any:
    """A handler that sends everything back, or acknowledges with it."""

    def back(*data: Any) -> None:
        if data and callable(data[-1]):
            data[-1](*data[:-1])
        else:
            socket.emit("echo", *data)

    return back


def join(socket: Any) -> Any:
    """A handler that puts a socket into a room, and tells the others there."""

    def enter(room: object = None, *data: Any) -> None:
        if isinstance(room, str):
            socket.join(room)
            socket.to(room).emit("joined", room)

    return enter


def ask(socket: Any) -> Any:
    """A handler that asks the client in turn, with a time limit and without."""

    def in_turn(*data: Any) -> None:
        with suppress(RuntimeError):  # too much is not answered yet
            socket.timeout(20).emit("asked", lambda error, *answers: None)
            socket.emit("asked", lambda *answers: None)

    return in_turn


async def examine(socket: Any) -> None:
    """A middleware that takes its time."""
    await pause()
    if socket.handshake["auth"].get("token") != "sesame":
        raise ConnectError("no strangers", data={"said": socket.handshake["auth"]})


ROOMS = re.compile(r"^/room-\d$")


def furnish(server: Any, meet: Any = None) -> Any:
    """Give a server namespaces, one of them with a gate, and handlers; `meet` hears of each socket."""

    def welcome(socket: Any) -> None:
        for name, make in {"echo": echo, "join": join, "ask": ask}.items():
            socket.on(name, make(socket))
        if meet:
            meet(socket)

    for name in ("/", "/news", "/gate", ROOMS):
        server.of(name).on("connection", welcome)
    server.of("/gate").use(examine)
    return server


class Victim(Seat):
    """A session of the last stage; handlers send back, acknowledge, ask and join, in several namespaces.

    Little may wait for it, and sometimes its WebSocket has no room.
    """

    session_type = l17_core.Session
    has_room = True

    def __init__(self, transport: str = "polling") -> None:
        self.sockets = list[Any]()
        self.when_there_is_room = list[Callable[[], None]]()
        server = l18.Server(
            connect_timeout=45,
            max_attachments_size=ROOM,
            attachments_timeout=30,
            max_unanswered=20,
            connection_state_recovery=l18.Recovery(name="k", max_packets=5, max_bytes=MOST),
        )
        server.now = lambda: self.clock.now
        super().__init__(furnish(server, self.sockets.append), l18.Client, transport)
        self.session.outbox.most = MOST

    def _websocket(self) -> Any:
        def write(packets: list[Any]) -> Any:
            self.out.extend(packets)
            return None if self.has_room else self.when_there_is_room.append

        return write

    def take(self, has_room: bool) -> None:
        """Its WebSocket has room, or from the next packet on none."""
        self.has_room = has_room
        while has_room and self.when_there_is_room:
            self.when_there_is_room.pop()()

    def is_sound(self) -> bool:
        """Also that no more waits, and no more is kept, than may, and all of that is counted."""
        for log in (each.history.log for each in self.server.namespaces.values()):
            assert log.size == sum(said.size for said in log.events) <= MOST
            assert len(log.events) <= 5
        outbox = self.session.outbox
        if self.session.state == "open":
            assert outbox.size == sum(map(getsizeof, outbox.packets)) <= MOST
        return super().is_sound()

    def leaves_nothing(self) -> bool:
        """Also nobody in a room or at a gate, and nobody who waits for an answer."""
        is_empty = super().leaves_nothing()
        assert (self.client.examinations, self.waiting) == ({}, [])
        assert [socket for socket in self.sockets if socket.questions.waiting or socket.rooms] == []
        assert set(self.server.namespaces) == {"/", "/news", "/gate"}
        for each in self.server.namespaces.values():
            assert (each.sockets, each.examined, each.rooms.rooms, each.rooms.members) == ({}, set(), {}, {})
            assert (each.history.here, each.history.lost) == ({}, {})
        return is_empty


def attack(chance: random.Random, victim: Victim) -> None:
    """Do one thing to a session."""
    number = int(chance.random() < 0.1)
    match chance.randrange(19):
        case 0 | 1 if not victim.polls or chance.random() < 0.02:
            victim.poll()
        case 2:
            victim.knock(number)
        case 3:
            victim.frame(number, chance.choice(("2probe", "5")))
        case 4 if chance.random() < 0.05:
            victim.hang_up(number)
        case 18:
            victim.take(chance.random() < 0.5)
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
