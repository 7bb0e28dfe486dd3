"""Lesson 11, built from lessons/11_reconnection.py: edit there, not here."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handmade.l08_meet_socketio import (
    RESERVED,
    Emitter,
    Packet,
    ProtocolError,
    Type,
    encode,
    from_json,
)
from handmade.l09_core import EnginePacket, Outbox, Write


@dataclass(frozen=True)
class Options:
    """The settings of a client, named as the official client's; times in seconds."""

    path: str = "/socket.io/"
    transports: Sequence[str] = ("polling", "websocket")
    auth: Mapping[str, object] | None = None
    extra_headers: Mapping[str, str] | None = None
    proxy: str | None = None
    timeout: float = 20
    reconnection: bool = True
    reconnection_attempts: float = math.inf
    reconnection_delay: float = 1
    reconnection_delay_max: float = 5
    randomization_factor: float = 0.5

    def __post_init__(self) -> None:
        if not self.transports or not {"polling", "websocket"}.issuperset(self.transports):
            raise ValueError(f'transports is a list of "polling" and "websocket", not {self.transports!r}.')
        if not 0 <= self.randomization_factor <= 1:
            raise ValueError(f"randomization_factor is from 0 to 1, not {self.randomization_factor!r}.")


class Backoff:
    """How long to wait before each attempt: twice as long as the last time, more or less, up to a limit."""

    def __init__(self, options: Options, chance: Callable[[], float]) -> None:
        self.options = options
        self.chance = chance
        self.attempts = 0

    def duration(self) -> float:
        """Seconds up to the next attempt. One random number says how much longer or shorter they are."""
        doublings = min(self.attempts, 1000)  # after some more the number would be infinite
        milliseconds = self.options.reconnection_delay * 1000 * 2.0**doublings
        chance = self.chance()
        deviation = math.floor(chance * self.options.randomization_factor * milliseconds)
        is_longer = math.floor(chance * 10) % 2 == 1
        milliseconds += deviation if is_longer else -deviation
        self.attempts += 1
        return math.floor(min(milliseconds, self.options.reconnection_delay_max * 1000)) / 1000


@dataclass
class World:
    """All that a client needs from outside. A time is in seconds, a chance a number from 0 up to 1."""

    dial: Callable[["Engine"], Any]  # begins to carry an engine's packets; returns what can be cancelled
    tell: Callable[..., object]  # tell(emitter, event, *arguments) has its handlers called, in order
    time: Callable[[], float]
    call_later: Callable[[float, Callable[[], object]], Any]  # returns what can be cancelled
    chance: Callable[[], float]


class Connection(Emitter):
    """A connection, from the first attempt on. Up to its end it waits for something, and never for ever."""

    def __init__(self, io: Any) -> None:
        super().__init__()
        self.io = io
        self.world: World = io.world
        self.state = "opening"
        self.outbox = Outbox(io.options.transports[0])
        self.timer: Any = None
        self.wait(io.options.timeout, "timeout")
        self.carrier = self.world.dial(self)

    def wait(self, seconds: float, reason: str) -> None:
        """What is waited for now has so many seconds; then it is over, for this reason."""
        if self.timer:
            self.timer.cancel()
        self.deadline = self.world.time() + seconds
        self.timer = self.world.call_later(seconds, lambda: self.end(reason))

    @property
    def is_late(self) -> bool:
        """Whether that time is over, even if nobody has looked at the clock yet."""
        return self.world.time() > self.deadline

    def end(self, reason: str, error: Exception | None = None) -> None:
        """It is over."""
        if self.state != "closed":
            self.state = "closed"
            self.timer.cancel()
            self.carrier.cancel()
            self.io.closed(self, reason, error)


class Way(Connection):
    """The way to the server: requests, or a WebSocket, which may take over from them."""

    is_paused = False

    def send(self, packet: EnginePacket) -> None:
        """Send a packet, as soon as something can carry it."""
        if self.state == "open":
            self.outbox.send(packet)

    def close(self) -> None:
        """Say goodbye after all that waits, if there is somebody to say it to."""
        if self.state == "open":
            self.send("1")
            self.state = "closing"
        else:
            self.end("forced close")

    def pause(self) -> None:
        """No more requests. Who waits for packets to post gets none."""
        self.is_paused = True
        waiting = self.outbox.carrier
        self.outbox.carrier = None
        if waiting:
            waiting([])

    def take_over(self, write: Write) -> None:
        """From now on a WebSocket carries everything."""
        self.outbox.transport = "websocket"
        self.outbox.attach(write)


