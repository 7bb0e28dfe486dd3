# %% [markdown]
# # 02 · Inside the wire
#
# **In {minutes} you write the WebSocket protocol yourself, from the first byte to the last: bytes in, bytes out. Your own
# browser talks to it.**

# %% [markdown]
# ## What the boss says
#
# > "The security officer read the word *socket* and wants to know what exactly goes over that connection. Byte by
# > byte, she said. And is it encrypted? There is a key in it, somebody told her."
#
# The first cell is folded: it opens the laboratory, as in lesson 01. Each section needs those before it. To begin in the middle, another
# day, click a heading and take *Run → Run All Above Selected Cell*.

# %% tags=["folded"]
# %load_ext wirelab
import asyncio
import random

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidMessage

from wirelab import bench
from wirelab.exercise import Wrong, check, expect, watch
from wirelab.middlebox import Middlebox
from wirelab.widgets.browser_client import BrowserClient
from wirelab.widgets.frame_inspector import FrameInspector
from wirelab.widgets.predict import predict
from wirelab.widgets.wire import Wire

# %% [markdown] tags=["teacher"]
# **Timing.** 10 minutes for the handshake, 10 for bits, frames and the inspector, 15 for reading and refusing, 5 for the
# server, 5 for the browser; the three exercises on the way come on top. With little time, do sections 1 to 4 and the
# browser at the end: that answers the security officer.
#
# **What goes wrong in a class.** People read the parser line by line and drown. Let them run the asserts first, and
# read only the line that an assert is about. Write `0x81` and `1000 0001` on the board and leave them there.
#
# **A question to start with:** "TCP gives you bytes in order. Somebody writes `Hello` twice. What may the other end read?"

# %% [markdown]
# ## 1. First try: TCP alone
#
# A connection carries bytes both ways, and the operating system gives you one for nothing: TCP. So why a protocol? Here is
# an echo server in TCP. It sends back every byte that it gets.

# %%
async def parrot(reader, writer):
    """Send every byte back."""
    while data := await reader.read(1000):
        writer.write(data)
    writer.close()


# %%
guess_parrot = predict(
    "Ann's WebSocket client connects to the TCP server that sends back every byte. What happens?",
    a="It works: an echo is an echo.",
    b="It waits for ever.",
    c="It gives up: what comes back is no answer.",
)

# %%
tcp_server = await bench.start("tcp parrot", await asyncio.start_server(parrot, "127.0.0.1", 0))
tcp_cable = await bench.start("tcp cable", Middlebox(tcp_server))

try:
    await connect(bench.url(tcp_cable), user_agent_header="Ann")
except InvalidMessage as error:
    print("Ann:", error.__cause__)

await tcp_cable.quiet()
Wire(tcp_cable)

# %%
guess_parrot.reveal(
    "c",
    "Ann's client asked for a WebSocket, in HTTP, and heard its own question, to the last byte. A question is no answer, and in HTTP/1.1 only a 101 opens a WebSocket.",
    a="It will be, after a handshake and in frames. Bytes alone say neither what they are nor where a message ends.",
    b="Not even at a server that says nothing: `connect` gives up after ten seconds. This one answers at once, with nonsense.",
)

# %% [markdown]
# ## 2. The opening handshake
#
# The client asks in HTTP, because the way in is often a web server's. Click an arrow above, and read it. Ann's client names what it wants
# (`Upgrade: websocket`) and the version, which is always 13. And it sends a *key*: sixteen random bytes in *base64*, which writes any three bytes
# as four plain characters, so that they can stand in a line of text.

# %%
guess_key = predict(
    "What is `Sec-WebSocket-Key` good for?",
    a="It proves that the answer comes from something that knows WebSocket.",
    b="It encrypts the connection.",
    c="It is a password that the server checks.",
)

# %% [markdown]
# The server appends a text that stands in the standard, hashes both with SHA-1, and sends the result back. (The folded cell
# imports what all this needs.)

# %% tags=["export", "folded"]
import re
from base64 import b64encode
from codecs import IncrementalDecoder, getincrementaldecoder
from collections.abc import Generator, Iterable, Iterator
from email import message_from_string
from email.message import Message
from hashlib import sha1
from typing import NamedTuple

from websockets.frames import EXTERNAL_CLOSE_CODES, Opcode
from websockets.speedups import apply_mask

