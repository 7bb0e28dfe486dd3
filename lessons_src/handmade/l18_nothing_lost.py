"""Lesson 18, built from lessons/18_nothing_lost.py: edit there, not here."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from handmade import l09_core
from handmade import l13_acknowledgements as l13
from handmade import l15_namespaces as l15
from handmade import l17_async_and_backpressure as l17
from handmade.l08_meet_socketio import Packet, Type
from handmade.l18_core import Aim, History, Recovery, Visit, VolatileSocket, is_known


class Guest(l17.Socket):
    """One client, as the handlers see it. What is said to it is kept, in case that it is lost."""

    def __init__(self, client: Any, connect: Packet) -> None:
        super().__init__(client, connect)
        self.history: History = self.audience.history
        self.visit = Visit(self.id, self.data)

    def aim(self) -> Aim:
        """Everybody but this one."""
        return Aim(self.audience, but=(self.id,))

    @property
    def itself(self) -> Aim:
        """This one, also if it has another connection by now."""
        return Aim(self.audience, rooms=(self.id,))

    @property
    def volatile(self) -> VolatileSocket:
        """This socket for an event that is dropped unless it can go out at once."""
        return VolatileSocket(self)

    def transmit(self, packet: Packet) -> None:
        """Send a packet. An event is kept, unless it asks for an answer; a CONNECT says the pid, too."""
        match packet.type, packet.id:
            case Type.EVENT, None:
                if is_known(self):
                    self.itself.deliver(packet, self.history)
            case Type.CONNECT, _:
                super().transmit(packet._replace(data={**packet.data, "pid": self.visit.pid}))
            case _:
                super().transmit(packet)


class Member(Guest):
    """One client, as the handlers see it. It is remembered when it joined which room."""

    def join(self, rooms: str | Iterable[str]) -> None:
        """Enter a room, or several, as soon as it is let in. Who is gone enters none."""
        super().join(rooms)
        for room in self.rooms:
            self.visit.rooms.setdefault(room, self.history.log.count)

    def leave(self, room: str) -> None:
        """Leave a room."""
        super().leave(room)
        self.visit.rooms.pop(room, None)


ACCIDENTS = ("transport close", "transport error", "ping timeout", "queue full", "taken over", "forced close")


class Socket(Member):
    """One client, as the handlers see it. It may be one that was lost: then it is `recovered`."""

    recovered = False

    def resume(self, visit: Visit) -> None:
        """It is one that was lost: all is there again."""
        self.recovered = True
        self.visit = visit
        self.id, self.data = visit.id, visit.data
        self.join(visit.rooms)

    def closed(self, reason: str) -> None:
        """It is over. If it was an accident, it may come back."""
        del self.history.here[self.visit.pid]
        self.visit.data = self.data  # a handler may have put others in their place
        if reason in ACCIDENTS:
            self.history.lose(self.visit)
            seconds = self.history.recovery.max_disconnection_duration + 1
            self.client.session.call_later(seconds, self.audience.forget)
        super().closed(reason)


class Reception(l17.Client):
    """One connection, whose sockets may be some that were lost."""

    def __init__(self, server: "Server", session: l09_core.Session) -> None:
        super().__init__(server, session)
        self.socket_type = Socket
        self.claim: tuple[object, object] = (None, None)

    def connect(self, packet: Packet) -> None:
        """Let the client into a namespace. Its pid and its offset are nobody's business but ours."""
        auth = dict(packet.data or {})
        self.claim = (auth.pop("pid", None), auth.pop("offset", None)) if "pid" in auth else (None, None)
        super().connect(packet._replace(data=auth))

    def dismiss(self, socket: Any) -> None:
        """It stands before the gate no longer. If it was not let in, it may try again."""
        is_first_time = socket.namespace in self.examinations
        if is_first_time and socket.recovered and not socket.connected:
            socket.history.wait_for(socket.visit)
        super().dismiss(socket)


