# Answers that people give to the exercises of lesson 09. `right` ones must be called right, `wrong` ones must hear the
# sentence behind the colon; … stands for anything. tests/test_answers.py runs them all.

# %% right check_payload
def my_to_payload(packets):
    return chr(30).join("b" + b64encode(each).decode("ascii") if isinstance(each, bytes) else each for each in packets)

def my_from_payload(body):
    try:
        return [b64decode(text[1:], validate=True) if text[:1] == "b" else text for text in str(body, "utf-8").split(chr(30))]
    except (UnicodeDecodeError, ValueError) as error:
        raise ProtocolError(str(error))

# %% right check_payload
import base64
import binascii

SEPARATOR = "\N{INFORMATION SEPARATOR TWO}"

def my_to_payload(packets):
    text = ""
    for number, packet in enumerate(packets):
        if number:
            text += SEPARATOR
        text += packet if type(packet) is str else "b" + str(base64.standard_b64encode(packet), "ascii")
    return text

def my_from_payload(body):
    packets = []
    for piece in body.split(SEPARATOR.encode()):
        try:
            if piece.startswith(b"b"):
                packets.append(base64.b64decode(piece[1:], validate=True))
            else:
                packets.append(piece.decode())
        except (binascii.Error, UnicodeDecodeError):
            raise ProtocolError("no payload") from None
    return packets

# %% right check_payload
import re

def one(packet):
    match packet:
        case bytes():
            return f"b{b64encode(packet).decode()}"
        case _:
            return packet

def other(text):
    return b64decode(text.removeprefix("b"), validate=True) if re.match("b", text) else text

def my_to_payload(packets):
    return "\x1e".join(map(one, packets))

def my_from_payload(body):
    try:
        return list(map(other, body.decode().split("\u001e")))
    except Exception as error:
        raise ProtocolError("what came is no payload") from error

# %% wrong check_payload: Expected the packets of b'4two\xe2\x80\xa8lines\n\x1e4a\x1dgroup' to be
def my_to_payload(packets):
    return "\x1e".join(p if isinstance(p, str) else "b" + b64encode(p).decode() for p in packets)

def my_from_payload(body):
    try:
        return [b64decode(p[1:], validate=True) if p.startswith("b") else p for p in body.decode().splitlines()]
    except ValueError:
        raise ProtocolError("no payload")

# %% wrong check_payload: `TypeError: sequence item 1: expected str instance, bytes found` was raised
def my_to_payload(packets):
    return "\x1e".join(packets)

def my_from_payload(body):
    return body.decode().split("\x1e")

# %% wrong check_payload: For b'4\xff' (that is no UTF-8) it raises UnicodeDecodeError. Raise `ProtocolError`.
def my_to_payload(packets):
    return "\x1e".join(p if isinstance(p, str) else "b" + b64encode(p).decode() for p in packets)

def my_from_payload(body):
    return [b64decode(p[1:], validate=True) if p.startswith("b") else p for p in body.decode().split("\x1e")]

# %% wrong check_payload: b'b?' is no base64, and you return [b'']. Raise `ProtocolError`.
def my_to_payload(packets):
    return "\x1e".join(p if isinstance(p, str) else "b" + b64encode(p).decode() for p in packets)

def my_from_payload(body):
    try:
        return [b64decode(p[1:]) if p.startswith("b") else p for p in body.decode().split("\x1e")]
    except ValueError:
        raise ProtocolError("no payload")

# %% wrong check_payload: Expected the payload of ['4Hello', b'\x01\x02'] to be
def my_to_payload(packets):
    return "\x1e".join(p if isinstance(p, str) else "4b" + b64encode(p).decode() for p in packets)

def my_from_payload(body):
    return body.decode().split("\x1e")

# %% wrong check_payload: Expected the payload of ['4Hello', '4你好 🙂'] to be
def my_to_payload(packets):
    return "".join(p if isinstance(p, str) else "b" + b64encode(p).decode() for p in packets)

def my_from_payload(body):
    return body.decode().split("\x1e")

