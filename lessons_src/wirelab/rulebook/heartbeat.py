"""Lesson 10: the heartbeat. It is seen only if the server announces a short one (two seconds at most)."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from wirelab.rulebook.rule import ENGINE_IO, Chapter
from wirelab.rulebook.wire import SOON, Wire, need, short

CHAPTER = Chapter(10, tries=2)
rule = CHAPTER.rule
HEARTBEAT = '"Heartbeat"'
SHORT = 2.0
LATE = 0.35
"""Seconds by which a server on a busy machine may be late."""


def _seconds(opening: dict[str, Any]) -> tuple[float, float]:
    """The interval and the time-out that the server announces. Raises Broken if nobody could wait so long."""
    interval, timeout = opening["pingInterval"] / 1000, opening["pingTimeout"] / 1000
    need(interval > 0, f"It announces a pingInterval of {opening['pingInterval']} ms.")
    need(interval + timeout <= SHORT, f"It announces {interval:g} s and {timeout:g} s: nobody waits so long.")
    return interval, timeout


@rule("sends a ping each pingInterval over WebSocket", ENGINE_IO, HEARTBEAT)
async def websocket_pings(wire: Wire) -> str:
    line, opening = await wire.line()
    interval, timeout = _seconds(opening)
    line.answers_pings = False
    for _ in range(3):
        begin = time.monotonic()
        packet = await line.next(interval + timeout + LATE)
        need(packet == "2", f"Where a ping was due, this came: {short(packet)}.")
        need(time.monotonic() - begin > interval / 2, "The pings came faster than announced.")
        await line.send("3")
    return "Three pings came, and three pongs kept the connection open."


@rule("sends a ping each pingInterval over polling", ENGINE_IO, HEARTBEAT)
async def polling_pings(wire: Wire) -> str:
    opening = await wire.opening()
    interval, timeout = _seconds(opening)
    for _ in range(3):
        answer = await asyncio.wait_for(wire.ask(sid=opening["sid"]), interval + timeout + LATE)
        need((answer.status, answer.text) == (200, "2"), f"Where a ping was due, this came: {answer}.")
        await wire.post(opening["sid"], "3")
    return "Three polls brought three pings, and three pongs kept the session open."


@rule("closes a WebSocket whose client does not answer, in time", ENGINE_IO, HEARTBEAT)
async def websocket_timeout(wire: Wire) -> str:
    line, opening = await wire.line()
    interval, timeout = _seconds(opening)
    line.answers_pings = False
    begin = time.monotonic()
    need(await line.is_closed(interval + timeout + LATE), "A client without pongs was kept.")
    need(time.monotonic() - begin > interval, "A client was dropped before its pong was due.")
    return "A client without pongs was dropped once pingInterval and pingTimeout were over."


@rule("closes a polling session whose client does not answer, in time", ENGINE_IO, HEARTBEAT)
async def polling_timeout(wire: Wire) -> str:
    opening = await wire.opening()
    await asyncio.sleep(sum(_seconds(opening)) + LATE)
    answer = await asyncio.wait_for(wire.ask(sid=opening["sid"]), SOON)
    need(answer.status == 400, f"After both times a poll was answered {answer}.")
    return f"After both times a poll was answered {answer}."


@rule("closes the session at a ping of the client", ENGINE_IO, HEARTBEAT)
async def wrong_way(wire: Wire) -> str:
    line, _ = await wire.line()
    await line.send("2")
    need(await line.is_closed(0.25), "A ping of the client was ignored or answered.")
    return "A ping of the client was answered with the end of the connection."


@rule("remembers across the upgrade that a pong is missing", ENGINE_IO, HEARTBEAT)
async def across_upgrade(wire: Wire) -> str:
    opening = await wire.opening()
    interval, timeout = _seconds(opening)
    await wire.post(opening["sid"], "40")  # who never connects may be closed for that
    async with asyncio.timeout(interval + timeout + LATE):
        while (answer := await wire.ask(sid=opening["sid"])).text != "2":
            need(answer.status == 200, f"Where a ping was due, this came: {answer}.")
    line = await wire.websocket(opening["sid"])
    need(line, "The WebSocket was refused.")
    assert line is not None
    line.answers_pings = False
    await line.send("2probe", "5")
    patience = 2 * (interval + timeout) + LATE
    need(await line.is_closed(patience), "A ping before the upgrade was never answered, and nobody noticed.")
    return "A ping before the upgrade was never answered: the server closed the connection in time."