class Client(Reception):
    """One connection, whose sockets may be some that were lost."""

    def let_in(self, socket: Any) -> None:
        """Let a socket in, or have it examined. One that was lost has been examined before."""
        visit = socket.history.claim(*self.claim)
        if visit:
            socket.resume(visit)
        if visit and socket.history.recovery.skip_middlewares:
            self.admit(socket)
        else:
            super().let_in(socket)

    def admit(self, socket: Any) -> None:
        """Let a socket in. What it has missed comes first."""
        history, visit = socket.history, socket.visit
        if not socket.recovered:
            visit.came = visit.heard = history.log.count
        missed = history.missed(visit)
        if missed is None:  # its examination has taken too long
            self.session.call_later(0, lambda: self.session.end("transport close"))
            return
        for said in missed:
            for packet in said.packets:
                self.session.send(packet)
        history.here[visit.pid] = socket
        super().admit(socket)


class Speaking(l17.Speaking):
    """What can speak to all in a namespace, and remember it."""

    history: History | None = None

    def aim(self: Any) -> Aim:
        """Everybody."""
        return Aim(self)

    def emit(self, event: str, *arguments: object) -> None:
        """Send an event to everybody, encoded once. Raises TypeError, ValueError for bad arguments."""
        self.aim().emit(event, *arguments)

    def forget(self: Any) -> None:
        """Some may have been lost too long ago."""
        self.history.forget()
        self.tidy()


class Namespace(Speaking, l17.Namespace):
    """A namespace that remembers who was lost."""

    def tidy(self) -> None:
        """Nobody may be here any more, and nobody may come back."""
        if not self.history or not self.history.lost:
            super().tidy()


@dataclass(frozen=True)
class Options(l17.Options):
    """The settings of a server: also whether and how it makes up for a short disconnection."""

    connection_state_recovery: Recovery | None = None


class Server(Speaking, l17.Server):
    """A Socket.IO server that loses nothing in a short disconnection, with Options."""

    options_type: type[l13.Options] = Options
    namespace_type: Any = Namespace
    options: Any

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.now: Callable[[], float] = time.monotonic
        if self.options.connection_state_recovery:
            self.client_type = Client
            self.namespace_type = self.new_namespace
            self.history = self.new_history()

    def new_history(self) -> History:
        """What is remembered in a namespace, nothing at first."""
        heartbeat = self.options.ping_interval + self.options.ping_timeout
        return History(self.options.connection_state_recovery, heartbeat, lambda: self.now())

    def new_namespace(self, name: str, parent: Any = None) -> Namespace:
        """A namespace that remembers."""
        namespace = Namespace(name, parent)
        namespace.history = self.new_history()
        return namespace


class Returning(l15.Visitor):
    """Your end of a namespace. It says who it was, and up to where it has heard everything."""

    recovered = False
    pid: str | None = None
    offset: str | None = None

    def present(self, auth: Any) -> None:
        """Say who we are, and were, and ask to be let in."""
        claim = {"pid": self.pid, "offset": self.offset}
        known = {name: value for name, value in claim.items() if value is not None}
        super().present({**known, **(auth or {})} if known else auth)


class ClientSocket(l17.ClientSocket, Returning):
    """Your end of a namespace, which may come back as the one it was."""

    def receive(self, packet: Packet) -> None:
        """Act on a packet of the server."""
        match packet.type, packet.data:
            case Type.CONNECT, {"sid": str()}:
                pid = packet.data.get("pid")
                self.recovered = pid is not None and pid == self.pid
                if not self.recovered:  # then it has heard nothing yet
                    self.offset = None
                self.pid = pid
            case Type.EVENT, [_, *_, str(offset)] if self.pid is not None and packet.id is None:
                self.offset = offset
        super().receive(packet)


class Manager(l17.Manager):
    """One connection, and the sockets that share it; they may come back as those they were."""

    socket_type = ClientSocket


def io(url: str, auth: Any = None, **options: Any) -> Any:
    """Connect to a namespace, as in lesson 15, and come back as the same one. Raises ValueError."""
    return l15.io(url, auth, manager_type=Manager, **options)
