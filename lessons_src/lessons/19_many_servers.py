# %% [markdown]
# # 19 · Many servers
#
# **In {minutes} you draft.**

# %% tags=["export", "core", "folded"]
import json
from datetime import datetime
from typing import Any

import msgpack


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


# %% tags=["export", "core", "folded"]
from collections.abc import Callable


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


# %% tags=["export", "core"]
from handmade.l08_meet_socketio import Type


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


# %% tags=["export", "core", "folded"]
from enum import IntEnum

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


# %% tags=["export", "core", "folded"]
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


# %% tags=["export", "core", "folded"]
import asyncio


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


# %% tags=["export", "core", "folded"]
import re
from contextlib import suppress
from secrets import token_hex


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


# %% tags=["export", "folded"]
class Alone:
    """There are no other servers."""

    def publish(self, data: list[Any], aim: Any) -> None:
        """Nobody has to hear of it."""

    def command(self, kind: RequestType, aim: Any, **what: Any) -> None:
        """Nobody has to do it."""

    async def ask(self, kind: RequestType, aim: Any, **what: Any) -> Survey:
        """Nobody has anything to say."""
        return Survey(0)


ALONE = Alone()


# %% tags=["export"]
from collections.abc import Iterable

from handmade.l14_core import Handling, Incomplete, names


class Spreading(Handling):
    """What is done to those who are meant is done at the other servers as well."""

    def emit(self, event: str, *arguments: object) -> None:
        """Send an event to those who are meant, wherever they are. Raises TypeError, ValueError."""
        super().emit(event, *arguments)
        aim: Any = self.aim()
        aim.others.publish([event, *arguments], aim)


# %% tags=["export", "folded"]
class Moving(Spreading):
    """What can do something to those who are meant, wherever they are."""

    def elsewhere(self, kind: RequestType, **what: Any) -> None:
        """Have the other servers do it to theirs."""
        aim: Any = self.aim()
        aim.others.command(kind, aim, **what)

    def sockets_join(self, rooms: str | Iterable[str]) -> None:
        """Put them into a room, or into several."""
        super().sockets_join(rooms)
        self.elsewhere(RequestType.REMOTE_JOIN, rooms=names(rooms))

    def sockets_leave(self, rooms: str | Iterable[str]) -> None:
        """Take them out of a room, or of several."""
        super().sockets_leave(rooms)
        self.elsewhere(RequestType.REMOTE_LEAVE, rooms=names(rooms))

    def disconnect_sockets(self, close: bool = False) -> None:
        """Say goodbye to them; with `close` their connections end, too."""
        super().disconnect_sockets(close)
        self.elsewhere(RequestType.REMOTE_DISCONNECT, close=close)


# %% tags=["export", "folded"]
class RemoteSocket:
    """A socket at another server: what is known of it, and what one can have done to it."""

    def __init__(self, audience: Any, told: dict[str, Any]) -> None:
        self.id, self.handshake, self.data = told["id"], told["handshake"], told["data"]
        self.rooms = set(told["rooms"])
        aim = audience.to(self.id)
        self.emit, self.disconnect = aim.emit, aim.disconnect_sockets
        self.join, self.leave = aim.sockets_join, aim.sockets_leave


async def survey_here(count: int, asking: Any) -> Survey:
    """What the clients at this server answer, so many, as if it were another one."""
    survey = Survey(0)
    survey.expected = count
    try:
        survey.add(*await asking)
    except Incomplete as error:
        survey.add(*error.responses)
    return survey


# %% tags=["export", "folded"]
class Surveying(Moving):
    """What can ask for those who are meant, wherever they are, and ask them."""

    async def fetch_sockets(self) -> list[Any]:
        """Their sockets; of those at other servers, what is known. Raises TimeoutError, ConnectionError."""
        here = await super().fetch_sockets()
        aim: Any = self.aim()
        there = await aim.others.ask(RequestType.REMOTE_FETCH, aim)
        if not there.is_complete.is_set():
            raise TimeoutError(f"{there.silent} of the other servers have not said who is there.")
        return [*here, *(RemoteSocket(aim.audience, told) for told in there.answers)]

    async def emit_with_ack(self, event: str, *arguments: object) -> list[Any]:
        """Send an event, and return what each has answered.

        Without a timeout, those at other servers have 5 seconds. Raises Incomplete, ConnectionError.
        """
        aim: Any = self.aim()
        here = survey_here(len(aim.sockets()), super().emit_with_ack(event, *arguments))
        packet = {"type": Type.EVENT, "data": [event, *arguments], "nsp": aim.audience.name}
        there = aim.others.ask(RequestType.BROADCAST, aim, packet=packet)
        surveys = await asyncio.gather(here, there)
        answers = [answer for survey in surveys for answer in survey.answers]
        count = sum(survey.expected + survey.silent for survey in surveys)
        if len(answers) < count:
            raise Incomplete(answers, count)
        return answers


