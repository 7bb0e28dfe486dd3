"""Lesson 08, built from lessons/08_meet_socketio.py: edit there, not here."""

import asyncio
import json
import math
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from enum import IntEnum
from secrets import token_urlsafe
from typing import Any, NamedTuple

from websockets import ConnectionClosed, Request, Response
from websockets.asyncio.server import ServerConnection, broadcast, serve

from handmade.l08_core import Emitter, Line

Type = IntEnum("Type", "CONNECT DISCONNECT EVENT ACK CONNECT_ERROR BINARY_EVENT BINARY_ACK", start=0)


class Packet(NamedTuple):
    """One packet (Socket.IO v5, "Exchange protocol")."""

    type: Type
    data: Any = None
    id: int | None = None
    namespace: str = "/"
    attachments: int = 0


JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def encode(packet: Packet) -> str:
    """The text of a packet ("Packet encoding"). Raises TypeError, ValueError for data that is not JSON."""
    attachments = f"{packet.attachments}-" if packet.attachments else ""
    namespace = f"{packet.namespace}," if packet.namespace != "/" else ""
    number = "" if packet.id is None else packet.id
    data = "" if packet.data is None else JSON.encode(packet.data)
    data.encode()  # raises UnicodeEncodeError, a ValueError, for half a character
    return f"{packet.type:d}{attachments}{namespace}{number}{data}"


class ProtocolError(Exception):
    """The other end broke a rule, which the message names: its connection must be closed."""


PACKET = re.compile(r"(?sx) (?: ([0-4]) | ([56]) ([1-9]|10) - )  (?: (/[^,]*) ,? )?  ([0-9]{1,15})?  (.*)")


def decode(text: str | bytes) -> Packet:
    """The packet of a text. Raises ProtocolError, for bytes too: nothing has announced them."""
    if isinstance(text, bytes) or not (found := PACKET.fullmatch(text)):
        raise ProtocolError("a packet begins with its type, a binary one also with its number of attachments")
    plain, binary, attachments, namespace, number, data = found.groups()
    kind, value = Type(int(plain or binary)), from_json(data) if data else None
    packet = Packet(kind, value, int(number) if number else None, namespace or "/", int(attachments or 0))
    if data == "null" or not is_allowed(packet):
        raise ProtocolError(f"{packet.type.name} cannot have the data {data[:40]!r}")
    return packet


RESERVED = ("connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener")


def is_allowed(packet: Packet) -> bool:
    """Whether a packet of this type can have such data."""
    match packet.type, packet.data:
        case Type.EVENT | Type.BINARY_EVENT, [str() | int() | float() as name, *_]:
            return name not in RESERVED and not isinstance(name, bool)
        case (Type.ACK | Type.BINARY_ACK, list()) | (Type.CONNECT, None | dict()) | (Type.DISCONNECT, None):
            return True
    return packet.type == Type.CONNECT_ERROR and isinstance(packet.data, dict | str | None)


def finite(text: str) -> float:
    """A number, but neither NaN nor infinity, which 1e400 would become. Raises ValueError."""
    if not math.isfinite(number := float(text)):
        raise ValueError(f"{text} could not be written as JSON again")
    return number


READER = json.JSONDecoder(parse_float=finite, parse_constant=finite)


def from_json(text: str) -> Any:
    """The value of a JSON text from the wire. Raises ProtocolError unless it could go out again."""
    try:
        value = READER.decode(text)
        if "\\u" in text:
            JSON.encode(value).encode()  # fails for "\ud800", half a character
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"bad JSON: {error}") from None
    return value


class Socket(Emitter):
    """One client, as the handlers see it."""

    def __init__(self, client: "Client", connect: Packet) -> None:
        super().__init__()
        self.client, self.namespace, self.connected = client, connect.namespace, True
        self.id, self.handshake = token_urlsafe(15), {"auth": connect.data or {}}

    def emit(self, event: str, *arguments: object) -> None:
        """Send an event, as soon as the network takes it. Raises TypeError, ValueError for bad arguments."""
        if event in RESERVED:
            raise ValueError(f"{event!r} names no event: choose a string that is no name of Socket.IO's own.")
        self.send(Type.EVENT, [event, *arguments])

    def send(self, kind: Type, data: object = None) -> None:
        """Send a packet, if the client is still there."""
        if self.connected:
            self.client.write(encode(Packet(kind, data, namespace=self.namespace)))

    def disconnect(self, close: bool = False) -> None:
        """Say goodbye; with `close` the connection ends, too."""
        if self.connected and close:
            self.client.disconnect()
        elif self.connected:
            self.send(Type.DISCONNECT)
            self.closed("server namespace disconnect")

    def closed(self, reason: str) -> None:
        """It is over; the handlers learn of it after the events that came before."""
        self.connected = False
        del self.client.sockets[self.namespace]
        self.client.line.tell(self, "disconnect", reason)


