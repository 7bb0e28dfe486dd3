# %% [markdown]
# # 12 · Binary
#
# **In {minutes} you teach your server and your client to carry bytes: pictures leave the JSON, travel as they are, and are put back where they
# were. Then you paint one, and everybody in the chat gets it.**

# %% [markdown]
# ## What the boss says
#
# > "The customers like the chat. Now they want to *show* their coins there. Picture and caption together, and under “gold” I want to see gold this
# > time."

# %% tags=["folded"]
# %load_ext wirelab
from wirelab import bench, boss, rulebook
from wirelab.bench import Child
from wirelab.decode import Decoder
from wirelab.exercise import Wrong, check, expect, watch
from wirelab.middlebox import Delay, Middlebox, StrictProxy
from wirelab.plots import bars, gallery
from wirelab.widgets.predict import predict
from wirelab.widgets.web_page import WebPage
from wirelab.widgets.wire import Wire


def chat(server):
    """A chat on that server: each event `picture` goes to everybody, also to who has sent it."""
    everyone = set()

    @server.on("connection")
    def welcome(socket):
        everyone.add(socket)
        socket.on("disconnect", lambda reason: everyone.discard(socket))
        socket.on("picture", lambda *what: [each.emit("picture", *what) for each in tuple(everyone)])

    return server


# %% [markdown] tags=["teacher"]
# **Timing.** 8 minutes until the client is thrown out, 15 for the build, 10 for the rules and the sizes, 8 for the chat. With little time leave out section 9.
#
# **A question to start with:** "You move house. What do you write on the boxes, so that each lamp comes into its room?" A list that says *lamp 1, lamp 2* where the
# lamps belong, and the lamps in boxes with the same numbers: that is the whole lesson.
#
# **What goes wrong in a class.** Somebody sends a photograph of 8 MB, and the page refuses it. Ask what would have happened without that line: that is section 7.
# Somebody paints something rude: it is a chat.

# %% [markdown]
# ## 1. A picture in an event
#
# The folded cell draws the coin of lesson 06 again, as the bytes of a PNG file, and starts the server of lesson 11 as a chat: what one says, all hear. Ann is
# the client that you wrote there.

# %% tags=["folded"]
import asyncio
import json
from base64 import b64encode
from io import BytesIO

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.image import imsave

from handmade import l11_reconnection as l11


def photograph(metal, size):
    """A coin of that metal, `size` pixels wide and high, as the bytes of a PNG file."""
    across, down = np.meshgrid(*2 * [np.linspace(-1.3, 1.3, size)])
    radius = across**2 + down**2
    light = np.where(radius < 1, 0.85 - 0.3 * (across + down) * radius**2, 0.2 - 0.1 * down)
    light *= np.where(abs(radius - 0.74) < 0.03, 0.6, 1)  # the ring along the edge
    colour = np.where((radius < 1)[..., None], to_rgb(metal), to_rgb("lightsteelblue"))
    grain = np.random.default_rng(6).uniform(-0.05, 0.05, colour.shape)
    file = BytesIO()
    imsave(file, np.clip(light[..., None] * colour + grain, 0, 1), format="png")
    return file.getvalue()


gold = photograph("gold", 32)


async def bob(where, *transports):
    """Have Bob send his picture, and print what he says."""
    settings = {"transports": transports or ["websocket"], "base64": b64encode(gold).decode()}
    print(await bench.javascript(bench.program("12/picture.mjs"), url=bench.url(where, scheme="http"), **settings))


before = await bench.start("before", lambda port=0: chat(l11.Server()).listen(port))

# %%
ann = l11.io(bench.url(before, scheme="http"))
try:
    ann.emit("picture", "gold", gold)
except TypeError as error:
    print("TypeError:", error)
ann.disconnect()

# %% [markdown]
# As in lesson 06: JSON has no bytes. You could write base64, a third more on the wire, and the reader has to know which texts are pictures. Bob has the official client, and hands it bytes without a
# thought.
#
# ```js picture.mjs
# import { io } from "socket.io-client";
#
# const socket = io(url, { transports, reconnection: false });
# const gold = Buffer.from(base64, "base64");           // bytes, as any file has them
#
# socket.on("connect", () => socket.emit("picture", "gold", gold));
# socket.on("picture", (caption, picture) => {
#   console.log("Bob sees", caption, "- the same bytes:", gold.equals(picture));
#   socket.disconnect();
# });
# socket.on("disconnect", (reason) => console.log("disconnected:", reason));
# ```

# %%
guess_bob = predict(
    "Bob's client talks to the server of lesson 11. What becomes of his picture?",
    a="An error in his program, like Ann's.",
    b="It arrives as an object of numbers: that is how JavaScript writes bytes in JSON.",
    c="He is thrown out.",
)

# %%
cable = await bench.start("cable", Middlebox(before, [Delay(0.1)]))  # slow, so that one sees who answers what
await bob(cable)
Wire(cable, layer="Socket.IO")

# %%
guess_bob.reveal(
    "c",
    "Look at the wire: an event of a type that your server has no use for, and then the picture. At the first it kept to the rule: what must not come ends the connection.",
    a="`JSON.stringify` does not complain of bytes. And the client did not give it these: it saw them before.",
    b='`JSON.stringify(new Uint8Array([137, 80]))` is `{"0":137,"1":80}`, and a picture like his has ten letters for a byte. (A Buffer of Node.js writes a list of numbers.) That happens if you write the JSON yourself. The client knows better.',
)

# %% [markdown]
# ## 2. How it travels
#
# Click Bob's two messages. The first is text, and says what *belongs* there. The second is the picture, as it is.
#
# ```text
# 451-["picture","gold",{"_placeholder":true,"num":0}]
# …the bytes of the PNG file…
# ```
#
# | piece | name | says |
# |---|---|---|
# | `4` | Engine.IO message | |
# | `5` | BINARY_EVENT | an event with bytes among its arguments |
# | `1-` | number of *attachments* | so many binary messages come after this text |
# | `{"_placeholder":true,"num":0}` | *placeholder* | here belongs the attachment number 0 |
#
# So bytes are taken **out** of the data before it becomes JSON, and put **back** after it was read. They may stand anywhere in it. The first message is the *header*.

# %% [markdown] tags=["exercise"]
# ### Exercise 1 · Out with the bytes
# *15 minutes, medium*
#
# Write `my_take_out(data, attachments)`. `data` is what JSON knows (dicts, lists, texts, numbers, None), with `bytes` in it, anywhere. Return the same data with a placeholder for each of the
# bytes, and append the bytes to the list `attachments`, in the order of their numbers: 0, 1, 2, as one reads the data. The same bytes twice are two attachments. The
# caller's own data must stay as it was: a chat sends it to more than one. (Leave out the ValueError: that is section 6.)
#
# The check puts your function into a server, and Bob looks at what it sends.
#
# <details><summary>The program that the check runs</summary>
#
# ```js album.mjs
# import { io } from "socket.io-client";
#
# const socket = io(url, { transports: ["websocket"], reconnection: false });
#
# const hex = (_, value) => value?.type === "Buffer" ? `<${Buffer.from(value.data).toString("hex")}>` : value;
# socket.on("album", (...album) => {
#   console.log(JSON.stringify(album, hex));
#   process.exit();
# });
# socket.on("disconnect", (reason) => { console.log(reason); process.exit(); });
# setTimeout(() => { console.log("nothing"); process.exit(); }, 3000);
# ```
# </details>

