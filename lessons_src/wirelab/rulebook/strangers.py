"""Lesson 16: who is let in. The server under test has `/guarded`, which takes a moment for each client.

It lets in who says `{"token":"sesame"}`, and refuses others with a message and the data `{"hint":"sesame"}`;
who says `{"token":"late"}` is refused with a message alone. The event `to-all` is sent to all there,
as `said-to-all`.
"""

from __future__ import annotations

import json

from wirelab.rulebook.rule import PRACTICE, SOCKET_IO, Chapter
from wirelab.rulebook.wire import Line, Wire, need, short

CHAPTER = Chapter(16)
rule = CHAPTER.rule
CONNECTION = '"Connection to a namespace"'
LET_ME_IN = '40/guarded,{"token":"sesame"}'


async def _answer(line: Line) -> str:
    """The answer of the guarded namespace. Raises Broken."""
    text = await line.next()
    while isinstance(text, str) and not text.startswith(("40/guarded", "44/guarded")):
        text = await line.next()
    need(isinstance(text, str), "A client that asked to be let in got no answer.")
    return str(text)


@rule("hands what a client says of itself to the application", SOCKET_IO, CONNECTION)
async def said(wire: Wire) -> str:
    for payload, wanted in (('{"token":"123"}', '{"token":"123"}'), ("", "{}")):
        line, _ = await wire.line()
        await line.send(f"40{payload}")
        told = await line.event("auth")
        need(told == f'42["auth",{wanted}]', f"`40{payload}` reached the application as {short(told)}.")
    return 'Both `40{"token":"123"}` and `40` reached the application, the second as `{}`.'


@rule("lets in whom the application lets in", SOCKET_IO, CONNECTION)
async def friend(wire: Wire) -> str:
    line, _ = await wire.line()
    await line.send(LET_ME_IN)
    answer = await _answer(line)
    need(answer.startswith('40/guarded,{"sid"'), f"With the right token the answer was {short(answer)}.")
    return "With the right token a client came in."


@rule("tells who is refused why, with the data of the application", SOCKET_IO, CONNECTION)
async def refused(wire: Wire) -> str:
    line, _ = await wire.line()
    await line.send('40/guarded,{"token":"guess"}')
    answer = await _answer(line)
    need(answer.startswith("44/guarded,{"), f"With a wrong token the answer was {short(answer)}.")
    reason = json.loads(answer.removeprefix("44/guarded,"))
    need(reason.get("message"), f"The refusal has no message: {short(answer)}.")
    need(reason.get("data") == {"hint": "sesame"}, f"The data of the refusal was {short(reason)}.")
    return f"With a wrong token the answer was {short(answer, 80)}."


@rule("says nothing besides if the application has no data for who is refused", SOCKET_IO, CONNECTION)
async def no_data(wire: Wire) -> str:
    line, _ = await wire.line()
    await line.send('40/guarded,{"token":"late"}')
    answer = await _answer(line)
    need(answer == '44/guarded,{"message":"closed today"}', f"A refusal without data was {short(answer)}.")
    return f"A refusal without data was {short(answer)}."


@rule("lets who is refused ask again over the same connection", PRACTICE)
async def asks_again(wire: Wire) -> str:
    line, _ = await wire.line()
    await line.send('40/guarded,{"token":"guess"}')
    answer = await _answer(line)
    need(answer.startswith("44/guarded"), f"With a wrong token the answer was {short(answer)}.")
    await line.send(LET_ME_IN)
    answer = await _answer(line)
    need(answer.startswith('40/guarded,{"sid"'), f"After a refusal the right token got {short(answer)}.")
    return "Who was refused, and then had the right token, came in over the same connection."


@rule("tells nobody what is said to all before he is let in", SOCKET_IO, CONNECTION)
async def not_yet(wire: Wire) -> str:
    member, _ = await wire.line()
    await member.send(LET_ME_IN)
    await _answer(member)
    stranger, _ = await wire.line()
    await stranger.send('40/guarded,{"token":"guess"}')
    await member.send('42/guarded,["to-all","for members"]')
    said = '42/guarded,["said-to-all","for members"]'
    while (heard := await member.next()) != said:
        need(heard is not None, "What a member said to all did not come back to him.")
    first = await stranger.next()
    need(isinstance(first, str), "A client that asked to be let in got no answer.")
    need(str(first).startswith("44/guarded"), f"Who was being examined heard {short(first)}.")
    return "While a stranger was examined, he heard nothing of what a member said to all."


@rule("leaves the other namespaces of who is refused in peace", SOCKET_IO, CONNECTION)
async def others_go_on(wire: Wire) -> str:
    line = await wire.talk()
    await line.send("40/guarded,", '42["message","meanwhile"]')
    heard: list[str] = []
    while len(heard) < 2 and isinstance(text := await line.next(), str):
        heard += [text] if text.startswith(("44/guarded,{", '42["message-back"')) else []
    need(len(heard) == 2, f"A refusal here and an answer there were due, and this came: {short(heard)}.")
    await line.send('42["message","after"]')
    need(await line.event("message-back"), "After the refusal the main namespace did not answer any more.")
    return "Before and after the refusal the main namespace answered."


@rule("closes the connection at what is said before its sender is let in", SOCKET_IO, CONNECTION)
async def too_early(wire: Wire) -> str:
    line, _ = await wire.line()
    await line.send(LET_ME_IN, '42/guarded,["message"]')
    need(await line.is_closed(0.7), "An event before the answer to CONNECT: the connection stayed open.")
    return "An event before the answer to CONNECT: the server closed the connection."


@rule("makes one session at most of two CONNECTs in a row", PRACTICE)
async def twice(wire: Wire) -> str:
    line, _ = await wire.line()
    await line.send(LET_ME_IN, LET_ME_IN)
    answers: list[str] = []
    while isinstance(text := await line.next(0.5), str):
        answers += [text] if text.startswith("40/guarded") else []
    need(len(answers) < 2, f"Two CONNECTs made two sessions: {short(answers, 90)}.")
    need(await line.is_closed(0.2), "The second CONNECT was ignored, and the connection stayed open.")
    return "The second CONNECT, while the first was examined: the server closed the connection."