# %% tags=["export"]
def accept(key: str) -> str:
    """What proves that the server knows WebSocket (RFC 6455 section 4.2.2)."""
    both = (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()
    return b64encode(sha1(both).digest()).decode()


# %% [markdown]
# The standard is *RFC 6455*. It has examples, and an example makes a good test. Its section 1.3 says what must come out:

# %%
assert accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

# %%
guess_key.reveal(
    "a",
    "Key and text are known to everybody who reads along. A parrot, a cache or an old web server would not do the sum, "
    "so the client knows that it is understood, now, by this server.",
    b="Nothing here is secret. `wss://` encrypts: WebSocket inside TLS, as `https://` is HTTP inside TLS.",
    c="The client makes it up, and a server takes whatever sixteen bytes it gets. Who is asking is the business of lesson 16.",
)

# %% [markdown]
# A client that asks properly gets *101* and the proof. Everyone else is told what was wrong, in numbers that
# HTTP has for it: *405* (that is done with GET), *426* (this place speaks WebSocket 13, ask for that), *400* (I cannot
# make sense of this). `handshake`, folded, writes the answer.

# %% tags=["export", "folded"]
def lists(headers: Message, name: str, word: str) -> bool:
    """Whether a header has `word` in its list, which may come in several lines (RFC 9110 section 5.3)."""
    words = ",".join(headers.get_all(name, [])).split(",")
    return word in [each.strip().lower() for each in words]


def refusal(line: str, headers: Message) -> str:
    """What is wrong with a request, in HTTP's words (section 4.2.1); empty if nothing is."""
    if not line.startswith("GET "):
        return "405 Method Not Allowed\r\nAllow: GET\r\nConnection: close"
    upgrades = lists(headers, "Upgrade", "websocket") and lists(headers, "Connection", "upgrade")
    if not upgrades or not line.endswith(" HTTP/1.1") or not lists(headers, "Sec-WebSocket-Version", "13"):
        wanted = "Upgrade: websocket\r\nSec-WebSocket-Version: 13"
        return f"426 Upgrade Required\r\n{wanted}\r\nConnection: Upgrade, close"
    sixteen_bytes = re.fullmatch("[0-9A-Za-z+/]{21}[AQgw]==", headers.get("Sec-WebSocket-Key", "").strip())
    if "Host" not in headers or not sixteen_bytes:
        return "400 Bad Request\r\nConnection: close"
    return ""


def handshake(request: bytes) -> bytes:
    """The answer to a request, up to its empty line: 101, or what is wrong with it (section 4.2)."""
    line, _, fields = request.decode("latin-1").partition("\r\n")
    headers = message_from_string(fields)
    if refused := refusal(line, headers):
        return f"HTTP/1.1 {refused}\r\nContent-Length: 0\r\n\r\n".encode()
    proof = accept(headers["Sec-WebSocket-Key"].strip())
    agreed = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade"
    return f"{agreed}\r\nSec-WebSocket-Accept: {proof}\r\n\r\n".encode()


# %% tags=["folded"]
request = b"""GET /chat HTTP/1.1
Host: server.example.com
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
Sec-WebSocket-Version: 13

""".replace(b"\n", b"\r\n")


def status(wrong, right):
    """The status line for the request, with one thing in it changed."""
    return handshake(request.replace(wrong, right)).partition(b"\r\n")[0].decode()


print("the example:     ", status(b"", b""))
print("POST:            ", status(b"GET", b"POST"))
print("version 8:       ", status(b"Version: 13", b"Version: 8"))
print("no Upgrade:      ", status(b"Upgrade: websocket\r\n", b""))
print("a key of 3 bytes:", status(b"dGhlIHNhbXBsZSBub25jZQ==", b"AAAA"))

# %% [markdown]
# No network so far: bytes in, bytes out. This style is called *sans-I/O*, "without input and output", and it is why
# one line can test what would need a server, a client and a lot of luck. All of this protocol will be written so.

# %% [markdown]
# ## 3. Bits and bytes
#
# From here on single bits count. Half a page, for whoever has not needed them lately.
#
# A *byte* is a number from 0 to 255, or eight *bits*, each 0 or 1. Written in *hexadecimal*, with the digits `0` to `f`, each digit
# stands for four bits. So `0x81` is `1000 0001`: 8 is `1000`, 1 is `0001`.
#
# - `x >> 7` shifts the bits seven places to the right: of eight, only the first remains. `x << 7` shifts them to the left.
# - `x | y` has a 1 where one of the two has it: so two parts are put together.
# - `x & y` has a 1 where both have it: so a part is cut out. `x & 0x0f` is the lower half, `x & 0x7f` all but the first bit.
# - `x ^ y`, *exclusive or*, has a 1 where the two differ.
#
# A number over 255 takes several bytes. In a network the big end comes first: 256 is `01 00`, *big-endian*.

# %%
first = 0x81
print(first >> 7, first & 0x0F, f"{first:08b}")

assert 1 << 7 | 1 == 0x81
assert (256).to_bytes(2, "big") == b"\x01\x00"
assert int.from_bytes(b"\x01\x00", "big") == 256

# %% [markdown]
# ## 4. A frame, bit by bit
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
# Then come the longer length, if there is one, the four bytes of the *masking key*, if there is one, and the *payload*: what the frame
# carries. Type a message and look at its bits. Then flip one, and read what the parser says to it.

# %% tags=["demo"]
FrameInspector("Hello")

# %% [markdown]
# ### The mask
#
# A client makes a new key of four random bytes for each frame, and changes each byte of the payload with it: exclusive or with the first
# byte of the key, the second, the third, the fourth, the first again. Done twice, it is undone. The library has it as `apply_mask`:

# %%
key = bytes.fromhex("37 fa 21 3d")
masked = apply_mask(b"Hello", key)

print(masked.hex(" "))
print(apply_mask(masked, key))
assert ord("H") ^ 0x37 == 0x7F

# %%
guess_mask = predict(
    "Whom does the mask protect?",
    a="The users: nobody can read their messages.",
    b="Old proxies and caches on the way, which might take the payload for HTTP.",
    c="The server: only clients that it trusts know how to mask.",
)

# %%
guess_mask.reveal(
    "b",
    "A page could send bytes that look like a request, and a proxy that does not know WebSocket might act on them, and "
    "keep the answer for others. With a new random key each time, a page cannot choose the bytes on the wire.",
    a="The key travels in front of the payload. If a message must stay unread, use `wss://`.",
    c="Everybody can mask. But a server must refuse a client that does not.",
)

# %% [markdown]
# So, for the security officer: *the key and the mask are no encryption*. On a `ws://` connection everybody on
# the way reads every word. She has brought a line to try it on.

# %% [markdown] tags=["exercise"]
# ### Exercise 1 · Read a dump
#
# *8 minutes, easy*
#
# Her recorder wrote `81 83 01 02 03 04 49 6b 22`. Write `explain(dump)`, which takes such a line (one frame of a client,
# at most 125 bytes of payload) and returns `(fin, opcode, payload)`, unmasked. Undo the mask with a loop of your own, and `^`.

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
    "`bytes(byte ^ key[place % 4] for place, byte in enumerate(masked))`: `%` is the rest of a division.",
)
def check_explain(explain):
    """The officer's line says `Hi!`, in one text frame."""
    got = explain("81 83 01 02 03 04 49 6b 22")
    if isinstance(got, tuple) and len(got) == 3:
        if got[2] == bytes.fromhex("496b22"):
            raise Wrong("That payload is still masked: XOR it with the four bytes before it.")
        if got[0] not in (0, 1):
            raise Wrong(f"FIN is one bit, 0 or 1, and you return {got[0]!r}. Shift it down: `>> 7`.")
        if got[1] == 0x81:
            raise Wrong("That is the whole first byte. The opcode is its lower half: `& 0x0F`.")
        if got[2] == "Hi!":
            raise Wrong("Return the payload as bytes: `explain` does not know whether it is text.")
    expect("the officer's line", got, (1, 1, b"Hi!"))
    expect("a part of a binary message", explain("02 82 00 00 00 00 01 02"), (0, 2, b"\x01\x02"))
    expect("a ping with five bytes", explain("89 85 37 fa 21 3d 7f 9f 4d 51 58"), (1, 9, b"Hello"))
    got = explain("c1 80 01 02 03 04")
    if isinstance(got, tuple) and got[1:2] == (0x41,):
        raise Wrong("In `c1` a reserved bit is set, and you return opcode 65. The opcode is the lower half alone: `& 0x0F`.")
    expect("an empty text with a reserved bit", got, (1, 1, b""))


