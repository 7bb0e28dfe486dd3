"""Lesson 15, built from lessons/15_namespaces.py: edit there, not here."""

from asyncio import get_running_loop
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from handmade import l08_meet_socketio as l08
from handmade import l11_reconnection as l11
from handmade import l13_acknowledgements as l13
from handmade import l14_broadcast_and_rooms as l14
from handmade.l08_meet_socketio import Packet, Type
from handmade.l15_core import Client, Kind, Namespace, is_of


class Directory(l14.Server):
    """A server that finds namespaces by their names."""

    client_type: type[l13.Client] = Client
    namespace_type: type[Namespace] = Namespace
    namespaces: dict[str, Any]
    parents: list[tuple[Kind, Namespace]]

    def find(self, name: str, auth: object) -> Any:
        """The namespace that a client asks for, or None. The child of a parent ends with its last socket."""
        for kind, parent in self.parents:
            if name not in self.namespaces and is_of(kind, name, auth):
                child = self.namespaces[name] = self.namespace_type(name, parent)
                child.on_empty = lambda: self.namespaces.pop(name, None)
        return self.namespaces.get(name)


class Server(Directory):
    """A Socket.IO server with namespaces, with Options. It is itself the one that is called `/`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.namespaces = {"/": self}
        self.parents = []

    def of(self, name: str | Kind) -> Any:
        """The namespace of that name; for a pattern or a condition the parent of all those that match."""
        if not isinstance(name, str):
            parent = self.namespace_type("a parent")
            self.parents.append((name, parent))
            return parent
        name = "/" + name.removeprefix("/")
        if not self.find(name, None):
            self.namespaces[name] = self.namespace_type(name)
        return self.namespaces[name]


class Visitor(l13.ClientSocket):
    """Your end of a namespace, which asks to be let in."""

    io: "Manager"
    auth: Any = None  # what we say of ourselves
    is_knocking = False

    def connect(self) -> None:
        """Connect, unless that is done or under way."""
        is_new = not self.active
        super().connect()
        if is_new and self.io.engine and self.io.engine.state == "open":
            self.knock()

    def knock(self) -> None:
        """Ask to be let in, unless we have asked and heard nothing yet."""
        if not self.is_knocking:
            self.is_knocking = True
            self.present(self.auth)

    def present(self, auth: Any) -> None:
        """Say who we are, and ask to be let in."""
        self.io.write(l08.encode(Packet(Type.CONNECT, auth, namespace=self.namespace)))


class ClientSocket(Visitor):
    """Your end of a namespace. Others may share its connection."""

    def receive(self, packet: Packet) -> None:
        """Act on a packet of the server. If we are let in and have left already, we say goodbye."""
        if packet.type in (Type.CONNECT, Type.CONNECT_ERROR):
            self.is_knocking = False
        if self.active:
            super().receive(packet)
        elif packet.type == Type.CONNECT:
            self.io.write(l08.encode(Packet(Type.DISCONNECT, namespace=self.namespace)))


class Household(l13.Manager):
    """One connection, and the sockets that share it."""

    socket_type: type[ClientSocket] = ClientSocket

    def __init__(self, namespace: str, options: Any, world: Any) -> None:
        super().__init__(namespace, options, world)
        self.sockets: dict[str, ClientSocket] = {}
        self.socket = self.of(namespace)

    def of(self, namespace: str) -> ClientSocket:
        """The socket of a namespace."""
        if namespace not in self.sockets:
            self.sockets[namespace] = self.socket_type(self, namespace)
        return self.sockets[namespace]

    def active(self) -> list[ClientSocket]:
        """The sockets that want to be connected."""
        return [socket for socket in self.sockets.values() if socket.active]

    def opened(self) -> None:
        """There is a connection: each socket asks to be let in. The next first wait is short again."""
        for socket in self.sockets.values():
            socket.is_knocking = False
        for socket in self.active():
            socket.knock()
        if self.backoff.attempts:
            self.world.tell(self, "reconnect", self.backoff.attempts)
        self.backoff.attempts = 0

    def receive(self, message: str | bytes) -> None:
        """Hand a packet to the socket that it is for, as soon as it is whole. Raises ProtocolError."""
        packet = self.assembly.add(message)
        if packet and packet.namespace in self.sockets:
            self.sockets[packet.namespace].receive(packet)


class Manager(Household):
    """A connection that is there as long as one of its sockets wants it."""

    def closed(self, engine: Any, reason: str, error: Exception | None) -> None:
        """The connection is lost, or there was none: each socket that wanted it hears of it."""
        others = list[ClientSocket]()
        if engine == self.engine:
            self.socket, *others = self.active()
        super().closed(engine, reason, error)
        for socket in others:
            if engine.handshake:
                socket.closed(reason)
            else:
                self.world.tell(socket, "connect_error", error or ConnectionError(reason))

    def close(self) -> None:
        """One has left. The connection ends with the last one."""
        if not self.active():
            super().close()


MANAGERS: WeakValueDictionary[Any, Manager] = WeakValueDictionary()


def io(
    url: str,
    auth: Any = None,
    ack_timeout: float | None = None,
    force_new: bool = False,
    manager_type: type[Manager] = Manager,
    **options: Any,
) -> Any:
    """Connect to a namespace of a Socket.IO server, `http://host:port/namespace`. Raises ValueError.

    Namespaces of one server share a connection, unless `force_new`; the first sets its options.
    """
    parts = urlsplit(url)
    namespace = parts.path or "/"
    site = (get_running_loop(), manager_type, parts.scheme, parts.netloc, options.get("path"))
    manager = MANAGERS.get(site)
    if force_new or not manager or namespace in manager.sockets:
        manager = l11.io(url, manager_type, **options).io
        if not force_new:
            MANAGERS.setdefault(site, manager)
    socket = manager.of(namespace)
    socket.auth, socket.ack_timeout = auth, ack_timeout
    socket.connect()
    return socket
