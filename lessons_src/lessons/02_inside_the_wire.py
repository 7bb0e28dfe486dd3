# %% [markdown]
# # 02 · Inside the wire
#
# **In {minutes} you write the WebSocket protocol yourself, from the first byte to the last: 120 lines, bytes in and
# bytes out. Your own browser talks to it.**

# %% [markdown]
# ## What the boss says
#
# > "The security officer read the word *socket* and wants to know what exactly goes over that connection. Byte by
# > byte, she said. And is it encrypted? There is a key in it, somebody told her."

# %%
# %load_ext wirelab
from wirelab import bench
from wirelab.exercise import Wrong, check, expect
from wirelab.middlebox import Middlebox
from wirelab.widgets.browser_client import BrowserClient
from wirelab.widgets.frame_inspector import FrameInspector
from wirelab.widgets.predict import predict
from wirelab.widgets.wire import Wire

# %% [markdown] tags=["teacher"]
# **Timing.** 10 minutes for the handshake, 15 for the frames and the inspector, 10 for reading and closing, 5 for the
# server. With little time, do sections 1 to 4 and the browser at the end: that answers the security officer.
#
# **What goes wrong in a class.** People read the parser line by line and drown. Let them run the asserts first, and
# read only the line that an assert is about. Bits: write `0x81` and `1000 0001` on the board and leave them there.
#
# **A question to start with:** "TCP gives you bytes in order. Somebody writes `Hello` twice. What may the other end read?"

# %% [markdown]
# ## 1. First try: TCP alone
#
# A connection carries bytes both ways, and the operating system gives you one for nothing: TCP. So why a protocol? Here is
# an echo server in TCP. It sends back every byte that it gets.

# %%
import asyncio
import os
import random

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidMessage


async def parrot(reader, writer):
    """Send every byte back."""
    while data := await reader.read(1000):
        writer.write(data)
    writer.close()


async def listen(serve_one):
    """A TCP server on a free port that calls `serve_one(reader, writer)` for each connection."""
    return await asyncio.start_server(serve_one, "127.0.0.1", 0)


# %%
guess_parrot = predict(
    "Ann's WebSocket client connects to the TCP server that sends back every byte. What happens?",
    a="It works: an echo is an echo.",
    b="It is refused: her client asked a question and got no answer to it.",
    c="It waits for ever.",
)

# %%
tcp_server = await bench.start("tcp parrot", await listen(parrot))
tcp_cable = await bench.start("tcp cable", Middlebox(tcp_server))

try:
    await connect(bench.url(tcp_cable), user_agent_header="Ann")
except InvalidMessage as error:
    print("Ann:", error)

await tcp_cable.quiet()
Wire(tcp_cable)

# %%
guess_parrot.reveal(
    "b",
    "Ann's client asked for a WebSocket, in HTTP, and heard its own question. Only a 101 would have been an answer.",
    a="It will be, after a handshake and in frames. Bytes alone say neither what they are nor where a message ends.",
    c="Not even at a server that says nothing: `connect` gives up after ten seconds. This one answers at once, with nonsense.",
)

# %% [markdown]
# ## 2. The opening handshake
#
# The client asks in HTTP, because the way in is often a web server's. It names what it wants (`Upgrade: websocket`), the
# version (always 13), and sends a *key*: sixteen random bytes, written in base64.

# %%
request = b"""GET /chat HTTP/1.1
Host: server.example.com
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
Sec-WebSocket-Version: 13

""".replace(b"\n", b"\r\n")

# %%
guess_key = predict(
    "What is `Sec-WebSocket-Key` good for?",
    a="It encrypts the connection.",
    b="It is a password that the server checks.",
    c="It proves that the answer comes from something that knows WebSocket.",
)

# %% [markdown]
# The server appends a text that stands in the standard, hashes both with SHA-1, and sends the result back.

# %% tags=["export"]
import re
from base64 import b64encode
from codecs import getincrementaldecoder
from collections.abc import Generator, Iterator
from email import message_from_string
from hashlib import sha1
from typing import Any

from websockets.frames import EXTERNAL_CLOSE_CODES, Opcode
from websockets.speedups import apply_mask

# %% [markdown]
# The standard is *RFC 6455*. It has examples, and an example makes a good test. Its section 1.3 says what must come out:

# %%
both = b"dGhlIHNhbXBsZSBub25jZQ==" + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
assert b64encode(sha1(both).digest()) == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

# %%
guess_key.reveal(
    "c",
    "Key and text are known to everybody who reads along. A parrot, a cache or an old web server would not do the sum, "
    "so the client knows that it is understood, now, by this server.",
    a="Nothing here is secret. `wss://` encrypts: WebSocket inside TLS, as `https://` is HTTP inside TLS.",
    b="The client makes it up, and every server accepts every key. Who is asking is the business of lesson 16.",
)

