# %% [markdown]
# # 08 · Meet Socket.IO
#
# **In {minutes} you turn the echo server of lesson 01 into a Socket.IO server, line by line, in Python and in JavaScript. Then
# you take the library away and write what it did, until the official client talks to your own code.**

# %% [markdown]
# ## What the boss says
#
# > "The new front end comes from an agency. They use Socket.IO, as everybody does, and they tell me it is only WebSocket
# > underneath. We *have* WebSocket. So connect the two. It can hardly take an hour."
#
# The folded cell fetches the laboratory. Each section stands on those before it: to begin in the middle, click its heading and take
# *Run → Run All Above Selected Cell*.

# %% tags=["folded"]
# %load_ext wirelab
from wirelab import bench, boss
from wirelab.exercise import Wrong, check, expect
from wirelab.middlebox import Middlebox
from wirelab.widgets.predict import predict
from wirelab.widgets.web_page import WebPage
from wirelab.widgets.wire import Wire

# %% [markdown] tags=["teacher"]
# **Timing.** 5 minutes for the failure, 15 for the four conversions, 5 for the packet, the rest for the build. With little
# time stop after section 7: the class has then used Socket.IO from both languages, and knows what travels.
#
# **A question to start with:** "You ring somebody up and they answer in a language that you do not know. Is the telephone
# broken?" WebSocket is the telephone.
#
# **What goes wrong in a class.** Somebody listens with `on("connect", …)` for messages of their own: that name is reserved.
# Somebody's client registers a handler inside its handler of `connect`, and after three reconnections hears everything four times.

# %% [markdown]
# ## 1. It is only WebSocket
#
# Your echo server from lesson 01, in the folded cell, and a middlebox before it.

# %% tags=["folded"]
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve


async def echo(websocket):
    """Send every message back to where it came from."""
    async for message in websocket:
        await websocket.send(message)


raw = await bench.start("raw echo", serve(echo, "127.0.0.1", 0, compression=None))
raw_cable = await bench.start("raw cable", Middlebox(raw))

# %% [markdown]
# And the agency's program, in Node.js. `socket.io-client` is the official client. It is told to use WebSocket and nothing else, and to give
# up after a second.
#
# ```js agency.mjs
# import { io } from "socket.io-client";
#
# const socket = io(url, { transports: ["websocket"], timeout: 1000, reconnection: false });
#
# socket.on("connect", () => {
#   console.log("connected");
#   socket.disconnect();
# });
# socket.on("connect_error", (error) => console.log("no connection:", error.message));
# ```

# %% misconception=2
guess_agency = predict(
    "The official Socket.IO client meets your WebSocket server. What happens?",
    a="It connects: Socket.IO is WebSocket underneath.",
    b="The server refuses the handshake.",
    c="The WebSocket opens, and the client waits.",
)

# %%
agency = bench.program("08/agency.mjs")
print(await bench.javascript(agency, url=bench.url(raw_cable, scheme="http")))
await raw_cable.quiet()
Wire(raw_cable)

# %%
guess_agency.reveal(
    "c",
    "The WebSocket stood: look at the 101. Then each of the two waited for the other to say something.",
    a="Underneath, yes. But on top of it the two must speak the same language, and your server speaks none.",
    b="Nothing is wrong with the handshake. Your server takes every path, `/socket.io/` too.",
)

# %% [markdown]
# So the boss is half right. What travels is WebSocket. What it *says* is another protocol, and in that one the server speaks
# first. Yours echoes, and waits for somebody else to begin. Before you teach it better, see it done right.

# %% [markdown]
# ## 2. The echo server, converted
#
# Here is the same server with *python-socketio*, the Socket.IO library for Python. On the right stands what each line was in
# lesson 01. Four things change, and they are the same four in JavaScript: what you **import**, what you **create**,
# **`emit`** in place of `send`, and **`on`** with the name of an event in place of the loop (there, of `on("message")`).

# %%
import socketio                                      # from websockets.asyncio.server import serve
from aiohttp import web

sio = socketio.AsyncServer(async_mode="aiohttp")


@sio.on("echo")
async def send_back(sid, text):                      # async def echo(websocket):
    """Send the text back to where it came from."""  #     async for message in websocket:
    await sio.emit("echo", text, to=sid)             #         await websocket.send(message)


app = web.Application()
sio.attach(app)
server = await bench.start("echo", bench.aiohttp(app))         # serve(echo, "127.0.0.1", 0)
cable = await bench.start("cable", Middlebox(server))

# %% [markdown]
# The loop is gone. Nobody reads messages one by one and asks what each of them means: a message has a name, and the
# library calls the function that you gave for that name. Such a message is an *event*: a name, and any number of
# arguments that JSON can hold.
#
# `sid`, the *session id*, says which client it was. `emit` is told `to` whom: without that, everybody hears it. Around it stands a
# web application, because Socket.IO also needs ordinary HTTP. Lesson 09 says what for.

# %% [markdown]
# ## 3. The client, converted
#
# With WebSocket Ann's program waited for the next message where it needed it. Now it says beforehand what shall happen when an event
# comes: here, that its argument goes into a queue. (`handle_sigint=False`: interrupts are the notebook's business.)

# %%
import asyncio

heard = asyncio.Queue()
ann = socketio.AsyncClient(handle_sigint=False)
ann.on("echo", heard.put)

await ann.connect(bench.url(cable, scheme="http"), transports=["websocket"])  # await connect("ws://…")
await ann.emit("echo", "Hello")                      # await websocket.send("Hello")
print("Ann hears:", await heard.get())               # await websocket.recv()

Wire(cable, layer="Socket.IO")

# %% [markdown]
# A new layer on the wire, *Socket.IO*, and below it *Engine.IO*. Before Ann's event there is something that neither of you
# wrote: the server opens a session, Ann asks to be connected, the server agrees. *That* is what the agency's client waited for.

