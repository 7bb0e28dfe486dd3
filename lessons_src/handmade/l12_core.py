"""Lesson 12, built from lessons/12_binary.py: edit there, not here."""

from collections.abc import Callable
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
            raise ValueError("beside bytes, an object with the key '_placeholder' could be taken for bytes")
        case dict():
            return {key: take_out(value, attachments) for key, value in data.items()}
        case list() | tuple():
            return [take_out(value, attachments) for value in data]
    return data


MOST = 10
BINARY = {Type.EVENT: Type.BINARY_EVENT, Type.ACK: Type.BINARY_ACK}


def messages_of(packet: Packet) -> list[str | bytes]:
    """Its text, then its attachments. Raises TypeError, ValueError, RecursionError for bad data."""
    try:
        return [l08.encode(packet)]
    except TypeError:  # JSON has no bytes
        if packet.type not in BINARY:
            raise
    attachments: list[bytes] = []
    data = take_out(packet.data, attachments)
    if len(attachments) > MOST:
        raise ValueError(f"{len(attachments)} attachments: the official parser takes {MOST} with one event.")
    header = packet._replace(type=BINARY[packet.type], data=data, attachments=len(attachments))
    return [l08.encode(header), *attachments]


Place = tuple[Any, Any]


def places(packet: Packet) -> list[Place]:
    """Where each attachment belongs: a list or dict, and the index or key in it. Raises ProtocolError."""
    found: dict[int, Place] = {}
    containers = [packet.data]
    for container in containers:  # which grows as we go
        pairs = container.items() if isinstance(container, dict) else enumerate(container)
        for key, value in pairs:
            match value:
                case {"_placeholder": True, "num": int(n)} if type(n) is int and n not in found:
                    found[n] = (container, key)
                case {"_placeholder": True}:
                    raise ProtocolError(f"no attachment belongs to {value}")
                case dict() | list():
                    containers.append(value)
    if set(found) != set(range(packet.attachments)):
        raise ProtocolError(f"{packet.attachments} attachments, and the placeholders {sorted(found)}")
    return [found[number] for number in range(packet.attachments)]


def encode(packet: Packet) -> list[str | bytes]:
    """The messages of a packet: its text, then its attachments. Raises TypeError, ValueError for bad data."""
    try:
        return messages_of(packet)
    except RecursionError:
        words = "nested too deeply, or contains itself. Some hundred levels can be sent: make it flatter."
        raise ValueError(f"The data is {words}") from None


PLAIN = {Type.BINARY_EVENT: Type.EVENT, Type.BINARY_ACK: Type.ACK}


class Incoming:
    """A packet on its way: one at most, and its attachments have so many bytes and seconds."""

    def __init__(
        self, room: int, patience: float, call_later: Callable[..., Any], give_up: Callable[[], object]
    ) -> None:
        self.room, self.patience = room, patience
        self.call_later, self.give_up = call_later, give_up
        self.timer: Any = None
        self.packet: Packet | None = None
        self.missing: list[Place] = []

    def begin(self, header: Packet) -> None:
        """Here is the header of one. Raises ProtocolError."""
        self.missing = places(header)
        self.packet = header._replace(type=PLAIN[header.type], attachments=0)
        self.free = self.room
        self.timer = self.call_later(self.patience, self.give_up)

    def stop(self) -> None:
        """Nothing more will come."""
        self.packet = None
        self.missing = []
        if self.timer:
            self.timer.cancel()


class Assembly(Incoming):
    """Puts packets together from their messages."""

    def add(self, message: str | bytes) -> Packet | None:
        """The packet that a message completes, if it does. Raises ProtocolError."""
        if not self.missing:
            packet = l08.decode(message)
            if not packet.attachments:
                return packet
            self.begin(packet)
            return None
        self.fill(message)
        if self.missing:
            return None
        whole = self.packet
        self.stop()
        return whole

    def fill(self, message: str | bytes) -> None:
        """Here is what should be the next attachment: it goes where it belongs. Raises ProtocolError."""
        if isinstance(message, str):
            raise ProtocolError("text where an attachment is due")
        self.free -= len(message)
        if self.free < 0:
            raise ProtocolError(f"the attachments of one event have more than {self.room} bytes")
        container, key = self.missing.pop(0)
        container[key] = message


def to_engine(message: str | bytes) -> str | bytes:
    """A message as an Engine.IO packet: bytes need no type."""
    return message if isinstance(message, bytes) else f"4{message}"