# %% [markdown]
# Now the whole answer. A client that asks properly gets *101*. Everyone else is told what was wrong, in numbers that
# HTTP has for it: *405* (that is done with GET), *426* (this place speaks WebSocket 13, ask for that), *400* (I cannot
# make sense of this).

# %% tags=["export"]
def handshake(request: bytes) -> bytes:
    """The answer to a request, up to its empty line: 101, or what is wrong with it (RFC 6455 section 4.2)."""
    line, _, fields = request.decode("latin-1").partition("\r\n")
    headers = message_from_string(fields)
    upgrade, options = headers.get("Upgrade", "").lower(), headers.get("Connection", "").lower()
    version, key = headers.get("Sec-WebSocket-Version"), headers.get("Sec-WebSocket-Key", "")
    if not line.startswith("GET "):
        refusal = "405 Method Not Allowed\r\nAllow: GET"
    elif line[-8:] != "HTTP/1.1" or version != "13" or "websocket" not in upgrade or "upgrade" not in options:
        refusal = "426 Upgrade Required\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13"
    elif "Host" not in headers or not re.fullmatch("[0-9A-Za-z+/]{21}[AQgw]==", key):
        refusal = "400 Bad Request"
    else:
        proof = b64encode(sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()).decode()
        agreed = f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {proof}"
        return f"HTTP/1.1 101 Switching Protocols\r\n{agreed}\r\n\r\n".encode()
    return f"HTTP/1.1 {refusal}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


# %%
for wrong, right in {
    b"": b"",
    b"GET": b"POST",
    b"Version: 13": b"Version: 8",
    b"Upgrade: websocket\r\n": b"",
    b"dGhlIHNhbXBsZSBub25jZQ==": b"secret",
}.items():
    status = handshake(request.replace(wrong, right, 1)).partition(b"\r\n")[0]
    print(f"{wrong.strip().decode() or 'the example':26} → {right.decode() or '-':12} {status.decode()}")

# %% [markdown]
# No network so far: bytes in, bytes out. This style is called *sans-I/O*, "without input and output", and it is why
# one line can test what would need a server, a client and a lot of luck. All of this protocol will be written so.

# %% [markdown]
# ## 3. A frame, bit by bit
#
# After the 101 everything travels in *frames*. A frame begins with two bytes that say what follows:
#
# | bits | name | says |
# |---|---|---|
# | 1 | FIN | 1: the message ends with this frame |
# | 3 | RSV | reserved: 0, unless both ends agreed on an extension |
# | 4 | opcode | 1 text, 2 binary, 0 a continuation; 8 close, 9 ping, 10 pong |
# | 1 | MASK | 1: a masking key follows, and the payload is masked |
# | 7 | length | up to 125 as it is; 126: the next 2 bytes have it; 127: the next 8 |
#
# Type a message and look at its bits. Then flip one, and read what the parser says to it.

# %% tags=["demo"]
FrameInspector("Hello")

# %% [markdown]
# Writing one takes five lines. `apply_mask` comes in a moment.

# %% tags=["export"]
def frame(opcode: int, payload: bytes, key: bytes = b"", fin: int = 1) -> bytes:
    """One frame (section 5.2). A client hands in a masking key: four random bytes."""
    size = len(payload)
    short, width = (size, 0) if size < 126 else (126, 2) if size < 65536 else (127, 8)
    head = bytes([fin << 7 | opcode, bool(key) << 7 | short]) + size.to_bytes(8, "big")[8 - width :]
    return head + key + (apply_mask(payload, key) if key else payload)


# %% [markdown]
# The examples of section 5.7, word for word:

# %%
assert frame(Opcode.TEXT, b"Hello") == bytes.fromhex("81 05 48656c6c6f")
assert frame(Opcode.TEXT, b"Hello", bytes.fromhex("37fa213d")) == bytes.fromhex("81 85 37fa213d 7f9f4d5158")
assert frame(Opcode.TEXT, b"Hel", fin=0) == bytes.fromhex("01 03 48656c")
assert frame(Opcode.CONT, b"lo") == bytes.fromhex("80 02 6c6f")
assert frame(Opcode.PING, b"Hello") == bytes.fromhex("89 05 48656c6c6f")
assert frame(Opcode.BINARY, bytes(256)) == bytes.fromhex("82 7e 0100") + bytes(256)
assert frame(Opcode.BINARY, bytes(65536)) == bytes.fromhex("82 7f 0000000000010000") + bytes(65536)