# %% tags=["check"]
from copy import deepcopy
from unittest.mock import patch

from handmade import l12_binary, l12_core

ALBUM = ["coins", {"gold": [b"\x89PNG", 1], "silver": {"front": b"\xff\xd8", "back": None}}, b"", b"\x89PNG"]


def place(number):
    """A placeholder."""
    return {"_placeholder": True, "num": number}


def deep(value):
    """Whether there are bytes in a value, however deep."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return isinstance(value, bytes) or any(deep(each) for each in inner)


def judge(data, wanted_data, wanted_attachments, my_take_out):
    """Hold one result against what it should be."""
    own, attachments = deepcopy(data), []
    got = my_take_out(own, attachments)
    if own != data:
        raise Wrong(f"The caller's own data was {data}, and is {own} now. Build new lists and dicts, and leave the old ones alone.")
    if deep(got):
        raise Wrong(f"There are bytes left in {got}. A list in a dict in a list needs the same treatment: call `my_take_out` for each value. (`b''` is bytes, too.)")
    if attachments != wanted_attachments:
        raise Wrong(f"The attachments of {data} are {wanted_attachments}, in this order, as bytes. Yours are {attachments}.")
    expect(f"what remains of {data}", got, wanted_data)


@check(
    "Four kinds of data: bytes, a dict, a list, and all else. All else is returned as it is.",
    'For bytes: `attachments.append(data)`, then `return {"_placeholder": True, "num": …}`. The number is how many were there before.',
    "For a list: `[my_take_out(each, attachments) for each in data]`. For a dict the same with `{key: … for key, value in data.items()}`.",
    timeout=15,
)
async def check_take_out(my_take_out):
    """Bytes are found wherever they are, and the official client puts them back."""
    for plain in (["no bytes", 1, None, True, {"a": [2.5]}], "text"):
        judge(plain, plain, [], my_take_out)
    judge(b"\x01", place(0), [b"\x01"], my_take_out)
    judge(["a", b"\x01", b"\x02"], ["a", place(0), place(1)], [b"\x01", b"\x02"], my_take_out)
    silver = {"front": place(1), "back": None}
    remains = ["coins", {"gold": [place(0), 1], "silver": silver}, place(2), place(3)]
    judge(ALBUM, remains, [b"\x89PNG", b"\xff\xd8", b"", b"\x89PNG"], my_take_out)
    with patch.object(l12_core, "take_out", my_take_out):
        club = l12_binary.Server()
        club.on("connection", lambda socket: socket.emit("album", *ALBUM))
        async with club.listen() as server, Middlebox(server) as line:
            watch(Wire(line, layer="Socket.IO"))
            said = await bench.javascript(bench.program("12/album.mjs"), url=bench.url(line, scheme="http"))
    seen = '["coins",{"gold":["<89504e47>",1],"silver":{"front":"<ffd8>","back":null}},"<>","<89504e47>"]'
    expect("what the official client sees", said, seen)


await check_take_out.verdict()

# %% tags=["export", "core"]
from typing import Any


def take_out(data: Any, attachments: list[bytes]) -> Any:
    """The data with a placeholder for all bytes in it; they join the `attachments`. Raises ValueError."""
    match data:
        case bytes() | bytearray() | memoryview():
            attachments.append(bytes(data))
            return {"_placeholder": True, "num": len(attachments) - 1}
        case {"_placeholder": _}:
            raise ValueError("beside bytes, an object with the key '_placeholder' could be taken for bytes")
        case dict():
            return {key: take_out(value, attachments) for key, value in data.items()}
        case list() | tuple():
            return [take_out(value, attachments) for value in data]
    return data


# %% [markdown]
# Lists and dicts are built anew, the bytes are not copied: `bytes(data)` of bytes is the same object. (A `bytearray` may change later, so that one *is* copied.)
#
# The second case is for a guest with bad manners, whom you meet in section 6.

# %% [markdown]
# ## 3. A packet is several messages
#
# `l08.encode` writes the header, as soon as the bytes are out. Most packets have none, so it is asked first: if JSON can write the data, there is nothing to take out, and nothing is
# searched.

# %% tags=["export", "core"]
from handmade import l08_meet_socketio as l08
from handmade.l08_meet_socketio import Packet, ProtocolError, Type

MOST = 10
BINARY = {Type.EVENT: Type.BINARY_EVENT, Type.ACK: Type.BINARY_ACK}


def messages_of(packet: Packet) -> list[str | bytes]:
    """Its text, then its attachments. Raises TypeError, ValueError, RecursionError for bad data."""
    try:
        return [l08.encode(packet)]
    except TypeError:  # JSON has no bytes
        if packet.type not in BINARY:
            raise
    attachments: list[bytes] = []
    data = take_out(packet.data, attachments)
    if len(attachments) > MOST:
        raise ValueError(f"{len(attachments)} attachments: the official parser takes {MOST} with one event.")
    header = packet._replace(type=BINARY[packet.type], data=data, attachments=len(attachments))
    return [l08.encode(header), *attachments]


# %%
for message in messages_of(Packet(Type.EVENT, ["picture", "gold", b"\x89PNG"])):
    print(message)

# %% [markdown]
# Ten is what the official parser takes (4.2.7). (The type ACK is for lesson 13. An answer can have bytes, too.)

# %% [markdown]
# ## 4. Back to their places
#
# The receiver reads the header at once, and the attachments come later, one by one. So it looks for the placeholders first and writes down where each of them stands: a list or a dict, and the
# index or key in it. When an attachment comes, it goes to its place, and nobody has to search again.

# %% tags=["export", "core"]
Place = tuple[Any, Any]


def places(packet: Packet) -> list[Place]:
    """Where each attachment belongs: a list or dict, and the index or key in it. Raises ProtocolError."""
    found: dict[int, Place] = {}
    containers = [packet.data]
    for container in containers:  # which grows as we go
        pairs = container.items() if isinstance(container, dict) else enumerate(container)
        for key, value in pairs:
            match value:
                case {"_placeholder": True, "num": int(n)} if type(n) is int and n not in found:
                    found[n] = (container, key)
                case {"_placeholder": True}:
                    raise ProtocolError(f"no attachment belongs to {value}")
                case dict() | list():
                    containers.append(value)
    if set(found) != set(range(packet.attachments)):
        raise ProtocolError(f"{packet.attachments} attachments, and the placeholders {sorted(found)}")
    return [found[number] for number in range(packet.attachments)]


# %%
header = l08.decode('52-["picture",{"gold":[{"_placeholder":true,"num":1}]},{"_placeholder":true,"num":0}]')

for (where, index), box in zip(places(header), (b"first", b"second"), strict=True):
    where[index] = box
print(header.data)

# %% [markdown]
# `places` also finds what is wrong, before a single attachment is taken: a number that is too large, or comes twice, or is none. And it does not call itself. A stranger may send you a list in a list in a
# list: Python 3.13 reads JSON thousands deep, and its functions call each other one thousand deep.
#
# `Assembly`, in the two folded cells, stands between messages and packets. `add(message)` returns a packet if one is whole now, and nobody behind it needs to know that it came in pieces. (`encode`, there
# too, is `messages_of`, and refuses data nested too deeply.)

# %% tags=["export", "core", "folded"]
from collections.abc import Callable


def encode(packet: Packet) -> list[str | bytes]:
    """The messages of a packet: its text, then its attachments. Raises TypeError, ValueError for bad data."""
    try:
        return messages_of(packet)
    except RecursionError:
        words = "nested too deeply, or contains itself. Some hundred levels can be sent: make it flatter."
        raise ValueError(f"The data is {words}") from None


PLAIN = {Type.BINARY_EVENT: Type.EVENT, Type.BINARY_ACK: Type.ACK}


class Incoming:
    """A packet on its way: one at most, and its attachments have so many bytes and seconds."""

    def __init__(
        self, room: int, patience: float, call_later: Callable[..., Any], give_up: Callable[[], object]
    ) -> None:
        self.room, self.patience = room, patience
        self.call_later, self.give_up = call_later, give_up
        self.timer: Any = None
        self.packet: Packet | None = None
        self.missing: list[Place] = []

    def begin(self, header: Packet) -> None:
        """Here is the header of one. Raises ProtocolError."""
        self.missing = places(header)
        self.packet = header._replace(type=PLAIN[header.type], attachments=0)
        self.free = self.room
        self.timer = self.call_later(self.patience, self.give_up)

    def stop(self) -> None:
        """Nothing more will come."""
        self.packet = None
        self.missing = []
        if self.timer:
            self.timer.cancel()


# %% tags=["export", "core", "folded"]
class Assembly(Incoming):
    """Puts packets together from their messages."""

    def add(self, message: str | bytes) -> Packet | None:
        """The packet that a message completes, if it does. Raises ProtocolError."""
        if not self.missing:
            packet = l08.decode(message)
            if not packet.attachments:
                return packet
            self.begin(packet)
            return None
        self.fill(message)
        if self.missing:
            return None
        whole = self.packet
        self.stop()
        return whole

    def fill(self, message: str | bytes) -> None:
        """Here is what should be the next attachment: it goes where it belongs. Raises ProtocolError."""
        if isinstance(message, str):
            raise ProtocolError("text where an attachment is due")
        self.free -= len(message)
        if self.free < 0:
            raise ProtocolError(f"the attachments of one event have more than {self.room} bytes")
        container, key = self.missing.pop(0)
        container[key] = message


def to_engine(message: str | bytes) -> str | bytes:
    """A message as an Engine.IO packet: bytes need no type."""
    return message if isinstance(message, bytes) else f"4{message}"


# %% [markdown]
# ## 5. Both ends
#
# Bytes have been at home in Engine.IO since lesson 09: a `bytes` object is a packet of its own, a binary frame on a WebSocket, and `b` with base64 in a poll. So what is left is to say *message* where
# lessons 08 and 11 said *text*. Here is the server. `take` is the heart of it:

# %% tags=["export", "folded"]
from dataclasses import dataclass

from handmade import l09_core
from handmade import l10_heartbeats as l10


@dataclass(frozen=True)
class Options(l10.Options):
    """The settings of a server: also how many bytes an event may bring along, and in how many seconds."""

    max_attachments_size: int = 10_000_000
    attachments_timeout: float = 45


class Socket(l08.Socket):
    """One client, as the handlers see it."""

    client: "Client"

    def send(self, kind: Type, data: object = None) -> None:
        """Send a packet, if the client is still there."""
        if self.connected:
            for message in encode(Packet(kind, data, namespace=self.namespace)):
                self.client.write(message)


# %% tags=["export"]
class Client(l10.Client):
    """A client whose packets may have attachments."""

    server: "Server"
    write: Callable[[str | bytes], None]

    def __init__(self, server: "Server", session: l09_core.Session) -> None:
        super().__init__(server, session)
        self.socket_type = Socket
        self.write = lambda message: session.send(to_engine(message))
        session.on_message = self.take
        room, patience = server.options.max_attachments_size, server.options.attachments_timeout
        self.assembly = Assembly(room, patience, session.call_later, lambda: session.end("parse error"))

    def take(self, message: str | bytes) -> None:
        """Act on a message, or on the packet that it completes. Raises ProtocolError."""
        if packet := self.assembly.add(message):
            self.receive(packet)

    def closed(self, reason: str) -> None:
        """The connection has ended."""
        self.assembly.stop()
        super().closed(reason)


# %% [markdown]
# The client is the mirror of it. One thing is its own: while it is not connected it keeps what you emit, and it decides *once* for a header and its attachments. A header that was sent, with a picture that
# was kept, would be the end of the connection.

# %% tags=["export", "folded"]
from handmade import l11_reconnection as l11


class Server(l10.Server):
    """A Socket.IO server whose events may have bytes among their arguments, with Options."""

    options_type: type[l10.Options] = Options
    client_type: type[l10.Client] = Client
    options: Options


class ClientSocket(l11.Socket):
    """Your end of a namespace, which takes bytes."""

    send_buffer: list[tuple[Packet, Any]]

    def transmit(self, packet: Packet) -> None:
        """Send a packet, or keep it until we are connected: all of it or nothing."""
        messages = encode(packet)
        if self.connected and not self.io.engine.is_late:
            for message in messages:
                self.io.write(message)
        else:
            self.send_buffer += [(packet, message) for message in messages]


# %% tags=["export", "folded"]
class Manager(l11.Manager):
    """The connection of a socket whose events may have bytes among their arguments."""

    room, patience = 10_000_000, 45
    socket: ClientSocket

    def __init__(self, namespace: str, options: Any, world: Any) -> None:
        super().__init__(namespace, options, world)
        self.socket = ClientSocket(self, namespace)
        self.assembly = Assembly(self.room, self.patience, world.call_later, self.give_up)

    def write(self, message: str | bytes) -> None:
        """Send a message of a packet."""
        if self.engine:
            self.engine.send(to_engine(message))

    def receive(self, message: str | bytes) -> None:
        """Hand a packet to the socket, as soon as it is whole. Raises ProtocolError."""
        packet = self.assembly.add(message)
        if packet and packet.namespace == self.socket.namespace:
            self.socket.receive(packet)

    def give_up(self) -> None:
        """An attachment has not come in time."""
        if self.engine:
            self.engine.end("parse error")

    def closed(self, engine: Any, reason: str, error: Exception | None) -> None:
        """The connection is lost, and with it what was not whole."""
        if engine == self.engine:
            self.assembly.stop()
        super().closed(engine, reason, error)

    def close(self) -> None:
        """Say goodbye; what is not whole will never be."""
        self.assembly.stop()
        super().close()


# %% tags=["export", "folded"]
def io(url: str, **options: Any) -> ClientSocket:
    """Connect to a Socket.IO server, as the `io` of lesson 11 does. Raises TypeError, ValueError."""
    socket: ClientSocket = l11.io(url, Manager, **options)
    return socket


# %% [markdown]
# Bob again, with the picture that had him thrown out:

# %%
mine = await bench.start("my server", lambda port=0: chat(Server()).listen(port))
cable = await bench.start("cable", Middlebox(mine))
await bob(cable)
await cable.quiet()
Wire(cable, layer="Socket.IO")

# %% [markdown]
# Behind a proxy that lets no WebSocket through everything is text. The folded cell has such a session by hand: its last poll brings the header, and for the four bytes `b` and base64. Below it your own client, over both, with a picture in a list in a dict. It emits
# before it is connected, so header and picture wait in its buffer, together.

# %% tags=["folded"]
from aiohttp import ClientSession


async def by_polling(where, *messages):
    """Join the chat by polling, send this in one POST, and return what the next poll brings."""
    address, query = bench.url(where, "/socket.io/", scheme="http"), {"EIO": "4", "transport": "polling"}
    async with ClientSession() as http:
        async with http.get(address, params=query) as answer:
            query["sid"] = json.loads((await answer.text())[1:])["sid"]
        for body in ("40", "\x1e".join(messages)):
            async with http.post(address, params=query, data=body):
                pass
            async with http.get(address, params=query) as answer:
                packets = (await answer.text()).split("\x1e")
    return packets


async def heard_back(where, *what, **options):
    """What your own client hears if it emits this in the chat."""
    ann, heard = io(bench.url(where, scheme="http"), **options), asyncio.Queue()
    ann.on("picture", lambda *came: heard.put_nowait(came))
    ann.emit("picture", *what)
    async with asyncio.timeout(5):
        came = await heard.get()
    ann.disconnect()
    return came


# %%
for packet in await by_polling(mine, '451-["picture","gold",{"_placeholder":true,"num":0}]', "biVBORw=="):
    print(packet)
for transport in ("websocket", "polling"):
    _, album = await heard_back(mine, "coins", {"gold": [gold, 1]}, transports=[transport])
    print(f"{transport:9} the same bytes: {album == {'gold': [gold, 1]}}")

# %% [markdown]
# ## 6. What must not come
#
# A header is a promise, and the receiver waits. So there are more ways to break the protocol than before. The folded cell has a helper that speaks by hand: `fate(server, …)` joins the chat, sends each of the messages
# as it is, and says what becomes of it.

# %% tags=["folded"]
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

SESSION = "/socket.io/?EIO=4&transport=websocket"
QUIETLY = {"compression": None, "close_timeout": 0.1}
ONE = '{"_placeholder":true,"num":0}'
HEADER = f'451-["picture","gold",{ONE}]'


async def fate(where, *messages, patience=1.0):
    """What becomes of somebody who joins the chat and sends this: "heard", "thrown out" or "waits"."""
    async with connect(bench.url(where, SESSION), **QUIETLY) as bob:
        await bob.send("40")
        try:
            async with asyncio.timeout(patience):
                while not (await bob.recv()).startswith("40"):
                    pass
                for message in messages:
                    await bob.send(message)
                while True:
                    packet = await bob.recv()
                    if packet == "2":
                        await bob.send("3")
                    if isinstance(packet, bytes):
                        return "heard"
        except ConnectionClosed:
            return "thrown out"
        except TimeoutError:
            return "waits"


official = await bench.start("official", Child.node("lessons_src/programs/12/server.mjs"))
hasty = await bench.start("hasty", chat(Server(attachments_timeout=0.5)).listen())


# %%
guess_between = predict(
    "Header and picture are on their way. A pong (`3`) or the next price (`42[…]`) is due. May it come between the two?",
    a="The pong may, the price may not.",
    b="Both may: the placeholder says what belongs where.",
    c="Neither: the picture comes next, and nothing else.",
)

# %%
print("header, picture:       ", await fate(mine, HEADER, gold))
print("header, pong, picture: ", await fate(mine, HEADER, "3", gold))
print("header, price, picture:", await fate(mine, HEADER, '42["price",101]', gold))

# %%
guess_between.reveal(
    "a",
    "A pong is Engine.IO's, and what is between two *messages* is its own business. The price is Socket.IO's, as a second header would be: then nobody could say whose attachment comes next.",
    b="The attachment itself says nothing: no name, no number. It is *the next one*. So its packet must be finished first.",
    c="Nothing of Socket.IO. But ten pictures can take long on a slow line, and the heartbeat cannot wait for the last.",
)

# %% [markdown]
# This is why both ends hand over a header and its attachments in one go, without an `await` in between: no other handler can say something there. Now the rest:

# %% tags=["folded"]
hostile = {
    "no attachment announced": ['450-["picture"]'],
    "eleven of them": [f'4511-["picture",{",".join([ONE] * 11)}]'],
    "bytes, and no header": [gold],
    "a number out of range": [HEADER.replace('"num":0', '"num":7'), gold],
    "a number twice": [f'452-["picture",{ONE},{ONE}]', gold, gold],
    "one more than announced": [HEADER, gold, gold],
}
async with connect(bench.url(mine, SESSION), **QUIETLY) as ann:
    for name, messages in hostile.items():
        print(f"{name:24} {await fate(mine, *messages)}")
    await ann.send("40")
    packets = await ann.recv(), await ann.recv()
    print("Ann, all the while:     ", "well" if packets[1].startswith("40") else "hurt")

# %% [markdown]
# Each ends that one session; the reason that a handler of `disconnect` is told is `parse error`. “One more than announced” was a good event first, and then bytes without a header. (A number twice the
# official parser would take.)
#
# And if an attachment never comes?

# %%
guess_never = predict(
    "Bob announces a picture to the official server and never sends it. He answers each ping. How long does the server wait?",
    a="20 seconds, as for a pong.",
    b="As long as he likes.",
    c="45 seconds, as for a client that does not join.",
)

# %%
print("yours, told half a second:", await fate(hasty, HEADER, patience=3))
print("the official, after three:", await fate(official, HEADER, patience=3))

# %%
guess_never.reveal(
    "b",
    "There is no clock for it in its code (socket.io-parser 4.2.7), and the pings are answered. Meanwhile it keeps what has come: up to nine attachments of a megabyte each, for each such Bob.",
    a="The pongs do come. The heart is not the trouble.",
    c="He has joined. That clock is stopped.",
)

# %% [markdown]
# So your `Assembly` has a clock, 45 seconds by default, and a measure, 10 MB for one event. What a stranger can make you keep is *number × bytes × time*, and each of the three needs a limit.
#
# <details><summary>The guest with bad manners</summary>
#
# A placeholder is ordinary JSON. So a client can send, in an ordinary event without any bytes, an *object that looks like one*: `42["note",{"_placeholder":true,"num":7}]`. That is legal. Now the server
# passes it on, beside a picture of its own: and every official client that gets this is disconnected with `parse error`, because there is no attachment 7. One stranger, one line, and everybody is out, until they come back a second later. We have tried it
# with the official server and client (4.8.4). Your `take_out` refuses to send such a thing: the handler that tried fails, is written to the log, and everybody stays.
# </details>
#
# ## 7. How large may it be?
#
# `max_http_buffer_size` is the limit for one message, or one POST: a million bytes here and in the official server. A camera makes more. What happens then?
#
# ```js size.mjs
# import { io } from "socket.io-client";
#
# const socket = io(url, { transports, reconnection: false });
#
# socket.on("connect", () => socket.emit("picture", "large", Buffer.alloc(size)));
# socket.on("picture", (_, picture) => end("heard", picture.length, "bytes"));
# socket.on("disconnect", (reason, why) => end("disconnected:", reason, why.context?.status ?? ""));
# const end = (...words) => { console.log(...words); process.exit(); };
# ```

# %% misconception=14
guess_size = predict(
    "Bob sends pictures of 800,000 bytes, and it works. Then he goes to a customer, behind a proxy that lets no WebSocket through. What does he notice?",
    a="Nothing: that is what polling is for.",
    b="They take longer.",
    c="They do not arrive, and he is disconnected.",
)

# %%
size = bench.program("12/size.mjs")

for count in (700_000, 800_000, 1_200_000):
    for transport in ("websocket", "polling"):
        settings = {"url": bench.url(mine, scheme="http"), "transports": [transport], "size": count}
        print(f"{count:9,} bytes, {transport:9}:", (await bench.javascript(size, **settings)).strip())

# %%
guess_size.reveal(
    "c",
    "In base64 they have 1,066,668 letters, and the limit is a million. The POST gets a 413, and the official client gives the connection up.",
    a="It carries everything, as long as it fits. In base64 it is a third longer.",
    b="That, too, if they fit.",
)

# %% [markdown]
# And neither reason says *too large*. (Behind it stands 413, or a WebSocket's 1009.) With reconnection the client comes back a second later, without the picture; whoever sends it again is thrown out again. So:
#
# - Set the limit for what polling makes of it: 4 bytes for 3. `Server(max_http_buffer_size=4_000_000)` takes pictures of nearly 3 MB on every way, if the proxies on the way do, too (lesson 06 has the list).
# - Look at the size *before* you emit, where you can still say a sentence.
# - What is really large goes by an ordinary upload, which can say how far it is, and the event carries its address.

# %% [markdown]
# ## 8. The chat
#
# Your server, your page, and Ann with your client, who sends each picture back as a negative. The page has the official client. It touches a picture in two places:
#
# ```js
# canvas.toBlob((blob) => socket.emit("picture", caption.value, blob));   // a Blob or a File is bytes enough
#
# socket.on("picture", (words, bytes) => {
#   image.src = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
#   text.textContent = words;                                             // text from the wire is text
# });
# ```
#
# The three folded boxes have the whole page.

# %% [markdown]
# <details><summary>What is in the page</summary>
#
# ```html chat.html
# <!doctype html>
# <html lang="en">
# <meta charset="utf-8">
# <title>A chat with pictures</title>
# <style>
#   body { margin: 12px; font: 14px/1.4 system-ui, sans-serif; display: flex; flex-wrap: wrap; gap: 8px 24px; color: #111; background: #fff; }
#   canvas { width: 192px; height: 192px; border: 1px solid #767676; image-rendering: pixelated; touch-action: none; cursor: crosshair; }
#   fieldset { border: 0; padding: 0; margin: 0 0 6px; }
#   label { margin-right: 8px; white-space: nowrap; }
#   #form { display: flex; gap: 16px; }
#   #controls { width: 250px; }
#   #controls p { margin: 8px 0; }
#   #said { display: flex; flex-wrap: wrap; gap: 12px; align-content: start; flex: 1; min-width: 220px; max-height: 240px; overflow: auto; }
#   figure { margin: 0; width: 100px; overflow-wrap: anywhere; }
#   figure img { width: 96px; height: 96px; object-fit: contain; image-rendering: pixelated; border: 1px solid #ccc; }
# </style>
# <script src="socket.io.js"></script>
# <form id="form">
#   <canvas id="canvas" width="16" height="16" tabindex="0" role="img"
#     aria-label="Your drawing, 16 by 16 squares. Arrow keys move, the space bar paints."></canvas>
#   <div id="controls">
#     <fieldset id="colours"><legend>Paint with the mouse, or with arrow keys and space:</legend></fieldset>
#     <label>Caption <input id="caption" value="Hello" maxlength="60" size="16"></label>
#     <p><button>Send the drawing</button> <button type="button" id="clear">Clear</button></p>
#     <p><label>or a file: <input type="file" id="file" accept="image/png,image/jpeg,image/gif,image/webp"></label></p>
#     <p id="state" role="status">connecting …</p>
#   </div>
# </form>
# <section id="said" aria-label="Pictures of everybody"></section>
# <script src="talk.js"></script>
# <script src="paint.js"></script>
# </html>
# ```
# </details>

# %% [markdown]
# <details><summary>How it talks</summary>
#
# ```js talk.js
# const [form, canvas, caption, said, state] = ["form", "canvas", "caption", "said", "state"].map((id) => document.getElementById(id));
# const LIMIT = 2_000_000;
# const tell = (words) => { state.textContent = words; };
#
# const socket = io({ path: location.pathname + "socket.io/" });
# socket.on("connect", () => tell("connected"));
# socket.on("disconnect", (reason) => tell("disconnected: " + reason));
# socket.on("picture", (words, bytes) => {
#   const [figure, image, text] = ["figure", "img", "figcaption"].map((name) => document.createElement(name));
#   image.src = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
#   image.alt = words;
#   text.textContent = words;
#   figure.append(image, text);
#   said.prepend(figure);
# });
#
# function send(picture) {
#   if (picture.size > LIMIT) return tell("This picture has " + picture.size + " bytes, at most " + LIMIT + " can be sent.");
#   socket.emit("picture", caption.value, picture);
#   tell("sent " + picture.size + " bytes");
# }
# document.getElementById("file").onchange = (event) => { for (const file of event.target.files) send(file); };
# form.onsubmit = (event) => {
#   event.preventDefault();
#   canvas.toBlob(send);
# };
# ```
# </details>

# %% [markdown]
# <details><summary>How one paints</summary>
#
# ```js paint.js
# const pen = canvas.getContext("2d");
# const COLOURS = ["black", "crimson", "orange", "seagreen", "royalblue", "white"];
# const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
# let [x, y] = [8, 8];
#
# for (const colour of COLOURS) {
#   const [label, choice] = ["label", "input"].map((name) => document.createElement(name));
#   Object.assign(choice, { type: "radio", name: "colour", value: colour, checked: colour === "crimson" });
#   label.append(choice, colour);
#   document.getElementById("colours").append(label);
# }
# function fill(colour, ...where) {
#   pen.fillStyle = colour;
#   pen.fillRect(...where);
# }
# const paint = () => fill(form.elements.colour.value, x, y, 1, 1);
# const clear = () => fill("white", 0, 0, 16, 16);
#
# canvas.onkeydown = (event) => {
#   if (event.key !== " " && !STEPS[event.key]) return;
#   event.preventDefault();
#   const [right, down] = STEPS[event.key] ?? [0, 0];
#   [x, y] = [Math.min(15, Math.max(0, x + right)), Math.min(15, Math.max(0, y + down))];
#   if (event.key === " ") paint();
#   tell("column " + (x + 1) + ", row " + (y + 1));
# };
# canvas.onpointerdown = canvas.onpointermove = (event) => {
#   if (!event.buttons) return;
#   [x, y] = [Math.floor(event.offsetX / 12), Math.floor(event.offsetY / 12)];
#   paint();
# };
# document.getElementById("clear").onclick = clear;
# clear();
# for (const eyeOrMouth of [[4, 4, 2, 3], [10, 4, 2, 3], [3, 10, 1, 1], [12, 10, 1, 1], [4, 11, 8, 1]]) fill("royalblue", ...eyeOrMouth);
# ```
# </details>

# %% tags=["folded"]
from aiohttp import web
from PIL import Image, ImageOps

from handmade.l09_long_polling_and_upgrade import site


async def index(request):
    """The page."""
    return web.Response(text=bench.program("12/chat.html"), content_type="text/html")


async def script(request):
    """One of its two scripts, or the official client."""
    name = request.match_info["name"]
    if name == "socket.io":
        return web.FileResponse(bench.CLIENT_JS)
    return web.Response(text=bench.program(f"12/{name}.js"), content_type="text/javascript")


def front():
    """An application with the page, its scripts and your server."""
    app = web.Application()
    chat(Server(max_http_buffer_size=3_000_000)).attach(app)
    app.add_routes([web.get("/", index), web.get("/{name:talk|paint|socket.io}.js", script)])
    return app


def negative(picture):
    """The bytes of a picture with its colours turned round, as a PNG file of 300 by 300 pixels at most."""
    file = BytesIO()
    with Image.open(BytesIO(picture)) as image:
        image.thumbnail((300, 300))  # a photograph is much longer as PNG than as JPEG
        ImageOps.invert(image.convert("RGB")).save(file, "png")
    return file.getvalue()


my_site = await bench.start("my site", site(front(), "127.0.0.1", 0))
site_cable = await bench.start("site cable", Middlebox(my_site))
office = [StrictProxy()]

# %%
ann = io(bench.url(my_site, scheme="http"))
ann_has = asyncio.Queue()


@ann.on("picture")
def answer(words, picture):
    """Keep it, and answer with the negative, but not to oneself."""
    ann_has.put_nowait((words, picture))
    if not words.startswith("Ann: "):
        ann.emit("picture", f"Ann: {words}", negative(picture))


# %% tags=["demo"]
WebPage(site_cable, height=270)

# %% [markdown]
# Paint something, and **Send the drawing**. Two pictures come: your own by way of the server, and what Ann made of it, in Python. Then:
#
# 1. Send a photograph. What does the page say of its size? Click its two messages on the wire below.
# 2. **Open in a tab of its own**, and paint there. Who sees it?
# 3. In a cell of your own: `site_cable.rules = office`, which is lesson 03's strict proxy, then **Reload** and paint. Does anybody notice? Find the `b`.
# 4. Write `<b>Hello</b>` as the caption. Why is it not bold, and what would follow if it were?

# %% tags=["demo"]
Wire(site_cable, layer="Socket.IO")

# %% [markdown]
# The same without a finger, for who reads this on paper. Bob, in Node, sends his coin into the same chat, and this is what Ann has afterwards:

# %% tags=["folded"]
while not ann_has.empty():  # what you have painted meanwhile
    ann_has.get_nowait()

await bob(my_site)
async with asyncio.timeout(5):
    album = [await ann_has.get() for _ in range(2)]
gallery("What Ann has", [(words, f"{words}, a coin", picture) for words, picture in album])

# %% [markdown] tags=["teacher"]
# **Answers.** (1) The page says how many bytes it has sent. A file above 2,000,000 bytes it does not even send, and says why. (2) Everybody, each in a tab of their own: on a projector let the class paint, one after the other.
# (3) Nobody, except that larger photographs are slower. (4) It is set as `textContent`. If the page used `innerHTML`, everybody's page would run what a stranger wrote as a caption; and a stranger can write a program.

# %% [markdown]
# ## 9. Lesson 06's account, once more
#
# One picture up the wire, in five ways: a raw binary frame, and your own client with bytes and with base64 in a text, over each transport. `uploaded` counts the client's frames on a WebSocket, with their heads, or
# the bodies of its POSTs. (Each POST has some 250 bytes of headers on top.)

# %% tags=["folded"]
from websockets.asyncio.server import serve


async def raw(websocket):
    """A plain WebSocket server: each message back."""
    async for message in websocket:
        await websocket.send(message)


def uploaded(box):
    """How many bytes of the client were frames with data, or bodies of POSTs."""
    total = 0
    for unit in Decoder(box.trace).update():
        if (unit.leg, unit.direction) != ("client", "up"):
            continue
        if unit.kind in ("text", "binary"):
            total += unit.end - unit.begin
        elif unit.kind == "request" and unit.detail.method == "POST":
            total += unit.end - unit.begin - unit.detail.head
    return total


async def as_frame(scales):
    """A picture in one binary frame."""
    async with connect(bench.url(scales), compression=None) as line:
        await line.send(large)
        await line.recv()


large = photograph("gold", 300)
plain = await bench.start("plain", serve(raw, "127.0.0.1", 0, compression=None))

# %% tags=["folded"]
scales = await bench.start("scales", Middlebox(plain))
await as_frame(scales)
ways = {"a raw binary frame": uploaded(scales)}
for transport in ("websocket", "polling"):
    for name, what in {"bytes": large, "base64 in a text": b64encode(large).decode()}.items():
        scales = await bench.start("scales", Middlebox(mine))
        await heard_back(scales, "gold", what, transports=[transport])
        ways[f"{transport}, {name}"] = uploaded(scales)

bars(
    "One picture, five ways",
    {"bytes on the wire, times the picture's": {way: round(size / len(large), 3) for way, size in ways.items()}},
    "A raw frame and Socket.IO's bytes over WebSocket take the picture's size. Base64 in a text takes a third more, and so does everything over polling.",
)

# %% [markdown]
# A body of long-polling is text, so somebody has to write base64: Engine.IO, if not you. (In version 3 there were binary bodies as well, and they went.) But you write one program, and where there is a WebSocket, it
# costs nothing.

# %% [markdown]
# ## 10. The same in python-socketio, and in JavaScript
#
# | | yours | python-socketio | JavaScript, the official one |
# |---|---|---|---|
# | bytes are | `bytes`, `bytearray`, `memoryview` | `bytes`, `bytearray` | `Buffer`, `ArrayBuffer`, `Uint8Array` and the like; in a browser `Blob` and `File`, too |
# | they arrive as | `bytes` | `bytes` | `Buffer` in Node, `ArrayBuffer` in a browser |
# | one message at most | `max_http_buffer_size=` | the same, but on aiohttp a POST in pieces is cut | `maxHttpBufferSize` |
#
# The chat, as you would write it there: in JavaScript `socket.on("picture", (words, picture) => io.emit("picture", words, picture))`, and in Python the function below.
#
# <details><summary>The whole official server</summary>
#
# ```js server.mjs
# import { createServer } from "node:http";
# import { Server } from "socket.io";
#
# const http = createServer();
# const io = new Server(http);
#
# io.on("connection", (socket) => {
#   socket.on("picture", (words, picture) => io.emit("picture", words, picture));
# });
# http.listen(process.env.PORT, "127.0.0.1", () => {
#   console.log(JSON.stringify({ port: http.address().port }));
# });
# ```
# </details>

# %%
import socketio

sio = socketio.AsyncServer(async_mode="aiohttp")


@sio.on("picture")
async def pass_on(sid, words, picture):
    """A picture for everybody."""
    await sio.emit("picture", (words, picture))


# %% tags=["folded"]
app = web.Application()
sio.attach(app)
python = await bench.start("python", bench.aiohttp(app))
carol, carol_has = socketio.AsyncClient(handle_sigint=False), asyncio.Queue()
carol.on("picture", lambda words, picture: carol_has.put_nowait(picture == gold))


BINARY_RULES = [rule for rule in rulebook.RULES if rule.lesson == 12]
rules_python = await bench.start("rules of python", rulebook.python_socketio())
rules_node = await bench.start("rules of node", rulebook.node_socketio())


async def carol_hears(where):
    """Whether Carol gets the picture back that she sends."""
    await carol.connect(bench.url(where, scheme="http"), transports=["websocket"])
    await carol.emit("picture", ("gold", gold))
    same = await carol_has.get()
    await carol.disconnect()
    return same


# %%
for name, server in {"yours": mine, "python-socketio": python, "official": official}.items():
    print(f"--- {name}")
    await bob(server)
    print("your client:", (await heard_back(server, "gold", gold))[1] == gold)
    print("Carol in python-socketio:", await carol_hears(server))

# %% [markdown]
# Each understands each. Where the servers differ is in what they let through:

# %%
await rulebook.hold(rules_python, rules=BINARY_RULES, name="python-socketio")

# %%
await rulebook.hold(rules_node, rules=BINARY_RULES, name="the official server")

# %% [markdown]
# python-socketio 5.18 lets a client that broke the protocol stay. Both servers wait for ever for an attachment: where they serve strangers, make the limit for a message as small as you can bear.

# %% [markdown]
# ## Exercises
#
# Write your answer into the cell below each task, run it, then run the check. The folded cell has what the checks need.

# %% tags=["folded"]
import contextlib

PNG = b"\x89PNG\r\n\x1a\n"  # how each PNG file begins
MARKER = "marker "
OPEN = '0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}'


@contextlib.asynccontextmanager
async def scripted(*messages):
    """A server that says this to each client that joins; gives it, and what it was told."""
    told = []

    async def say(websocket):
        with contextlib.suppress(ConnectionClosed):
            await websocket.send(OPEN)
            async for message in websocket:
                told.append(message)
                if message == "40":
                    for each in ('40{"sid":"y"}', *messages):
                        await websocket.send(each)

    async with serve(say, "127.0.0.1", 0, compression=None) as server:
        yield server, told


async def taken(next_picture, where, patience=2):
    """What `next_picture` returns within so many seconds, of a server that it has just joined."""
    async with connect(bench.url(where, SESSION), **QUIETLY) as websocket:
        await websocket.send("40")
        try:
            return await asyncio.wait_for(next_picture(websocket), patience)
        except TimeoutError:
            raise Wrong(f"After {patience} seconds it has not returned, and the picture had come. Is the loop left when the last attachment is there?") from None


# %% [markdown] tags=["exercise"]
# ### Exercise 2 · The next picture
# *15 minutes, medium*
#
# A camera at the counter runs Python without any Socket.IO library. Write `next_picture(websocket)`. The WebSocket is open, and `40` was said. Return the caption and the bytes of the next event `picture`, which has a text and one
# attachment: `("gold", b"…")`. Other events pass, with as many attachments as they have. Each ping (`2`) is answered (`3`), whenever it comes.

# %% tags=["solution"]
async def next_picture(websocket):
    """(caption, bytes) of the next event `picture` that comes over an open WebSocket."""
    event, missing = [], 0
    while True:
        packet = await websocket.recv()
        if packet == "2":
            await websocket.send("3")
        elif isinstance(packet, bytes):
            missing -= 1
            if missing == 0 and event[0] == "picture":
                return event[1], packet
        elif packet.startswith("45"):
            count, _, text = packet[2:].partition("-")
            event, missing = json.loads(text), int(count)


# %% tags=["check"]
@check(
    "A loop over the packets, each `await websocket.recv()`, and three kinds of them: a ping, a text that begins with `45`, and `bytes`.",
    "From a header keep the event and the number of attachments: `packet[2:].partition('-')` gives the number and the JSON. Each `bytes` makes the number smaller by one.",
    "When the number is 0, the event is whole. Is it called `picture`? Then return `event[1]` and the bytes. Else go on.",
    timeout=20,
)
async def check_next_picture(next_picture):
    """You find the picture among other things, and a real chat's picture as well."""
    picture = f'451-["picture","gold",{ONE}]'
    two = f'452-["sound",{ONE},{ONE.replace("0", "1")}]'
    async with scripted(picture, b"\x89PNG") as (server, _):
        expect("what comes of a picture", await taken(next_picture, server), ("gold", b"\x89PNG"))
    async with scripted('42["price","gold",101]', '42["picture","of nothing"]', picture, b"\x89PNG") as (server, _):
        expect("what comes if events without bytes come first", await taken(next_picture, server), ("gold", b"\x89PNG"))
    async with scripted(two, b"left", b"right", picture, b"\x89PNG") as (server, _):
        got = await taken(next_picture, server)
        if got != ("gold", b"\x89PNG"):
            raise Wrong(f"An event `sound` with two attachments came first, and then the picture. You returned {got}: whose bytes are these?")
    async with scripted(picture, "2", b"\x89PNG", "2") as (server, told):
        expect("what comes if a ping comes before the attachment", await taken(next_picture, server), ("gold", b"\x89PNG"))
    if told[1:2] != ["3"]:
        raise Wrong(f"Between the header and the attachment came a `2`. After your `40` the server heard {told[1:]}: a `3` was due.")
    async with scripted(f'451-["picture","say \\"你好\\" - 1",{ONE}]', b"\xff" * 70_000) as (server, _):
        got = await taken(next_picture, server)
        expect("a caption with quotes and a hyphen", got[0], 'say "你好" - 1')
        expect("how many bytes come of 70,000", len(got[1]), 70_000)
    async with Child.node("lessons_src/programs/12/server.mjs") as living, Middlebox(living) as line:
        watch(Wire(line, layer="Socket.IO"))
        waiting = asyncio.ensure_future(taken(next_picture, line, patience=10))
        await asyncio.sleep(0.3)
        settings = {"url": bench.url(living, scheme="http"), "transports": ["websocket"]}
        await bench.javascript(bench.program("12/picture.mjs"), base64=b64encode(gold).decode(), **settings)
        expect("what comes of Bob's picture, from the official server", await waiting, ("gold", gold))


