"""09 · Long-polling and upgrade: the sessions, without a network.

Draft for lesson 09: the build will write this module from the lesson.
"""

import asyncio
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable
from functools import partial
from secrets import token_urlsafe
from typing import Any

from handmade.l08_meet_socketio import ProtocolError

EnginePacket = str | bytes
Write = Callable[[list[EnginePacket]], object]


def to_payload(packets: list[EnginePacket]) -> str:
    """Packets as one body, binary ones in base64 (Engine.IO v4, "Packet encoding", "HTTP long-polling")."""
    return "\x1e".join(p if isinstance(p, str) else "b" + b64encode(p).decode() for p in packets)


def from_payload(body: bytes) -> list[EnginePacket]:
    """The packets of a body. Raises ProtocolError."""
    try:
        pieces = body.decode().split("\x1e")
        return [b64decode(p[1:], validate=True) if p.startswith("b") else p for p in pieces]
    except ValueError as error:
        raise ProtocolError(f"a body that is no payload: {error}") from None


class Outbox:
    """Packets that wait for something to carry them: a poll, or the WebSocket."""

    def __init__(self, transport: str) -> None:
        self.transport, self.state = transport, "open"
        self.packets = list[EnginePacket]()
        self.carrier: Write | None = None

    def send(self, packet: EnginePacket) -> None:
        """Send a packet as soon as there is something to carry it."""
        if self.state == "open":
            self.packets.append(packet)
            self.flush()

    def attach(self, carrier: Write) -> None:
        """Here is something to carry packets. Raises ProtocolError if a poll waits already."""
        if self.carrier:
            raise ProtocolError("two polls at once")
        self.carrier = carrier
        self.flush()

    def flush(self) -> None:
        """Hand what waits to the carrier, if there is one."""
        if self.packets and self.carrier:
            packets, self.packets = self.packets, []
            self.carry(packets)

    def carry(self, packets: list[EnginePacket]) -> None:
        """Hand packets to the carrier, if there is one. A poll carries once."""
        write = self.carrier
        if self.transport == "polling":
            self.carrier = None
        if write:
            write(packets)


class Goodbye(Outbox):
    """An outbox with an end. A clock is handed in: `call_later(seconds, action)`."""

    def __init__(self, transport: str, call_later: Callable[[float, Callable[[], None]], Any]) -> None:
        super().__init__(transport)
        self.call_later = call_later
        self.on_close = list[Callable[[str], object]]()

    def close(self) -> None:
        """Say goodbye after all that waits. Who polls no more has half a minute to hear it."""
        if self.state == "open":
            self.packets += ["1"] if self.packets or self.carrier else ["6", "1"]
            self.state = "closing"
            self.call_later(30, lambda: self.end("forced close"))
            self.flush()

    def flush(self) -> None:
        """Hand what waits to the carrier. The goodbye is the last that goes."""
        super().flush()
        if self.state == "closing" and not self.packets:
            self.end("forced close")

    def end(self, reason: str, goodbye: str = "1") -> None:
        """It is over, now. A poll that waits is answered with the goodbye."""
        if self.state != "closed":
            self.state = "closed"
            self.carry([goodbye])
            for closed in self.on_close:
                closed(reason)


class Conversation(Goodbye):
    """What a client and the server say to each other, each of them in packets."""

    def __init__(self, transport: str, call_later: Callable[[float, Callable[[], None]], Any]) -> None:
        super().__init__(transport, call_later)
        self.sid, self.posting = token_urlsafe(15), False
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
                self.end("transport close", goodbye="6" if self.transport == "polling" else "1")
            case "0" | "3" | "5" | "6":
                pass  # they mean nothing here
            case _:
                raise ProtocolError(f"{packet[:40]!r} is no packet that a client may send")


class Session(Conversation):
    """A conversation that a WebSocket may take over from polling (Engine.IO v4, "Upgrade")."""

    guest: Write | None = None  # the way back to a WebSocket that wants to
    has_probed: bool

    def knock(self, write: Write, patience: float) -> None:
        """A WebSocket has come with the id of this session. It has so many seconds."""
        if self.guest or self.transport == "websocket":
            write(["1"])
        else:
            self.guest, self.has_probed = write, False
            self.call_later(patience, lambda: self.show_out(write))

    def frame(self, packet: EnginePacket, write: Write) -> None:
        """Act on a packet that a WebSocket brought. Raises ProtocolError."""
        if write == self.carrier:
            self.receive(packet)
        elif write == self.guest and packet == "2probe" and not self.has_probed:
            self.has_probed = True
            write(["3probe"])
            self.call_later(0.1, lambda: self.hurry(write))
        elif write == self.guest and packet == "5":
            self.carry(["1"])
            self.transport, self.guest = "websocket", None
            self.attach(write)
        else:
            self.show_out(write)

    def hurry(self, write: Write) -> None:
        """While a WebSocket probes no poll waits for long: polling has to end before it can take over."""
        if write == self.guest:
            self.carry(["6"])
            self.call_later(0.1, lambda: self.hurry(write))

    def show_out(self, write: Write | None) -> None:
        """The guest has to go, if this is the guest. The session goes on."""
        if write and write == self.guest:
            self.guest = None
            write(["1"])

    def hang_up(self, write: Write) -> None:
        """A WebSocket is gone."""
        self.show_out(write)
        if write == self.carrier:
            self.end("transport close")

    def end(self, reason: str, goodbye: str = "1") -> None:
        """It is over, for a guest as well."""
        super().end(reason, goodbye)
        self.show_out(self.guest)