# %% [markdown]
# So a short message costs the server two bytes and a client six. Compare that with the few hundred of an HTTP request.

# %% [markdown]
# ### The mask
#
# The four extra bytes are the *masking key*. The client makes a new one for each frame and changes each byte
# of the payload with it: *exclusive or* with the first byte of the key, the second, the third, the fourth, the first again.

# %%
def mask(payload, key):
    """XOR each byte with the four of the key, in turn; done twice, it is undone (section 5.3)."""
    return bytes(byte ^ key[place % 4] for place, byte in enumerate(payload))


key = bytes.fromhex("37fa213d")
print(mask(b"Hello", key))
print(mask(mask(b"Hello", key), key))

# %%
guess_mask = predict(
    "The key travels in front of the payload, for everyone to read. Whom does the mask protect?",
    a="The users: nobody can read their messages.",
    b="Old proxies and caches on the way, which might take the payload for HTTP.",
    c="The server: only clients that it trusts know how to mask.",
)

# %% [markdown]
# Your loop is right and slow: a few million bytes a second. The library has the same function in C, hundreds or thousands of
# times faster, the longer the message the more. That function, and two lists of numbers, are all that your protocol borrows.

# %%
noise = os.urandom(1000)
assert mask(noise, key) == apply_mask(noise, key)

# %%
guess_mask.reveal(
    "b",
    "A page could send bytes that look like a request, and a proxy that does not know WebSocket would answer them, or "
    "keep them for others. With a new random key each time, a page cannot choose the bytes on the wire.",
    a="The key stands beside it. If it must stay unread, use `wss://`.",
    c="Everybody can mask; you wrote it in one line. But a server must refuse a client that does not.",
)

# %% [markdown]
# That is for the security officer: *the key and the mask are no encryption*. On a `ws://` connection everybody on
# the way reads every word, as you do here.

# %% [markdown]
# ## 4. Reading what has not arrived yet
#
# Writing was easy: you have the whole message. Reading is not: TCP gives you the bytes in order, but cut anywhere. One
# read may bring half a frame or a hundred.

# %%
guess_cut = predict(
    "A read brings one single byte, `0x81`. What does your parser do?",
    a="It raises: a frame has at least two bytes.",
    b="It waits, and remembers what it has.",
    c="It asks the client to send that again.",
)

# %% [markdown]
# A *generator* can stop in the middle of its work and go on later. This one takes bytes from a buffer, and yields `None` as
# long as there are too few.

# %% tags=["export"]
def take(buffer: bytearray, least: int, most: int) -> Generator[None, None, bytearray]:
    """The next bytes, at most `most`, as soon as there are `least`; it yields None until then."""
    while len(buffer) < least:
        yield None
    taken, buffer[:most] = buffer[:most], b""
    return taken


# %%
buffer = bytearray(b"\x81")
two_bytes = take(buffer, 2, 2)
print(next(two_bytes))

buffer += b"\x05Hello"
try:
    next(two_bytes)
except StopIteration as done:
    print(done.value, "and still there:", buffer)

# %%
guess_cut.reveal(
    "b",
    "Half a frame is no error. The rest comes with a later read, or the connection ends and it never comes.",
    a="One byte is the first half of two. A parser that raises here works on your machine and fails on a slow line.",
    c="TCP has taken care of that: nothing is lost or out of order while the connection lives.",
)

# %% [markdown]
# ### What a frame may begin with
#
# Before the payload come the rules. Put FIN, RSV and opcode together, and of 256 first bytes only these are allowed: one
# list outside a message, the other inside one that has begun and not ended.

# %% tags=["export"]
OUTSIDE = b"\x01\x02\x81\x82\x88\x89\x8a"
INSIDE = b"\x00\x80\x88\x89\x8a"


# %%
for name, allowed in {"outside": OUTSIDE, "inside": INSIDE}.items():
    print(f"{name:8}", *(f"{byte:08b}" for byte in allowed))

# %% [markdown]
# Read the lists. No reserved bit is ever set. Opcodes 3 to 7 and 11 to 15 do not exist. Close, ping and pong are always
# final. A continuation makes sense inside a message only, and a new message outside only.

# %% [markdown]
# ## 5. From frames to messages
#
# A long message may come in parts: the first frame has the opcode, the others are continuations, the last one has FIN. That
# is *fragmentation*. The small *control frames* (close, ping, pong) may come between two parts, and a ping must be
# answered at once. So a parser has three things to tell: here is a *message*, send this *reply*, it is *over*.

# %% tags=["export"]
class Reply(bytes):
    """What the protocol itself has to send: a pong, or the close frame."""