await check_next_picture.verdict()

# %% [markdown] tags=["exercise"]
# ### Exercise 3 · The door of the gallery
# *12 minutes, medium*
#
# Your chat passes on what anybody sends. Write `door(io)`, which makes the server `io` look first. The event `picture` has to have exactly two arguments: a caption, which is a text of at most 80 letters, and `bytes` that begin
# like each PNG file, with `PNG`, and are at most 100,000. Then everybody gets `picture` with the two, the sender included. If not, the sender gets the event `refused` with a sentence of yours, and nobody else hears of it.
#
# The check sends good and bad pictures with the official client: two arguments, three, one, none.
#
# <details><summary>The program that the check runs</summary>
#
# ```js strangers.mjs
# import { io } from "socket.io-client";
#
# const people = ["Ann", "Bob"].map((name) => {
#   const socket = io(url, { transports: ["websocket"], reconnection: false, forceNew: true });
#   const heard = [];
#   for (const event of ["picture", "refused", "disconnect"]) socket.on(event, (...what) => heard.push([event, ...what]));
#   return { name, socket, heard };
# });
# await Promise.all(people.map(({ socket }) => new Promise((resolve) => socket.on("connect", resolve))));
#
# const bytes = (value) => value?.base64 === undefined ? value : Buffer.from(value.base64, "base64");
# const hears = (marker) => ({ heard }) => heard.some(([event, words]) => event === "picture" && words === marker);
# const [ann] = people;
# const found = [];
# for (const [number, attempt] of attempts.entries()) {
#   ann.socket.emit("picture", ...attempt.map(bytes));
#   ann.socket.emit("picture", `marker ${number}`, bytes({ base64: "iVBORw0KGgo=" }));
#   for (let wait = 0; wait < 100 && !people.every(hears(`marker ${number}`)); wait++) await new Promise((go) => setTimeout(go, 10));
#   found.push(people.map(({ heard }) => heard.splice(0).map(([event, ...what]) => [event, what.length, String(what[0]).slice(0, 9), Buffer.isBuffer(what[1]) ? what[1].length : null])));
# }
# console.log(JSON.stringify(found));
# process.exit();
# ```
# </details>

