# Answers that people give to the exercises of lesson 04. `right` ones must be called right, `wrong` ones must hear the
# sentence behind the colon; … stands for anything. tests/test_answers.py runs them all.

# %% right check_pick_server
from bisect import bisect
from hashlib import md5

def pick_server(address, servers):
    """A ring with 300 places for each server, made anew for each client."""
    def place(text):
        return int.from_bytes(md5(text.encode()).digest()[:8], "big")

    ring = sorted((place(f"{server}-{number}"), server) for server in servers for number in range(300))
    return ring[bisect(ring, (place(address),)) % len(ring)][1]

# %% right check_pick_server
import random

def pick_server(address, servers):
    best, home = -1.0, ""
    for server in servers:
        luck = random.Random(f"{address}|{server}").random()
        if luck > best:
            best, home = luck, server
    return home

# %% right check_pick_server
import zlib
from hashlib import blake2b

def hash(text):
    """Not Python's own."""
    return blake2b(text.encode()).hexdigest()

def pick_server(address: str, servers: list[str]) -> str:
    return min(servers, key=lambda server: hash(address + server))

# %% wrong check_pick_server: clients who were elsewhere moved too. Only red's may.
def pick_server(address, servers):
    return servers[sum(map(ord, address)) % len(servers)]

# %% wrong check_pick_server: clients who were elsewhere moved too.
from hashlib import sha256

def pick_server(address, servers):
    return servers[int(sha256(address.encode()).hexdigest(), 16) % len(servers)]

# %% wrong check_pick_server: The same address got two different servers.
import random

def pick_server(address, servers):
    return random.choice(servers)

# %% wrong check_pick_server: The same address got two different servers.
import itertools

turns = itertools.count()

def pick_server(address, servers):
    return servers[next(turns) % len(servers)]

# %% wrong check_pick_server: 400 addresses on three servers, and one of them got 0. Spread them.
def pick_server(address, servers):
    return max(servers, key=len)

# %% wrong check_pick_server: Python's `hash` of a text is another one in each process
def score(server, address):
    return hash((server, address))

def pick_server(address, servers):
    return max(servers, key=lambda server: score(server, address))

# %% wrong check_pick_server: It returned … which is none of the servers
from hashlib import sha256

def pick_server(address, servers):
    numbers = [sha256(f"{server} {address}".encode()).digest() for server in servers]
    return numbers.index(max(numbers))

# %% right check_service
from websockets.datastructures import Headers
from websockets.http11 import Response

class Service:
    def __init__(self):
        self.leaving = False

    async def health(self, connection, request):
        if request.path == "/healthz":
            return Response(503 if self.leaving else 200, "Leaving" if self.leaving else "Well", Headers())

# %% right check_service
class Service:
    leaving = False

    def health(self, connection, request):
        match request.path, self.leaving:
            case "/healthz", True:
                return connection.respond(503, "going")
            case "/healthz", False:
                return connection.respond(200, "")
            case _:
                return None

# %% right check_service
from dataclasses import dataclass
from http import HTTPStatus

@dataclass
class Service:
    leaving: bool = False

    def health(self, connection, request):
        if request.path.startswith("/health"):
            status = HTTPStatus.SERVICE_UNAVAILABLE if self.leaving else HTTPStatus.OK
            return connection.respond(status, status.phrase + "\n")

# %% wrong check_service: For /healthz `health` returned `('ok', 200)`. `websockets` takes a response, which `connection.respond(…)` makes, or None.
class Service:
    leaving = False

    def health(self, connection, request):
        if request.path == "/healthz":
            if self.leaving:
                return "leaving", 503
            return "ok", 200

# %% wrong check_service: For / `health` returned `True`.
class Service:
    leaving = False

    def health(self, connection, request):
        if request.path == "/healthz":
            return connection.respond(503 if self.leaving else 200, "")
        return True

# %% wrong check_service: Bob got 503 for the handshake: return None for other paths.
class Service:
    leaving = False

    def health(self, connection, request):
        if self.leaving:
            return connection.respond(503, "leaving")
        if request.path == "/healthz":
            return connection.respond(200, "well")

# %% wrong check_service: Ann got 200 for the handshake: return None for other paths.
class Service:
    leaving = False

    def health(self, connection, request):
        return connection.respond(503 if self.leaving else 200, "")

