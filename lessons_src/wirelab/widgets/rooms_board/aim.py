"""Who is meant: what is chosen on the board, the line of code that says it, and that line, carried out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

ROOMS = ("gold", "silver", "copper")
SERVER = "server"
"""The sender that is no client."""
EVENT, ASKS = "news", "say"
"""The event that everybody listens to, and the one by which a client asks the server to send it."""


@dataclass(frozen=True, slots=True)
class Aim:
    """`sender` is a client's name or "server"; `to` are rooms (none: everybody), `but` those left out.

    `spares_sender`: the handler starts from the sender's socket, and so the sender is not meant.
    """

    sender: str = SERVER
    to: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    spares_sender: bool = False

    def python(self, text: str) -> str:
        """The line of the handler, as our server and its handlers have it."""
        others = "".join(f'.except_("{room}")' for room in self.but)
        return f'{self._start("server")}{others}.emit("{EVENT}", "{text}")'

    def javascript(self, text: str) -> str:
        """The same for the official server."""
        others = "".join(f'.except("{room}")' for room in self.but)
        return f'{self._start("io")}{others}.emit("{EVENT}", "{text}");'

    def words(self) -> str:
        """Who is meant, in words."""
        meant = f"everyone in {' or '.join(self.to)}" if self.to else "everyone"
        spared = [*self.but, *([self.sender] if self.spares_sender else [])]
        return f"{meant}, but not {' or '.join(spared)}" if spared else meant

    def at(self, server: Any, socket: Any) -> Any:
        """What that line has before its `emit`; `socket` is the sender's, if a client asks."""
        target = server
        if self.spares_sender:
            target = socket if self.to else socket.broadcast
        for room in self.to:
            target = target.to(room)
        for room in self.but:
            target = target.except_(room)
        return target

    def _start(self, server: str) -> str:
        rooms = "".join(f'.to("{room}")' for room in self.to)
        if not self.spares_sender:
            return f"{server}{rooms}"
        return f"socket{rooms}" if rooms else "socket.broadcast"


def in_order(rooms: Iterable[str]) -> tuple[str, ...]:
    """These rooms in the board's order. Raises ValueError for one that there is not."""
    wanted = list(rooms)
    for room in wanted:
        if room not in ROOMS:
            raise ValueError(f"There is no room {room!r} here. Choose one of: {', '.join(ROOMS)}.")
    return tuple(room for room in ROOMS if room in wanted)


def from_json(value: Any) -> Aim:
    """An aim that came as JSON, from the page or over the wire. Raises ValueError, TypeError, KeyError.

    The server itself has no socket, and so cannot be left out as the sender.
    """
    sender, spares = str(value["sender"]), bool(value["spares_sender"])
    return Aim(sender, in_order(value["to"]), in_order(value["but"]), spares and sender != SERVER)
