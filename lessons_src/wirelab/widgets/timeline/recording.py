"""What happened, in the order in which it happened: lanes, and one entry after another; as JSON, too.

An entry carries all that is known of its lane from then on, so that any moment can be shown again without
what came before it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

VERSION = 1
MOST_ENTRIES = 5000
"""So many a recording keeps; of more, the oldest are forgotten."""
ORDERS, SERVER, CABLE, COMPUTED = "orders", "server", "cable", "computed"
"""The lanes that are no clients."""
_ALWAYS = ("time", "lane", "kind", "state", "said")


@dataclass(frozen=True, slots=True)
class Lane:
    """A line over time. `key` names it in entries, `about` says whose code it is."""

    key: str
    name: str
    about: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened on a lane, and how the lane stands since.

    `time` is in seconds since the recording began. `kind` and `state` are those of a client's Event (see
    wirelab.clients), or the server's and the cable's own; an order's `kind` is the button's name. `delay`
    (seconds) goes with "waiting"; `unjittered` is what it would have been without jitter. `kept`, `sent`,
    `echoed` and `refused` count messages.
    """

    time: float
    lane: str
    kind: str
    state: str
    said: str
    delay: float | None = None
    unjittered: float | None = None
    attempt: int = 0
    transport: str = ""
    kept: int = 0
    sent: int = 0
    echoed: int = 0
    refused: int = 0

    def to_json(self) -> dict[str, Any]:
        """For `json.dumps`, without what is not so."""
        return {name: value for name, value in asdict(self).items() if value or name in _ALWAYS}


@dataclass
class Recording:
    """The lanes from top to bottom, the parameters that were in force, and the entries so far."""

    lanes: list[Lane]
    parameters: Mapping[str, float | str]
    entries: list[Entry] = field(default_factory=list)
    forgotten: int = 0

    def add(self, entry: Entry) -> None:
        """Add what happened last."""
        self.entries.append(entry)
        if len(self.entries) > MOST_ENTRIES:
            excess = MOST_ENTRIES // 10
            del self.entries[:excess]
            self.forgotten += excess

    def last(self, lane: str, before: int | None = None) -> Entry | None:
        """The latest entry of a lane, among the first `before` entries if it is given."""
        return next((each for each in reversed(self.entries[:before]) if each.lane == lane), None)

    def said(self) -> str:
        """The last order, and what happened since."""
        order = self.last(ORDERS)
        since = next((entry for entry in reversed(self.entries) if entry.said), None)
        return " ".join(entry.said for entry in dict.fromkeys((order, since)) if entry is not None)

    def periods(self) -> Iterator[tuple[Entry, int]]:
        """Each order that was given, and how many entries there were before the next one."""
        places = [place for place, entry in enumerate(self.entries) if entry.lane == ORDERS]
        for place, end in itertools.pairwise([*places, len(self.entries)]):
            yield self.entries[place], end

    def to_json(self, end: float) -> dict[str, Any]:
        """All of it, for `json.dumps`; `end` is the time at which it ends."""
        return {
            "version": VERSION,
            "lanes": [asdict(lane) for lane in self.lanes],
            "parameters": dict(self.parameters),
            "entries": [entry.to_json() for entry in self.entries],
            "end": end,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Recording:
        """What `to_json` made. Raises ValueError for anything else."""
        if not isinstance(data, Mapping) or data.get("version") != VERSION:
            raise ValueError(
                f"This is no recording of a timeline (version {VERSION}): give what recording() returned."
            )
        try:
            lanes = [Lane(**lane) for lane in data["lanes"]]
            entries = [Entry(**entry) for entry in data["entries"]]
            recording = cls(lanes, data["parameters"], entries)
        except (KeyError, TypeError) as wrong:
            raise ValueError(f"This recording of a timeline is damaged: {wrong}.") from None
        if strangers := {entry.lane for entry in entries} - {ORDERS, *(lane.key for lane in lanes)}:
            raise ValueError(f"This recording of a timeline is damaged: it has no lane {strangers.pop()!r}.")
        return recording