await check_explain.verdict()

# %% [markdown]
# Your loop is right and slow. `apply_mask` is the same in C, and on a message of some thousand bytes it is hundreds of times faster, or
# more.

# %% [markdown]
# ### Writing a frame
#
# Put the parts of the table one after the other, and you have a frame:

# %% tags=["export"]
def frame(opcode: int, payload: bytes | bytearray, key: bytes = b"", fin: int = 1) -> bytes:
    """One frame (section 5.2). A client hands in a masking key: four random bytes."""
    size, masked = len(payload), bool(key)
    if size < 126:
        short, longer = size, b""
    elif size < 65_536:
        short, longer = 126, size.to_bytes(2, "big")
    else:
        short, longer = 127, size.to_bytes(8, "big")
    if masked:
        payload = apply_mask(payload, key)
    return bytes([fin << 7 | opcode, masked << 7 | short]) + longer + key + payload


# %% [markdown]
# The examples of section 5.7:

# %%
assert frame(Opcode.TEXT, b"Hello") == bytes.fromhex("81 05 48656c6c6f")
assert frame(Opcode.TEXT, b"Hello", key) == bytes.fromhex("81 85 37fa213d 7f9f4d5158")
assert frame(Opcode.TEXT, b"Hel", fin=0) == bytes.fromhex("01 03 48656c")
assert frame(Opcode.BINARY, bytes(256)) == bytes.fromhex("82 7e 0100") + bytes(256)
assert frame(Opcode.BINARY, bytes(65536)) == bytes.fromhex("82 7f 0000000000010000") + bytes(65536)

# %% [markdown]
# So a short message costs the server two bytes and a client six. A browser's request in HTTP/1.1 has several hundred.

# %% [markdown]
# ## 5. Reading what has not arrived yet
#
# Writing was easy: you have the whole message. Now the other way. (A good place for a break.)

# %% [markdown]
# TCP keeps bytes in order and cuts them anywhere: one read may bring half a frame, or a hundred frames. Half a frame is no error; a parser
# remembers it and waits. A *generator* fits that. It is a function with `yield` in it: there it stops, and at the next `next()` it goes on.
#
# **Step 1: take bytes** off the front of a buffer, and yield as long as there are too few. (`Generator[None, None, bytearray]` reads: it yields
# None, is sent nothing, returns a bytearray.)