# %% wrong check_service: `/healthz` was answered with 426, upgrade required: your method returned None for it.
class Service:
    leaving = False

    def health(self, connection, request):
        if request.path == "healthz":
            return connection.respond(503 if self.leaving else 200, "")

# %% wrong check_service: to be `['200', '101', '503', '101']`, got `['200', '101', '200', '101']`.
class Service:
    leaving = False

    def health(self, connection, request):
        if request.path == "/healthz":
            return connection.respond(200, "well")

# %% wrong check_service: `AttributeError: 'str' object has no attribute 'path'` was raised, in line 5 … Ann got 500 for the handshake: `health` raised.
class Service:
    leaving = False

    def health(self, connection, request):
        if "request".path == "/healthz":
            return connection.respond(503 if self.leaving else 200, "")

# %% wrong check_service: `AttributeError: 'Service' object has no attribute 'health' … was raised
class Service:
    leaving = False

    def healthz(self, connection, request):
        return None

# %% right check_await_news
async def await_news(url):
    async with connect(url, ping_interval=0.5) as websocket:
        async for message in websocket:
            return message

# %% right check_await_news
async def await_news(url):
    async with connect(url, ping_interval=None) as websocket:
        news = asyncio.create_task(websocket.recv())
        while not news.done():
            await websocket.ping()
            await asyncio.wait([news], timeout=0.2)
        return news.result()

# %% right check_await_news
async def await_news(url):
    async def murmur(websocket):
        while True:
            await websocket.pong()
            await asyncio.sleep(0.4)

    async with connect(url) as websocket:
        murmuring = asyncio.create_task(murmur(websocket))
        try:
            return await websocket.recv()
        finally:
            murmuring.cancel()

# %% wrong check_await_news: Closed with 1006 before the news came
async def await_news(url):
    async with connect(url) as websocket:
        return await websocket.recv()

# %% wrong check_await_news: Closed with 1006 before the news came
async def await_news(url):
    async with connect(url, ping_interval=2) as websocket:
        return await websocket.recv()

# %% wrong check_await_news: handshakes. You came back, and missed what was said meanwhile.
async def await_news(url):
    while True:
        try:
            async with connect(url) as websocket:
                return await websocket.recv()
        except ConnectionClosedError:
            pass

# %% wrong check_await_news: You kept it alive with messages, and the server's handler has to read them.
async def await_news(url):
    async with connect(url) as websocket:
        while True:
            await websocket.send("are you there?")
            try:
                return await asyncio.wait_for(websocket.recv(), 0.5)
            except TimeoutError:
                pass

# %% wrong check_await_news: Expected await_news(url) to be `'gold 107'`, got `None`.
async def await_news(url):
    async with connect(url, ping_interval=0.3) as websocket:
        await websocket.recv()

# %% wrong check_await_news: After four seconds it still waits.
async def await_news(url):
    async with connect(url, ping_interval=0.3) as websocket:
        await asyncio.sleep(60)
        return await websocket.recv()

# %% wrong check_await_news: ConnectionClosedOK: received 1000 … was raised, in line 4
async def await_news(url):
    async with connect(url, ping_interval=0.3) as websocket:
        await websocket.recv()
        return await websocket.recv()

# %% wrong check_await_news: `TimeoutError` was raised, in line 3
async def await_news(url):
    async with connect(url, ping_interval=0.3) as websocket:
        return await asyncio.wait_for(websocket.recv(), 1)

# %% right check_pick_server
import random

def pick_server(address, servers):
    def weight(server):
        random.seed(f"{server}/{address}")
        return random.random()

    return max(sorted(servers), key=weight)

# %% right check_pick_server
from hashlib import md5

def place(text):
    return int(md5(text.encode()).hexdigest(), 16)

def pick_server(address, servers):
    """A ring, as a dict."""
    ring = {place(f"{server}#{number}"): server for server in servers for number in range(200)}
    behind = [each for each in ring if each >= place(address)]
    return ring[min(behind or ring)]

# %% wrong check_pick_server: Blue joined red and green, and got none of the 400 clients. Compute the choice, and remember nothing.
homes = {}

def pick_server(address, servers):
    """A table of who is where."""
    if homes.get(address) not in servers:
        load = Counter(homes.values())
        homes[address] = min(servers, key=lambda server: load[server])
    return homes[address]

