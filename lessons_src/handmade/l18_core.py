"""Lesson 18, built from lessons/18_nothing_lost.py: edit there, not here."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from secrets import token_urlsafe
from typing import Any, NamedTuple

from handmade import l17_core
from handmade.l08_meet_socketio import Packet, Type, is_allowed
from handmade.l09_core import EnginePacket
from handmade.l12_core import encode, to_engine


@dataclass(frozen=True)
class Recovery:
    """What a server remembers, in each namespace, to make up for a short disconnection. Times in seconds.

    Its offsets begin with `name`, which has to be another one in each run of the server.
    """

    max_disconnection_duration: float = 120
    skip_middlewares: bool = True
    max_sessions: int = 10_000
    max_packets: int = 10_000
    max_bytes: int = 5_000_000
    name: str = field(default_factory=lambda: token_urlsafe(6))


class Said(NamedTuple):
    """An event that was said: its number, how it is encoded, who was meant, and when that was."""

    number: int
    packets: list[EnginePacket]
    rooms: tuple[str, ...] | None
    but: tuple[str, ...]
    time: float

    @property
    def size(self) -> int:
        """How many bytes it has, or characters."""
        return sum(map(len, self.packets))


class Shelf:
    """Events in the order in which they were said. `count` is the number of the last one."""

    def __init__(self, recovery: Recovery, seconds: float) -> None:
        self.recovery, self.seconds = recovery, seconds
        self.events = deque[Said]()
        self.count = self.size = 0

    def is_too_full(self, now: float) -> bool:
        """Whether the oldest event has to go."""
        if not self.events:
            return False
        is_old = self.events[0].time < now - self.seconds
        return is_old or len(self.events) > self.recovery.max_packets or self.size > self.recovery.max_bytes


class Log(Shelf):
    """What was said last, by number. The oldest make room."""

    def add(self, packets: list[EnginePacket], aim: Any, now: float) -> None:
        """One more was said."""
        self.count += 1
        said = Said(self.count, packets, aim.rooms, aim.but, now)
        self.events.append(said)
        self.size += said.size
        while self.is_too_full(now):
            self.size -= self.events.popleft().size

    def since(self, number: int) -> list[Said] | None:
        """What was said after that number; None if some of it has gone, or was not said yet."""
        gone = self.count - len(self.events)
        if not gone <= number <= self.count:
            return None
        return list(islice(self.events, number - gone, None))


@dataclass
class Visit:
    """What is known of a socket, and will be there again if its connection breaks and it comes back.

    Numbers are those of the last event that had been said before something happened.
    """

    id: str
    data: dict[str, Any]
    came: int = 0
    heard: int = 0  # everything up to this one
    rooms: dict[str, int] = field(default_factory=dict)  # each room, and when it was joined
    pid: str = field(default_factory=lambda: token_urlsafe(15))
    lost: float = 0.0  # the time

    def was_meant(self, said: Said) -> bool:
        """Whether an event was for this one."""
        is_meant = said.rooms is None or self.was_in(said.rooms, said.number)
        return is_meant and not self.was_in(said.but, said.number)

    def was_in(self, rooms: Iterable[str], number: int) -> bool:
        """Whether it is in any of these rooms, and was when that event was said."""
        return any(room in self.rooms and self.rooms[room] < number for room in rooms)


class Lost:
    """Who was lost, by pid, the one that was lost first in front; and who is here."""

    def __init__(self, recovery: Recovery, now: Callable[[], float]) -> None:
        self.recovery, self.now = recovery, now
        self.lost: dict[str, Visit] = {}
        self.here: dict[str, Any] = {}  # sockets

    def lose(self, visit: Visit) -> None:
        """Its connection has broken."""
        visit.lost = self.now()
        self.wait_for(visit)

    def wait_for(self, visit: Visit) -> None:
        """It may come back. If too many may, the first of them is forgotten."""
        self.lost[visit.pid] = visit
        if len(self.lost) > self.recovery.max_sessions:
            del self.lost[next(iter(self.lost))]

    def is_over(self, visit: Visit) -> bool:
        """Whether it was lost too long ago."""
        return self.now() >= visit.lost + self.recovery.max_disconnection_duration

    def forget(self) -> None:
        """Forget those that were lost too long ago."""
        for pid, visit in tuple(self.lost.items()):
            if self.is_over(visit):
                del self.lost[pid]


class Memory(Lost):
    """Who was lost, who is here, and who comes back."""

    def take(self, pid: str) -> Visit | None:
        """Whose pid this is, if he can come back. If his old connection seems to live, that ends now."""
        if pid in self.here:
            self.here[pid].client.session.end("taken over")
        visit = self.lost.pop(pid, None)
        return None if visit is None or self.is_over(visit) else visit


class Chronicle(Memory):
    """What is remembered in a namespace: who was there, and what was said. `heartbeat` is in seconds."""

    log_type = Log

    def __init__(self, recovery: Recovery, heartbeat: float, now: Callable[[], float]) -> None:
        super().__init__(recovery, now)
        self.log = self.log_type(recovery, recovery.max_disconnection_duration + heartbeat)

    def record(self, packet: Packet, aim: Any) -> list[EnginePacket]:
        """Encode an event, with its offset behind its arguments, and keep it. A volatile one is not kept."""
        number = self.log.count if aim.is_volatile else self.log.count + 1
        offset = f"{self.recovery.name}-{number}"
        packets = [to_engine(message) for message in encode(packet._replace(data=[*packet.data, offset]))]
        if not aim.is_volatile:
            self.log.add(packets, aim, self.now())
        return packets

    def number(self, offset: object) -> int | None:
        """The number in an offset, if it is one of ours."""
        name, _, number = offset.rpartition("-") if isinstance(offset, str) else ("", "", "")
        is_ours = name == self.recovery.name and number.isdecimal() and len(number) < 16
        return int(number) if is_ours else None


class History(Chronicle):
    """What is remembered in a namespace, for those who come back."""

    def claim(self, pid: object, offset: object) -> Visit | None:
        """Who comes back with this pid, and has heard everything up to that offset; None: a new client."""
        visit = self.take(pid) if isinstance(pid, str) else None
        if visit is None:
            return None
        heard = visit.came if offset is None else self.number(offset)
        if heard is None:
            return None
        visit.heard = max(heard, visit.came)
        return None if self.missed(visit) is None else visit

    def missed(self, visit: Visit) -> list[Said] | None:
        """What was said to somebody who did not hear it; None if some of it has gone."""
        since = self.log.since(visit.heard)
        return None if since is None else [said for said in since if visit.was_meant(said)]


class Aim(l17_core.Aim):
    """Who is meant. Where there is a history, it keeps what they are told."""

    def emit(self, event: str, *arguments: object) -> None:
        """Send an event to them, encoded once. Raises TypeError, ValueError for bad arguments."""
        packet = Packet(Type.EVENT, [event, *arguments], namespace=self.audience.name)
        if self.history and is_allowed(packet):
            self.deliver(packet, self.history)
        else:
            super().emit(event, *arguments)

    @property
    def history(self) -> History | None:
        """What is remembered in this namespace."""
        audience: Any = self.audience
        history: History | None = audience.history
        return history

    def deliver(self, packet: Packet, history: History) -> None:
        """Keep an event, and send it to those who are there."""
        packets = history.record(packet, self)
        for socket in self.sockets():
            socket.write(packets)


def is_known(socket: Any) -> bool:
    """Whether a client is here, or was lost, or has another socket by now, which is being examined."""
    pid, history = socket.visit.pid, socket.history
    others = (other for other in socket.audience.examined if other is not socket)
    return pid in history.here or pid in history.lost or any(pid == other.visit.pid for other in others)


class VolatileSocket(l17_core.VolatileSocket):
    """A socket to which is said what nobody wants to hear later: nor when it comes back."""

    def emit(self, event: str, *arguments: object) -> None:
        """Send an event if it can go out at once, else drop it."""
        if arguments and callable(arguments[-1]):  # nothing that asks for an answer is kept
            super().emit(event, *arguments)
        else:
            self.socket.itself.volatile.emit(event, *arguments)