# %% tags=["solution"]
def door(io):
    """Let `io` pass on what is a captioned picture, and tell the sender if it is none."""
    everyone = set()

    @io.on("connection")
    def welcome(socket):
        everyone.add(socket)
        socket.on("disconnect", lambda reason: everyone.discard(socket))

        @socket.on("picture")
        def look(*what):
            match what:
                case [str(words), bytes(image)] if len(words) <= 80 and len(image) <= 100_000 and image.startswith(PNG):
                    for each in everyone:
                        each.emit("picture", words, image)
                case _:
                    socket.emit("refused", "A caption of at most 80 letters and a PNG file of at most 100,000 bytes, please.")


# %% tags=["check"]
def sent(value):
    """A value for the program: bytes in base64."""
    return {"base64": b64encode(value).decode()} if isinstance(value, bytes) else value


ATTEMPTS = {
    "a caption and a PNG file": ("gold", PNG + b"gold"),
    "a caption of 80 letters and a PNG file of exactly 100,000 bytes": ("x" * 80, PNG.ljust(100_000)),
    "a caption of 81 letters": ("x" * 81, PNG),
    "a PNG file of 100,001 bytes": ("gold", PNG.ljust(100_001)),
    "a JPEG file": ("gold", b"\xff\xd8\xff\xe0"),
    "a text that begins like a PNG file in place of bytes": ("gold", "\x89PNG\r\n\x1a\n"),
    "the number 7 in place of the caption": (7, PNG),
    "three arguments": ("gold", PNG, "more"),
    "the caption alone": ("gold",),
    "no argument at all": (),
}
GOOD = 2


