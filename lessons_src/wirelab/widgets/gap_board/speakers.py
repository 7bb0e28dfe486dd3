"""The servers of the gap board: each tells everybody numbers, behind a line of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from handmade.l18_nothing_lost import Recovery, Server
from wirelab.clients import HandmadeClient
from wirelab.middlebox import Middlebox, Rule
from wirelab.process import Child

OURS, OFF, OFFICIAL, PYTHON = "ours", "off", "official", "python"
_HERE = Path(__file__).parent


@dataclass
class Speaker:
    """A server that tells everybody a number, and the line to it."""

    line: Middlebox
    voice: Any = field(repr=False)  # an async function of the number

    async def say(self, number: int) -> None:
        """Tell everybody a number."""
        await self.voice(number)

    def lay(self, rules: list[Rule]) -> None:
        """Lay these rules on the line."""
        self.line.rules = rules


@asynccontextmanager
async def ours(recovery: Recovery | None) -> AsyncIterator[Speaker]:
    """Our own server, with recovery or without."""
    server: Any = Server(connection_state_recovery=recovery, cors=("*",))

    async def say(number: int) -> None:
        server.emit("number", number)

    async with server.listen() as listening, Middlebox(listening) as line:
        yield Speaker(line, say)


@asynccontextmanager
async def theirs(server: Child) -> AsyncIterator[Speaker]:
    """A server in a process of its own. A client that is not behind the line asks it to speak."""
    async with server as child, Middlebox(child) as line:
        asking = HandmadeClient("asking")
        await asking.connect(child)
        await asking.connected(10)

        async def say(number: int) -> None:
            await asking.emit("say", number)

        try:
            yield Speaker(line, say)
        finally:
            await asking.close()


def speakers() -> dict[str, AbstractAsyncContextManager[Speaker]]:
    """All of them, by their keys, not started yet."""
    return {
        OURS: ours(Recovery()),
        OFF: ours(None),
        OFFICIAL: theirs(Child.node(str(_HERE / "official_server.mjs"))),
        PYTHON: theirs(Child.python(str(_HERE / "python_server.py"))),
    }