class Closed(Exception):
    """The end, with its code and reason (section 7.4); 1005 means that the close frame had no code."""


# %% [markdown]
# A close frame carries two bytes of code and a reason, or nothing at all. Some codes never travel: 1005 and 1006 are a
# library's own notes, 1004 is not used, and below 3000 nobody may make one up. The public list of those that exist
# comes from the library. From 3000 to 3999 a code can be registered; from 4000 to 4999 they are yours.
#
# And now the heart of it. Read it with the table of section 3 beside you: two bytes, perhaps a longer length, the
# key, the payload.

# %% tags=["export"]
def events(buffer: bytearray, limit: int) -> Generator[Any, None, None]:
    """Messages, replies, and None when the buffer is used up. Raises Closed, UnicodeDecodeError."""
    kind, room, message = 0, limit, bytearray()
    while True:
        first, second = yield from take(buffer, 2, 2)
        if first not in (INSIDE if kind else OUTSIDE) or second < 0x80 or (first > 0x87 and second > 0xFD):
            raise Closed(1002, f"a frame that begins with {first:02x} {second:02x}")
        opcode, size = first & 0x0F, second & 0x7F
        if width := {126: 2, 127: 8}.get(size, 0):
            size = int.from_bytes((yield from take(buffer, width, width)), "big")
        key = yield from take(buffer, 4, 4)
        if opcode >= Opcode.CLOSE:
            payload = apply_mask((yield from take(buffer, size, size)), key)
            if opcode == Opcode.CLOSE:
                code = int.from_bytes(payload[:2], "big") if payload else 1005
                known = not payload or code in EXTERNAL_CLOSE_CODES or 3000 <= code < 5000
                raise Closed(code, payload[2:].decode()) if known else Closed(1002, f"close code {code}")
            if opcode == Opcode.PING:
                yield Reply(frame(Opcode.PONG, payload))
            continue
        if opcode != Opcode.CONT:
            kind, room, message, utf8 = opcode, limit, bytearray(), getincrementaldecoder("utf-8")()
        if (room := room - size) < 0:
            raise Closed(1009, f"a message of more than {limit} bytes")
        while size:
            message += (piece := apply_mask((yield from take(buffer, 1, size)), key))
            utf8.decode(piece if kind == Opcode.TEXT else b"")
            utf8.decode(b"", b"\xed\xa0" <= utf8.getstate()[0] < b"\xee")
            size, key = size - len(piece), (key * 2)[len(piece) % 4 :][:4]
        if first & 0x80:
            yield message.decode() if kind == Opcode.TEXT else bytes(message)
            kind = 0


# %% [markdown]
# Three things deserve a second look.
#
# - The two lists and two comparisons are *all* rules of the first two bytes: also that a client must mask, and that a
#   control frame has at most 125 bytes. Who breaks one is closed with 1002, *protocol error*.
# - A payload is not awaited as a whole. `take(buffer, 1, size)` is content with one byte, so that a text which goes wrong
#   in its third byte is refused there, and not 32 megabytes later. (The key turns, so that the next piece begins with the right
#   one of its four bytes.)
# - `getincrementaldecoder` is from the standard library. It reads UTF-8 in pieces, remembers half a letter, and raises as
#   soon as no letter can come of it. In one case it hesitates: `ed a0` begins a *surrogate*, half of a letter in another
#   encoding, and it would look at the third byte. The line with `getstate` tells it that there is no point.

# %% [markdown]
# One thing is left: the *closing handshake*. The first close frame is a question, the second the answer, and whoever has
# sent one sends no more. The code goes back as it came.

# %% tags=["export"]
class Connection:
    """A server's end without a network: bytes in, events and bytes out; messages have up to `limit` bytes."""

    def __init__(self, limit: int = 32 * 1024 * 1024) -> None:
        self._buffer, self.closing = bytearray(), False
        self._events = events(self._buffer, limit)

    def receive(self, data: bytes) -> Iterator[str | bytes | Closed]:
        """What these bytes complete, in order: a message (`str` or `bytes`), a Reply to send, Closed."""
        self._buffer += data
        try:
            yield from iter(self._events.__next__, None)
        except (Closed, UnicodeDecodeError) as error:
            end = error if isinstance(error, Closed) else Closed(1007, "text that is not UTF-8")
            if not self.closing:
                yield Reply(self.close(*end.args))
            yield end

    def close(self, code: int = 1000, reason: str = "") -> bytes:
        """The close frame to send, and the last one; 1005 makes one without a code."""
        self.closing = True
        return frame(Opcode.CLOSE, b"" if code == 1005 else code.to_bytes(2, "big") + reason.encode())


