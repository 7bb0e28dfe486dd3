"""What a stranger may say to a server: good packets, packets that were changed, and what was never one."""

import random

GOOD = ('42["echo","Hello",1,{"deep":[null,true,1.5]}]', '42["echo","你好 🙂"]', "43[]", "3", "6")
SEEDS = (
    *GOOD,
    '40{"token":"sesame"}',
    '4213["echo"]',
    "4213[]",
    '40{"pid":"unknown","offset":"k-1"}',
    '40/news,{"pid":{},"offset":[1]}',
    "40/news,",
    '42/news,["echo"]',
    "41",
    "41/news,",
    "40/room-1,",
    '42/room-1,["join","gold"]',
    '40/gate,{"token":"sesame"}',
    "40/gate,",
    '42["ask"]',
    "430[1]",
    "431[]",
    '42["join","gold"]',
    '42/news,7["echo",1]',
    '451-["echo",{"_placeholder":true,"num":0}]\x1ebAQIDBA==',
    '452-["echo",[{"_placeholder":true,"num":1}],{"_placeholder":true,"num":0}]\x1ebAQID\x1e3\x1eb',
    '461-7[{"_placeholder":true,"num":0}]\x1ebAQIDBA==',
    '450-["echo"]',
    '4511-["echo"]',
    '44{"message":"no"}',
    "2",
    "2probe",
    "5",
    "1",
    "bAQIDBA==",
    '42["echo",1e400,-0,1E-7,"\\ud800\\u0000"]',
)
PIECES = (
    '{"_placeholder":true,"num":0}',
    "\x1eb////",
    "\x1e",
    "b",
    "²",
    "\ud83d",
    "[" * 2000,
    "9" * 5000,
    "1e999",
    "NaN",
    "null",
    '"',
    ",",
    "0",
    "4",
    "-",
    "\0",
)
ROOM = 1000
"""Bytes that the attachments of one event may have."""


def mutated(chance: random.Random, text: str) -> str:
    """The text with some of it changed."""
    for _ in range(chance.randrange(4)):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.choice((0, 0, 1, 1, 2, 8)))
        match chance.randrange(4):
            case 0:
                text = text[:start] + chance.choice(PIECES) + text[end:]
            case 1:
                text = (
                    text[:start]
                    + chr(chance.choice((chance.randrange(128), chance.randrange(0xD800))))
                    + text[end:]
                )
            case 2:
                text = text[:start] + text[end:]
            case 3:
                text = text[:start] + chance.choice(SEEDS) + text[end:]
    return text


def bytes_of(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def said(chance: random.Random) -> str:
    """A packet: often a good one, else one that was changed, or must not come."""
    return chance.choice(GOOD) if chance.random() < 0.8 else mutated(chance, chance.choice(SEEDS))


def pieces(chance: random.Random) -> list[str | bytes]:
    """A header and its attachments: mostly good, else one is missing, too large or in a wrong place."""
    count = chance.randrange(1, 4)
    order = chance.sample(range(count), count)
    placeholders = ",".join(f'{{"_placeholder":true,"num":{number}}}' for number in order)
    messages: list[str | bytes] = [f'45{count}-["echo",{placeholders}]']
    messages += [chance.randbytes(chance.randrange(9)) for _ in range(count)]
    if chance.random() < 0.1:
        chance.shuffle(messages)
    if chance.random() < 0.1:
        messages.insert(chance.randrange(count + 2), chance.choice(("3", b"", bytes(ROOM), '42["echo"]')))
    if chance.random() < 0.05:
        messages.pop()
    return messages


def frames(chance: random.Random) -> list[str | bytes]:
    """What comes over a WebSocket: the messages of an event with bytes, a packet, or bytes out of nowhere."""
    if chance.random() < 0.3:
        return pieces(chance)
    packet = said(chance)
    is_text = chance.random() < 0.98
    return [packet.encode("utf-8", "ignore").decode() if is_text else bytes_of(packet)]