def compare(what, is_good, ann, bob):
    """Hold what two clients heard after an attempt of Ann's against what they should have heard."""
    if not all([*who[-1:]] and who[-1][0] == "picture" and who[-1][2].startswith(MARKER) for who in (ann, bob)):
        raise Wrong(f"Ann sent {what}, and then a good picture. That one did not reach both: Ann heard {ann}, Bob {bob}.")
    if any(event == "picture" and (count != 2 or size is None) for event, count, _, size in ann + bob):
        raise Wrong(f"Ann sent {what}. A `picture` has two arguments, a text and bytes. Event, number of arguments, the first one, bytes of the second: {ann}.")
    if ["refused", 0] in [heard[:2] for heard in ann]:
        raise Wrong(f"Ann sent {what}, and heard `refused` without a word. It needs a sentence of yours.")
    ann, bob = [[event for event, *_ in who[:-1]] for who in (ann, bob)]
    if is_good and (ann, bob) != (["picture"], ["picture"]):
        raise Wrong(f"Ann sent {what}. Both should get it once. Ann heard {ann}, Bob {bob}.")
    if not is_good and "picture" in ann + bob:
        raise Wrong(f"Ann sent {what}, and it was passed on. It should be refused.")
    if not is_good and bob:
        raise Wrong(f"Ann sent {what}, and *Bob* was told that something was refused. That is between Ann and you.")
    if not is_good and ann != ["refused"]:
        raise Wrong(f"Ann sent {what}. She should hear `refused`, once, and heard {ann or 'nothing'}. Did your handler raise? A stranger chooses the arguments: `*what` takes any number.")


