# %% [markdown]
# # 06 · Blobs
#
# **In {minutes} you send a picture in four ways and count what each costs, meet the limits that end a connection
# without a warning, and get a chat message past a picture on a slow line.**

# %% [markdown]
# ## What the boss says
#
# > "Nobody buys a coin that he cannot see. Put a picture next to each price. And do not let the prices get slower."
#
# The first folded cell fetches the laboratory. Each section stands on those before it: to begin in the middle, click its heading and take
# *Run → Run All Above Selected Cell*.

# %% tags=["folded"]
# %load_ext wirelab
from wirelab import bench
from wirelab.decode import Decoder
from wirelab.exercise import Wrong, check, expect, watch
from wirelab.middlebox import BodyLimit, Middlebox, Rate
from wirelab.plots import bars, gallery
from wirelab.trace import now
from wirelab.widgets.browser_client import BrowserClient
from wirelab.widgets.predict import predict
from wirelab.widgets.wire import Wire

# %% [markdown] tags=["teacher"]
# **Timing.** 8 minutes to the first picture on the wire, 5 for the plot of bytes and time, 9 for captions, 3 for JavaScript, 10 for the
# limits, 8 for the slow line. The exercises take another 37, at home or in pairs.
#
# **What goes wrong in a class.** Somebody says "base64 is encryption". Decode something on the projector. Somebody tries a
# photograph of his own from the phone: it has 4 MB, and section 6 comes early. Let it.
#
# **A question to start with:** "You send a photograph with your phone and write 'look' below it. How does the other phone
# know that the two belong together?"

# %% [markdown]
# ## 1. A picture is bytes
#
# You need a picture. The folded cell draws one, a coin with the grain that every real photograph has. The result is what you would
# read from a disk: the bytes of a file, here a PNG.

# %% tags=["folded"]
from io import BytesIO

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.image import imsave


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


from IPython.display import Image

gold = photograph("gold", 300)
print("It begins with", gold[:8])

Image(gold, alt="A gold coin on dark blue velvet, somewhat grainy.")

# %% [markdown]
# Such a thing has a name: a *blob*, a binary large object. Bytes, and no text.

# %% [markdown]
# ## 2. Put it into the JSON
#
# Your messages are JSON since lesson 01. So the picture becomes one more field.

# %%
guess_json = predict(
    'What does `json.dumps({"metal": "gold", "picture": gold})` do?',
    a="It raises.",
    b="It writes the bytes as a list of numbers.",
    c="It writes the bytes as a string.",
)

# %%
import json

try:
    json.dumps({"metal": "gold", "picture": gold})
except TypeError as error:
    print("TypeError:", error)

# %%
guess_json.reveal(
    "a",
    "JSON knows strings, numbers, lists and objects. It has no bytes, so the library refuses to invent something.",
    b="You could do that yourself: `list(gold)`. It takes more than four letters for a byte.",
    c="Which string? See the next cell.",
)

# %% [markdown]
# Then make a string of it first. Bytes become a string by *decoding*:

# %%
try:
    gold.decode()
except UnicodeDecodeError as error:
    print("UnicodeDecodeError:", error)

# %% [markdown]
# A picture is not UTF-8, and most blobs are not. (The first byte of each PNG file, `0x89`, was chosen so that nobody takes a
# text for a picture.)
#
# What works is *base64*, which you saw in the handshake of lesson 02: it writes all bits with an alphabet of 64 letters. Nothing is secret
# about it, and nothing is made smaller.

# %%
from base64 import b64decode, b64encode

print(b64encode(b"PNG"))
print(b64encode(gold[:12]))
print("and back:", b64decode("UE5H"))

# %% [markdown]
# The other way needs no JSON. A WebSocket message is text *or* bytes, and the frame's opcode says which (lesson 02). `send`
# looks at what you give it: a `str` goes as text, `bytes` go as binary. The folded cell starts a server that says what it got, and defines
# `frames_up(cable)`, which says how many bytes each frame of the client was on the wire, head and mask included.

# %% tags=["folded"]
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve


async def receipt(websocket):
    """Answer each message with its type."""
    async for message in websocket:
        await websocket.send(f"I got {type(message).__name__}")


def frames_up(box):
    """How long each text and binary frame of the client was, in bytes on the wire."""
    units = Decoder(box.trace).update()
    sent = [unit for unit in units if unit.leg == "client" and unit.direction == "up"]
    return [len(unit.raw) for unit in sent if unit.kind in ("text", "binary")]


plain = await bench.start("plain", serve(receipt, "127.0.0.1", 0, compression=None))

# %%
guess_third = predict(
    "Once in base64 in JSON, once in a binary frame. How much longer is the first on the wire?",
    a="Hardly: a few bytes for the JSON.",
    b="By a third.",
    c="Twice as long.",
)

# %%
in_json = json.dumps({"metal": "gold", "picture": b64encode(gold).decode()})

cable = await bench.start("cable", Middlebox(plain))
async with connect(bench.url(cable), user_agent_header="Ann") as ann:
    for message in (in_json, gold):
        await ann.send(message)
        print(await ann.recv())

for way, size in zip(("base64 in JSON", "binary frame"), frames_up(cable), strict=True):
    print(f"{way:14} {size / len(gold):.3f} times the picture")
Wire(cable, layer="WebSocket")

# %%
guess_third.reveal(
    "b",
    "A letter of 64 carries 6 bits, so three bytes (24 bits) become four letters. The rest, JSON and the frame's head, is a few dozen bytes.",
    a="The JSON costs little. The alphabet costs: each letter carries 6 bits and takes 8.",
    c="That would be hexadecimal: two letters for each byte.",
)

