"""Lesson 15: several namespaces. The server under test has `/custom`, which does what the main one does."""

from __future__ import annotations

import json

from wirelab.rulebook.rule import PRACTICE, SOCKET_IO, Chapter
from wirelab.rulebook.wire import Line, Wire, need, short

CHAPTER = Chapter(15)
rule = CHAPTER.rule
INTRODUCTION, CONNECTION, LEAVING = (
    '"Introduction"',
    '"Connection to a namespace"',
    '"Disconnection from a namespace"',
)
WAITING = 3.0
"""Seconds after which a server that is asked to hurry should have done with who is in no namespace."""


async def _next(line: Line, begins: str) -> str:
    """The next packet that begins so; others are passed over. Raises Broken."""
    text = await line.next()
    while isinstance(text, str) and not text.startswith(begins):
        text = await line.next()
    need(isinstance(text, str), f"`{begins}…` was due, and never came.")
    return str(text)


async def _both(wire: Wire) -> Line:
    """A line that has joined the main namespace and `/custom`. Raises Broken."""
    line = await wire.talk()
    await line.send("40/custom,")
    await _next(line, "40/custom,{")
    return line


@rule("lets a client into a second namespace over the same connection", SOCKET_IO, INTRODUCTION)
async def second(wire: Wire) -> str:
    line, _ = await wire.line()
    first = await line.join()
    await line.send("40/custom")
    answer = json.loads((await _next(line, "40/custom,{")).removeprefix("40/custom,"))
    need(answer.get("sid"), f"The answer to `40/custom` was {short(answer)}.")
    need(answer["sid"] != first.get("sid"), "Two namespaces had the same session id.")
    return "`40/custom` was answered with a session id of its own, beside the main namespace."


@rule("needs no main namespace for another one", SOCKET_IO, CONNECTION)
async def alone(wire: Wire) -> str:
    line, _ = await wire.line()
    await line.send("40/custom,")
    await _next(line, "40/custom,{")
    await line.send('42/custom,["message","alone"]')
    await _next(line, '42/custom,["message-back","alone"]')
    return "A client that joined `/custom` alone was answered there."


@rule("answers in the namespace in which it was asked", SOCKET_IO, INTRODUCTION)
async def apart(wire: Wire) -> str:
    line = await _both(wire)
    await line.send('42/custom,["message","there"]', '42["message","here"]')
    heard: list[str] = []
    while len(heard) < 2:
        text = await _next(line, "42")
        heard += [text] if "message-back" in text else []
    wanted = ['42/custom,["message-back","there"]', '42["message-back","here"]']
    need(heard == wanted, f"What was said in two namespaces came back as {short(heard, 120)}.")
    return "Two events in two namespaces were answered each in its own."


@rule("acknowledges in the namespace in which it was asked", SOCKET_IO, '"Acknowledgement"')
async def acknowledges(wire: Wire) -> str:
    line = await _both(wire)
    await line.send('42/custom,0["message-with-ack","there"]', '420["message-with-ack","here"]')
    heard = [await _next(line, "43") for _ in range(2)]
    need(heard == ['43/custom,0["there"]', '430["here"]'], f"The acknowledgements were {short(heard)}.")
    return "The same number in two namespaces was acknowledged in each."


@rule("refuses a namespace that it does not have, and says so", SOCKET_IO, CONNECTION)
async def unknown(wire: Wire) -> str:
    line = await wire.talk()
    await line.send("40/random", '42["message","after"]')
    refusal = await _next(line, "44/random,")
    reason = json.loads(refusal.removeprefix("44/random,"))
    need(isinstance(reason, dict) and reason.get("message"), f"The refusal was {short(refusal)}.")
    need(await line.event("message-back"), "After the refusal the main namespace was not answered any more.")
    return f"`40/random` was answered {short(refusal)}, and the main namespace went on."


@rule("does not wait for ever for a client that is in no namespace", PRACTICE)
async def stays_outside(wire: Wire) -> str:
    line, _ = await wire.line()
    await line.send("40/random")
    await _next(line, "44/random,")
    need(await line.is_closed(WAITING), f"Who was refused could stay for {WAITING:g} seconds and more.")
    return "Who was refused and joined nothing else was shown out in the end."


@rule("closes the connection at an event to a namespace that was not joined", SOCKET_IO, CONNECTION)
async def not_joined(wire: Wire) -> str:
    line = await wire.talk()
    await line.send('42/custom,["message"]')
    need(await line.is_closed(0.7), "An event to `/custom` without `40/custom`: the connection stayed open.")
    return "An event to a namespace that was not joined: the server closed the connection."


@rule("closes the connection at a second CONNECT to the same namespace", SOCKET_IO, CONNECTION)
async def twice(wire: Wire) -> str:
    line = await _both(wire)
    await line.send("40/custom,")
    need(await line.is_closed(0.7), "A second `40/custom` was taken or ignored, and it stayed open.")
    return "A second `40/custom`: the server closed the connection."


@rule("lets a client leave one namespace and stay in the other", SOCKET_IO, LEAVING)
async def leaves_one(wire: Wire) -> str:
    line = await _both(wire)
    await line.send("41/custom,", '42["message","still here"]')
    need(await line.event("message-back"), "After `41/custom` the main namespace was not answered any more.")
    await line.send("40/custom,")
    await _next(line, "40/custom,{")
    return "After `41/custom` the main namespace went on, and `40/custom` was taken again."