# %% wrong check_payload: Expected the packets of b'4Hello' to be `['4Hello']`, got
def my_to_payload(packets):
    return "\x1e".join(p if isinstance(p, str) else "b" + b64encode(p).decode() for p in packets)

def my_from_payload(body):
    return body.split(b"\x1e")

# %% wrong check_payload: Expected the packets of b'4a line\n' to be
def my_to_payload(packets):
    return "\x1e".join(p if isinstance(p, str) else "b" + b64encode(p).decode() for p in packets)
def my_from_payload(body):
    try:
        return [b64decode(p[1:], validate=True) if p.startswith("b") else p for p in body.decode().strip().split("\x1e")]
    except ValueError as e:
        raise ProtocolError(str(e))

# %% right check_outbox
class MyOutbox:
    def __init__(self, transport):
        self.transport = transport
        self.packets = []
        self.carrier = None

    def send(self, packet):
        if self.carrier is None:
            self.packets.append(packet)
        else:
            carrier = self.carrier
            if self.transport == "polling":
                self.carrier = None
            carrier([packet])

    def attach(self, carrier):
        if self.carrier is not None:
            raise ProtocolError("one at a time")
        if self.packets:
            waiting = self.packets[:]
            self.packets.clear()
            carrier(waiting)
            if self.transport != "polling":
                self.carrier = carrier
        else:
            self.carrier = carrier

# %% right check_outbox
from dataclasses import dataclass, field

@dataclass
class MyOutbox:
    transport: str
    packets: list = field(default_factory=list)
    carrier: object = None

    def send(self, packet):
        self.packets.append(packet)
        self.go()

    def attach(self, carrier):
        if self.carrier:
            raise ProtocolError
        self.carrier = carrier
        self.go()

    def go(self):
        if not (self.packets and self.carrier):
            return
        packets, self.packets = self.packets, []
        carrier, self.carrier = self.carrier, None if self.transport == "polling" else self.carrier
        carrier(packets)

# %% right check_outbox
class Box:
    packets = carrier = None

class MyOutbox(Box):
    def __init__(self, transport):
        self.transport, self.packets = transport, []

    def _empty(self):
        while self.carrier and self.packets:
            self.carrier(list(self.packets))
            del self.packets[:]
            if self.transport == "polling":
                self.carrier = None

    def send(self, packet):
        self.packets += [packet]
        self._empty()

    def attach(self, carrier):
        if self.carrier:
            raise ProtocolError("two polls")
        self.carrier = carrier
        self._empty()

# %% wrong check_outbox: Expected the carrier after that to be `None`
class MyOutbox:
    def __init__(self, transport):
        self.transport, self.packets, self.carrier = transport, [], None

    def send(self, packet):
        self.packets.append(packet)
        self.flush()

    def attach(self, carrier):
        if self.carrier:
            raise ProtocolError
        self.carrier = carrier
        self.flush()

    def flush(self):
        if self.packets and self.carrier:
            self.carrier(self.packets)
            self.packets = []

# %% wrong check_outbox: A poll waits and a second one comes: raise `ProtocolError`.
class MyOutbox:
    def __init__(self, transport):
        self.transport, self.packets, self.carrier = transport, [], None

    def send(self, packet):
        self.packets.append(packet)
        self.flush()

    def attach(self, carrier):
        self.carrier = carrier
        self.flush()

    def flush(self):
        if self.packets and self.carrier:
            packets, self.packets = self.packets, []
            carrier = self.carrier
            if self.transport == "polling":
                self.carrier = None
            carrier(packets)

# %% wrong check_outbox: Expected what a poll carries if `4a` and bytes wait for it to be `[['4a', b'b']]`, got `[]`
class MyOutbox:
    def __init__(self, transport):
        self.transport, self.packets, self.carrier = transport, [], None

    def send(self, packet):
        self.packets.append(packet)
        if self.carrier:
            packets, self.packets = self.packets, []
            carrier = self.carrier
            if self.transport == "polling":
                self.carrier = None
            carrier(packets)

    def attach(self, carrier):
        if self.carrier:
            raise ProtocolError
        self.carrier = carrier