# %% [markdown]
# ## 3. What it costs
#
# There is a third way: compress. WebSocket has an extension for it, *permessage-deflate*. With `websockets` the client offers it
# and the server agrees, unless one of them says `compression=None`, as `plain` did above.

# %%
guess_deflate = predict(
    "Compression is switched on. What does it do to the picture in a binary frame?",
    a="Half as many bytes.",
    b="Nothing at all: the library sees that it is a PNG.",
    c="As many bytes, and it takes much longer.",
)

# %% tags=["measured", "folded"]
zipped = await bench.start("zipped", serve(receipt, "127.0.0.1", 0))


async def cost(server, make):
    """Make a message, send it, await the receipt: (bytes, times the picture's; milliseconds, best of three)."""
    milliseconds = []
    for _ in range(3):
        box = await bench.start("scales", Middlebox(server))
        async with connect(bench.url(box)) as ann:
            start = now()
            await ann.send(make())
            await ann.recv()
            milliseconds.append(1000 * (now() - start))
    return round(sum(frames_up(box)) / len(gold), 3), min(milliseconds)


def as_json():
    """The picture in base64 in JSON."""
    return json.dumps({"metal": "gold", "picture": b64encode(gold).decode()})


ways = {
    "binary frame": await cost(plain, lambda: gold),
    "base64 in JSON": await cost(plain, as_json),
    "binary frame, compressed": await cost(zipped, lambda: gold),
    "base64 in JSON, compressed": await cost(zipped, as_json),
}

bars(
    "One picture, four ways",
    {
        "bytes on the wire, times the picture's": {way: ratio for way, (ratio, _) in ways.items()},
        "milliseconds until the receipt is there": {way: round(time, 1) for way, (_, time) in ways.items()},
    },
    "Base64 in JSON sends a third more than the picture; the three other ways send the picture's size or hardly more. "
    "A plain binary frame is the fastest by far; the two compressed ways take several times as long.",
)

# %%
guess_deflate.reveal(
    "c",
    "A PNG is compressed already, and what is random cannot be made shorter. The compressor tries all the same.",
    a="For text that is about right. A PNG, a JPEG, a video, a zip file: all of them are compressed already.",
    b="The library does not look into your messages. It is you who knows.",
)

# %% [markdown]
# The lowest bar is instructive: deflate takes back the third that base64 has added, and pays for it in time. For pictures:
# binary frames, no compression. (While a script sends, `socket.bufferedAmount` says how many of its bytes still wait in the browser.)
# What is compression good for, then? For what is said again and again:

# %% tags=["folded"]
prices = [json.dumps({"name": "gold", "price": 100 + number % 7}) for number in range(500)]
sizes = []
for scales in (plain, zipped):
    box = await bench.start("scales", Middlebox(scales))
    async with connect(bench.url(box)) as ann:
        for price in prices:
            await ann.send(price)
            await ann.recv()
    sizes.append(sum(frames_up(box)))

print("500 prices, compressed to less than a half:", sizes[1] < sizes[0] / 2)

# %% [markdown]
# Each end remembers what was said before, for each connection. That memory has its price: tens to hundreds of kilobytes for
# each client, depending on the settings. Measure with your own messages before you decide. And never compress a secret together with
# text that a stranger chooses: when the stranger guesses a part of the secret, the message gets shorter, and the length can be seen
# through TLS (the attacks are called CRIME and BREACH).

# %% [markdown]
# ## 4. Which picture belongs to what?
#
# A binary frame has no place of its own for a caption. So say it before: first the caption as JSON, then the picture. Here is
# the server. It is careful: captions wait in a queue until their pictures come.

# %%
from collections import deque

photos = {"gold": photograph("gold", 150), "silver": photograph("silver", 150)}
kept = []


async def two_frames(websocket):
    """Keep (caption, picture): a text frame is the caption of the binary frame that comes after it."""
    captions = deque()
    async for message in websocket:
        if isinstance(message, str):
            captions.append(json.loads(message)["metal"])
        else:
            kept.append((captions.popleft(), message))
            await websocket.send("kept")


two = await bench.start("two frames", serve(two_frames, "127.0.0.1", 0, compression=None))

# %% [markdown]
# Ann's program sends two coins, in two tasks, as lesson 01 allows. The pictures come from two disks, and gold's is slow:
# that picture takes longer to read.

# %%
async def send_two_frames(websocket, metal):
    """The caption, and then the picture."""
    await websocket.send(json.dumps({"metal": metal}))
    await websocket.send(await read(metal))


# %%
guess_order = predict(
    "Two tasks: gold and silver, each sends a caption and then a picture. What does the server keep?",
    a="Gold under “gold”, silver under “silver”.",
    b="Silver under “gold”, gold under “silver”.",
    c="It closes the connection: two texts in a row are wrong.",
)

# %% tags=["folded"]
import asyncio


async def read(metal):
    """Read a picture from its disk: gold takes longer."""
    await asyncio.sleep(0.3 if metal == "gold" else 0.1)
    return photos[metal]


async def send_both(port, send_coin):
    """Send gold and silver at the same time; return the cable they went through."""
    kept.clear()
    box = await bench.start("album cable", Middlebox(port))
    async with connect(bench.url(box), user_agent_header="Ann") as ann:
        await asyncio.gather(send_coin(ann, "gold"), send_coin(ann, "silver"))
        await ann.recv()
        await ann.recv()
    return box


