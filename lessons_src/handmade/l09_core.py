"""Lesson 09, built from lessons/09_long_polling_and_upgrade.py: edit there, not here."""

import asyncio
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable
from functools import lru_cache, partial
from secrets import token_urlsafe
from typing import Any

from websockets.frames import Opcode

from handmade.l02_inside_the_wire import frame
from handmade.l08_meet_socketio import ProtocolError

EnginePacket = str | bytes
Write = Callable[[list[EnginePacket]], object]


def to_payload(packets: list[EnginePacket]) -> str:
    """Packets as one body, binary ones in base64 (Engine.IO v4, "Packet encoding", "HTTP long-polling")."""
    pieces = []
    for packet in packets:
        if isinstance(packet, bytes):
            pieces.append("b" + b64encode(packet).decode())
        else:
            pieces.append(packet)
    return "\x1e".join(pieces)


def from_payload(body: bytes) -> list[EnginePacket]:
    """The packets of a body. Raises ProtocolError."""
    packets: list[EnginePacket] = []
    try:
        for piece in body.decode().split("\x1e"):
            is_binary = piece.startswith("b")
            packets.append(b64decode(piece[1:], validate=True) if is_binary else piece)
    except ValueError as error:
        raise ProtocolError(f"a body that is no payload: {error}") from None
    return packets


@lru_cache(maxsize=1)  # what everybody is to hear is made once
def to_frame(packet: EnginePacket) -> bytes:
    """A packet as a WebSocket frame (Engine.IO v4, "Packet encoding", "WebSocket")."""
    if isinstance(packet, bytes):
        return frame(Opcode.BINARY, packet)
    return frame(Opcode.TEXT, packet.encode())


class Outbox:
    """Packets that wait for something to carry them: a poll, or the WebSocket."""

    def __init__(self, transport: str) -> None:
        self.transport = transport
        self.packets: list[EnginePacket] = []
        self.carrier: Write | None = None

    def send(self, packet: EnginePacket) -> None:
        """Send a packet as soon as there is something to carry it."""
        self.packets.append(packet)
        self.flush()

    def attach(self, carrier: Write) -> None:
        """Here is something to carry packets. Raises ProtocolError if a poll waits already."""
        if self.carrier:
            raise ProtocolError("two polls at once")
        self.carrier = carrier
        self.flush()

    def flush(self) -> None:
        """Hand what waits to the carrier, if there is one. A poll carries once."""
        if self.packets and self.carrier:
            carrier, packets = self.carrier, self.packets
            self.packets = []
            if self.transport == "polling":
                self.carrier = None
            carrier(packets)


class Sender:
    """The way to a client, up to the goodbye. A clock is handed in: `call_later(seconds, action)`."""

    outbox_type = Outbox

    def __init__(self, transport: str, call_later: Callable[[float, Callable[[], None]], Any]) -> None:
        self.outbox = self.outbox_type(transport)
        self.call_later = call_later
        self.state = "open"
        self.on_close: list[Callable[[str], object]] = []

    def send(self, packet: EnginePacket) -> None:
        """Send a packet, unless a goodbye was said."""
        if self.state == "open":
            self.outbox.send(packet)

    def release(self, packet: EnginePacket) -> None:
        """Answer the poll that waits. If none does, nobody has to be told."""
        if self.outbox.carrier:
            self.outbox.send(packet)

    def attach(self, carrier: Write) -> None:
        """Here is something to carry packets. The goodbye is the last of them. Raises ProtocolError."""
        self.outbox.attach(carrier)
        if self.state == "closing":
            self.end("forced close")

    def end(self, reason: str, goodbye: str = "1") -> None:
        """It is over, now. A poll that waits is answered with the goodbye."""
        if self.state != "closed":
            self.state = "closed"
            self.release(goodbye)
            for closed in self.on_close:
                closed(reason)


class Conversation(Sender):
    """What a client and the server say to each other, in packets."""

    def __init__(self, transport: str, call_later: Callable[[float, Callable[[], None]], Any]) -> None:
        super().__init__(transport, call_later)
        self.sid = token_urlsafe(15)
        self.posting = False
        self.on_message: Callable[[str | bytes], None] = lambda message: None
        self.catch_up: Callable[[], Awaitable[None]] = partial(asyncio.sleep, 0)

    def receive(self, packet: EnginePacket) -> None:
        """Act on a packet of the client. Raises ProtocolError."""
        match packet[:1] if self.state == "open" else "6":
            case bytes():
                self.on_message(packet)
            case "4":
                self.on_message(packet[1:])
            case "1":
                self.end("transport close", goodbye="6" if self.outbox.transport == "polling" else "1")
            case "0" | "3" | "5" | "6":
                pass  # they mean nothing here
            case _:
                raise ProtocolError(f"{packet[:40]!r} is no packet that a client may send")

    def close(self) -> None:
        """Say goodbye after all that waits. Who polls no more has half a minute to hear it."""
        if self.state != "open":
            return
        if self.outbox.carrier:
            self.end("forced close")
            return
        self.state = "closing"
        self.outbox.packets += ["1"] if self.outbox.packets else ["6", "1"]
        self.call_later(30, lambda: self.end("forced close"))


class Host(Conversation):
    """A conversation that may have a guest: a WebSocket that wants to take it over from polling."""

    guest: Write | None = None  # the way back to it
    has_probed = False

    def hurry(self, write: Write) -> None:
        """While a WebSocket probes no poll waits for long: polling has to end before it can take over."""
        if write == self.guest:
            self.release("6")
            self.call_later(0.1, lambda: self.hurry(write))

    def show_out(self, write: Write | None) -> None:
        """The guest has to go, if this is the guest. The session goes on."""
        if write and write == self.guest:
            self.guest = None
            write(["1"])

    def hang_up(self, write: Write, reason: str = "transport close") -> None:
        """A WebSocket is gone, or worth nothing. A guest takes no session with it."""
        self.show_out(write)
        if write == self.outbox.carrier:
            self.end(reason)

    def end(self, reason: str, goodbye: str = "1") -> None:
        """It is over, for a guest as well."""
        super().end(reason, goodbye)
        self.show_out(self.guest)


class Session(Host):
    """One client's session, whatever carries it (Engine.IO v4, "Upgrade")."""

    def knock(self, write: Write, patience: float) -> None:
        """A WebSocket has come with the id of this session. It has so many seconds."""
        if self.guest or self.outbox.transport == "websocket":
            write(["1"])
            return
        self.guest = write
        self.has_probed = False
        self.call_later(patience, lambda: self.show_out(write))

    def frame(self, packet: EnginePacket, write: Write) -> None:
        """Act on a packet that a WebSocket brought. Raises ProtocolError."""
        is_guest = write == self.guest
        if write == self.outbox.carrier:
            self.receive(packet)
        elif is_guest and packet == "2probe" and not self.has_probed:
            self.has_probed = True
            write(["3probe"])
            self.call_later(0.1, lambda: self.hurry(write))
        elif is_guest and packet == "5":
            self.release("1")  # no client should have a poll open now
            self.guest = None
            self.outbox.transport = "websocket"
            self.attach(write)
        else:
            self.show_out(write)