# %% wrong check_outbox: Expected what a poll carries if `4a` and bytes wait for it to be `[['4a', b'b']]`, got `[[]]`
class MyOutbox:
    def __init__(self, transport):
        self.transport, self.packets, self.carrier = transport, [], None

    def send(self, packet):
        self.packets.append(packet)
        self.flush()

    def attach(self, carrier):
        if self.carrier:
            raise ProtocolError
        self.carrier = carrier
        self.flush()

    def flush(self):
        if self.packets and self.carrier:
            self.carrier(self.packets)
            self.packets.clear()
            if self.transport == "polling":
                self.carrier = None

# %% wrong check_outbox: Expected what a poll carries if `4a` and bytes wait for it to be `[['4a', b'b']]`, got `[['4a']]`
class MyOutbox:
    def __init__(self, transport):
        self.transport, self.packets, self.carrier = transport, [], None

    def send(self, packet):
        self.packets.append(packet)
        self.flush()

    def attach(self, carrier):
        if self.carrier:
            raise ProtocolError
        self.carrier = carrier
        self.flush()

    def flush(self):
        while self.packets and self.carrier:
            carrier = self.carrier
            if self.transport == "polling":
                self.carrier = None
            carrier([self.packets.pop(0)])

# %% wrong check_outbox: Expected what a WebSocket carries, which is attached now, to be
class MyOutbox:
    def __init__(self, transport):
        self.transport, self.packets, self.carrier = transport, [], None

    def send(self, packet):
        self.packets.append(packet)
        self.flush()

    def attach(self, carrier):
        if self.carrier:
            raise ProtocolError
        self.carrier = carrier
        self.flush()

    def flush(self):
        if self.packets and self.carrier:
            packets, self.packets = self.packets, []
            carrier, self.carrier = self.carrier, None
            carrier(packets)

# %% wrong check_outbox: Expected `carrier` of a new outbox to be `None`, got `'not there'`
class MyOutbox:
    def __init__(self, transport):
        self.transport = transport
        self.packets = []

    def send(self, packet):
        self.packets.append(packet)

    def attach(self, carrier):
        carrier(self.packets)

# %% wrong check_outbox: The second poll, which was refused, carried a packet.
class MyOutbox:
    def __init__(self, transport):
        self.transport, self.packets, self.carrier = transport, [], None
    def send(self, packet):
        self.packets.append(packet); self.flush()
    def attach(self, carrier):
        old, self.carrier = self.carrier, carrier
        if old: raise ProtocolError("two polls")
        self.flush()
    def flush(self):
        if self.carrier and self.packets:
            c, p = self.carrier, self.packets
            self.packets = []
            if self.transport == "polling": self.carrier = None
            c(p)

# %% wrong check_outbox: `send` is called without `await`
class MyOutbox:
    def __init__(self, transport):
        self.transport, self.packets, self.carrier = transport, [], None
    async def send(self, packet):
        self.packets.append(packet); await self.flush()
    async def attach(self, carrier):
        self.carrier = carrier; await self.flush()
    async def flush(self):
        pass

# %% right check_outbox
class MyOutbox:
    def __init__(self, transport):
        self.transport = transport
        self.packets = []
        self._c = None
    @property
    def carrier(self): return self._c
    @carrier.setter
    def carrier(self, c): self._c = c
    def send(self, packet):
        if self._c:
            c = self._c
            if self.transport == "polling": self._c = None
            c([packet])
        else:
            self.packets.append(packet)
    def attach(self, carrier):
        if self._c is not None: raise ProtocolError("two")
        if not self.packets:
            self._c = carrier
            return
        if self.transport == "websocket": self._c = carrier
        p, self.packets = self.packets, []
        carrier(p)

# %% right check_say
async def say(http, address, text):
    async def ask(method, body=None):
        async with http.request(method, address, params=query, data=body) as answer:
            assert answer.status == 200
            return (await answer.text()).split("\x1e")

    query = dict(EIO=4, transport="polling")
    query["sid"] = json.loads((await ask("GET"))[0][1:])["sid"]
    await ask("POST", "\x1e".join(["40", "42" + json.dumps(["message", text])]))
    found = []
    while not found:
        for packet in await ask("GET"):
            if packet == "2":
                await ask("POST", "3")
            elif packet[:2] == "42" and json.loads(packet[2:])[0] == "message":
                found = json.loads(packet[2:])[1:]
    return found[0]

