# %% [markdown]
# # 19 · Many servers
#
# **In {minutes} you draft.**

# %% tags=["export", "core", "folded"]
import json
from datetime import datetime
from typing import Any

import msgpack


def as_javascript(value: Any) -> float | None:
    """What MessagePack cannot say, as JavaScript would: long integers are floats, foreign things null."""
    return float(value) if isinstance(value, int) else None


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


# %% tags=["export", "core"]
from handmade.l08_meet_socketio import Type


class Broadcasts(Letterbox):
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


# %% tags=["export", "core", "folded"]
from enum import IntEnum

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

    def heard(error: Exception | None, *said: Any) -> None:
        if not error:
            answered([*said, None][0])

    for socket in sockets:
        socket.timeout(seconds).emit(*data, heard)


# %% tags=["export", "core", "folded"]
from functools import partial


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
        kind = RequestType.BROADCAST_ACK
        self.respond(request, type=RequestType.BROADCAST_CLIENT_COUNT, clientCount=len(sockets))
        answered = partial(self.respond, request, type=kind)
        ask_each(sockets, request["packet"]["data"], seconds, lambda answer: answered(packet=answer))


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
    """A question to so many servers: each says how many answers come from it, and then they come."""

    def __init__(self, servers: int) -> None:
        self.silent, self.expected = servers, 0
        self.answers: list[Any] = []
        self.is_over = asyncio.Event()

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


# %% tags=["export", "core", "folded"]
class AskingAdapter(Adapter):
    """The same, which may ask, too."""

    async def ask(self, kind: RequestType, aim: Any, **what: Any) -> Survey:
        """Ask all servers. Whoever asks has to answer for this one. Raises ConnectionError."""
        survey = Survey(await self.bus.count(self.requests))
        number = token_hex(3)
        self.surveys[number] = survey
        self.command(kind, aim, requestId=number, **what)

        def end() -> None:
            del self.surveys[number]
            survey.is_over.set()

        asyncio.get_running_loop().call_later(aim.seconds or self.patience, end)
        return survey


# %% tags=["export", "folded"]
class Alone:
    """There are no other servers."""

    def publish(self, data: list[Any], aim: Any) -> None:
        """Nobody has to hear of it."""

    def command(self, kind: RequestType, aim: Any, **what: Any) -> None:
        """Nobody has to do it."""


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


# %% tags=["export", "folded"]
class Surveying(Moving):
    """What can ask for those who are meant, wherever they are, and ask them."""

    async def fetch_sockets(self) -> list[Any]:
        """Their sockets; of those at other servers, what is known. Raises TimeoutError, ConnectionError."""
        here = await super().fetch_sockets()
        aim: Any = self.aim()
        if aim.others is ALONE:
            return here
        survey = await aim.others.ask(RequestType.REMOTE_FETCH, aim)
        survey.count(0)  # ours are here
        await survey.is_over.wait()
        if survey.missing:
            raise TimeoutError(f"{survey.silent} of the other servers have not said who is there.")
        return [*here, *(RemoteSocket(aim.audience, told) for told in survey.answers)]

    async def emit_with_ack(self, event: str, *arguments: object) -> list[Any]:
        """Send an event, and return what each has answered, in 5 seconds at most. Raises Incomplete."""
        aim: Any = self.aim()
        if aim.others is ALONE:
            return await super().emit_with_ack(event, *arguments)
        packet = {"type": Type.EVENT, "data": [event, *arguments], "nsp": aim.audience.name}
        survey = await aim.others.ask(RequestType.BROADCAST, aim, packet=packet)
        sockets = aim.sockets()
        survey.count(len(sockets))
        ask_each(sockets, packet["data"], aim.seconds or Adapter.patience, survey.add)
        await survey.is_over.wait()
        if survey.missing:
            raise Incomplete(survey.answers, len(survey.answers) + survey.missing)
        return list(survey.answers)


# %% tags=["export", "folded"]
from dataclasses import dataclass, replace

from handmade import l13_acknowledgements as l13
from handmade import l17_async_and_backpressure as l17
from handmade import l18_core
from handmade import l18_nothing_lost as before


@dataclass(frozen=True)
class Aim(Surveying, l18_core.Aim):
    """Who is meant, at all servers or, if it is local, at this one."""

    is_local: bool = False

    @property
    def local(self) -> "Aim":
        """Those at this server alone."""
        return replace(self, is_local=True)

    @property
    def others(self) -> AskingAdapter | Alone:
        """The way to the other servers, if somebody there may be meant."""
        audience: Any = self.audience
        return ALONE if self.is_local or self.rooms == () else audience.adapter


# %% tags=["export", "folded"]
class Speaking(Surveying):
    """What can speak to all in a namespace, wherever they are, and to the other servers."""

    adapter: Any = ALONE

    def aim(self: Any) -> Aim:
        """Everybody."""
        return Aim(self)

    @property
    def local(self) -> Aim:
        """Everybody at this server."""
        return self.aim().local

    def emit(self, event: str, *arguments: object) -> None:
        """Send an event to everybody, wherever they are. Raises TypeError, ValueError."""
        self.aim().emit(event, *arguments)

    def server_side_emit(self, event: str, *arguments: object) -> None:
        """Have the handlers of an event called at the other servers."""
        self.adapter.command(RequestType.SERVER_SIDE_EMIT, self.aim(), data=[event, *arguments])


class Namespace(Speaking, before.Namespace):
    """A namespace that has members at other servers, too."""


# %% tags=["export", "folded"]
class Reaching:
    """What a socket says to others is said at the other servers as well."""

    audience: Any
    id: str

    def aim(self) -> Aim:
        """Everybody but this one."""
        return Aim(self.audience, but=(self.id,))


class Socket(Reaching, l17.Socket):
    """One client, as the handlers see it."""


class RecoverableSocket(Reaching, before.Socket):
    """One client, as the handlers see it. It may be one that was lost."""


# %% tags=["export", "folded"]
from aiohttp import web

from handmade.l08_core import Line


@dataclass(frozen=True)
class Options(before.Options):
    """The settings of a server: also what connects it to the other ones."""

    adapter: Any = None


class Member(Speaking, before.Server):
    """A server that may be one of several."""

    adapter_type: type[AskingAdapter] = AskingAdapter
    options_type: type[l13.Options] = Options
    namespace_type: Any = Namespace
    options: Any

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.uid = token_hex(3)
        self.connect(self)

    def greet(self, session: Any) -> None:
        """Somebody has opened a session."""
        client: Any = self.client_type(self, session)
        client.socket_type = RecoverableSocket if self.history else Socket

    def new_namespace(self, name: str, parent: Any = None) -> Namespace:
        """A namespace that remembers."""
        namespace = Namespace(name, parent)
        namespace.history = self.new_history()
        return namespace

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
            namespace.on_empty = partial(self.end, namespace, namespace.on_empty)
        return namespace

    def end(self, namespace: Any, forget: Callable[[], object]) -> None:
        """Nobody is in a child any more: it ends, and nobody listens for it."""
        forget()
        adapter, namespace.adapter = namespace.adapter, ALONE
        if adapter is not ALONE:
            adapter.bus.adapters.remove(adapter)
            self.start(adapter.bus.unsubscribe(adapter))
