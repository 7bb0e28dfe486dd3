"""Lesson 19, built from lessons/19_many_servers.py: edit there, not here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from secrets import token_hex
from typing import Any

from aiohttp import web

from handmade import l13_acknowledgements as l13
from handmade import l17_async_and_backpressure as l17
from handmade import l18_core
from handmade import l18_nothing_lost as before
from handmade.l08_core import Line
from handmade.l08_meet_socketio import Type
from handmade.l14_core import Handling, Incomplete, names
from handmade.l18_nothing_lost import io as io
from handmade.l19_core import Adapter, AskingAdapter, RequestType, ask_each


class Spreading(Handling):
    """What is done to those who are meant is done at the other servers as well."""

    def emit(self, event: str, *arguments: object) -> None:
        """Send an event to those who are meant, wherever they are. Raises TypeError, ValueError."""
        super().emit(event, *arguments)
        aim: Any = self.aim()
        aim.others.publish([event, *arguments], aim)


class Alone:
    """There are no other servers."""

    def publish(self, data: list[Any], aim: Any) -> None:
        """Nobody has to hear of it."""

    def command(self, kind: RequestType, aim: Any, **what: Any) -> None:
        """Nobody has to do it."""


ALONE = Alone()


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


class RemoteSocket:
    """A socket at another server: what is known of it, and what one can have done to it."""

    def __init__(self, audience: Any, told: dict[str, Any]) -> None:
        self.id, self.handshake, self.data = told["id"], told["handshake"], told["data"]
        self.rooms = set(told["rooms"])
        aim = audience.to(self.id)
        self.emit, self.disconnect = aim.emit, aim.disconnect_sockets
        self.join, self.leave = aim.sockets_join, aim.sockets_leave


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
        """Ask them all, by default for 5 seconds; return the answers. Raises Incomplete, ConnectionError."""
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
        self.uid = token_hex(8)
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

    def attach(self, app: web.Application, path: str = "/socket.io/") -> None:
        """Serve at that path of an application, as one of several servers."""
        super().attach(app, path)
        if self.options.adapter:
            app.cleanup_ctx.append(lambda app: self.options.adapter.connected())
