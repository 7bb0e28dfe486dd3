"""A crowd of light clients in a process of its own: no chips, but as real as those, and each is counted."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from wirelab.bench.descriptors import raise_limit
from wirelab.process import Peer
from wirelab.process.spawning import NODE
from wirelab.widgets.rooms_board.aim import ROOMS

MOST = 2000
_PROGRAM = Path(__file__).with_name("crowd.mjs")


def rooms_of(number: int) -> list[str]:
    """The rooms into which the server puts a client of the crowd: each combination gets an eighth."""
    return [room for bit, room in enumerate(ROOMS) if number >> bit & 1]


class Crowd:
    """So many clients, which connect without a cable; `tell(report)` hears what they heard.

    `heard` has a bit for each client that heard `text`. Raises ValueError for too many.
    """

    def __init__(self, count: int, tell: Callable[[dict[str, Any]], None]) -> None:
        if not 0 <= count <= MOST:
            raise ValueError(f"A crowd of {count:,} is none for one machine. Choose 0 to {MOST:,}.")
        self.count = count
        self.text, self.heard = "", 0
        self._tell = tell
        self._peer: Peer | None = None

    async def __aenter__(self) -> Self:
        if self.count:
            raise_limit()
            self._peer = Peer(NODE, str(_PROGRAM), on_event=self._hear)
            await self._peer.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._peer is not None:
            await self._peer.__aexit__()

    async def join(self, port: int) -> None:
        """Have everyone connect to that port, and leave where they were. Raises ConnectionError."""
        self.listen_for("")
        if self._peer is not None:
            await self._peer.call("join", port, self.count)

    def listen_for(self, text: str) -> None:
        """Count from now on who hears this."""
        self.text, self.heard = text, 0

    @property
    def heard_count(self) -> int:
        """How many have heard it."""
        return self.heard.bit_count()

    def _hear(self, report: dict[str, Any]) -> None:
        if report["text"] == self.text:
            self.heard |= int.from_bytes(base64.b64decode(report["bits"]), "little")
            self._tell(report)
