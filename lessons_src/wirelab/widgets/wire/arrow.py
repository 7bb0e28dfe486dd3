"""What stands in the picture: arrows, and the marks at which the rules changed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wirelab.decode import Unit
from wirelab.trace import Act, Event


class Fate(StrEnum):
    """What became of a message at the middlebox."""

    INSIDE = "inside"
    PASSED = "passed"
    LATE = "late"
    DROPPED = "dropped"
    HELD = "held"
    ANSWERED = "answered"
    CHANGED = "changed"
    REPLACED = "replaced"
    MADE = "made"


FATES = {
    Act.DROPPED: Fate.DROPPED,
    Act.HELD: Fate.HELD,
    Act.RELEASED: Fate.LATE,
    Act.CHANGED: Fate.CHANGED,
    Act.ANSWERED: Fate.ANSWERED,
}


@dataclass(slots=True)
class Arrow:
    """A unit on its way: lanes are client numbers from 0, MIDDLEBOX, or servers from SERVER down.

    `by` is the rule that decided its `fate`; `left` when it came out of the middlebox (Unix seconds, 0 if it
    did not); `pair` the number of the arrow that it was changed into or is made out of; `silence` what both
    ends believed in the long silence before it. It is `wrong` if it breaks a rule or says itself that
    something failed.
    """

    number: int
    unit: Unit
    lane: int
    start: int
    end: int
    fate: Fate = Fate.INSIDE
    by: str = ""
    left: float = 0.0
    pair: int = -1
    changes: tuple[str, ...] = ()
    wrong: bool = False
    silence: str = ""

    @property
    def passed(self) -> bool:
        """Whether it came out of the middlebox as it went in."""
        return self.fate in (Fate.PASSED, Fate.LATE)

    @property
    def failed(self) -> bool:
        """Whether it says that something is wrong, or died on its way."""
        return self.wrong or self.fate is Fate.DROPPED

    @property
    def note(self) -> str:
        """What the middlebox did, in three words: "dropped by Blackhole"."""
        match self.fate:
            case Fate.DROPPED | Fate.HELD | Fate.ANSWERED | Fate.CHANGED:
                return f"{self.fate} by {self.by}"
            case Fate.LATE:
                return f"late because of {self.by}"
            case Fate.REPLACED:
                return f"as {self.by} sends it"
            case Fate.MADE:
                return f"{_MADE.get(self.unit.kind, 'sent')} by {self.by}"
            case _:
                return ""


_MADE = {str(Event.RST): "reset", str(Event.FIN): "closed", "response": "answered"}


@dataclass(slots=True)
class Mark:
    """The rules changed before the arrow with the number `before`: `words` says how.

    `silence` is what both ends believed in the long silence before it.
    """

    before: int
    time: float
    words: str
    silence: str = ""
