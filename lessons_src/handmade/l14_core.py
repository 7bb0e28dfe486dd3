"""Lesson 14, built from lessons/14_broadcast_and_rooms.py: edit there, not here."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from handmade.l08_meet_socketio import Packet, Type, is_allowed
from handmade.l12_core import encode, to_engine
from handmade.l13_acknowledgements import io as io


def names(rooms: str | Iterable[str]) -> tuple[str, ...]:
    """The names of one room, or of several."""
    return (rooms,) if isinstance(rooms, str) else tuple(rooms)


class Membership:
    """Who is in which room, by id. A room is there as long as somebody is in it."""

    def __init__(self) -> None:
        self.rooms: dict[str, dict[str, None]] = {}  # the rooms of each id, in the order of joining
        self.members: dict[str, dict[str, None]] = {}  # the ids in each room

    def join(self, id: str, rooms: str | Iterable[str]) -> None:
        """Put somebody into a room, or into several."""
        for room in names(rooms):
            self.rooms.setdefault(id, {})[room] = None
            self.members.setdefault(room, {})[id] = None

    def leave(self, id: str, room: str) -> None:
        """Take somebody out of a room, if he is there. The last one closes it."""
        if room in self.rooms.get(id, ()):
            del self.rooms[id][room]
            del self.members[room][id]
            if not self.members[room]:
                del self.members[room]

    def leave_all(self, id: str) -> None:
        """Take somebody out of all rooms."""
        for room in self.of(id):
            self.leave(id, room)
        self.rooms.pop(id, None)

    def of(self, id: str) -> set[str]:
        """The rooms in which somebody is."""
        return set(self.rooms.get(id, ()))


class Rooms(Membership):
    """Who is in which room, and so who is meant."""

    def select(self, rooms: Iterable[str] | None, but: Iterable[str]) -> list[str]:
        """Who is in any of the rooms (None: everybody), each once, but those in any of the others."""
        if rooms is None:
            chosen = dict.fromkeys(self.rooms)
        else:
            chosen = dict.fromkeys(id for room in rooms for id in self.members.get(room, ()))
        for room in but:
            for id in self.members.get(room, ()):
                chosen.pop(id, None)
        return list(chosen)


class Aiming:
    """What can choose by rooms who is meant."""

    def aim(self) -> "Aim":
        """Who is meant before anything is said about rooms."""
        raise NotImplementedError

    def to(self, rooms: str | Iterable[str]) -> "Aim":
        """Those in the room, or in any of the rooms (of none: nobody), besides those named already."""
        aim = self.aim()
        return replace(aim, rooms=(*(aim.rooms or ()), *names(rooms)))

    def in_(self, rooms: str | Iterable[str]) -> "Aim":
        """The same as `to`."""
        return self.to(rooms)

    def except_(self, rooms: str | Iterable[str]) -> "Aim":
        """But not those in the room, or in any of the rooms."""
        aim = self.aim()
        return replace(aim, but=(*aim.but, *names(rooms)))


class Telling(Aiming):
    """What can tell those who are meant something."""

    def emit(self, event: str, *arguments: object) -> None:
        """Send an event to them, encoded once. Raises TypeError, ValueError for bad arguments."""
        aim = self.aim()
        packet = Packet(Type.EVENT, [event, *arguments], namespace=aim.audience.name)
        if not is_allowed(packet):
            raise ValueError(f"{event!r} names no event: choose a string that is no name of Socket.IO's own.")
        packets = [to_engine(message) for message in encode(packet)]
        for socket in aim.sockets():
            socket.write(packets)


class Incomplete(TimeoutError):
    """Not everybody has acknowledged; `responses` are those that came."""

    def __init__(self, responses: list[Any], count: int) -> None:
        super().__init__(f"{len(responses)} of {count} have acknowledged.")
        self.responses = responses


class Gathering(Telling):
    """What can ask those who are meant."""

    def timeout(self, seconds: float) -> "Aim":
        """The same, who have so many seconds to acknowledge the next event."""
        return replace(self.aim(), seconds=seconds)

    async def emit_with_ack(self, event: str, *arguments: object) -> list[Any]:
        """Send an event to them, and return what each has answered. Raises Incomplete."""
        aim = self.aim()

        async def response(socket: Any) -> list[Any]:
            try:
                return [await socket.timeout(aim.seconds).emit_with_ack(event, *arguments)]
            except (TimeoutError, ConnectionError, RuntimeError):  # who owes too many answers gives none
                return []

        found = await asyncio.gather(*map(response, aim.sockets()))
        responses = [response for responses in found for response in responses]
        if len(responses) < len(found):
            raise Incomplete(responses, len(found))
        return responses


class Handling(Gathering):
    """What can do something to all who are meant."""

    @property
    def local(self) -> "Aim":
        """Those at this server alone: as long as there is one server, everybody."""
        return self.aim()

    async def fetch_sockets(self) -> list[Any]:
        """Their sockets."""
        return self.aim().sockets()

    def sockets_join(self, rooms: str | Iterable[str]) -> None:
        """Put them into a room, or into several."""
        for socket in self.aim().sockets():
            socket.join(rooms)

    def sockets_leave(self, rooms: str | Iterable[str]) -> None:
        """Take them out of a room, or of several."""
        for socket in self.aim().sockets():
            for room in names(rooms):
                socket.leave(room)

    def disconnect_sockets(self, close: bool = False) -> None:
        """Say goodbye to them; with `close` their connections end, too."""
        for socket in self.aim().sockets():
            socket.disconnect(close)


class Audience(Handling):
    """Sockets by their ids, and the rooms in which they are."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rooms = Rooms()
        self.sockets: dict[str, Any] = {}

    def aim(self) -> "Aim":
        """Everybody."""
        return Aim(self)

    def add(self, socket: Any) -> None:
        """Somebody comes. His id is a room, in which nobody else is."""
        self.sockets[socket.id] = socket
        self.rooms.join(socket.id, socket.id)

    def remove(self, socket: Any) -> None:
        """Somebody goes, out of all rooms."""
        self.sockets.pop(socket.id, None)
        self.rooms.leave_all(socket.id)


@dataclass(frozen=True)
class Aim(Handling):
    """Who is meant: those in any of the rooms (None: everybody), but those in any of some others."""

    audience: Audience
    rooms: tuple[str, ...] | None = None
    but: tuple[str, ...] = ()
    seconds: float | None = None

    def aim(self) -> "Aim":
        """This."""
        return self

    def sockets(self) -> list[Any]:
        """Their sockets, each once."""
        return [self.audience.sockets[id] for id in self.audience.rooms.select(self.rooms, self.but)]