# %% [markdown]
# ## 4. The same in JavaScript
#
# Socket.IO comes from JavaScript, and its server there is the *official* one. On the right, again, what lesson 01's server would be in
# Node, with the package `ws`. Compare it with the Python above: the same four things.
#
# ```js server.mjs
# import { createServer } from "node:http";
# import { Server } from "socket.io";                  // import { WebSocketServer } from "ws";
#
# const http = createServer();
# const io = new Server(http);                         // const server = new WebSocketServer({ server: http });
#
# io.on("connection", (socket) => {                    // server.on("connection", (socket) => {
#   socket.on("echo", (text) => {                      //   socket.on("message", (data) => {
#     socket.emit("echo", text);                       //     socket.send(data.toString());
#   });                                                //   });
# });                                                  // });
#
# http.listen(process.env.PORT, "127.0.0.1", () => {
#   console.log(JSON.stringify({ port: http.address().port }));
# });
# ```
#

# %% [markdown]
# One thing differs. In JavaScript each client has a `socket`, with `on` and `emit`. python-socketio has one server, and a `sid`. Your own
# server will follow the official one.
#
# The client is the one from section 1, with something to say:
#
# ```js client.mjs
# import { io } from "socket.io-client";
#
# const socket = io(url, { transports: ["websocket"] });  // const socket = new WebSocket(url);
#
# socket.on("connect", () => {                         // socket.onopen = () => {
#   socket.emit("echo", "Hello from JavaScript");      //   socket.send("Hello from JavaScript");
# });                                                  // };
# socket.on("echo", (text) => {                        // socket.onmessage = ({ data: text }) => {
#   console.log("heard:", text);
#   socket.disconnect();                               //   socket.close();
# });                                                  // };
# socket.on("disconnect", (reason) => {                // socket.onclose = ({ code }) => {
#   console.log("disconnected:", reason);
# });                                                  // };
# ```
#
# `io` is a function, without `new`. The address begins with `http`. The end has a reason in words, not a number.
#
# Two servers, two clients. Who understands whom?

# %%
guess_pairs = predict(
    "The JavaScript client calls the Python server, and Ann's Python client the JavaScript server. What happens?",
    a="Both work: the protocol is the same.",
    b="The first works. The official server takes official clients only.",
    c="Neither: a library talks to its own kind.",
)

# %%
official = await bench.start("official", bench.Child.node("lessons_src/programs/08/server.mjs"))
client_js = bench.program("08/client.mjs")

print(await bench.javascript(client_js, url=bench.url(server, scheme="http")))

await ann.disconnect()                               # await websocket.close()
await ann.connect(bench.url(official, scheme="http"), transports=["websocket"])
await ann.emit("echo", "Hello from Python")
print("Ann hears:", await heard.get())
await ann.disconnect()

# %%
guess_pairs.reveal(
    "a",
    "Two documents say what travels, *Engine.IO* version 4 and *Socket.IO* version 5. Who keeps to them can talk to everybody who does.",
    b="It does not ask who is there. It reads packets, and those are right.",
    c="That would be a library. This is a protocol, and there are libraries for it in many languages.",
)

# %% [markdown]
# One habit of WebSocket you can drop. `new WebSocket(url)` returns before anything is open, and whoever sends in the next line gets an error. `io(url)`
# returns as early.
#
# <details><summary>A program that emits in the next line</summary>
#
# ```js early.mjs
# import { io } from "socket.io-client";
#
# const socket = io(url, { transports: ["websocket"] });
# console.log("connected:", socket.connected);
# socket.emit("echo", "an early word");
#
# socket.on("echo", (text) => { console.log("heard:", text); socket.disconnect(); });
# ```
# </details>

# %% misconception=17
guess_early = predict(
    "`io(url)` has returned, and the next line emits. What becomes of the early word?",
    a="`emit` raises: there is no connection yet.",
    b="It waits, and goes out when the server has let the client in.",
    c="It is lost: nobody is connected who could hear it.",
)

# %%
print(await bench.javascript(bench.program("08/early.mjs"), url=bench.url(official, scheme="http")))

# %%
guess_early.reveal(
    "b",
    "*Connected* is an event, and no line of yours knows when it comes. The official client keeps until then what you emit.",
    a="A plain `WebSocket` does, and python-socketio's client: so its `connect` returns only when the server has let it in.",
    c="It is not connected, and it remembers. (What that costs after a long disconnection is in lesson 11.)",
)

# %% [markdown]
# ## 5. In your own browser
#
# A page gets the client by a script tag. It brings one global name, `io`.
#
# ```html index.html
# <!doctype html>
# <meta charset="utf-8">
# <script src="socket.io.js"></script>
# <input id="text" value="Hello from my browser"> <button id="send">Send</button><br>
# <script>
#   const socket = io({ path: location.pathname + "socket.io/" });   // new WebSocket("ws://…")
#
#   const log = (line) => document.body.append(line, document.createElement("br"));
#   socket.on("connect", () => log("connected"));                   // onopen
#   socket.on("echo", (text) => log("heard: " + text));             // onmessage
#   socket.on("disconnect", (reason) => log("gone: " + reason));    // onclose
#   document.getElementById("send").onclick = () => {
#     socket.emit("echo", document.getElementById("text").value);   // send
#   };
# </script>
# ```
#
# Without an address, `io` calls the server that the page came from. So the folded cell makes a web application as in section 2, which serves
# this page, and the client's script beside it. (`path` is needed only because you may see the page through Jupyter's proxy, where
# your server does not stand at `/`.)

# %% tags=["folded", "demo"]
page = bench.program("08/index.html")


async def index(request):
    """The page."""
    return web.Response(text=page, content_type="text/html")


async def client_script(request):
    """The official client, as the page needs it."""
    return web.FileResponse(bench.CLIENT_JS)


def front():
    """An application with the page, the client's script and Socket.IO."""
    site = web.Application()
    sio.attach(site)
    site.add_routes([web.get("/", index), web.get("/socket.io.js", client_script)])
    return site


shop = await bench.start("site", lambda port=0: bench.aiohttp(front(), port))
shop_cable = await bench.start("site cable", Middlebox(shop))

Wire(shop_cable, layer="Socket.IO")

# %% [markdown]
# Send something. Then stop the server with `await bench.stop("site")` in a cell of your own, look at the page, start it
# again with `await bench.restart("site")`, and look again. No line of the page asks for what it does last.
#
# <details><summary>What you should have seen</summary>
#
# *gone: transport close*, at once; and within a few seconds after the server was back, *connected*. The client had tried again by itself.
# </details>