# %% [markdown]
# Put it to work. A client masks what it sends; here always with the same key, so that every run is the same.

# %%
def from_client(opcode, payload=b"", fin=1):
    """A frame as a client sends it."""
    return frame(opcode, payload, key, fin)


def said(*frames):
    """What a fresh Connection makes of these frames."""
    return list(Connection().receive(b"".join(frames)))


# %% [markdown]
# A ping between two parts of a message, and the pong (`8a`) comes before the message does:

# %%
said(
    from_client(Opcode.TEXT, b"Hel", fin=0),
    from_client(Opcode.PING, b"there?"),
    from_client(Opcode.CONT, b"lo"),
)

# %% [markdown]
# The euro sign has three bytes, `e2 82 ac`. Cut it in two: half a letter is no error, as long as the other half comes.

# %%
euro = "€".encode()
print(said(from_client(Opcode.TEXT, euro[:2], fin=0), from_client(Opcode.CONT, euro[2:])))
print(said(from_client(Opcode.TEXT, euro[:2])))

# %%
guess_bad = predict(
    "A text frame announces 1,000 bytes. The first one that arrives is `ff`, which no letter begins with. What does your server do?",
    a="It waits for the other 999, then closes with 1007.",
    b="It closes with 1007 at once.",
    c="It puts a � in place of the byte, and goes on.",
)

# %%
long_frame = from_client(Opcode.TEXT, b"\xff" + bytes(999))
slow = Connection()

for name, start, end in (("the head", 0, 8), ("one byte", 8, 9), ("the rest", 9, 1008)):
    print(f"{name}: {list(slow.receive(long_frame[start:end]))}")

# %%
guess_bad.reveal(
    "b",
    "The message cannot become right any more, so why wait? And after the end, whatever comes is ignored.",
    a="Many servers do, and that is allowed. Yours need not, and will not keep a sender's rubbish until it is complete.",
    c="Browsers do that to web pages. Here a text is UTF-8 or it is an error (section 8.1).",
)

# %% [markdown]
# And now the ones who break rules. Each gets a close frame with 1002, and hears why:

# %%
for why, wrong_frame in {
    "not masked": frame(Opcode.TEXT, b"Hello"),
    "a reserved bit": b"\xc1\x80" + key,
    "opcode 3": from_client(3),
    "a continuation of nothing": from_client(Opcode.CONT, b"lo"),
    "a ping of 126 bytes": from_client(Opcode.PING, bytes(126)),
    "a ping in parts": from_client(Opcode.PING, fin=0),
    "close code 1005": from_client(Opcode.CLOSE, (1005).to_bytes(2, "big")),
    "a close code of one byte": from_client(Opcode.CLOSE, b"\x03"),
}.items():
    print(f"{why:26} → {said(wrong_frame)[-1]}")

# %% [markdown]
# ## 6. Is it right?
#
# Your examples are the ones that you thought of. So let chance find others: a thousand whole messages, text and binary, and beside yours
# the parser of `websockets`, whose authors have thought about this for years. You cut the bytes anywhere; the
# library gets them whole.

# %%
from websockets.protocol import OPEN, SERVER, Protocol