# %% wrong check_pick_server: clients who were elsewhere moved too.
from hashlib import sha256

def pick_server(address, servers):
    numbers = range(len(servers))
    return servers[max(numbers, key=lambda number: sha256(f"{number}{address}".encode()).digest())]

# %% wrong check_pick_server: `TypeError: Strings must be encoded before hashing` was raised, in line 4
from hashlib import sha256

def pick_server(address, servers):
    return max(servers, key=lambda server: sha256(server + address).digest())

# %% right check_service
class Service:
    leaving = False

    def health(self, connection, request):
        path, _, query = request.path.partition("?")
        return connection.respond([200, 503][self.leaving], "") if path == "/healthz" else None

# %% wrong check_service: `/healthz` was answered with 426, upgrade required: your method returned None for it.
class Service:
    """As tutorials of older versions have it."""

    leaving = False

    def health(self, path, headers):
        if path == "/healthz":
            return (503, [], b"") if self.leaving else (200, [], b"well")

# %% wrong check_service: Service.health() takes 2 positional arguments but 3 were given` was raised. Ann got 500
class Service:
    leaving = False

    def health(self, request):
        if request.path == "/healthz":
            return 503 if self.leaving else 200

# %% wrong check_service: `AttributeError: 'bytes' object has no attribute 'encode' … was raised, in line 6
class Service:
    leaving = False

    def health(self, connection, request):
        if request.path == "/healthz":
            return connection.respond(503 if self.leaving else 200, b"well")

# %% right check_await_news
async def await_news(url):
    async with ClientSession() as http, http.ws_connect(url, heartbeat=0.5) as websocket:
        return await websocket.receive_str()

# %% right check_await_news
async def await_news(url):
    """A ping whenever nothing has come for a while."""
    async with connect(url, ping_interval=None) as websocket:
        while True:
            try:
                return await asyncio.wait_for(websocket.recv(), 0.4)
            except TimeoutError:
                await websocket.ping()

# %% wrong check_await_news: The wire shows no handshake: nobody was asked.
async def await_news(url):
    return "gold 107"

# %% wrong check_await_news: Closed with 1006 before the news came
async def await_news(url):
    async with connect(url) as websocket:
        await websocket.ping()
        return await websocket.recv()

# %% wrong check_await_news: to be `'gold 107'`, got a coroutine: write `def` in place of `async def`, or await what you return.
async def await_news(url):
    async with connect(url, ping_interval=0.3) as websocket:
        return websocket.recv()

# %% right check_pick_server
import hmac

def pick_server(address, servers):
    """A league table; the first gets the client."""
    table = sorted(servers, key=lambda server: hmac.digest(server.encode(), address.encode(), "sha1"))
    return table[0]

# %% right check_pick_server
from hashlib import sha512

def pick_server(address, servers):
    champion, *others = servers
    for rival in others:
        if sha512((rival + "\n" + address).encode()).hexdigest() > sha512((champion + "\n" + address).encode()).hexdigest():
            champion = rival
    return champion

# %% wrong check_pick_server: 400 addresses on three servers, and one of them got 0. Spread them.
from hashlib import sha256

def pick_server(address, servers):
    return max(servers, key=lambda server: sha256(server.encode()).digest())

# %% wrong check_pick_server: clients who were elsewhere moved too. Only red's may.
def pick_server(address, servers):
    return servers[int(address.rpartition(".")[2]) % len(servers)]

# %% wrong check_pick_server: It returned None, which is none of the servers ['red', 'green', 'blue'].
from hashlib import sha256

def pick_server(address, servers):
    print(max(servers, key=lambda server: sha256(f"{server} {address}".encode()).digest()))

# %% right check_service
import http

class Service:
    def __init__(self, leaving=False):
        self.leaving = leaving

    @property
    def status(self):
        return http.HTTPStatus(503) if self.leaving else http.HTTPStatus(200)

    def health(self, connection, request):
        if request.path.rstrip("/").endswith("healthz"):
            return connection.respond(self.status, json.dumps({"leaving": self.leaving}))
        return None

# %% right check_service
class Service:
    leaving = False
    ROUTES = {"/healthz": {False: (200, "OK"), True: (503, "Service Unavailable")}}

    def health(self, connection, request):
        try:
            status, text = self.ROUTES[request.path][bool(self.leaving)]
        except KeyError:
            return
        return connection.respond(status, text)

