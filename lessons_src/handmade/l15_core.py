"""Lesson 15, built from lessons/15_namespaces.py: edit there, not here."""

import re
from collections.abc import Callable
from typing import Any

from handmade import l08_meet_socketio as l08
from handmade import l09_core
from handmade import l14_broadcast_and_rooms as l14
from handmade.l08_meet_socketio import Emitter, Packet, Type
from handmade.l14_core import Audience


class Namespace(Emitter, Audience):
    """A conversation of its own: handlers, sockets and rooms. With a parent it has the parent's handlers."""

    def __init__(self, name: str, parent: Any = None) -> None:
        super().__init__()
        Audience.__init__(self, name)
        self.on_empty: Callable[[], object] = lambda: None
        if parent:
            self.handlers = {event: [*handlers] for event, handlers in parent.handlers.items()}

    def remove(self, socket: Any) -> None:
        """Somebody goes, the last one perhaps."""
        super().remove(socket)
        self.tidy()

    def tidy(self) -> None:
        """Nobody may be here any more."""
        if not self.sockets:
            self.on_empty()


class Socket(l14.Socket):
    """One client in one namespace, as the handlers see it."""

    client: "Client"

    def __init__(self, client: Any, connect: Packet) -> None:
        super().__init__(client, connect)
        self.audience = client.server.namespaces[self.namespace]

    def closed(self, reason: str) -> None:
        """It is over. What the client has sent before it learns of that is no offence."""
        super().closed(reason)
        if reason == "server namespace disconnect":
            self.client.left |= {self.namespace}


class Reception(l14.Client):
    """One connection, and the door to each namespace."""

    server: Any
    left: frozenset[str] = frozenset()  # the namespaces from which the server has sent this client away

    def __init__(self, server: Any, session: l09_core.Session) -> None:
        super().__init__(server, session)
        self.socket_type = Socket

    def let_in(self, socket: Any) -> None:
        """Let a socket into its namespace: first into its room, then the client hears of it, then we."""
        self.settle()
        if socket.namespace in self.left:
            self.left -= {socket.namespace}
        self.sockets[socket.namespace] = socket
        socket.audience.add(socket)
        socket.send(Type.CONNECT, {"sid": socket.id})
        self.line.tell(socket.audience, "connection", socket)

    def refuse(self, namespace: str, reason: dict[str, Any]) -> None:
        """Do not let the client into a namespace. Others are not concerned."""
        self.write(l08.encode(Packet(Type.CONNECT_ERROR, reason, namespace=namespace)))


class Client(Reception):
    """One connection, and a socket in each namespace that it has joined."""

    def receive(self, packet: Packet) -> None:
        """Act on a packet. Raises ProtocolError if it must not come now."""
        if packet.type == Type.CONNECT and packet.namespace not in self.sockets:
            self.connect(packet)
        elif packet.namespace not in self.left:
            super().receive(packet)

    def connect(self, packet: Packet) -> None:
        """Let the client into a namespace, if there is one of that name."""
        if self.server.find(packet.namespace, packet.data or {}):
            self.let_in(self.socket_type(self, packet))
        else:
            self.refuse(packet.namespace, {"message": "Invalid namespace"})


Condition = Callable[[str, Any], bool]  # of the name, and of what the client says of itself
Kind = re.Pattern[str] | Condition


def is_of(kind: Kind, name: str, auth: object) -> bool:
    """Whether a name is of that kind. A condition is about a client: if none asks, `auth` is None."""
    if isinstance(kind, re.Pattern):
        return "\n" not in name and kind.search(name) is not None  # `$` overlooks a line break at the end
    return auth is not None and kind(name, auth)
