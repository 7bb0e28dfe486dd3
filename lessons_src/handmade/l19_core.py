"""Lesson 19, built from lessons/19_many_servers.py: edit there, not here."""

import asyncio
import json
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from enum import IntEnum
from secrets import token_hex
from typing import Any

import msgpack

from handmade.l08_meet_socketio import Type


def as_javascript(value: Any) -> float:
    """What JavaScript makes of an integer of more than 64 bits. Raises TypeError for anything else."""
    if isinstance(value, int):
        return float(value)
    raise TypeError(f"A {type(value).__name__} cannot be told to other servers.")


def pack(value: Any) -> bytes:
    """A value as MessagePack. Raises TypeError, ValueError, OverflowError."""
    packed: bytes = msgpack.packb(value, default=as_javascript)
    return packed


def as_json(value: Any) -> Any:
    """A value that JavaScript has packed: a Date becomes the text that JSON has for it."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value


def unpack(message: bytes) -> Any:
    """The value of MessagePack, or of a JSON object. Raises ValueError."""
    if message.startswith(b"{"):
        return json.loads(message)
    lists: Any = {"list_hook": lambda values: [as_json(value) for value in values]}
    objects: Any = {"object_hook": lambda pairs: {str(key): as_json(pairs[key]) for key in pairs}}
    return msgpack.unpackb(message, strict_map_key=False, timestamp=3, **lists, **objects)


class Letterbox:
    """Where the servers of a cluster write to each other about one namespace, and the name of this one."""

    def __init__(self, audience: Any, uid: str, send: Callable[[str, bytes], object]) -> None:
        self.audience, self.uid, self.send = audience, uid, send
        self.channel = f"socket.io#{audience.name}#"

    def here(self, options: dict[str, Any]) -> Any:
        """Everybody at this server, as an aim; if the options have the flag volatile, those with room."""
        everybody = self.audience.local
        return everybody.volatile if (options.get("flags") or {}).get("volatile") else everybody


def flags(aim: Any) -> dict[str, Any]:
    """How those who are meant are to be told, beside the event."""
    return {"volatile": True} if aim.is_volatile else {}


class Broadcasts(Letterbox):
    """Tells the other servers what this one tells its clients, and the other way round."""

    def publish(self, data: list[Any], aim: Any) -> None:
        """Tell the other servers an event, and whom it is for."""
        packet = {"type": Type.EVENT, "data": data, "nsp": self.audience.name}
        rooms = list(aim.rooms or ())
        options = {"rooms": rooms, "except": list(aim.but), "flags": flags(aim)}
        channel = f"{self.channel}{rooms[0]}#" if len(rooms) == 1 else self.channel
        self.send(channel, pack([self.uid, packet, options]))

    def aim_at(self, options: dict[str, Any]) -> Any:
        """Whom another server means, of those at this one."""
        aim = self.here(options)
        if options["rooms"]:
            aim = aim.to(options["rooms"])
        return aim.except_(options["except"])

    def receive(self, message: bytes) -> None:
        """Pass an event of another server on."""
        uid, packet, options = unpack(message)
        if uid != self.uid and packet["nsp"] == self.audience.name:
            self.aim_at(options).emit(*packet["data"])


RequestType = IntEnum(
    "RequestType",
    "SOCKETS ALL_ROOMS REMOTE_JOIN REMOTE_LEAVE REMOTE_DISCONNECT REMOTE_FETCH SERVER_SIDE_EMIT"
    " BROADCAST BROADCAST_CLIENT_COUNT BROADCAST_ACK",
    start=0,
)


def is_packable(value: Any) -> bool:
    """Whether a value can be told to other servers."""
    try:
        return bool(pack(value))
    except (TypeError, ValueError, OverflowError):
        return False


def describe(socket: Any) -> dict[str, Any]:
    """What other servers learn of a socket; of what is kept for it, what can be told."""
    data = {key: value for key, value in socket.data.items() if is_packable(value)}
    return {"id": socket.id, "handshake": socket.handshake, "rooms": sorted(socket.rooms), "data": data}


class Answers(Broadcasts):
    """Answers what other servers ask. How to have handlers called, in order, is handed in."""

    tell: Callable[..., None]

    def respond(self, request: dict[str, Any], **answer: Any) -> None:
        """Answer a request."""
        channel = self.channel.replace("#", "-response#", 1)
        self.send(channel, pack({"requestId": request["requestId"], **answer}))

    def describe_sockets(self, request: dict[str, Any]) -> None:
        """Who is there?"""
        sockets = self.aim_at(request["opts"]).sockets()
        self.respond(request, sockets=[describe(socket) for socket in sockets])

    def hear_server(self, request: dict[str, Any]) -> None:
        """Another server says something to this one."""
        event, *arguments = request["data"]
        if "requestId" in request:
            kind = RequestType.SERVER_SIDE_EMIT
            arguments.append(lambda *said: self.respond(request, type=kind, data=[*said, None][0]))
        if event != "connection":  # which only a client can bring about
            self.tell(self.audience, event, *arguments)

    def ask_clients(self, request: dict[str, Any]) -> None:
        """Ask the clients here who are meant: how many they are goes out first, then what each answers."""
        sockets = self.aim_at(request["opts"]).sockets()
        seconds = ((request["opts"].get("flags") or {}).get("timeout") or 5000) / 1000

        def answered(error: Exception | None, *said: Any) -> None:
            if not error:
                self.respond(request, type=RequestType.BROADCAST_ACK, packet=[*said, None][0])

        self.respond(request, type=RequestType.BROADCAST_CLIENT_COUNT, clientCount=len(sockets))
        for socket in sockets:
            socket.timeout(seconds).emit(*request["packet"]["data"], answered)


class Work(Answers):
    """Does what other servers ask for."""

    def work(self, message: bytes) -> None:
        """Do what a server asks for, unless that is this one."""
        request, rooms = unpack(message), self.audience.rooms
        work: dict[int, Callable[[dict[str, Any]], None]] = {
            RequestType.SOCKETS: lambda r: self.respond(r, sockets=rooms.select(r["rooms"] or None, ())),
            RequestType.ALL_ROOMS: lambda r: self.respond(r, rooms=[*rooms.members]),
            RequestType.REMOTE_JOIN: lambda r: self.aim_at(r["opts"]).sockets_join(r["rooms"]),
            RequestType.REMOTE_LEAVE: lambda r: self.aim_at(r["opts"]).sockets_leave(r["rooms"]),
            RequestType.REMOTE_DISCONNECT: lambda r: self.aim_at(r["opts"]).disconnect_sockets(r["close"]),
            RequestType.REMOTE_FETCH: self.describe_sockets,
            RequestType.SERVER_SIDE_EMIT: self.hear_server,
            RequestType.BROADCAST: self.ask_clients,
        }
        if request.get("uid") != self.uid and request["type"] in work:
            work[request["type"]](request)


class Survey:
    """A question to other servers: each says how many answers come from it, and then they come."""

    def __init__(self, servers: int) -> None:
        self.silent, self.expected = servers, 0
        self.answers: list[Any] = []
        self.is_complete = asyncio.Event()
        self.look()

    def count(self, answers: int) -> None:
        """A server has said how many answers come from it."""
        self.silent -= 1
        self.expected += answers
        self.look()

    def add(self, *answers: Any) -> None:
        """Answers have come."""
        self.answers += answers
        self.look()

    def look(self) -> None:
        """Is that all?"""
        if self.silent <= 0 and len(self.answers) >= self.expected:
            self.is_complete.set()

    def take(self, response: dict[str, Any]) -> None:
        """A server has answered."""
        match response:
            case {"sockets": [*sockets]}:
                self.answers += sockets
                self.count(len(sockets))
            case {"clientCount": int(number)}:
                self.count(number)
            case {"type": RequestType.BROADCAST_ACK}:
                self.add(response.get("packet"))


class Adapter(Work):
    """The way from one namespace of this server to the same one of all others, and back."""

    patience = 5.0  # seconds that other servers have for an answer

    def __init__(self, audience: Any, uid: str, bus: Any, tell: Callable[..., None]) -> None:
        super().__init__(audience, uid, bus.publish)
        self.bus, self.tell = bus, tell
        self.surveys: dict[str, Survey] = {}
        self.requests = self.channel.replace("#", "-request#", 1)
        self.responses = self.channel.replace("#", "-response#", 1)
        self.routes: dict[str, Callable[[bytes], None]] = {
            re.sub(r"([*?\[\]\\])", r"\\\1", self.channel) + "*": self.receive,  # a pattern
            self.requests: self.work,
            self.responses: self.hear,
            f"{self.responses}{uid}#": self.hear,
        }

    def hear(self, message: bytes) -> None:
        """A server has answered somebody, perhaps us."""
        response = unpack(message)
        survey = self.surveys.get(response.get("requestId"))
        if survey:
            survey.take(response)

    def command(self, kind: RequestType, aim: Any, **what: Any) -> None:
        """Have the other servers do something to those who are meant."""
        options = {"rooms": list(aim.rooms or ()), "except": list(aim.but)}
        self.send(self.requests, pack({"uid": self.uid, "type": kind, "opts": options, **what}))

    async def ask(self, kind: RequestType, aim: Any, **what: Any) -> Survey:
        """Ask the other servers, and wait for a while. Raises ConnectionError if the line is dead."""
        seconds = aim.seconds or self.patience
        number = token_hex(3)
        self.surveys[number] = survey = Survey(await self.bus.count(self.requests) - 1)
        self.command(kind, aim, requestId=number, **what)
        with suppress(TimeoutError):
            await asyncio.wait_for(survey.is_complete.wait(), seconds)
        del self.surveys[number]
        return survey
