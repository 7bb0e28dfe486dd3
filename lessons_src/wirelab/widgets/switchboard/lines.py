"""The board's connections as lines: what clients know, which connections stand, and where a message died."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from wirelab.decode import Decoder
from wirelab.middlebox import Blackhole, Rule
from wirelab.middlebox.flow import Flow
from wirelab.trace import Act, Event, Leg, Trace
from wirelab.widgets.scene import Half, Line, is_believed_in_vain
from wirelab.widgets.switchboard.parties import Party, Phase

_SIGNS = {Act.DROPPED: "✗", Act.HELD: "‖", Act.ANSWERED: "■", Act.CHANGED: "≠"}
_NEAR = {
    Phase.IDLE: Half.NONE,
    Phase.ABSENT: Half.NONE,
    Phase.CONNECTING: Half.TRYING,
    Phase.OPEN: Half.OPEN,
    Phase.SENT: Half.OPEN,
    Phase.SILENT: Half.OPEN,
    Phase.DOWN: Half.OVER,
}


class Tracks:
    """What the trace of the middleboxes tells of each client, by the client's name."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._decoder = Decoder(trace)
        self._read = 0
        self._reached: dict[int, float] = {}

    def lines(self, parties: Collection[Party], flows: Sequence[Flow], rules: Sequence[Rule]) -> list[Line]:
        """A line for each client, with the flows that live and the rules that lie there now."""
        for record in self._trace.since(self._read):
            self._read += 1
            self._decoder.feed(record)
            if record.leg is Leg.SERVER and record.event is Event.OPEN:
                self._reached[record.flow] = record.time
        is_cut = any(isinstance(rule, Blackhole) for rule in rules)
        return [self._line(party, flows, is_cut) for party in parties]

    def _line(self, party: Party, flows: Sequence[Flow], is_cut: bool) -> Line:
        lamp = party.lamp
        near, far = _NEAR[lamp.phase], self._far(party, flows)
        tag = "HTTP" if lamp.transport == "polling" else "WS"
        sign, note = self._stop(party)
        died = (near, far) == (Half.OVER, Half.NONE) or is_believed_in_vain(near, far)
        if died or (is_cut and Half.OPEN in (near, far)):
            sign = sign or "✗"
        return Line(party.name, near, far, 0 if party.raw else 1, tag, sign, note)

    def _far(self, party: Party, flows: Sequence[Flow]) -> Half:
        """Whether a connection to a server stands for this client, or has ended since it last tried."""
        mine = [flow for flow in flows if self._name(flow.number) == party.name]
        if party.lamp.phase is Phase.OPEN or any(self._stands(flow) for flow in mine):
            return Half.OPEN
        times = (time for flow, time in self._reached.items() if self._name(flow) == party.name)
        has_ended = party.lamp.phase is not Phase.IDLE and max(times, default=0) > party.tried
        return Half.OVER if has_ended else Half.NONE

    def _stands(self, flow: Flow) -> bool:
        return flow.number in self._reached and not flow.server.gone

    def _stop(self, party: Party) -> tuple[str, str]:
        """The sign and the words for what became of this client's last message, if a rule stopped it.

        Who was refused before its first word has no name yet; the rule is the same for all.
        """
        if party.lamp.phase in (Phase.OPEN, Phase.IDLE):
            return "", ""
        for deed in reversed(self._trace.deeds):
            if deed.time < party.fine:
                break
            if deed.flow and self._name(deed.flow) in (party.name, "client"):
                return (_SIGNS[deed.act], f"{deed.act} by {deed.rule}") if deed.act in _SIGNS else ("", "")
        return "", ""

    def _name(self, flow: int) -> str:
        return re.sub(r" \d+$", "", self._decoder.client_name(flow))
