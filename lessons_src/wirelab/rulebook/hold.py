"""Hold a server against the rules."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

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
from wirelab.waiting import surely

CHAPTERS = (events, polling, upgrade, heartbeat, binary, acknowledgements, namespaces, strangers, recovery)
RULES: tuple[Rule, ...] = tuple(rule for chapter in CHAPTERS for rule in chapter.CHAPTER.rules)
TIME_LIMIT = 12.0
"""Seconds that a rule may take, for a server that hangs."""
AT_ONCE = 8
"""So many rules are tried side by side."""


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
    async with aiohttp.ClientSession(connector=connector) as http:
        wanted = [rule for rule in rules if rule.lesson <= lesson]
        found = await asyncio.gather(*(_find_out(rule, Wire(port_of(server), http), room) for rule in wanted))
    return Rulebook(name, tuple(found))


async def _find_out(rule: Rule, wire: Wire, room: asyncio.Semaphore) -> Finding:
    for _ in range(rule.tries):
        async with room:
            finding = await surely(lambda: _try(rule, wire), lambda found: found.kept)
        if finding.kept:
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
