"""What is inside the middlebox, and what rules made of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from wirelab.decode import Unit
from wirelab.decode.tcp import Tcp
from wirelab.trace import Act, Deed, Record
from wirelab.widgets.wire.arrow import Arrow
from wirelab.widgets.wire.items import ARROWS_KEPT

_LAST = 256


@dataclass(slots=True)
class Stream:
    """One direction of one flow at the middlebox: what is inside, and what a rule made of it.

    Offsets count the bytes that came in, those of `made` the bytes that went out; `shift` is how much further
    a byte stood when it came in than it stands now.
    """

    inside: deque[Arrow] = field(default_factory=lambda: deque(maxlen=ARROWS_KEPT))
    events: dict[str, Arrow] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)
    deeds: deque[Deed] = field(default_factory=lambda: deque(maxlen=_LAST))
    changed: deque[Arrow] = field(default_factory=lambda: deque(maxlen=_LAST))
    made: deque[tuple[int, int, Record]] = field(default_factory=lambda: deque(maxlen=_LAST))
    came_out: int = 0
    shift: int = 0
    first: int | None = None

    def arrows_of(self, deed: Deed) -> Iterator[Arrow]:
        """The arrows whose bytes a rule did something with."""
        # What is released stands first, all else was the last to come in.
        arrows = iter(self.inside) if deed.act is Act.RELEASED else reversed(self.inside)
        for arrow in arrows:
            if arrow.unit.end <= deed.begin or deed.end <= arrow.unit.begin:
                break
            yield arrow

    def deeds_on(self, unit: Unit) -> list[Deed]:
        """What rules did with the unit's bytes before all of it had come in, the last deed first."""
        found: list[Deed] = []
        for deed in reversed(self.deeds):
            if deed.end <= unit.begin:
                break
            if deed.begin < unit.end:
                found.append(deed)
        return found

    def maker(self, unit: Unit) -> Record | None:
        """The record in which a rule said the unit, or a part of it."""
        detail = unit.detail
        if unit.begin == unit.end:
            return detail.record if isinstance(detail, Tcp) and detail.record.by else None
        found = None
        for begin, end, record in reversed(self.made):
            if end <= unit.begin:
                break
            if begin < unit.end:
                found = record
        return found