@check(
    "A handler that takes whatever comes: `def look(*what)`. Then see what it is, before you touch it.",
    "`len(what) == 2`, then `isinstance(words, str)` and `isinstance(image, bytes)`, then the lengths and `image.startswith(PNG)`.",
    "`everyone` is a set of sockets, as in the chat of this lesson. For all of them `each.emit(…)`, for a refusal `socket.emit(\"refused\", …)`.",
    timeout=20,
)
async def check_door(door):
    """Good pictures reach everybody, and everything else is refused, to its sender alone."""
    club = l12_binary.Server()
    door(club)
    async with club.listen() as server, Middlebox(server) as line:
        watch(Wire(line, layer="Socket.IO"))
        attempts = [[sent(value) for value in attempt] for attempt in ATTEMPTS.values()]
        said = await bench.javascript(bench.program("12/strangers.mjs"), url=bench.url(line, scheme="http"), attempts=attempts, timeout=15)
    for number, (what, (ann, bob)) in enumerate(zip(ATTEMPTS, json.loads(said), strict=True)):
        compare(what, number < GOOD, ann, bob)


await check_door.verdict()

# %% [markdown]
# ## The rules, and the boss's list

# %% tags=["folded"]
club = Server(ping_interval=0.8, ping_timeout=0.8, attachments_timeout=1.5)
club.on("connection", lambda socket: socket.on("message", lambda *what: socket.emit("message-back", *what)))
under_rules = await bench.start("under rules", club.listen())