# %% right check_say
class Device:
    def __init__(self, http, address):
        self.http, self.url = http, f"{address}?EIO=4&transport=polling"

    async def poll(self):
        async with self.http.get(self.url) as answer:
            for packet in (await answer.text()).split(chr(0x1E)):
                if packet == "2":
                    await self.post("3")
                yield packet

    async def post(self, body):
        async with self.http.post(self.url, data=body.encode(), headers={"Content-Type": "text/plain;charset=UTF-8"}):
            pass

async def say(http, address, text):
    device = Device(http, address)
    async for packet in device.poll():
        device.url += "&sid=" + json.loads(packet[1:])["sid"]
    await device.post("40")
    while True:
        async for packet in device.poll():
            if packet.startswith("40"):
                await device.post(f"42{json.dumps(['message', text], ensure_ascii=False)}")
            if packet.startswith('42["message",'):
                return json.loads(packet[2:])[1]

# %% right check_say
async def say(http, address, text):
    query = "?EIO=4&transport=polling"
    opening = await (await http.get(address + query)).text()
    query += "&sid=" + json.loads(opening.lstrip("0"))["sid"]
    inbox = asyncio.Queue()

    async def listen():
        while True:
            for packet in (await (await http.get(address + query)).text()).split("\x1e"):
                await inbox.put(packet)

    listening = asyncio.create_task(listen())
    for body in ("40", "42" + json.dumps(["message", text])):
        await http.post(address + query, data=body)
    try:
        while True:
            match [*(packet := await inbox.get())]:
                case ["2"]:
                    await http.post(address + query, data="3")
                case ["4", "2", *_]:
                    name, *rest = json.loads(packet[2:])
                    if name == "message":
                        return rest[0]
    finally:
        listening.cancel()

# %% wrong check_say: Expected what comes back where other events come before it to be `'Hello, twice'`
async def say(http, address, text):
    query = {"EIO": "4", "transport": "polling"}
    async with http.get(address, params=query) as answer:
        query["sid"] = json.loads((await answer.text())[1:])["sid"]
    for body in ("40", "42" + json.dumps(["message", text])):
        async with http.post(address, params=query, data=body):
            pass
    while True:
        async with http.get(address, params=query) as answer:
            for packet in (await answer.text()).split("\x1e"):
                if packet.startswith("42"):
                    return json.loads(packet[2:])[1]

# %% wrong check_say: A POST of yours was answered 400. Does it carry the `sid`, was `40` said first
async def say(http, address, text):
    query = {"EIO": "4", "transport": "polling"}
    async with http.get(address, params=query) as answer:
        await answer.text()
    for body in ("40", "42" + json.dumps(["message", text])):
        async with http.post(address, params=query, data=body):
            pass
    while True:
        await asyncio.sleep(0.01)
        async with http.get(address, params=query) as answer:
            for packet in (await answer.text()).split("\x1e"):
                if packet.startswith("42"):
                    return json.loads(packet[2:])[1]

# %% wrong check_say: The server sent a `2` and heard no `3`. One with heartbeats closes your session then.
async def say(http, address, text):
    query = {"EIO": "4", "transport": "polling"}
    async with http.get(address, params=query) as answer:
        query["sid"] = json.loads((await answer.text())[1:])["sid"]
    for body in ("40", "42" + json.dumps(["message", text])):
        async with http.post(address, params=query, data=body):
            pass
    while True:
        async with http.get(address, params=query) as answer:
            for packet in (await answer.text()).split("\x1e"):
                if packet.startswith('42["message"'):
                    return json.loads(packet[2:])[1]

# %% wrong check_say: Expected what comes back to be `'Hello'`, got `None`
async def say(http, address, text):
    query = {"EIO": "4", "transport": "polling"}
    async with http.get(address, params=query) as answer:
        query["sid"] = json.loads((await answer.text())[1:])["sid"]
    for body in ("40", "42" + json.dumps(["message", text])):
        async with http.post(address, params=query, data=body):
            pass
    async with http.get(address, params=query) as answer:
        packet = await answer.text()
    if packet.startswith('42["message"'):
        return json.loads(packet[2:])[1]