# %% wrong check_service: `/healthz` was answered with 426, upgrade required: your method returned None for it.
class Service:
    leaving = False

    def health(self, connection, request):
        if request.path == "/healthz" and not self.leaving:
            return connection.respond(200, "well")

# %% wrong check_service: to be `['200', '101', '503', '101']`, got `['503', '101', '200', '101']`.
class Service:
    leaving = False

    def health(self, connection, request):
        if request.path == "/healthz":
            return connection.respond(200 if self.leaving else 503, "")

# %% wrong check_service: `/healthz` was answered with 426, upgrade required: your method returned None for it.
class Service:
    leaving = False

    def health(self, connection, request):
        if request.path == "/healthz":
            connection.respond(503 if self.leaving else 200, "")

# %% right check_await_news
async def await_news(url):
    """Somebody else murmurs."""
    async with connect(url, ping_interval=None) as websocket, asyncio.TaskGroup() as tasks:
        async def keep_awake():
            while True:
                await (await websocket.ping())
                await asyncio.sleep(0.25)

        awake = tasks.create_task(keep_awake())
        news = await websocket.recv()
        awake.cancel()
        return news

# %% right check_await_news
import threading
from websockets.sync.client import connect as connect_in_a_thread

async def await_news(url):
    def wait():
        with connect_in_a_thread(url, ping_interval=0.3) as websocket:
            return websocket.recv()

    return await asyncio.to_thread(wait)

# %% wrong check_await_news: ConnectionClosedOK: sent 1000 … was raised, in line 4: `return await websocket.recv()`.
async def await_news(url):
    websocket = await connect(url, ping_interval=0.3)
    await websocket.close()
    return await websocket.recv()

# %% wrong check_await_news: Closed with 1006 before the news came: for more than a second nothing passed on the line.
async def await_news(url):
    async with connect(url, ping_timeout=0.3) as websocket:
        return await websocket.recv()

# %% wrong check_await_news: ConnectionClosedOK: received 1000 … was raised, in line 4: `await websocket.ping()`.
async def await_news(url):
    async with connect(url, ping_interval=None) as websocket:
        while True:
            await websocket.ping()
            await asyncio.sleep(0.3)
        return await websocket.recv()

# %% right check_pick_server
from hashlib import blake2b
def pick_server(address, servers):
    return min(servers, key=lambda s: blake2b(address.encode(), key=s.encode()).digest())

# %% wrong check_pick_server: clients who were elsewhere moved too. Only red's may.
import random
def pick_server(address, servers):
    return random.Random(address).choice(servers)

# %% wrong check_pick_server: clients who were elsewhere moved too. Only red's may.
from hashlib import sha256
def pick_server(address, servers):
    s = sorted(servers)
    return s[int(sha256(address.encode()).hexdigest(), 16) % len(s)]

# %% right check_service
class Service:
    _leaving = False
    @property
    def leaving(self): return self._leaving
    @leaving.setter
    def leaving(self, value): self._leaving = bool(value)
    def health(self, connection, request):
        from urllib.parse import urlsplit
        if urlsplit(request.path).path == "/healthz":
            response = connection.respond(200, "OK\n")
            if self.leaving:
                response = connection.respond(503, "bye\n")
                response.headers["Retry-After"] = "30"
            return response

# %% right check_service
class Service:
    leaving = False
    def health(self, connection, request):
        if request.headers.get("Upgrade"): return None
        return connection.respond(503 if self.leaving else 200, "x")

# %% wrong check_service: to be `['200', '101', '503', '101']`, got `['503', '101', '503', '101']`.
class Service:
    leaving = False
    def health(self, connection, request):
        if request.path == "/healthz":
            self.leaving = True
            return connection.respond(503 if self.leaving else 200, "x")

# %% wrong check_service: `ConnectionError: leaving` was raised, in line 5
class Service:
    leaving = False
    def health(self, connection, request):
        if request.path == "/healthz":
            if self.leaving: raise ConnectionError("leaving")
            return connection.respond(200, "x")

# %% right check_await_news
async def await_news(url):
    ws = await connect(url, ping_interval=None)
    async def breathe():
        while True:
            await asyncio.sleep(0.3)
            await ws.ping()
    task = asyncio.create_task(breathe())
    try:
        return await anext(aiter(ws))
    finally:
        task.cancel()
        await ws.close()

