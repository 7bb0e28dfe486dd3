"""What the wire shows, without a screen: reads a trace and has its units drawn as arrows between lanes."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from wirelab.decode import Decoder, Layer, sentence
from wirelab.trace import Act, Deed, Direction, Record, Trace
from wirelab.widgets.wire.arrow import Arrow, Fate, Mark
from wirelab.widgets.wire.belief import Beliefs, is_news
from wirelab.widgets.wire.items import ARROWS_KEPT, BYTES_KEPT, Item, Out, Rules, Seen, size_of
from wirelab.widgets.wire.lanes import MIDDLEBOX, SERVER, Lanes
from wirelab.widgets.wire.sketch import Sketch

__all__ = ["MIDDLEBOX", "SERVER", "Arrow", "Fate", "Mark", "WireModel"]

ITEMS_KEPT = 1 << 16
SILENCE_SECONDS = 1.0
_BITE = 64
"""Records taken in before the clock is looked at again."""


@dataclass
class WireModel:
    """The arrows of one trace at one layer, kept up to date by `update`.

    `servers()` gives the ports of those that have a lane from the beginning; others get one at first use. Of
    a long trace the last 10,000 arrows stay; `left_out` counts those before.
    """

    trace: Trace
    layer: Layer = Layer.WEBSOCKET
    servers: Callable[[], Iterable[int]] = tuple

    def __post_init__(self) -> None:
        self.decoder = Decoder(self.trace)
        self.lanes = Lanes(self.decoder, self.trace.server_names)
        self._sketch = Sketch(self.layer, self.lanes)
        self.traffic: Counter[Layer] = Counter()
        self.rules: list[str] = []
        self.ends_at: int | None = None
        self._items: deque[Item] = deque()
        self._weight = 0
        self._unsent: dict[int, Arrow] = {}
        self._went_out: Counter[tuple[int, Direction]] = Counter()
        self._last = float("inf")
        self._read = self.trace.first_kept
        self._deeds_read = 0
        self._deeds_end = 0
        self._beliefs = Beliefs()

    @property
    def behind(self) -> int:
        """How many records wait to be taken in."""
        return self._end - self._read

    @property
    def is_over(self) -> bool:
        """Whether the picture is finished and has all that belongs to it."""
        return self.ends_at is not None and not self.behind

    @property
    def arrows(self) -> list[Arrow]:
        """Those that are still kept, the first one first."""
        return self._sketch.arrows

    @property
    def marks(self) -> list[Mark]:
        """Where the rules changed."""
        return self._sketch.marks

    @property
    def left_out(self) -> int:
        """How many arrows were before those that are kept."""
        return self._sketch.left_out

    @property
    def total(self) -> int:
        """How many arrows there are, those left out with them."""
        return self._sketch.total

    def update(self, seconds: float = float("inf")) -> list[Arrow]:
        """Take in what has passed since the last call, for about so many seconds.

        Returns the arrows that are new or have changed.
        """
        for port in self.servers():
            self.lanes.server(port)
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
        self._sketch.trim()
        changed = self._sketch.take_changed()
        self._unsent |= {arrow.number: arrow for arrow in changed}
        if len(self._unsent) > 2 * ARROWS_KEPT:
            self._unsent = {
                number: arrow for number, arrow in self._unsent.items() if number >= self.left_out
            }
        return changed

    def read_up_to(self, index: int) -> None:
        """Take in the records before `index`, whose bytes are about to go."""
        while self._read < min(index, self._end):
            self.update(seconds=0)

    def take_unsent(self) -> list[Arrow]:
        """The arrows that are new or have changed since this was last asked, whoever called `update`."""
        unsent = [arrow for arrow in self._unsent.values() if arrow.number >= self.left_out]
        self._unsent.clear()
        return unsent

    def show(self, layer: Layer) -> None:
        """Draw the same traffic again at another layer, as far as it is still known."""
        self.layer = layer
        self._start_over()
        for item in self._items:
            self._sketch.draw(item)
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
        self.end = self.trace.so_far

    @property
    def end(self) -> tuple[int, int] | None:
        """Where a finished picture ends: so many records and deeds of its trace belong to it."""
        return None if self.ends_at is None else (self.ends_at, self._deeds_end)

    @end.setter
    def end(self, end: tuple[int, int] | None) -> None:
        self.ends_at, self._deeds_end = end or (None, 0)

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
        told: Counter[str] = Counter()
        for flow, belief in self._beliefs:
            if belief.matters and self.lanes.knows(flow):
                client = self.lanes.name(self.lanes.client(flow))
                server = self.lanes.name(self._sketch.server_lane(flow))
                told[f"{client}: {belief.at_client} · {server}: {belief.at_server}"] += 1
        said = [words if count == 1 else f"{words} ({count}×)" for words, count in told.items()]
        more = f" … and {len(said) - 2} more" if len(said) > 2 else ""
        return "  |  ".join(said[:2]) + more

    @property
    def _end(self) -> int:
        return len(self.trace) if self.ends_at is None else self.ends_at

    def _start_over(self) -> None:
        self._sketch.clear(self.layer)
        self._unsent.clear()

    # What has passed, and what rules did

    def _take_deeds(self) -> None:
        trace = self.trace
        while (place := max(0, self._deeds_read - trace.deeds_gone)) < len(trace.deeds):
            deed = trace.deeds[place]
            is_later = self.ends_at is not None and trace.deeds_gone + place >= self._deeds_end
            if is_later or deed.after > self._read:
                return
            self._deeds_read = trace.deeds_gone + place + 1
            item: Deed | Rules = deed
            if not deed.flow:
                self._lay(deed)
                silent = deed.time - self._last > SILENCE_SECONDS
                item = Rules(deed, self.beliefs() if silent else "")
            self._sketch.draw(item)
            self._items.append(item)

    def _take_record(self, record: Record) -> None:
        if record.server:
            self._sketch.goes_to(record.flow, record.server)
        if not record.comes_in:
            way = record.flow, record.direction
            out = Out(record, self._went_out[way])
            self._sketch.draw_out(out)
            self._items.append(out)
            self._went_out[way] += record.size
        silence = self.beliefs() if record.time - self._last > SILENCE_SECONDS else ""
        self._last = record.time
        for unit in self.decoder.feed(record):
            failed = is_news(unit) and self._beliefs.learn(unit)
            self.traffic[unit.layer] += 1
            seen = Seen(unit, failed, silence)
            self._sketch.draw_seen(seen)
            self._keep(seen)

    def _lay(self, deed: Deed) -> None:
        if deed.act is Act.LAID:
            self.rules.append(deed.title)
        elif deed.title in self.rules:
            self.rules.remove(deed.title)

    def _keep(self, seen: Seen) -> None:
        self._items.append(seen)
        self._weight += size_of(seen.unit)
        while len(self._items) > ITEMS_KEPT or self._weight > BYTES_KEPT:
            item = self._items.popleft()
            if isinstance(item, Seen):
                self._weight -= size_of(item.unit)
