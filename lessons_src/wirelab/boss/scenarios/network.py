"""What stands between client and server and knows no WebSocket."""

from __future__ import annotations

import asyncio

from wirelab.boss.lab import Lab, statuses
from wirelab.boss.subject import Fault, Visitor
from wirelab.middlebox import ResetUpgrade, StrictProxy, SwallowAnswer

THEY_MEET = "A firewall reset the connection at Upgrade, an antivirus swallowed the answer to it."


async def firewall(lab: Lab) -> str:
    """A firewall that resets what asks for an upgrade, and an antivirus that swallows the answer to it."""
    server = await lab.server()
    boxes = [await lab.box(server, rule) for rule in (ResetUpgrade(), SwallowAnswer())]
    past_firewall, past_antivirus = await asyncio.gather(*map(lab.talks, boxes))
    if past_firewall and past_antivirus:
        return f"{THEY_MEET} Messages got through all the same."
    if past_firewall:
        raise Fault(f"{THEY_MEET} Messages got through the first, and never through the second.")
    if past_antivirus:
        raise Fault(f"{THEY_MEET} Messages got through the second, and never through the first.")
    raise Fault(f"{THEY_MEET} No message got through.")


async def proxy(lab: Lab) -> str:
    """A proxy that hands on only the headers it understands."""
    box = await lab.box(await lab.server(), StrictProxy())
    if await lab.talks(box):
        return "The proxy dropped the Upgrade header: messages went through as plain HTTP."
    raise Fault(f"The proxy dropped the Upgrade header, and the answer was {statuses(box)[0]}: no way in.")


async def old_browser(lab: Lab) -> str:
    """A browser with XMLHttpRequest and nothing newer."""
    box = await lab.box(await lab.server())
    if await lab.talks(box, Visitor(old_browser=True)):
        return "A browser with nothing but XMLHttpRequest got in, and its message was answered."
    raise Fault(f"XMLHttpRequest was answered {statuses(box)[0]}; without WebSocket there was no way in.")