def show_kept():
    """The kept pictures under their captions."""
    coins = {picture: f"a {metal} coin" for metal, picture in photos.items()}
    album = [(caption, coins[picture], picture) for caption, picture in sorted(kept)]
    return gallery("What the server keeps", album)


two_cable = await send_both(two, send_two_frames)
for caption, picture in sorted(kept):
    print(f"{caption:6} has the right picture:", picture == photos[caption])

show_kept()

# %% [markdown]
# The customer asks for gold and sees silver. Look at the wire:

# %%
Wire(two_cable, layer="WebSocket")

# %%
guess_order.reveal(
    "b",
    "Both captions left at once. Then silver was read first, and took the caption that stood first in the queue.",
    a="Each task keeps its own order. The connection carries both, and between two frames of one task there is room.",
    c="To WebSocket that is four messages, all of them fine. That two of them are a pair is known to you alone.",
)

# %% [markdown]
# And nothing fails. No error, no log: a wrong picture, now and then, when a disk is slow. You can repair the sender with an
# `asyncio.Lock` around each pair. Then silver waits for gold's disk, and it holds only until a colleague
# sends something without the lock.
#
# Better: **one message for what belongs together.** A message is the one thing that WebSocket keeps whole. Put
# the JSON in front of the picture, and in front of the JSON its length, so that the receiver knows where the picture begins:
#
# | 4 bytes | so many bytes | the rest |
# |---|---|---|
# | length of the JSON | `{"metal": "gold"}` | the picture |

# %%
def pack(header, blob):
    """One message of a header (what JSON knows) and a blob (bytes)."""
    text = json.dumps(header).encode()
    return len(text).to_bytes(4, "big") + text + blob


def unpack(message):
    """(header, blob) of a packed message; ValueError if its header is not JSON."""
    end = 4 + int.from_bytes(message[:4], "big")
    return json.loads(message[4:end]), message[end:]


print(pack({"metal": "gold"}, b"\x89PNG"))
print(unpack(pack({"metal": "gold"}, b"\x89PNG")))

# %% [markdown]
# Length first, as in the frame itself. The same two tasks, the same slow disk:

# %%
async def one_frame(websocket):
    """Keep (caption, picture) of each packed message."""
    async for message in websocket:
        header, picture = unpack(message)
        kept.append((header["metal"], picture))
        await websocket.send("kept")


async def send_one_frame(websocket, metal):
    """Caption and picture in one message."""
    await websocket.send(pack({"metal": metal}, await read(metal)))


one = await bench.start("one frame", serve(one_frame, "127.0.0.1", 0, compression=None))
await send_both(one, send_one_frame)
for caption, picture in sorted(kept):
    print(f"{caption:6} has the right picture:", picture == photos[caption])

show_kept()

# %% [markdown]
# Silver still arrives first, and it does not matter any more. (Socket.IO chose the other way: a text frame that says "two
# attachments follow", and then the two, and the library lets nothing come between. Lesson 12 builds it.)

# %% [markdown]
# ## 5. The same in JavaScript
#
# | | Python, `websockets` | JavaScript, every browser of today |
# |---|---|---|
# | send bytes | `await ws.send(b"…")` | `ws.send(new Uint8Array([…]))`, `ws.send(file)` |
# | text arrives as | `str` | `string` |
# | bytes arrive as | `bytes` | `Blob`, or `ArrayBuffer` after `ws.binaryType = "arraybuffer"` |
# | look at the bytes | `message[:4]` | `new Uint8Array(buffer, 0, 4)`, numbers with `DataView` |
# | show a picture | `Image(message)` | `img.src = URL.createObjectURL(new Blob([buffer]))` |
#
# A `Blob` may lie on the disk, so you read it with `await`, and while one message is being read the next one may overtake it.
# An `ArrayBuffer` is there at once. A shop sends you coins, packed; first in Node.js:
#
# <details><summary><code>unpack</code> in JavaScript</summary>
#
# ```js unpack.js
# const socket = new WebSocket(url);
# socket.onopen = () => socket.send("first");
#
# socket.onmessage = ({ data }) => {
#   console.log("a message as", data.constructor.name);
#   if (data instanceof Blob) {
#     socket.binaryType = "arraybuffer";
#     socket.send("once more");
#     return;
#   }
#   const length = new DataView(data).getUint32(0);
#   const header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
#   const picture = new Uint8Array(data, 4 + length);
#   console.log(header.metal, "for", header.price);
#   console.log("the picture begins with", picture.slice(0, 4).join(" "));
#   socket.close(1000);
# };
# ```
# </details>

# %% tags=["folded"]
async def shop(websocket):
    """Send one packed coin for each message."""
    async for _ in websocket:
        await websocket.send(pack({"metal": "gold", "price": 107}, photos["gold"]))


window = await bench.start("shop", serve(shop, "127.0.0.1", 0, compression=None))

unpack_js = bench.program("06/unpack.js")
print(await bench.javascript(unpack_js, url=bench.url(window)))

# %% [markdown]
# 137 is `0x89`, and 80 78 71 is `PNG`. Now in your own browser: press **Run**.

# %% tags=["demo"]
BrowserClient(bench.url(window), script=unpack_js)

# %% [markdown]
# ## 6. A larger picture
#
# A telephone takes pictures of three million bytes. Ann sends one, to an album that says how long each picture was. (The bytes are zeros
# here. Nobody looks at them.)