# %% wrong check_await_news: Closed with 1006 before the news came: for more than a second nothing passed on the line.
import socket
async def await_news(url):
    async with connect(url) as ws:
        ws.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return await ws.recv()

# %% wrong check_await_news: ConnectionClosedOK: received 1000 … was raised, in line 4
async def await_news(url):
    async with connect(url, ping_interval=None) as ws:
        for _ in range(20):
            await (await ws.ping())
            await asyncio.sleep(0.3)
        return await ws.recv()

# %% wrong check_service: to be `['200', '101', '503', '101']`, got `['200', '101', '200', '101']`.
class Service:
    leaving = False
    async def health(self, connection, request):
        if request.path == "/healthz":
            return connection.respond(200, "well")

# %% wrong check_service: `/healthz` was answered with 426, upgrade required: your method returned None for it.
class Service:
    leaving = False
    async def health(self, connection, request):
        if request.path == "healthz":
            return connection.respond(503 if self.leaving else 200, "well")

# %% wrong check_service: Ann got 200 for the handshake: return None for other paths.
class Service:
    leaving = False
    async def health(self, connection, request):
        return connection.respond(503 if self.leaving else 200, "well")

# %% right check_pick_server
from dataclasses import dataclass
from hashlib import blake2s
@dataclass(order=True, frozen=True)
class Bid:
    amount: bytes
    server: str
    @classmethod
    def of(cls, server, address):
        return cls(blake2s(address.encode(), key=server.encode()).digest(), server)
def pick_server(address: str, servers: list[str]) -> str:
    return max(Bid.of(server, address) for server in servers).server

# %% right check_pick_server
from functools import cache
from hashlib import sha256
@cache
def weight(server, address):
    return sha256(f"{server} {address}".encode()).digest()
def pick_server(address, servers):
    return max(servers, key=lambda server: weight(server, address))

# %% wrong check_pick_server: clients who were elsewhere moved too.
from hashlib import sha256
def pick_server(address, servers):
    return max(servers, key=lambda s: sha256(f"{servers.index(s)} {address}".encode()).digest())

# %% wrong check_pick_server: It returned … which is none of the servers
from hashlib import sha256
def pick_server(address, servers):
    scores = [sha256(f"{s} {address}".encode()).digest() for s in servers]
    return max(scores)

# %% right check_service
from types import SimpleNamespace
def Service():
    service = SimpleNamespace(leaving=False)
    def health(connection, request):
        if request.path == "/healthz":
            return connection.respond(503 if service.leaving else 200, "")
    service.health = health
    return service

# %% wrong check_service: to be `['200', '101', '503', '101']`, got `['200', '101', '200', '101']`.
class Service:
    def __init__(self):
        self.leaving = False
        self.status = 503 if self.leaving else 200
    def health(self, connection, request):
        if request.path == "/healthz":
            return connection.respond(self.status, "")

# %% wrong check_service: got `['200', '101', '200', '101']`.
class Service:
    leaving = False
    @staticmethod
    def health(connection, request):
        if request.path == "/healthz":
            return connection.respond(503 if Service.leaving else 200, "")

# %% right check_await_news
import threading
async def await_news(url):
    from websockets.sync.client import connect as sync
    def wait():
        with sync(url, ping_interval=0.3) as websocket:
            return websocket.recv()
    return await asyncio.to_thread(wait)

# %% right check_await_news
async def await_news(url):
    async for websocket in connect(url, ping_interval=0.3):
        try:
            return await websocket.recv()
        except ConnectionClosedError:
            continue

# %% right check_await_news
async def await_news(url):
    async with connect(url) as websocket:
        receiver = asyncio.create_task(websocket.recv())
        for _ in range(100):
            done, _rest = await asyncio.wait({receiver}, timeout=0.25)
            if done:
                break
            await websocket.ping(b"awake")
        return await receiver

# %% wrong check_await_news: `await_news` is awaited: write `async def` in place of `def`.
def await_news(url):
    return "gold 107"

# %% wrong check_await_news: was raised, in line 2: `async with connect(url, keepalive=0.3) as websocket:`.
async def await_news(url):
    async with connect(url, keepalive=0.3) as websocket:
        return await websocket.recv()
