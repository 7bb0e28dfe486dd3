"""The place for a rule: a link in the chain between the two sockets of a flow.

An event runs along the chain, UP from the client's socket through the handlers, in the order of their
rules, to the server's socket, or DOWN all the way back:

    OPEN UP     the client was accepted; at the end of the chain it opens the connection to `flow.upstream`
    OPEN DOWN   that connection stands; the client's socket ignores it
    DATA        bytes, as TCP happened to cut them
    FIN         the sender has finished, its other direction stays open
    RST         the connection broke; RST DOWN without an OPEN DOWN says that the server refused

A handler does anything a middlebox can do, and the trace knows of it, for each verb says what it is:

    forward     hand on what came, in the order in which it came; later, if it was held
    drop        let it die here
    change      hand on something else in its place
    make        say something of one's own: answer in the server's place, reset, close

A handler that does nothing with what it received has dropped it as soon as it forwards what came after.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from wirelab.middlebox.rules.provenance import Pending, Piece, came_in
from wirelab.trace import Act, Deed, Direction, Event, now

if TYPE_CHECKING:
    from wirelab.middlebox.flow import Flow


class Link:
    """One element of a flow's chain; `up` is its neighbour towards the server, `down` towards the client."""

    up: Link
    down: Link

    def take(self, direction: Direction, event: Event, data: bytes, pieces: Sequence[Piece]) -> None:
        """Take what a neighbour hands on, and where its bytes come from (or, for an event, who made it)."""
        raise NotImplementedError

    def hand_on(self, direction: Direction, event: Event, data: bytes, pieces: Sequence[Piece]) -> None:
        """Give it to the neighbour in that direction."""
        (self.up if direction is Direction.UP else self.down).take(direction, event, data, pieces)


class Handler(Link):
    """What one rule does to one flow. As it stands it passes everything on."""

    rule: Rule

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self._alarm: asyncio.TimerHandle | None = None
        self._pending = {direction: Pending() for direction in Direction}
        self._received = b""
        self._makers: dict[tuple[Direction, Event], Sequence[Piece]] = {}

    def take(self, direction: Direction, event: Event, data: bytes, pieces: Sequence[Piece]) -> None:
        self._pending[direction].put(pieces if event is Event.DATA else ())
        if event is not Event.DATA:
            self._makers[direction, event] = pieces
        before, self._received = self._received, data
        self.receive(direction, event, data)
        self._received = before

    def receive(self, direction: Direction, event: Event, data: bytes = b"") -> None:
        """Take an event that comes along in that direction."""
        self.forward(direction, event, data)

    def forward(self, direction: Direction, event: Event, data: bytes = b"") -> None:
        """Hand on what came. Bytes that did not come count as this rule's own."""
        if event is not Event.DATA:
            self.hand_on(direction, event, data, self._makers.get((direction, event), ()))
            return
        pending = self._pending[direction]
        if data is self._received and pending.size > len(data):
            pending.take(pending.size - len(data))
        pieces = pending.take(len(data))
        missing = len(data) - sum(piece.size for piece in pieces)
        if missing > 0:
            pieces.append(Piece(missing, -1, self.rule.kind))
        self.hand_on(direction, event, data, pieces)

    def drop(self, direction: Direction, event: Event, data: bytes = b"", act: Act = Act.DROPPED) -> None:
        """Let what came die here; with another act: use it up."""
        pieces = self._pending[direction].take(len(data))
        self._note(act, direction, event, pieces)

    def drop_all(self, direction: Direction, act: Act = Act.DROPPED) -> None:
        """Let all die here that came and was not handed on."""
        pending = self._pending[direction]
        self._note(act, direction, Event.DATA, pending.take(pending.size))

    def change(self, direction: Direction, old: bytes, new: bytes, changes: Sequence[str] = ()) -> None:
        """Hand on `new` in the place of `old`; `changes` says in lines what is different."""
        pieces = self._pending[direction].take(len(old))
        self._note(Act.CHANGED, direction, Event.DATA, pieces, changes)
        source = next((piece.source for piece in pieces), -1)
        self.hand_on(direction, Event.DATA, new, [Piece(len(new), source, self.rule.kind)])

    def make(self, direction: Direction, event: Event, data: bytes = b"") -> None:
        """Say something of one's own."""
        self.hand_on(direction, event, data, [Piece(len(data), -1, self.rule.kind)])

    def note_kept(
        self, act: Act, direction: Direction, event: Event = Event.DATA, start: int = 0, size: int = 0
    ) -> None:
        """Write down what becomes of `size` bytes that are kept, `start` bytes after the first of them."""
        self._note(act, direction, event, self._pending[direction].look(start, size))

    def _note(
        self,
        act: Act,
        direction: Direction,
        event: Event,
        pieces: Sequence[Piece],
        changes: Sequence[str] = (),
    ) -> None:
        ranges = came_in(pieces) if event is Event.DATA else [(0, 0)]
        for begin, end in ranges:
            trace, flow, rule = self.flow.trace, self.flow.number, self.rule
            trace.note(
                Deed(
                    act,
                    rule.kind,
                    rule.words,
                    now(),
                    len(trace),
                    flow,
                    direction,
                    event,
                    begin,
                    end,
                    tuple(changes),
                )
            )

    def enter(self) -> None:
        """Called when the handler takes its place: before OPEN, or later if the rule comes to a live flow."""

    def leave(self) -> None:
        """Called when the rule is taken off a live flow: the last moment to forward what is held."""

    def wake(self) -> None:
        """Called when the time given to `wake_after` is over."""

    def wake_after(self, seconds: float) -> None:
        """Have `wake()` called once, `seconds` from now. A handler has one alarm: this sets it anew."""
        self.cancel_wake()
        self._alarm = asyncio.get_running_loop().call_later(seconds, self.wake)

    def cancel_wake(self) -> None:
        """Switch the alarm off."""
        if self._alarm is not None:
            self._alarm.cancel()

    def pause(self, direction: Direction) -> None:
        """Slow the sender down: read nothing more that goes in that direction, until `resume`."""
        self.flow.pause(direction, self)

    def resume(self, direction: Direction) -> None:
        """Read again; forgotten calls are made up for when the rule is taken off."""
        self.flow.resume(direction, self)


class Rule:
    """One behaviour of a middlebox: its settings, and what all its flows share."""

    chooses_server: ClassVar[bool] = False
    """It says where a flow goes; there can be one such rule only."""

    servers: Sequence[object] = ()
    """Those between which it chooses, as far as they are known beforehand."""

    title: ClassVar[str] = "a rule"
    """What it stands for, in the words of those who meet it: "nginx as a strict proxy"."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    @property
    def kind(self) -> str:
        """What it is called in the program: its class."""
        return type(self).__name__

    @property
    def words(self) -> str:
        """Its title, with the settings that matter."""
        return self.title

    @property
    def lets_nothing_pass(self) -> bool:
        """Whether a rule behind it would never see a new flow."""
        return False

    def handler(self, flow: Flow) -> Handler:
        """What this rule does to that flow."""
        return Handler(flow)