# %% wrong check_say: `KeyError: 'sid'` was raised
async def say(http, address, text):
    query = {"EIO": "4", "transport": "polling"}
    async with http.post(address, params=query, data="40") as answer:
        query["sid"] = json.loads(await answer.text())["sid"]

# %% wrong check_say: Expected what comes back of a text with quotes to be
async def say(http, address, text):
    query = {"EIO": "4", "transport": "polling"}
    async with http.get(address, params=query) as answer:
        query["sid"] = json.loads((await answer.text())[1:])["sid"]
    for body in ("40", f'42["message","{text}"]'):
        async with http.post(address, params=query, data=body):
            pass
    while True:
        async with http.get(address, params=query) as answer:
            if answer.status != 200:
                return await answer.text()
            for packet in (await answer.text()).split("\x1e"):
                if packet.startswith('42["message"'):
                    return json.loads(packet[2:])[1]

# %% wrong check_say: The server ended the session: two POSTs came at once, or two GETs.
async def say(http, address, text):
    q = {"EIO": "4", "transport": "polling"}
    async with http.get(address, params=q) as a:
        q["sid"] = json.loads((await a.text())[1:])["sid"]
    async def post(b):
        async with http.post(address, params=q, data=b) as a: return await a.text()
    await asyncio.gather(post("40"), post("42" + json.dumps(["message", text])))
    while True:
        async with http.get(address, params=q) as a: body = await a.text()
        for packet in body.split("\x1e"):
            if packet == "2": await post("3")
            if packet.startswith('42["message"'): return json.loads(packet[2:])[1]

# %% right check_say
import contextlib
async def say(http, address, text):
    base = address + "?EIO=4&transport=polling"
    packets = []
    async def poll(url):
        async with http.get(url) as a:
            a.raise_for_status()
            packets.extend((await a.text()).split("\x1e"))
    async def post(url, body):
        async with http.post(url, data=body) as a:
            assert (await a.text()).lower() == "ok"
    await poll(base)
    sid = json.loads(packets.pop(0)[1:])["sid"]
    url = f"{base}&sid={sid}"
    await post(url, "40\x1e42" + json.dumps(["message", text]))
    while True:
        while packets:
            p = packets.pop(0)
            if p == "2": await post(url, "3")
            if p[:11] == '42["message': return json.loads(p[2:])[1]
        await poll(url)

# %% right check_is_welcome
from urllib.parse import urlsplit

def is_welcome(origin, host, allowed):
    return origin is None or bool({"*", origin} & set(allowed)) or urlsplit(origin).netloc == host

# %% right check_is_welcome
def is_welcome(origin, host, allowed):
    own = {f"{scheme}://{host}" for scheme in ("http", "https")}
    return not origin or "*" in allowed or origin in own.union(allowed)

# %% right check_is_welcome
def is_welcome(origin, host, allowed):
    if not origin:
        return 1
    for each in allowed:
        if each in ("*", origin):
            return 1
    scheme, separator, rest = origin.partition("://")
    return separator and rest == host

# %% wrong check_is_welcome: Expected `is_welcome('http://127.0.0.1:8765.evil.example', '127.0.0.1:8765', ())` to be `False`
def is_welcome(origin, host, allowed):
    return origin is None or "*" in allowed or origin in allowed or host in origin

# %% wrong check_is_welcome: Expected `is_welcome('https://127.0.0.1:8765', '127.0.0.1:8765', ['https://shop.example'])` to be `True`
def is_welcome(origin, host, allowed):
    return origin is None or "*" in allowed or origin in allowed or origin == f"http://{host}"

# %% wrong check_is_welcome: Expected `is_welcome(None, '127.0.0.1:8765', ())` to be `True`
def is_welcome(origin, host, allowed):
    return origin in allowed or "*" in allowed or str(origin).partition("://")[2] == host