# %% tags=["folded"]
from websockets.exceptions import ConnectionClosed, ConnectionClosedError

last_words = asyncio.Queue()


async def album(websocket):
    """Say how long each message was; note how the connection ended."""
    try:
        async for message in websocket:
            await websocket.send(f"{len(message)} bytes")
    except ConnectionClosedError as error:
        await last_words.put(f"{error}\n  close_code: {websocket.close_code}")


album_server = await bench.start("album", serve(album, "127.0.0.1", 0, compression=None))

# %%
guess_big = predict(
    "Ann sends 3,000,000 bytes in one message, with the settings that the library came with, compression apart. What does she see?",
    a="The receipt: 3000000 bytes.",
    b="`send` raises: the message is too long.",
    c="`send` returns as if all were well, and then the connection is closed.",
)

# %%
cable = await bench.start("cable", Middlebox(album_server))

async with connect(bench.url(cable), user_agent_header="Ann") as ann:
    try:
        await ann.send(bytes(3_000_000))
        print("Ann: send has returned")
        print("Ann:", await ann.recv())
    except ConnectionClosedError as error:
        print("Ann:", error)

print("The server:", await last_words.get())
await cable.quiet()
Wire(cable)

# %%
guess_big.reveal(
    "c",
    "`websockets` takes at most 1 MiB. What is longer closes the connection with 1009, message too big.",
    a="With a smaller picture, yes. Nobody has told you that there is a limit, and that is the point.",
    b="Ann's library does not know the other side's limit. WebSocket's handshake does not tell it.",
)

# %% [markdown]
# Three things to see. The server refused *before the picture was there*: the length stands in the frame's head. It took the
# whole connection along, with everything else that Ann had to say on it. And `close_code` at the server is 1006: from the
# moment it refuses, it throws away what comes, Ann's close frame included. What the server itself said is in the exception.
#
# A browser learns as much as Ann does, if you look.
#
# <details><summary>The client in JavaScript</summary>
#
# ```js too_big.js
# const socket = new WebSocket(url);
# socket.onopen = () => {
#   socket.send(new Uint8Array(3_000_000));
#   console.log("send has returned");
# };
# socket.onclose = (event) => console.log("closed:", event.code, event.reason);
# ```
# </details>

# %% tags=["folded"]
too_big_js = bench.program("06/too_big.js")
print(await bench.javascript(too_big_js, url=bench.url(album_server)))
print("The server:", await last_words.get())

# %% [markdown]
# Run it in your own browser too. Chrome and its relatives cut a long message into fragments on their own, so the reason reads
# differently there: the server counts what has come, until it is too much. And if nobody has written an `onclose`, the
# picture is gone without a word.

# %% tags=["demo"]
BrowserClient(bench.url(plain), script=too_big_js)

# %% [markdown]
# ### Does compression help?

# %%
guess_bomb = predict(
    "Zeros compress well: two million of them go over the wire in about 2,000 bytes. The server's limit is 1 MiB.",
    a="They are refused: two million bytes are more than 1 MiB.",
    b="They get in: 2,000 bytes are less than 1 MiB.",
)

# %%
cable = await bench.start("cable", Middlebox(zipped))

async with connect(bench.url(cable), user_agent_header="Ann") as ann:
    await ann.send(bytes(2_000_000))
    try:
        print(await ann.recv())
    except ConnectionClosedError as error:
        print(error.rcvd.code, error.rcvd.reason)

print("less than 3,000 bytes on the wire:", sum(frames_up(cable)) < 3_000)

# %%
guess_bomb.reveal(
    "a",
    "The limit is there for the server's memory, and that is where the message gets long. So it counts unpacked bytes.",
    b="Then one megabyte from a stranger could cost you a gigabyte: deflate shrinks zeros to a thousandth. That attack has a name, a zip bomb.",
)

# %% [markdown]
# ### Everybody has a limit
#
# And each its own. First the other direction: a camera sends as many bytes as you ask for. Who refuses now is the
# client. `websockets` raises. The client of `aiohttp` allows more, and its `receive()` raises nothing: it hands you the error as if it were a message.

# %% tags=["folded"]
from aiohttp import ClientSession, web


async def camera(websocket):
    """Send as many bytes as the message says."""
    async for message in websocket:
        await websocket.send(bytes(int(message)))


lens = await bench.start("camera", serve(camera, "127.0.0.1", 0, compression=None))

async with connect(bench.url(lens)) as ann:
    await ann.send("3000000")
    try:
        await ann.recv()
    except ConnectionClosedError as error:
        print("websockets:", error.sent.code, error.sent.reason)

async with ClientSession() as http, http.ws_connect(bench.url(lens)) as bob:
    for size in ("3000000", "5000000"):
        await bob.send_str(size)
        message = await bob.receive()
        print(f"aiohttp, {size} bytes:", message.type.name)
    print("aiohttp, why:", message.data, "· code", int(bob.close_code))

# %% [markdown]
# Many pages send pictures by an ordinary POST, beside the WebSocket. There the proxy has its say: nginx takes 1 MiB unless
# somebody has set `client_max_body_size`. (A WebSocket message it does not count.)

# %% tags=["folded"]
async def upload(request):
    """Take a picture by POST."""
    return web.Response(text=f"{len(await request.read())} bytes")


def upload_page():
    """A web server that takes up to 10 MB."""
    app = web.Application(client_max_size=10_000_000)
    app.router.add_post("/pictures", upload)
    return app


