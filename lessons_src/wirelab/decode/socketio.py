"""Socket.IO v5 packets in Engine.IO messages, and the attachments that follow them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from wirelab.decode.engineio import Packet as Carrier
from wirelab.decode.jsontext import BROKEN, byte_offset, compact, members, read
from wirelab.decode.text import binary_preview, count, shorten
from wirelab.decode.unit import Layer, Node

CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR, BINARY_EVENT, BINARY_ACK = range(7)
NAMES = ("connect", "disconnect", "event", "ack", "connect_error", "binary_event", "binary_ack")
_PACKET = re.compile(
    r"(?P<type>[0-6])(?:(?<=[56])(?P<attachments>[0-9]{1,9})-)?(?:(?P<namespace>/[^,]*)(?:,|\Z))?"
    r"(?P<id>[0-9]{1,100})?(?P<data>.*)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Placeholder:
    """Where an attachment belongs in the data."""

    number: object

    def __str__(self) -> str:
        return f"<attachment {self.number + 1}>" if isinstance(self.number, int) else "<attachment ?>"


@dataclass(slots=True)
class Packet:
    """One packet; `data` is its JSON with a `Placeholder` for each attachment, `found` its parts."""

    layer: ClassVar[Layer] = Layer.SOCKETIO
    carrier: Carrier
    from_client: bool
    type: int
    attachments: int
    namespace: str
    id: str | None
    data: object
    found: re.Match[str]
    error: str | None = None

    @property
    def raw(self) -> bytes:
        return self.carrier.raw

    @property
    def kind(self) -> str:
        return f"sio.{NAMES[self.type]}"

    @property
    def summary(self) -> str:
        return self._describe(40)

    def nodes(self) -> tuple[Node, ...]:
        fields = (
            self._node("Type", "type", f"{self.type} ({NAMES[self.type]})"),
            self._node("Attachments", "attachments", str(self.attachments)),
            self._node("Namespace", "namespace", self.namespace),
            self._node("Acknowledgement id", "id", self.id or ""),
            self._node("Data", "data", compact(self.data), self._arguments()),
        )
        spans = self.carrier.spans(0, len(self.carrier.data))
        children = tuple(node for part in fields for node in part)
        return (*self.carrier.nodes(), Node("Socket.IO packet", self.summary, spans, children, self.error))

    def phrase(self, receiver: str) -> str:
        match self.type:
            case 0 if self.from_client:
                return f"asks {receiver} to connect it to the namespace {shorten(self.namespace, 60)}."
            case 0:
                return f"connects {receiver} to the namespace {shorten(self.namespace, 60)}."
            case 1:
                return f"disconnects {receiver} from the namespace {shorten(self.namespace, 60)}."
            case 4:
                return f"refuses {receiver}: {self._describe(60)}."
            case _:
                article = "an" if self.type in (ACK, BINARY_ACK) else "the"
                return f"sends {receiver} {article} {self._describe(66)}."

    def _describe(self, limit: int) -> str:
        words = [NAMES[self.type].removeprefix("binary_").replace("_", " ")]
        if self.namespace != "/":
            words.append(self.namespace)
        if self.id is not None:
            words.append(f"#{self.id}")
        arguments = self.data
        if self.type in (EVENT, BINARY_EVENT) and isinstance(arguments, list) and arguments:
            words.append(compact(arguments[0]))
            arguments = arguments[1:]
        if self.type == CONNECT_ERROR:
            message = arguments.get("message") if isinstance(arguments, dict) else arguments
            words.append(compact(message))
        elif self.type not in (CONNECT, DISCONNECT):
            words.append(compact(arguments))
        return shorten(" ".join(words), limit)

    def _node(self, name: str, part: str, value: str, children: tuple[Node, ...] = ()) -> tuple[Node, ...]:
        low, high = self.found.span(part)
        if low == high:
            return ()
        text = self.carrier.text
        spans = self.carrier.spans(byte_offset(text, low), byte_offset(text, high))
        return (Node(name, shorten(value), spans, children),)

    def _arguments(self) -> tuple[Node, ...]:
        base = byte_offset(self.carrier.text, self.found.start("data"))
        is_event = self.type in (EVENT, BINARY_EVENT)
        nodes = []
        for number, (label, value, low, high) in enumerate(members(self.found["data"])):
            if isinstance(self.data, list):
                value = value if isinstance(self.data[number], str) else shorten(compact(self.data[number]))
                label = "Event" if is_event and number == 0 else f"Argument {number + (not is_event)}"
            nodes.append(Node(label, value, self.carrier.spans(base + low, base + high)))
        return tuple(nodes)


@dataclass(slots=True)
class Attachment:
    """Binary data that belongs to the packet before; `number` counts from 1."""

    layer: ClassVar[Layer] = Layer.SOCKETIO
    kind: ClassVar[str] = "sio.attachment"
    carrier: Carrier
    packet: Packet
    number: int
    others: list[Attachment]
    error: str | None = None

    @property
    def raw(self) -> bytes:
        return self.carrier.raw

    @property
    def data(self) -> bytes:
        return self.carrier.data

    @property
    def summary(self) -> str:
        return f"attachment {self.number} of {self.packet.attachments}, {count(len(self.data), 'byte')}"

    def nodes(self) -> tuple[Node, ...]:
        spans = self.carrier.origin.spans(self.carrier.start, self.carrier.stop)
        children: tuple[Node, ...] = (Node("Data", binary_preview(self.data), spans),)
        if self.number == self.packet.attachments:
            sizes = ", ".join(count(len(other.data), "byte") for other in self.others)
            children = (*children, Node("Completes", f"{self.packet.summary} with {sizes}", spans))
        node = Node("Socket.IO attachment", self.summary, spans, children, self.error)
        return (*self.carrier.nodes(), node)

    def phrase(self, receiver: str) -> str:
        return f"sends {receiver} {self.summary}."


@dataclass(slots=True)
class Unreadable:
    """A message on a Socket.IO connection that is no Socket.IO packet."""

    layer: ClassVar[Layer] = Layer.SOCKETIO
    kind: ClassVar[str] = "sio.error"
    summary: ClassVar[str] = "broken Socket.IO packet"
    carrier: Carrier
    error: str

    @property
    def raw(self) -> bytes:
        return self.carrier.raw

    def nodes(self) -> tuple[Node, ...]:
        spans = self.carrier.origin.spans(self.carrier.start, self.carrier.stop)
        return (*self.carrier.nodes(), Node("Socket.IO packet", self.summary, spans, error=self.error))

    def phrase(self, receiver: str) -> str:
        return f"sends {receiver} a {self.summary}."


class Reader:
    """Reads one direction of one session."""

    def __init__(self, from_client: bool) -> None:
        self._from_client = from_client
        self._is_socketio = False
        self._packet: Packet | None = None
        self._attachments: list[Attachment] = []

    def take(self, carrier: Carrier) -> Packet | Attachment | Unreadable | None:
        """What an Engine.IO message is, or None as long as this may be Engine.IO without Socket.IO on it."""
        if carrier.is_binary:
            return self._attach(carrier)
        found, missing = _PACKET.fullmatch(carrier.text), self._packet
        self._packet = None
        error = "attachments of the packet before are missing" if missing else None
        if not found:
            return self._refuse(carrier, "a packet must begin with its type, a digit from 0 to 6")
        kind = int(found["type"])
        data = read(found["data"], _placeholder if kind >= BINARY_EVENT else None) if found["data"] else None
        problem = _data_problem(kind, found, data)
        if problem:
            return self._refuse(carrier, problem)
        self._is_socketio = True
        attachments = int(found["attachments"] or 0)
        namespace = found["namespace"] or "/"
        packet = Packet(
            carrier, self._from_client, kind, attachments, namespace, found["id"], data, found, error
        )
        if attachments:
            self._packet, self._attachments = packet, []
        return packet

    def _attach(self, carrier: Carrier) -> Attachment | Unreadable | None:
        packet = self._packet
        if packet is None:
            return self._refuse(carrier, "no packet announced an attachment")
        attachment = Attachment(carrier, packet, len(self._attachments) + 1, self._attachments)
        self._attachments.append(attachment)
        if attachment.number == packet.attachments:
            self._packet = None
        return attachment

    def _refuse(self, carrier: Carrier, error: str) -> Unreadable | None:
        return Unreadable(carrier, error) if self._is_socketio else None


def _placeholder(value: dict[str, object]) -> object:
    return Placeholder(value.get("num")) if value.get("_placeholder") is True else value


def _data_problem(kind: int, found: re.Match[str], data: object) -> str | None:
    if data is BROKEN:
        return "the data is not valid JSON"
    match kind:
        case 0 if found["data"] and not isinstance(data, dict):
            return "the data of a CONNECT packet must be an object"
        case 1 if found["data"]:
            return "a DISCONNECT packet carries no data"
        case 2 | 5 if not (isinstance(data, list) and data and isinstance(data[0], str | int)):
            return "the data of an event must be an array that begins with the event's name"
        case 3 | 6 if not isinstance(data, list):
            return "the data of an acknowledgement must be an array"
        case 4 if not isinstance(data, str | dict):
            return "the data of a CONNECT_ERROR packet must be a string or an object"
        case 5 | 6 if found["attachments"] is None:
            return "a binary packet must announce its number of attachments"
        case _:
            return None
