"""Several clients at one server."""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial

from wirelab.boss.lab import Lab, answered
from wirelab.boss.subject import Client, Fault, Missing, Visitor
from wirelab.middlebox import Rate
from wirelab.trace import Direction
from wirelab.waiting import eventually

LONG = "x" * 200_000
FLOOD = 30
"""So many long messages are more than what systems keep for a client that does not read (some megabytes)."""


async def rooms(lab: Lab) -> str:
    """Two in the kitchen, one in the garden; a message for the kitchen, then one for everyone."""
    box = await lab.box(await lab.server())
    ann, ben, cid = [await lab.client(box, Visitor(name)) for name in ("Ann", "Ben", "Cid")]
    for client, room in ((ann, "kitchen"), (ben, "kitchen"), (cid, "garden")):
        await client.join(room)
    await ann.tell("kitchen", "Soup is ready")
    await ann.tell(None, "Good night")
    await eventually(lambda: all("Good night" in client.inbox for client in (ann, ben, cid)))
    if cid.inbox == ["Soup is ready", "Good night"]:
        raise Fault("What was said in one room was heard in the other.")
    if not ann.inbox == ben.inbox == ["Soup is ready", "Good night"]:
        raise Fault("What was said in a room did not reach everyone there.")
    if cid.inbox != ["Good night"]:
        raise Fault("What was said to everyone did not reach everyone.")
    return "One room heard what was said in it, the other did not; what was for everyone reached everyone."


async def who_is_there(lab: Lab) -> str:
    """Two clients tell the server something about themselves; then a stranger knocks."""
    box = await lab.box(await lab.server())
    if await lab.talks(box, Visitor("Mallory", password="guess")):
        raise Fault("A stranger with a wrong password got in and was answered like anyone.")
    ann, ben = [await lab.client(box, Visitor(name)) for name in ("Ann", "Ben")]
    await ann.remember("likes tea")
    await ben.remember("likes coffee")
    if [await ann.recall(), await ben.recall()] != [["Ann", "likes tea"], ["Ben", "likes coffee"]]:
        raise Fault("A stranger was kept out, but the server did not remember who is who.")
    return "The server knew who was who and what each had told it; a stranger was kept out."


async def slow_client(lab: Lab) -> str:
    """One client's line lets next to nothing through, while much is sent to everyone."""
    server = await lab.server()
    line = await lab.box(server)
    slow = await lab.client(line)
    ben = await lab.client(server)
    line.rules = [Rate(1_000, direction=Direction.DOWN)]
    try:
        await _flood_everyone(ben, lab.subject.heartbeat / 2)
    except Missing:
        return await _beside_a_slow_reader(slow, ben)
    except (ConnectionError, TimeoutError):
        raise Fault("One client read next to nothing, and what was sent to everyone waited for it.") from None
    return "One client read next to nothing; the others got all that was sent to everyone."


async def _flood_everyone(client: Client, patience: float) -> None:
    """Raises TimeoutError if nothing moves on for `patience` seconds.

    A server that waits for its slowest client waits longer: until that client's heartbeat fails.
    """
    for _ in range(FLOOD):
        await asyncio.wait_for(client.tell(None, LONG), patience)
    for count in range(1, FLOOD + 1):
        if not await eventually(partial(_has_heard, client, count), patience):
            raise TimeoutError


def _has_heard(client: Client, count: int) -> bool:
    return len(client.inbox) >= count


async def _beside_a_slow_reader(slow: Client, ben: Client) -> str:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.5):
            for _ in range(FLOOD):
                await slow.send(LONG)
    if not await answered(ben, "Hello"):
        raise Fault("One client read next to nothing of its answers, and nobody else was answered.")
    return "One client read next to nothing of its answers; another was answered all the same."
