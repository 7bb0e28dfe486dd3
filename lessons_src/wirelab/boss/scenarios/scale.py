"""Two servers in the place of one."""

from __future__ import annotations

import asyncio

from wirelab.boss.lab import Lab, answered, statuses
from wirelab.boss.subject import Client, Fault
from wirelab.middlebox import IdleTimeout, Middlebox, RoundRobin, StickyByCookie
from wirelab.waiting import eventually

IDLE = 2.0
"""Seconds of silence after which the balancer hangs up."""


async def load_balancer(lab: Lab) -> str:
    """What counts: two clients keep talking behind a balancer that is sticky and hangs up on silent lines.

    Round robin is tried too, and told, but not required: Socket.IO's own manual asks for stickiness.
    """
    servers = await lab.two_servers()
    in_turn = await lab.box(servers[0], RoundRobin(servers))
    sticky = await lab.box(servers[0], IdleTimeout(IDLE), StickyByCookie(servers))
    talks, (talked, still_talks) = await asyncio.gather(lab.talks(in_turn), _keep_talking(lab, sticky))
    round_robin = "round robin did too" if talks else _refusal(statuses(in_turn))
    if not talked:
        raise Fault(f"Behind a sticky balancer not every client was answered; {round_robin}.")
    if not still_talks:
        raise Fault(f"A sticky balancer worked until nobody spoke for a while; {round_robin}.")
    return f"A sticky balancer worked, also when nobody spoke for a while; {round_robin}."


async def _keep_talking(lab: Lab, box: Middlebox) -> tuple[bool, bool]:
    """Whether two clients are answered, and whether they still are after a while of silence."""
    try:
        clients = [await lab.client(box) for _ in range(2)]
    except ConnectionError:
        return False, False
    talked = await _all_answered(clients)
    await asyncio.sleep(1.25 * IDLE)
    return talked, await _all_answered(clients)


def _refusal(answers: list[str]) -> str:
    refused = [status for status in answers if status.startswith("4")]
    return f"round robin was answered {refused[0]}" if refused else "nobody was answered behind round robin"


async def _all_answered(clients: list[Client]) -> bool:
    return all([await answered(client, "Still there?") for client in clients])


async def past_one_server(lab: Lab) -> str:
    """A client on either of two servers, and a message for everyone."""
    one, two = await lab.two_servers()
    ann = await lab.client(await lab.box(one))
    ben = await lab.client(await lab.box(two))
    await ann.tell(None, "Good morning")
    await answered(ben, "a moment later")
    if not await eventually(lambda: "Good morning" in ann.inbox):
        raise Fault("A message for everyone did not even reach the clients of the same server.")
    if not await eventually(lambda: "Good morning" in ben.inbox, timeout=2):
        raise Fault("A message for everyone reached the clients of one server, and nobody at the other.")
    return "A message for everyone reached the client of the other server, too."
