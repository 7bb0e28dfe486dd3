# %% [markdown]
# # 09 · Long-polling and upgrade
#
# **In {minutes} you get your messages through the boxes of lesson 03: as ordinary requests where nothing else passes, and over
# a WebSocket where one does. Your server does both, on one port, and each client finds out by itself which it is.**

# %% [markdown]
# ## What the boss says
#
# > "The agency's front end is beautiful. Our three best customers, the ones with the *1006*, see nothing of it. The agency
# > says that with *their* server it works in every office. So what does theirs have that ours has not?"
#
# The folded cell fetches the laboratory. Each section stands on those before it: to begin in the middle, click its heading and take
# *Run → Run All Above Selected Cell*.

# %% tags=["folded"]
# %load_ext wirelab
import asyncio
import json

from wirelab import bench, boss, rulebook
from wirelab.bench import Child
from wirelab.exercise import Wrong, check, expect
from wirelab.middlebox import Middlebox, StrictProxy
from wirelab.widgets.predict import predict
from wirelab.widgets.switchboard import Board, Switchboard
from wirelab.widgets.web_page import WebPage
from wirelab.widgets.wire import Wire

# %% [markdown] tags=["teacher"]
# **Timing.** 5 minutes for the red board, 10 for polling by hand, 10 for the upgrade, 10 for the foreign page, 5 for the green
# board; the code between them at home. With little time: sections 1, 2, 4, 7 and 9.
#
# **A question to start with:** "You may write letters to me, and I may only answer a letter. How do I tell you something that
# happens tonight?" Sooner or later somebody says: "I send you an empty letter now, and you answer it tonight."
#
# **What goes wrong in a class.** Somebody opens the partner's page at `localhost`, allows it, and is still refused: an origin
# is compared letter by letter. Through Jupyter's proxy that page and both servers have one origin, and nothing is refused.

# %% [markdown]
# ## 1. Red
#
# Lesson 03's switchboard, but its two Socket.IO clients now talk to *your* server, as it stood after lesson 08. That one knows
# WebSocket and nothing else, so the clients are told to begin with it.

# %%
from handmade import l08_meet_socketio as l08


def chat(io):
    """Make `io` send every message back."""

    @io.on("connection")
    def welcome(socket):
        socket.on("message", lambda text: socket.emit("message", text))

    return io


old = await bench.start("lesson 08", chat(l08.Server()).listen())
board = await bench.start("board", Board(old, transports=["websocket"]))

for name in ("StrictProxy", "ResetUpgrade", "ConnectOnlyTo"):
    print(board.turn_on(name))
    print(await board.try_all(), end="\n\n")
    await board.reset()

# %% [markdown]
# Red, wherever one looks. In lesson 03 the same two clients got through all three, with the official server.

# %% [markdown]
# ## 2. Messages as ordinary requests
#
# What got through in lesson 03 was a page: a request, and an answer that ends. So a client's message can travel as a POST. And the server's?
# A server cannot speak first in HTTP. Ask the official one, by hand. Each request says which protocol it means, `EIO=4`, and by which *transport* it comes: `polling`.
#
# <details><summary>The official server</summary>
#
# ```js official.mjs
# import { createServer } from "node:http";
# import { Server } from "socket.io";
#
# const http = createServer();
# const io = new Server(http, { pingInterval: 24 * 60 * 60 * 1000 });  // it would give you up while you read: lesson 10
# io.on("connection", (socket) => socket.on("message", (text) => socket.emit("message", text)));
#
# http.listen(process.env.PORT, "127.0.0.1", () => {
#   console.log(JSON.stringify({ port: http.address().port }));
# });
# ```
# </details>

# %%
from aiohttp import ClientSession, TCPConnector

official = await bench.start("official", Child.node("lessons_src/programs/09/official.mjs"))
cable = await bench.start("cable", Middlebox(official))
http = await bench.start("http", ClientSession(connector=TCPConnector(force_close=True)))


async def ask(method, body=None, **query):
    """One request to the official server; returns the text of the answer."""
    address = bench.url(cable, "/socket.io/", scheme="http")
    params = {"EIO": "4", "transport": "polling", **query}
    async with http.request(method, address, params=params, data=body) as answer:
        return await answer.text()


Wire(cable, layer="Engine.IO")

# %%
opening = await ask("GET")
session = json.loads(opening[1:])
print("the first answer:", opening[0], list(session))
print("upgrades:", session["upgrades"])

sid = session["sid"]
print("POST 40 is answered:", await ask("POST", "40", sid=sid))
print("GET brings:", (await ask("GET", sid=sid))[:9], "…")

# %% [markdown]
# First the *handshake* of Engine.IO. `0` opens a session, and the JSON has the names that it had over the WebSocket of lesson 08.
# But here `upgrades` is not empty: something better is to be had. HTTP remembers nothing from one request to the next, so from now
# on each carries the session's id, `sid`. It is a secret: who knows it *is* Ann, as far as the server can tell. Then Ann joined, as always with `40`.

# %%
guess_poll = predict(
    "Ann asks once more, and the server has nothing to say. What does it answer to her GET?",
    a="An empty page.",
    b="204, no content.",
    c="Nothing, for now.",
)

# %%
waiting = asyncio.create_task(ask("GET", sid=sid))
await asyncio.sleep(0.5)
print("answered after half a second:", waiting.done())
await ask("POST", '42["message","你好 🙂"]', sid=sid)
print("now it is answered:", await waiting)

# %%
guess_poll.reveal(
    "c",
    "It keeps the request, and answers at the moment when it has something to say. So the server does speak first: it answers late.",
    a="Then Ann would have to ask again at once, and again. Many programs do. It costs a request each time, and messages wait.",
    b="An answer would be over, and the server could not speak until Ann asks again.",
)

# %% [markdown]
# That is the trick, *long-polling*. One request of Ann's is nearly always with the server. When it is answered, she sends the next. For a proxy it
# is a page that takes its time; for the old browser, which has `XMLHttpRequest` and no WebSocket, it is what it can do.
#
# The texts are *packets* of Engine.IO. Here are all seven:
#
# | packet | says |
# |---|---|
# | `0{…}` | *open*: the session and its limits |
# | `1` | *close* |
# | `2`, `3` | *ping* and *pong* (lesson 10) |
# | `4…` | *message*: what Socket.IO has to say |
# | `5` | *upgrade*: from now on over the WebSocket |
# | `6` | *noop*: nothing, so that a poll has an answer |
#
# There is one poll at a time. Who sends a second while the first still waits loses the session: two programs use one sid, or one has lost its way.

# %% [markdown]
# ## 3. Your turn: payloads
#
# Several packets may be due when a poll comes. They travel in one body, a *payload*, with a separator between them that occurs in no JSON: the
# character U+001E, *record separator*, `"\x1e"` in Python. Bytes cannot stand in a text: they go as `b` and base64.

# %% tags=["export", "core"]
from base64 import b64decode, b64encode
from collections.abc import Callable

from handmade.l08_meet_socketio import JSON, ProtocolError

EnginePacket = str | bytes
Write = Callable[[list[EnginePacket]], object]

