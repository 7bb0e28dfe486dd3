"""How arrows come about: out of what comes in, what a rule does with it, and what goes out."""

from __future__ import annotations

from wirelab.decode import Layer, Unit, visible
from wirelab.trace import Act, Deed, Direction, Event, Leg
from wirelab.widgets.wire.arrow import FATES, Arrow, Fate, Mark
from wirelab.widgets.wire.items import ARROWS_KEPT, BYTES_KEPT, Item, Out, Rules, Seen, size_of
from wirelab.widgets.wire.lanes import MIDDLEBOX, Lanes
from wirelab.widgets.wire.stream import Stream

Way = tuple[int, Direction]


class Sketch:
    """The arrows and marks at one layer. Of many the last 10,000 stay; `left_out` counts those before."""

    def __init__(self, layer: Layer, lanes: Lanes) -> None:
        self.layer = layer
        self.lanes = lanes
        self.arrows: list[Arrow] = []
        self.marks: list[Mark] = []
        self.left_out = 0
        self.changed: dict[int, Arrow] = {}
        self._weight = 0
        self._streams: dict[Way, Stream] = {}
        self._opens: dict[int, list[Seen]] = {}
        self._goes_to: dict[int, int] = {}

    @property
    def total(self) -> int:
        """How many arrows there are, those left out with them."""
        return self.left_out + len(self.arrows)

    def clear(self, layer: Layer) -> None:
        """Begin with an empty sheet."""
        self.layer = layer
        self.arrows.clear()
        self.marks.clear()
        self.changed.clear()
        self.left_out = self._weight = 0
        self._streams.clear()
        self._opens.clear()
        self.lanes.clear()

    def take_changed(self) -> list[Arrow]:
        """The arrows that are new or have changed since this was last asked."""
        changed = list(self.changed.values())
        self.changed.clear()
        return changed

    def goes_to(self, flow: int, server: int) -> None:
        """A flow is connected to the server at that port."""
        self._goes_to[flow] = server

    def server_lane(self, flow: int) -> int:
        """The lane of a flow's server."""
        return self.lanes.server(self._goes_to.get(flow))

    def draw(self, item: Item) -> None:
        """Take in what comes next."""
        match item:
            case Seen():
                self.draw_seen(item)
            case Out():
                self.draw_out(item)
            case Deed():
                self.draw_deed(item)
            case Rules():
                self.mark(item)

    def draw_deed(self, deed: Deed) -> None:
        """A rule did something with what had come in."""
        stream = self._stream(deed.flow, deed.direction)
        if deed.event is not Event.DATA:
            arrow = stream.events.get(deed.event)
            if arrow:
                self._decide(arrow, deed)
            return
        for arrow in stream.arrows_of(deed):
            self._decide(arrow, deed)
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
        self.changed[arrow.number] = arrow

    def mark(self, rules: Rules) -> None:
        """A rule came or went."""
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

    def draw_out(self, out: Out) -> None:
        """Something left the middlebox."""
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
        server = self.server_lane(arrow.unit.flow)
        arrow.end = server if arrow.unit.direction is Direction.UP else arrow.lane
        self.changed[arrow.number] = arrow

    def _stream(self, flow: int, direction: Direction) -> Stream:
        stream = self._streams.get((flow, direction))
        if stream is None:
            stream = self._streams[flow, direction] = Stream()
        return stream

    def draw_seen(self, seen: Seen) -> None:
        """A unit passed."""
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

    def _draw_unit(self, seen: Seen) -> None:
        unit = seen.unit
        up = unit.direction is Direction.UP
        stream = self._stream(unit.flow, unit.direction)
        lane, server = self.lanes.client(unit.flow), self.server_lane(unit.flow)
        if unit.leg is (Leg.CLIENT if up else Leg.SERVER):
            self._put_inside(stream, self._add(seen, lane, lane if up else server, MIDDLEBOX))
            return
        record = stream.maker(unit)
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

    def _put_inside(self, stream: Stream, arrow: Arrow) -> None:
        unit = arrow.unit
        if unit.end == unit.begin:
            stream.events[unit.kind] = arrow
            return
        if stream.first is None:
            stream.first = unit.begin
        stream.inside.append(arrow)
        for deed in stream.deeds_on(unit):
            self._decide(arrow, deed)

    def _stands_already(self, stream: Stream, unit: Unit) -> bool:
        """Whether the arrow that came in stands there; it does not if it came before the picture began."""
        if unit.begin < unit.end:
            return stream.first is not None and unit.begin + stream.shift >= stream.first
        arrow = stream.events.pop(unit.kind, None)
        if arrow:
            self._pass(arrow, unit.time)
        return arrow is not None or unit.kind in stream.passed

    def _pair(self, stream: Stream, arrow: Arrow, source: int) -> None:
        for before in stream.changed:
            if before.unit.begin <= source < before.unit.end:
                before.pair, arrow.pair = arrow.number, before.number
                arrow.changes = before.changes
                self.changed[before.number] = before

    def _add(self, seen: Seen, lane: int, start: int, end: int) -> Arrow:
        arrow = Arrow(self.total, seen.unit, lane, start, end, wrong=seen.failed, silence=seen.silence)
        self.arrows.append(arrow)
        self._weight += size_of(seen.unit)
        self.changed[arrow.number] = arrow
        return arrow

    def trim(self) -> None:
        """Leave out the first arrows of many."""
        extra = len(self.arrows) - ARROWS_KEPT if len(self.arrows) > ARROWS_KEPT * 1.1 else 0
        weight = self._weight - sum(size_of(arrow.unit) for arrow in self.arrows[:extra])
        while weight > BYTES_KEPT and extra < len(self.arrows) - 1:
            weight -= size_of(self.arrows[extra].unit)
            extra += 1
        self._weight = weight
        for arrow in self.arrows[:extra]:
            self.changed.pop(arrow.number, None)
        del self.arrows[:extra]
        self.left_out += extra
