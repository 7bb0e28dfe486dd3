"""The place for a rule: a link in the chain between the two sockets of a flow.

An event runs along the chain, UP from the client's socket through the handlers, in the order of their
rules, to the server's socket, or DOWN all the way back:

    OPEN UP     the client was accepted; at the end of the chain it opens the connection to `flow.upstream`
    OPEN DOWN   that connection stands; the client's socket ignores it
    DATA        bytes, as TCP happened to cut them
    FIN         the sender has finished, its other direction stays open
    RST         the connection broke; RST DOWN without an OPEN DOWN says that the server refused

A handler does anything a middlebox can do with one verb, `forward`. Not forwarding drops; forwarding later
holds; `forward(DOWN, DATA, page)` answers in the server's place; `forward(UP, RST)` resets the server's side.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from wirelab.trace import Direction, Event

if TYPE_CHECKING:
    from wirelab.middlebox.flow import Flow


class Link:
    """One element of a flow's chain; `up` is its neighbour towards the server, `down` towards the client."""

    up: Link
    down: Link

    def forward(self, direction: Direction, event: Event, data: bytes = b"") -> None:
        """Hand an event to the neighbour in that direction."""
        (self.up if direction is Direction.UP else self.down).receive(direction, event, data)

    def receive(self, direction: Direction, event: Event, data: bytes = b"") -> None:
        """Take an event that comes along in that direction."""
        raise NotImplementedError


class Handler(Link):
    """What one rule does to one flow. As it stands it passes everything on."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self._alarm: asyncio.TimerHandle | None = None

    def receive(self, direction: Direction, event: Event, data: bytes = b"") -> None:
        self.forward(direction, event, data)

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

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    @property
    def lets_nothing_pass(self) -> bool:
        """Whether a rule behind it would never see a new flow."""
        return False

    def handler(self, flow: Flow) -> Handler:
        """What this rule does to that flow."""
        return Handler(flow)