# %% tags=["export"]
def take(buffer: bytearray, count: int) -> Generator[None, None, bytearray]:
    """The next `count` bytes, as soon as they are there; until then it yields None."""
    while len(buffer) < count:
        yield None
    taken = buffer[:count]
    del buffer[:count]
    return taken


# %% [markdown]
# What a generator returns comes with the exception `StopIteration`. `run` hides that:

# %%
def run(reader):
    """What a reader returns, or "waits" if it has too few bytes."""
    try:
        next(reader)
    except StopIteration as done:
        return done.value
    return "waits"


buffer = bytearray(b"\x81")
two_bytes = take(buffer, 2)
assert run(two_bytes) == "waits"

buffer += b"\x05Hello"
assert run(two_bytes) == b"\x81\x05" and buffer == b"Hello"

# %% [markdown]
# **Step 2: read the length.** One generator may use another. `yield from` runs the inner one, lets it wait as long as it must, and then has what it
# returned: `taken = yield from take(buffer, 2)`.
#
# Whoever breaks a rule of the protocol is sent away, with a number: 1002, *protocol error*. The parser says it by raising `Closed`. That is one of
# three things that it has to tell:

# %% tags=["export"]
class Frame(NamedTuple):
    """One frame as it was meant: unmasked."""

    fin: int
    opcode: int
    payload: bytes | bytearray


class Reply(NamedTuple):
    """What the protocol itself has to send: a pong, or the close frame."""

    frame: bytes


class Closed(Exception):
    """The end, with its code and reason (section 7.4); 1005 means that the close frame had no code."""


# %% [markdown] tags=["exercise"]
# ### Exercise 2 · The length
# *8 minutes, medium*
#
# Write the generator `my_read_length(buffer, short)`. `short` is what the seven bits of the second byte say; `buffer` begins behind that byte.
# Return the payload's length: `short` itself up to 125, else the number in the next two (126) or eight bytes (127).
#
# Section 5.2 has two rules: the shortest form that fits must be used, and the first of all bits of eight bytes is 0. For whoever breaks one:
# `raise Closed(1002, "…")`, with the rule in words.

# %% tags=["check"]
from unittest.mock import patch

from handmade import l02_inside_the_wire
from wirelab.serve import serve_echo


@check(
    "Three cases: `short` below 126, equal to 126, equal to 127. In the first there is nothing to take.",
    '`extended = yield from take(buffer, 2)`, then `int.from_bytes(extended, "big")`. The same with 8.',
    "In two bytes nothing below 126 may stand, in eight nothing below 65,536. The first bit is `size >> 63`.",
)
async def check_my_read_length(my_read_length):
    """Every length is read, what is wrong is refused, and a real client's messages come through."""
    for short, raw, size in ((125, "", 125), (126, "007e", 126), (126, "ffff", 65_535), (127, f"{65_536:016x}", 65_536)):
        reader = my_read_length(bytearray.fromhex(raw), short)
        if not isinstance(reader, Generator):
            raise Wrong("That is no generator. Write `def`, and take the bytes with `yield from take(buffer, …)`.")
        try:
            got = run(reader)
        except Closed:
            raise Wrong(f"{size:,} behind a {short} is right, and you refuse it.") from None
        if raw and got != size and got == int.from_bytes(bytes.fromhex(raw), "little"):
            raise Wrong('The bytes are turned round. In a network the big end comes first: "big".')
        if got == "waits":
            raise Wrong(f"Where short is {short}, and {raw or 'nothing'} follows, it waits. `yield from` goes before `take`, "
                        "`return` before the length, and below 126 there is nothing to take.")  # fmt: skip
        expect(f"the length where short is {short} and {raw or 'nothing'} follows", got, size)
    reader = my_read_length(waiting := bytearray(b"\x01"), 126)
    expect("what it does with one byte of two", run(reader), "waits")
    waiting += b"\x00Hello"
    expect("the length after the second byte", run(reader), 256)
    expect("what is left in the buffer", bytes(waiting), b"Hello")
    reader = my_read_length(waiting := bytearray(), 127)
    for count, byte in enumerate((65_536).to_bytes(8, "big")):
        try:
            got = run(reader)
        except Closed:
            got = "refuses"
        if got != "waits":
            raise Wrong(f"With {count} of eight bytes there it does not wait. After a `yield`, `while` asks again and `if` does not.")
        waiting.append(byte)
    for short, size, why in (
        (126, 125, "125 fits into the seven bits"),
        (127, 65_535, "65,535 fits into two bytes"),
        (127, 1 << 63, "the first bit of eight bytes must be 0"),
    ):
        try:
            got = run(my_read_length(bytearray(size.to_bytes(2 if short == 126 else 8, "big")), short))
        except Closed as closed:
            expect("the code of Closed", closed.args[:1], (1002,))
        except Exception as other:
            raise Wrong(f"{size:,} behind a {short} raised {type(other).__name__}. Expected Closed(1002): {why}.") from None
        else:
            raise Wrong(f"{size:,} behind a {short} gave {got}. Expected Closed(1002): {why}.")
    with patch.object(l02_inside_the_wire, "read_length", my_read_length):
        async with serve_echo() as server, Middlebox(server) as box:
            watch(Wire(box))
            async with connect(bench.url(box), user_agent_header="Ann", compression=None, close_timeout=0.3) as ann:
                for size in (5, 300, 70_000):
                    await ann.send(bytes(size))
                    expect(f"the echo of {size:,} bytes", len(await asyncio.wait_for(ann.recv(), 1)), size)


