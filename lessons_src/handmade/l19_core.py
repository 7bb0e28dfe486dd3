"""Lesson 19, built from lessons/19_many_servers.py: edit there, not here."""

import json
import re
from asyncio import Event, get_running_loop
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from enum import IntEnum
from functools import partial
from secrets import token_hex
from typing import Any

import msgpack

from handmade.l08_meet_socketio import Type
from handmade.l13_core import Answer, Question
from handmade.l18_nothing_lost import io as io


def as_javascript(value: Any) -> float | None:
    """What MessagePack cannot say, as JavaScript would: long integers are floats, foreign things null."""
    return float(value) if isinstance(value, int) and abs(value) < 1e308 else None


def pack(value: Any) -> bytes:
    """A value as MessagePack. Raises ValueError, OverflowError."""
    packed: bytes = msgpack.packb(value, default=as_javascript)
    return packed


def as_json(value: Any) -> Any:
    """A value that JavaScript has packed: a Date becomes the text that JSON has for it."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value


def unpack(message: bytes) -> Any:
    """The value of MessagePack, or of a JSON object. Raises ValueError, TypeError, RecursionError."""
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


class Broadcaster(Letterbox):
    """Tells the other servers what this one tells its clients, and the other way round."""

    def publish(self, data: list[Any], aim: Any) -> None:
        """Tell the other servers an event, and whom it is for."""
        packet = {"type": Type.EVENT, "data": data, "nsp": self.audience.name}
        rooms = list(aim.rooms or ())
        options = {"rooms": rooms, "except": list(aim.but), "flags": {"volatile": aim.is_volatile}}
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


def describe(socket: Any) -> dict[str, Any]:
    """What other servers learn of a socket."""
    known = {"handshake": socket.handshake, "data": socket.data}
    return {"id": socket.id, "rooms": [*socket.rooms], **known}


def ask_each(sockets: list[Any], data: list[Any], seconds: float, answered: Callable[[Any], object]) -> None:
    """Send an event to each of these sockets, and call `answered` with what each says in time."""
    for socket in sockets:
        question = Question(lambda *said: answered([*said, None][0]), lambda error: None, seconds)
        with suppress(RuntimeError):  # who owes too many answers gives none
            socket.emit(*data, question)


class Answers(Broadcaster):
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
            arguments.append(Answer(lambda said: self.respond(request, type=kind, data=[*said, None][0])))
        if event != "connection":  # which only a client can bring about
            self.tell(self.audience, event, *arguments)

    def ask_clients(self, request: dict[str, Any]) -> None:
        """Ask the clients here who are meant: how many they are goes out first, then what each answers."""
        sockets = self.aim_at(request["opts"]).sockets()
        seconds = ((request["opts"].get("flags") or {}).get("timeout") or 5000) / 1000
        self.respond(request, type=RequestType.BROADCAST_CLIENT_COUNT, clientCount=len(sockets))
        answered = partial(self.respond, request, type=RequestType.BROADCAST_ACK)
        ask_each(sockets, request["packet"]["data"], seconds, lambda answer: answered(packet=answer))


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
    """A question to so many servers: each says how many answers come from it, and then they come."""

    def __init__(self, servers: int) -> None:
        self.silent, self.expected = servers, 0
        self.answers: list[Any] = []
        self.is_over = Event()

    @property
    def missing(self) -> int:
        """How many answers are not there, at least."""
        return max(0, self.silent) + self.expected - len(self.answers)

    def count(self, answers: int) -> None:
        """A server has said how many answers come from it."""
        self.silent -= 1
        self.expected += answers
        self.look()

    def add(self, answer: Any) -> None:
        """One of them has come."""
        self.answers.append(answer)
        self.look()

    def look(self) -> None:
        """Is that all?"""
        if self.missing <= 0:
            self.is_over.set()


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
            enter(survey, response)

    def command(self, kind: RequestType, aim: Any, **what: Any) -> None:
        """Have the other servers do something to those who are meant."""
        flags = {"timeout": round(1000 * aim.seconds)} if aim.seconds else {}
        options = {"rooms": list(aim.rooms or ()), "except": list(aim.but), "flags": flags}
        self.send(self.requests, pack({"uid": self.uid, "type": kind, "opts": options, **what}))


def enter(survey: Survey, response: dict[str, Any]) -> None:
    """Enter a server's answer into a survey."""
    match response:
        case {"sockets": [*sockets]}:
            survey.answers += sockets
            survey.count(len(sockets))
        case {"clientCount": int(number)}:
            survey.count(number)
        case {"type": RequestType.BROADCAST_ACK}:
            survey.add(response.get("packet"))


class AskingAdapter(Adapter):
    """The same, which may ask, too."""

    async def ask(self, kind: RequestType, aim: Any, **what: Any) -> Survey:
        """Ask all servers. Whoever asks has to answer for this one. Raises ConnectionError."""
        survey = Survey(await self.bus.count(self.requests))
        number = token_hex(8)
        self.surveys[number] = survey
        self.command(kind, aim, requestId=number, **what)

        def end() -> None:
            del self.surveys[number]
            survey.is_over.set()

        get_running_loop().call_later(aim.seconds or self.patience, end)
        return survey
