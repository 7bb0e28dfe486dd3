"""Lesson 20, built from lessons/20_capstone.py: edit there, not here."""

import re
from functools import partial
from typing import Any

from handmade.l16_who_is_there import ConnectError
from handmade.l18_core import Recovery
from handmade.l19_core import pack, unpack
from handmade.l19_many_servers import Server
from handmade.redis_line import Redis

LONGEST_NAME = 40


def person(name: str) -> str:
    """The room in which all sockets of somebody are."""
    return f"person {name}"


def doorman(io: Any) -> None:
    """Who says what he is called comes in."""

    def know_name(socket: Any) -> None:
        name = socket.handshake["auth"].get("name")
        if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
            raise ConnectError(f"Say who you are: a name of 1 to {LONGEST_NAME} letters.")
        socket.data["name"] = name

    io.use(know_name)
    io.on("connection", lambda socket: socket.join(person(socket.data["name"])))


ROOMS = ("gold", "silver")


def room_of(socket: Any) -> Any:
    """The room of the chat in which somebody is, or was when his connection broke; or None."""
    return socket.data.get("room")


async def tell_people(io: Any, room: str) -> None:
    """All in a room hear who is there."""
    try:
        sockets = await io.in_(room).fetch_sockets()
    except (TimeoutError, ConnectionError):
        return  # a server dies at this moment, or Redis is away: the next who comes or goes asks again
    io.to(room).emit("people", room, sorted({each.data["name"] for each in sockets}))


OVERLAP = 5000  # milliseconds
PLACE = re.compile("([0-9]{1,15})-[0-9]{1,15}")


def earlier(place: object) -> str:
    """A little before the place that a client has named; "0", the beginning, if it is none."""
    named = PLACE.fullmatch(place) if isinstance(place, str) else None
    return f"{max(0, int(named[1]) - OVERLAP)}-0" if named else "0"


async def enter(io: Any, archive: Any, socket: Any, room: Any, place: object) -> None:
    """Somebody enters a room. He hears what was said there after that place."""
    if room in ROOMS:
        socket.data["room"] = room
        socket.join(room)
        for kept in await archive.since(room, earlier(place)):
            socket.emit("said", *kept)
        await tell_people(io, room)


async def go(io: Any, socket: Any) -> None:
    """Somebody leaves the room in which he is."""
    room = socket.data.pop("room", None)
    if room:
        socket.leave(room)
        await tell_people(io, room)


def entrance(io: Any, archive: Any) -> None:
    """Everybody is in one room, at first in the one that he has named when he connected."""

    async def move(socket: Any, room: object, answer: Any) -> None:
        await go(io, socket)
        await enter(io, archive, socket, room, None)
        answer(room in ROOMS)

    async def gone(socket: Any, reason: str) -> None:
        if room_of(socket):
            await tell_people(io, room_of(socket))

    async def welcome(socket: Any) -> None:
        socket.on("enter", partial(move, socket))
        socket.on("disconnect", partial(gone, socket))
        auth = socket.handshake["auth"]
        if room_of(socket):
            await tell_people(io, room_of(socket))
            return
        try:
            await enter(io, archive, socket, auth.get("room"), auth.get("place"))
        except (
            Exception
        ):  # the archive is away: he comes again, as if he had not been here, and hears it then
            socket.data.pop("room")
            socket.client.close()
            raise

    io.on("connection", welcome)


LONGEST_TEXT = 2000
LARGEST_IMAGE = 200_000
LONGEST_ID = 40


def is_fit(id: object, content: object) -> bool:
    """Whether that is a message: an id, and a text or an image, neither too large."""
    limit = LARGEST_IMAGE if isinstance(content, bytes) else LONGEST_TEXT
    is_content = isinstance(content, str | bytes) and 0 < len(content) <= limit
    return isinstance(id, str) and len(id) <= LONGEST_ID and is_content


def talk(io: Any, archive: Any) -> None:
    """What somebody says is kept, then all in his room hear it, then he knows that it was taken."""

    async def say(socket: Any, id: object, content: object, answer: Any) -> None:
        room = room_of(socket)
        is_taken = room is not None and is_fit(id, content)
        if is_taken:
            message = {"id": id, "room": room, "by": socket.data["name"], "content": content}
            place = await archive.add(room, message)
            io.to(room).emit("said", place, message)
        answer(is_taken)

    io.on("connection", lambda socket: socket.on("say", partial(say, socket)))


def chat(io: Any, archive: Any) -> Any:
    """A chat on that server."""
    doorman(io)
    entrance(io, archive)
    talk(io, archive)
    return io


def member(address: str) -> Server:
    """One of the servers on that Redis. It recovers whom it has lost."""
    return Server(adapter=Redis(address), connection_state_recovery=Recovery())


class Archive:
    """What was said last in each room, in Redis: any server can ask, and none takes it along."""

    most = 50

    def __init__(self, client: Any) -> None:
        self.client = client

    async def add(self, room: str, message: dict[str, Any]) -> str:
        """Keep a message as the last of its room, and return its place."""
        entry = {"message": pack(message)}
        place = await self.client.xadd(f"room {room}", entry, maxlen=self.most, approximate=False)
        return str(place.decode())

    async def since(self, room: str, place: str) -> list[tuple[str, dict[str, Any]]]:
        """The places and messages after a place, the oldest first; "0": all that are kept."""
        return [
            (id.decode(), unpack(fields[b"message"]))
            for _, entries in await self.client.xread({f"room {room}": place})
            for id, fields in entries
        ]