await check_my_read_length.verdict()

# %% tags=["export", "folded"]
def read_length(buffer: bytearray, short: int) -> Generator[None, None, int]:
    """The payload's length; `short` is what the seven bits say (section 5.2). Raises Closed."""
    if short == 126:
        width, least = 2, 126
    elif short == 127:
        width, least = 8, 65_536
    else:
        return short
    extended = yield from take(buffer, width)
    size = int.from_bytes(extended, "big")
    if size < least:
        raise Closed(1002, "a length in more bytes than it needs")
    if size >> 63:
        raise Closed(1002, "a length whose first bit is 1")
    return size


# %% [markdown]
# **Step 3: read a frame.** The table of section 4, from top to bottom.

# %%
assert run(read_length(bytearray(b"\x01\x00"), 126)) == 256


def read_frame(buffer):
    """A client's frame, as soon as all of it is there."""
    first, second = yield from take(buffer, 2)
    size = yield from read_length(buffer, second & 0x7F)
    key = yield from take(buffer, 4)
    payload = yield from take(buffer, size)
    return Frame(first >> 7, first & 0x0F, apply_mask(payload, key))


hello = frame(Opcode.TEXT, b"Hello", key)
assert run(read_frame(bytearray(hello))) == Frame(1, Opcode.TEXT, b"Hello")
assert run(read_frame(bytearray(hello[:-1]))) == "waits"

# %% [markdown]
# ## 6. From frames to messages
#
# A long message may come in parts: the first frame has the opcode, the others are *continuations*, the last one has FIN. That
# is *fragmentation*. The small *control frames* (close, ping, pong) may come between two parts.

# %% [markdown] tags=["exercise"]
# ### Exercise 3 · Put it together
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
    expect("a pong, then a message", reassemble([(1, 10, b""), (1, 1, b"Hello")]), ["Hello"])
    try:
        got = reassemble([(0, 1, b"\xe2\x82"), (1, 0, b"\xac")])
    except UnicodeDecodeError:
        raise Wrong("A letter was cut in two, and you decoded each part alone. Decode the whole.") from None
    expect("a euro sign cut in two", got, ["€"])
    expect("one whole binary message", reassemble([(1, 2, b"PNG")]), [b"PNG"])
    got = reassemble([(0, 2, b"a"), (0, 0, b"b"), (1, 0, b"c"), (1, 1, b"d")])
    if got == ["abc", "d"]:
        raise Wrong("A binary message became text. Remember the opcode of its *first* frame.")
    expect("a binary message in three parts, then a text", got, [b"abc", "d"])
    got = reassemble([(0, 2, b"a"), (1, 9, b""), (1, 0, b"b")])
    if got == ["ab"]:
        raise Wrong("With a ping between its parts a binary message became text. Do not remember the ping's opcode.")
    expect("a binary message with a ping between", got, [b"ab"])
    expect("an empty message", reassemble([(1, 1, b"")]), [""])


await check_reassemble.verdict()

# %% [markdown]
# **Step 4: messages.** Control frames want an answer. A ping is answered at once, with a pong that has the same payload. A close frame
# ends the connection.
#
# A close frame carries a code in two bytes and a reason, or nothing at all. `goodbye`, folded, reads it.
#
# <details><summary>Which codes there are</summary>
#
# Some never travel: 1005, 1006 and 1015 are a library's own notes, 1004 is not used, and below 3000 nobody may make one up. The public list of
# those that exist comes from the library. From 3000 to 3999 a code can be registered; from 4000 to 4999 they are yours.
# </details>

# %% tags=["export", "folded"]
def goodbye(payload: bytes | bytearray) -> Closed:
    """What a close frame says (section 5.5.1). Raises UnicodeDecodeError for its reason."""
    if not payload:
        return Closed(1005, "")
    code = int.from_bytes(payload[:2], "big")
    if code not in EXTERNAL_CLOSE_CODES and not 3000 <= code <= 4999:
        return Closed(1002, f"close code {code}")
    return Closed(code, payload[2:].decode())


# %% [markdown]
# And now your loop of exercise 3, with an `elif` for each kind of frame. `None` stands for "there is no whole frame yet", and is passed on.

# %% tags=["export"]
def read_messages(frames: Iterable[Frame | None]) -> Iterator[str | bytes | Reply | None]:
    """Messages and replies, as frames complete them. Raises Closed, UnicodeDecodeError."""
    kind, message = 0, bytearray()
    for each in frames:
        if each is None:
            yield None
        elif each.opcode == Opcode.PING:
            yield Reply(frame(Opcode.PONG, each.payload))
        elif each.opcode == Opcode.CLOSE:
            raise goodbye(each.payload)
        elif each.opcode != Opcode.PONG:
            if each.opcode != Opcode.CONT:
                kind, message = each.opcode, bytearray()
            message += each.payload
            if each.fin:
                yield message.decode() if kind == Opcode.TEXT else bytes(message)


