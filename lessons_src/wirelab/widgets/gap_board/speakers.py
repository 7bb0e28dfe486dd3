"""The servers of the gap board: each tells everybody numbers, behind a line of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import socketio  # type: ignore[import-untyped]
from aiohttp import web

from handmade.l18_nothing_lost import Recovery, Server
from wirelab.bench.web import aiohttp
from wirelab.clients import HandmadeClient
from wirelab.middlebox import Middlebox, Rule
from wirelab.process import Child

OURS, OFF, OFFICIAL, PYTHON = "ours", "off", "official", "python"
_OFFICIAL = Path(__file__).with_name("official_server.mjs")


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
async def official() -> AsyncIterator[Speaker]:
    """The official server, with recovery. A client that is not behind the line asks it to speak."""
    async with Child.node(str(_OFFICIAL)) as child, Middlebox(child) as line:
        asking = HandmadeClient("asking")
        await asking.connect(child)
        await asking.connected(10)

        async def say(number: int) -> None:
            await asking.emit("say", number)

        try:
            yield Speaker(line, say)
        finally:
            await asking.close()


@asynccontextmanager
async def python() -> AsyncIterator[Speaker]:
    """python-socketio, which knows no recovery."""
    sio = socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins="*")
    app = web.Application()
    sio.attach(app)

    async def say(number: int) -> None:
        await sio.emit("number", number)

    async with aiohttp(app) as site, Middlebox(site) as line:
        yield Speaker(line, say)


def speakers() -> dict[str, AbstractAsyncContextManager[Speaker]]:
    """All of them, by their keys, not started yet."""
    return {OURS: ours(Recovery()), OFF: ours(None), OFFICIAL: official(), PYTHON: python()}