# %% [markdown] tags=["exercise"]
# ### Exercise 1 · A body with several packets
# *10 minutes, easy*
#
# Write `my_to_payload(packets)`, which makes the text of a body from a list of packets, each a `str` or `bytes`: `["4Hello", b"\x01\x02"]`
# becomes `"4Hello\x1ebAQI="`. And `my_from_payload(body)`, the other way, from the body's bytes. What is not UTF-8, or not base64,
# raises `ProtocolError`.
#
# The check puts both into a server, and the official client, told to use polling alone, talks to it.
#
# <details><summary>The program that the check runs</summary>
#
# ```js saying.mjs
# import { io } from "socket.io-client";
#
# const socket = io(url, { transports, reconnection: false });
# const heard = [];
# const done = (problem) => {
#   clearTimeout(timer);
#   socket.disconnect();
#   console.log(JSON.stringify({ heard, problem }));
# };
# const timer = setTimeout(() => done("nothing more is heard"), 2000);
#
# const speak = () => texts.forEach((text) => socket.emit("message", text));
# if (transports.length === 1) speak();
# else socket.io.engine.once("upgrade", speak);
# socket.on("message", (text) => {
#   heard.push(text);
#   if (heard.length === texts.length) done(null);
# });
# socket.on("connect_error", (error) => done(error.message));
# socket.on("disconnect", (reason) => reason !== "io client disconnect" && done(reason));
# ```
# </details>

# %% tags=["check"]
from unittest.mock import patch

from handmade import l09_long_polling_and_upgrade as l09

TEXTS = ["Hello", "你好 🙂", "two\u2028lines", "a\x1dgroup", "b"]


async def heard_from(io, *transports):
    """What the official client hears of TEXTS when it says them to this server, over these transports."""
    async with io.listen() as port:
        url = bench.url(port, scheme="http")
        program = bench.program("09/saying.mjs")
        said = json.loads(await bench.javascript(program, url=url, transports=transports, texts=TEXTS))
    return said["heard"] if said["problem"] is None else said["problem"]


@check(
    "`separator.join(…)` puts packets together, `body.decode().split(separator)` takes them apart.",
    "`b64encode(packet).decode()` is the base64 of bytes, as text. A piece that begins with `b` is such a packet.",
    "`b64decode(…, validate=True)` raises for what is no base64, `decode()` for what is no UTF-8: both are a `ValueError`.",
    timeout=20,
)
async def check_payload(my_to_payload, my_from_payload):
    """The official client talks to a server with your payloads."""
    for packets, text in (
        (["4Hello"], "4Hello"),
        (["4Hello", "4你好 🙂"], "4Hello\x1e4你好 🙂"),
        (["4Hello", b"\x01\x02"], "4Hello\x1ebAQI="),
        ([b"", "4b"], "b\x1e4b"),
        (["4two\u2028lines\n", "4a\x1dgroup"], "4two\u2028lines\n\x1e4a\x1dgroup"),
        (["4a line\n"], "4a line\n"),
    ):
        expect(f"the payload of {packets}", my_to_payload(packets), text)
        expect(f"the packets of {text.encode()}", my_from_payload(text.encode()), packets)
    for body, what in ((b"4\xff", "no UTF-8"), (b"b?", "no base64"), (b"4a\x1ebAQ", "base64 that breaks off")):
        try:
            got = my_from_payload(body)
        except ProtocolError:
            continue
        except ValueError as error:
            raise Wrong(f"For {body} (that is {what}) it raises {type(error).__name__}. Raise `ProtocolError`.") from None
        raise Wrong(f"{body} is {what}, and you return {got!r}. Raise `ProtocolError`.")
    with patch.multiple(l09, to_payload=my_to_payload, from_payload=my_from_payload):
        heard = await heard_from(chat(l09.Server()), "polling")
    expect("what the official client hears by polling", heard, TEXTS)


await check_payload.verdict()

# %% tags=["export", "core", "folded"]
from functools import lru_cache

from handmade.l02_inside_the_wire import frame
from websockets.frames import Opcode


def to_payload(packets: list[EnginePacket]) -> str:
    """Packets as one body, binary ones in base64 (Engine.IO v4, "Packet encoding", "HTTP long-polling")."""
    pieces = []
    for packet in packets:
        if isinstance(packet, bytes):
            pieces.append("b" + b64encode(packet).decode())
        else:
            pieces.append(packet)
    return "\x1e".join(pieces)


def from_payload(body: bytes) -> list[EnginePacket]:
    """The packets of a body. Raises ProtocolError."""
    packets: list[EnginePacket] = []
    try:
        for piece in body.decode().split("\x1e"):
            is_binary = piece.startswith("b")
            packets.append(b64decode(piece[1:], validate=True) if is_binary else piece)
    except ValueError as error:
        raise ProtocolError(f"a body that is no payload: {error}") from None
    return packets


@lru_cache(maxsize=1)  # what everybody is to hear is made once
def to_frame(packet: EnginePacket) -> bytes:
    """A packet as a WebSocket frame (Engine.IO v4, "Packet encoding", "WebSocket")."""
    if isinstance(packet, bytes):
        return frame(Opcode.BINARY, packet)
    return frame(Opcode.TEXT, packet.encode())


# %% [markdown]
# ## 4. Who carries it?
#
# When your handler emits, three things may be the case: a poll waits, then it carries the packet, once, and is gone. Or the WebSocket is there,
# which carries as often as you like. Or there is nothing at this moment, because Ann's next GET is on its way: then the packet has to wait. So
# between `emit` and the network stands an *outbox*: packets wait for a carrier, a carrier waits for packets, and whoever comes second finds the other.

# %% [markdown] tags=["exercise"]
# ### Exercise 2 · The outbox
# *15 minutes, medium*
#
# Write `MyOutbox(transport)`. It keeps `transport` (`"polling"` or `"websocket"`), `packets`, a list, and `carrier`: a function that takes
# a list of packets and sends them all, or None. `send(packet)` hands the packet to the carrier, or lets it wait. `attach(carrier)` says that
# there is a carrier now; if packets wait, it gets them at once, all together. With the transport `"polling"` a carrier carries once, and is None
# again. If there is one already, `attach` raises `ProtocolError`: two polls at once. (`flush` is a helper that both may call; take it out if you need none.)
#
# In the check the official client talks to a session with your outbox, by polling, and then across an upgrade.

# %% tags=["check"]
def server_on(outbox):
    """Lesson 09's server, whose sessions have that outbox."""

    class TheirSession(l09.Session):
        outbox_type = outbox

    class TheirEngine(l09.Engine):
        session_type = TheirSession

    class TheirServer(l09.Server):
        engine_type = TheirEngine

    return chat(TheirServer())


@check(
    "`send` appends, `attach` keeps the carrier, and then both do the same: *if there are packets and a carrier*, hand them over.",
    "Hand the list over and begin a new one: `packets, self.packets = self.packets, []`.",
    "For polling set `self.carrier = None` *before* you call the carrier: what it does may lead to the next `send`.",
    timeout=20,
)
async def check_outbox(MyOutbox):
    """Packets and carriers find each other, and the official client hears everything, in order."""
    box, carried = MyOutbox("polling"), []
    for name, wanted in (("transport", "polling"), ("packets", []), ("carrier", None)):
        expect(f"`{name}` of a new outbox", getattr(box, name, "not there"), wanted)
    box.send("4a")
    box.send(b"b")
    box.attach(carried.append)
    expect("what a poll carries if `4a` and bytes wait for it", carried, [["4a", b"b"]])
    expect("the carrier after that", box.carrier, None)
    box.attach(carried.append)
    expect("what a poll carries if nothing waits", carried[1:], [])
    refused = []
    try:
        box.attach(refused.append)
    except ProtocolError:
        pass
    else:
        raise Wrong("A poll waits and a second one comes: raise `ProtocolError`.")
    box.send("4c")
    if refused:
        raise Wrong("The second poll, which was refused, carried a packet. The first one waits still: keep it.")
    box.send("4d")
    expect("what it carries after two more are sent", carried[1:], [["4c"]])
    expect("what waits then", box.packets, ["4d"])
    box.transport = "websocket"
    box.attach(carried.append)
    box.send("4e")
    box.send("4f")
    expect("what a WebSocket carries, which is attached now,", carried[2:], [["4d"], ["4e"], ["4f"]])
    for transports in (["polling"], ["polling", "websocket"]):
        heard = await heard_from(server_on(MyOutbox), *transports)
        expect(f"what the official client hears over {' and '.join(transports)}", heard, TEXTS)


