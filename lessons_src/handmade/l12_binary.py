"""Lesson 12, built from lessons/12_binary.py: edit there, not here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from handmade import l08_meet_socketio as l08
from handmade import l09_core
from handmade import l10_heartbeats as l10
from handmade import l11_reconnection as l11
from handmade.l08_meet_socketio import Packet, Type
from handmade.l12_core import Assembly, encode, to_engine


@dataclass(frozen=True)
class Options(l10.Options):
    """The settings of a server: also how many bytes an event may bring along, and in how many seconds."""

    max_attachments_size: int = 10_000_000
    attachments_timeout: float = 45


class Socket(l08.Socket):
    """One client, as the handlers see it."""

    client: "Client"

    def send(self, kind: Type, data: object = None) -> None:
        """Send a packet, if the client is still there."""
        if self.connected:
            for message in encode(Packet(kind, data, namespace=self.namespace)):
                self.client.write(message)


class Client(l10.Client):
    """A client whose packets may have attachments."""

    server: "Server"
    write: Callable[[str | bytes], None]

    def __init__(self, server: "Server", session: l09_core.Session) -> None:
        super().__init__(server, session)
        self.socket_type = Socket
        self.write = lambda message: session.send(to_engine(message))
        session.on_message = self.take
        room, patience = server.options.max_attachments_size, server.options.attachments_timeout
        self.assembly = Assembly(room, patience, session.call_later, lambda: session.end("parse error"))

    def take(self, message: str | bytes) -> None:
        """Act on a message, or on the packet that it completes. Raises ProtocolError."""
        if packet := self.assembly.add(message):
            self.receive(packet)

    def closed(self, reason: str) -> None:
        """The connection has ended."""
        self.assembly.stop()
        super().closed(reason)


class Server(l10.Server):
    """A Socket.IO server whose events may have bytes among their arguments, with Options."""

    options_type: type[l10.Options] = Options
    client_type: type[l10.Client] = Client
    options: Options


class ClientSocket(l11.Socket):
    """Your end of a namespace, which takes bytes."""

    send_buffer: list[tuple[Packet, Any]]

    def transmit(self, packet: Packet) -> None:
        """Send a packet, or keep it until we are connected: all of it or nothing."""
        messages = encode(packet)
        if self.connected and not self.io.engine.is_late:
            for message in messages:
                self.io.write(message)
        else:
            self.send_buffer += [(packet, message) for message in messages]


class Manager(l11.Manager):
    """The connection of a socket whose events may have bytes among their arguments."""

    room, patience = 10_000_000, 45
    socket: ClientSocket

    def __init__(self, namespace: str, options: Any, world: Any) -> None:
        super().__init__(namespace, options, world)
        self.socket = ClientSocket(self, namespace)
        self.assembly = Assembly(self.room, self.patience, world.call_later, self.give_up)

    def write(self, message: str | bytes) -> None:
        """Send a message of a packet."""
        if self.engine:
            self.engine.send(to_engine(message))

    def receive(self, message: str | bytes) -> None:
        """Hand a packet to the socket, as soon as it is whole. Raises ProtocolError."""
        packet = self.assembly.add(message)
        if packet and packet.namespace == self.socket.namespace:
            self.socket.receive(packet)

    def give_up(self) -> None:
        """An attachment has not come in time."""
        if self.engine:
            self.engine.end("parse error")

    def closed(self, engine: Any, reason: str, error: Exception | None) -> None:
        """The connection is lost, and with it what was not whole."""
        if engine == self.engine:
            self.assembly.stop()
        super().closed(engine, reason, error)

    def close(self) -> None:
        """Say goodbye; what is not whole will never be."""
        self.assembly.stop()
        super().close()


def io(url: str, **options: Any) -> ClientSocket:
    """Connect to a Socket.IO server, as the `io` of lesson 11 does. Raises TypeError, ValueError."""
    socket: ClientSocket = l11.io(url, Manager, **options)
    return socket