page = await bench.start("uploads", bench.aiohttp(upload_page()))
proxy = await bench.start("nginx", Middlebox(page, [BodyLimit()]))

for size in (30_000, 3_000_000):
    async with ClientSession() as http:
        answer = await http.post(bench.url(proxy, "/pictures", scheme="http"), data=bytes(size))
        print(f"POST of {size} bytes:", answer.status, answer.reason)

# %% [markdown]
# And Socket.IO? You meet it in lesson 08. Put it on the scales already now: one event with a picture, 900,000
# bytes and then 1,100,000.

# %% tags=["folded"]
import socketio

socketio_server = socketio.AsyncServer(async_mode="aiohttp")
socketio_server.on("picture", lambda sid, picture: f"{len(picture)} bytes")


def socketio_page():
    """A web server with the Socket.IO server in it."""
    app = web.Application()
    socketio_server.attach(app)
    return app


page = await bench.start("socketio", bench.aiohttp(socketio_page()))
for size in (900_000, 1_100_000):
    outcome = asyncio.Queue()
    cy = socketio.AsyncClient(handle_sigint=False, reconnection=False)
    cy.on("disconnect", lambda reason, note=outcome: note.put_nowait(f"disconnected: {reason}"))
    await cy.connect(bench.url(page, scheme="http"), transports=["websocket"])
    await cy.emit("picture", bytes(size), callback=lambda answer, note=outcome: note.put_nowait(answer))
    print(f"an event of {size} bytes:", await outcome.get())
    await cy.disconnect()

# %% [markdown]
# A *transport error*, says the client: not a word of size. Collect them, for the day on which you need them:
#
# | who | takes at most | what the sender sees | set it with |
# |---|---|---|---|
# | `websockets`, both ends | 1 MiB a message | 1009 with a reason | `max_size=` |
# | `aiohttp`, both ends | just under 4 MiB a message | 1009 | `max_msg_size=` |
# | `python-socketio` server on `aiohttp`, over WebSocket | just under 1,000,000 bytes a message | "transport error" in Python, "transport close" in JavaScript | `max_http_buffer_size=` |
# | nginx, for a request's body | 1 MiB | 413 | `client_max_body_size` |
#
# "Size does not matter", says nearly everybody, until a picture has one megabyte. So: decide on a limit, set it at *every*
# station, check it at the sender, where a sentence can still be said. And never set `max_size=None` for strangers: the
# server keeps in memory what one of them sends.

# %% [markdown]
# ## 7. The chat message behind the picture
#
# The boss asked for one thing more: the prices must not get slower. Ann is on a slow line, 4 million bits a second. She
# sends a picture, and right after it a chat message. The folded cell has a server that notes what comes, and when, and `race`, which
# sends both and tells how long the chat message took.

# %% tags=["folded"]
heard = asyncio.Queue()


async def desk(websocket):
    """Note each message and its time; confirm each one of bytes."""
    async for message in websocket:
        await heard.put((now(), message))
        if isinstance(message, bytes):
            await websocket.send("got it")


front = await bench.start("desk", serve(desk, "127.0.0.1", 0, compression=None))


async def race(send_picture, chat_has_its_own=False):
    """Send the picture, then a chat message: (milliseconds that the chat took, whether the picture came first)."""
    line = await bench.start("slow line", Middlebox(front, [Rate(4_000_000)]))
    async with connect(bench.url(line)) as ann, connect(bench.url(line)) as second:
        sending = asyncio.create_task(send_picture(ann))
        await asyncio.sleep(0.02)
        start, waited, missing = now(), None, len(gold)
        await (second if chat_has_its_own else ann).send("Is it still for sale?")
        while missing > 0 or waited is None:
            time, message = await heard.get()
            if isinstance(message, bytes):
                missing -= len(message)
            else:
                waited, behind = round(1000 * (time - start)), missing == 0
        await sending
    return waited, behind


# %%
guess_line = predict(
    "The picture takes 0.4 s on this line. The chat message of 21 letters is sent right after it. When does it arrive?",
    a="After the whole picture.",
    b="At once: it is another message.",
    c="In the middle: the two share the line.",
)

# %%
async def as_one_frame(websocket):
    """The picture as it is."""
    await websocket.send(gold)


waits = {}
waits["one frame"], behind = await race(as_one_frame)
print("the chat message came after the whole picture:", behind)

# %%
guess_line.reveal(
    "a",
    "A connection is one queue. What stands in front goes first. This is called head-of-line blocking.",
    b="Another message, on the same connection: TCP delivers bytes in the order in which they were sent.",
    c="Two connections would share. Within one there is nothing to share: it is one row of bytes.",
)

# %% [markdown]
# You remember fragments from lesson 02: a message may come in parts, and *control* frames may come between them. Give
# `send` a list, and each element becomes a fragment. (An empty one comes last and says that the message ends.)

# %%
guess_fragments = predict(
    "The picture goes in fragments of 16 KiB. Does the chat message get between two of them?",
    a="Yes: that is what fragments are for.",
    b="No.",
)

# %%
def pieces(blob, size=16_384):
    """The blob in pieces of at most `size` bytes."""
    return [blob[start : start + size] for start in range(0, len(blob), size)]


async def as_fragments(websocket):
    """The picture as one message in many fragments."""
    await websocket.send(pieces(gold))


waits["fragments of one message"], behind = await race(as_fragments)
print("the chat message came after the whole picture:", behind)

