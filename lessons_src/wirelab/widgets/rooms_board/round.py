"""One message: who was meant, who you said would hear it, what the server wrote, and who heard it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from wirelab.widgets.rooms_board.aim import SERVER, Aim


class Verdict(Enum):
    """What became of it at one client: a sign and words."""

    HEARD = "♪", "heard it"
    RIGHT = "✓", "heard it, as you said"
    SURPRISE = "!", "heard it, and you had not marked it"
    STUCK = "‖", "was written to, and nothing arrived"
    MISSED = "✗", "heard nothing, and you had marked it"
    SILENT = "·", "heard nothing"
    AS_SAID = "·", "heard nothing, as you said"

    @property
    def sign(self) -> str:
        """What tells it apart without colour."""
        return self.value[0]

    @property
    def words(self) -> str:
        """The same in words."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Sent:
    """What the server did, as it told: who was in which room then, to whom it wrote, and which packets.

    Each of `packets` was encoded once, however often it was written; `crowd` counts its writes to the crowd.
    """

    members: dict[str, list[str]]
    written: list[str]
    packets: list[str]
    crowd: int = 0

    @property
    def writes(self) -> int:
        """How often it was written."""
        return len(self.written) + self.crowd


@dataclass(frozen=True, slots=True)
class Step:
    """One moment of it in slow motion: what is said, which clients it is about, and where a packet flies."""

    said: str
    names: tuple[str, ...] = ()
    flight: str = ""


@dataclass
class Round:
    """A message on its way. `marks` are those who you said would hear it; None: you said nothing."""

    text: str
    aim: Aim
    marks: frozenset[str] | None = None
    sent: Sent | None = None
    heard: list[str] = field(default_factory=list)
    crowd_heard: int = 0
    over: bool = False

    @property
    def ears(self) -> int:
        """How many have heard it."""
        return len(self.heard) + self.crowd_heard

    def has_reached(self, reachable: Collection[str]) -> bool:
        """Whether the server has sent it, and whoever of those and of the crowd it wrote to has heard it."""
        if self.sent is None or self.crowd_heard < self.sent.crowd:
            return False
        return set(self.sent.written).intersection(reachable) <= set(self.heard)

    def verdict(self, name: str) -> Verdict:
        """What became of it there."""
        marked = self.marks is not None and name in self.marks
        if name in self.heard:
            return Verdict.HEARD if self.marks is None else Verdict.RIGHT if marked else Verdict.SURPRISE
        if marked:
            return Verdict.MISSED
        if self.sent is not None and name in self.sent.written:
            return Verdict.STUCK
        return Verdict.SILENT if self.marks is None else Verdict.AS_SAID

    def summary(self, unheard: Collection[str]) -> str:
        """What happened, in a sentence or two; `unheard` are those it was written to who cannot hear."""
        if self.sent is None:
            return f"{self.aim.sender} has sent it, and nothing has reached the server: its cable is pulled."
        said = [f"{_count(self.ears)} heard it: {self._cost()}."]
        if unheard:
            said.append(f"It was also written to {_listed(unheard)}, where nothing arrives.")
        return " ".join([*said, *self._score()])

    def _cost(self) -> str:
        assert self.sent is not None
        encoded, written = len(self.sent.packets), self.sent.writes
        if not written:
            return "the server found nobody, and wrote nothing"
        return f"encoded {_times(encoded)}, written {_times(written)}"

    def _score(self) -> Iterable[str]:
        if self.marks is None:
            return
        surprised = [name for name in self.heard if name not in self.marks]
        missed = sorted(self.marks.difference(self.heard))
        if not surprised and not missed:
            yield "You said so: all right."
        if surprised:
            yield f"You had not marked {_listed(surprised)}."
        if missed:
            yield f"You had marked {_listed(missed)}: nothing was heard there."

    def steps(self) -> list[Step]:
        """The same in slow motion."""
        steps = list(self._asking())
        if self.sent is not None:
            steps += [*self._choosing(self.sent), *self._writing(self.sent)]
        return steps

    def _asking(self) -> Iterable[Step]:
        sender = self.aim.sender
        if sender != SERVER:
            yield Step(f"{sender} asks the server to say {self.text!r}: it knows no rooms.", (sender,), "up")

    def _choosing(self, sent: Sent) -> Iterable[Step]:
        for room in self.aim.to:
            names = tuple(sent.members[room])
            yield Step(f"The server looks into its room {room}: {_listed(names)}.", names)
        if not self.aim.to:
            yield Step("No room is named: the server takes everyone.")
        for room in self.aim.but:
            names = tuple(sent.members[room])
            yield Step(f"Out goes who is in {room}: {_listed(names)}.", names)
        if self.aim.spares_sender:
            yield Step(f"Out goes the sender: {self.aim.sender}.", (self.aim.sender,))

    def _writing(self, sent: Sent) -> Iterable[Step]:
        written = tuple(sent.written)
        for packet in sent.packets:
            yield Step(f"One packet is encoded: {packet}", written, "packet")
        if sent.writes:
            said = f"It is written {_times(sent.writes)}: {_listed(written, sent.crowd)}."
            yield Step(said, written, "down")
        said = f"Heard by: {_listed(self.heard, self.crowd_heard)}."
        yield Step(said, tuple(self.heard), "heard")

    def message(self) -> dict[str, Any]:
        """What the page needs of it."""
        steps = [{"said": step.said, "names": step.names, "flight": step.flight} for step in self.steps()]
        return {"text": self.text, "over": self.over, "sender": self.aim.sender, "steps": steps}


def _listed(names: Iterable[str], crowd: int = 0) -> str:
    others = [f"{crowd:,} of the crowd"] if crowd else []
    return ", ".join([*sorted(names), *others]) or "nobody"


def _count(number: int) -> str:
    return f"{number:,}" if number else "Nobody"


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number:,} times")
