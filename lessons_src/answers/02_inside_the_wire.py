# Answers that people give to the exercises of lesson 02. `right` ones must be called right, `wrong` ones must hear the
# sentence behind the colon; … stands for anything. tests/test_answers.py runs them all.

# %% right check_close_frame
import struct

def close_frame(code, reason=""):
    words = reason.encode("utf-8")
    if len(words) > 123:
        raise ValueError(f"{len(words)} bytes of reason, 123 fit")
    return struct.pack("!BBH", 0x88, 2 + len(words), code) + words

# %% right check_close_frame
def close_frame(code, reason=""):
    frame = bytearray()
    frame.append(0b1000_1000)
    frame.append(0)
    frame.append(code // 256)
    frame.append(code % 256)
    frame += bytes(reason, "utf8")
    if len(frame) > 127:
        raise ValueError("too long")
    frame[1] = len(frame) - 2
    return frame

# %% right check_close_frame
class TooLong(ValueError):
    pass

def close_frame(code, reason=""):
    payload = bytes([code >> 8, code & 0xFF]) + reason.encode()
    if len(payload) >= 126:
        raise TooLong
    return b"\x88" + len(payload).to_bytes() + payload

# %% wrong check_close_frame: That is the payload alone. Before it stands the head
def close_frame(code, reason=""):
    payload = code.to_bytes(2, "big") + reason.encode()
    if len(payload) > 125:
        raise ValueError("too long")
    return payload

# %% wrong check_close_frame: A reason of 123 bytes was refused, and it fits
def close_frame(code, reason=""):
    payload = code.to_bytes(2, "big") + reason.encode()
    if len(payload) >= 125:
        raise ValueError("too long")
    return bytes([0x88, len(payload)]) + payload

# %% wrong check_close_frame: The code is turned round
def close_frame(code, reason=""):
    payload = code.to_bytes(2, "little") + reason.encode()
    if len(payload) > 125:
        raise ValueError("too long")
    return bytes([0x88, len(payload)]) + payload

# %% wrong check_close_frame: The length is 3, the reason's. The code belongs to the payload too: 5.
def close_frame(code, reason=""):
    if len(reason.encode()) > 123:
        raise ValueError("too long")
    return bytes([0x88, len(reason.encode())]) + code.to_bytes(2, "big") + reason.encode()

# %% wrong check_close_frame: The MASK bit is set. Clients mask, a server never does.
def close_frame(code, reason=""):
    payload = code.to_bytes(2, "big") + reason.encode()
    if len(payload) > 125:
        raise ValueError("too long")
    return bytes([0x88, 0x80 | len(payload), 0, 0, 0, 0]) + payload

# %% wrong check_close_frame: has six letters and eight bytes, and the length counts bytes: encode first.
def close_frame(code, reason=""):
    if len(reason) > 123:
        raise ValueError("too long")
    return bytes([0x88, 2 + len(reason)]) + code.to_bytes(2, "big") + reason.encode()

# %% wrong check_close_frame: A reason of 124 letters does not fit, and no ValueError was raised.
def close_frame(code, reason=""):
    payload = code.to_bytes(2, "big") + reason.encode()
    return bytes([0x88, len(payload)]) + payload

# %% wrong check_close_frame: A reason of 42 euro signs, 126 bytes, does not fit
def close_frame(code, reason=""):
    if len(reason) > 123:
        raise ValueError("too long")
    payload = code.to_bytes(2, "big") + reason.encode()
    return bytes([0x88, len(payload)]) + payload

# %% wrong check_close_frame: `UnicodeEncodeError: 'ascii' codec can't encode … was raised, in line 2
def close_frame(code, reason=""):
    payload = code.to_bytes(2, "big") + reason.encode("ascii")
    if len(payload) > 125:
        raise ValueError("too long")
    return bytes([0x88, len(payload)]) + payload

# %% wrong check_close_frame: Expected close_frame(1000, 'bye') to be `b'\x88\x05\x03\xe8bye'`, got `None`.
def close_frame(code, reason=""):
    payload = code.to_bytes(2, "big") + reason.encode()
    print(bytes([0x88, len(payload)]) + payload)

# %% right check_reassemble
def reassemble(frames):
    messages = []
    parts = []
    is_text = True
    for fin, opcode, payload in frames:
        if opcode in (8, 9, 10):
            continue
        if opcode == 1 or opcode == 2:
            is_text = opcode == 1
            parts = []
        parts.append(payload)
        if fin == 1:
            message = b"".join(parts)
            if is_text:
                message = message.decode("utf-8")
            messages.append(message)
    return messages

# %% right check_reassemble
def one_by_one(frames):
    data = [frame for frame in frames if frame[1] < 8]
    while data:
        end = next(number for number, frame in enumerate(data) if frame[0]) + 1
        whole = b"".join(payload for _, _, payload in data[:end])
        yield str(whole, "utf-8") if data[0][1] == 1 else whole
        del data[:end]

def reassemble(frames):
    return list(one_by_one(frames))

# %% right check_reassemble
def reassemble(frames):
    messages, buffer, kind = [], bytearray(), None
    for frame in frames:
        match frame:
            case (_, opcode, _) if opcode & 0b1000:
                pass
            case (fin, opcode, payload):
                kind = opcode or kind
                buffer.extend(payload)
                if fin:
                    messages.append(buffer.decode() if kind == 1 else bytes(buffer))
                    buffer.clear()
    return messages

# %% wrong check_reassemble: Expected two parts to be `['Hello']`, got `['Hel', 'lo']`.
def reassemble(frames):
    return [payload.decode() for fin, opcode, payload in frames if opcode < 8]

# %% wrong check_reassemble: The ping's payload got into the message.
def reassemble(frames):
    messages, whole = [], b""
    for fin, opcode, payload in frames:
        if opcode in (1, 2):
            kind, whole = opcode, b""
        whole += payload
        if fin and opcode < 8:
            messages.append(whole.decode() if kind == 1 else whole)
    return messages

# %% wrong check_reassemble: A letter was cut in two, and you decoded each part alone. Decode the whole.
def reassemble(frames):
    messages, whole = [], ""
    for fin, opcode, payload in frames:
        if opcode >= 8:
            continue
        whole += payload.decode()
        if fin:
            messages.append(whole)
            whole = ""
    return messages

# %% wrong check_reassemble: A binary message became text. Remember the opcode of its *first* frame.
def reassemble(frames):
    messages, whole = [], b""
    for fin, opcode, payload in frames:
        if opcode >= 8:
            continue
        whole += payload
        if fin:
            messages.append(whole.decode() if opcode != 2 else whole)
            whole = b""
    return messages

# %% wrong check_reassemble: Expected a message, then a close to be `['Hello']`, got
def reassemble(frames):
    messages, kind, whole = [], None, b""
    for fin, opcode, payload in frames:
        if opcode > 8:
            continue
        if opcode:
            kind, whole = opcode, b""
        whole += payload
        if fin:
            messages.append(whole.decode() if kind == 1 else whole)
    return messages

# %% wrong check_reassemble: Expected one whole message to be `['Hello']`, got `<generator object reassemble>`.
def reassemble(frames):
    whole = b""
    for fin, opcode, payload in frames:
        whole += payload
        if fin:
            yield whole.decode()

# %% wrong check_reassemble: Expected one whole message to be `['Hello']`, got `[b'Hello']`.
def reassemble(frames):
    messages, whole = [], b""
    for fin, opcode, payload in frames:
        if opcode < 8:
            whole += payload
            if fin:
                messages.append(whole)
                whole = b""
    return messages

# %% right check_explain
def explain(dump):
    first, _, k0, k1, k2, k3, *rest = [int(pair, 16) for pair in dump.split()]
    key = [k0, k1, k2, k3] * len(rest)
    return bool(first & 0x80), first & 15, bytes(a ^ b for a, b in zip(rest, key))

# %% right check_explain
def explain(dump):
    raw = bytes.fromhex(dump.replace(" ", ""))
    fin = 1 if raw[0] >= 128 else 0
    opcode = raw[0] % 16
    size = raw[1] - 128
    payload = bytearray(raw[6 : 6 + size])
    for place in range(size):
        payload[place] ^= raw[2 + place % 4]
    return fin, opcode, payload

# %% right check_explain
import itertools

def explain(dump):
    raw = bytes.fromhex(dump)
    return (raw[0] >> 7, Opcode(raw[0] & 0x0F), bytes(map(int.__xor__, raw[6:], itertools.cycle(raw[2:6]))))

# %% wrong check_explain: That payload is still masked: XOR it with the four bytes before it.
def explain(dump):
    raw = bytes.fromhex(dump)
    return raw[0] >> 7, raw[0] & 15, raw[6:]

# %% wrong check_explain: FIN is one bit, 0 or 1, and you return 128. Shift it down: `>> 7`.
def explain(dump):
    raw = bytes.fromhex(dump)
    return raw[0] & 0x80, raw[0] & 15, bytes(b ^ raw[2 + n % 4] for n, b in enumerate(raw[6:]))

# %% wrong check_explain: That is the whole first byte. The opcode is its lower half: `& 0x0F`.
def explain(dump):
    raw = bytes.fromhex(dump)
    return 1, raw[0], bytes(b ^ raw[2 + n % 4] for n, b in enumerate(raw[6:]))

# %% wrong check_explain: Return the payload as bytes: `explain` does not know whether it is text.
def explain(dump):
    raw = bytes.fromhex(dump)
    return raw[0] >> 7, raw[0] & 15, bytes(b ^ raw[2 + n % 4] for n, b in enumerate(raw[6:])).decode()

# %% wrong check_explain: Expected a part of a binary message to be `(0, 2, b'\x01\x02')`, got `(1, 2, b'\x01\x02')`.
def explain(dump):
    raw = bytes.fromhex(dump)
    return 1, raw[0] & 15, bytes(b ^ raw[2 + n % 4] for n, b in enumerate(raw[6:]))

# %% wrong check_explain: Expected a ping with five bytes to be `(1, 9, b'Hello')`, got `(1, 1, b'Hello')`.
def explain(dump):
    raw = bytes.fromhex(dump)
    return raw[0] >> 7, raw[0] & 7, bytes(b ^ raw[2 + n % 4] for n, b in enumerate(raw[6:]))

# %% wrong check_explain: was raised, in line 2: `raw = dump.encode("hex")`
def explain(dump):
    raw = dump.encode("hex")
    return raw[0] >> 7, raw[0] & 15, raw[6:]

# %% wrong check_explain: `IndexError: index out of range` was raised, in line 4
def explain(dump):
    raw = bytes.fromhex(dump)
    key = raw[2:6]
    return raw[0] >> 7, raw[0] & 15, bytes(b ^ key[n] for n, b in enumerate(raw[6:]))

# %% right check_my_read_length
def my_read_length(buffer, short):
    if short < 126:
        return short
    if short == 126:
        size = int.from_bytes((yield from take(buffer, 2)), "big")
        if size <= 125:
            raise Closed(1002, "126 bytes or more need two bytes")
        return size
    size = int.from_bytes((yield from take(buffer, 8)), "big")
    if size <= 0xFFFF or size >= 2**63:
        raise Closed(1002, "wrong length")
    return size

# %% right check_my_read_length
import struct

def my_read_length(buffer, short):
    formats = {126: "!H", 127: "!Q"}
    if short in formats:
        raw = yield from take(buffer, struct.calcsize(formats[short]))
        (size,) = struct.unpack(formats[short], raw)
        if raw[0] & 0x80 and short == 127:
            raise Closed(1002, "top bit")
        if size < {126: 126, 127: 65_536}[short]:
            raise Closed(1002, "not minimal")
        return size
    return short

# %% right check_my_read_length
def my_read_length(buffer, short):
    width = {126: 2, 127: 8}.get(short)
    if width is None:
        return short
    while len(buffer) < width:
        yield
    size = 0
    for _ in range(width):
        size = size << 8 | buffer.pop(0)
    if size < 126 or width == 8 and not 65_536 <= size < 1 << 63:
        raise Closed(1002)
    return size

# %% wrong check_my_read_length: The bytes are turned round. In a network the big end comes first: "big".
def my_read_length(buffer, short):
    if short < 126:
        return short
    raw = yield from take(buffer, 2 if short == 126 else 8)
    return int.from_bytes(raw, "little")

# %% wrong check_my_read_length: That is no generator. Write `def`, and take the bytes with `yield from take(buffer, …)`.
def my_read_length(buffer, short):
    if short < 126:
        return short
    width = 2 if short == 126 else 8
    size = int.from_bytes(buffer[:width], "big")
    del buffer[:width]
    return size

# %% wrong check_my_read_length: 125 behind a 126 gave 125. Expected Closed(1002): 125 fits into the seven bits.
def my_read_length(buffer, short):
    if short < 126:
        return short
    raw = yield from take(buffer, 2 if short == 126 else 8)
    return int.from_bytes(raw, "big")

# %% wrong check_my_read_length: 65,535 behind a 127 gave 65535. Expected Closed(1002): 65,535 fits into two bytes.
def my_read_length(buffer, short):
    if short < 126:
        return short
    size = int.from_bytes((yield from take(buffer, 2 if short == 126 else 8)), "big")
    if size < 126 or size >> 63:
        raise Closed(1002, "no")
    return size

# %% wrong check_my_read_length: Expected Closed(1002): the first bit of eight bytes must be 0.
def my_read_length(buffer, short):
    if short < 126:
        return short
    size = int.from_bytes((yield from take(buffer, 2 if short == 126 else 8)), "big")
    if size < (126 if short == 126 else 65_536):
        raise Closed(1002, "no")
    return size

# %% wrong check_my_read_length: Expected the length where short is 127 and 0000000000010000 follows to be `65536`, got `0`.
def my_read_length(buffer, short):
    if short <= 125:
        return short
    size = int.from_bytes((yield from take(buffer, 2)), "big")
    return size

# %% wrong check_my_read_length: Expected the code of Closed to be `(1002,)`, got `(1009,)`.
def my_read_length(buffer, short):
    if short < 126:
        return short
    size = int.from_bytes((yield from take(buffer, 2 if short == 126 else 8)), "big")
    if size < (126 if short == 126 else 65_536) or size >> 63:
        raise Closed(1009, "wrong")
    return size

# %% wrong check_my_read_length: the length where short is 126 and 007e follows to be `126`, got `0`.
def my_read_length(buffer, short):
    if short < 126:
        return short
    yield from ()
    return int.from_bytes(take(buffer, 2), "big")

# %% wrong check_my_read_length: Expected what it does with one byte of two to be `'waits'`, got `1`.
def my_read_length(buffer, short):
    if short < 126:
        return short
    width = 2 if short == 126 else 8
    if not buffer:
        yield
    size = int.from_bytes(buffer[:width], "big")
    del buffer[:width]
    return size

# %% right check_my_read_length
def extended(buffer, width, least):
    raw = yield from take(buffer, width)
    size = sum(byte << 8 * place for place, byte in enumerate(reversed(raw)))
    if size < least or size.bit_length() > 63:
        raise Closed(1002, "a length that must not be")
    return size

def at_once(size):
    return size
    yield

def my_read_length(buffer, short):
    """Generators made elsewhere."""
    return extended(buffer, 2, 126) if short == 126 else extended(buffer, 8, 65_536) if short == 127 else at_once(short)

# %% wrong check_my_read_length: Where short is 126, and 007e follows, it waits. `yield from` goes before `take`
def my_read_length(buffer, short):
    if short < 126:
        return short
    raw = yield take(buffer, 2 if short == 126 else 8)
    return int.from_bytes(raw, "big")

# %% wrong check_my_read_length: Where short is 125, and nothing follows, it waits. … `return` before the length
def my_read_length(buffer, short):
    if short < 126:
        yield short
    yield int.from_bytes((yield from take(buffer, 2 if short == 126 else 8)), "big")

# %% wrong check_my_read_length: it waits. … below 126 there is nothing to take.
def my_read_length(buffer, short):
    raw = yield from take(buffer, 2)
    return int.from_bytes(raw, "big")

# %% wrong check_my_read_length: 126 behind a 126 is right, and you refuse it.
def my_read_length(buffer, short):
    if short < 126:
        return short
    size = int.from_bytes((yield from take(buffer, 2 if short == 126 else 8)), "big")
    if size <= (126 if short == 126 else 65_536) or size >> 63:
        raise Closed(1002, "too long a length")
    return size

# %% wrong check_my_read_length: 125 behind a 126 raised ValueError. Expected Closed(1002): 125 fits into the seven bits.
def my_read_length(buffer, short):
    if short < 126:
        return short
    size = int.from_bytes((yield from take(buffer, 2 if short == 126 else 8)), "big")
    if size < (126 if short == 126 else 65_536) or size >> 63:
        raise ValueError("too long a length")
    return size

# %% wrong check_my_read_length: 125 behind a 126 gave (1002, 'too long a length'). Expected Closed(1002)
def my_read_length(buffer, short):
    if short < 126:
        return short
    size = int.from_bytes((yield from take(buffer, 2 if short == 126 else 8)), "big")
    if size < (126 if short == 126 else 65_536) or size >> 63:
        return Closed(1002, "too long a length")
    return size

# %% wrong check_my_read_length: Expected what is left in the buffer to be `b'Hello'`, got
def my_read_length(buffer, short):
    if short < 126:
        return short
    width = 2 if short == 126 else 8
    while len(buffer) < width:
        yield
    size = int.from_bytes(buffer[:width], "big")
    if size < (126 if short == 126 else 65_536) or size >> 63:
        raise Closed(1002, "too long a length")
    return size

# %% right check_explain
def explain(dump):
    """With the library's own."""
    raw = bytes.fromhex(dump)
    return raw[0] >> 7, raw[0] & 0x0F, apply_mask(raw[6:], raw[2:6])

# %% right check_explain
def explain(dump):
    pairs = dump.split()
    bits = f"{int(pairs[0], 16):08b}"
    numbers = [int(pair, 16) for pair in pairs[2:]]
    payload, place = b"", 0
    for number in numbers[4:]:
        payload += bytes([number ^ numbers[place]])
        place = 0 if place == 3 else place + 1
    return int(bits[0]), int(bits[4:], 2), payload

# %% wrong check_explain: FIN is one bit, 0 or 1, and you return '1'.
def explain(dump):
    raw = bytes.fromhex(dump)
    bits = f"{raw[0]:08b}"
    return bits[0], int(bits[4:], 2), apply_mask(raw[6:], raw[2:6])

# %% wrong check_explain: Expected the officer's line to be `(1, 1, b'Hi!')`, got `(1, 1, b'Hj#')`.
def explain(dump):
    raw = bytes.fromhex(dump)
    return raw[0] >> 7, raw[0] & 15, bytes(byte ^ raw[2] for byte in raw[6:])

# %% right check_reassemble
import codecs

def reassemble(frames):
    """Decodes as it comes, and reads no further than the goodbye."""
    messages = []
    for fin, opcode, payload in frames:
        if opcode == Opcode.CLOSE:
            break
        if opcode == Opcode.TEXT:
            decode, message = codecs.getincrementaldecoder("utf-8")().decode, ""
        if opcode == Opcode.BINARY:
            decode, message = bytes, b""
        if opcode < Opcode.CLOSE:
            message += decode(payload)
            if fin:
                messages.append(message)
    return messages

# %% wrong check_reassemble: Expected an empty message to be `['']`, got `[]`.
def reassemble(frames):
    messages, kind, whole = [], 0, b""
    for fin, opcode, payload in frames:
        if opcode < 8:
            if opcode:
                kind, whole = opcode, b""
            whole += payload
            if fin and whole:
                messages.append(whole.decode() if kind == 1 else whole)
    return messages

# %% wrong check_reassemble: Expected one whole message to be `['Hello']`, got `["b'Hello'"]`.
def reassemble(frames):
    messages, kind, whole = [], 0, b""
    for fin, opcode, payload in frames:
        if opcode < 8:
            if opcode:
                kind, whole = opcode, b""
            whole += payload
            if fin:
                messages.append(str(whole) if kind == 1 else whole)
    return messages

# %% right check_close_frame
def close_frame(code, reason=""):
    """With the lesson's own."""
    words = reason.encode()
    if len(words) not in range(124):
        raise ValueError("too long")
    return frame(Opcode.CLOSE, code.to_bytes(2, "big") + words)

# %% wrong check_close_frame: For a reason of 124 letters you raise AssertionError. ValueError is asked for.
def close_frame(code, reason=""):
    payload = code.to_bytes(2, "big") + reason.encode()
    assert len(payload) <= 125, "too long"
    return bytes([0x88, len(payload)]) + payload

# %% wrong check_close_frame: A reason of 124 letters does not fit, and no ValueError was raised.
def close_frame(code, reason=""):
    payload = code.to_bytes(2, "big") + reason.encode()[:123]
    return bytes([0x88, len(payload)]) + payload

# %% right check_close_frame
from websockets.frames import Close, Frame as LibraryFrame

def close_frame(code, reason=""):
    """With the library's."""
    payload = Close(code, reason).serialize()
    if len(payload) > 125:
        raise ValueError("too long")
    return LibraryFrame(Opcode.CLOSE, payload).serialize(mask=False)

# %% right check_close_frame
def close_frame(code, reason=""):
    high, low = divmod(code, 256)
    letters = [*reason.encode()]
    if letters[123:]:
        raise ValueError
    return bytes([136, len(letters) + 2, high, low, *letters])

# %% right check_close_frame
def close_frame(code, reason=""):
    payload = f"{code:04x}{reason.encode().hex()}"
    size = len(payload) // 2
    if not size < 0x7E:
        raise ValueError(size)
    return bytes.fromhex(f"88 {size:02x} {payload}")

# %% wrong check_close_frame: Expected close_frame(1000, 'bye') to be `b'\x88\x05\x03\xe8bye'`, got `b'\x08\x05\x03\xe8bye'`.
def close_frame(code, reason=""):
    payload = code.to_bytes(2, "big") + reason.encode()
    if len(payload) > 125:
        raise ValueError("too long")
    return bytes([0x08, len(payload)]) + payload

# %% wrong check_close_frame: Expected close_frame(1000, 'bye') to be `b'\x88\x05\x03\xe8bye'`, got `b'\x88\x071000bye'`.
def close_frame(code, reason=""):
    payload = str(code).encode() + reason.encode()
    if len(payload) > 125:
        raise ValueError("too long")
    return bytes([0x88, len(payload)]) + payload

# %% wrong check_close_frame: A reason of 124 letters does not fit, and no ValueError was raised.
def close_frame(code, reason=""):
    payload = code.to_bytes(2, "big") + reason.encode()
    if len(payload) > 125:
        return ValueError("too long")
    return bytes([0x88, len(payload)]) + payload

# %% right check_reassemble
class Puzzle:
    def __init__(self):
        self.done, self.pieces, self.text = [], [], False

    def add(self, fin, opcode, payload):
        if opcode & 8:
            return
        self.text = opcode == 1 if opcode else self.text
        self.pieces.append(payload)
        if fin:
            whole = b"".join(self.pieces)
            self.done.append(whole.decode() if self.text else whole)
            self.pieces = []

def reassemble(frames):
    puzzle = Puzzle()
    for frame in frames:
        puzzle.add(*frame)
    return puzzle.done

# %% right check_reassemble
def reassemble(frames):
    """Backwards: the last part of a message comes first."""
    messages, tail = [], b""
    for fin, opcode, payload in reversed(frames):
        if opcode > 7:
            continue
        tail = payload if fin else payload + tail
        if opcode:
            messages.insert(0, tail.decode() if opcode == 1 else tail)
    return messages

# %% right check_reassemble
from itertools import accumulate, groupby

def reassemble(frames):
    """The number of messages that were whole before a frame says to which it belongs."""
    data = [frame for frame in frames if not frame[1] >> 3]
    ends = list(accumulate((bool(fin) for fin, _, _ in data), initial=0))
    messages = []
    for _, group in groupby(zip(ends, data), key=lambda pair: pair[0]):
        parts = [frame for _, frame in group]
        whole = b"".join(payload for _, _, payload in parts)
        messages.append(whole if parts[0][1] == Opcode.BINARY else whole.decode("utf-8"))
    return messages

# %% wrong check_reassemble: Expected a pong, then a message to be `['Hello']`, got `[b'', 'Hello']`.
def reassemble(frames):
    """Forgets the pong."""
    messages, kind, whole = [], None, b""
    for fin, opcode, payload in frames:
        if opcode in (8, 9):
            continue
        if opcode != 0:
            kind, whole = opcode, b""
        whole += payload
        if fin:
            messages.append(whole.decode() if kind == 1 else whole)
    return messages

# %% wrong check_reassemble: Expected one whole binary message to be `[b'PNG']`, got `['PNG']`.
def reassemble(frames):
    """What is whole is taken for text."""
    messages, kind, whole = [], None, b""
    for fin, opcode, payload in frames:
        if opcode >= 8:
            continue
        if fin and opcode:
            messages.append(payload.decode())
            continue
        if opcode:
            kind, whole = opcode, b""
        whole += payload
        if fin:
            messages.append(whole.decode() if kind == 1 else whole)
    return messages

# %% wrong check_reassemble: Expected two parts with a ping between to be `['Hello']`, got `[b'Hello']`.
def reassemble(frames):
    messages, whole = [], b""
    for fin, opcode, payload in frames:
        kind = opcode or kind
        if opcode >= 8:
            continue
        whole += payload
        if fin:
            messages.append(whole.decode() if kind == 1 else whole)
            whole = b""
    return messages

# %% right check_explain
def explain(dump):
    number = int(dump.replace(" ", ""), 16)
    raw = number.to_bytes((len(dump) + 1) // 3, "big")
    payload = bytearray()
    for index in range(6, len(raw)):
        payload.append(raw[index] ^ raw[2 + (index - 6) % 4])
    return (raw[0] & 128) >> 7, raw[0] & 0b1111, bytes(payload)

# %% right check_explain
import struct

def explain(dump):
    raw = bytes.fromhex(dump)
    head, length, key = struct.unpack("!BB4s", raw[:6])
    masked = raw[6:]
    stream = key * (len(masked) // 4 + 1)
    together = int.from_bytes(masked, "big") ^ int.from_bytes(stream[: len(masked)], "big")
    return head // 128, head % 16, together.to_bytes(len(masked), "big")

# %% right check_explain
def explain(dump):
    """What the numbers are called does the work."""
    return by_hand(*bytes.fromhex(dump))

def by_hand(first, second, *rest):
    key, masked = rest[:4], rest[4:]
    return first >> 7, first & 15, bytes(byte ^ key[place & 3] for place, byte in enumerate(masked))

# %% wrong check_explain: Expected the officer's line to be `(1, 1, b'Hi!')`, got `(1, 1, b'\x87Hi!')`.
def explain(dump):
    raw = bytes.fromhex(dump)
    key, masked = raw[1:5], raw[5:]
    return raw[0] >> 7, raw[0] & 15, bytes(byte ^ key[place % 4] for place, byte in enumerate(masked))

# %% wrong check_explain: Expected the officer's line to be `(1, 1, b'Hi!')`, got `None`.
def explain(dump):
    raw = bytes.fromhex(dump)
    print(raw[0] >> 7, raw[0] & 15, bytes(byte ^ raw[2 + place % 4] for place, byte in enumerate(raw[6:])))

# %% wrong check_explain: Expected the officer's line to be `(1, 1, b'Hi!')`, got `[1, 1, [72, 105, 33]]`.
def explain(dump):
    raw = bytes.fromhex(dump)
    return [raw[0] >> 7, raw[0] & 15, [byte ^ raw[2 + place % 4] for place, byte in enumerate(raw[6:])]]

# %% right check_my_read_length
def my_read_length(buffer, short):
    match short:
        case 126:
            count, smallest, largest = 2, 126, 0xFFFF
        case 127:
            count, smallest, largest = 8, 0x1_0000, 0x7FFF_FFFF_FFFF_FFFF
        case _:
            return short
    high_to_low = yield from take(buffer, count)
    size = int(high_to_low.hex(), 16)
    if smallest <= size <= largest:
        return size
    raise Closed(1002, f"{size} must not be written so")

# %% wrong check_my_read_length: Expected the length where short is 126 and ffff follows to be `65535`, got `126`.
def my_read_length(buffer, short):
    if short <= 126:
        return short
    size = int.from_bytes((yield from take(buffer, 8)), "big")
    if size < 65_536 or size >> 63:
        raise Closed(1002, "too long a length")
    return size

# %% wrong check_my_read_length: Expected the code of Closed to be `(1002,)`, got `('1002: too long a length',)`.
def my_read_length(buffer, short):
    if short < 126:
        return short
    size = int.from_bytes((yield from take(buffer, 2 if short == 126 else 8)), "big")
    if size < (126 if short == 126 else 65_536) or size >> 63:
        raise Closed("1002: too long a length")
    return size

# %% right check_explain
from collections import namedtuple
F = namedtuple("F", "fin opcode payload")
def explain(dump):
    raw = bytes.fromhex(dump)
    return F(raw[0] >> 7, raw[0] & 15, bytes(b ^ raw[2 + n % 4] for n, b in enumerate(raw[6:])))

# %% wrong check_explain: Expected a ping with five bytes to be `(1, 9, b'Hello')`, got `(1, 1, b'Hello')`.
def explain(dump):
    raw = bytes.fromhex(dump)
    return raw[0] >> 7, raw[0] & 0x07, bytes(b ^ raw[2 + n % 4] for n, b in enumerate(raw[6:]))

# %% wrong check_explain: Expected a ping with five bytes to be `(1, 9, b'Hello')`, got `(1, 9, b'Hell')`.
def explain(dump):
    raw = bytes.fromhex(dump)
    return raw[0] >> 7, raw[0] & 15, bytes(a ^ b for a, b in zip(raw[6:], raw[2:6]))

# %% right check_my_read_length
def my_read_length(buffer, short):
    need = {126: 2, 127: 8}.get(short, 0)
    size = 0 if need else short
    for _ in range(need):
        byte = yield from take(buffer, 1)
        size = size * 256 + byte[0]
    if need and size < {2: 126, 8: 65536}[need]:
        raise Closed(1002, "shorter would do")
    if size > 2**63 - 1:
        raise Closed(1002, "first bit")
    return size

# %% right check_my_read_length
def my_read_length(buffer, short):
    if short < 126:
        return short
    if short == 126:
        n = int.from_bytes((yield from take(buffer, 2)), "big")
        if n <= 125: raise Closed(1002, "short form")
        return n
    eight = yield from take(buffer, 8)
    if eight[0] & 0x80: raise Closed(1002, "negative")
    if not any(eight[:6]): raise Closed(1002, "short form")
    return int.from_bytes(eight, "big")

# %% wrong check_my_read_length: Expected the code of Closed to be `(1002,)`, got `()`.
def my_read_length(buffer, short):
    if short < 126: return short
    size = int.from_bytes((yield from take(buffer, 2 if short == 126 else 8)), "big")
    if size < (126 if short == 126 else 65536) or size >> 63: raise Closed
    return size

# %% wrong check_my_read_length: Expected Closed(1002): the first bit of eight bytes must be 0.
def my_read_length(buffer, short):
    if short < 126: return short
    size = int.from_bytes((yield from take(buffer, 2 if short == 126 else 8)), "big")
    if size < (126 if short == 126 else 65536): raise Closed(1002, "x")
    return size

# %% wrong check_my_read_length: 65,535 behind a 127 gave 65535. Expected Closed(1002): 65,535 fits into two bytes.
def my_read_length(buffer, short):
    if short < 126: return short
    size = int.from_bytes((yield from take(buffer, 2 if short == 126 else 8)), "big")
    if size < 126 or size >> 63: raise Closed(1002, "x")
    return size

# %% right check_reassemble
from functools import reduce
def reassemble(frames):
    def step(state, frame):
        done, kind, parts = state
        fin, opcode, payload = frame
        if opcode > 2: return state
        kind = kind if opcode == 0 else opcode
        parts = parts + payload
        if not fin: return done, kind, parts
        return done + [parts.decode() if kind == 1 else parts], None, b""
    return reduce(step, frames, ([], None, b""))[0]

# %% right check_reassemble
def reassemble(frames):
    stream = iter([f for f in frames if f[1] in (0, 1, 2)])
    out = []
    for fin, opcode, payload in stream:
        whole = bytearray(payload)
        while not fin:
            fin, _, more = next(stream)
            whole += more
        out.append(bytes(whole).decode("utf8") if opcode == 1 else bytes(whole))
    return out

# %% wrong check_reassemble: Expected a euro sign cut in two to be `['€']`, got `['']`.
def reassemble(frames):
    out, whole, kind = [], "", 1
    for fin, opcode, payload in frames:
        if opcode >= 8: continue
        kind = opcode or kind
        whole += payload.decode(errors="ignore")
        if fin:
            out.append(whole if kind == 1 else whole.encode())
            whole = ""
    return out

# %% wrong check_reassemble: Expected a binary message in three parts, then a text to be
def reassemble(frames):
    out, whole, kind = [], b"", 1
    for fin, opcode, payload in frames:
        if opcode >= 8: continue
        kind = opcode or kind
        whole += payload
        if fin:
            out.append(whole.decode() if kind == 1 else whole)
    return out

# %% right check_close_frame
from array import array
def close_frame(code, reason=""):
    body = array("B", [code // 256, code % 256])
    body.frombytes(reason.encode())
    if len(body) > 125: raise ValueError(len(body))
    return b"".join([b"\x88", chr(len(body)).encode(), body.tobytes()])

# %% wrong check_close_frame: A reason of 124 letters does not fit, and no ValueError was raised.
def close_frame(code, reason=""):
    return frame(8, code.to_bytes(2, "big") + reason.encode())

# %% wrong check_close_frame: In Latin-1 `ö` is one byte.
def close_frame(code, reason=""):
    payload = code.to_bytes(2, "big") + reason.encode("latin-1")
    if len(payload) > 125: raise ValueError
    return bytes([0x88, len(payload)]) + payload

# %% wrong check_close_frame: Expected close_frame(4999, '') to be
def close_frame(code, reason):
    if not reason: return b"\x88\x00"
    payload = code.to_bytes(2, "big") + reason.encode()
    if len(payload) > 125: raise ValueError
    return bytes([0x88, len(payload)]) + payload

# %% right check_explain
def explain(dump):
    number = int(dump.replace(" ", ""), 16)
    raw = number.to_bytes(len(dump.split()), "big")
    head, size, *rest = raw
    key, body = rest[:4], rest[4:]
    return head // 128, head % 16, bytes([b ^ key[i & 3] for i, b in enumerate(body)])

# %% right check_explain
from collections import namedtuple
Short = namedtuple("Short", "fin opcode payload")
def explain(dump):
    raw = bytes.fromhex(dump)
    out = bytearray()
    for i in range(6, len(raw)):
        out.append(raw[i] ^ raw[2 + (i - 6) % 4])
    return Short(fin=(raw[0] & 128) >> 7, opcode=raw[0] & 15, payload=bytes(out))

# %% right check_explain
def explain(dump):
    bits = "".join(f"{int(b,16):08b}" for b in dump.split())
    fin, opcode = int(bits[0]), int(bits[4:8], 2)
    key = [int(bits[16+8*i:24+8*i],2) for i in range(4)]
    body = bits[48:]
    return fin, opcode, bytes(int(body[8*i:8*i+8],2) ^ key[i%4] for i in range(len(body)//8))

# %% wrong check_explain: you return opcode 65. The opcode is the lower half alone: `& 0x0F`.
def explain(dump):
    raw = bytes.fromhex(dump)
    return raw[0] >> 7, raw[0] & 0x7F, bytes(b ^ raw[2 + n % 4] for n, b in enumerate(raw[6:]))

# %% right check_my_read_length
def number(buffer, width):
    while len(buffer) < width:
        yield
    taken = bytes(buffer[:width])
    del buffer[:width]
    return int(taken.hex(), 16)
def my_read_length(buffer, short):
    if short not in (126, 127):
        yield from ()
        return short
    size = yield from number(buffer, 2 if short == 126 else 8)
    if short == 126 and size < 126: raise Closed(1002, "short")
    if short == 127 and size < 65536: raise Closed(1002, "short")
    if short == 127 and size & (1 << 63): raise Closed(1002, "bit")
    return size

# %% right check_my_read_length
def my_read_length(buffer, short):
    match short:
        case 126:
            raw = yield from take(buffer, 2)
            size = raw[0] << 8 | raw[1]
            if size < 126:
                raise Closed(1002, "x")
        case 127:
            raw = yield from take(buffer, 8)
            size = 0
            for byte in raw:
                size = size * 256 + byte
            if size <= 65_535 or raw[0] >> 7:
                raise Closed(1002, "x")
        case _:
            size = short
    return size

# %% right check_my_read_length
from functools import partial
big = partial(int.from_bytes, byteorder="big")
def my_read_length(buffer, short):
    if short < 126:
        return short
    limits = {126: (2, 126, 1 << 16), 127: (8, 1 << 16, 1 << 63)}
    width, low, high = limits[short]
    if not low <= (size := big((yield from take(buffer, width)))) < high:
        raise Closed(1002, f"{size} does not belong there")
    return size

# %% wrong check_my_read_length: With 1 of eight bytes there it does not wait. After a `yield`, `while` asks again and `if` does not.
def my_read_length(buffer, short):
    if short < 126:
        return short
    width = 2 if short == 126 else 8
    if len(buffer) < width:
        yield
    raw = buffer[:width]
    del buffer[:width]
    size = int.from_bytes(raw, "big")
    if size < (126 if width == 2 else 65536) or size >> 63:
        raise Closed(1002, "x")
    return size

# %% wrong check_reassemble: With a ping between its parts a binary message became text.
def reassemble(frames):
    messages, kind, whole = [], None, b""
    for fin, opcode, payload in frames:
        if opcode != 0:
            kind = opcode
        if opcode >= 8:
            continue
        whole += payload
        if fin:
            messages.append(whole if kind == 2 else whole.decode())
            whole = b""
    return messages

# %% right check_reassemble
def reassemble(frames):
    out, buf, is_text = [], bytearray(), True
    for frame in frames:
        match frame:
            case (_, 8 | 9 | 10, _):
                continue
            case (fin, (1 | 2) as op, payload):
                is_text, buf = op == 1, bytearray(payload)
            case (fin, 0, payload):
                buf += payload
        if fin:
            out.append(buf.decode("utf8") if is_text else bytes(buf))
    return out

# %% right check_reassemble
def reassemble(frames):
    frames = [f for f in frames if f[1] < 8]
    if not frames:
        return []
    n = next(i for i, f in enumerate(frames) if f[0])
    whole = b"".join(p for _, _, p in frames[: n + 1])
    return [whole.decode() if frames[0][1] == 1 else whole] + reassemble(frames[n + 1 :])

# %% right check_reassemble
from codecs import getincrementaldecoder
def reassemble(frames):
    messages, kind, whole, decoder = [], None, "", None
    for fin, opcode, payload in frames:
        if opcode >= 8: continue
        if opcode == 1: kind, whole, decoder = 1, "", getincrementaldecoder("utf-8")()
        if opcode == 2: kind, whole = 2, b""
        whole += decoder.decode(payload, final=bool(fin)) if kind == 1 else payload
        if fin: messages.append(whole)
    return messages

# %% right check_close_frame
from websockets.frames import Close, Frame as LibraryFrame
from websockets.exceptions import ProtocolError
def close_frame(code, reason=""):
    try:
        return LibraryFrame(Opcode.CLOSE, Close(code, reason).serialize()).serialize(mask=False)
    except ProtocolError as error:
        raise ValueError("too long") from error

# %% right check_close_frame
from dataclasses import dataclass
@dataclass(frozen=True)
class Bye:
    code: int
    reason: str
    def __bytes__(self):
        return self.code.to_bytes(2, "big") + self.reason.encode()
def close_frame(code, reason):
    out = bytearray(b"\x88")
    out.append(length := len(payload := bytes(Bye(code, reason))))
    if length > 0x7D:
        raise ValueError("long")
    return out + payload
