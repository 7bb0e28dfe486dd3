# %% [markdown]
# # 12 · Binary

# %% tags=["export", "core"]
from typing import Any

from handmade import l08_meet_socketio as l08
from handmade.l08_meet_socketio import Packet, ProtocolError, Type


def take_out(data: Any, attachments: list[bytes]) -> Any:
    """The data with a placeholder for all bytes in it; they join the `attachments`. Raises ValueError."""
    match data:
        case bytes() | bytearray() | memoryview():
            attachments.append(bytes(data))
            return {"_placeholder": True, "num": len(attachments) - 1}
        case {"_placeholder": _}:
            raise ValueError("beside bytes, an object with the key '_placeholder' would be taken for bytes")
        case dict():
            return {key: take_out(value, attachments) for key, value in data.items()}
        case list() | tuple():
            return [take_out(value, attachments) for value in data]
    return data


# %% tags=["export", "core"]
MOST = 10
BINARY = {Type.EVENT: Type.BINARY_EVENT, Type.ACK: Type.BINARY_ACK}


def encode(packet: Packet) -> list[str | bytes]:
    """The messages of a packet: its text, then its attachments. Raises TypeError, ValueError for bad data."""
    try:
        return [l08.encode(packet)]
    except TypeError:  # JSON has no bytes
        if packet.type not in BINARY:
            raise
    attachments: list[bytes] = []
    data = take_out(packet.data, attachments)
    if len(attachments) > MOST:
        raise ValueError(f"{len(attachments)} attachments: the other end takes {MOST} with one event.")
    header = packet._replace(type=BINARY[packet.type], data=data, attachments=len(attachments))
    return [l08.encode(header), *attachments]


# %% tags=["export", "core"]
Place = tuple[Any, Any]


def places(packet: Packet) -> list[Place]:
    """Where each attachment belongs: a list or dict, and the index or key in it. Raises ProtocolError."""
    found: dict[int, Place] = {}
    containers = [packet.data]
    for container in containers:  # which grows as we go
        pairs = container.items() if isinstance(container, dict) else enumerate(container)
        for key, value in pairs:
            match value:
                case {"_placeholder": True, "num": int() as number} if type(number) is int and number not in found:
                    found[number] = (container, key)
                case {"_placeholder": True}:
                    raise ProtocolError(f"no attachment belongs to {value}")
                case dict() | list():
                    containers.append(value)
    if set(found) != set(range(packet.attachments)):
        raise ProtocolError(f"{packet.attachments} attachments, and the placeholders {sorted(found)}")
    return [found[number] for number in range(packet.attachments)]


# %% tags=["export", "core", "folded"]
from collections.abc import Callable
from functools import partial

PLAIN = {Type.BINARY_EVENT: Type.EVENT, Type.BINARY_ACK: Type.ACK}


class Assembly:
    """Puts packets together from their messages. One at most is not whole yet, and it has so many seconds."""

    def __init__(
        self, room: int, patience: float, call_later: Callable[..., Any], give_up: Callable[[], object]
    ) -> None:
        self.room = room
        self.wait = partial(call_later, patience, give_up)
        self.timer: Any = None
        self.packet: Packet | None = None
        self.missing: list[Place] = []

    def add(self, message: str | bytes) -> Packet | None:
        """The packet that a message completes, if it does. Raises ProtocolError."""
        if self.missing:
            self.fill(message)
        else:
            self.begin(l08.decode(message))
        if self.missing:
            return None
        packet = self.packet
        self.packet = None
        return packet

    def begin(self, packet: Packet) -> None:
        """Here is a packet, or the header of one. Raises ProtocolError."""
        self.packet = packet
        if packet.attachments:
            self.missing = places(packet)
            self.packet = packet._replace(type=PLAIN[packet.type], attachments=0)
            self.free = self.room
            self.timer = self.wait()

    def fill(self, message: str | bytes) -> None:
        """Here is what should be the next attachment: it goes where it belongs. Raises ProtocolError."""
        if isinstance(message, str):
            raise ProtocolError("text where an attachment is due")
        self.free -= len(message)
        if self.free < 0:
            raise ProtocolError(f"the attachments of one event have more than {self.room} bytes")
        container, key = self.missing.pop(0)
        container[key] = message
        if not self.missing:
            self.timer.cancel()

    def stop(self) -> None:
        """Nothing more will come."""
        self.packet = None
        self.missing = []
        if self.timer:
            self.timer.cancel()


# %% tags=["export"]
from dataclasses import dataclass

from handmade import l09_core
from handmade import l10_heartbeats as l10


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


# %% tags=["export", "core"]
def to_engine(message: str | bytes) -> str | bytes:
    """A message as an Engine.IO packet: bytes need no type."""
    return message if isinstance(message, bytes) else f"4{message}"


# %% tags=["export"]
from handmade import l11_reconnection as l11


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


# %% tags=["export", "folded"]
import asyncio
import random
from urllib.parse import urlsplit

from handmade import l11_core


def io(url: str, **options: Any) -> ClientSocket:
    """Connect to a Socket.IO server, as the `io` of lesson 11 does. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https", "ws", "wss") or not parts.netloc:
        raise ValueError(f"A Socket.IO server has an address like http://127.0.0.1:3000, not {url!r}.")
    site = f"{parts.scheme}://{parts.netloc}"
    loop = asyncio.get_running_loop()

    def dial(engine: l11_core.Engine) -> asyncio.Task[None]:
        return loop.create_task(l11.carry(engine, site))

    world = l11_core.World(dial, l11.Handlers().tell, loop.time, loop.call_later, random.random)
    manager = Manager(parts.path or "/", l11_core.Options(**options), world)
    manager.socket.connect()
    return manager.socket