# %%
parts = [Frame(0, Opcode.TEXT, b"Hel"), Frame(1, Opcode.PING, b"?"), Frame(1, Opcode.CONT, b"lo")]
assert list(read_messages(parts)) == [Reply(b"\x8a\x01?"), "Hello"]

euro = "€".encode()  # three bytes: e2 82 ac
assert list(read_messages([Frame(0, Opcode.TEXT, euro[:2]), Frame(1, Opcode.CONT, euro[2:])])) == ["€"]

# %% [markdown]
# Four steps, and you can read WebSocket. Join them, and it understands every client that keeps to the rules:

# %%
def patient_frames(buffer):
    """Each frame, as soon as all of it is there; None until then."""
    while True:
        whole = yield from read_frame(buffer)
        yield whole


buffer = bytearray(hello + frame(Opcode.BINARY, b"\x01\x02", key))
messages = read_messages(patient_frames(buffer))
print(next(messages), next(messages), next(messages))

# %% [markdown]
# ## 7. Those who break the rules
#
# A server meets others, too.

# %%
guess_bad = predict(
    "A stranger announces a text of 1,000 bytes. The first one is `ff`, which no letter begins with. What does your parser do when that byte has come?",
    a="It waits for the other 999.",
    b="It raises UnicodeDecodeError.",
    c="It puts a � in its place, and goes on.",
)

# %%
long_frame = frame(Opcode.TEXT, b"\xff" + bytes(999), key)
buffer = bytearray(long_frame[:9])
print(next(read_messages(patient_frames(buffer))))

# %%
guess_bad.reveal(
    "a",
    "It answers None: there is no whole frame yet. The text cannot become right any more, and still your parser keeps "
    "what comes. The standard allows it. But nothing says how much that is.",
    b="That comes with the last byte, if it ever comes.",
    c="Browsers do that to web pages. Here a text is UTF-8 or it is an error (section 8.1).",
)

# %% [markdown]
# A stranger may announce nine billion billion bytes, and you would wait and store. So *refuse early*: look at each part of a frame as soon as it
# is there. That is the second step, and it needs no new idea. Three things are looked at, in folded cells. First the two bytes of the head:
# no reserved bit, an opcode that exists, a mask, and a control frame is final and has at most 125 bytes.

# %% tags=["export", "folded"]
OPCODES = frozenset(Opcode)


def check_head(first: int, second: int) -> None:
    """Raise Closed if a client's frame must not begin so (sections 5.1, 5.2 and 5.5)."""
    fin, reserved, opcode = first >> 7, first & 0x70, first & 0x0F
    masked, short = second >> 7, second & 0x7F
    if reserved:
        raise Closed(1002, "a reserved bit is set")
    if opcode not in OPCODES:
        raise Closed(1002, f"there is no opcode {opcode}")
    if not masked:
        raise Closed(1002, "a client must mask")
    if opcode >= Opcode.CLOSE and (not fin or short > 125):
        raise Closed(1002, "a control frame is whole, and has at most 125 bytes")


# %% [markdown]
# Then the announcement: is it this frame's turn, and is there room for so much? And then each piece of text. A `Guard` does both. Python's
# *incremental decoder* reads UTF-8 in pieces: it remembers half a letter, and raises when no letter can come of it.
#
# <details><summary>Why <code>check_text</code> has more than one line: surrogates</summary>
#
# In one case the decoder hesitates. `ed a0` begins a *surrogate*, half of a letter in another encoding (UTF-16), which UTF-8 must not contain.
# The decoder keeps the two bytes and looks at the third before it raises. There is no point in that, so `check_text` asks what it
# keeps, and tells it that this was all.
# </details>

# %% tags=["export", "folded"]
def check_text(decoder: IncrementalDecoder, piece: bytes) -> None:
    """Raise UnicodeDecodeError as soon as nothing that follows could make UTF-8 of it."""
    decoder.decode(piece)
    half, _ = decoder.getstate()
    if half[:1] == b"\xed" and half[1:2] >= b"\xa0":
        decoder.decode(b"", final=True)


class Guard:
    """Looks at messages while they arrive. Raises Closed, UnicodeDecodeError."""

    def __init__(self, limit: int) -> None:
        self.limit, self.room, self.inside = limit, limit, False
        self.decoder: IncrementalDecoder | None = None

    def announce(self, fin: int, opcode: int, size: int) -> None:
        """A part of `size` bytes is to come: is it its turn, and is there room for it?"""
        if self.inside and opcode != Opcode.CONT:
            raise Closed(1002, "a new message inside another")
        if not self.inside and opcode == Opcode.CONT:
            raise Closed(1002, "a continuation of nothing")
        if opcode != Opcode.CONT:
            self.room = self.limit
            self.decoder = getincrementaldecoder("utf-8")() if opcode == Opcode.TEXT else None
        self.room -= size
        if self.room < 0:
            raise Closed(1009, f"a message of more than {self.limit} bytes")
        self.inside = not fin

    def look(self, piece: bytes) -> None:
        """This much of the part has come."""
        if self.decoder:
            check_text(self.decoder, piece)