# %% tags=["demo"]
WebPage(shop_cable)

# %% [markdown]
# ## 6. The other way round
#
# Now a plain WebSocket client, a test tool perhaps, calls the official server. It even knows the address at which Socket.IO listens.

# %%
guess_plain = predict(
    "A plain WebSocket client opens a connection to the Socket.IO server and sends `Hello`. What happens?",
    a="The handshake is refused.",
    b="It is thrown out after its `Hello`.",
    c="`Hello` arrives as an event without a name.",
)

# %%
from websockets import ConnectionClosed

async with connect(bench.url(official, "/socket.io/?EIO=4&transport=websocket")) as bob:
    print("Bob is greeted:", (await bob.recv())[:8], "…")
    await bob.send("Hello")
    try:
        print("Bob hears:", await bob.recv())
    except ConnectionClosed:
        print("Bob is thrown out.")

# %%
guess_plain.reveal(
    "b",
    "It was greeted: `0` and an object in JSON, the session. Then it had to say `40`, and said `Hello`. No packet begins with H.",
    a="The handshake is WebSocket's, and that is fine. The trouble begins with the first word.",
    c="What is not a packet is not repaired. It ends the connection.",
)

# %% [markdown]
# So both directions fail for the same reason. *Socket.IO is not WebSocket*; it is a protocol that travels over WebSocket, when it may.
#
# And there is a third way not to fit. `EIO=4` is the version of Engine.IO, which Socket.IO 3 and 4 speak. A client of Socket.IO 2 comes with
# `EIO=3`, and so do many devices and old tutorials.

# %% tags=["folded"] misconception=1
from aiohttp import ClientSession

async with ClientSession() as http:
    for where in (official, server):
        async with http.get(bench.url(where, "/socket.io/?EIO=3&transport=polling", scheme="http")) as answer:
            print(answer.status, await answer.text())

# %% [markdown]
# The official server, which answered first, can be told to take such old clients (`allowEIO3: true`); python-socketio 5 cannot. If
# you see a 400 in the browser's console, look at the versions of the two ends before anything else.

# %% [markdown]
# ## 7. What travels
#
# Now take the library away. What does it write? The official one tells if one asks it to: with `DEBUG=socket.io*` in the
# environment of a Node program, with `localStorage.debug = "*"` and a reload in a browser (Chrome's console shows it at the level *Verbose*; not with the
# script `socket.io.min.js`, which the page above got: that part is left out of it). In the browser's developer tools, *Network*, *Socket* (Firefox: *WS*), you see the same frames as here on the wire.
#
# <details><summary>The program that asks for it here</summary>
#
# ```js debug.mjs
# import { format } from "node:util";
# import debug from "debug";
# import { io } from "socket.io-client";
#
# debug.inspectOpts.hideDate = true;
# debug.log = (text, ...values) => text.includes(" encoded ") && console.log(format(text, ...values));
# debug.enable("socket.io-parser");
#
# const socket = io(url, { transports: ["websocket"] });
# socket.on("connect", () => socket.emit("echo", "你好 🙂"));
# socket.on("echo", () => socket.disconnect());
# ```
# </details>

# %%
cable = await bench.start("cable", Middlebox(official))
print(await bench.javascript(bench.program("08/debug.mjs"), url=bench.url(cable, scheme="http")))
await cable.quiet()
Wire(cable, layer="WebSocket")

# %% [markdown]
# Each line is a *packet*, first as the library holds it, then as text. On the wire there is one digit more before each: the `4` is
# Engine.IO's and says *here is a message*. So `42["echo","Hello"]` reads: a message; an event; its name and its argument.
#
# | text | type | says |
# |---|---|---|
# | `0` | CONNECT | the client wants in; the server's answer is `0{"sid":"…"}` |
# | `1` | DISCONNECT | one of them leaves |
# | `2["echo","Hello"]` | EVENT | a name and arguments, as a list in JSON |
# | `3` | ACK | an acknowledgement (lesson 13) |
# | `4` | CONNECT_ERROR | the server does not let the client in (lesson 16) |
# | `5`, `6` | BINARY_EVENT, BINARY_ACK | as 2 and 3, with bytes that follow (lesson 12) |
#
# Between the digit and the data may stand three things more, each for a later lesson: `51-` a number of *attachments*, `2/news,` a
# *namespace*, `213` an *id*, here 13, for the acknowledgement. In this order, and all at once: `51-/news,13["photo",…]`.

# %% [markdown]
# ## 8. Packets, by hand
#
# In Python a packet is a type, its data, and the three things more. `JSON` writes the data as the official server and client do: without
# spaces, and letters as they are. (Python's default has spaces, and writes `\u4f60` for a Chinese letter. python-socketio has no spaces, and
# `\u4f60` as well: the same JSON, in more letters.)

# %% tags=["export"]
import json
from enum import IntEnum
from typing import Any, NamedTuple


Type = IntEnum("Type", "CONNECT DISCONNECT EVENT ACK CONNECT_ERROR BINARY_EVENT BINARY_ACK", start=0)


class Packet(NamedTuple):
    """One packet (Socket.IO v5, "Exchange protocol")."""

    type: Type
    data: Any = None
    id: int | None = None
    namespace: str = "/"
    attachments: int = 0


JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


# %% [markdown] tags=["exercise"]
# ### Exercise 1 · The text of a packet
# *10 minutes, easy*
#
# Write `my_encode(packet)`, which returns the packet's text: the digit, the attachments, the namespace, the id and the data, as in
# section 7. What is not there is left out: no attachments, the namespace `/`, no id, no data. `JSON.encode` writes the data.
#
# The check puts your function into a server, and the official client talks to it.

# %% tags=["check"]
from unittest.mock import patch

from handmade import l08_meet_socketio


