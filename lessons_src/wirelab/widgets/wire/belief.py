"""What each end of a connection believes of it, from what passed at that end."""

from __future__ import annotations

from wirelab.decode import Layer, Unit
from wirelab.decode.http import Request, Response
from wirelab.decode.tcp import Tcp
from wirelab.trace import Direction, Event, Leg

_NOT_A_GOODBYE_FROM_TROUBLE = ("close", "close 1000", "close 1001")


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
    return " ".join(summary.split()[:2]) in _NOT_A_GOODBYE_FROM_TROUBLE