# %% wrong check_is_welcome: Expected `is_welcome('https://shop.example', '127.0.0.1:8765', ['*'])` to be `True`
def is_welcome(origin, host, allowed):
    return origin is None or origin in allowed or origin.partition("://")[2] == host

# %% wrong check_is_welcome: Expected `is_welcome('https://evil-shop.example', '127.0.0.1:8765', ['https://shop.example'])` to be `False`
def is_welcome(origin, host, allowed):
    if origin is None or "*" in allowed or origin in allowed:
        return True
    if any(origin.startswith("https://") and origin.endswith(each.partition("://")[2]) for each in allowed):
        return True
    return origin.partition("://")[2] == host

# %% wrong check_is_welcome: Expected `is_welcome('http://127.0.0.1:8765.evil.example', '127.0.0.1:8765', ())` to be `False`
from urllib.parse import urlsplit

def is_welcome(origin, host, allowed):
    if origin is None or "*" in allowed or origin in allowed:
        return True
    return urlsplit(origin).hostname == host.split(":")[0]

# %% wrong check_is_welcome: Expected `is_welcome('http://localhost:8765', '127.0.0.1:8765', ())` to be `False`
def is_welcome(origin, host, allowed):
    if origin is None or "*" in allowed or origin in allowed:
        return True
    return origin.partition("://")[2].replace("localhost", "127.0.0.1") == host

# %% wrong check_is_welcome: Expected `is_welcome('null', '127.0.0.1:8765', ())` to be `False`
def is_welcome(origin, host, allowed):
    if origin in (None, "null") or "*" in allowed or origin in allowed:
        return True
    return origin.partition("://")[2] == host

# %% right check_is_welcome
def is_welcome(origin, host, allowed):
    match origin:
        case None: return True
        case _ if "*" in allowed or origin in allowed: return True
        case str() if "://" in origin: return origin.split("://", 1)[1] == host
    return False

# %% right check_payload
import base64
import binascii

SEPARATOR = chr(30)

def my_to_payload(packets):
    text = ""
    for number, packet in enumerate(packets):
        text += SEPARATOR * bool(number)
        text += packet if type(packet) is str else f"b{base64.standard_b64encode(packet).decode('ascii')}"
    return text

def my_from_payload(body):
    packets = []
    for piece in body.split(b"\x1e"):
        try:
            if piece[:1] == b"b":
                packets.append(binascii.a2b_base64(piece[1:], strict_mode=True))
            else:
                packets.append(str(piece, "utf-8"))
        except (binascii.Error, UnicodeDecodeError):
            raise ProtocolError("no payload")
    return packets

# %% wrong check_payload: Expected the payload of ['4Hello', b'\x01\x02'] to be `'4Hello\x1ebAQI='`, got `'4Hello\x1eb0102'`.
def my_to_payload(packets):
    return "\x1e".join(packet if isinstance(packet, str) else "b" + packet.hex() for packet in packets)

def my_from_payload(body):
    return [bytes.fromhex(piece[1:]) if piece.startswith("b") else piece for piece in body.decode().split("\x1e")]

# %% wrong check_payload: ProtocolError: no payload` was raised, in line 8
def my_to_payload(packets):
    return "\x1e".join(packet if isinstance(packet, str) else "b" + b64encode(packet).decode() for packet in packets)

def my_from_payload(body):
    try:
        return [b64decode(piece[1:]) if "b" in piece else piece for piece in body.decode().split("\x1e")]
    except ValueError:
        raise ProtocolError("no payload") from None

# %% right check_outbox
from collections import deque

class MyOutbox:
    """One way in, one way out."""

    def __init__(self, transport):
        self.transport = transport
        self.packets, self.carrier = [], None

    def send(self, packet):
        self.flush([*self.packets, packet], self.carrier)

    def attach(self, carrier):
        if callable(self.carrier):
            raise ProtocolError("somebody carries already")
        self.flush(self.packets, carrier)

    def flush(self, packets, carrier):
        goes = bool(packets) and carrier is not None
        self.packets = [] if goes else packets
        self.carrier = None if goes and self.transport == "polling" else carrier
        if goes:
            carrier(list(packets))

