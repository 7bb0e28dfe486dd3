"""Hold a server against the rules."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aiohttp
from websockets.exceptions import WebSocketException

from wirelab.address import port_of
from wirelab.rulebook import (
    acknowledgements,
    binary,
    events,
    heartbeat,
    namespaces,
    polling,
    recovery,
    strangers,
    upgrade,
)
from wirelab.rulebook.rule import Rule
from wirelab.rulebook.table import Finding, Rulebook
from wirelab.rulebook.wire import Broken, Wire

CHAPTERS = (events, polling, upgrade, heartbeat, binary, acknowledgements, namespaces, strangers, recovery)
RULES: tuple[Rule, ...] = tuple(rule for chapter in CHAPTERS for rule in chapter.CHAPTER.rules)
TIME_LIMIT = 12.0
"""Seconds that a rule may take, for a server that hangs."""
AT_ONCE = 8
"""So many rules are tried side by side."""
TOO_LATE = 0.1
"""Seconds by which a clock may ring late before it says more of this machine than of a server."""
MOST_TRIES = 6


class Pendulum:
    """Notes when this process's clock has rung too late: a busy machine may have broken what broke then."""

    PERIOD = 0.02

    def __init__(self) -> None:
        self._late = float("-inf")

    async def swing(self) -> None:
        """Watch, until it is cancelled."""
        while True:
            begin = time.monotonic()
            await asyncio.sleep(self.PERIOD)
            if time.monotonic() - begin > self.PERIOD + TOO_LATE:
                self._late = time.monotonic()

    def was_late_since(self, moment: float) -> bool:
        """Whether it rang too late after that `time.monotonic()`."""
        return self._late > moment


@asynccontextmanager
async def _pendulum() -> AsyncIterator[Pendulum]:
    pendulum = Pendulum()
    swinging = asyncio.create_task(pendulum.swing())
    try:
        yield pendulum
    finally:
        swinging.cancel()


async def hold(
    server: object, lesson: int = 99, name: str = "this server", rules: Sequence[Rule] = RULES
) -> Rulebook:
    """Hold a server against the rules that the lessons up to this one reach, and return what was observed.

    `server` is a port, or whatever listens at one of 127.0.0.1, with Socket.IO at /socket.io/; it answers the
    event `message` with `message-back` and the same arguments. Its heartbeat takes two seconds at most, and
    it waits no longer than that for an attachment, or for a client to join a namespace. What else it has to
    have is said in each chapter.
    """
    room = asyncio.Semaphore(AT_ONCE)
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    async with aiohttp.ClientSession(connector=connector) as http, _pendulum() as pendulum:
        wires = {rule: Wire(port_of(server), http) for rule in rules if rule.lesson <= lesson}
        found = await asyncio.gather(*(_find_out(*each, room, pendulum) for each in wires.items()))
    return Rulebook(name, tuple(found))


async def _find_out(rule: Rule, wire: Wire, room: asyncio.Semaphore, pendulum: Pendulum) -> Finding:
    for tries in range(1, MOST_TRIES + 1):
        async with room:
            begin = time.monotonic()
            finding = await _try(rule, wire)
        is_sure = tries >= rule.tries and not pendulum.was_late_since(begin)
        if finding.kept or is_sure:
            break
    return finding


async def _try(rule: Rule, wire: Wire) -> Finding:
    kept, observed = False, ""
    try:
        async with asyncio.timeout(TIME_LIMIT):
            kept, observed = True, await rule.probe(wire)
    except Broken as broken:
        kept, observed = False, str(broken)
    except TimeoutError:
        kept, observed = False, "An answer that was due never came."
    except (aiohttp.ClientError, WebSocketException, OSError) as error:
        kept, observed = False, f"The connection broke: {error or type(error).__name__}."
    finally:
        await wire.close()
    return Finding(rule.sentence, rule.section, rule.lesson, kept, observed)
