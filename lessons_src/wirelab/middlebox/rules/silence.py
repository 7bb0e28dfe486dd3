"""Directions in which nothing passes any more, and nobody is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wirelab.middlebox.rules.base import Handler
from wirelab.trace import Act, Direction, Event

if TYPE_CHECKING:
    from wirelab.middlebox.flow import Flow

_ROOM = 1 << 20


class Silencer(Handler):
    """Can fall silent. What is said meanwhile is kept and handed on when the rule is taken off.

    That is how TCP sees a line that was cut: the senders repeat what was not acknowledged until it gets
    through. A sender with more than 1 MiB on the way has to wait.
    """

    def __init__(self, flow: Flow) -> None:
        super().__init__(flow)
        self._silent: set[Direction] = set()
        self._amount = dict.fromkeys(Direction, 0)
        self._kept: list[tuple[Direction, Event, bytes]] = []

    def silence(self, *directions: Direction) -> None:
        """Let nothing pass in these directions from now on."""
        self._silent.update(directions)

    def forward(self, direction: Direction, event: Event, data: bytes = b"") -> None:
        if direction not in self._silent:
            super().forward(direction, event, data)
            return
        if event is not Event.OPEN:
            self.note_kept(Act.DROPPED, direction, event, self._amount[direction], len(data))
        self._kept.append((direction, event, data))
        self._amount[direction] += len(data)
        if self._amount[direction] > _ROOM:
            self.pause(direction)

    def leave(self) -> None:
        self._silent.clear()
        for direction, event, data in self._kept:
            self.note_kept(Act.RELEASED, direction, event, size=len(data))
            self.forward(direction, event, data)
        super().leave()
