"""What the picture is drawn from: what passed, what left the middlebox, what rules did."""

from __future__ import annotations

from dataclasses import dataclass

from wirelab.decode import Layer, Unit
from wirelab.decode.engineio import Packet
from wirelab.decode.tcp import Tcp
from wirelab.decode.websocket import Frame
from wirelab.trace import Deed, Record

ARROWS_KEPT = 10_000
BYTES_KEPT = 32 << 20


@dataclass(slots=True)
class Out:
    """A record of what left the middlebox; `begin` counts what had left before it."""

    record: Record
    begin: int


@dataclass(slots=True)
class Seen:
    """A unit, whether it is a failure, and what was believed in the silence before it."""

    unit: Unit
    failed: bool
    silence: str


@dataclass(frozen=True, slots=True)
class Rules:
    """A rule came or went, and what was believed in the silence before it."""

    deed: Deed
    silence: str


Item = Out | Seen | Rules | Deed


def size_of(unit: Unit) -> int:
    """About how many bytes of traffic a unit holds on to."""
    detail = unit.detail
    if isinstance(detail, Tcp):
        return len(detail.record.data)
    if isinstance(detail, Frame):
        return 2 * len(detail.raw) + len(detail.data)
    if isinstance(detail, Packet):
        return len(detail.data)
    # Socket.IO's packets share their carrier's bytes.
    return len(detail.raw) if unit.layer is Layer.HTTP else 0
