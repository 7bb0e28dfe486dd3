# Answers that people give to the exercises of lesson 06. `right` ones must be called right, `wrong` ones must hear the
# sentence behind the colon; … stands for anything. tests/test_answers.py runs them all.

# %% right check_album
import json
import struct

def pack_all(header, blobs):
    """Each part with its length before it."""
    parts = [json.dumps(header).encode(), *blobs]
    return b"".join(struct.pack("!I", len(part)) + part for part in parts)

def unpack_all(message):
    parts = []
    while message:
        (size,) = struct.unpack("!I", message[:4])
        parts.append(message[4 : 4 + size])
        message = message[4 + size :]
    return json.loads(parts[0]), parts[1:]

# %% right check_album
import json

def pack_all(header, blobs):
    sizes = [len(blob) for blob in blobs]
    head = json.dumps({"header": header, "sizes": sizes}) + "\n"
    message = bytearray(head.encode())
    for blob in blobs:
        message += blob
    return message

def unpack_all(message):
    line, rest = message.split(b"\n", 1)
    head = json.loads(line)
    blobs = []
    for size in head["sizes"]:
        blob, rest = rest[:size], rest[size:]
        blobs.append(blob)
    return [head["header"], blobs]

# %% right check_album
import io
import json
import zipfile

def pack_all(header, blobs):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("header.json", json.dumps(header))
        for number, blob in enumerate(blobs):
            archive.writestr(f"{number:09}", blob)
    return file.getvalue()

def unpack_all(message):
    with zipfile.ZipFile(io.BytesIO(message)) as archive:
        names = sorted(set(archive.namelist()) - {"header.json"})
        return json.loads(archive.read("header.json")), [archive.read(name) for name in names]

# %% wrong check_album: two blobs, the bytes were cut at the wrong places. Does the message say each blob's length?
import json

def pack_all(header, blobs):
    text = json.dumps(header).encode()
    return len(text).to_bytes(4, "big") + text + b"".join(blobs)

def unpack_all(message):
    end = 4 + int.from_bytes(message[:4], "big")
    return json.loads(message[4:end]), [message[end:]]

# %% wrong check_album: A separator may occur in a picture, too.
import json

def pack_all(header, blobs):
    return b"|".join([json.dumps(header).encode(), *blobs])

def unpack_all(message):
    text, *blobs = message.split(b"|")
    return json.loads(text), blobs

# %% wrong check_album: With ö and € in the header … Does each length count bytes, not letters?
import json

def pack_all(header, blobs):
    text = json.dumps([header, [len(blob) for blob in blobs]], ensure_ascii=False)
    return len(text).to_bytes(4, "big") + text.encode() + b"".join(blobs)

def unpack_all(message):
    end = 4 + int.from_bytes(message[:4], "big")
    header, sizes = json.loads(message[4:end])
    blobs = []
    for size in sizes:
        blobs.append(message[end : end + size])
        end += size
    return header, blobs

# %% wrong check_album: Is there base64 in it, or hexadecimal?
import json
from base64 import b64decode, b64encode

def pack_all(header, blobs):
    return json.dumps([header, [b64encode(blob).decode() for blob in blobs]]).encode()

def unpack_all(message):
    header, blobs = json.loads(message)
    return header, [b64decode(blob) for blob in blobs]

# %% wrong check_album: `pack_all` returned str. One binary frame carries one message of bytes.
import json

def pack_all(header, blobs):
    return json.dumps([header, [blob.hex() for blob in blobs]])

def unpack_all(message):
    header, blobs = json.loads(message)
    return header, [bytes.fromhex(blob) for blob in blobs]

# %% wrong check_album: With one blob, `unpack_all` returned dict. Return two things: the header, and a list.
import json

def pack_all(header, blobs):
    text = json.dumps([header, [len(blob) for blob in blobs]]).encode()
    return b"".join([len(text).to_bytes(4, "big"), text, *blobs])

def unpack_all(message):
    end = 4 + int.from_bytes(message[:4], "big")
    return {"header": json.loads(message[4:end])}

# %% wrong check_album: With two blobs: other bytes came out than went in.
import json

def pack_all(header, blobs):
    text = json.dumps([header, [len(blob) for blob in blobs]]).encode()
    return b"".join([len(text).to_bytes(4, "big"), text, *blobs])

