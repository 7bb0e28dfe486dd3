"""Cables, servers and clients that go away, for good or for a moment."""

from __future__ import annotations

import contextlib

from wirelab.boss.lab import Lab, answered, server_let_go
from wirelab.boss.subject import Fault, Missing, Visitor
from wirelab.middlebox import Blackhole, Delay, ResetBoth
from wirelab.trace import Direction, Leg, Record
from wirelab.waiting import eventually

THE_END = "The cable was pulled; nobody said goodbye."
MARGIN = 2.0
"""Seconds that a heartbeat may be late."""


async def gone_without_a_word(lab: Lab) -> str:
    """The cable is pulled: the connection stays open at both ends, and nothing passes."""
    box = await lab.box(await lab.server())
    client = await lab.client(box)
    await eventually(lambda: len(box.flows) == 1)  # polls that were answered may still be hanging up
    pulled = max(record.time for record in box.trace)
    box.rules = [Blackhole()]
    patience = lab.subject.heartbeat + MARGIN
    await eventually(lambda: server_let_go(box, pulled) and not client.connected, patience)
    match server_let_go(box, pulled), not client.connected:
        case True, True:
            return f"{THE_END} Both ends missed the other's heartbeat and let go."
        case True, False:
            raise Fault(f"{THE_END} The server noticed; the client did not, and still waits.")
        case False, True:
            raise Fault(f"{THE_END} The client noticed; the server did not, and still waits.")
    raise Fault(f"{THE_END} Neither end noticed, and both still wait.")


async def server_comes_back(lab: Lab) -> str:
    """The server ends, and another one starts at the same address."""
    server = await lab.server()
    client = await lab.client(await lab.box(server), make=lab.subject.returning)
    await lab.stop(server)
    if not await eventually(lambda: not client.connected):
        raise Fault("The server ended, and the client did not notice.")
    await lab.server(server)
    if not await eventually(lambda: client.connected):
        raise Fault("The server ended and came back; the client stayed away.")
    if not await answered(client, "Hello again"):
        raise Fault("The server ended and came back, and so did the client, but it got no answer any more.")
    client.answer_for_its_return()
    return "The server ended and came back; the client connected again by itself and was answered."


async def nothing_lost(lab: Lab) -> str:
    """The line breaks with a message on its way to the client, and another comes while it is away."""
    server = await lab.server()
    box = await lab.box(server)
    client = await lab.client(box, Visitor("Ann"))
    friend = await lab.client(server, Visitor("Ben"))
    wanted: list[object] = ["before"]
    await answered(client, "before")

    holding = Delay(60, direction=Direction.DOWN)
    box.rules = [holding]
    sent = len(box.trace)
    wanted.append("under way")
    await client.send("under way")
    await eventually(lambda: any(_from_server(record) for record in box.trace.since(sent)))

    box.rules = [ResetBoth(), holding]
    await eventually(lambda: not client.connected)
    with contextlib.suppress(Missing):
        await friend.tell(None, "while away")
        wanted.append("while away")
    box.rules = []
    if not await eventually(lambda: client.connected):
        raise Fault("The line broke for a moment; what was under way was lost, and the client stayed away.")
    wanted.append("after")
    await client.send("after")
    await eventually(lambda: "after" in client.inbox)
    return _compare(wanted, client.inbox)


def _from_server(record: Record) -> bool:
    return record.leg is Leg.SERVER and record.direction is Direction.DOWN


def _compare(wanted: list[object], got: list[object]) -> str:
    lost = [f'"{message}"' for message in wanted if message not in got]
    twice = [f'"{message}"' for message in wanted if got.count(message) > 1]
    if lost:
        raise Fault(f"The line broke for a moment; the client came back and never got {' and '.join(lost)}.")
    if twice:
        raise Fault(f"The line broke for a moment; the client came back and got {' and '.join(twice)} twice.")
    if got != wanted:
        raise Fault("The line broke for a moment, and every message arrived once, but in another order.")
    return "The line broke for a moment; every message arrived, once and in order."
