"""Lesson 08: the packets of Socket.IO. The server under test answers `message` with `message-back`."""

from __future__ import annotations

import json

from wirelab.rulebook.rule import PRACTICE, SOCKET_IO, Chapter
from wirelab.rulebook.wire import Broken, Wire, need, short

CHAPTER = Chapter(8)
rule = CHAPTER.rule
CONNECTION, DATA, ENCODING = (
    '"Connection to a namespace"',
    '"Sending and receiving data"',
    '"Packet encoding"',
)


@rule("answers CONNECT with CONNECT and a session id", SOCKET_IO, CONNECTION)
async def connect(wire: Wire) -> str:
    line, opening = await wire.line()
    sid = (await line.join()).get("sid")
    need(isinstance(sid, str) and sid, f"The answer to `40` had the sid {short(sid)}.")
    need(sid != opening["sid"], "The session id of Socket.IO was that of Engine.IO, which is a secret.")
    return '`40` was answered `40{"sid":…}`, and the id was not that of Engine.IO.'


@rule("says nothing before CONNECT is answered", SOCKET_IO, CONNECTION)
async def connect_first(wire: Wire) -> str:
    line, _ = await wire.line()
    await line.send("40")
    answer = await line.next()
    need(str(answer).startswith("40{"), f"Before the answer to `40` came {short(answer)}.")
    return "The first packet after `40` was the answer to it."


@rule("takes what a client says of itself in CONNECT", SOCKET_IO, CONNECTION)
async def connect_with_payload(wire: Wire) -> str:
    await wire.talk('{"token":"123"}')
    return '`40{"token":"123"}` was answered `40{"sid":…}`.'


@rule("closes the connection if anything comes before CONNECT", SOCKET_IO, CONNECTION)
async def before_connect(wire: Wire) -> str:
    line, _ = await wire.line()
    await line.send('42["message"]')
    need(await line.is_closed(), "An event before CONNECT was ignored, and the connection stayed open.")
    return "An event before CONNECT: the server closed the connection."


@rule("closes the connection at a second CONNECT", SOCKET_IO, CONNECTION)
async def second_connect(wire: Wire) -> str:
    line = await wire.talk()
    await line.send("40")
    need(await line.is_closed(), "A second `40` was taken or ignored, and the connection stayed open.")
    return "A second `40`: the server closed the connection."


async def _closes(wire: Wire, *messages: str | bytes) -> str:
    """Send each of them over a connection of its own, and find it closed. Raises Broken."""
    for message in messages:
        line = await wire.talk()
        await line.send(message)
        if not await line.is_closed(0.7):
            raise Broken(f"After `{short(message)}` the connection stayed open.")
    shown = ", ".join(f"`{short(message, 30)}`" for message in messages)
    return f"The server closed the connection at {shown}."


@rule("closes the connection at a CONNECT whose payload is no object", SOCKET_IO, ENCODING)
async def bad_auth(wire: Wire) -> str:
    for packet in ("40[1]", "40null", '40"x"'):
        line, _ = await wire.line()
        await line.send(packet)
        need(await line.is_closed(0.7), f"After `{packet}` the connection stayed open.")
    return 'The server closed the connection at `40[1]`, `40null` and `40"x"`.'


@rule("closes the connection at an event that is no array, or an empty one", SOCKET_IO, DATA)
async def empty_event(wire: Wire) -> str:
    return await _closes(wire, "42[]", "42", '42{"a":1}')


@rule("closes the connection at an event without a name", SOCKET_IO, DATA)
async def nameless_event(wire: Wire) -> str:
    return await _closes(wire, "42[null]", "42[{}]", "42[true]")


@rule("closes the connection at an event with one of its own names", PRACTICE)
async def reserved_names(wire: Wire) -> str:
    return await _closes(wire, '42["connect"]', '42["disconnect"]', '42["disconnecting"]')


@rule("closes the connection at what is no packet", SOCKET_IO, ENCODING)
async def no_packet(wire: Wire) -> str:
    return await _closes(wire, "4abc", "49", '42["message"', '42²["message"]')


@rule("closes the connection at bytes that no packet announced", SOCKET_IO, ENCODING)
async def bytes_alone(wire: Wire) -> str:
    return await _closes(wire, b"\x01\x02")


@rule("hands on every argument as it was", SOCKET_IO, DATA)
async def arguments(wire: Wire) -> str:
    line = await wire.talk()
    sent = ["你好 🙂", 1, 2.5, None, True, {"3": [True, "é"]}]
    await line.send(f"42{json.dumps(['message', *sent])}")
    answer = await line.event("message-back")
    need(answer, "An event with six arguments was not answered.")
    back = json.loads(str(answer)[2:])
    need(back[1:] == sent, f"The arguments came back as {short(back[1:])}.")
    need('",1,' in str(answer), f"The JSON went out with spaces in it: {short(answer)}.")
    return "Six arguments of all kinds, Chinese and emoji among them, came back as they were."


@rule("takes a number as the name of an event", PRACTICE)
async def number(wire: Wire) -> str:
    line = await wire.talk()
    await line.send("42[1]", '42["message","after"]')
    need(await line.event("message-back"), "After `42[1]` nothing was answered any more.")
    return "`42[1]` was taken, and the next event was answered."


@rule("answers the events of a client in their order", SOCKET_IO, DATA)
async def order(wire: Wire) -> str:
    line = await wire.talk()
    await line.send(*(f'42["message",{count}]' for count in range(50)))
    answers = [await line.event("message-back") for _ in range(50)]
    need(answers == [f'42["message-back",{count}]' for count in range(50)], "Fifty answers came in disorder.")
    return "Fifty events were answered in their order."


@rule(
    "keeps the connection when a client leaves its namespace", SOCKET_IO, '"Disconnection from a namespace"'
)
async def leave(wire: Wire) -> str:
    line = await wire.talk()
    await line.send("41")
    need(not await line.is_closed(0.3), "`41` was answered with the end of the connection.")
    return "After `41` the connection stayed open, and nothing was said to it."


@rule("never sends what is no JSON", PRACTICE)
async def infinity(wire: Wire) -> str:
    line = await wire.talk()
    await line.send('42["message",1e400]')
    answer = await line.event("message-back")
    need(not answer or "Infinity" not in answer, f"1e400 came back as {short(answer)}, which is no JSON.")
    return f"1e400 came back as {short(answer)}." if answer else "The server closed the connection at 1e400."


@rule("lets nobody suffer from what another client sends", PRACTICE)
async def others(wire: Wire) -> str:
    line, other = await wire.talk(), await wire.talk()
    await line.send('42["message","\\ud800"]', "42" + "[" * 100_000, f'42["message",{"9" * 5000}]')
    await other.send('42["message","well"]')
    need(
        await other.event("message-back"),
        "Half a character, and then another client was not answered any more.",
    )
    return "Half a character, deep nesting and a huge number; another client was answered all the same."