chance = random.Random(6455)
sent = []
for _ in range(1000):
    size = chance.choice([0, 1, 125, 126, 1000, 70_000])
    text = "".join(chance.choices("aé€🙂", k=size // 4))
    payload = text.encode() if chance.random() < 0.5 else chance.randbytes(size)
    opcode = Opcode.TEXT if payload == text.encode() else Opcode.BINARY
    sent.append(frame(opcode, payload, chance.randbytes(4)))
stream = b"".join(sent)

library = Protocol(SERVER, state=OPEN, max_size=None)
library.receive_data(stream)
received = library.events_received()
theirs = [each.data.decode() if each.opcode == Opcode.TEXT else each.data for each in received]

# %%
mine, ours, place = Connection(), [], 0
while place < len(stream):
    step = chance.choice([1, 2, 3, 100, 65_536])
    ours += mine.receive(stream[place : place + step])
    place += step

assert ours == theirs
print(f"{len(ours):,} messages, all equal")

# %% [markdown]
# A test with random messages says that you agree where both are content. For the rest (fragments, pings, and all that is wrong) there is the *Autobahn* test suite: 301
# cases of broken frames, wrong letters and rude goodbyes, which servers are held against all over the world. This module
# is held to every one of them.

# %% [markdown]
# ## 7. The echo server, once more
#
# The protocol is done and has not seen a network yet. What is missing is small: read bytes, hand them over, write what
# comes out.

# %%
async def handmade_echo(reader, writer):
    """One client of the echo server, over asyncio's streams."""
    response = handshake(await reader.readuntil(b"\r\n\r\n"))
    writer.write(response)
    if b" 101 " not in response:
        writer.close()
        return
    connection = Connection()
    while data := await reader.read(65_536):
        for event in connection.receive(data):
            match event:
                case Reply():
                    writer.write(event)
                case str():
                    writer.write(frame(Opcode.TEXT, event.encode()))
                case bytes():
                    writer.write(frame(Opcode.BINARY, event))
                case Closed():
                    writer.close()
        await writer.drain()


# %% [markdown]
# (Two limits are missing here. A request that never ends is cut off by asyncio itself, after 64 KiB. A client that says nothing at all is
# not: a real server gives it some seconds.)
#
# Does a client that you did not write understand it?

# %%
server = await bench.start("handmade echo", await listen(handmade_echo))
cable = await bench.start("handmade cable", Middlebox(server))

async with connect(bench.url(cable), user_agent_header="Ann", compression=None) as ann:
    for message in ("Hello", b"\x00\x01\x02", "größer"):
        await ann.send(message)
        print("Ann hears:", await ann.recv())
    await (await ann.ping())
    await ann.close(4000, "seen enough")
print("Ann is closed:", ann.close_code, ann.close_reason)

await cable.quiet()
Wire(cable)

# %% [markdown]
# The same picture as in lesson 01, and this time every byte that the server sends is yours. Click the ping and the pong: what
# do they carry? Then see how the code 4000 comes back.

# %% [markdown]
# ## 8. Your own browser
#
# JavaScript speaks the same protocol, but its `WebSocket` hides nearly all of it:
#
# | on the wire | in your Python | in JavaScript |
# |---|---|---|
# | handshake | `handshake(request)` | `new WebSocket(url)` does it; no headers of your own |
# | mask | `frame(opcode, payload, key)` | always, with a key that no script can see |
# | fragments | `fin=0`, `Opcode.CONT` | put together before `onmessage` |
# | ping | `frame(Opcode.PING, b"")` | a browser answers one and cannot send one |
# | text or binary | `str` or `bytes` | `string`, or `Blob` / `ArrayBuffer` by `binaryType` |
# | close code | any that may travel | 1000 and 3000 to 4999; others raise |
# | why it failed | an exception that says it | 1006, whatever it was |
#
# ```js client.js
# const socket = new WebSocket(url);
# socket.binaryType = "arraybuffer";
#
# socket.onopen = () => { socket.send("größer"); socket.send(new Uint8Array([1, 2, 3])); };
# socket.onmessage = ({ data }) => {
#   if (typeof data === "string") return console.log("text:", data);
#   console.log("binary:", data.byteLength, "bytes");
#   try { socket.close(1002); } catch (error) { console.log(error.name); }
#   socket.close(4000, "seen enough");
# };
# socket.onclose = (event) => console.log("closed:", event.code, event.reason);
# ```

# %%
client_js = bench.program("02/client.js")
js_cable = await bench.start("javascript cable", Middlebox(server))
print(await bench.javascript(client_js, url=bench.url(js_cable)))

# %% [markdown]
# Now the browser in which you read this. Press **Connect** and send something. Watch the wire, and then the first frame that
# your browser sends, at the layer *WebSocket*: which masking key did it choose? Send the same word again and compare.

# %% tags=["demo"]
browser_cable = await bench.start("browser cable", Middlebox(server))
Wire(browser_cable)

# %% tags=["demo"]
BrowserClient(bench.url(browser_cable))

# %% [markdown]
# Two things to try:
#
# 1. Send `hello`, then look for the word `hello` in the bytes, upwards and downwards. Why is it there only once?
# 2. Open this in your browser's developer tools (<kbd>F12</kbd>, *Network*, *WS*): what do they show that `onmessage` does not, and what
#    do they keep from you as well?

# %% [markdown] tags=["teacher"]
# **Answers.** (1) Upwards it is masked. (2) The request and the 101, opcode and length of each message. Of pings
# Chromium shows nothing, and of the close frame neither code nor reason. If JupyterLab runs on another machine, its proxy stands between: it answers pings and changes close
# codes. The shell above has no time-outs: a client that connects and says nothing holds its place for ever. The one that
# `python -m wirelab.serve echo` starts has them; let a quick learner compare the two.

# %% [markdown]
# ## Exercises
#
# Write your answer into the cell below each task, run it, then run the check.

# %% [markdown] tags=["exercise"]
# ### Exercise 1 · Say goodbye properly
#
# *10 minutes, medium*
#
# Write `close_frame(code, reason)`: the bytes of the close frame that a *server* sends. The code goes first, two bytes, the
# big one first. Raise `ValueError` when the reason does not fit: a control frame carries at most 125 bytes.

# %% tags=["solution"]
def close_frame(code, reason=""):
    """A server's close frame as bytes; ValueError if the reason is too long for it."""
    payload = code.to_bytes(2, "big") + reason.encode()
    if len(payload) > 125:
        raise ValueError("a close frame has room for 123 bytes of reason")
    return bytes([0x88, len(payload)]) + payload


# %% tags=["check"]
@check(
    "Two bytes of head, two bytes of code, and the reason in UTF-8. A server does not mask.",
    '`code.to_bytes(2, "big")`, and `reason.encode()`. The head is `0x88` and the length of both together.',
    "Count bytes, not letters: `len(reason.encode())` may be more than `len(reason)`.",
)
def check_close_frame(close_frame):
    """Every byte is where it belongs, and a reason that is too long is refused."""
    groesser = b"\x88\x0a\x03\xe9" + "größer".encode()
    got = close_frame(1000, "bye")
    if isinstance(got, bytes | bytearray):
        if got == b"\x03\xe8bye":
            raise Wrong("That is the payload alone. Before it stands the head: `88`, and the payload's length.")
        if got[2:4] == b"\xe8\x03":
            raise Wrong("The code is turned round: `e8 03` is 59395. Network order has the big byte first.")
        if got == b"\x88\x03\x03\xe8bye":
            raise Wrong("The length is 3, the reason's. The code belongs to the payload too: 5.")
        if got[:1] == b"\x88" and got[1:2] > b"\x7f":
            raise Wrong("The MASK bit is set. Clients mask, a server never does.")
    expect("close_frame(1000, 'bye')", got, bytes.fromhex("88 05 03e8") + b"bye")
    expect("close_frame(4999, '')", close_frame(4999, ""), bytes.fromhex("88 02 1387"))
    if close_frame(1001, "größer")[1:2] == b"\x08":
        raise Wrong("`größer` has six letters and eight bytes, and the length counts bytes: encode first.")
    expect("close_frame(1001, 'größer')", close_frame(1001, "größer"), groesser)
    try:
        longest = close_frame(1000, "x" * 123)
    except ValueError:
        raise Wrong("A reason of 123 bytes was refused, and it fits: 2 bytes of code and 123 of reason are 125.") from None
    expect("a reason of 123 bytes", longest, b"\x88\x7d\x03\xe8" + b"x" * 123)
    for reason, count in (("x" * 124, "124 letters"), ("€" * 42, "42 euro signs, 126 bytes,")):
        try:
            close_frame(1000, reason)
        except ValueError:
            continue
        raise Wrong(f"A reason of {count} does not fit, and no ValueError was raised.")


await check_close_frame.verdict()

# %% [markdown] tags=["exercise"]
# ### Exercise 2 · Put it together
#
# *12 minutes, medium*
#
# Write `reassemble(frames)`. It gets a list of `(fin, opcode, payload)`, as they came, without masks. It
# returns the list of messages: `str` for text, `bytes` for binary. Control frames may come anywhere; leave them out.

# %% tags=["solution"]
def reassemble(frames):
    """The messages of a list of (fin, opcode, payload), as str or bytes."""
    messages, kind, whole = [], None, b""
    for fin, opcode, payload in frames:
        if opcode >= Opcode.CLOSE:
            continue
        if opcode != Opcode.CONT:
            kind, whole = opcode, b""
        whole += payload
        if fin:
            messages.append(whole.decode() if kind == Opcode.TEXT else whole)
    return messages


# %% tags=["check"]
@check(
    "What do you have to remember from one frame to the next? Two things.",
    "The opcode of the first frame says what the message is; a continuation has opcode 0.",
    "Collect bytes, and decode at the end: a letter may be cut in two.",
)
def check_reassemble(reassemble):
    """Parts, pings in between, and letters cut in two: all is put together."""
    expect("one whole message", reassemble([(1, 1, b"Hello")]), ["Hello"])
    expect("two parts", reassemble([(0, 1, b"Hel"), (1, 0, b"lo")]), ["Hello"])
    got = reassemble([(0, 1, b"Hel"), (1, 9, b"ping"), (1, 0, b"lo")])
    if got and "ping" in str(got):
        raise Wrong("The ping's payload got into the message. Opcodes from 8 on are control frames.")
    expect("two parts with a ping between", got, ["Hello"])
    expect("a message, then a close", reassemble([(1, 1, b"Hello"), (1, 8, b"\x03\xe8")]), ["Hello"])
    try:
        got = reassemble([(0, 1, b"\xe2\x82"), (1, 0, b"\xac")])
    except UnicodeDecodeError:
        raise Wrong("A letter was cut in two, and you decoded each part alone. Decode the whole.") from None
    expect("a euro sign cut in two", got, ["€"])
    got = reassemble([(0, 2, b"a"), (0, 0, b"b"), (1, 0, b"c"), (1, 1, b"d")])
    if got == ["abc", "d"]:
        raise Wrong("A binary message became text. Remember the opcode of its *first* frame.")
    expect("a binary message in three parts, then a text", got, [b"abc", "d"])
    expect("an empty message", reassemble([(1, 1, b"")]), [""])


await check_reassemble.verdict()

# %% [markdown] tags=["exercise"]
# ### Exercise 3 · Read a dump
#
# *8 minutes, easy*
#
# The security officer brings a line from her own recorder: `81 83 01 02 03 04 49 6b 22`. Write `explain(dump)`, which
# takes such a line (one frame of a client, at most 125 bytes of payload) and returns `(fin, opcode, payload)`, unmasked.

# %% tags=["solution"]
def explain(dump):
    """(fin, opcode, payload) of a short, masked frame, written in hexadecimal."""
    raw = bytes.fromhex(dump)
    key, masked = raw[2:6], raw[6:]
    return raw[0] >> 7, raw[0] & 0x0F, bytes(byte ^ key[place % 4] for place, byte in enumerate(masked))


# %% tags=["check"]
@check(
    "`bytes.fromhex` makes bytes of it. Where does the key begin, and where the payload?",
    "Byte 0: FIN is `>> 7`, the opcode `& 0x0F`. Bytes 2 to 5 are the key, the rest is the payload.",
    "`bytes(byte ^ key[place % 4] for place, byte in enumerate(masked))`, as in section 3.",
)
def check_explain(explain):
    """The officer's line says `Hi!`, in one text frame."""
    got = explain("81 83 01 02 03 04 49 6b 22")
    if isinstance(got, tuple) and len(got) == 3:
        if got[2] == bytes.fromhex("496b22"):
            raise Wrong("That payload is still masked: XOR it with the four bytes before it.")
        if got[0] not in (0, 1):
            raise Wrong(f"FIN is one bit, 0 or 1, and you return {got[0]}. Shift it down: `>> 7`.")
        if got[1] == 0x81:
            raise Wrong("That is the whole first byte. The opcode is its lower half: `& 0x0F`.")
        if got[2] == "Hi!":
            raise Wrong("Return the payload as bytes: `explain` does not know whether it is text.")
    expect("the officer's line", got, (1, 1, b"Hi!"))
    expect("a part of a binary message", explain("02 82 00 00 00 00 01 02"), (0, 2, b"\x01\x02"))
    expect("a ping with five bytes", explain("89 85 37 fa 21 3d 7f 9f 4d 51 58"), (1, 9, b"Hello"))


await check_explain.verdict()

# %% [markdown]
# ## What you have now
#
# - The *opening handshake* is one HTTP request. The 101 and a hash prove that the other end knows WebSocket. It keeps nothing
#   secret.
# - A *frame* is 2 to 14 bytes of head and then the payload. Clients mask, servers do not. The mask protects old proxies; to protect
#   people there is `wss://`.
# - TCP cuts anywhere. A parser remembers where it is, and refuses what is wrong as soon as it can know.
# - A message may come in parts, and control frames between them. A ping wants its pong at once.
# - A connection ends with a close frame each way: 1002 broke a rule, 1007 was not UTF-8, 1009 was too long.
# - *Sans-I/O*: bytes in, events and bytes out. The network around it took twenty lines.
#
# ### Three questions
#
# <details><summary>1. The security officer asks: is it encrypted?</summary>
#
# Not with `ws://`. The handshake's key and the masking key are sent in the open. `wss://` puts the same bytes inside TLS.
# </details>
#
# <details><summary>2. Why does the parser look at text before the frame is complete?</summary>
#
# Because it can. A wrong byte stays wrong, and waiting for the rest costs memory and time that a stranger decides about.
# </details>
#
# <details><summary>3. A browser's script gets 1006. Which of your functions sent that?</summary>
#
# None. 1006 is never sent: it is what the browser says when there was no close frame, or no 101. It hides the reason from the
# script on purpose, so that a page cannot explore your network.
# </details>
#
# ### What is still missing
#
# You know every byte that the two ends say. But between them was an honest middlebox, and the security officer has others:
# firewalls and proxies, which read those bytes too, and have opinions. The network comes next.