await check_outbox.verdict()

# %% tags=["export", "core", "folded"]
class Outbox:
    """Packets that wait for something to carry them: a poll, or the WebSocket."""

    def __init__(self, transport: str) -> None:
        self.transport = transport
        self.packets: list[EnginePacket] = []
        self.carrier: Write | None = None

    def send(self, packet: EnginePacket) -> None:
        """Send a packet as soon as there is something to carry it."""
        self.packets.append(packet)
        self.flush()

    def attach(self, carrier: Write) -> None:
        """Here is something to carry packets. Raises ProtocolError if a poll waits already."""
        if self.carrier:
            raise ProtocolError("two polls at once")
        self.carrier = carrier
        self.flush()

    def flush(self) -> None:
        """Hand what waits to the carrier, if there is one. A poll carries once."""
        if self.packets and self.carrier:
            carrier, packets = self.carrier, self.packets
            self.packets = []
            if self.transport == "polling":
                self.carrier = None
            carrier(packets)


# %% [markdown]
# Around it comes the rest of a session, folded: its id, what each of the seven packets means, and how it ends.
#
# <details><summary>How a session ends</summary>
#
# - The client says `1`. If a poll of its own waits then, it is answered `6`, so that it does not wait for ever.
# - The server says `1`: to the poll that waits, or to the next one. Who does not come for it in half a minute is given up.
# - Something is wrong: two polls or two POSTs at once, a poll given up, a body that is no payload. A session in which packets may be missing is
#   of no use to anybody.
#
# It knows no network and no clock: how to write, and `call_later`, are handed in. So its tests need no second of waiting.
# </details>

# %% tags=["export", "core", "folded"]
from typing import Any


class Sender:
    """The way to a client, up to the goodbye. A clock is handed in: `call_later(seconds, action)`."""

    outbox_type = Outbox

    def __init__(self, transport: str, call_later: Callable[[float, Callable[[], None]], Any]) -> None:
        self.outbox = self.outbox_type(transport)
        self.call_later = call_later
        self.state = "open"
        self.on_close: list[Callable[[str], object]] = []

    def send(self, packet: EnginePacket) -> None:
        """Send a packet, unless a goodbye was said."""
        if self.state == "open":
            self.outbox.send(packet)

    def release(self, packet: EnginePacket) -> None:
        """Answer the poll that waits. If none does, nobody has to be told."""
        if self.outbox.carrier:
            self.outbox.send(packet)

    def attach(self, carrier: Write) -> None:
        """Here is something to carry packets. The goodbye is the last of them. Raises ProtocolError."""
        self.outbox.attach(carrier)
        if self.state == "closing":
            self.end("forced close")

    def end(self, reason: str, goodbye: str = "1") -> None:
        """It is over, now. A poll that waits is answered with the goodbye."""
        if self.state != "closed":
            self.state = "closed"
            self.release(goodbye)
            for closed in self.on_close:
                closed(reason)

# %% tags=["export", "core", "folded"]
import asyncio
from collections.abc import Awaitable
from functools import partial
from secrets import token_urlsafe


class Conversation(Sender):
    """What a client and the server say to each other, in packets."""

    def __init__(self, transport: str, call_later: Callable[[float, Callable[[], None]], Any]) -> None:
        super().__init__(transport, call_later)
        self.sid = token_urlsafe(15)
        self.posting = False
        self.on_message: Callable[[str | bytes], None] = lambda message: None
        self.catch_up: Callable[[], Awaitable[None]] = partial(asyncio.sleep, 0)

    def receive(self, packet: EnginePacket) -> None:
        """Act on a packet of the client. Raises ProtocolError."""
        match packet[:1] if self.state == "open" else "6":
            case bytes():
                self.on_message(packet)
            case "4":
                self.on_message(packet[1:])
            case "1":
                self.end("transport close", goodbye="6" if self.outbox.transport == "polling" else "1")
            case "0" | "3" | "5" | "6":
                pass  # they mean nothing here
            case _:
                raise ProtocolError(f"{packet[:40]!r} is no packet that a client may send")

    def close(self) -> None:
        """Say goodbye after all that waits. Who polls no more has half a minute to hear it."""
        if self.state != "open":
            return
        if self.outbox.carrier:
            self.end("forced close")
            return
        self.state = "closing"
        self.outbox.packets += ["1"] if self.outbox.packets else ["6", "1"]
        self.call_later(30, lambda: self.end("forced close"))

# %% [markdown]
# ## 5. The upgrade
#
# Polling gets through, and it is slow: as a rule a request for each message of Ann's, one for each answer, headers on all of them. So Ann begins with it, and tries for something
# better *meanwhile*. She opens a WebSocket with the sid of her session. And you remember the 101 that was dropped: an open WebSocket proves nothing.
# So she sends a *probe*, and polling goes on until the answer is there.
#
# | Ann, over the WebSocket | the server | what it means |
# |---|---|---|
# | `2probe` | `3probe` over the WebSocket | it carries, in both directions |
# | | `6` to the poll that waits | polling can pause: no poll is open any more |
# | `5` | what is still in the outbox, over the WebSocket | from here on polling is over |

# %%
guess_flight = predict(
    "Between `3probe` and `5` your handler emits. Which way does the message take?",
    a="The poll, as before.",
    b="The WebSocket: it has just proved that it carries.",
    c="Both, and the client takes the one that comes first.",
)

# %% tags=["export", "core", "folded"]
class Host(Conversation):
    """A conversation that may have a guest: a WebSocket that wants to take it over from polling."""

    guest: Write | None = None  # the way back to it
    has_probed = False

    def hurry(self, write: Write) -> None:
        """While a WebSocket probes no poll waits for long: polling has to end before it can take over."""
        if write == self.guest:
            self.release("6")
            self.call_later(0.1, lambda: self.hurry(write))

    def show_out(self, write: Write | None) -> None:
        """The guest has to go, if this is the guest. The session goes on."""
        if write and write == self.guest:
            self.guest = None
            write(["1"])

    def hang_up(self, write: Write, reason: str = "transport close") -> None:
        """A WebSocket is gone, or worth nothing. A guest takes no session with it."""
        self.show_out(write)
        if write == self.outbox.carrier:
            self.end(reason)

    def end(self, reason: str, goodbye: str = "1") -> None:
        """It is over, for a guest as well."""
        super().end(reason, goodbye)
        self.show_out(self.guest)


# %% [markdown]
# In the code, a WebSocket that comes with a sid is a *guest*. It may probe, once, and has no say until it has said `5`; whatever else it does, it is shown
# out, and the session goes on.