def unpack_all(message):
    end = 4 + int.from_bytes(message[:4], "big")
    header, sizes = json.loads(message[4:end])
    return header, [message[end : end + size] for size in sizes]

# %% wrong check_album: `OverflowError: int too big to convert` was raised, in line 5
import json

def pack_all(header, blobs):
    text = json.dumps(header).encode()
    return b"".join([bytes([len(text)]), text, *(len(blob).to_bytes(2, "big") + blob for blob in blobs)])

def unpack_all(message):
    end = 1 + message[0]
    header, blobs = json.loads(message[1:end]), []
    while end < len(message):
        size = int.from_bytes(message[end : end + 2], "big")
        blobs.append(message[end + 2 : end + 2 + size])
        end += 2 + size
    return header, blobs

# %% wrong check_album: With one blob, a blob went in as bytes and came out as int.
import json

def pack_all(header, blobs):
    text = json.dumps(header).encode()
    return b"".join([len(text).to_bytes(4, "big"), text, *blobs])

def unpack_all(message):
    end = 4 + int.from_bytes(message[:4], "big")
    return json.loads(message[4:end]), list(message[end:])

# %% wrong check_album: Expected the header, with one blob to be
import json
def pack_all(header, blobs):
    sizes = [len(b) for b in blobs]
    if isinstance(header, dict):
        header["sizes"] = sizes
        text = json.dumps(header).encode()
    else:
        text = json.dumps({"h": header, "sizes": sizes}).encode()
    return len(text).to_bytes(4, "big") + text + b"".join(blobs)
def unpack_all(message):
    end = 4 + int.from_bytes(message[:4], "big")
    header = json.loads(message[4:end]); blobs = []
    for s in header["sizes"]:
        blobs.append(message[end:end+s]); end += s
    return header.get("h", header), blobs

# %% wrong check_album: `pack_all` is called without `await`
import json
async def pack_all(header, blobs):
    return b""
async def unpack_all(message):
    return {}, []

# %% right check_pieces
async def send_in_pieces(websocket, blob):
    while blob:
        piece, blob = blob[:16_384], blob[16_384:]
        await websocket.send(piece)
        answer = await websocket.recv()
        assert answer == "got it"

# %% right check_pieces
async def send_in_pieces(websocket, blob):
    view = memoryview(blob)
    sent = 0
    while sent < len(view):
        await websocket.send(view[sent : sent + 10_000])
        async for answer in websocket:
            if answer == "got it":
                break
        sent += 10_000

# %% right check_pieces
import io

async def send_in_pieces(websocket, blob):
    file = io.BytesIO(blob)
    while piece := file.read(16_384):
        await websocket.send(piece)
        while await asyncio.wait_for(websocket.recv(), 10) != "got it":
            pass

# %% wrong check_pieces: The largest frame carries 40,000 bytes, 16,384 are allowed.
async def send_in_pieces(websocket, blob):
    await websocket.send(blob)
    await websocket.recv()

# %% wrong check_pieces: The wire shows fragments of one message.
async def send_in_pieces(websocket, blob):
    await websocket.send([blob[start : start + 16_384] for start in range(0, len(blob), 16_384)])
    await websocket.recv()

# %% wrong check_pieces: The chat message came after 3 pieces: you did not wait for each `got it`.
async def send_in_pieces(websocket, blob):
    starts = range(0, len(blob), 16_384)
    for start in starts:
        await websocket.send(blob[start : start + 16_384])
    for start in starts:
        await websocket.recv()

# %% wrong check_pieces: It sent 0 pieces and waits for ever. Await `send` first, then one `got it`, in a loop.
async def send_in_pieces(websocket, blob):
    for start in range(0, len(blob), 16_384):
        await websocket.recv()
        await websocket.send(blob[start : start + 16_384])

