"""Lesson 12: bytes among the arguments. The server under test answers `message` with `message-back`."""

from __future__ import annotations

from base64 import b64encode

from wirelab.rulebook.rule import ENGINE_IO, PRACTICE, SOCKET_IO, Chapter
from wirelab.rulebook.wire import Line, Wire, need, short

CHAPTER = Chapter(12)
rule = CHAPTER.rule
DATA, ENCODING = '"Sending and receiving data"', '"Packet encoding"'
FIRST, SECOND = b"\x89PNG\r\n", b"\x00\xff\xfe"
ONE = '{"_placeholder":true,"num":0}'
PATIENCE = 3.0
"""Seconds after which a server that is asked to hurry should give up an attachment that never comes."""


async def _answer(line: Line, count: int) -> tuple[object, ...]:
    """The text and the attachments of an answer that has so many of them. Raises Broken."""
    text = await line.next()
    while isinstance(text, str) and not text.startswith((f'45{count}-["message-back"', '42["message-back"')):
        text = await line.next()
    need(text, "An event with bytes among its arguments was not answered.")
    return (text, *[await line.next() for _ in range(count)])


@rule("hands on bytes among the arguments as bytes", SOCKET_IO, DATA)
async def bytes_back(wire: Wire) -> str:
    line = await wire.talk()
    await line.send(f'451-["message","a",{ONE},1]', FIRST)
    text, attachment = await _answer(line, 1)
    need(text == f'451-["message-back","a",{ONE},1]', f"The header of the answer was {short(text)}.")
    need(attachment == FIRST, f"The bytes came back as {short(attachment)}.")
    return "Six bytes came back as they were, behind a header with a placeholder for them."


@rule("puts several attachments where they belong, however deep", SOCKET_IO, ENCODING)
async def several(wire: Wire) -> str:
    line = await wire.talk()
    crossed = '[{"deep":[{"_placeholder":true,"num":1}]},{"_placeholder":true,"num":0}]'
    await line.send(f'452-["message",{crossed}]', FIRST, SECOND)
    text, *attachments = await _answer(line, 2)
    straight = '[{"deep":[{"_placeholder":true,"num":0}]},{"_placeholder":true,"num":1}]'
    wanted = {(crossed, (FIRST, SECOND)), (straight, (SECOND, FIRST))}
    found = (str(text).removeprefix('452-["message-back",').removesuffix("]"), tuple(attachments))
    need(found in wanted, f"Two attachments came back as {short(text)}, {short(attachments)}.")
    return "Two attachments, one of them deep in an object, came back each in its place."


@rule("carries bytes over polling as `b` and base64", ENGINE_IO, ENCODING)
async def over_polling(wire: Wire) -> str:
    sid = await wire.joined()
    carried = "b" + b64encode(SECOND).decode()
    await wire.post(sid, f'451-["message",{ONE}]\x1e{carried}')
    packets: list[str] = []
    while not any(packet.startswith("b") for packet in packets):
        packets += await wire.poll(sid)
        need(len(packets) < 9, f"Bytes that were posted came back as {short(packets)}.")
    need(carried in packets, f"Bytes that were posted came back as {short(packets)}.")
    return f"Three bytes came back as `{carried}`."


@rule("lets a pong come between a header and its attachment", ENGINE_IO, '"Protocol"')
async def pong_between(wire: Wire) -> str:
    line = await wire.talk()
    await line.send(f'451-["message",{ONE}]', "3", FIRST)
    _, attachment = await _answer(line, 1)
    need(attachment == FIRST, f"After a pong in between, this came back: {short(attachment)}.")
    return "Header, pong, attachment: the event was answered."


async def _closes(wire: Wire, what: str, *messages: str | bytes) -> str:
    line = await wire.talk()
    await line.send(*messages)
    need(await line.is_closed(0.7), f"{what}, and the connection stayed open.")
    return f"{what}: the server closed the connection."


@rule("closes the connection at text where an attachment is due", PRACTICE)
async def text_between(wire: Wire) -> str:
    return await _closes(wire, "A header, and then another event", f'451-["message",{ONE}]', '42["message"]')


@rule("closes the connection at one attachment more than were announced", PRACTICE)
async def one_too_many(wire: Wire) -> str:
    return await _closes(wire, "One announced, two sent", f'451-["message",{ONE}]', FIRST, SECOND)


@rule("closes the connection at a placeholder that no attachment belongs to", PRACTICE)
async def out_of_range(wire: Wire) -> str:
    wrong = '451-["message",{"_placeholder":true,"num":7}]'
    return await _closes(wire, "One attachment, and a placeholder with the number 7", wrong, FIRST)


@rule("closes the connection at a binary event without any attachment", PRACTICE)
async def none_at_all(wire: Wire) -> str:
    return await _closes(wire, 'A header `450-["message"]`', '450-["message"]')


@rule("closes the connection at more than ten attachments", PRACTICE)
async def eleven(wire: Wire) -> str:
    placeholders = ",".join(f'{{"_placeholder":true,"num":{number}}}' for number in range(11))
    attachments = [FIRST] * 11
    return await _closes(wire, "Eleven attachments", f'4511-["message",{placeholders}]', *attachments)


@rule("does not wait for ever for an attachment", PRACTICE)
async def never_sent(wire: Wire) -> str:
    line = await wire.talk()
    await line.send(f'451-["message",{ONE}]')
    need(await line.is_closed(PATIENCE), f"After {PATIENCE:g} seconds it waited for an attachment still.")
    return "A header whose attachment never came: the server closed the connection in the end."