# %% tags=["export", "core"]
class Session(Host):
    """One client's session, whatever carries it (Engine.IO v4, "Upgrade")."""

    def knock(self, write: Write, patience: float) -> None:
        """A WebSocket has come with the id of this session. It has so many seconds."""
        if self.guest or self.outbox.transport == "websocket":
            write(["1"])
            return
        self.guest = write
        self.has_probed = False
        self.call_later(patience, lambda: self.show_out(write))

    def frame(self, packet: EnginePacket, write: Write) -> None:
        """Act on a packet that a WebSocket brought. Raises ProtocolError."""
        is_guest = write == self.guest
        if write == self.outbox.carrier:
            self.receive(packet)
        elif is_guest and packet == "2probe" and not self.has_probed:
            self.has_probed = True
            write(["3probe"])
            self.call_later(0.1, lambda: self.hurry(write))
        elif is_guest and packet == "5":
            self.release("1")  # no client should have a poll open now
            self.guest = None
            self.outbox.transport = "websocket"
            self.attach(write)
        else:
            self.show_out(write)


# %% [markdown]
# Two lists are the poll and the WebSocket:

# %%
session = Session("polling", call_later=lambda seconds, action: None)
polled, framed = [], []
session.attach(polled.extend)
session.knock(framed.extend, patience=10)
session.frame("2probe", framed.extend)
session.send("4a poll is open")
session.send("4no poll is open")
session.frame("5", framed.extend)
session.send("4afterwards")
print("the poll:     ", polled)
print("the WebSocket:", framed)

# %%
guess_flight.reveal(
    "a",
    "A probe that was answered decides nothing. Until `5` the client may still give up, and what it was sent over the WebSocket would be lost.",
    b="It has, and the server waits for the client to say so as well. The client says it with `5`.",
    c="Then two ways would have to be compared for ever. Each packet takes one way, and takes it once.",
)

# %% [markdown]
# Look at the second message. It found no carrier, waited in the outbox, and the WebSocket took it along: *packets in flight* are neither lost nor
# doubled. The client does the same on its side: from the answer to its probe on it keeps what it wants to send, until its last poll has come back.

# %% [markdown]
# ## 6. One server, one port
#
# What is left is the shell, in folded cells. It stands on *aiohttp*, because the library `websockets` takes no request with a body. `refusal` is what a bad request
# gets, `poll` and `post` are the halves of polling, `serve_frames` reads a WebSocket, `Engine` decides between them. Lesson 08's `Client` notices
# nothing: it was told how to write and how to close, and is told something else now.
#
# <details><summary>How <code>Frames</code> writes: the frames of lesson 02, straight into the connection</summary>
#
# - aiohttp's `send_str` may have to wait. Each client would need a task that waits, and a queue before it. `connection.write` never waits: what the network does not take
#   at once, asyncio keeps. So `emit` writes at once, and a client that says nothing costs neither of the two.
# - It is safe, because a frame is written in one piece. aiohttp still writes the pongs and the close frame, and none of them can get into the middle of another. After a
#   close frame no message may follow (RFC 6455, section 5.5.1), whoever said the goodbye: `write` looks first.
# - What everybody is to hear is the same packet for all. `to_frame` stands with the payloads above; `lru_cache` keeps the last frame it made, so it is made once and not for each client.
# - A client that says a lot and reads nothing would fill your memory with its own echo. As soon as more than 64 KiB wait for it in asyncio, `drain` waits too, and nobody reads what it
#   says. (What *others* say to it piles up all the same, until the heartbeat of lesson 10 notices. Lesson 17 comes back to that.)
# </details>

# %% tags=["export", "folded"]
from aiohttp import web

from handmade import l08_meet_socketio as l08


def refusal(request: web.Request, session: Session | None, is_forbidden: bool) -> web.Response | None:
    """A bad request's answer, in the official server's codes and words, and nearly always its choice."""
    query, method = request.query, request.method
    transport = query.get("transport")
    upgrade = request.headers.get("Upgrade", "").lower() == "websocket"
    problems = [
        (0, "Transport unknown", transport not in ("polling", "websocket")),
        (1, "Session ID unknown", query.get("sid") and session is None),
        (3, "Bad request", session and not upgrade and session.outbox.transport != transport),
        (2, "Bad handshake method", method != "GET" and (upgrade or not session or method != "POST")),
        (3, "Bad request", upgrade != (transport == "websocket")),
        (4, "Forbidden", is_forbidden),
        (5, "Unsupported protocol version", query.get("EIO") != "4"),
    ]
    for code, message, is_wrong in problems:
        if is_wrong and upgrade:
            return web.Response(status=400, text=message)
        if is_wrong:
            error = {"code": code, "message": message}
            return web.json_response(error, status=403 if code == 4 else 400, dumps=JSON.encode)
    return None


# %% tags=["export", "folded"]
from collections.abc import Collection
from dataclasses import dataclass