# %% [markdown]
# A payload is no longer awaited as a whole: `read_payload` takes what is there, one byte at least, and has the guard look at it. A piece may end
# in the middle of the key. So the key is turned, and the next piece begins with the right one of its four bytes. `read_frames` is your `read_frame`
# with these three looks, in a loop.

# %% tags=["export", "folded"]
def read_payload(buffer: bytearray, size: int, key: bytearray, guard: Guard) -> Generator[None, None, bytearray]:
    """A payload of `size` bytes, looked at piece by piece."""
    payload = bytearray()
    while len(payload) < size:
        missing, there = size - len(payload), max(1, len(buffer))
        arrived = yield from take(buffer, min(missing, there))
        piece = apply_mask(arrived, key)
        guard.look(piece)
        payload += piece
        turn = len(piece) % 4
        key = key[turn:] + key[:turn]
    return payload


def read_frames(buffer: bytearray, guard: Guard) -> Iterator[Frame | None]:
    """A client's frames, and None while bytes are missing. Raises Closed, UnicodeDecodeError."""
    while True:
        first, second = yield from take(buffer, 2)
        check_head(first, second)
        fin, opcode = first >> 7, first & 0x0F
        size = yield from read_length(buffer, second & 0x7F)
        key = yield from take(buffer, 4)
        if opcode >= Opcode.CLOSE:
            payload = yield from take(buffer, size)
            yield Frame(fin, opcode, apply_mask(payload, key))
        else:
            guard.announce(fin, opcode, size)
            payload = yield from read_payload(buffer, size, key, guard)
            yield Frame(fin, opcode, payload)


# %% [markdown]
# One thing is left: the *closing handshake*. The first close frame is a question, the second the answer, and whoever has
# sent one sends no more. The code goes back as it came. The folded `Connection` sees to that, and joins all the rest: `receive(data)` gives what
# the bytes complete.

# %% tags=["export", "folded"]
class Connection:
    """A server's end without a network: bytes in, events and bytes out; messages have up to `limit` bytes."""

    def __init__(self, limit: int = 32 * 1024 * 1024) -> None:
        self.closing = False
        self._buffer = bytearray()
        self._events = read_messages(read_frames(self._buffer, Guard(limit)))

    def receive(self, data: bytes) -> Iterator[str | bytes | Reply | Closed]:
        """What these bytes complete, in order: a message (`str` or `bytes`), a Reply to send, Closed."""
        self._buffer += data
        try:
            for event in self._events:
                if event is None:
                    return
                yield event
        except (Closed, UnicodeDecodeError) as error:
            end = error if isinstance(error, Closed) else Closed(1007, "text that is not UTF-8")
            if not self.closing:
                yield Reply(self.close(*end.args))
            yield end

    def close(self, code: int = 1000, reason: str = "") -> bytes:
        """The close frame to send, and the last one; 1005 makes one without a code."""
        self.closing = True
        payload = b"" if code == 1005 else code.to_bytes(2, "big") + reason.encode()
        return frame(Opcode.CLOSE, payload)


# %% [markdown]
# The stranger once more, and the others who break rules. Each hears why, and what comes after the end is ignored.

# %% tags=["folded"]
slow = Connection()
for what, piece in (("the head", long_frame[:8]), ("one byte", long_frame[8:9]), ("the rest", long_frame[9:])):
    print(f"{what:26}→", *slow.receive(piece))

for why, wrong_frame in {
    "not masked": frame(Opcode.TEXT, b"Hello"),
    "a reserved bit": b"\xc1\x80" + key,
    "opcode 3": frame(3, b"", key),
    "a continuation of nothing": frame(Opcode.CONT, b"lo", key),
    "a ping in parts": frame(Opcode.PING, b"", key, fin=0),
    "a ping of 126 bytes": frame(Opcode.PING, bytes(126), key),
    "5 written in two bytes": b"\x81\xfe\x00\x05" + key,
    "close code 1005": frame(Opcode.CLOSE, (1005).to_bytes(2, "big"), key),
}.items():
    *_, end = Connection().receive(wrong_frame)
    print(f"{why:26}→ {end}")

# %% [markdown]
# ## 8. Is it right?
#
# Your examples are the ones that you thought of. So let chance find others: a thousand whole messages, text and binary, for your parser and for
# that of `websockets`. The folded cell cuts the bytes anywhere for yours, and gives the library the whole.

# %% tags=["folded"]
from websockets.protocol import OPEN, SERVER, Protocol