@check(
    "A piece of text for each part, empty if the part is not there. Then put them one after the other.",
    "`packet.type` is a number already: `f'{packet.type:d}'`. An id can be 0, and 0 is false in Python: ask `is None`.",
    '`f"{packet.attachments}-"`, `f"{packet.namespace},"`, `JSON.encode(packet.data)`, each with an `if … else ""`.',
    timeout=15,
)
async def check_my_encode(my_encode):
    """The official client connects to your server, speaks, and hears you."""
    texts = [
        (Packet(Type.CONNECT), "0"),
        (Packet(Type.CONNECT, {"sid": "x"}), '0{"sid":"x"}'),
        (Packet(Type.EVENT, ["echo", "你好"]), '2["echo","你好"]'),
        (Packet(Type.DISCONNECT, namespace="/news"), "1/news,"),
        (Packet(Type.EVENT, ["echo"], id=0), '20["echo"]'),
        (Packet(Type.ACK, [], id=13), "313[]"),
        (Packet(Type.BINARY_EVENT, ["photo"], 13, "/news", 1), '51-/news,13["photo"]'),
    ]
    for packet, text in texts:
        expect(f"the text of {packet}", my_encode(packet), text)
    with patch.object(l08_meet_socketio, "encode", my_encode):
        io = l08_meet_socketio.Server()
        io.on("connection", lambda socket: socket.on("echo", lambda text: socket.emit("echo", text)))
        async with io.listen() as server:
            said = await bench.javascript(bench.program("08/client.mjs"), url=bench.url(server, scheme="http"))
    expect("what the official client says", said.splitlines()[0], "heard: Hello from JavaScript")


await check_my_encode.verdict()

# %% tags=["export", "folded"]
def encode(packet: Packet) -> str:
    """The text of a packet ("Packet encoding"). Raises TypeError, ValueError for data that is not JSON."""
    attachments = f"{packet.attachments}-" if packet.attachments else ""
    namespace = f"{packet.namespace}," if packet.namespace != "/" else ""
    number = "" if packet.id is None else packet.id
    data = "" if packet.data is None else JSON.encode(packet.data)
    data.encode()  # raises UnicodeEncodeError, a ValueError, for half a character
    return f"{packet.type:d}{attachments}{namespace}{number}{data}"


# %% [markdown]
# Reading is the same backwards, with a regular expression: the type; for the two binary types the number of attachments; the
# namespace, up to a comma; the digits of the id; the data. Whoever sends something else broke the protocol, and is sent away. It stands in the
# three folded cells below: run them, and open them when you are curious.
#
# <details><summary>What else is in them</summary>
#
# - `is_allowed` says which data belongs to which type: an event is a list that begins with a name. The names in `RESERVED` are taken: if a
#   stranger could send you a `disconnect`, your handler would believe it.
# - `from_json`, because Python's parser takes what could not go out again. `json.loads("1e400")` is infinity, which Python writes as `Infinity`, and
#   JavaScript's `JSON.parse` refuses that. `NaN` is taken, too. `"\ud800"` is half a character: it can be held and not sent. Deep nesting raises
#   `RecursionError`, and a number of five thousand digits `ValueError`. A server that echoes must not be made to send what is no JSON.
# </details>

# %% tags=["export", "folded"]
import re


class ProtocolError(Exception):
    """The other end broke a rule, which the message names: its connection must be closed."""


PACKET = re.compile(r"(?sx) (?: ([0-4]) | ([56]) ([1-9]|10) - )  (?: (/[^,]*) ,? )?  ([0-9]{1,15})?  (.*)")


def decode(text: str | bytes) -> Packet:
    """The packet of a text. Raises ProtocolError, for bytes too: nothing has announced them."""
    if isinstance(text, bytes) or not (found := PACKET.fullmatch(text)):
        raise ProtocolError("a packet begins with its type, a binary one also with its number of attachments")
    plain, binary, attachments, namespace, number, data = found.groups()
    kind, value = Type(int(plain or binary)), from_json(data) if data else None
    packet = Packet(kind, value, int(number) if number else None, namespace or "/", int(attachments or 0))
    if data == "null" or not is_allowed(packet):
        raise ProtocolError(f"{packet.type.name} cannot have the data {data[:40]!r}")
    return packet

# %% tags=["export", "folded"]
RESERVED = ("connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener")


def is_allowed(packet: Packet) -> bool:
    """Whether a packet of this type can have such data."""
    match packet.type, packet.data:
        case Type.EVENT | Type.BINARY_EVENT, [str() | int() | float() as name, *_]:
            return name not in RESERVED and not isinstance(name, bool)
        case (Type.ACK | Type.BINARY_ACK, list()) | (Type.CONNECT, None | dict()) | (Type.DISCONNECT, None):
            return True
    return packet.type == Type.CONNECT_ERROR and isinstance(packet.data, dict | str | None)

# %% tags=["export", "folded"]
import math


def finite(text: str) -> float:
    """A number, but neither NaN nor infinity, which 1e400 would become. Raises ValueError."""
    if not math.isfinite(number := float(text)):
        raise ValueError(f"{text} could not be written as JSON again")
    return number


READER = json.JSONDecoder(parse_float=finite, parse_constant=finite)


def from_json(text: str) -> Any:
    """The value of a JSON text from the wire. Raises ProtocolError unless it could go out again."""
    try:
        value = READER.decode(text)
        if "\\u" in text:
            JSON.encode(value).encode()  # fails for "\ud800", half a character
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"bad JSON: {error}") from None
    return value

# %%
for text in ('2["echo","你好"]', '51-/news,13["photo"]', "20", '2["disconnect"]', '2["price",1e400]', "Hello"):
    try:
        print(decode(text))
    except ProtocolError as error:
        print(f"{text:24} ✗ {error}")

# %% [markdown]
# ## 9. Handlers by name
#
# The other half of Socket.IO is small: a dictionary. Under each event's name stands a list of functions.
#
# <details><summary>The program with which the next check sends events, and the folded cell that runs it</summary>
#
# ```js firing.mjs
# import { io } from "socket.io-client";
#
# const socket = io(url, { transports: ["websocket"], reconnection: false });
# const heard = [];
# socket.onAny((...event) => heard.push(event));
# for (const event of events) socket.emit(...event);
# socket.on("disconnect", () => console.log(JSON.stringify(heard)));
# setTimeout(() => socket.disconnect(), 2000).unref();
# ```
# </details>

