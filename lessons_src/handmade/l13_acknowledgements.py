"""Lesson 13, built from lessons/13_acknowledgements.py: edit there, not here."""

from dataclasses import dataclass
from typing import Any

from handmade import l09_core
from handmade import l11_reconnection as l11
from handmade import l12_binary as l12
from handmade.l08_meet_socketio import Packet, Type
from handmade.l12_core import encode
from handmade.l13_core import Answer, Asking, Questions


class Socket(l12.Socket, Asking):
    """One client, as the handlers see it: it can be asked."""

    client: "Client"

    def __init__(self, client: Any, connect: Packet) -> None:
        super().__init__(client, connect)
        self.tell = client.line.tell
        self.questions = Questions(client.server.options.max_unanswered, client.session.call_later)

    def emit(self, event: str, *arguments: Any) -> None:
        """Send an event; a callback behind it hears the answer. Raises RuntimeError if too many are due."""
        super().emit(event, *self.asked(arguments, self.ack_timeout))

    def send(self, kind: Type, data: Any = None) -> None:
        """Send a packet, if the client is still there."""
        self.ask(Packet(kind, data, namespace=self.namespace), self.transmit)
        if not self.connected:
            self.questions.fail_all("the client is not connected")

    def transmit(self, packet: Packet) -> None:
        """Send a packet as it is, if the client is still there."""
        if self.connected:
            for message in encode(packet):
                self.client.write(message)

    def answer_to(self, number: int) -> Answer:
        """What acknowledges the event of that number."""
        return Answer(lambda answers: self.transmit(Packet(Type.ACK, answers, number, self.namespace)))

    def closed(self, reason: str) -> None:
        """It is over, also for who waits."""
        super().closed(reason)
        self.questions.fail_all(reason)


class Client(l12.Client):
    """A client that may ask, and be asked."""

    server: "Server"

    def __init__(self, server: "Server", session: l09_core.Session) -> None:
        super().__init__(server, session)
        self.socket_type = Socket

    def receive(self, packet: Packet) -> None:
        """Act on a packet. Raises ProtocolError if it must not come now."""
        match packet.type, self.sockets.get(packet.namespace):
            case Type.EVENT, Socket() as socket if packet.id is not None:
                packet.data.append(socket.answer_to(packet.id))
            case Type.ACK, Socket() as socket:
                socket.questions.answer(packet.id, packet.data)
        super().receive(packet)


class AskingSocket(l12.ClientSocket, Asking):
    """Your end of a namespace, which may ask. It waits for `ack_timeout` seconds, unless that is None."""

    most = 1000

    def __init__(self, io: Any, namespace: str) -> None:
        super().__init__(io, namespace)
        self.tell = lambda *what: io.world.tell(*what)
        self.questions = Questions(self.most, io.world.call_later, self.withdraw)

    def emit(self, event: str, *arguments: Any) -> None:
        """Send an event, or keep it; a callback behind its arguments is called with the acknowledgement.

        Raises TypeError, ValueError for bad arguments, RuntimeError if too many acknowledgements are due.
        """
        super().emit(event, *self.asked(arguments, self.ack_timeout))

    def transmit(self, packet: Packet) -> None:
        """Send a packet, or keep it until we are connected."""
        self.ask(packet, super().transmit)

    def withdraw(self, number: int | None) -> None:
        """Nobody waits for that acknowledgement any more: what has not gone out yet does not go."""
        self.send_buffer = [(packet, message) for packet, message in self.send_buffer if packet.id != number]


class ClientSocket(AskingSocket):
    """Your end of a namespace, which may ask and be asked."""

    endings = 0

    def receive(self, packet: Packet) -> None:
        """Act on a packet of the server."""
        if packet.type == Type.ACK:
            self.questions.answer(packet.id, packet.data)
            return
        if packet.type == Type.EVENT and packet.id is not None:
            packet.data.append(self.answer_to(packet.id))
        super().receive(packet)

    def answer_to(self, number: int) -> Answer:
        """What acknowledges the event of that number, as long as this connection lasts."""
        endings = self.endings

        def send(answers: list[Any]) -> None:
            messages = encode(Packet(Type.ACK, answers, number, self.namespace))
            if self.connected and self.endings == endings:
                for message in messages:
                    self.io.write(message)

        return Answer(send)

    def closed(self, reason: str) -> None:
        """It is over, also for who waits. What is still kept will be asked later."""
        super().closed(reason)
        self.endings += 1
        kept = {packet.id for packet, _ in self.send_buffer}
        self.questions.fail_all(reason, but=kept)


@dataclass(frozen=True)
class Options(l12.Options):
    """The settings of a server: also for how many acknowledgements a socket may wait at a time."""

    max_unanswered: int = 1000


class Server(l12.Server):
    """A Socket.IO server whose events can be acknowledged, and that can ask its clients, with Options."""

    options_type: type[l12.Options] = Options
    client_type: type[l12.Client] = Client
    options: Options


class Manager(l12.Manager):
    """The connection of a socket that may ask."""

    socket: ClientSocket

    def __init__(self, namespace: str, options: Any, world: Any) -> None:
        super().__init__(namespace, options, world)
        self.socket = ClientSocket(self, namespace)


def io(url: str, ack_timeout: float | None = None, **options: Any) -> ClientSocket:
    """Connect to a Socket.IO server, as the `io` of lesson 11 does. Raises ValueError."""
    socket: ClientSocket = l11.io(url, Manager, **options)
    socket.ack_timeout = ack_timeout
    return socket
