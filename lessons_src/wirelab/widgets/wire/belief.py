"""What each end of a connection believes of it, from what passed at that end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wirelab.decode import Layer, Unit
from wirelab.decode.http import Request, Response
from wirelab.decode.tcp import Tcp
from wirelab.trace import Direction, Event, Leg

# No code, a normal end, going away; and what an application says in its own words (RFC 6455 section 7.4.2).
_PEACEFUL = re.compile(r"close( (1000|1001|[34]\d{3})\b.*)?")


class End:
    """One end: `word` is "connected", "waiting", "open" (a WebSocket) or "closed"."""

    def __init__(self) -> None:
        self.word = "connected"
        self._goodbyes: set[Direction] = set()

    def take(self, unit: Unit) -> None:
        """Take in a unit of this end's leg."""
        detail = unit.detail
        if isinstance(detail, Tcp):
            if detail.record.event in (Event.FIN, Event.RST):
                self.word = "closed"
        elif isinstance(detail, Request):
            self.word = "waiting"
        elif isinstance(detail, Response):
            if detail.status >= 200 or detail.switches:
                self.word = "open" if detail.switches else "connected"
        elif unit.layer is Layer.WEBSOCKET and unit.kind == "close":
            self._goodbyes.add(unit.direction)
            if len(self._goodbyes) == 2:
                self.word = "closed"


class Belief:
    """The two ends of one flow."""

    def __init__(self) -> None:
        self._ends = {leg: End() for leg in Leg}

    @property
    def at_client(self) -> str:
        return self._ends[Leg.CLIENT].word

    @property
    def at_server(self) -> str:
        return self._ends[Leg.SERVER].word

    def take(self, unit: Unit) -> None:
        """Take in a unit of either leg."""
        self._ends[unit.leg].take(unit)

    @property
    def matters(self) -> bool:
        """Whether an end still believes in a WebSocket, or waits for an answer."""
        words = {self.at_client, self.at_server}
        return bool(words & {"open", "waiting"})

    @property
    def over(self) -> bool:
        """Whether both ends know that it is closed."""
        return self.at_client == self.at_server == "closed"


class Beliefs:
    """What is believed of each connection that is not over, by the flow's number."""

    def __init__(self) -> None:
        self._of: dict[int, Belief] = {}

    def __iter__(self) -> Iterator[tuple[int, Belief]]:
        return iter(self._of.items())

    def learn(self, unit: Unit) -> bool:
        """Take in a unit that is news; returns whether it is a failure."""
        belief = self._of.get(unit.flow)
        if belief is None:
            belief = self._of[unit.flow] = Belief()
        failed = fails(unit, belief)
        belief.take(unit)
        if belief.over:
            del self._of[unit.flow]
        return failed


def is_news(unit: Unit) -> bool:
    """Whether a unit can change what an end believes, or be a failure: nearly all are ordinary."""
    detail = unit.detail
    if isinstance(detail, Tcp):
        return detail.record.event is not Event.DATA
    if unit.layer is Layer.WEBSOCKET:
        return unit.kind == "close" or bool(unit.error)
    return True


def fails(unit: Unit, belief: Belief) -> bool:
    """Whether a unit says that something went wrong: a refusal, a reset, a close by error, a lost connection.

    `belief` is what was believed before the unit.
    """
    detail = unit.detail
    if unit.error:
        return True
    if isinstance(detail, Tcp):
        word = belief.at_client if unit.leg is Leg.CLIENT else belief.at_server
        is_lost = detail.record.event is Event.FIN and word in ("open", "waiting")
        return is_lost or detail.record.event is Event.RST
    if isinstance(detail, Response):
        return detail.status >= 400
    if unit.layer is Layer.WEBSOCKET and unit.kind == "close":
        return not _is_polite(unit.summary)
    return unit.kind == "sio.connect_error"


def _is_polite(summary: str) -> bool:
    return _PEACEFUL.fullmatch(summary) is not None