# %% tags=["folded"]
from logging import getLogger


async def fired(MyEmitter, register, *events):
    """What the official client hears, when `register(emitter, say)` has put handlers into the answer."""
    io, emitter = l08_meet_socketio.Server(), MyEmitter()

    @io.on("connection")
    def welcome(socket):
        register(emitter, lambda *words: socket.emit("said", *words))
        for name in ("a", "b", "end"):
            socket.on(name, lambda *arguments, name=name: emitter.fire(name, *arguments))
        socket.on("end", socket.disconnect)

    async with io.listen() as server:
        url = bench.url(server, scheme="http")
        said = await bench.javascript(bench.program("08/firing.mjs"), url=url, events=[*events, ["end"]])
    return json.loads(said)


# %% [markdown] tags=["exercise"]
# ### Exercise 2 · On, and fire
# *15 minutes, medium*
#
# Write `MyEmitter`. `on(event, handler)` adds a handler to those of the event. Without a handler, `on("echo")` is a decorator. `await
# fire(event, *arguments)` calls all handlers of that event in order, plain functions and coroutine functions, and does nothing if there is none. One that
# raises stops neither the others nor the server: write it to the log, with `logging.getLogger("handmade").exception("…")`, after `import logging`.
#
# The check lets the official client send events to your handlers.

# %% tags=["check"]
@check(
    "`self.handlers = {}` in `__init__`. What must `on` do the first time that an event is named?",
    "A decorator is a function that takes the handler: `return lambda handler: self.on(event, handler)`. And `on` returns the handler.",
    "A coroutine function gives a coroutine when it is called: `if asyncio.iscoroutine(result): await result`, inside the `try`.",
    timeout=20,
)
async def check_emitter(MyEmitter):
    """The official client's events reach your handlers, whatever kind they are, and whatever they do."""
    ears, others, strays = MyEmitter(), MyEmitter(), []
    others.on("a", lambda: strays.append("a"))
    await ears.fire("a")
    if strays:
        raise Wrong("Two emitters share their handlers. Each needs a dictionary of its own: make it in `__init__`.")

    def one(ears, say):
        ears.on("a", lambda *words: say("first", *words))
        ears.on("a", lambda *words: say("second"))

    def decorated(ears, say):
        try:
            decorator = ears.on("a")
        except TypeError:
            raise Wrong("`on('a')`, without a handler, raised. It is a decorator then: return a function that takes one.") from None

        @decorator
        async def later(*words):
            await asyncio.sleep(0)
            say("later", *words)

        if later is None:
            raise Wrong("After `@ears.on('a')` the function's name is None. A decorator returns the function.")

    async def fails_later():
        raise LookupError

    def failing(ears, say):
        ears.on("a", lambda: 1 / 0)
        ears.on("a", fails_later)
        ears.on("a", lambda: say("still here"))

    heard = await fired(MyEmitter, one, ["a", 1, 2], ["b"])
    if heard == [["said", "second"]]:
        raise Wrong("Two handlers of one event, and only the second is called. Keep a list for each name.")
    expect("what two handlers say to the event `a` with 1 and 2", heard, [["said", "first", 1, 2], ["said", "second"]])
    expect("what a decorated coroutine function says", await fired(MyEmitter, decorated, ["a", 3]), [["said", "later", 3]])
    with patch.object(getLogger("handmade"), "handle") as noted:
        heard = await fired(MyEmitter, failing, ["a"])
    expect("what is said after a function and a coroutine function have raised", heard, [["said", "still here"]])
    if not noted.called:
        raise Wrong("A handler raised, and the log `handmade` has not a word of it. Nobody will ever find that mistake.")


await check_emitter.verdict()

# %% [markdown]
# `Emitter`, as the lesson goes on with it, is folded here. Try it:

# %% tags=["export", "core", "folded"]
import asyncio
import logging
from collections.abc import Callable
from secrets import token_urlsafe


class Emitter:
    """Remembers the handlers of events, and calls them."""

    def __init__(self) -> None:
        self.handlers: dict[object, list[Callable[..., Any]]] = {}

    def on(self, event: str, handler: Callable[..., Any] | None = None) -> Any:
        """Have `handler` called with the arguments of each such event; without one, a decorator."""
        if handler is None:
            return lambda handler: self.on(event, handler)
        self.handlers.setdefault(event, []).append(handler)
        return handler

    async def fire(self, event: object, *arguments: object) -> None:
        """Call the handlers of an event; one that fails is logged, and stops nobody else."""
        for handler in tuple(self.handlers.get(event, ())):
            try:
                result = handler(*arguments)
                if asyncio.iscoroutine(result):
                    await result
            except Exception:
                logging.getLogger("handmade").exception("A handler of the event %r failed.", event)


# %%
ears = Emitter()
ears.on("echo", lambda text: print("heard:", text))

await ears.fire("echo", "Hello")
await ears.fire("eccho", "Hello")

# %% [markdown]
# And `eccho`? Not one word. Neither of the two libraries warns of an event that nobody listens for: it is a letter to nobody. So when something
# "does not arrive", look at the names first, letter by letter.

# %% [markdown]
# ## 10. A client and its socket
#
# `Socket`, folded, is what your handlers get: an emitter with an id, and with `emit` and `disconnect`. It makes a packet of what you say, and hands
# the text to its `client`, which is the connection.

# %% tags=["export", "folded"]
class Socket(Emitter):
    """One client, as the handlers see it."""

    def __init__(self, client: "Client", connect: Packet) -> None:
        super().__init__()
        self.client, self.namespace, self.connected = client, connect.namespace, True
        self.id, self.handshake = token_urlsafe(15), {"auth": connect.data or {}}

    def emit(self, event: str, *arguments: object) -> None:
        """Send an event, as soon as the network takes it. Raises TypeError, ValueError for bad arguments."""
        if event in RESERVED:
            raise ValueError(f"{event!r} names no event: choose a string that is no name of Socket.IO's own.")
        self.send(Type.EVENT, [event, *arguments])

    def send(self, kind: Type, data: object = None) -> None:
        """Send a packet, if the client is still there."""
        if self.connected:
            self.client.write(encode(Packet(kind, data, namespace=self.namespace)))

    def disconnect(self, close: bool = False) -> None:
        """Say goodbye; with `close` the connection ends, too."""
        if self.connected and close:
            self.client.disconnect()
        elif self.connected:
            self.send(Type.DISCONNECT)
            self.closed("server namespace disconnect")

    def closed(self, reason: str) -> None:
        """It is over; the handlers learn of it after the events that came before."""
        self.connected = False
        del self.client.sockets[self.namespace]
        self.client.line.tell(self, "disconnect", reason)