class Engine(Way):
    """The client's end of Engine.IO: packets in, packets out. It knows no network."""

    handshake: Mapping[str, Any] = {}

    def receive(self, packet: EnginePacket) -> None:
        """Act on a packet of the server. Raises ProtocolError."""
        match self.state, packet[:1]:
            case "opening", "0":
                self.open(from_json(str(packet[1:])))
            case "open", "4":
                self.io.receive(packet[1:])
            case "open", bytes():
                self.io.receive(packet)
            case "open", "2":
                self.wait_for_ping()
                self.send("3")
            case "open", "1":
                self.end("transport close")
            case ("open", "6") | ("closing" | "closed", _):
                pass
            case _:
                raise ProtocolError(f"{packet[:40]!r} is no packet that a server may send now")

    def open(self, handshake: Any) -> None:
        """The server has answered. Raises ProtocolError."""
        match handshake:
            case {"sid": str(), "upgrades": list(), "pingInterval": int(), "pingTimeout": int()}:
                self.handshake = handshake
                self.state = "open"
                self.wait_for_ping()
                self.io.opened()
            case _:
                raise ProtocolError("an open packet without sid, upgrades, pingInterval or pingTimeout")

    def wait_for_ping(self) -> None:
        """Only a ping starts the clock anew."""
        self.wait((self.handshake["pingInterval"] + self.handshake["pingTimeout"]) / 1000, "ping timeout")


class Channel(Emitter):
    """What is said in a namespace, and kept while it cannot be heard."""

    def __init__(self, io: Any, namespace: str) -> None:
        super().__init__()
        self.io = io
        self.namespace = namespace
        self.active = self.connected = False
        self.id: str | None = None
        self.send_buffer: list[tuple[Packet, str]] = []
        self.receive_buffer: list[list[Any]] = []

    def emit(self, event: str, *arguments: object) -> None:
        """Send an event, or keep it. Raises TypeError, ValueError for bad arguments."""
        if event in RESERVED:
            raise ValueError(f"{event!r} names no event: choose a string that is no name of Socket.IO's own.")
        self.transmit(Packet(Type.EVENT, [event, *arguments], namespace=self.namespace))

    def transmit(self, packet: Packet) -> None:
        """Send a packet, or keep it until we are connected."""
        text = encode(packet)
        if self.connected and not self.io.engine.is_late:
            self.io.write(text)
        else:
            self.send_buffer.append((packet, text))

    def welcome(self, sid: str) -> None:
        """We are in. What was kept comes first: theirs, then ours."""
        self.id = sid
        self.connected = True
        for event in self.receive_buffer:
            self.io.world.tell(self, *event)
        for _, text in self.send_buffer:
            self.io.write(text)
        self.receive_buffer.clear()
        self.send_buffer.clear()
        self.io.world.tell(self, "connect")


class ConnectError(Exception):
    """The server does not let us in; `data` is what it says besides."""

    data: object = None


class Membership(Channel):
    """How one comes in and leaves. As long as it is `active`, it wants to be connected."""

    def connect(self) -> None:
        """Connect, unless that is done or under way."""
        self.active = True
        self.io.connect()

    def disconnect(self) -> None:
        """Leave, and do not come back."""
        if self.connected:
            self.io.write(encode(Packet(Type.DISCONNECT, namespace=self.namespace)))
        self.leave("io client disconnect")

    def leave(self, reason: str) -> None:
        """It is over for good: only `connect` brings us back."""
        self.active = False
        self.io.close()
        if self.connected:
            self.closed(reason)

    def closed(self, reason: str) -> None:
        """It is over, for now or for good."""
        self.connected = False
        self.id = None
        self.io.world.tell(self, "disconnect", reason)