# %% wrong check_outbox: Expected what a poll carries if `4a` and bytes wait for it to be `[['4a', b'b']]`, got `[[]]`.
class MyOutbox:
    def __init__(self, transport):
        self.transport, self.packets, self.carrier = transport, [], None

    def send(self, packet):
        if self.carrier:
            self.carrier([packet])
            if self.transport == "polling":
                self.carrier = None
        else:
            self.packets.append(packet)

    def attach(self, carrier):
        if self.carrier:
            raise ProtocolError("two polls")
        if self.packets:
            carrier(self.packets)
            self.packets.clear()
        self.carrier = carrier

# %% wrong check_outbox: Expected what a poll carries if `4a` and bytes wait for it to be `[['4a', b'b']]`, got `[['4a'], [b'b']]`.
class MyOutbox:
    def __init__(self, transport):
        self.transport, self.packets, self.carrier = transport, [], None

    def send(self, packet):
        self.packets.append(packet)
        self.flush()

    def attach(self, carrier):
        if self.carrier:
            raise ProtocolError("two polls")
        self.carrier = carrier
        self.flush()

    def flush(self):
        while self.packets and self.carrier:
            self.carrier([self.packets.pop(0)])

# %% right check_say
async def say(http, address, text):
    """Every packet of the server is an item of one stream."""
    common = {"EIO": 4, "transport": "polling"}

    async def stream():
        while True:
            async with http.get(address, params=common) as answer:
                body = await answer.read()
            for packet in body.decode().split(chr(0x1E)):
                yield packet

    async def tell(*packets):
        async with http.post(address, params=common, data="\x1e".join(packets)):
            pass

    async for packet in stream():
        match packet[0], packet[1:]:
            case "0", opening:
                common["sid"] = json.loads(opening)["sid"]
                await tell("40", "42" + json.dumps(["message", text], ensure_ascii=False))
            case "2", _:
                await tell("3")
            case "4", message if message.startswith("2"):
                event = json.loads(message[1:])
                if event[0] == "message":
                    return event[1]

# %% wrong check_say: A POST of yours was answered 400. Does it carry the `sid`, was `40` said first, is the body a text and no `bytes`, with JSON after `42`?
async def say(http, address, text):
    """Bytes go as application/octet-stream, which Engine.IO 4 does not take."""
    common = {"EIO": 4, "transport": "polling"}

    async def stream():
        while True:
            async with http.get(address, params=common) as answer:
                body = await answer.read()
            for packet in body.decode().split(chr(0x1E)):
                yield packet

    async def tell(*packets):
        async with http.post(address, params=common, data="\x1e".join(packets).encode()):
            pass

    async for packet in stream():
        match packet[0], packet[1:]:
            case "0", opening:
                common["sid"] = json.loads(opening)["sid"]
                await tell("40", "42" + json.dumps(["message", text], ensure_ascii=False))
            case "2", _:
                await tell("3")
            case "4", message if message.startswith("2"):
                event = json.loads(message[1:])
                if event[0] == "message":
                    return event[1]

# %% wrong check_say: A POST of yours was answered 400. Does it carry the `sid`, was `40` said first, is the body a text and no `bytes`, with JSON after `42`?
async def say(http, address, text):
    query = {"EIO": "4", "transport": "polling"}
    async with http.get(address, params=query) as answer:
        query["sid"] = json.loads((await answer.text())[1:])["sid"]
    async with http.post(address, params=query, data="42" + json.dumps(["message", text])):
        pass
    while True:
        async with http.get(address, params=query) as answer:
            for packet in (await answer.text()).split("\x1e"):
                if packet.startswith('42["message"'):
                    return json.loads(packet[2:])[1]

# %% right check_is_welcome
from urllib.parse import urlsplit

def is_welcome(origin, host, allowed):
    """Sets that meet."""
    if not origin:
        return True
    own = urlsplit(origin).netloc
    return own == host or bool({origin, "*"} & set(allowed))

# %% wrong check_is_welcome: Expected `is_welcome('https://127.0.0.1:8765', '127.0.0.1:8765', ['https://shop.example'])` to be `True`
def is_welcome(origin, host, allowed):
    return origin is None or origin in (*allowed, f"http://{host}")