# %%
guess_fragments.reveal(
    "b",
    "Fragments of two messages must not mix unless an extension allows it (RFC 6455, 5.4): a fragment does not say to which message it belongs.",
    a="A ping may, because it is a control frame. Another message has to wait until the first one is complete.",
)

# %% [markdown]
# Then make *messages* of the pieces: 13 short binary messages. Now the chat message may go between. And once more, but each
# piece waits until the server has said "got it" to the one before. And once with a second connection for the chat.

# %%
guess_pieces = predict(
    "The picture goes as 13 messages, one right after the other. How long does the chat message wait?",
    a="Hardly at all: until the next piece is through.",
    b="Half the time, on average.",
    c="Nearly as long as behind the one frame.",
)

# %% tags=["measured", "folded"]
async def as_messages(websocket):
    """The picture as many messages."""
    for piece in pieces(gold):
        await websocket.send(piece)


async def as_confirmed_messages(websocket):
    """The picture as many messages; the next one leaves when the one before has arrived."""
    for piece in pieces(gold):
        await websocket.send(piece)
        await websocket.recv()


waits["many messages"], _ = await race(as_messages)
waits["many messages, each confirmed"], behind = await race(as_confirmed_messages)
print("each confirmed: the chat message came after the whole picture:", behind)
waits["a second connection for the chat"], behind = await race(as_one_frame, chat_has_its_own=True)
print("a second connection: the chat message came after the whole picture:", behind)

bars(
    "How long a chat message waits behind a picture",
    {"milliseconds, on a line of 4 Mbit/s": waits},
    "The chat message waits as long as the picture takes when the picture is one frame or fragments of one message. "
    "Many messages help as far as the buffers on the way are small. With each of them confirmed, and with a second "
    "connection, the chat message waits a small part of that time.",
)

# %%
guess_pieces.reveal(
    "c",
    "All 13 pieces were handed over before the chat message was: they stand in front of it, in a buffer.",
    a="It may go between two pieces. But the last one had left your program long before, and waits in a buffer.",
    b="Sent at a random moment of the transfer, it would. Sent at its beginning, it has nearly all 13 pieces in front of it.",
)

# %% [markdown]
# `send` returns when the bytes are in a buffer, and between you and the slow line there are many: the library's, the
# system's, the router's. A buffer is a queue, too. Only when the other side says "got it" do you know that the line is free.
# That "got it" is an *acknowledgement*, and lesson 13 is about it.
#
# The last bar is better than life. In our middlebox each connection has a line of its own. Two connections through one
# real line share it and its buffers; still, the chat is not last in the picture's queue any more. Many shops do that: chat on the
# WebSocket, pictures by HTTP, and in the message only the picture's address.

# %% [markdown]
# ## Exercises
#
# Write your answer into the cell below each task, run it, then run the check. Hints come one at a time.

# %% [markdown] tags=["exercise"]
# ### Exercise 1 · An album in one message
#
# *12 minutes, medium*
#
# `pack` takes one blob. Write `pack_all(header, blobs)`, which makes one message (bytes) of a header and any number of
# blobs, and `unpack_all(message)`, which gives `(header, blobs)` back, `blobs` as a list. The header may be anything that JSON
# knows, the blobs any bytes, empty ones too. The message says all that `unpack_all` has to know, and is hardly longer than its blobs.

# %% tags=["solution"]
import json


def pack_all(header, blobs):
    """One message of a header (what JSON knows) and a list of blobs (bytes)."""
    text = json.dumps([header, [len(blob) for blob in blobs]]).encode()
    return b"".join([len(text).to_bytes(4, "big"), text, *blobs])


def unpack_all(message):
    """(header, list of blobs) of a message that `pack_all` made."""
    end = 4 + int.from_bytes(message[:4], "big")
    header, sizes = json.loads(message[4:end])
    blobs = []
    for size in sizes:
        blobs.append(message[end : end + size])
        end += size
    return header, blobs


# %% tags=["check"]
def there_and_back(pack_all, unpack_all, header, blobs, what):
    """The message, if it comes back as it was; else a sentence about what is wrong."""
    message = pack_all(json.loads(json.dumps(header)), list(blobs))
    if not isinstance(message, bytes | bytearray):
        raise Wrong(f"`pack_all` returned {type(message).__name__}. One binary frame carries one message of bytes.")
    pack_all({}, [b"another", b"message"])  # whoever keeps the lengths beside the message has others now
    try:
        result = unpack_all(bytes(message))
    except ValueError as error:
        raise Wrong(f"With {what}: {type(error).__name__}: {error}. Does each length count bytes, not letters?") from None
    if not (isinstance(result, tuple | list) and len(result) == 2 and isinstance(result[1], tuple | list)):
        raise Wrong(f"With {what}, `unpack_all` returned {type(result).__name__}. Return two things: the header, and a list.")
    again, found = result
    if strange := [blob for blob in found if not isinstance(blob, bytes | bytearray)]:
        raise Wrong(f"With {what}, a blob went in as bytes and came out as {type(strange[0]).__name__}.")
    if list(found) != blobs:
        if b"".join(found) == b"".join(blobs):
            raise Wrong(f"With {what}, the bytes were cut at the wrong places. Does the message say each blob's length?")
        if len(found) != len(blobs):
            why = "Are all of them in the message?" if len(found) < len(blobs) else "A separator may occur in a picture, too."
            raise Wrong(f"With {what}: {len(blobs)} went in, {len(found)} came out. {why}")
        raise Wrong(f"With {what}: other bytes came out than went in. Where does the first blob begin, and where does it end?")
    expect(f"the header, with {what}", again, header)
    return message


