"""What the wire shows, without a screen: units of a trace become arrows between lanes."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from wirelab.decode import Decoder, Layer, Unit, sentence, visible
from wirelab.decode.tcp import Tcp
from wirelab.decode.websocket import Frame
from wirelab.trace import Act, Deed, Direction, Event, Leg, Record, Trace
from wirelab.widgets.wire.arrow import FATES, Arrow, Fate, Mark
from wirelab.widgets.wire.belief import Belief, fails, is_news
from wirelab.widgets.wire.lanes import MIDDLEBOX, SERVER, Lanes

__all__ = ["MIDDLEBOX", "SERVER", "Arrow", "Fate", "Mark", "WireModel"]

ITEMS_KEPT = 1 << 16
BYTES_KEPT = 32 << 20
ARROWS_KEPT = 10_000
SILENCE_SECONDS = 1.0
_BITE = 64
"""Records taken in before the clock is looked at again."""

_LAST = 256

Way = tuple[int, Direction]


@dataclass(slots=True)
class _Stream:
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


@dataclass(slots=True)
class _Out:
    """A record of what left the middlebox; `begin` counts what had left before it."""

    record: Record
    begin: int


@dataclass(slots=True)
class _Seen:
    """A unit, whether it is a failure, and what was believed in the silence before it."""

    unit: Unit
    failed: bool
    silence: str


@dataclass(frozen=True, slots=True)
class _Rules:
    """A rule came or went, and what was believed in the silence before it."""

    deed: Deed
    silence: str


_Item = _Out | _Seen | _Rules | Deed


@dataclass
class WireModel:
    """The arrows of one trace at one layer, kept up to date by `update`.

    `servers()` gives the ports of those that have a lane from the beginning; others get one at first use. Of
    a long trace the last 10,000 arrows stay; `left_out` counts those before.
    """

    trace: Trace
    layer: Layer = Layer.WEBSOCKET
    servers: Callable[[], Iterable[int]] = tuple
    arrows: list[Arrow] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.decoder = Decoder(self.trace)
        self.lanes = Lanes(self.decoder, self.trace.server_names)
        self.left_out = 0
        self.traffic: Counter[Layer] = Counter()
        self.rules: list[str] = []
        self.ends_at: int | None = None
        self._items: deque[_Item] = deque()
        self._weight = 0
        self._arrow_weight = 0
        self._streams: dict[Way, _Stream] = {}
        self._opens: dict[int, list[_Seen]] = {}
        self._changed: dict[int, Arrow] = {}
        self._unsent: dict[int, Arrow] = {}
        self._went_out: Counter[Way] = Counter()
        self._last = float("inf")
        self._read = self.trace.first_kept
        self._deeds_read = 0
        self._beliefs: dict[int, Belief] = {}
        self._goes_to: dict[int, int] = {}
        self._start_over()

    @property
    def behind(self) -> int:
        """How many records wait to be taken in."""
        return self._end - self._read

    @property
    def is_over(self) -> bool:
        """Whether the picture is finished and has all that belongs to it."""
        return self.ends_at is not None and not self.behind

    @property
    def total(self) -> int:
        """How many arrows there are, those left out with them."""
        return self.left_out + len(self.arrows)

    def update(self, seconds: float = float("inf")) -> list[Arrow]:
        """Take in what has passed since the last call, for about so many seconds.

        Returns the arrows that are new or have changed.
        """
        for port in self.servers():
            self.lanes.server(port)
        self._changed = {}
        deadline = time.perf_counter() + seconds
        going = bool(self.behind)
        while going:
            for record in self.trace.since(self._read, min(_BITE, self.behind)):
                self._take_deeds()
                self._read += 1
                self._take_record(record)
            going = bool(self.behind) and time.perf_counter() < deadline
        if not self.behind:
            self._take_deeds()
        self._unsent |= self._changed
        self._trim()
        return list(self._changed.values())

    def read_up_to(self, index: int) -> None:
        """Take in the records before `index`, whose bytes are about to go."""
        while self._read < min(index, self._end):
            self.update(seconds=0)

    def take_unsent(self) -> list[Arrow]:
        """The arrows that are new or have changed since this was last asked, whoever called `update`."""
        unsent = list(self._unsent.values())
        self._unsent.clear()
        return unsent

    def show(self, layer: Layer) -> None:
        """Draw the same traffic again at another layer, as far as it is still known."""
        self.layer = layer
        self._start_over()
        for item in self._items:
            self._draw(item)
        self.update()

    def reset(self) -> None:
        """Forget what has passed so far; the picture begins anew with the next unit."""
        self.ends_at = None
        self.update()
        self._items.clear()
        self._weight = 0
        self.traffic.clear()
        self._start_over()
        for port in self.servers():
            self.lanes.server(port)

    def end_here(self) -> None:
        """The picture is finished: what passes from now on is no part of it."""
        self.ends_at = len(self.trace)

    def go_on(self) -> None:
        """A finished picture goes on with what has passed since."""
        self.ends_at = None

    def lane_name(self, lane: int) -> str:
        """What stands above a lane."""
        return self.lanes.name(lane)

    def server_names(self) -> list[str]:
        """What stands above the servers' lanes, the first one's first."""
        return self.lanes.servers()

    def arrow(self, number: int) -> Arrow | None:
        """The arrow of that number, None if there is none or it was left out."""
        place = number - self.left_out
        return self.arrows[place] if 0 <= place < len(self.arrows) else None

    def middlebox_names(self) -> list[str]:
        """What stands above the middlebox: its rules in their products' words."""
        return list(dict.fromkeys(self.rules)) or ["middlebox"]

    def describe(self, arrow: Arrow) -> str:
        """One plain sentence about an arrow, and what the middlebox did."""
        said = sentence(arrow.unit, self.lane_name(arrow.start), self.lane_name(arrow.end))
        return f"{said} {arrow.note[0].upper()}{arrow.note[1:]}." if arrow.note else said

    def beliefs(self) -> str:
        """What each end of the live connections believes: "Ann: open · server: open"."""
        told = []
        for flow, belief in self._beliefs.items():
            if belief.matters and self.lanes.knows(flow):
                client = self.lanes.name(self.lanes.client(flow))
                server = self.lanes.name(self.lanes.server(self._goes_to.get(flow)))
                told.append(f"{client}: {belief.at_client} · {server}: {belief.at_server}")
        more = f" … and {len(told) - 2} more" if len(told) > 2 else ""
        return "  |  ".join(told[:2]) + more

    @property
    def _end(self) -> int:
        return len(self.trace) if self.ends_at is None else self.ends_at

    def _start_over(self) -> None:
        self.arrows.clear()
        self.marks.clear()
        self.left_out = 0
        self._arrow_weight = 0
        self.lanes.clear()
        self._streams.clear()
        self._opens.clear()
        self._changed = {}
        self._unsent.clear()

    # What has passed, and what rules did

    def _take_deeds(self) -> None:
        if self._deeds_read == self.trace.deeds_done:
            return
        for deed in self.trace.deeds_since(self._deeds_read):
            if deed.after > self._read:
                return
            self._deeds_read += 1
            if deed.flow:
                self._draw_deed(deed)
                self._items.append(deed)
                continue
            self._lay(deed)
            rules = _Rules(deed, self._silence_before(deed.time))
            self._mark(rules)
            self._items.append(rules)

    def _take_record(self, record: Record) -> None:
        if record.server:
            self._goes_to[record.flow] = record.server
        if not record.comes_in:
            way = record.flow, record.direction
            out = _Out(record, self._went_out[way])
            self._draw_out(out)
            self._items.append(out)
            self._went_out[way] += record.size
        silence = self._silence_before(record.time)
        self._last = record.time
        for unit in self.decoder.feed(record):
            failed = is_news(unit) and self._learn(unit)
            self.traffic[unit.layer] += 1
            seen = _Seen(unit, failed, silence)
            self._draw_seen(seen)
            self._keep(seen)

    def _learn(self, unit: Unit) -> bool:
        """What both ends believe after a unit; returns whether it is a failure."""
        belief = self._beliefs.get(unit.flow)
        if belief is None:
            belief = self._beliefs[unit.flow] = Belief()
        failed = fails(unit, belief)
        belief.take(unit)
        if belief.over:
            del self._beliefs[unit.flow]
        return failed

    def _silence_before(self, time: float) -> str:
        return self.beliefs() if time - self._last > SILENCE_SECONDS else ""

    def _lay(self, deed: Deed) -> None:
        if deed.act is Act.LAID:
            self.rules.append(deed.title)
        elif deed.title in self.rules:
            self.rules.remove(deed.title)

    # What of it is drawn

    def _draw(self, item: _Item) -> None:
        match item:
            case _Seen():
                self._draw_seen(item)
            case _Out():
                self._draw_out(item)
            case Deed():
                self._draw_deed(item)
            case _Rules():
                self._mark(item)

    def _draw_deed(self, deed: Deed) -> None:
        stream = self._stream(deed.flow, deed.direction)
        if deed.event is not Event.DATA:
            arrow = stream.events.get(deed.event)
            if arrow:
                self._decide(arrow, deed)
            return
        # What is released stands first, all else was the last to come in.
        arrows = iter(stream.inside) if deed.act is Act.RELEASED else reversed(stream.inside)
        for arrow in arrows:
            if arrow.unit.begin < deed.end and deed.begin < arrow.unit.end:
                self._decide(arrow, deed)
            else:
                break
        if deed.act is not Act.RELEASED:
            stream.deeds.append(deed)

    def _decide(self, arrow: Arrow, deed: Deed) -> None:
        if arrow.changes and deed.act in (Act.HELD, Act.RELEASED):
            return  # what is held now is no longer what came in
        arrow.fate = FATES[deed.act]
        arrow.by = deed.rule
        arrow.changes = (*arrow.changes, *deed.changes) if deed.act is Act.CHANGED else ()
        if deed.act is Act.CHANGED:
            self._stream(deed.flow, deed.direction).changed.append(arrow)
        self._changed[arrow.number] = arrow

    def _mark(self, rules: _Rules) -> None:
        deed = rules.deed
        if not self.total:
            return  # the rules of the beginning stand in the middlebox's head
        sign = "+" if deed.act is Act.LAID else "−"
        words = f"{sign} {deed.title}"
        last = self.marks[-1] if self.marks else None
        if last and last.before == self.total:
            last.words += "" if words in last.words else f"   {words}"
        else:
            self.marks.append(Mark(self.total, deed.time, words, rules.silence))

    def _draw_out(self, out: _Out) -> None:
        record = out.record
        stream = self._stream(record.flow, record.direction)
        if record.event is not Event.DATA:
            arrow = None if record.by else stream.events.pop(record.event, None)
            if arrow:
                stream.passed.add(record.event)
                self._pass(arrow, record.time)
        elif record.by:
            stream.made.append((out.begin, out.begin + record.size, record))
        else:
            start = stream.came_out if record.source < 0 else record.source
            stream.came_out, stream.shift = start + record.size, start - out.begin
            while stream.inside and stream.inside[0].unit.end <= stream.came_out:
                self._pass(stream.inside.popleft(), record.time)

    def _pass(self, arrow: Arrow, time: float) -> None:
        if arrow.fate not in (Fate.INSIDE, Fate.HELD, Fate.LATE):
            return
        arrow.left = time
        if arrow.fate is not Fate.LATE:
            arrow.fate, arrow.by = Fate.PASSED, ""
        server = self.lanes.server(self._goes_to.get(arrow.unit.flow))
        arrow.end = server if arrow.unit.direction is Direction.UP else arrow.lane
        self._changed[arrow.number] = arrow

    def _stream(self, flow: int, direction: Direction) -> _Stream:
        stream = self._streams.get((flow, direction))
        if stream is None:
            stream = self._streams[flow, direction] = _Stream()
        return stream

    def _draw_seen(self, seen: _Seen) -> None:
        unit = seen.unit
        if visible(unit, self.layer):
            # A connection says who it is with its first request: its opening waits for that name.
            if not self.lanes.knows(unit.flow) and unit.kind == Event.OPEN:
                self._opens.setdefault(unit.flow, []).append(seen)
                return
            for opening in self._opens.pop(unit.flow, ()):
                self._draw_unit(opening)
            self._draw_unit(seen)
        if unit.layer is Layer.TCP and unit.leg is Leg.CLIENT and unit.kind in (Event.FIN, Event.RST):
            self.lanes.end(unit.flow)

    def _draw_unit(self, seen: _Seen) -> None:
        unit = seen.unit
        up = unit.direction is Direction.UP
        stream = self._stream(unit.flow, unit.direction)
        lane, server = self.lanes.client(unit.flow), self.lanes.server(self._goes_to.get(unit.flow))
        if unit.leg is (Leg.CLIENT if up else Leg.SERVER):
            self._put_inside(stream, self._add(seen, lane, lane if up else server, MIDDLEBOX))
            return
        record = _maker(stream, unit)
        if record is None and self._stands_already(stream, unit):
            return
        arrow = self._add(seen, lane, MIDDLEBOX, server if up else lane)
        arrow.left = unit.time
        if record is None:
            arrow.fate = Fate.PASSED
        else:
            arrow.by = record.by
            arrow.fate = Fate.MADE if record.source < 0 else Fate.REPLACED
            self._pair(stream, arrow, record.source)

    def _put_inside(self, stream: _Stream, arrow: Arrow) -> None:
        unit = arrow.unit
        if unit.end == unit.begin:
            stream.events[unit.kind] = arrow
            return
        if stream.first is None:
            stream.first = unit.begin
        stream.inside.append(arrow)
        for deed in reversed(stream.deeds):
            if deed.end <= unit.begin:
                break
            if deed.begin < unit.end:
                self._decide(arrow, deed)

    def _stands_already(self, stream: _Stream, unit: Unit) -> bool:
        """Whether the arrow that came in stands there; it does not if it came before the picture began."""
        if unit.begin < unit.end:
            return stream.first is not None and unit.begin + stream.shift >= stream.first
        arrow = stream.events.pop(unit.kind, None)
        if arrow:
            self._pass(arrow, unit.time)
        return arrow is not None or unit.kind in stream.passed

    def _pair(self, stream: _Stream, arrow: Arrow, source: int) -> None:
        for before in stream.changed:
            if before.unit.begin <= source < before.unit.end:
                before.pair, arrow.pair = arrow.number, before.number
                arrow.changes = before.changes
                self._changed[before.number] = before

    def _add(self, seen: _Seen, lane: int, start: int, end: int) -> Arrow:
        arrow = Arrow(self.total, seen.unit, lane, start, end, wrong=seen.failed, silence=seen.silence)
        self.arrows.append(arrow)
        self._arrow_weight += _size(seen.unit)
        self._changed[arrow.number] = arrow
        return arrow

    # What is kept

    def _keep(self, seen: _Seen) -> None:
        self._items.append(seen)
        self._weight += _size(seen.unit)
        while len(self._items) > ITEMS_KEPT or self._weight > BYTES_KEPT:
            item = self._items.popleft()
            if isinstance(item, _Seen):
                self._weight -= _size(item.unit)

    def _trim(self) -> None:
        extra = len(self.arrows) - ARROWS_KEPT if len(self.arrows) > ARROWS_KEPT * 1.1 else 0
        weight = self._arrow_weight - sum(_size(arrow.unit) for arrow in self.arrows[:extra])
        while weight > BYTES_KEPT and extra < len(self.arrows) - 1:
            weight -= _size(self.arrows[extra].unit)
            extra += 1
        self._arrow_weight = weight
        for arrow in self.arrows[:extra]:
            self._unsent.pop(arrow.number, None)
        del self.arrows[:extra]
        self.left_out += extra


def _maker(stream: _Stream, unit: Unit) -> Record | None:
    """The record in which a rule said the unit, or a part of it."""
    detail = unit.detail
    if unit.begin == unit.end:
        return detail.record if isinstance(detail, Tcp) and detail.record.by else None
    found = None
    for begin, end, record in reversed(stream.made):
        if end <= unit.begin:
            break
        if begin < unit.end:
            found = record
    return found


def _size(unit: Unit) -> int:
    """About how many bytes of traffic a unit holds on to."""
    detail = unit.detail
    if isinstance(detail, Tcp):
        return len(detail.record.data)
    if isinstance(detail, Frame):
        return 2 * len(detail.raw) + len(detail.data)
    return len(detail.raw) if unit.layer is Layer.HTTP else 0  # packets share their carrier's bytes