# %% wrong check_is_welcome: Expected `is_welcome('http://127.0.0.1:8765.evil.example', '127.0.0.1:8765', ())` to be `False`
def is_welcome(origin, host, allowed):
    return origin is None or "*" in allowed or origin in allowed or host in origin

# %% wrong check_say: After three seconds it has not returned. Does it look at each packet of a poll, and poll on until `message` comes?
async def say(http, address, text):
    """Waits for the answer of the POST."""
    query = {"EIO": "4", "transport": "polling"}
    async with http.get(address, params=query) as answer:
        query["sid"] = json.loads((await answer.text())[1:])["sid"]
    for body in ("40", "42" + json.dumps(["message", text])):
        async with http.post(address, params=query, data=body) as answer:
            reply = await answer.text()
    while not reply.startswith("42"):
        await asyncio.sleep(0.1)
    return json.loads(reply[2:])[1]

# %% right check_outbox
from dataclasses import dataclass, field

@dataclass
class MyOutbox:
    transport: str
    packets: list = field(default_factory=list)
    carrier: object = None

    def send(self, packet):
        self.packets.append(packet)
        self.flush()

    def attach(self, carrier):
        if callable(self.carrier):
            raise ProtocolError("one is here")
        self.carrier = carrier
        self.flush()

    def flush(self):
        while self.packets and self.carrier:
            carry, packets = self.carrier, self.packets
            self.carrier, self.packets = None if self.transport == "polling" else carry, []
            carry(packets)

# %% wrong check_is_welcome: Expected `is_welcome('https://shop.example', '127.0.0.1:8765', ['https://shop.example:8443'])` to be `False`
def is_welcome(origin, host, allowed):
    if origin is None or "*" in allowed:
        return True
    return any(each.startswith(origin) for each in allowed) or origin.partition("://")[2] == host

# %% wrong check_say: was `40` said first, is the body a text and no `bytes`, with JSON after `42`?
async def say(http, address, text):
    query = {"EIO": "4", "transport": "polling"}
    async with http.get(address, params=query) as answer:
        query["sid"] = json.loads((await answer.text())[1:])["sid"]
    await http.post(address, params=query, data="40")
    await http.post(address, params=query, data='42["message","%s"]' % text)
    while True:
        async with http.get(address, params=query) as answer:
            for packet in (await answer.text()).split("\x1e"):
                if packet == "2":
                    await http.post(address, params=query, data="3")
                if packet.startswith('42["message"'):
                    return json.loads(packet[2:])[1]

# %% wrong check_say: Does it look at each packet of a poll, and poll on until `message` comes?
async def say(http, address, text):
    query = {"EIO": "4", "transport": "polling"}
    async with http.get(address, params=query) as answer:
        query["sid"] = json.loads((await answer.text())[1:])["sid"]
    await http.post(address, params=query, data="40")
    await http.post(address, params=query, data="42" + json.dumps(["message", text]))
    while True:
        async with http.get(address, params=query) as answer:
            packet = await answer.text()
        if packet == "2":
            await http.post(address, params=query, data="3")
        if packet.startswith('42["message"'):
            return json.loads(packet[2:])[1]

# %% right check_say
class Device:
    def __init__(self, http, address):
        self.http, self.url = http, address + "?EIO=4&transport=polling"

    async def ask(self, method, data=None):
        async with self.http.request(method, self.url, data=data) as answer:
            answer.raise_for_status()
            return (await answer.read()).decode().split(chr(0x1E))

    async def packets(self):
        while True:
            for packet in await self.ask("GET"):
                yield packet

async def say(http, address, text):
    device = Device(http, address)
    [opening] = await device.ask("GET")
    device.url += "&sid=" + json.loads(opening[1:])["sid"]
    await device.ask("POST", "40")
    async for packet in device.packets():
        if packet[:2] == "40":
            await device.ask("POST", "42" + json.dumps(["message", text], ensure_ascii=False))
        elif packet == "2":
            await device.ask("POST", "3")
        elif packet[:2] == "42" and (event := json.loads(packet[2:]))[0] == "message":
            return event[1]
