"""The server that a user takes: the last stage, with what users of the official library expect besides."""

import re
from dataclasses import fields
from typing import Any, Unpack

from handmade import l08_meet_socketio as l08
from handmade.adapters import PubSubAdapter
from handmade.aims import Aim, Everybody, Others, VolatileRecoverableSocket, VolatileSocket
from handmade.l08_meet_socketio import Packet, Type
from handmade.l12_core import places
from handmade.l15_core import Condition
from handmade.latest import stage
from handmade.listeners import CatchAll, Listeners
from handmade.options import ServerOptions, hold, hold_parts
from handmade.stream_adapter import StreamAdapter
from handmade.stream_memory import StreamHistory
from handmade.stream_recovery import Kept, StreamClient


def event_of(packets: list[str | bytes]) -> list[Any]:
    """The name and the arguments of an event that was encoded for many."""
    text, *attachments = packets
    header = l08.decode(text[1:])  # behind Engine.IO's type
    if attachments:  # without any, what looks like a placeholder is none
        for (container, key), attachment in zip(places(header), attachments, strict=True):
            container[key] = attachment
    event: list[Any] = header.data
    return event


class Socket(Others, CatchAll, stage.Socket):
    """One client in one namespace, as the handlers of the server see it."""

    client: Any
    recovered: bool = False

    def __init__(self, client: Any, connect: Packet) -> None:
        super().__init__(client, connect)
        self.incoming, self.outgoing = Listeners(), Listeners()

    @property
    def server(self) -> "Server":
        """The server."""
        server: Server = self.client.server
        return server

    @property
    def nsp(self) -> "Namespace | Server":
        """The namespace; `namespace` is its name."""
        nsp: Namespace | Server = self.audience
        return nsp

    @property
    def volatile(self) -> VolatileSocket:
        """This socket for an event that is dropped unless it can go out at once."""
        return VolatileSocket(self)

    def transmit(self, packet: Packet) -> None:
        """Send a packet as it is, if the client is still there."""
        super().transmit(packet)
        if self.connected and packet.type == Type.EVENT:
            self.sent(packet.data)

    def write(self, packets: list[str | bytes]) -> None:
        """Send what was encoded for many."""
        super().write(packets)
        if self.connected and self.outgoing.handlers:
            self.sent(event_of(packets))


class RecoverableSocket(Socket, stage.RecoverableSocket):
    """The same at a server that makes up for a short disconnection. It may be one that was lost."""

    @property
    def volatile(self) -> VolatileRecoverableSocket:
        """This socket for an event that is dropped unless it can go out at once."""
        return VolatileRecoverableSocket(self)

    def transmit(self, packet: Packet) -> None:
        """Send a packet. What is kept goes out as what is meant for many does: through `write`."""
        if packet.type == Type.EVENT and packet.id is None:
            stage.RecoverableSocket.transmit(self, packet)
        else:
            super().transmit(packet)


class StreamSocket(Kept, RecoverableSocket):
    """The same at a server on a stream. It may have been lost at another one."""

    @property
    def itself(self) -> Aim:
        """This one, wherever it is by now."""
        return Aim(self.audience, rooms=(self.id,))


class Namespace(Everybody, Listeners, stage.Namespace):
    """A conversation of its own: handlers, middleware, sockets and rooms."""


def has_stream(server: "Server") -> bool:
    """Whether what is said goes through a stream."""
    return issubclass(server.adapter_type, StreamAdapter)


class Server(Everybody, Listeners, stage.Server):
    """A Socket.IO server. `listen` serves on a port of its own, `attach` beside your aiohttp application.

    Settings are in seconds and bytes; ServerOptions names them. Raises TypeError for one that there is not,
    or that cannot be.
    """

    adapter_type = PubSubAdapter
    namespace_type = Namespace

    def __init__(self, **options: Unpack[ServerOptions]) -> None:
        hold("Server", options, (field.name for field in fields(self.options_type)))
        hold_parts(options)
        self.adapter_type = getattr(options.get("adapter"), "adapter_type", self.adapter_type)
        stage.Server.__init__(self, **options)
        if self.history and has_stream(self):
            self.client_type = StreamClient

    def greet(self, session: Any) -> None:
        """Somebody has opened a session."""
        client: Any = self.client_type(self, session)
        client.socket_type = RecoverableSocket if self.history else Socket
        if self.history and has_stream(self):
            client.socket_type = StreamSocket

    def new_history(self, name: str = "/") -> Any:
        """What is remembered in a namespace, nothing at first."""
        if not has_stream(self):
            return super().new_history()
        heartbeat = self.options.ping_interval + self.options.ping_timeout
        recovery, line = self.options.connection_state_recovery, self.options.adapter
        history = StreamHistory(recovery, heartbeat, lambda: self.now(), line)
        history.name = name
        return history

    def new_namespace(self, name: str, parent: Any = None) -> Namespace:
        """A namespace that remembers."""
        namespace = Namespace(name, parent)
        namespace.history = self.new_history(name)
        return namespace

    def of(self, name: str | re.Pattern[str] | Condition) -> "Namespace | Server":
        """The namespace of that name; for a pattern or a condition the parent of all those that match."""
        found: Namespace | Server = super().of(name)
        return found

    @property
    def clients_count(self) -> int:
        """How many clients are connected, each counted once, in however many namespaces it is."""
        return len(self.engine.sessions)
