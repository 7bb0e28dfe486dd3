"""Lesson 13: acknowledgements. The server under test acknowledges `message-with-ack` with its arguments."""

from __future__ import annotations

from wirelab.rulebook.rule import PRACTICE, SOCKET_IO, Chapter
from wirelab.rulebook.wire import Line, Wire, need, short

CHAPTER = Chapter(13)
rule = CHAPTER.rule
ACKNOWLEDGEMENT, ENCODING = '"Acknowledgement"', '"Packet encoding"'
FIRST, SECOND = b"\x89PNG\r\n", b"\x00\xff\xfe"
TWO = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}'


async def _acknowledgement(line: Line, kind: str = "43") -> str:
    """The text of the next acknowledgement. Raises Broken."""
    text = await line.next()
    while isinstance(text, str) and not text.startswith(kind):
        text = await line.next()
    need(isinstance(text, str), "An event that asked for an acknowledgement got none.")
    return str(text)


@rule("acknowledges an event under its number", SOCKET_IO, ACKNOWLEDGEMENT)
async def acknowledges(wire: Wire) -> str:
    line = await wire.talk()
    await line.send('42456["message-with-ack",1,"2",{"3":[false]}]')
    answer = await _acknowledgement(line)
    need(answer == '43456[1,"2",{"3":[false]}]', f"The acknowledgement was {short(answer)}.")
    return "An event with the number 456 was acknowledged with what its handler said, under 456."


@rule("takes 0 for a number", SOCKET_IO, ACKNOWLEDGEMENT)
async def zero(wire: Wire) -> str:
    line = await wire.talk()
    await line.send('420["message-with-ack","x"]')
    answer = await _acknowledgement(line)
    need(answer == '430["x"]', f"The acknowledgement was {short(answer)}.")
    return "An event with the number 0 was acknowledged."


@rule("acknowledges bytes with bytes", SOCKET_IO, ENCODING)
async def binary(wire: Wire) -> str:
    line = await wire.talk()
    await line.send(f'452-789["message-with-ack",{TWO}]', FIRST, SECOND)
    answer = await _acknowledgement(line, "46")
    need(answer == f"462-789[{TWO}]", f"The acknowledgement was {short(answer)}.")
    attachments = [await line.next(), await line.next()]
    need(attachments == [FIRST, SECOND], f"The bytes came back as {short(attachments)}.")
    return "Two attachments came back in an acknowledgement."


@rule("says each number once, and none unasked", SOCKET_IO, ACKNOWLEDGEMENT)
async def once(wire: Wire) -> str:
    line = await wire.talk()
    await line.send('42["message-with-ack",1]', '427["message-with-ack",2]', '42["message","last"]')
    heard: list[str] = []
    while isinstance(text := await line.next(), str) and not text.startswith('42["message-back"'):
        heard += [text] if text.startswith("43") else []
    need(text, "An event after two others was not answered.")
    need(heard == ["437[2]"], f"One acknowledgement was due, and these came: {short(heard)}.")
    return "Two events, one of them with a number: one acknowledgement came."


@rule("ignores an acknowledgement that nobody waits for", PRACTICE)
async def unknown(wire: Wire) -> str:
    line = await wire.talk()
    await line.send("4399[1]", "43[]", '42["message","after"]')
    need(await line.event("message-back"), "After an acknowledgement of nothing it said nothing any more.")
    return "Two acknowledgements of nothing, and the next event was answered."


@rule("closes the connection at an acknowledgement that is no array", SOCKET_IO, ENCODING)
async def no_array(wire: Wire) -> str:
    line = await wire.talk()
    await line.send('430{"a":1}')
    need(await line.is_closed(0.7), 'After `430{"a":1}` the connection stayed open.')
    return 'The server closed the connection at `430{"a":1}`.'


@rule("closes the connection at a number that is none", SOCKET_IO, ENCODING)
async def no_number(wire: Wire) -> str:
    line = await wire.talk()
    await line.send('42abc["message-with-ack",1]')
    need(await line.is_closed(0.7), 'After `42abc["message-with-ack",1]` the connection stayed open.')
    return 'The server closed the connection at `42abc["message-with-ack",1]`.'