# %% [markdown]
# Who calls the handlers? Not whoever reads: a handler that takes its time would stop the reading. So events stand in a line, one for
# each client. Whoever puts the first event into it starts a task, the *worker*, which takes the events in the order in which they came, and goes home when the line is
# empty: a client that says nothing costs no worker. That is `Line`, folded.

# %% tags=["export", "core", "folded"]
class Line:
    """What a client's handlers still have to hear, in order. How to start a task is handed in."""

    def __init__(self, start: Callable[..., asyncio.Task[Any]]) -> None:
        self.start = start
        self.worker: asyncio.Task[Any] | None = None
        self.events: list[tuple[Emitter, tuple[object, ...]]] = []

    def tell(self, emitter: Emitter, *event: object) -> None:
        """Have the handlers of an event called, after those of all events before."""
        self.events.append((emitter, event))
        if not self.worker:
            self.worker = self.start(self.work())

    async def work(self) -> None:
        """Call the handlers, for one event after the other, up to the last."""
        try:
            for emitter, event in self.events:  # what comes meanwhile is its turn, too
                await emitter.fire(*event)
        finally:
            self.events, self.worker = [], None

    async def catch_up(self) -> None:
        """Wait for the handlers, if they are far behind."""
        if self.worker and len(self.events) > 256:
            await asyncio.wait([self.worker])


# %% [markdown]
# `Client` gets packets and decides what each of them means *now*: an event before CONNECT is none.

# %% tags=["export"]
class Client:
    """One connection and its socket. It knows no network: how to write and to close is handed in."""

    def __init__(self, server: "Server", write: Callable[[str], None], close: Callable[[], object]) -> None:
        self.server, self.write, self.close = server, write, close
        self.sockets, self.line, self.socket_type = dict[str, Socket](), Line(server.start), Socket

    def receive(self, packet: Packet) -> None:
        """Act on a packet. Raises ProtocolError if it must not come now."""
        match packet.type, self.sockets.get(packet.namespace):
            case Type.CONNECT, None if packet.namespace == "/":
                self.connect(packet)
            case Type.EVENT, Socket() as socket:
                self.line.tell(socket, *packet.data)
            case Type.DISCONNECT, Socket() as socket:
                socket.closed("client namespace disconnect")
            case Type.ACK, Socket():
                pass  # nobody here has asked for an acknowledgement
            case _:
                raise ProtocolError(f"{packet.type.name} at this moment")

    def connect(self, packet: Packet) -> None:
        """Let the client in: the answer goes out before anything that a handler may send."""
        socket = self.sockets[packet.namespace] = self.socket_type(self, packet)
        socket.send(Type.CONNECT, {"sid": socket.id})
        self.line.tell(self.server, "connection", socket)

    def disconnect(self) -> None:
        """Say goodbye, and end the connection."""
        for socket in tuple(self.sockets.values()):
            socket.disconnect()
        self.close()

    def closed(self, reason: str) -> None:
        """The connection has ended."""
        for socket in tuple(self.sockets.values()):
            socket.closed(reason)


# %% [markdown]
# ## 11. On the network
#
# No network so far. What is left is a shell on `websockets`, in two folded cells. It looks at the address, says the first word, adds and
# removes the `4`, and closes a connection on which a rule was broken. (When a client sends faster than your handlers work, it stops
# reading, so that the line does not fill your memory.)

# %% tags=["export", "folded"]
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress

from websockets import ConnectionClosed, Request, Response
from websockets.asyncio.server import ServerConnection, broadcast, serve


def refuse(websocket: ServerConnection, request: Request) -> Response | None:
    """What a request gets that is none for this server."""
    query = request.path.partition("?")[2].split("&")
    if "transport=websocket" not in query:
        return websocket.respond(400, "Transport unknown")
    return None if "EIO=4" in query else websocket.respond(400, "Unsupported protocol version")


async def listen_to(client: Client, websocket: ServerConnection) -> str:
    """Hand a client what its WebSocket brings; return the reason for its end."""
    try:
        with suppress(ConnectionClosed):
            async for message in websocket:
                if message[:1] != "4":
                    raise ProtocolError("bytes, or an Engine.IO packet that is no message")
                client.receive(decode(message[1:]))
                await client.line.catch_up()
    except ProtocolError:
        await websocket.close()
        return "parse error"
    return "transport close"