class Client:
    """One connection and its socket. It knows no network: how to write and to close is handed in."""

    def __init__(self, server: "Server", write: Callable[[str], None], close: Callable[[], object]) -> None:
        self.server, self.write, self.close = server, write, close
        self.sockets, self.line, self.socket_type = dict[str, Socket](), Line(server.start), Socket

    def receive(self, packet: Packet) -> None:
        """Act on a packet. Raises ProtocolError if it must not come now."""
        match packet.type, self.sockets.get(packet.namespace):
            case Type.CONNECT, None if packet.namespace == "/":
                self.connect(packet)
            case Type.EVENT, Socket() as socket:
                self.line.tell(socket, *packet.data)
            case Type.DISCONNECT, Socket() as socket:
                socket.closed("client namespace disconnect")
            case Type.ACK, Socket():
                pass  # nobody here has asked for an acknowledgement
            case _:
                raise ProtocolError(f"{packet.type.name} at this moment")

    def connect(self, packet: Packet) -> None:
        """Let the client in: the answer goes out before anything that a handler may send."""
        socket = self.sockets[packet.namespace] = self.socket_type(self, packet)
        socket.send(Type.CONNECT, {"sid": socket.id})
        self.line.tell(self.server, "connection", socket)

    def disconnect(self) -> None:
        """Say goodbye, and end the connection."""
        for socket in tuple(self.sockets.values()):
            socket.disconnect()
        self.close()

    def closed(self, reason: str) -> None:
        """The connection has ended."""
        for socket in tuple(self.sockets.values()):
            socket.closed(reason)


def refuse(websocket: ServerConnection, request: Request) -> Response | None:
    """What a request gets that is none for this server."""
    query = request.path.partition("?")[2].split("&")
    if "transport=websocket" not in query:
        return websocket.respond(400, "Transport unknown")
    return None if "EIO=4" in query else websocket.respond(400, "Unsupported protocol version")


async def listen_to(client: Client, websocket: ServerConnection) -> str:
    """Hand a client what its WebSocket brings; return the reason for its end."""
    try:
        with suppress(ConnectionClosed):
            async for message in websocket:
                if message[:1] != "4":
                    raise ProtocolError("bytes, or an Engine.IO packet that is no message")
                client.receive(decode(message[1:]))
                await client.line.catch_up()
    except ProtocolError:
        await websocket.close()
        return "parse error"
    return "transport close"


class Server(Emitter):
    """A Socket.IO server. A message may have `max_http_buffer_size` bytes."""

    max_http_buffer_size = 1_000_000

    def __init__(self) -> None:
        super().__init__()
        self.tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, object]) -> asyncio.Task[Any]:
        """A task, which is known for as long as it works."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    @asynccontextmanager
    async def listen(self, port: int = 0, host: str = "127.0.0.1") -> AsyncIterator[Any]:
        """Serve on that port (0: any that is free) as long as the `async with` lasts."""
        limits: Any = {"max_size": self.max_http_buffer_size, "ping_interval": None, "close_timeout": 1}
        async with serve(self.meet, host, port, process_request=refuse, compression=None, **limits) as server:
            yield server
        if self.tasks:
            await asyncio.wait(self.tasks)

    async def meet(self, websocket: ServerConnection) -> None:
        """One client, from the Engine.IO packet that opens its connection to the end."""
        day = 24 * 60 * 60 * 1000  # in milliseconds: no ping is due before
        limits = {"pingInterval": day, "pingTimeout": day, "maxPayload": self.max_http_buffer_size}
        broadcast([websocket], "0" + JSON.encode({"sid": token_urlsafe(15), "upgrades": [], **limits}))
        client = Client(
            self,
            write=lambda text: broadcast([websocket], f"4{text}"),
            close=lambda: self.start(websocket.close()),
        )
        client.closed(await listen_to(client, websocket))