chance = random.Random(6455)
sent = []
for _ in range(1000):
    length = chance.choice([0, 1, 125, 126, 1000, 70_000])
    text = "".join(chance.choices("aé€🙂", k=length // 4))
    payload = text.encode() if chance.random() < 0.5 else chance.randbytes(length)
    opcode = Opcode.TEXT if payload == text.encode() else Opcode.BINARY
    sent.append(frame(opcode, payload, chance.randbytes(4)))
stream = b"".join(sent)

library = Protocol(SERVER, state=OPEN, max_size=None)
library.receive_data(stream)
received = library.events_received()
theirs = [each.data.decode() if each.opcode == Opcode.TEXT else each.data for each in received]

mine, ours, place = Connection(), [], 0
while place < len(stream):
    step = chance.choice([1, 2, 3, 100, 65_536])
    ours += mine.receive(stream[place : place + step])
    place += step

assert ours == theirs
print(f"{len(ours):,} messages, all equal")

# %% [markdown]
# So you agree where both are content. For the rest (fragments, pings, and all that is wrong) there is the *Autobahn* test suite: broken
# frames, wrong letters and rude goodbyes, which servers are held against all over the world. This module is held to each
# of the 301 cases that are not about compression.

# %% [markdown]
# ## 9. The echo server, once more
#
# The protocol is done and has not seen a network yet. What is missing is small: read bytes, hand them over, write what
# comes out.

# %%
async def echo_messages(reader, writer):
    """Every message back, until one of the two has said goodbye or the bytes end."""
    connection = Connection()
    while data := await reader.read(65_536):
        for event in connection.receive(data):
            match event:
                case str():
                    writer.write(frame(Opcode.TEXT, event.encode()))
                case bytes():
                    writer.write(frame(Opcode.BINARY, event))
                case Reply():
                    writer.write(event.frame)
                case Closed():
                    return
        await writer.drain()


# %% [markdown]
# Before it comes the handshake, and in the end the connection is closed, whatever has happened: `handmade_echo`, folded.

# %% tags=["folded"]
async def handmade_echo(reader, writer):
    """One client of the echo server, over asyncio's streams."""
    try:
        response = handshake(await reader.readuntil(b"\r\n\r\n"))
        writer.write(response)
        if response.startswith(b"HTTP/1.1 101 "):
            await echo_messages(reader, writer)
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        pass  # gone before its request was whole, or in the middle of something; or a request without end
    finally:
        writer.close()


# %% [markdown]
# (A request without end is cut off by asyncio, after 64 KiB. A client that says nothing is not: a real server gives it some seconds.)
#
# Does a client that you did not write understand it?

# %%
server = await bench.start("handmade echo", await asyncio.start_server(handmade_echo, "127.0.0.1", 0))
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
# As in lesson 01, and this time every byte that the server sends is yours. Click the ping and the pong: what
# do they carry? Then see how the code 4000 comes back.

# %% [markdown]
# ## 10. Your own browser
#
# JavaScript speaks the same protocol, but its `WebSocket` hides nearly all of it:
#
# | on the wire | in your Python | in JavaScript |
# |---|---|---|
# | handshake | `handshake(request)` | `new WebSocket(url)` does it; in a browser without headers of your own |
# | mask | `frame(opcode, payload, key)` | always, with a key that no script can see |
# | fragments | `fin=0`, `Opcode.CONT` | put together before `onmessage` |
# | ping | `frame(Opcode.PING, b"")` | a browser answers one; no script can send one |
# | text or binary | `str` or `bytes` | `string`, or `Blob` / `ArrayBuffer` by `binaryType` |
# | close code | any that may travel | 1000 and 3000 to 4999; others raise |
# | why it failed | an exception that says it | 1006, whatever it was (Firefox may say 1015 for TLS) |
#
# <details><summary>A client that tries what the table says</summary>
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
# </details>

# %% tags=["folded"]
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
# 2. Open this in your browser's developer tools (<kbd>F12</kbd>, *Network*, *Socket*; in Firefox *WS*): what do they show that `onmessage` does not, and what
#    do they keep from you as well?
#
# <details><summary>Answers</summary>
#
# 1. Upwards it is masked.
# 2. Chromium shows the request and the 101, and when each message passed. Of masking keys and pings it shows nothing, and of the close frame
#    neither code nor reason.
# </details>

# %% [markdown] tags=["teacher"]
# If JupyterLab runs on another machine, its proxy stands between: it answers pings and changes close
# codes. The server above has no time-outs: a client that connects and says nothing holds its place for ever. The one that
# `python -m wirelab.serve echo` starts has them; let a quick learner compare the two.

# %% [markdown]
# ## Exercises
#
# Three you have done on the way. One more:

# %% [markdown] tags=["exercise"]
# ### Exercise 4 · Say goodbye properly
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
    if "größer".encode("latin-1") in close_frame(1001, "größer"):
        raise Wrong("In Latin-1 `ö` is one byte. A reason is written in UTF-8, where it is two: `reason.encode()`.")
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
        except Exception as other:
            raise Wrong(f"For a reason of {count} you raise {type(other).__name__}. ValueError is asked for.") from None
        raise Wrong(f"A reason of {count} does not fit, and no ValueError was raised.")


await check_close_frame.verdict()

# %% [markdown]
# ## What you have now
#
# - The *opening handshake* is one HTTP request. The 101 and a hash prove that the other end knows WebSocket.
# - A *frame* is 2 to 14 bytes of head and then the payload. Clients mask, servers do not. The mask protects old proxies; to protect
#   people there is `wss://`.
# - TCP cuts anywhere. A parser remembers where it is, and refuses what is wrong as soon as it can know.
# - A message may come in parts, and control frames between them. A ping wants its pong at once.
# - A connection ends with a close frame each way: 1002 broke a rule, 1007 was not UTF-8, 1009 was too long.
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