def permission(request: web.Request, origins: Collection[str]) -> dict[str, str]:
    """The headers that let a page of another origin read the answer, if its origin was named (CORS)."""
    origin = request.headers.get("Origin", "")
    if not origin or {origin, "*"}.isdisjoint(origins):
        return {}
    headers = request.headers.get("Access-Control-Request-Headers", "")
    return {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Headers": headers, "Vary": "Origin"}


def is_foreign(request: web.Request, origins: Collection[str]) -> bool:
    """Whether a page of another origin asks, and that was not named. Programs name no origin."""
    origin = request.headers.get("Origin")
    is_own = not origin or origin.partition("://")[2] == request.host
    return not is_own and not permission(request, origins)


@dataclass(frozen=True)
class Options:
    """Settings, in bytes and seconds. `cors` names the foreign origins that may use the server; "*" all."""

    max_http_buffer_size: int = 1_000_000
    upgrade_timeout: float = 10
    cors: Collection[str] = ()

    def opening(self) -> dict[str, int]:
        """What the open packet says of them. The first ping is due in a day."""
        day = 24 * 60 * 60 * 1000
        return {"pingInterval": day, "pingTimeout": day, "maxPayload": self.max_http_buffer_size}


# %% tags=["export", "folded"]
async def poll(session: Session) -> web.Response:
    """Answer a GET as soon as there are packets."""
    packets = asyncio.Queue[list[EnginePacket]]()
    try:
        session.attach(packets.put_nowait)
        return web.Response(text=to_payload(await packets.get()), headers={"Cache-Control": "no-store"})
    except ProtocolError:
        session.end("transport error")
        return web.Response(status=400)
    except asyncio.CancelledError:  # the client has hung up
        session.end("transport error")
        raise


async def post(request: web.Request, session: Session, limit: int) -> web.Response:
    """Take the packets of a POST."""
    if session.posting or request.headers.get("Content-Type") == "application/octet-stream":
        session.end("transport error")
        return web.Response(status=400)
    session.posting = True
    try:
        for packet in from_payload(await request.clone(client_max_size=limit).read()):
            session.receive(packet)
            await session.catch_up()
        return web.Response(text="ok", content_type="text/html")
    except web.HTTPRequestEntityTooLarge:
        return web.Response(status=413)
    except ProtocolError:
        session.end("parse error")
        return web.Response(status=400)
    except BaseException:
        session.end("transport error")
        raise
    finally:
        session.posting = False


# %% tags=["export", "folded"]
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Frames:
    """The way back to a client over its WebSocket: frames, put into its connection at once."""

    def __init__(self, websocket: web.WebSocketResponse, connection: Any, unsent: Any) -> None:
        self.websocket, self.connection, self.unsent = websocket, connection, unsent
        self.goodbyes = list[asyncio.Task[bool]]()

    def write(self, packets: list[EnginePacket]) -> None:
        """Write packets, up to the goodbye, for which WebSocket has words of its own."""
        if self.goodbyes or self.websocket.closed or self.connection.is_closing():
            return
        for packet in packets:
            if packet == "1":
                self.goodbyes.append(asyncio.create_task(self.websocket.close()))
                asyncio.get_running_loop().call_later(5, self.connection.abort)  # who does not take it
            else:
                self.connection.write(to_frame(packet))


@asynccontextmanager
async def site(app: web.Application, host: str, port: int) -> AsyncIterator[int]:
    """Serve an application; gives the port. Who hangs up cancels the handler of his request."""
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


# %% tags=["export", "folded"]
class Engine:
    """Engine.IO on aiohttp: requests in, sessions out; `greet(session)` is called for each new one."""

    session_type, frames_type = Session, Frames

    def __init__(self, greet: Callable[[Any], object], options: Any) -> None:
        self.greet = greet
        self.options = options
        self.sessions: dict[str, Session] = {}

    def forbids(self, request: web.Request) -> bool:
        """Whether a foreign page asks for a WebSocket, which no browser would stop."""
        return "Upgrade" in request.headers and is_foreign(request, self.options.cors)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request."""
        session = self.sessions.get(request.query.get("sid", ""))
        if request.method == "OPTIONS" and self.options.cors:
            answer = web.Response(status=204)
        elif refused := refusal(request, session, self.forbids(request)):
            answer = refused
        elif request.query["transport"] == "websocket":
            return await serve_frames(self, request, session)
        elif session and request.method == "POST":
            answer = await post(request, session, self.options.max_http_buffer_size)
        else:
            answer = await poll(session or self.open(request))
        answer.headers.update(permission(request, self.options.cors))
        return answer

    def open(self, request: web.Request) -> Session:
        """A new session. It begins with the open packet (Engine.IO v4, "Handshake")."""
        session = self.session_type(request.query["transport"], asyncio.get_running_loop().call_later)
        self.sessions[session.sid] = session
        session.on_close.append(lambda reason: self.sessions.pop(session.sid))
        upgrades = ["websocket"] if session.outbox.transport == "polling" else []
        session.send("0" + JSON.encode({"sid": session.sid, "upgrades": upgrades, **self.options.opening()}))
        self.greet(session)
        return session


# %% tags=["export", "folded"]
async def serve_frames(engine: Engine, request: web.Request, session: Session | None) -> web.StreamResponse:
    """Serve a WebSocket: a session of its own, or a guest that wants to take over a session."""
    websocket = web.WebSocketResponse(compress=False, max_msg_size=engine.options.max_http_buffer_size + 1)
    unsent = await websocket.prepare(request)
    frames = engine.frames_type(websocket, request.transport, unsent)
    if session:
        session.knock(frames.write, engine.options.upgrade_timeout)
    else:
        session = engine.open(request)
        session.attach(frames.write)
    try:
        async for message in websocket:
            if message.type == web.WSMsgType.ERROR:
                raise ProtocolError(f"no WebSocket frame: {message.data}")
            session.frame(message.data, frames.write)
            await session.catch_up()
            await frames.unsent.drain()  # who takes nothing is not listened to
    except ProtocolError:
        session.hang_up(frames.write, "parse error")
    finally:
        session.hang_up(frames.write)
        await asyncio.gather(*frames.goodbyes)
    return websocket


class Client(l08.Client):
    """One connection, over whatever carries its session: its messages are Socket.IO packets."""

    def __init__(self, server: "Server", session: Session) -> None:
        super().__init__(server, lambda text: session.send(f"4{text}"), session.close)
        self.session = session
        session.on_message = lambda message: self.receive(l08.decode(message))
        session.catch_up = self.line.catch_up
        session.on_close.append(self.closed)


# %% tags=["export", "folded"]
class Server(l08.Server):
    """A Socket.IO server over long-polling and WebSocket, with Options."""

    options_type: type[Options] = Options
    engine_type: type[Engine] = Engine
    client_type: type[Client] = Client

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.options = self.options_type(**options)
        self.engine = self.engine_type(self.greet, self.options)

    def greet(self, session: Session) -> None:
        """Somebody has opened a session."""
        self.client_type(self, session)

    def attach(self, app: web.Application, path: str = "/socket.io/") -> None:
        """Serve at that path of an application."""
        app.router.add_route("*", path, self.engine.handle)
        app.on_shutdown.append(self.stop)

    async def stop(self, app: web.Application) -> None:
        """End all sessions. Handlers get a second for what they are doing."""
        for session in tuple(self.engine.sessions.values()):
            session.end("server shutting down")
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=1)
        for task in self.tasks:
            task.cancel()

    @asynccontextmanager
    async def listen(self, port: int = 0, host: str = "127.0.0.1") -> AsyncIterator[int]:
        """Serve on that port (0: any that is free) as long as the `async with` lasts; it gives the port."""
        app = web.Application()
        self.attach(app)
        async with site(app, host, port) as listening:
            yield listening


# %% [markdown]
# Your server, then. The JavaScript client is told no transport; it begins with polling by itself.
#
# <details><summary>The program in JavaScript</summary>
#
# ```js upgrade.mjs
# import { io } from "socket.io-client";
#
# const socket = io(url);                        // no transports: polling first, then WebSocket
# const { engine } = socket.io;
#
# engine.once("open", () => console.log("open, over", engine.transport.name));
# engine.once("upgrade", () => {
#   console.log("upgraded to", engine.transport.name);
#   socket.emit("message", "你好 🙂");
# });
# socket.on("message", (text) => {
#   console.log("heard:", text);
#   socket.disconnect();
# });
# ```
# </details>

# %%
allowed = set()  # section 7 says what for
io = chat(Server(cors=allowed))
mine = await bench.start("my server", lambda port=0: io.listen(port))
my_cable = await bench.start("my cable", Middlebox(mine))
Wire(my_cable, layer="Engine.IO")

# %%
import socketio

url = bench.url(my_cable, scheme="http")
print(await bench.javascript(bench.program("09/upgrade.mjs"), url=url))

heard = asyncio.Queue()
ann = socketio.AsyncClient(handle_sigint=False)
ann.on("message", heard.put)
for transports in (["polling"], ["websocket"], None):
    await ann.connect(url, transports=transports)
    await ann.emit("message", "你好 🙂")
    print(f"Ann, told {transports}, hears {await heard.get()} over {ann.transport()}")
    await ann.disconnect()

# %% [markdown]
# One server, one port, and both transports on it. Find the probe on the wire above, and what the polls brought meanwhile.

# %% [markdown]
# ## 7. Whose page may talk to it?
#
# When a script calls another server than its page's, the browser adds a header that the script cannot forge: `Origin`, the scheme, host and port of the page. A page may read answers of another
# origin only if the answer says so: `Access-Control-Allow-Origin`. That is *CORS*, and it is the browser that obeys it. The server of
# lesson 08 had no need of it, because for a WebSocket there is no such rule.

# %%
guess_foreign = predict(
    "The page of another company, shop.example, talks to the official server in its default setting. What gets through?",
    a="Neither: by default an origin must be allowed.",
    b="Polling is stopped by the browser; a WebSocket gets in.",
    c="Polling gets through, a WebSocket does not: its Origin is checked.",
)

# %% tags=["folded"]
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus


async def as_page_of(origin, server):
    """What a browser with a page of that origin would be answered, by each transport."""
    path, headers = "/socket.io/?EIO=4&transport=", {"Origin": origin}
    async with http.get(bench.url(server, f"{path}polling", scheme="http"), headers=headers) as answer:
        allowed = answer.headers.getall("Access-Control-Allow-Origin", [])
    print(f"polling: {answer.status}, Access-Control-Allow-Origin: {', '.join(allowed) or 'none'}")
    try:
        async with connect(bench.url(server, f"{path}websocket"), origin=origin) as websocket:
            print("WebSocket: open, it hears", (await websocket.recv())[:2], "…")
    except InvalidStatus as error:
        print("WebSocket:", error.response.status_code, error.response.body.decode())


# %% misconception=24
print("The official server:")
await as_page_of("https://shop.example", official)
print("Yours:")
await as_page_of("https://shop.example", mine)

# %%
guess_foreign.reveal(
    "b",
    "Without the header the browser keeps the answer from the script. A WebSocket has no such rule, and the official server asks nobody where he comes from.",
    a="It looks like that, because polling comes first and fails. A page that asks for a WebSocket alone is in.",
    c="The official server looks at no Origin there. Its option `cors` is about headers of ordinary answers.",
)

# %% [markdown]
# If your users are known by a cookie, the difference is a hole: a foreign page opens a WebSocket in *their* name, as far as the cookie's `SameSite` lets it. Your server refuses it. (With the official one you do it yourself, with
# `allowRequest`.) A program names no origin, and may come in: it could invent one anyway.
#
# See it in your own browser. The folded cell starts a partner's web server at another port, so of another *origin*, with a page that calls the official
# server and yours. Press **Connect**, and look into the console (<kbd>F12</kbd>).
#
# <details><summary>The partner's page</summary>
#
# ```html partner.html
# <!doctype html>
# <meta charset="utf-8">
# <script src="socket.io.js"></script>
# <button id="connect">Connect</button>
# <script>
#   const log = (line) => document.body.append(document.createElement("br"), line);
#   log("This page is of " + location.origin);
#
#   function call(name, port, transport) {
#     // Where this browser finds the other server: at its port, or by the same way through Jupyter's proxy.
#     const server = new URL(location.href.replace("PARTNER", port));
#     const options = { path: server.pathname + "socket.io/", transports: [transport], forceNew: true, reconnection: false };
#     const socket = io(server.origin, options);
#     socket.on("connect", () => log(name + ", " + transport + ": connected"));
#     socket.on("connect_error", (error) => log(name + ", " + transport + ": " + error.message));
#   }
#
#   document.getElementById("connect").onclick = () => {
#     for (const transport of ["polling", "websocket"]) {
#       call("official", "OFFICIAL", transport);
#       call("yours", "MINE", transport);
#     }
#   };
# </script>
# ```
# </details>

# %% tags=["folded"]
async def partner_page(request):
    """The page, with the ports filled in."""
    page = bench.program("09/partner.html")
    for word, port in (("PARTNER", partner), ("OFFICIAL", official.port), ("MINE", mine)):
        page = page.replace(word, str(port))
    return web.Response(text=page, content_type="text/html")


async def client_script(request):
    """The official client."""
    return web.FileResponse(bench.CLIENT_JS)


shop = web.Application()
shop.add_routes([web.get("/socket.io.js", client_script), web.get("/", partner_page)])
partner = await bench.start("partner", site(shop, "127.0.0.1", 0))

# %% tags=["demo"]
WebPage(partner, height=200)

# %% [markdown]
# Now allow the partner, by its origin, and press **Connect** again. (`allowed.clear()` takes it back, after *Run All* for example.)

# %%
allowed.add(bench.url(partner, scheme="http"))

# %% [markdown]
# (`http://localhost:…` would be another origin than `http://127.0.0.1:…`, though both are this machine: they are compared letter by letter. So let a page say its own.)
#
# Most web frameworks can send these headers, too. Which of the two should?

# %%
guess_framework = predict(
    "Your aiohttp application adds the header for shop.example to each answer. python-socketio, in the same application, has its defaults. What does shop.example get?",
    a="It gets in: the header is there.",
    b="400: python-socketio looks at the Origin itself.",
    c="It gets in, by polling alone.",
)

# %% tags=["folded"]
SHOP = "https://shop.example"


@web.middleware
async def allow_shop(request, handler):
    """What a framework's CORS does."""
    answer = await handler(request)
    answer.headers.add("Access-Control-Allow-Origin", SHOP)
    return answer


def application(**settings):
    """python-socketio, in an application with that middleware."""
    app = web.Application(middlewares=[allow_shop])
    socketio.AsyncServer(async_mode="aiohttp", **settings).attach(app)
    return bench.aiohttp(app)


# %% misconception=4
for settings in ({}, {"cors_allowed_origins": [SHOP]}):
    print(settings or "defaults")
    await as_page_of(SHOP, await bench.start("python-socketio", application(**settings)))

# %%
guess_framework.reveal(
    "b",
    "It refuses what comes from elsewhere, over both transports. And if both allow it, the header is there twice, which no browser accepts.",
    a="It is there, on a refusal.",
    c="Its check is the same for both transports.",
)

# %% [markdown]
# So one of them, and here it should be python-socketio: a header stops no WebSocket, and its own check does.

# %% [markdown]
# ## 8. On your own page
#
# A page of your own server needs no permission. The folded cell serves it beside Socket.IO, as in lesson 08.
#
# <details><summary>The page</summary>
#
# ```html index.html
# <!doctype html>
# <meta charset="utf-8">
# <script src="socket.io.js"></script>
# <button id="send">Send</button>
# <script>
#   const log = (line) => document.body.append(document.createElement("br"), line);
#   const socket = io({ path: location.pathname + "socket.io/" });
#
#   socket.io.on("open", () => {
#     const engine = socket.io.engine;
#     log("open, over " + engine.transport.name);
#     engine.once("upgrade", () => log("upgraded to " + engine.transport.name));
#   });
#   socket.on("message", (text) => log("heard " + text + " over " + socket.io.engine.transport.name));
#   document.getElementById("send").onclick = () => socket.emit("message", "你好 🙂");
# </script>
# ```
# </details>

# %% tags=["folded"]
async def index(request):
    """The page."""
    return web.Response(text=bench.program("09/index.html"), content_type="text/html")


def front():
    """An application with the page, the official client and your server."""
    app = web.Application()
    chat_here = chat(Server())
    chat_here.attach(app)
    app.add_routes([web.get("/", index), web.get("/socket.io.js", client_script)])
    return app


my_site = await bench.start("my site", site(front(), "127.0.0.1", 0))
site_cable = await bench.start("site cable", Middlebox(my_site))
office = [StrictProxy()]
Wire(site_cable, layer="Engine.IO")

# %% tags=["demo"]
WebPage(site_cable, height=160)

# %% [markdown]
# Press **Send**, and find it on the wire. Then put lesson 03's strict proxy in between, with `site_cable.rules = office` in a cell of your own, and press **Reload** and **Send** again. How does
# the message travel now, and how many requests does it cost? (`site_cable.rules = []` takes the proxy away.)
#
# <details><summary>What you should have seen</summary>
#
# First *upgraded to websocket*, and the message as one frame there and one back. Behind the proxy no upgrade: a POST carries the message, the GET that waited
# brings the answer, and the next GET goes out to wait. Two requests for each message that is answered.
# </details>

# %% [markdown]
# ## 9. Green
#
# The switchboard again, with your new server, and clients who are told nothing.

# %%
guess_proxy = predict(
    "A colleague tries your chat through the company's proxy. It works. 'So the proxy passes WebSocket', he says. Is that so?",
    a="Yes: Socket.IO needs it.",
    b="Yes: otherwise the upgrade would have failed with an error.",
    c="One cannot tell: it works either way.",
)

# %% misconception=16
board = await bench.start("board", Board(mine))

for name in ("StrictProxy", "ResetUpgrade", "ConnectOnlyTo"):
    print(board.turn_on(name))
    print(await board.try_all(), end="\n\n")
    await board.reset()

# %%
guess_proxy.reveal(
    "c",
    "Look at the third column: *polling*. No user sees an error (the browser's console has one), and each message costs a request. `socket.io.engine.transport.name` tells.",
    a="It needs HTTP. WebSocket is what it prefers.",
    b="The upgrade did fail. The client keeps it to itself, because it has a way that works.",
)

# %% tags=["demo"]
board = await bench.start("board", Board(mine))
Switchboard(board)

# %% [markdown]
# Press **Try all** and turn on what you like. For the JavaScript client only that stays red which lets no page through either. python-socketio's client is less patient with boxes that let an upgrade begin
# and not end: with `SwallowUpgrade`, `SwallowAnswer` and `DropAfterUpgrade` it waits for the answer before it calls itself connected (with `BufferingAntivirus` for the ten seconds that your server gives a probe, and then it fails), and at `NoTunnel` it fails. The server cannot help that.

# %% [markdown]
# ## 10. The same in python-socketio and JavaScript
#
# | | python-socketio | JavaScript |
# |---|---|---|
# | client: which transports | `connect(url, transports=["websocket"])` | `io(url, { transports: ["websocket"] })` |
# | client: another path | `connect(url, socketio_path="chat")` | `io(url, { path: "/chat/" })` |
# | server: another path | `sio.attach(app, socketio_path="chat")` | `new Server(http, { path: "/chat/" })` |
# | server: foreign pages | `cors_allowed_origins=[…]` | `cors: { origin: […] }` |
# | … and without it | 400 for pages of any other origin | no header; WebSocket open to all |
# | server: size of a message | `max_http_buffer_size=1_000_000` | `maxHttpBufferSize: 1e6` |
#
# Both, really run, at another path:
#
# <details><summary>The two programs in JavaScript</summary>
#
# ```js server.mjs
# import { createServer } from "node:http";
# import { Server } from "socket.io";
#
# const http = createServer();
# const io = new Server(http, { path: "/chat/", cors: { origin: ["https://shop.example"] } });
# io.on("connection", (socket) => socket.on("message", (text) => socket.emit("message", text)));
#
# http.listen(process.env.PORT, "127.0.0.1", () => {
#   console.log(JSON.stringify({ port: http.address().port }));
# });
# ```
#
# ```js client.mjs
# import { io } from "socket.io-client";
#
# const socket = io(url, { path: "/chat/", transports: ["websocket"] });
# socket.on("connect", () => socket.emit("message", "你好 🙂"));
# socket.on("message", (text) => {
#   console.log("heard", text, "over", socket.io.engine.transport.name);
#   socket.disconnect();
# });
# ```
# </details>

# %% tags=["folded"]
sio = socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins=[SHOP])


