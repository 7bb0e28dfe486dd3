"""What the decoder hands out: units on layers, each with a tree of named byte ranges."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from wirelab.decode.text import count
from wirelab.trace import Direction, Leg

Spans = tuple[tuple[int, int], ...]


class Layer(IntEnum):
    """The protocols, each standing on the one before."""

    TCP = 0
    HTTP = 1
    WEBSOCKET = 2
    ENGINEIO = 3
    SOCKETIO = 4


@dataclass(frozen=True, slots=True)
class Node:
    """A named field; `spans` are the half-open byte ranges in `Unit.raw` that it was read from."""

    name: str
    value: str
    spans: Spans
    children: tuple[Node, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a payload lies in a unit's raw bytes.

    `exact` says that the payload is the segments' bytes one by one; a compressed payload is not, and each
    part of it comes from all of the segments.
    """

    segments: Spans
    exact: bool = True

    def spans(self, start: int, stop: int) -> Spans:
        """The raw byte ranges of `payload[start:stop]`, none of them empty."""
        found = []
        for low, high in self.segments:
            size = high - low
            first, last = (max(start, 0), min(stop, size)) if self.exact else (0, size)
            if first < last and start < stop:
                found.append((low + first, low + last))
            start, stop = (start - size, stop - size) if self.exact else (start, stop)
        return tuple(found)


class Detail(Protocol):
    """What one protocol knows about one unit; everything is worked out when somebody asks."""

    @property
    def layer(self) -> Layer: ...

    @property
    def raw(self) -> bytes:
        """The wire bytes that the spans of `nodes()` count in."""

    @property
    def kind(self) -> str:
        """A short word for machines."""

    @property
    def summary(self) -> str:
        """A label of at most 40 characters without anything that changes from run to run."""

    @property
    def error(self) -> str | None:
        """What breaks the protocol's rules, if anything does: a clause without a full stop."""

    def nodes(self) -> tuple[Node, ...]:
        """One tree for each layer, the lowest first."""

    def phrase(self, receiver: str) -> str:
        """What the sender does, from the verb to the full stop."""


@dataclass(frozen=True, slots=True)
class Undecoded:
    """Bytes that are no valid `name` (such as "HTTP request") for the reason in `error`."""

    layer: Layer
    name: str
    raw: bytes
    error: str

    @property
    def kind(self) -> str:
        return "error"

    @property
    def summary(self) -> str:
        return f"broken {self.name}, {count(len(self.raw), 'byte')}"

    def nodes(self) -> tuple[Node, ...]:
        return (Node(self.name, count(len(self.raw), "byte"), ((0, len(self.raw)),), error=self.error),)

    def phrase(self, receiver: str) -> str:
        return f"sends {receiver} a {self.summary}."


@dataclass(slots=True)
class Unit:
    """One thing that passed: a TCP event, an HTTP message, a frame, a packet.

    `number` is its index in `Decoder.units`; `upper` the next higher layer at which the same bytes are
    understood; `time` is in Unix seconds, when its last byte passed. Its bytes are those from `begin` to
    `end` of what passed in this direction on this leg, also where `raw` keeps only the first of them.
    """

    number: int
    layer: Layer
    upper: Layer | None
    flow: int
    leg: Leg
    direction: Direction
    time: float
    detail: Detail
    begin: int = 0
    end: int = 0

    @property
    def kind(self) -> str:
        return self.detail.kind

    @property
    def summary(self) -> str:
        return self.detail.summary

    @property
    def raw(self) -> bytes:
        return self.detail.raw

    @property
    def error(self) -> str | None:
        return self.detail.error

    def tree(self) -> Node:
        """The whole stack as named byte ranges of `raw`."""
        size = len(self.raw)
        return Node("Transmission", count(size, "byte"), ((0, size),), self.detail.nodes())


def visible(unit: Unit, layer: Layer) -> bool:
    """Whether a view of `layer` shows the unit: it is not above, and no layer up to there says it better."""
    return unit.layer <= layer and (unit.upper is None or unit.upper > layer)


def sentence(unit: Unit, sender: str, receiver: str) -> str:
    """One line of plain English about the unit."""
    said = f"{sender} {unit.detail.phrase(receiver)}"
    return f"{said} Wrong: {unit.error}." if unit.error else said