@check(
    "What does the receiver have to know before it can cut? One number for each blob.",
    "Let the JSON carry the blobs' lengths beside the header, and put the length of the JSON in front, as `pack` does.",
    "Count bytes, not letters: `text = json.dumps(…).encode()`, then `len(text)`. Read from `end` on, and add each length.",
)
def check_album(pack_all, unpack_all):
    """Every picture comes back, whatever is in it, and the message is hardly longer than its blobs."""
    there_and_back(pack_all, unpack_all, {"metal": "gold"}, [b"one"], "one blob")
    there_and_back(pack_all, unpack_all, {"metals": ["gold", "tin"]}, [b"one", b"second"], "two blobs")
    there_and_back(pack_all, unpack_all, {"größe": "20 €", "name": "Münze"}, [b"one"], "ö and € in the header")
    there_and_back(pack_all, unpack_all, [1, None], [], "no blob at all")
    there_and_back(pack_all, unpack_all, {}, [b"", b"x", b""], "empty blobs")
    odd = [b'{"metal": "tin"}\n\n', b"|,;\0--\r\n\r\n", bytes(range(256)), b"UE5H"]
    there_and_back(pack_all, unpack_all, {"n": 4}, odd, "blobs in which every byte occurs")
    message = there_and_back(pack_all, unpack_all, {}, [bytes(70_000), bytes(300)], "70,000 bytes in a blob")
    if len(message) > 70_300 + 2_000:
        raise Wrong(f"70,300 bytes of pictures made a message of {len(message):,}. Is there base64 in it, or hexadecimal? "
                    "With lengths every byte stays as it is.")


await check_album.verdict()

# %% [markdown]
# For the second exercise, here is the other side, folded. It confirms each piece with `got it`, and it is mean: the second
# piece it confirms only when a chat message has come in between.

# %% tags=["folded"]
class MeanDesk:
    """Keeps what it gets; confirms the second piece only after a chat message."""

    def __init__(self):
        """Nothing has come yet."""
        self.got, self.second = [], asyncio.Event()

    async def handler(self, websocket):
        """Confirm each message, except when the second one is a piece."""
        async for message in websocket:
            self.got.append(message)
            if len(self.got) == 2 and isinstance(message, bytes):
                self.second.set()
            else:
                await websocket.send("got it")


# %% [markdown] tags=["exercise"]
# ### Exercise 2 · Let the chat through
#
# *15 minutes, hard*
#
# Write `send_in_pieces(websocket, blob)`. It sends the blob as messages of at most 16,384 bytes, awaits the text `got it`
# after each one, and only then sends the next. The check sends a chat message on the same connection meanwhile, and
# looks at the wire.

# %% tags=["solution"]
async def send_in_pieces(websocket, blob):
    """Send the blob in messages of at most 16,384 bytes, each after the one before was confirmed."""
    for start in range(0, len(blob), 16_384):
        await websocket.send(blob[start : start + 16_384])
        await websocket.recv()


# %% tags=["check"]
@check(
    "`range` takes a step: 0, 16384, 32768 … And a slice that goes past the end stops at the end.",
    "In the loop: `await websocket.send(blob[start : start + 16_384])`. What do you await after it?",
    "`await websocket.recv()` inside the loop: one `got it` for each piece, the last one too.",
)
async def check_pieces(send_in_pieces):
    """The chat message went between the second piece and the third, and the blob is whole."""
    blob, desk = bytes(range(250)) * 160, MeanDesk()
    async with serve(desk.handler, "127.0.0.1", 0, compression=None) as server, Middlebox(server) as box:
        watch(Wire(box))
        async with connect(bench.url(box), user_agent_header="Ann") as websocket:
            sending = asyncio.ensure_future(send_in_pieces(websocket, blob))
            second = asyncio.ensure_future(desk.second.wait())
            await asyncio.wait({sending, second}, timeout=1, return_when=asyncio.FIRST_COMPLETED)
            second.cancel()
            await asyncio.wait({sending}, timeout=0.3)  # whoever does not wait for the second `got it` goes on now
            if desk.got or sending.done():
                await websocket.send("hello")
            await asyncio.wait({sending}, timeout=1)
            if not sending.cancel():
                await sending  # raises what the learner's code raised
                reading = asyncio.ensure_future(websocket.recv())
                left, _ = await asyncio.wait({reading}, timeout=0.1)
                reading.cancel()
                if left and reading.exception():
                    raise Wrong("You closed the connection. It is Ann's, and she has more to say on it than this blob.")
        parts = [unit for unit in Decoder(box.trace).update() if unit.kind == "continuation"]
    pieces = [message for message in desk.got if isinstance(message, bytes)]
    if parts:
        raise Wrong("The wire shows fragments of one message. The chat message has to wait for the last: send messages.")
    if max(map(len, pieces), default=0) > 16_384:
        raise Wrong(f"The largest frame carries {max(map(len, pieces)):,} bytes, 16,384 are allowed.")
    if sending.cancelled() and sum(map(len, pieces)) > len(blob):
        raise Wrong("It sent more than the 40,000 bytes that there are, and goes on for ever. What ends your loop?")
    if sending.cancelled():
        raise Wrong(f"It sent {len(pieces)} pieces and waits for ever. Await `send` first, then one `got it`, in a loop.")
    if len(desk.got) - len(pieces) > 1:
        raise Wrong("Pieces came as text. Slice the blob, and send the slices as they are: bytes.")
    came = b"".join(pieces)
    if came != blob:
        what = "All 40,000 bytes came, but" if len(came) == len(blob) else f"{len(came):,} of 40,000 bytes came, or"
        raise Wrong(f"{what} not in order. Look at the first and the last piece.")
    if "hello" not in desk.got[:3]:
        raise Wrong(f"The chat message came after {desk.got.index('hello')} pieces: you did not wait for each `got it`.")
    if left:
        raise Wrong("One `got it` is left unread, and whoever reads next takes it for his own. Await the last one, too.")


