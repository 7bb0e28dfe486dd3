"""The connection's own events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from wirelab.decode.text import binary_preview, count
from wirelab.decode.unit import Layer, Node
from wirelab.trace import Event, Record

_SUMMARIES = {
    Event.OPEN: "connection opened",
    Event.FIN: "FIN: no more data",
    Event.RST: "RST: connection reset",
}


@dataclass(frozen=True, slots=True)
class Tcp:
    """One record of the trace as it is."""

    layer: ClassVar[Layer] = Layer.TCP
    error: ClassVar[None] = None
    record: Record

    @property
    def raw(self) -> bytes:
        return self.record.data

    @property
    def kind(self) -> str:
        return str(self.record.event)

    @property
    def summary(self) -> str:
        return _SUMMARIES.get(self.record.event) or count(len(self.raw), "byte")

    def nodes(self) -> tuple[Node, ...]:
        value = _SUMMARIES.get(self.record.event) or binary_preview(self.raw)
        return (Node("TCP", value, ((0, len(self.raw)),)),)

    def phrase(self, receiver: str) -> str:
        match self.record.event:
            case Event.OPEN:
                return f"opens a connection to {receiver}."
            case Event.FIN:
                return f"ends its side of the connection to {receiver} (FIN)."
            case Event.RST:
                return f"resets the connection to {receiver} (RST)."
            case _:
                return f"sends {receiver} {self.summary}."
