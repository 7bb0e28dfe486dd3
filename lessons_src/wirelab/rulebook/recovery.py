"""Lesson 18: a short disconnection. Beside the server under test another one listens at `/recovering/`.

That one recovers. It answers `message` with `message-back`, as the other one, and says nothing by itself. The
documents of the two protocols know nothing of recovery: these are the official client's expectations, and
what anybody would expect of a connection that is lost.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from wirelab.rulebook.rule import PRACTICE, Chapter
from wirelab.rulebook.wire import Broken, Line, Wire, need, short

CHAPTER = Chapter(18)
rule = CHAPTER.rule
PATH = "/recovering/"


@dataclass(frozen=True)
class _Return:
    """Somebody who was let in: his line, what the answer said, and the events that came before it."""

    line: Line
    answer: dict[str, Any]
    before: list[list[Any]]

    @property
    def pid(self) -> str:
        pid = self.answer.get("pid")
        need(isinstance(pid, str) and pid, "The answer to `40` had no pid.")
        return str(pid)

    async def hears(self, said: object) -> str:
        """Have the server answer a message; returns the offset of its answer. Raises Broken."""
        await self.line.send(f'42["message",{json.dumps(said)}]')
        text = await self.line.event("message-back")
        need(text, "A message was not answered.")
        event = json.loads(str(text)[2:])
        need(
            len(event) == 3 and isinstance(event[2], str),
            f"An event came as {short(event)}, without an offset.",
        )
        return str(event[2])

    async def is_lost(self) -> None:
        """Its line breaks, and the server is told."""
        self.line.websocket.transport.abort()
        await asyncio.sleep(0.5)


async def _come(wire: Wire, pid: str | None = None, offset: str | None = None) -> _Return:
    """Ask to be let in, as somebody who was there before. Raises Broken."""
    wire.path = PATH
    line, _ = await wire.line()
    claim = {name: value for name, value in (("pid", pid), ("offset", offset)) if value is not None}
    await line.send(f"40{json.dumps(claim)}" if claim else "40")
    before: list[list[Any]] = []
    while isinstance(packet := await line.next(), str):
        if packet.startswith("40{"):
            return _Return(line, json.loads(packet[2:]), before)
        if packet.startswith("42"):
            before.append(json.loads(packet[2:]))
    raise Broken("`40` was not answered.")


@rule("gives each client a private id besides its session id", PRACTICE)
async def private(wire: Wire) -> str:
    first, second = await _come(wire), await _come(wire)
    ids = {first.pid, second.pid, first.answer["sid"], second.answer["sid"]}
    need(len(ids) == 4, "Two clients had less than four ids.")
    return "Two clients had a pid each, and session ids besides."


@rule("puts an offset behind the arguments of an event", PRACTICE)
async def offsets(wire: Wire) -> str:
    ann = await _come(wire)
    first, second = await ann.hears(1), await ann.hears(2)
    need(first != second, "Two events had the same offset.")
    return "Two events had a text more than arguments, each another one."


@rule("sends what was missed, once and before it says who one is", PRACTICE)
async def missed(wire: Wire) -> str:
    ann = await _come(wire)
    offset = await ann.hears("heard")
    await ann.line.send('42["message","missed"]')
    await ann.is_lost()
    back = await _come(wire, ann.pid, offset)
    need(back.answer == ann.answer, "Who came back with his pid and his offset was a new client.")
    texts = [event[1] for event in back.before]
    need(texts == ["missed"], f"Before CONNECT came {short(texts)}.")
    await back.hears("afterwards")
    return "What a client had not heard came before CONNECT, which had the old ids."


@rule("recovers a client that had not heard any event yet", PRACTICE)
async def silent(wire: Wire) -> str:
    ann = await _come(wire)
    pid = ann.pid
    await ann.is_lost()
    back = await _come(wire, pid)
    need(
        back.answer == ann.answer, "Who came back without an offset, having heard nothing, was a new client."
    )
    return "Who came back without an offset was the old client."


@rule("lets a pid take over a connection that the server believes alive", PRACTICE)
async def alive(wire: Wire) -> str:
    ann = await _come(wire)
    offset = await ann.hears("heard")
    back = await _come(wire, ann.pid, offset)
    need(back.answer == ann.answer, "While the old connection looked alive, who came with its pid was new.")
    return "A client was back before the server had noticed, and was the old one."


@rule("never has two connections of one client", PRACTICE)
async def one(wire: Wire) -> str:
    ann = await _come(wire)
    offset = await ann.hears("heard")
    await ann.is_lost()
    first, second = await _come(wire, ann.pid, offset), await _come(wire, ann.pid, offset)
    both = first.answer == second.answer == ann.answer
    need(
        not both or await first.line.is_closed(),
        "Two came with one pid: both were the old client, and stayed.",
    )
    return "Of two that came with one pid, one was the old client in the end."


@rule("recovers nobody who has left", PRACTICE)
async def left(wire: Wire) -> str:
    ann = await _come(wire)
    offset = await ann.hears("heard")
    await ann.line.send("41")
    await ann.is_lost()
    back = await _come(wire, ann.pid, offset)
    need(back.pid != ann.pid, "Who had said `41` came back as the old client.")
    return "Who had said `41` came back as a new client."


@rule("lets in a new client if nobody has the pid that it claims", PRACTICE)
async def unknown(wire: Wire) -> str:
    back = await _come(wire, "nobody", "nothing")
    need(back.answer.get("sid"), "A client with a pid that nobody has got no session id.")
    need(back.pid != "nobody", "A client was let in with a pid that it had made up.")
    return "A pid that nobody has made a new client."