@sio.on("message")
async def send_back(sid, text):
    """Send it back."""
    await sio.emit("message", text, to=sid)


app = web.Application()
sio.attach(app, socketio_path="chat")
in_python = await bench.start("in Python", bench.aiohttp(app))
in_javascript = await bench.start("in JavaScript", Child.node("lessons_src/programs/09/server.mjs"))

# %%
for server in (in_python, in_javascript):
    url = bench.url(server, scheme="http")
    print("JavaScript:", await bench.javascript(bench.program("09/client.mjs"), url=url))
    await ann.connect(url, socketio_path="chat", transports=["websocket"])
    await ann.emit("message", "你好 🙂")
    print("Python: heard", await heard.get(), "over", ann.transport())
    await ann.disconnect()

# %% [markdown]
# ## 11. Two other ways
#
# *Server-sent events* are one answer that never ends, which browsers read line by line (`EventSource`). It would take the place of the polls: one request for all that the
# server says. But it is text, in one direction, and a proxy that waits for the end of an answer waits for ever. Long-polling ends each answer, and gets through there.
#
# *WebTransport* runs over HTTP/3, that is over QUIC and UDP. It would take the place of the WebSocket: several streams, so that one lost packet holds up only its own (Socket.IO uses
# one), and a connection that can outlive a change of network. The official server has it since 4.7; it needs TLS, and where UDP is blocked the client falls back, in the way that you have built.