# %% wrong check_pieces: of 40,000 bytes came, or not in order. Look at the first and the last piece.
async def send_in_pieces(websocket, blob):
    for number in range(len(blob) // 16_384):
        await websocket.send(blob[number * 16_384 : (number + 1) * 16_384])
        await websocket.recv()

# %% wrong check_pieces: One `got it` is left unread, and whoever reads next takes it for his own.
async def send_in_pieces(websocket, blob):
    for start in range(0, len(blob), 16_384):
        if start:
            await websocket.recv()
        await websocket.send(blob[start : start + 16_384])

# %% wrong check_pieces: The largest frame carries 16,385 bytes, 16,384 are allowed.
async def send_in_pieces(websocket, blob):
    for start in range(0, len(blob), 16_385):
        await websocket.send(blob[start : start + 16_385])
        await websocket.recv()

# %% wrong check_pieces: `TypeError: data must be str … was raised, in line 3
async def send_in_pieces(websocket, blob):
    for start in range(0, len(blob), 16_384):
        await websocket.send(blob[start])
        await websocket.recv()

# %% wrong check_pieces: The chat message came after 3 pieces: you did not wait for each `got it`.
async def send_in_pieces(websocket, blob):
    for i in range(0, len(blob), 16384):
        await websocket.send(blob[i:i+16384])
        try:
            await asyncio.wait_for(websocket.recv(), 0.05)
        except TimeoutError:
            pass

# %% wrong check_pieces: Pieces came as text.
async def send_in_pieces(websocket, blob):
    text = b64encode(blob).decode()
    for i in range(0, len(text), 16384):
        await websocket.send(text[i:i+16384])
        await websocket.recv()

# %% wrong check_pieces: You closed the connection. It is Ann's
async def send_in_pieces(websocket, blob):
    for i in range(0, len(blob), 16384):
        await websocket.send(blob[i:i+16384])
        await websocket.recv()
    await websocket.close()

# %% wrong check_pieces: `send_in_pieces` is awaited
def send_in_pieces(websocket, blob):
    for i in range(0, len(blob), 16384):
        websocket.send(blob[i:i+16384])
        websocket.recv()

# %% right check_kind_album
async def kind_album(websocket):
    while True:
        match await websocket.recv():
            case bytes(picture) if len(picture) <= 100_000:
                reply = {"stored": len(picture)}
            case bytes():
                reply = {"error": "too large: at most 100 kB, please"}
            case _:
                reply = {"error": "that is no picture"}
        await websocket.send(json.dumps(reply))

# %% right check_kind_album
LIMIT = 100_000

def judge(message):
    if type(message) is str:
        raise TypeError("binary frames only")
    if len(message) > LIMIT:
        raise ValueError(f"more than {LIMIT:,} bytes")
    return len(message)

async def kind_album(websocket):
    async for message in websocket:
        try:
            answer = {"stored": judge(message)}
        except (TypeError, ValueError) as error:
            answer = {"error": str(error)}
        await websocket.send(json.dumps(answer))

# %% right check_kind_album
async def kind_album(websocket):
    async for message in websocket:
        too_long = len(message) > 100_000
        if isinstance(message, bytes) and not too_long:
            await websocket.send('{"stored": %d}' % len(message))
        else:
            await websocket.send('{"error": "Send a picture in a binary frame, 100 000 bytes at most."}')

# %% wrong check_kind_album: Expected the answer to exactly 100,000 bytes to be `{'stored': 100000}`, got
async def kind_album(websocket):
    async for message in websocket:
        if isinstance(message, str) or len(message) >= 100_000:
            await websocket.send(json.dumps({"error": "at most 100000 bytes"}))
        else:
            await websocket.send(json.dumps({"stored": len(message)}))

# %% wrong check_kind_album: The error does not name the limit.
async def kind_album(websocket):
    async for message in websocket:
        if isinstance(message, str) or len(message) > 100_000:
            await websocket.send(json.dumps({"error": "too large"}))
        else:
            await websocket.send(json.dumps({"stored": len(message)}))

# %% wrong check_kind_album: At a text the connection was closed: your handler came to its end. Answer, and go on.
async def kind_album(websocket):
    async for message in websocket:
        if len(message) > 100_000:
            await websocket.send(json.dumps({"error": "at most 100000 bytes"}))
        elif isinstance(message, str):
            return
        else:
            await websocket.send(json.dumps({"stored": len(message)}))

# %% wrong check_kind_album: A text was answered with {'stored': 6}. Expected {"error": "a sentence"}.
async def kind_album(websocket):
    async for message in websocket:
        if len(message) > 100_000:
            await websocket.send(json.dumps({"error": "at most 100000 bytes"}))
        else:
            await websocket.send(json.dumps({"stored": len(message)}))

# %% wrong check_kind_album: A text was answered with {'error': ''}. Expected {"error": "a sentence"}.
async def kind_album(websocket):
    async for message in websocket:
        if isinstance(message, str):
            await websocket.send(json.dumps({"error": ""}))
        elif len(message) > 100_000:
            await websocket.send(json.dumps({"error": "at most 100000 bytes"}))
        else:
            await websocket.send(json.dumps({"stored": len(message)}))

# %% wrong check_kind_album: No answer to a text. Answer every message.
async def kind_album(websocket):
    async for message in websocket:
        if isinstance(message, bytes):
            if len(message) > 100_000:
                await websocket.send(json.dumps({"error": "at most 100000 bytes"}))
            else:
                await websocket.send(json.dumps({"stored": len(message)}))

# %% wrong check_kind_album: At 100,001 bytes the connection was closed
async def kind_album(websocket):
    async for message in websocket:
        if isinstance(message, str):
            await websocket.send(json.dumps({"error": "no text"}))
        elif len(message) > 100_000:
            await websocket.close(1009, "at most 100000 bytes")
        else:
            await websocket.send(json.dumps({"stored": len(message)}))

# %% wrong check_kind_album: The answer to 3 bytes is not JSON. Use `json.dumps`.
async def kind_album(websocket):
    async for message in websocket:
        await websocket.send(f"stored {len(message)}")

# %% wrong check_kind_album: `TypeError: Object of type bytes is not JSON serializable` was raised, in line 3
async def kind_album(websocket):
    async for message in websocket:
        await websocket.send(json.dumps({"stored": message}))

# %% right check_kind_album
async def kind_album(websocket):
    async for message in websocket:
        try:
            if isinstance(message, str):
                raise TypeError("a picture is binary")
            if len(message) > 100_000:
                raise ValueError("0.1 MB is all I take")
        except (TypeError, ValueError) as why:
            await websocket.send(json.dumps({"error": repr(why)}))
        else:
            await websocket.send(json.dumps({"stored": len(message)}))

# %% right check_kind_album
async def kind_album(websocket):
    async for m in websocket:
        if isinstance(m, bytes):
            if len(m) <= 100000:
                await websocket.send(json.dumps({"stored": len(m)}))
            else:
                await websocket.send(json.dumps({"error": "The picture is larger than 100 kilobytes."}))
        else:
            await websocket.send(json.dumps({"error": "no text please"}))

# %% right check_kind_album
async def kind_album(websocket):
    async for m in websocket:
        if type(m) == str: a = {"error": "A text is not a picture."}
        elif len(m) > 100000: a = {"error": "One hundred thousand bytes is the limit"}
        else: a = {"stored": len(m)}
        await websocket.send(json.dumps(a))

# %% right check_kind_album
async def kind_album(websocket):
    async for m in websocket:
        if type(m) == str: a = {"error": "A text is not a picture."}
        elif len(m) > 100000: a = {"error": f"{len(m)} > 1e5 bytes"}
        else: a = {"stored": len(m)}
        await websocket.send(json.dumps(a).encode())

# %% right check_album
import json

def pack_all(header, blobs):
    """The table of contents stands at the end."""
    table = json.dumps({"header": header, "sizes": list(map(len, blobs))}).encode("utf-8")
    return b"".join(blobs) + table + len(table).to_bytes(8, "little")

def unpack_all(message):
    size = int.from_bytes(message[-8:], "little")
    table = json.loads(message[-8 - size : -8])
    place, blobs = 0, []
    for length in table["sizes"]:
        blobs += [message[place : place + length]]
        place += length
    return table["header"], blobs

# %% right check_album
import json

def pack_all(header, blobs):
    """As netstrings."""
    return b"".join(b"%d:%b," % (len(part), part) for part in (json.dumps(header).encode(), *blobs))

def unpack_all(message):
    parts, rest = [], memoryview(message)
    while rest:
        digits = 0
        while rest[digits] != ord(":"):
            digits += 1
        size = int(bytes(rest[:digits]))
        parts.append(bytes(rest[digits + 1 : digits + 1 + size]))
        rest = rest[digits + 2 + size :]
    return json.loads(parts.pop(0)), parts

# %% wrong check_album: was raised, in line 4: `header["sizes"] = [len(blob) for blob in blobs]`.
import json

def pack_all(header, blobs):
    header["sizes"] = [len(blob) for blob in blobs]
    text = json.dumps(header).encode()
    return len(text).to_bytes(4, "big") + text + b"".join(blobs)

def unpack_all(message):
    end = 4 + int.from_bytes(message[:4], "big")
    header, blobs = json.loads(message[4:end]), []
    for size in header.pop("sizes"):
        blobs.append(message[end : end + size])
        end += size
    return header, blobs

# %% wrong check_album: `TypeError: Object of type bytes is not JSON serializable` was raised, in line 4
import json

def pack_all(header, blobs):
    return json.dumps([header, blobs]).encode()

def unpack_all(message):
    return json.loads(message)

# %% wrong check_album: With one blob, `unpack_all` returned generator. Return two things: the header, and a list.
import json

def pack_all(header, blobs):
    text = json.dumps([header, [len(blob) for blob in blobs]]).encode()
    return b"".join([len(text).to_bytes(4, "big"), text, *blobs])

def unpack_all(message):
    end = 4 + int.from_bytes(message[:4], "big")
    header, sizes = json.loads(message[4:end])
    for size in sizes:
        yield message[end : end + size]
        end += size

# %% right check_pieces
async def send_in_pieces(websocket, blob):
    pieces, confirmed = asyncio.Queue(), asyncio.Event()
    for start in range(0, len(blob), 2**14):
        pieces.put_nowait(bytearray(blob[start : start + 2**14]))
    while not pieces.empty():
        confirmed.clear()
        await websocket.send(pieces.get_nowait())
        if await websocket.recv() == "got it":
            confirmed.set()
        await confirmed.wait()

# %% right check_pieces
async def send_in_pieces(websocket, blob):
    """The rest is sent by the same function."""
    if blob:
        await websocket.send(blob[:16_000])
        await anext(aiter(websocket))
        await send_in_pieces(websocket, blob[16_000:])

# %% wrong check_pieces: It sent 2 pieces and waits for ever. Await `send` first, then one `got it`, in a loop.
async def send_in_pieces(websocket, blob):
    for start in range(0, len(blob), 16_384):
        await websocket.send(blob[start : start + 16_384])
        await websocket.recv()
        await websocket.recv()

# %% wrong check_pieces: 16,384 of 40,000 bytes came, or not in order. Look at the first and the last piece.
async def send_in_pieces(websocket, blob):
    for start in range(0, len(blob), 16_384):
        await websocket.send(blob[start:16_384])
        await websocket.recv()

# %% wrong check_pieces: The chat message came after 3 pieces: you did not wait for each `got it`.
async def send_in_pieces(websocket, blob):
    for start in range(0, len(blob), 16_384):
        await websocket.send(blob[start : start + 16_384])
        await asyncio.sleep(0.1)

# %% wrong check_kind_album: Expected the answer to 3 bytes to be `{'stored': 3}`, got `{'stored': 'PNG'}`.
async def kind_album(websocket):
    async for message in websocket:
        if isinstance(message, bytes) and len(message) <= 100_000:
            await websocket.send(json.dumps({"stored": message.decode()}))
        else:
            await websocket.send(json.dumps({"error": "at most 100000 bytes"}))

# %% wrong check_kind_album: The answer to 100,001 bytes is not JSON. Use `json.dumps`.
async def kind_album(websocket):
    async for message in websocket:
        if isinstance(message, str) or len(message) > 100_000:
            await websocket.send("error: at most 100000 bytes")
        else:
            await websocket.send(json.dumps({"stored": len(message)}))

# %% wrong check_kind_album: A text was answered with {'stored': 100001}. Expected {"error": "a sentence"}.
async def kind_album(websocket):
    async for message in websocket:
        if len(message) > 100_000:
            await websocket.send(json.dumps({"error": "at most 100000 bytes"}))
        await websocket.send(json.dumps({"stored": len(message)}))

# %% right check_kind_album
async def kind_album(websocket):
    async for message in websocket:
        problems = []
        if not isinstance(message, (bytes, bytearray)):
            problems.append("it is no binary message")
        if len(message) > 100_000:
            problems.append("it is longer than 100'000 bytes")
        answer = {"error": " and ".join(problems)} if problems else {"stored": len(message)}
        await websocket.send(json.dumps(answer, separators=(",", ":")))

# %% right check_kind_album
async def kind_album(websocket):
    async for message in websocket:
        try:
            size = memoryview(message).nbytes
            reply = {"stored": size} if size <= 10**5 else {"error": "The limit is 100 KB."}
        except TypeError:
            reply = {"error": "Bytes, please, no text."}
        await websocket.send(json.dumps(reply))

# %% right check_album
import json, struct
def pack_all(header, blobs):
    head = json.dumps(header).encode()
    parts = [head, *blobs]
    return struct.pack("!I", len(parts)) + b"".join(struct.pack("!I", len(p)) + p for p in parts)
def unpack_all(message):
    (count,) = struct.unpack_from("!I", message)
    at, parts = 4, []
    for _ in range(count):
        (size,) = struct.unpack_from("!I", message, at)
        parts.append(message[at + 4 : at + 4 + size]); at += 4 + size
    return json.loads(parts[0]), parts[1:]

# %% right check_album
def pack_all(header, blobs):
    message = b""
    for blob in reversed(blobs):
        message = pack(len(blob), blob + message)
    return pack({"h": header, "n": len(blobs)}, message)
def unpack_all(message):
    top, rest = unpack(message)
    blobs = []
    for _ in range(top["n"]):
        size, rest = unpack(rest)
        blobs.append(rest[:size]); rest = rest[size:]
    return top["h"], blobs

# %% wrong check_album: With two blobs: 2 went in, 1 came out. Are all of them in the message?
def pack_all(header, blobs): return pack(header, blobs[0])
def unpack_all(message):
    h, b = unpack(message); return h, [b]

# %% wrong check_album: With empty blobs, the bytes were cut at the wrong places.
import json
def pack_all(header, blobs):
    text = json.dumps([header, [len(b) for b in blobs if b]]).encode()
    return len(text).to_bytes(4, "big") + text + b"".join(blobs)
def unpack_all(message):
    end = 4 + int.from_bytes(message[:4], "big"); header, sizes = json.loads(message[4:end]); out = []
    for s in sizes: out.append(message[end:end+s]); end += s
    return header, out

# %% right check_pieces
async def send_in_pieces(websocket, blob):
    view = memoryview(blob)
    while view:
        await websocket.send(view[:16384]); view = view[16384:]
        assert await websocket.recv() == "got it"

# %% right check_pieces
from io import BytesIO
async def send_in_pieces(websocket, blob):
    file = BytesIO(blob)
    while piece := file.read(16_384):
        await websocket.send(piece)
        while await websocket.recv() != "got it": pass

# %% wrong check_pieces: The chat message came after 3 pieces: you did not wait for each `got it`.
async def send_in_pieces(websocket, blob):
    for p in pieces(blob): await websocket.send(p)
    await websocket.recv()

# %% right check_kind_album
async def kind_album(websocket):
    async for m in websocket:
        ok = not isinstance(m, str) and len(m) <= 100000
        await websocket.send(json.dumps({"stored": len(m)} if ok else {"error": "The limit is 97.65 KiB"}))

# %% right check_kind_album
async def kind_album(websocket):
    async for m in websocket:
        ok = not isinstance(m, str) and len(m) <= 100000
        await websocket.send(json.dumps({"stored": len(m)} if ok else {"error": "A hundred kilobytes at most, please."}))

# %% right check_kind_album
async def kind_album(websocket):
    async for m in websocket:
        ok = not isinstance(m, str) and len(m) <= 100000
        await websocket.send(json.dumps({"stored": len(m)} if ok else {"error": "no more than 10^5 bytes, please"}))

# %% wrong check_kind_album: The error does not name the limit.
async def kind_album(websocket):
    async for m in websocket:
        ok = not isinstance(m, str) and len(m) <= 100000
        await websocket.send(json.dumps({"stored": len(m)} if ok else {"error": "at most 1000000 bytes"}))

# %% right check_album
import pickle
def pack_all(header, blobs):
    return pickle.dumps((header, blobs))
def unpack_all(message):
    return pickle.loads(message)

# %% right check_album
import json
from itertools import accumulate, pairwise
def pack_all(header, blobs):
    ends = list(accumulate(map(len, blobs), initial=0))
    return pack({"header": header, "ends": ends}, b"".join(blobs))
def unpack_all(message):
    head, rest = unpack(message)
    return head["header"], [rest[a:b] for a, b in pairwise(head["ends"])]

# %% wrong check_album: 70,300 bytes of pictures made a message of 140,605. … With lengths every byte stays as it is.
from email.message import Message
import json
def pack_all(header, blobs):
    """Escaped, like SLIP."""
    escape = lambda part: part.replace(b"\x01", b"\x01\x02").replace(b"\x00", b"\x01\x03")
    return b"".join(escape(part) + b"\x00" for part in [json.dumps(header).encode(), *blobs])
def unpack_all(message):
    unescape = lambda part: part.replace(b"\x01\x03", b"\x00").replace(b"\x01\x02", b"\x01")
    head, *blobs = message.split(b"\x00")[:-1]
    return json.loads(unescape(head)), [unescape(blob) for blob in blobs]

# %% right check_album
import json
from dataclasses import dataclass
@dataclass
class Album:
    header: object
    blobs: list
    def __iter__(self):
        yield self.header
        yield self.blobs
def pack_all(header, blobs):
    text = json.dumps([header, [len(blob) for blob in blobs]]).encode()
    return b"".join([len(text).to_bytes(4, "big"), text, *blobs])
def unpack_all(message):
    end = 4 + int.from_bytes(message[:4], "big")
    header, sizes = json.loads(message[4:end])
    blobs = []
    for size in sizes:
        blobs.append(message[end : end + size])
        end += size
    return tuple(Album(header, blobs))

# %% wrong check_album: With one blob, a blob went in as bytes and came out as memoryview.
import json
def pack_all(header, blobs):
    text = json.dumps([header, [len(blob) for blob in blobs]]).encode()
    return b"".join([len(text).to_bytes(4, "big"), text, *blobs])
def unpack_all(message):
    view = memoryview(message)
    end = 4 + int.from_bytes(view[:4], "big")
    header, sizes = json.loads(bytes(view[4:end]))
    blobs = []
    for size in sizes:
        blobs.append(view[end : end + size])
        end += size
    return header, blobs

# %% right check_pieces
class Sender:
    def __init__(self, websocket): self.websocket = websocket
    async def __call__(self, piece):
        await self.websocket.send(piece)
        async for answer in self.websocket:
            if answer == "got it": return
async def send_in_pieces(websocket, blob):
    send = Sender(websocket)
    at = 0
    while at < len(blob):
        await send(blob[at:(at := at + 16_384)])

# %% right check_pieces
async def send_in_pieces(websocket, blob):
    async def gen():
        for start in range(0, len(blob), 1000):
            yield blob[start:start+1000]
    async for piece in gen():
        await websocket.send(piece)
        await websocket.recv()

# %% right check_pieces
async def send_in_pieces(websocket, blob):
    lock = asyncio.Semaphore(1)
    async def one(piece):
        async with lock:
            await websocket.send(piece)
            await websocket.recv()
    await asyncio.gather(*(one(piece) for piece in pieces(blob)))

# %% wrong check_pieces: All 40,000 bytes came, but not in order.
async def send_in_pieces(websocket, blob):
    for p in pieces(blob)[::-1]:
        await websocket.send(p)
        await websocket.recv()

# %% wrong check_pieces: It sent more than the 40,000 bytes that there are, and goes on for ever. What ends your loop?
async def send_in_pieces(websocket, blob):
    while blob:
        await websocket.send(blob[:16_384])
        await websocket.recv()

# %% right check_kind_album
from functools import singledispatch
@singledispatch
def judge(message): raise TypeError
@judge.register
def _(message: str): return {"error": "Text is no picture"}
@judge.register
def _(message: bytes): return {"stored": len(message)} if len(message) <= 100_000 else {"error": "limit: 100_000 bytes"}
async def kind_album(websocket):
    async for message in websocket:
        await websocket.send(json.dumps(judge(message)))

# %% right check_kind_album
async def kind_album(websocket):
    async for m in websocket:
        ok = not isinstance(m, str) and len(m) <= 100000
        await websocket.send(json.dumps({"stored": len(m)} if ok else {"error": "Your picture must be smaller than 100001 bytes"}))

# %% wrong check_kind_album: 100,001 bytes was answered with {'stored': 100001}.
async def kind_album(websocket):
    async for m in websocket:
        ok = not isinstance(m, str) and len(m) <= 100 * 1024
        await websocket.send(json.dumps({"stored": len(m)} if ok else {"error": "at most 100 KiB"}))

# %% wrong check_album: the bytes were cut at the wrong places. Does the message say each blob's length?
sizes = []
def pack_all(header, blobs):
    """The lengths are kept beside the message."""
    sizes[:] = map(len, blobs)
    return pack(header, b"".join(blobs))
def unpack_all(message):
    header, rest = unpack(message)
    blobs = []
    for size in sizes:
        blobs.append(rest[:size])
        rest = rest[size:]
    return header, blobs
