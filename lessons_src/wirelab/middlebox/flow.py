"""One client's connection: its two sockets, and the chain of handlers through which they are joined."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable

from wirelab.middlebox.rules.base import Handler, Link, Rule
from wirelab.middlebox.side import ServerSide, Side
from wirelab.trace import Direction, Leg, Trace


class Flow:
    """One client's TCP connection and the one made for it upstream, with the rules' handlers between them.

    A handler may set `upstream` (anything with a port) before it forwards OPEN. If that is refused (RST DOWN
    without OPEN DOWN), it may set another one and forward OPEN again.
    """

    def __init__(self, number: int, trace: Trace, upstream: object, on_end: Callable[[Flow], None]) -> None:
        self.number = number
        self.trace = trace
        self.upstream = upstream
        self.client = Side(self, Leg.CLIENT, hears=Direction.UP, says=Direction.DOWN)
        self.server = ServerSide(self)
        self._on_end = on_end
        self._laid: list[tuple[Rule, Handler]] = []
        self._pausers: dict[Direction, set[Link]] = {Direction.UP: set(), Direction.DOWN: set()}

    def lay(self, rules: Iterable[Rule]) -> None:
        """Lay exactly these rules on the flow; one that lies there already keeps its handler and state."""
        taken_off = list(self._laid)
        fresh: list[Handler] = []
        laid: list[tuple[Rule, Handler]] = []
        for rule in rules:
            pair = next((pair for pair in taken_off if pair[0] is rule), None)
            if pair is None:
                pair = (rule, rule.handler(self))
                pair[1].rule = rule
                fresh.append(pair[1])
            else:
                taken_off.remove(pair)
            laid.append(pair)
        for pair in taken_off:
            self._laid.remove(pair)
            self._link()
            self._dismiss(pair[1])
        self._laid = laid
        self._link()
        for handler in fresh:
            handler.enter()

    @property
    def live(self) -> bool:
        """Whether the client was accepted already."""
        return self.client.address is not None

    @property
    def client_address(self) -> tuple[str, int]:
        """The client's IP address and port. Raises ConnectionError before the client is accepted."""
        if self.client.address is None:
            raise ConnectionError("The client of this flow was not accepted yet; look again after OPEN.")
        return self.client.address

    def pause(self, direction: Direction, who: Link) -> None:
        """Read nothing more that goes in that direction, until everyone who asked for it has resumed."""
        self._pausers[direction].add(who)
        self.adjust(direction)

    def resume(self, direction: Direction, who: Link) -> None:
        """Withdraw the `pause` of the same `who`."""
        self._pausers[direction].discard(who)
        self.adjust(direction)

    def adjust(self, direction: Direction) -> None:
        """Make the socket from which that direction is read do what the pausers want."""
        side = self.client if direction is Direction.UP else self.server
        side.read(not self._pausers[direction])

    def close(self) -> None:
        """Close both sides at once."""
        self.client.close()
        self.server.close()
        self.end_if_over()

    def end_if_over(self) -> None:
        """Stop the handlers' alarms once neither socket is left."""
        if self.client.gone and (self.server.gone or self.server.unused):
            for _, handler in self._laid:
                handler.cancel_wake()
            self._on_end(self)

    def _link(self) -> None:
        chain: list[Link] = [self.client, *(handler for _, handler in self._laid), self.server]
        for lower, upper in itertools.pairwise(chain):
            lower.up = upper
            upper.down = lower

    def _dismiss(self, handler: Handler) -> None:
        handler.cancel_wake()
        handler.leave()
        handler.cancel_wake()
        for direction in Direction:
            self.resume(direction, handler)