# %% [markdown]
# ## Exercises
#
# Write your answer into the cell below each task, run it, then run the check. The folded cell has a server that the first check asks.

# %% tags=["folded"]
class SlowClient(l09.Client):
    """Its POSTs take a moment to be answered."""

    def __init__(self, server, session):
        super().__init__(server, session)
        session.catch_up = lambda: asyncio.sleep(0.05)


class SlowServer(l09.Server):
    """Who sends two POSTs at once is found out."""

    client_type = SlowClient


def talkative(io, received, ends):
    """A chat that says something else before it answers, and pings; what it receives, and its end, go into lists."""

    @io.on("connection")
    def welcome(socket):
        session = socket.client.session
        session.on_close.append(ends.append)
        receive = session.receive
        session.receive = lambda packet: received.append(packet) or receive(packet)
        socket.emit("news", "message")
        session.send("2")

        @socket.on("message")
        async def answer(text):
            socket.emit("news", text)
            await asyncio.sleep(0.1)
            socket.emit("typing")
            socket.emit("message", f"{text}, twice")

    return io


# %% [markdown] tags=["exercise"]
# ### Exercise 3 · Nothing but HTTP
# *15 minutes, medium*
#
# A device knows HTTP and nothing else. Write its client: `say(http, address, text)`. It opens a session by polling, joins with `40`, emits the
# event `message` with the text, and returns the argument of the event `message` that comes back. `http` is an aiohttp
# `ClientSession`, `address` is `http://127.0.0.1:PORT/socket.io/`. Something else may come before the answer, or in one payload with it; each `2` wants a `3` in a POST.

# %% tags=["solution"]
async def say(http, address, text):
    """What comes back when this is said as the event `message`, by polling."""
    query = {"EIO": "4", "transport": "polling"}

    async def get():
        async with http.get(address, params=query) as answer:
            return (await answer.text()).split("\x1e")

    async def post(body):
        async with http.post(address, params=query, data=body) as answer:
            await answer.read()

    opening, *_ = await get()
    query["sid"] = json.loads(opening[1:])["sid"]
    await post("40")
    await post("42" + json.dumps(["message", text]))
    while True:
        for packet in await get():
            if packet == "2":
                await post("3")
            if packet.startswith("42"):
                name, *arguments = json.loads(packet[2:])
                if name == "message":
                    return arguments[0]


# %% tags=["check"]
from aiohttp import TraceConfig


def python_echo():
    """The same chat, on python-socketio."""
    app, sio = web.Application(), socketio.AsyncServer(async_mode="aiohttp")

    @sio.on("message")
    async def send_back(sid, text):
        await sio.emit("message", text, to=sid)

    sio.attach(app)
    return app


async def told(say, where, text, ends=()):
    """What `say` returns there, in time."""
    refused, watching = [], TraceConfig()

    async def note(session, context, ended):
        if ended.response.status >= 400:
            refused.append(f"A {ended.method} of yours was answered {ended.response.status}.")

    watching.on_request_end.append(note)
    try:
        async with asyncio.timeout(3), ClientSession(trace_configs=[watching]) as http:
            return await say(http, bench.url(where, "/socket.io/", scheme="http"), text)
    except TimeoutError:
        if "transport error" in ends:
            raise Wrong("The server ended the session: two POSTs came at once, or two GETs. Await the answer to one before the next.") from None
        if refused:
            raise Wrong(f"{refused[0]} Does it carry the `sid`, was `40` said first, is the body a text and no `bytes`, with JSON after `42`?") from None
        raise Wrong("After three seconds it has not returned. Does it look at each packet of a poll, and poll on until `message` comes?") from None