# %% tags=["export", "folded"]
from dataclasses import dataclass, replace

from handmade import l09_core
from handmade import l13_acknowledgements as l13
from handmade import l17_async_and_backpressure as before
from handmade import l17_core


@dataclass(frozen=True)
class Aim(Surveying, l17_core.Aim):
    """Who is meant, at all servers or, if it is local, at this one."""

    is_local: bool = False

    @property
    def local(self) -> "Aim":
        """Those at this server alone."""
        return replace(self, is_local=True)

    @property
    def others(self) -> Adapter | Alone:
        """The way to the other servers, if somebody there may be meant."""
        return ALONE if self.is_local or self.rooms == () else self.audience.adapter


class Speaking(Surveying):
    """What can speak to all in a namespace, wherever they are, and say something to the other servers."""

    adapter: Adapter | Alone = ALONE

    def aim(self: Any) -> Aim:
        """Everybody."""
        return Aim(self)

    @property
    def local(self) -> Aim:
        """Everybody at this server."""
        return self.aim().local

    def server_side_emit(self, event: str, *arguments: object) -> None:
        """Have the handlers of an event called at the other servers."""
        self.adapter.command(RequestType.SERVER_SIDE_EMIT, self.aim(), data=[event, *arguments])


# %% tags=["export", "folded"]
class Namespace(Speaking, before.Namespace):
    """A namespace that has members at other servers, too."""


class Socket(before.Socket):
    """One client, as the handlers see it. It speaks to those at other servers, too."""

    def aim(self) -> Aim:
        """Everybody but this one."""
        return Aim(self.audience, but=(self.id,))


class Client(before.Client):
    """One connection. Its sockets reach those at other servers."""

    def __init__(self, server: Any, session: l09_core.Session) -> None:
        super().__init__(server, session)
        self.socket_type = Socket


# %% tags=["export", "folded"]
from aiohttp import web

from handmade.l08_core import Line


@dataclass(frozen=True)
class Options(before.Options):
    """The settings of a server: also what connects it to the other ones."""

    adapter: Any = None


class Member(Speaking, before.Server):
    """A server that may be one of several."""

    adapter_type = Adapter
    options_type: type[l13.Options] = Options
    client_type: type[l13.Client] = Client
    namespace_type = Namespace
    options: Options

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.uid = token_hex(3)
        self.connect(self)

    def connect(self, namespace: Any) -> None:
        """Connect a namespace to those of its name at the other servers, if it is not."""
        bus = self.options.adapter
        if bus and namespace.adapter is ALONE:
            tell = Line(self.start).tell
            namespace.adapter = self.adapter_type(namespace, self.uid, bus, tell)
            bus.adapters.append(namespace.adapter)
            if bus.is_open:
                self.start(bus.subscribe(namespace.adapter))

    def attach(self, app: web.Application, path: str = "/socket.io/") -> None:
        """Serve at that path of an application, as one of several servers."""
        super().attach(app, path)
        if self.options.adapter:
            app.cleanup_ctx.append(lambda app: self.options.adapter.connected())


# %% tags=["export", "folded"]
class Server(Member):
    """A Socket.IO server that may be one of several, with Options."""

    def of(self, name: Any) -> Any:
        """The namespace of that name; for a pattern or a condition the parent of all those that match."""
        namespace = super().of(name)
        if isinstance(name, str):
            self.connect(namespace)
        return namespace

    def find(self, name: str, auth: object) -> Any:
        """The namespace that a client asks for, or None. A child is connected for as long as it lives."""
        is_child = name not in self.namespaces
        namespace = super().find(name, auth)
        if namespace and is_child:
            self.connect(namespace)
            forget = namespace.on_empty

            def end() -> None:
                forget()
                self.disconnect(namespace)

            namespace.on_empty = end
        return namespace

    def disconnect(self, namespace: Any) -> None:
        """Disconnect a namespace that ends."""
        adapter, namespace.adapter = namespace.adapter, ALONE
        if adapter is not ALONE:
            adapter.bus.adapters.remove(adapter)
            self.start(adapter.bus.unsubscribe(adapter))