# %% tags=["export", "folded"]
class Server(Emitter):
    """A Socket.IO server. A message may have `max_http_buffer_size` bytes."""

    max_http_buffer_size = 1_000_000

    def __init__(self) -> None:
        super().__init__()
        self.tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, object]) -> asyncio.Task[Any]:
        """A task, which is known for as long as it works."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    @asynccontextmanager
    async def listen(self, port: int = 0, host: str = "127.0.0.1") -> AsyncIterator[Any]:
        """Serve on that port (0: any that is free) as long as the `async with` lasts."""
        limits: Any = {"max_size": self.max_http_buffer_size, "ping_interval": None, "close_timeout": 1}
        async with serve(self.meet, host, port, process_request=refuse, compression=None, **limits) as server:
            yield server
        if self.tasks:
            await asyncio.wait(self.tasks)

    async def meet(self, websocket: ServerConnection) -> None:
        """One client, from the Engine.IO packet that opens its connection to the end."""
        day = 24 * 60 * 60 * 1000  # in milliseconds: no ping is due before
        limits = {"pingInterval": day, "pingTimeout": day, "maxPayload": self.max_http_buffer_size}
        broadcast([websocket], "0" + JSON.encode({"sid": token_urlsafe(15), "upgrades": [], **limits}))
        client = Client(
            self,
            write=lambda text: broadcast([websocket], f"4{text}"),
            close=lambda: self.start(websocket.close()),
        )
        client.closed(await listen_to(client, websocket))


# %% [markdown]
# And on it the echo server. Lay it beside the one in JavaScript:
#
# | yours | the official one |
# |---|---|
# | `io = Server()` | `const io = new Server(http);` |
# | `@io.on("connection")` | `io.on("connection", (socket) => {` |
# | `@socket.on("echo")` | `socket.on("echo", (text) => {` |
# | `socket.emit("echo", text)` | `socket.emit("echo", text);` |

# %%
io = Server()


@io.on("connection")
def welcome(socket):
    """Say what happens with each client."""

    @socket.on("echo")
    def send_back(text):
        socket.emit("echo", text)


mine = await bench.start("my server", lambda port=0: io.listen(port))
my_cable = await bench.start("my cable", Middlebox(mine))

# %%
guess_mine = predict(
    "The official JavaScript client, which has never heard of you, connects to your server. What do its users notice?",
    a="It complains that this is no Socket.IO server.",
    b="It connects, and the echo is garbled: Chinese and 🙂 have several bytes each.",
    c="Nothing. It connects, and hears its echo.",
)

# %%
url = bench.url(my_cable, scheme="http")
print(await bench.javascript(client_js, url=url))

await ann.disconnect()
await ann.connect(url, transports=["websocket"])
await ann.emit("echo", "你好 🙂")
print("Ann hears:", await heard.get())

Wire(my_cable, layer="Socket.IO")

# %%
guess_mine.reveal(
    "c",
    "A server is what it says on the wire. There is no other proof of being one.",
    a="How should it know? It sees packets, and they are right.",
    b="They were garbled nowhere: JSON holds every letter, as it is or as `\\u4f60`, and a text frame carries UTF-8.",
)

# %% [markdown]
# Every packet that this server sends is yours. What would Bob with his plain `Hello` get from it? And somebody with worse manners?

# %% tags=["folded"]
async def rude(*messages):
    """Open a plain WebSocket to my server, send these, and say how it ends."""
    async with connect(bench.url(mine, "/socket.io/?EIO=4&transport=websocket")) as stranger:
        await stranger.recv()
        for message in messages:
            await stranger.send(message)
        try:
            while True:
                await asyncio.wait_for(stranger.recv(), 0.5)
        except TimeoutError:
            return "still there"
        except ConnectionClosed:
            return "thrown out"


# %%
rudeness = {
    "Hello": ["Hello"],
    "an event before CONNECT": ['42["echo","x"]'],
    "CONNECT, twice": ["40", "40"],
    "a reserved name": ["40", '42["disconnect"]'],
    "1e400": ["40", '42["echo",1e400]'],
    "100,000 brackets": ["40", "42" + "[" * 100_000],
    "a name that nobody knows": ["40", '42["eccho"]'],
}
for what, messages in rudeness.items():
    print(f"{what:26}", await rude(*messages))
print(await bench.javascript(client_js, url=bench.url(mine, scheme="http")))

# %% [markdown]
# Only the name that nobody knows is borne: it does no harm. And the next client is served as if nothing had happened.

# %% [markdown]
# ## Exercises
#
# Write your answer into the cell below each task, run it, then run the check.
#
# <details><summary>The programs that the checks run</summary>
#
# ```js asking.mjs
# import { io } from "socket.io-client";
#
# const socket = io(url, { transports: ["websocket"], reconnection: false });
# const heard = [];
# socket.onAny((...event) => heard.push(event));
# for (const question of questions) socket.emit("ask", ...question);
# socket.emit("ask", "the end");
# socket.on("unknown", (name) => name === "the end" && socket.disconnect());
# socket.on("disconnect", () => console.log(JSON.stringify(heard)));
# setTimeout(() => socket.disconnect(), 2000).unref();
# ```
#
# ```js parser.mjs
# import { Decoder } from "socket.io-parser";
#
# const found = texts.map((text) => {
#   let packet;
#   const decoder = new Decoder();
#   decoder.on("decoded", (decoded) => { packet = decoded; });
#   decoder.add(text);
#   return [packet.type, packet.nsp, packet.id ?? null, packet.data ?? null];
# });
# console.log(JSON.stringify(found));
# ```
# </details>

# %% [markdown] tags=["exercise"]
# ### Exercise 3 · The price desk, converted
# *10 minutes, easy*
#
# In lesson 01 a handler answered `{"ask": "gold"}` in JSON. Write it with events: `desk(io, prices)` makes the server `io` answer the event
# `ask` with a name. If the name is in `prices`, the client hears `price` with two arguments, the name and the price. If it is not,
# the client hears `unknown` with one argument, whatever it asked for. Somebody will ask without a name (say `unknown` with `null`), or with a list.

# %% tags=["solution"]
def desk(io, prices):
    """Make `io` answer `ask` NAME with `price` NAME PRICE, or with `unknown` NAME."""

    @io.on("connection")
    def welcome(socket):
        @socket.on("ask")
        def answer(name=None, *_):
            if isinstance(name, str) and name in prices:
                socket.emit("price", name, prices[name])
            else:
                socket.emit("unknown", name)


# %% tags=["check"]
async def ask_desk(desk, *questions):
    """What the official client hears when it asks these questions, each a list of arguments."""
    io = l08_meet_socketio.Server()
    desk(io, {"gold": 100, "tin": 3})
    async with io.listen() as server:
        url = bench.url(server, scheme="http")
        said = await bench.javascript(bench.program("08/asking.mjs"), url=url, questions=questions)
    return [event for event in json.loads(said) if event != ["unknown", "the end"]]


@check(
    "Two handlers, one inside the other: `connection` brings a `socket`, and the `socket` gets the event `ask`.",
    "`socket.emit` takes the arguments one by one: `socket.emit('price', name, prices[name])`.",
    "Without a name your handler is called without an argument: `def answer(name=None):`. And `[] in prices` raises: a list "
    "cannot be a key.",
    timeout=20,
)
async def check_desk(desk):
    """The official client asks, and hears what it should."""
    heard = await ask_desk(desk, ["gold"])
    if not heard:
        raise Wrong("The client asked for gold and heard nothing. Has its *socket* an `on('ask', …)` that emits, from a handler of `connection`?")
    if heard == [["price", ["gold", 100]]]:
        raise Wrong("One argument came, a list. Give `emit` the name and the price as two arguments.")
    expect("what is heard after `ask` gold", heard, [["price", "gold", 100]])
    expect("what is heard after `ask` silver", await ask_desk(desk, ["silver"]), [["unknown", "silver"]])
    for question, what in (([], "without a name"), ([["gold"]], "with a list"), ([{"a": 1}], "with an object")):
        heard = await ask_desk(desk, question, ["tin"])
        asked = question[0] if question else None
        if heard == [["price", "tin", 3]]:
            raise Wrong(f"Somebody asked {what} and heard nothing. Did the handler raise? Look at `bench.log()`.")
        expect(f"what is heard after `ask` {what}, and then tin", heard, [["unknown", asked], ["price", "tin", 3]])


await check_desk.verdict()

# %% [markdown] tags=["exercise"]
# ### Exercise 4 · Read a dump
# *15 minutes, medium*
#
# A colleague has copied packets from her browser's developer tools, without the `4` before each. Write `read(text)`, without a regular expression, which takes the text
# of a packet of type 0 to 4, as in `2/news,13["price","gold"]`, and returns `(type, namespace, id, data)`, here `(2, "/news", 13, ["price", "gold"])`. No id is `None`,
# no data is `None`, and no namespace is `"/"`. The texts are right: you need not refuse any. The check asks the official parser as well.

# %% tags=["solution"]
def read(text):
    """(type, namespace, id, data) of the text of a packet without attachments."""
    kind, rest = int(text[0]), text[1:]
    namespace = "/"
    if rest.startswith("/"):
        namespace, _, rest = rest.partition(",")
    digits = 0
    while rest[digits : digits + 1].isdecimal():
        digits += 1
    number = int(rest[:digits]) if digits else None
    data = json.loads(rest[digits:]) if rest[digits:] else None
    return kind, namespace, number, data


# %% tags=["check"]
dumps = {
    "0": "nothing but a type",
    '2["echo","Hello"]': "an event",
    '0{"sid":"x"}': "an object as data",
    '20["echo"]': "the id 0",
    '213["ask"]': "an id of two digits",
    '3456[1]': "an id of three digits",
    "1/news,": "a namespace and nothing more",
    '2/news,["price"]': "a namespace",
    '2/news,13["price","gold"]': "a namespace and an id",
    '2/a-1,7["b,c",{"d":[]}]': "commas and digits everywhere",
}


@check(
    "Take it from the left, piece by piece: the digit; a namespace, if a `/` comes; digits, as long as there are some; the rest.",
    "`rest.partition(',')` gives the namespace, the comma and what comes after it. Do it only if `rest` begins with `/`.",
    "Count the digits in a loop. None of them: the id is None. `if number:` would lose the id 0.",
    timeout=10,
)
async def check_read(read):
    """You and the official parser read the same in ten packets."""
    official = json.loads(await bench.javascript(bench.program("08/parser.mjs"), texts=list(dumps)))
    for (text, what), wanted in zip(dumps.items(), official, strict=True):
        got = read(text)
        if not isinstance(got, tuple | list) or len(got) != 4:
            raise Wrong(f"Return four things, (type, namespace, id, data). For `{text}` you returned `{got!r}`.")
        expect(f"`{text}` ({what})", list(got), wanted)


await check_read.verdict()

# %% [markdown]
# ## The boss's list
#
# Let the boss look at your new server:

# %%
await boss.review(boss.handmade(8))

# %% [markdown]
# Two of fourteen, and the same two as with the raw WebSocket. You have changed what is *said*, and none of the boss's complaints was about
# that. But now the parts have names, and each of the next lessons adds one. (One red row got redder: the raw server noticed that a client was gone, by the pings of
# `websockets`. Yours has them off. Socket.IO's own come in lesson 10.)
#
# <details><summary>Why is the row <em>comes back by itself</em> still red?</summary>
#
# Read it: the official client came back, with no help of yours. It does so at any Socket.IO server. The boss wants to see your own client do it, and that
# is lesson 11.
# </details>

# %% [markdown]
# ## What you have now
#
# - *Socket.IO is not WebSocket.* It is a protocol of its own, which travels over WebSocket if it may. Both ends have to speak it, in versions
#   that fit.
# - A message is an *event*: a name and arguments. `emit` sends it, `on` says which function takes it, and a name without a function is
#   nobody's business.
# - From one library to the other four things change: import, create, `emit`, `on`. Python and JavaScript say them in the same words.
# - On the wire an event is `42["name", …]`: 4 is Engine.IO's *message*, 2 is Socket.IO's *EVENT*. Before the first event come the session and
#   CONNECT.
# - Whoever breaks the protocol is closed. Whoever sends a strange event is not.
#
# ### Three questions
#
# <details><summary>1. A colleague tests your Socket.IO server with a WebSocket tool. It connects, and is thrown out. Why?</summary>
#
# It has to say `40` before anything else, and every message has to be a packet. The tool opens the connection, and does not speak the
# language.
# </details>
#
# <details><summary>2. The page emits <code>mesage</code>, the server listens for <code>message</code>. Where do you see an error?</summary>
#
# Nowhere. The packet is right, so the protocol is content; nobody has a handler for the name. You see it on the wire, or with `DEBUG=socket.io*`.
# </details>
#
# <details><summary>3. Why does the server answer CONNECT before it calls your handlers?</summary>
#
# Because a handler may emit at once. The client would get an event from a server that has not let it in yet. (The official client keeps such
# events until CONNECT comes; others may not.)
# </details>
#
# ### What is still missing
#
# Your server speaks over WebSocket, and nothing else. The office with the strict proxy, the firewall that looks inside, the hospital's browser: for
# them nothing is better than before. But events do not care what carries them. The next lesson carries them in ordinary requests.
