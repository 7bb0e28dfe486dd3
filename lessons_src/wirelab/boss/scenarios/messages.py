"""What a message can be, where it goes, and whether its sender learns of it."""

from __future__ import annotations

from wirelab.boss.lab import Lab, answered, statuses
from wirelab.boss.subject import Fault, Missing
from wirelab.middlebox import Blackhole
from wirelab.waiting import eventually

IMAGE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 800
"""200 kB that are neither text nor JSON."""


async def images(lab: Lab) -> str:
    """A picture with its caption, between two lines of text."""
    client = await lab.client(await lab.box(await lab.server()))
    sent = ["Look:", {"caption": "The harbour", "image": IMAGE}, "Nice?"]
    for message in sent:
        await client.send(message)
    await eventually(lambda: len(client.inbox) == len(sent))
    if client.inbox == sent:
        return "A text, an image with its caption and a text arrived in this order, every byte as it was."
    if sent[1] in client.inbox:
        raise Fault("The image arrived with its caption, but not every text did, or not in its place.")
    raise Fault("The message with the image in it did not arrive as it was sent.")


async def acknowledgements(lab: Lab) -> str:
    """One message arrives, the next is swallowed by the line."""
    box = await lab.box(await lab.server())
    client = await lab.client(box)
    try:
        await client.confirm("This arrives", patience=2)
    except TimeoutError:
        raise Fault("The message arrived, and its sender was never told.") from None
    except Missing:
        box.rules = [Blackhole()]
        await client.send("This is swallowed")
        raise Fault("The line swallowed a message, and nobody told the sender, who was content.") from None
    box.rules = [Blackhole()]
    try:
        await client.confirm("This is swallowed", patience=0.5)
    except TimeoutError:
        return "The sender was told when a message had arrived, and got a time-out when it was swallowed."
    raise Fault("The line swallowed a message, and the sender was told that it had arrived.")


async def endpoints(lab: Lab) -> str:
    """The chat and the news, as two conversations on one wire."""
    box = await lab.box(await lab.server())
    chat = await lab.client(box)
    news = await chat.endpoint("/news")
    if not (await answered(chat, "in the chat") and await answered(news, "in the news")):
        raise Fault("A message to one of two endpoints was not answered there.")
    if (chat.inbox, news.inbox) != (["in the chat"], ["in the news"]):
        raise Fault("What was said at one endpoint was heard at the other.")
    if sum(status.startswith("101") for status in statuses(box)) > 1:
        raise Fault("The second endpoint was answered on a second connection of its own.")
    return "Two endpoints were answered apart from each other, over one connection."