@check(
    "The first GET has no sid; its answer is `0` and JSON. Every request after it carries `sid`.",
    "`(await answer.text()).split('\\x1e')` gives the packets of a poll. Look at each, then poll again.",
    "An event is `42` and a list: the name first. `json.dumps(['message', text])` writes one.",
    timeout=20,
)
async def check_say(say):
    """Your client speaks with three servers, and finds its answer among other things."""
    async with chat(l09.Server()).listen() as ours:
        expect("what comes back", await told(say, ours, "Hello"), "Hello")
        expect("what comes back of a text with quotes", await told(say, ours, 'say "你好 🙂"'), 'say "你好 🙂"')
    received, ends = [], []
    async with talkative(SlowServer(), received, ends).listen() as port:
        said = await told(say, port, "Hello", ends)
    expect("what comes back where other events come before it", said, "Hello, twice")
    if "3" not in received:
        raise Wrong("The server sent a `2` and heard no `3`. One with heartbeats closes your session then.")
    async with bench.aiohttp(python_echo()) as server:
        expect("what comes back from python-socketio", await told(say, server, "Hello"), "Hello")


await check_say.verdict()

# %% [markdown] tags=["exercise"]
# ### Exercise 4 · Who is at the door?
# *10 minutes, medium*
#
# Write `is_welcome(origin, host, allowed)`, which decides whether a WebSocket may be opened. `origin` is the header `Origin`, such as `https://shop.example`, or None where there is none:
# programs are welcome. `host` is the header `Host`, such as `shop.example` or `127.0.0.1:8765`. Pages of the server itself are welcome, and those whose origin is in `allowed`, a collection; `"*"` in it
# means everybody. Nobody else, `null` included, which is the origin of a page from a file.
#
# The check puts it into a server, and holds that against a row of the *rulebook*, of which more below.

# %% tags=["solution"]
def is_welcome(origin, host, allowed):
    """Whether a page of this origin may open a WebSocket at this host."""
    if origin is None or "*" in allowed or origin in allowed:
        return True
    return origin.partition("://")[2] == host


# %% tags=["check"]
def guarded(is_welcome, **settings):
    """Lesson 09's server, with that at its door."""

    class Guarded(l09.Engine):
        def forbids(self, request):
            page, host = request.headers.get("Origin"), request.headers["Host"]
            return "Upgrade" in request.headers and not is_welcome(page, host, self.options.cors)

    class TheirServer(l09.Server):
        engine_type = Guarded

    return chat(TheirServer(**settings))


@check(
    "Three kinds are welcome: no origin, one in `allowed` (or `*` in it), and your own.",
    "Your own: what stands behind the `://` of the origin is the host. `origin.partition('://')[2]`.",
    "Compare whole texts. `in` and `startswith` let in `http://127.0.0.1:8765.evil.example`, `endswith` lets in "
    "`http://evil127.0.0.1:8765`.",
    timeout=20,
)
async def check_is_welcome(is_welcome):
    """A foreign page is refused by a server with your door, your own page and programs come in."""
    here = "127.0.0.1:8765"
    for origin, allowed, wanted in (
        (None, (), True),
        (f"http://{here}", (), True),
        (f"https://{here}", ["https://shop.example"], True),
        ("https://shop.example", (), False),
        ("https://shop.example", {"https://shop.example"}, True),
        ("https://shop.example", ["*"], True),
        ("http://shop.example", ["https://shop.example"], False),
        ("https://shop.example", ["https://shop.example:8443"], False),
        ("https://evil-shop.example", ["https://shop.example"], False),
        (f"http://{here}.evil.example", (), False),
        (f"http://evil{here}", (), False),
        ("http://127.0.0.1:876", (), False),
        ("http://localhost:8765", (), False),
        ("null", (), False),
    ):
        got = is_welcome(origin, here, allowed)
        expect(f"`is_welcome({origin!r}, {here!r}, {allowed!r})`", bool(got), wanted)
    row = [rule for rule in rulebook.RULES if rule.sentence == "lets no foreign page open a WebSocket"]
    async with guarded(is_welcome).listen() as port:
        book = await rulebook.hold(port, rules=row)
    if not all(finding.kept for finding in book.findings):
        raise Wrong(book.findings[0].observed)
    heard = await heard_from(guarded(is_welcome), "polling", "websocket")
    expect("what a program hears that upgrades", heard, TEXTS)


await check_is_welcome.verdict()

# %% [markdown]
# ## By the book
#
# Is it Engine.IO now? You need not believe it. `wirelab.rulebook` has the rules of the two documents, and some of practice; it tries each that you have reached on the wire, without any library for them.

# %% tags=["folded"]
strict = Server()


@strict.on("connection")
def answer_back(socket):
    """What the rulebook asks of a server."""
    socket.on("message", lambda *arguments: socket.emit("message-back", *arguments))


judged = await bench.start("judged", strict.listen())

# %%
await rulebook.hold(judged, lesson=9, name="your own server")

# %% [markdown]
# The official one breaks some: `await rulebook.hold(await bench.start("node", rulebook.node_socketio()), lesson=9)` shows which.

# %% [markdown]
# ## The boss's list

# %%
await boss.review(boss.handmade(9))

# %% [markdown]
# Three rows have become green since lesson 08: the firewall, the proxy and the old browser. None has become red. But read the row of the load balancer: with WebSocket alone *round robin*
# worked, and now it is answered 400. A session is in the memory of one server, and polling needs many requests that must all come to that one.

# %% [markdown]
# ## What you have now
#
# - *Long-polling* carries messages as ordinary requests: a POST to the server, and a GET that is answered when there is something to say.
# - A *session* lives longer than a connection. Its `sid` goes with each request. Two polls at once end it.
# - Packets wait in an *outbox* for a carrier. To upgrade is to give it another carrier.
# - A WebSocket proves itself with a *probe*, while polling goes on; `5` is the moment of the change. Nothing is lost and nothing doubled.
# - It all has one port. What a box does to WebSocket, the user does not notice, and neither do you unless you look at the transport.
# - *CORS* is obeyed by browsers, and for ordinary answers. For a WebSocket the server has to look at `Origin` itself.
#
# ### Three questions
#
# <details><summary>1. Why does Ann not try the WebSocket first, and polling if it fails?</summary>
#
# Because failing may take long: the firewall that swallows answers nothing at all. With polling first she is connected at once, and the attempt holds up nothing. (It does
# hold up python-socketio's client, as section 9 has shown.)
# </details>
#
# <details><summary>2. Your chat runs on two servers behind a load balancer that takes turns. Clients with polling get 400, <i>Session ID unknown</i>. Why?</summary>
#
# The session is in the memory of one of them, and the next request came to the other. The balancer has to send a client always to the same server, or the client has to use WebSocket alone:
# then there is one request. More in lesson 19.
# </details>
#
# <details><summary>3. A proxy answers each poll after 30 seconds with 504. What do your users notice?</summary>
#
# They are disconnected again and again when they are quiet. Something has to be said before the 30 seconds are over. That is the next lesson.
# </details>
#
# ### What is still missing
#
# The open packet says `pingInterval`, and your server has written *a day* there. So a client that is gone without a word is a ghost, as in lesson 05: its session stays, and what you emit waits in its
# outbox for a poll that never comes.