await rulebook.hold(under_rules, lesson=12, name="your server after lesson 12")

# %%
await boss.review(boss.handmade(12))

# %% [markdown]
# One row has turned green, and none red: *sends images among the messages*. Eight of fourteen.

# %% [markdown]
# ## What you have now
#
# - An event may have bytes anywhere among its arguments. They are taken out, a *placeholder* stays, and they follow as *attachments*, each a binary message.
# - The header says how many come. The receiver puts each in its place and then calls the handler, which knows of nothing.
# - Nothing of Socket.IO may come between a header and its attachments. A ping or pong may.
# - Over a WebSocket bytes cost their size, over polling a third more, so there the limit comes sooner.
# - Too large ends the connection, and the reason does not say so. Look before you emit.
# - What a stranger makes you keep is number × bytes × time. Limit all three.
#
# ### Three questions
#
# <details><summary>1. A colleague sends pictures as base64 in JSON, “so that it works behind every proxy”. What do you tell him?</summary>
#
# That it works as bytes, too: where there is no WebSocket, Engine.IO writes the base64 by itself. He pays the third everywhere, and it buys nothing.
# </details>
#
# <details><summary>2. One user in twenty reports that photographs “disconnect the chat”. Always the same users. What do you ask them first?</summary>
#
# Which transport they have (`socket.io.engine.transport.name`). If it is polling, a photograph of 800 kB is too large there, and with a WebSocket it is not.
# </details>
#
# <details><summary>3. Why does the header carry the number of attachments, if the placeholders are there to be counted?</summary>
#
# So that a receiver knows how many to wait for without a search: the official one looks for the placeholders when all have come. And it is a check: if the two disagree, somebody is wrong, and yours learns it before the bytes come.
# </details>
#
# ### What is still missing
#
# The customer has sent the picture of his coin. Did it arrive? Did anybody *keep* it? He looks at the screen, nothing says so, and he sends it again. That is lesson 13.