await check_pieces.verdict()

# %% [markdown] tags=["exercise"]
# ### Exercise 3 · A kind limit
#
# *10 minutes, medium*
#
# Write a handler `kind_album(websocket)`. It answers a picture (a binary message) of at most 100,000 bytes with
# `{"stored": SIZE}`. A longer one it answers with `{"error": "…"}`, a sentence that names the limit, and a text with an
# error too. It keeps the connection open.

# %% tags=["solution"]
async def kind_album(websocket):
    """Answer pictures of at most 100,000 bytes with {"stored": size}, anything else with {"error": why}."""
    async for message in websocket:
        if isinstance(message, str):
            answer = {"error": "send the picture as bytes, in a binary frame"}
        elif len(message) > 100_000:
            answer = {"error": f"this picture has {len(message)} bytes, send at most 100000"}
        else:
            answer = {"stored": len(message)}
        await websocket.send(json.dumps(answer))


# %% tags=["check"]
import re

LIMIT = r"(?<!\d)(100000(?!\d)|100 ?(k\b|kb|kilo|thousand)|01 ?MB|976\d? ?KiB|1e5|10(\^|\*\*)5)|(than|under|below) 100001(?!\d)|hundred (thousand|k\b|kb|kilo)"


@check(
    "Text arrives as `str`, a picture as `bytes`: `isinstance(message, str)`.",
    "Three cases, one answer each: a text, more than 100,000 bytes, all the rest. `json.dumps` before you send.",
)
async def check_kind_album(kind_album):
    """Too large, text, or all right: each gets an answer, and the connection lives."""

    async def ask(message, what):
        try:
            await client.send(message)
            return json.loads(await asyncio.wait_for(client.recv(), 1))
        except TimeoutError:
            raise Wrong(f"No answer to {what}. Answer every message.") from None
        except ConnectionClosed:
            raise Wrong(f"At {what} the connection was closed: your handler came to its end. Answer, and go on.") from None
        except ValueError:
            raise Wrong(f"The answer to {what} is not JSON. Use `json.dumps`.") from None

    async with serve(kind_album, "127.0.0.1", 0, compression=None) as server, Middlebox(server) as box:
        watch(Wire(box))
        client = await connect(bench.url(box), user_agent_header="Ann", close_timeout=0.3)
        try:
            expect("the answer to 3 bytes", await ask(b"PNG", "3 bytes"), {"stored": 3})
            expect("the answer to exactly 100,000 bytes", await ask(bytes(100_000), "100,000 bytes"), {"stored": 100_000})
            for message, what in ((bytes(100_001), "100,001 bytes"), ("a text", "a text"), (200_000 * "x", "a long text")):
                answer = await ask(message, what)
                if not (isinstance(answer, dict) and isinstance(answer.get("error"), str) and answer["error"].strip()):
                    raise Wrong(f'{what.capitalize()} was answered with {answer}. Expected {{"error": "a sentence"}}.')
                digits = re.sub(r"(?<=\d)[,._'’\s](?=\d)", "", answer["error"])
                if isinstance(message, bytes) and not re.search(LIMIT, digits, re.IGNORECASE):
                    raise Wrong("The error does not name the limit. Whoever reads it wants to know: how much is allowed?")
            expect("the answer to 3 bytes after an error", await ask(b"PNG", "3 bytes after an error"), {"stored": 3})
        finally:
            await client.close()


await check_kind_album.verdict()

# %% [markdown]
# ## What you have now
#
# - JSON has no bytes. Base64 makes letters of them and costs a third; a binary frame costs nothing.
# - Text arrives as `str` or `string`, binary as `bytes`, `Blob` or `ArrayBuffer`. Text or binary: the sender decides.
# - Compression is for text that says the same again and again. Pictures are compressed already.
# - What belongs together goes into one message: length, header, blob. Two messages that follow each other are two messages.
# - Every station has a limit of its own, and most of them end the connection. 1009 means *message too big*.
# - One connection is one queue. A large message holds up all behind it; pieces help when each is confirmed.
#
# ### Three questions
#
# <details><summary>1. Why do three bytes become four letters in base64?</summary>
#
# 64 letters carry 6 bits each. Three bytes are 24 bits, and 24 bits are four letters. A letter takes a byte on the wire.
# </details>
#
# <details><summary>2. <code>send</code> of 3 MB returned without an error. Where is the picture?</summary>
#
# In buffers: on this machine, on the way, perhaps at the other end. Whether the other side takes it you learn later, or never.
# </details>
#
# <details><summary>3. Fragments may have a ping between them. Why not a chat message?</summary>
#
# A continuation frame does not say which message it continues. With two messages open, the receiver could not tell the
# parts apart. A ping is a control frame: it is never in parts, and belongs to no message.
# </details>
#
# ### What is still missing
#
# Pictures travel among the messages now. You wrote a format, a limit, a queue with confirmations. And the boss
# has read your list of what is possible, and comes with a list of his own.
