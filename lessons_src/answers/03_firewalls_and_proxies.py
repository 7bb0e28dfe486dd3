# Answers that people give to the exercises of lesson 03. `right` ones must be called right, `wrong` ones must hear the
# sentence behind the colon; … stands for anything. tests/test_answers.py runs them all.

# %% right check_diagnose
from websockets.exceptions import InvalidHandshake, InvalidMessage, InvalidProxyStatus, InvalidStatus, InvalidURI

def diagnose(error):
    if isinstance(error, InvalidProxyStatus):
        return "tunnel"
    if isinstance(error, InvalidStatus):
        if error.response.status_code in {426, 505}:
            return "proxy"
        return "page"
    if isinstance(error, InvalidURI):
        return "page"
    if isinstance(error, (InvalidMessage, ConnectionResetError)):
        return "reset"
    if isinstance(error, ConnectionRefusedError):
        return "nobody"
    return "silence"

# %% right check_diagnose
def diagnose(error):
    name = type(error).__name__
    if name == "InvalidStatus" and "426" not in str(error) and "505" not in str(error):
        return "page"
    words = {"InvalidStatus": "proxy", "InvalidProxyStatus": "tunnel", "InvalidURI": "page", "InvalidMessage": "reset"}
    return words.get(name) or {"TimeoutError": "silence", "ConnectionRefusedError": "nobody"}[name]

# %% right check_diagnose
import websockets

def diagnose(error):
    try:
        raise error
    except websockets.InvalidProxyStatus:
        return "tunnel"
    except websockets.InvalidStatus as refused:
        return {426: "proxy", 505: "proxy"}.get(refused.response.status_code, "page")
    except websockets.InvalidURI:
        return "page"
    except TimeoutError:
        return "silence"
    except ConnectionRefusedError:
        return "nobody"
    except (websockets.InvalidHandshake, OSError):
        return "reset"

# %% wrong check_diagnose: behind StrictProxy(version='1.0'), to be `'proxy'`, got `'page'`.
from websockets.exceptions import InvalidStatus

def diagnose(error):
    if isinstance(error, InvalidStatus):
        return "page"

# %% wrong check_diagnose: HTTP 426`, got behind StrictProxy(version='1.1'), to be `'proxy'`, got `'page'`.
def diagnose(error):
    if "505" in str(error):
        return "proxy"
    return "page"

# %% wrong check_diagnose: to be `'reset'`, got `'silence'`.
from websockets.exceptions import InvalidStatus

def diagnose(error):
    if isinstance(error, InvalidStatus):
        return "proxy" if error.response.status_code in (426, 505) else "page"
    return "silence"

# %% wrong check_diagnose: to be `'page'`, got `None`.
from websockets.exceptions import InvalidMessage, InvalidStatus

def diagnose(error):
    match error:
        case InvalidStatus():
            return "proxy" if error.response.status_code in (426, 505) else "page"
        case InvalidMessage():
            return "reset"

# %% wrong check_diagnose: to be `'tunnel'`, got `'reset'`.
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI

def diagnose(error):
    match error:
        case InvalidStatus():
            return "proxy" if error.response.status_code in (426, 505) else "page"
        case InvalidURI():
            return "page"
        case TimeoutError():
            return "silence"
        case InvalidHandshake():
            return "reset"

# %% wrong check_diagnose: Expected the diagnosis of a port where nobody listens to be `'nobody'`, got `'reset'`.
from websockets.exceptions import InvalidMessage, InvalidProxyStatus, InvalidStatus, InvalidURI

def diagnose(error):
    match error:
        case InvalidStatus():
            return "proxy" if error.response.status_code in (426, 505) else "page"
        case InvalidProxyStatus():
            return "tunnel"
        case InvalidURI():
            return "page"
        case TimeoutError():
            return "silence"
        case OSError() | InvalidMessage():
            return "reset"

# %% wrong check_diagnose: `AttributeError: 'InvalidMessage' object has no attribute 'response'` was raised, in line 2
def diagnose(error):
    if error.response.status_code in (426, 505):
        return "proxy"
    return "page"

# %% right check_way_through
from aiohttp import ClientSession, ClientTimeout

async def over_websocket(port):
    async with asyncio.timeout(0.5):
        async with connect(f"ws://127.0.0.1:{port}/", close_timeout=0.1) as websocket:
            await websocket.send("ping")
            return await websocket.recv() == "ping"

async def over_http(port):
    async with asyncio.timeout(0.5):
        async with ClientSession() as http, http.get(f"http://127.0.0.1:{port}/hello") as answer:
            return await answer.text() == "Hello from the server"

async def way_through(port):
    for way, attempt in {"websocket": over_websocket, "http": over_http}.items():
        try:
            if await attempt(port):
                return way
        except Exception:
            pass
    return "nothing"

# %% right check_way_through
import urllib.request

def page(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/hello", timeout=0.5) as answer:
            return answer.read().decode()
    except OSError:
        return ""
    except Exception as error:
        return repr(error)

async def way_through(port):
    try:
        websocket = await connect(f"ws://127.0.0.1:{port}/", open_timeout=0.5, close_timeout=0.1, proxy=None)
        await websocket.send("Hello")
        await asyncio.wait_for(websocket.recv(), timeout=0.5)
        await websocket.close()
        return "websocket"
    except (OSError, WebSocketException):
        text = await asyncio.to_thread(page, port)
        return "http" if text == "Hello from the server" else "nothing"

# %% right check_way_through
from aiohttp import ClientError, ClientSession, ClientTimeout

async def way_through(port):
    async with ClientSession(base_url=f"http://127.0.0.1:{port}", timeout=ClientTimeout(0.5)) as http:
        try:
            async with asyncio.timeout(0.5), http.ws_connect("/") as websocket:
                await websocket.send_str("Hello")
                message = await websocket.receive(timeout=0.4)
                if message.data == "Hello":
                    return "websocket"
        except (OSError, ClientError):
            pass
        try:
            async with http.get("/hello") as answer:
                if answer.status == 200 and await answer.text() == "Hello from the server":
                    return "http"
        except (OSError, ClientError):
            pass
    return "nothing"

# %% wrong check_way_through: it opens, and then nothing passes. Send a message, wait for its echo.
from aiohttp import ClientError, ClientSession, ClientTimeout

async def way_through(port):
    try:
        async with connect(f"ws://127.0.0.1:{port}/", open_timeout=0.5, close_timeout=0.1):
            return "websocket"
    except (OSError, WebSocketException):
        pass
    try:
        async with ClientSession(timeout=ClientTimeout(0.5)) as http, http.get(f"http://127.0.0.1:{port}/hello") as answer:
            return "http" if await answer.text() == "Hello from the server" else "nothing"
    except (OSError, ClientError):
        return "nothing"

# %% wrong check_way_through: Behind LoginPage( … a page came, but not the server's. Compare its text.
from aiohttp import ClientError, ClientSession, ClientTimeout

async def way_through(port):
    try:
        async with connect(f"ws://127.0.0.1:{port}/", open_timeout=0.5, close_timeout=0.1) as websocket:
            await websocket.send("Hello")
            await asyncio.wait_for(websocket.recv(), 0.5)
            return "websocket"
    except (OSError, WebSocketException):
        pass
    try:
        async with ClientSession(timeout=ClientTimeout(0.5)) as http, http.get(f"http://127.0.0.1:{port}/hello") as answer:
            return "http" if answer.status == 200 else "nothing"
    except (OSError, ClientError):
        return "nothing"

# %% wrong check_way_through: Behind SwallowUpgrade() it still looks after three seconds. Each attempt has half a second.
from aiohttp import ClientError, ClientSession, ClientTimeout

async def way_through(port):
    try:
        async with connect(f"ws://127.0.0.1:{port}/") as websocket:
            await websocket.send("Hello")
            await asyncio.wait_for(websocket.recv(), 0.5)
            return "websocket"
    except (OSError, WebSocketException):
        pass
    try:
        async with ClientSession(timeout=ClientTimeout(0.5)) as http, http.get(f"http://127.0.0.1:{port}/hello") as answer:
            return "http" if await answer.text() == "Hello from the server" else "nothing"
    except (OSError, ClientError):
        return "nothing"

# %% wrong check_way_through: Behind DropAfterUpgrade() it still looks after three seconds.
from aiohttp import ClientError, ClientSession, ClientTimeout

async def way_through(port):
    try:
        async with connect(f"ws://127.0.0.1:{port}/", open_timeout=0.5, close_timeout=0.1) as websocket:
            await websocket.send("Hello")
            await websocket.recv()
            return "websocket"
    except (OSError, WebSocketException):
        pass
    try:
        async with ClientSession(timeout=ClientTimeout(0.5)) as http, http.get(f"http://127.0.0.1:{port}/hello") as answer:
            return "http" if await answer.text() == "Hello from the server" else "nothing"
    except (OSError, ClientError):
        return "nothing"

# %% wrong check_way_through: Expected the way through StrictProxy( … to be `'http'`, got `'nothing'`.
async def way_through(port):
    try:
        async with connect(f"ws://127.0.0.1:{port}/", open_timeout=0.5, close_timeout=0.1) as websocket:
            await websocket.send("Hello")
            await asyncio.wait_for(websocket.recv(), 0.5)
            return "websocket"
    except (OSError, WebSocketException):
        return "nothing"

# %% wrong check_way_through: InvalidStatus: server rejected WebSocket connection: HTTP 400` was raised, in line 2
async def way_through(port):
    async with connect(f"ws://127.0.0.1:{port}/", open_timeout=0.5, close_timeout=0.1) as websocket:
        await websocket.send("Hello")
        await asyncio.wait_for(websocket.recv(), 0.5)
        return "websocket"

# %% wrong check_way_through: Expected the way through an honest middlebox to be `'websocket'`, got `'http'`.
from aiohttp import ClientSession

async def way_through(port):
    async with ClientSession() as http, http.get(f"http://127.0.0.1:{port}/hello") as answer:
        return "http" if await answer.text() == "Hello from the server" else "nothing"

# %% right check_diagnose
from functools import singledispatch
from websockets.exceptions import InvalidProxyStatus, InvalidStatus, InvalidURI

@singledispatch
def diagnose(error):
    return "reset"

diagnose.register(InvalidProxyStatus, lambda error: "tunnel")
diagnose.register(InvalidURI, lambda error: "page")
diagnose.register(TimeoutError, lambda error: "silence")
diagnose.register(ConnectionRefusedError, lambda error: "nobody")
diagnose.register(InvalidStatus, lambda error: "proxy" if error.response.status_code in (426, 505) else "page")

# %% right check_diagnose
def diagnose(error):
    """By what stands in the log."""
    log = f"{type(error).__name__}: {error}"
    signs = {"proxy rejected": "tunnel", "505": "proxy", "426": "proxy", "InvalidStatus": "page", "InvalidURI": "page",
             "timed out": "silence", "Refused": "nobody"}
    return next((word for sign, word in signs.items() if sign in log), "reset")

# %% wrong check_diagnose: got a coroutine: write `def` in place of `async def`
async def diagnose(error):
    return "proxy"

# %% wrong check_diagnose: TimeoutError: timed out … got behind SwallowUpgrade(), to be `'silence'`, got `'nobody'`.
from websockets.exceptions import InvalidMessage, InvalidProxyStatus, InvalidStatus, InvalidURI

def diagnose(error):
    """A TimeoutError is an OSError, too."""
    if isinstance(error, OSError):
        return "nobody"
    if isinstance(error, InvalidProxyStatus):
        return "tunnel"
    if isinstance(error, InvalidStatus):
        return "proxy" if error.response.status_code in (426, 505) else "page"
    return "page" if isinstance(error, InvalidURI) else "reset"

# %% wrong check_diagnose: HTTP 502`, got behind BadGateway( … to be `'page'`, got `'proxy'`.
from websockets.exceptions import InvalidMessage, InvalidProxyStatus, InvalidStatus, InvalidURI

def diagnose(error):
    if isinstance(error, InvalidStatus):
        return "proxy" if error.response.status_code in (426, 502, 505) else "page"
    return "page" if isinstance(error, InvalidURI) else "reset"

# %% right check_way_through
async def page(port):
    """Without a library."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /hello HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return answer.endswith(b"Hello from the server")

async def message(port):
    websocket = await connect(f"ws://127.0.0.1:{port}/", proxy=None)
    await websocket.send("Hello")
    return await websocket.recv() == "Hello"

async def way_through(port):
    """Both at once."""
    attempts = [asyncio.wait_for(message(port), 0.5), asyncio.wait_for(page(port), 0.5)]
    websocket, http = await asyncio.gather(*attempts, return_exceptions=True)
    return "websocket" if websocket is True else "http" if http is True else "nothing"

# %% wrong check_way_through: Behind DropAfterUpgrade() it still looks after three seconds. It has said goodbye and waits for an answer: `close_timeout`.
from aiohttp import ClientError, ClientSession, ClientTimeout

async def way_through(port):
    try:
        async with connect(f"ws://127.0.0.1:{port}/", open_timeout=0.5) as websocket:
            await websocket.send("Hello")
            await asyncio.wait_for(websocket.recv(), 0.5)
            return "websocket"
    except (OSError, WebSocketException):
        pass
    try:
        async with ClientSession(timeout=ClientTimeout(0.5)) as http, http.get(f"http://127.0.0.1:{port}/hello") as answer:
            return "http" if await answer.text() == "Hello from the server" else "nothing"
    except (OSError, ClientError):
        return "nothing"

# %% wrong check_way_through: Behind Blackhole( … it still looks after three seconds. Each attempt has half a second.
from aiohttp import ClientError, ClientSession

async def way_through(port):
    try:
        async with connect(f"ws://127.0.0.1:{port}/", open_timeout=0.5, close_timeout=0.1) as websocket:
            await websocket.send("Hello")
            await asyncio.wait_for(websocket.recv(), 0.5)
            return "websocket"
    except (OSError, WebSocketException):
        pass
    try:
        async with ClientSession() as http, http.get(f"http://127.0.0.1:{port}/hello") as answer:
            return "http" if await answer.text() == "Hello from the server" else "nothing"
    except (OSError, ClientError):
        return "nothing"

# %% right check_diagnose
import websockets.exceptions as problems

WORDS = {
    problems.InvalidProxyStatus: "tunnel",
    problems.InvalidURI: "page",
    problems.InvalidMessage: "reset",
    TimeoutError: "silence",
    ConnectionRefusedError: "nobody",
}

def diagnose(error):
    if type(error) is problems.InvalidStatus:
        return ("page", "proxy")[error.response.status_code in {426, 505}]
    return WORDS[type(error)]

# %% right check_diagnose
def diagnose(error):
    answer = getattr(error, "response", None)
    if answer is None:
        for kind, word in ((ConnectionRefusedError, "nobody"), (TimeoutError, "silence"), (InvalidURI, "page")):
            if isinstance(error, kind):
                return word
        return "reset"
    if isinstance(error, InvalidProxyStatus):
        return "tunnel"
    return "proxy" if answer.status_code == 426 or answer.status_code == 505 else "page"

from websockets.exceptions import InvalidProxyStatus, InvalidURI

# %% wrong check_diagnose: HTTP 407`, got behind ProxyLogin(user='ann', password='secret'), to be `'tunnel'`, got `None`.
from websockets.exceptions import InvalidMessage, InvalidProxyStatus, InvalidStatus, InvalidURI

def diagnose(error):
    match error:
        case InvalidStatus():
            return "proxy" if error.response.status_code in (426, 505) else "page"
        case InvalidProxyStatus() if error.response.status_code == 403:
            return "tunnel"
        case InvalidURI():
            return "page"
        case InvalidMessage():
            return "reset"
        case TimeoutError():
            return "silence"
        case ConnectionRefusedError():
            return "nobody"

# %% wrong check_diagnose: HTTP 505`, got behind StrictProxy(version='1.0'), to be `'proxy'`, got `None`.
def diagnose(error):
    if error.response.status_code in (426, 505):
        print("proxy")

# %% wrong check_diagnose: got behind ResetUpgrade(), to be `'reset'`, got `None`.
from websockets.exceptions import InvalidStatus

def diagnose(error):
    if isinstance(error, InvalidStatus):
        if error.response.status_code == 426 or 505:
            return "proxy"
        return "page"

# %% right check_way_through
import http.client
from websockets.sync.client import connect as connect_in_a_thread

def blocking(port):
    try:
        with connect_in_a_thread(f"ws://127.0.0.1:{port}/", proxy=None, open_timeout=0.5, close_timeout=0.1) as websocket:
            websocket.send("Hello")
            websocket.recv(timeout=0.5)
            return "websocket"
    except (OSError, WebSocketException):
        pass
    try:
        shop = http.client.HTTPConnection("127.0.0.1", port, timeout=0.5)
        shop.request("GET", "/hello")
        return "http" if shop.getresponse().read() == b"Hello from the server" else "nothing"
    except (OSError, http.client.HTTPException):
        return "nothing"

async def way_through(port):
    return await asyncio.to_thread(blocking, port)

# %% right check_way_through
from aiohttp import ClientSession

async def way_through(port):
    async def first():
        async with ClientSession() as http, http.ws_connect(f"ws://127.0.0.1:{port}/") as websocket:
            await websocket.send_str("anybody?")
            assert (await websocket.receive_str()) == "anybody?"
            return "websocket"

    async def second():
        async with ClientSession() as http, http.get(f"http://127.0.0.1:{port}/hello") as answer:
            assert (await answer.read()) == b"Hello from the server"
            return "http"

    for attempt in first, second:
        task = asyncio.create_task(attempt())
        done, _ = await asyncio.wait([task], timeout=0.5)
        task.cancel()
        if done and not task.exception():
            return task.result()
    return "nothing"

# %% wrong check_way_through: It says 'nothing', and a call of yours stopped the loop, in which server and box live too.
import urllib.request

async def way_through(port):
    try:
        async with connect(f"ws://127.0.0.1:{port}/", open_timeout=0.5, close_timeout=0.1) as websocket:
            await websocket.send("Hello")
            await asyncio.wait_for(websocket.recv(), 0.5)
            return "websocket"
    except (OSError, WebSocketException):
        pass
    try:
        answer = urllib.request.urlopen(f"http://127.0.0.1:{port}/hello", timeout=0.5).read()
        return "http" if answer == b"Hello from the server" else "nothing"
    except OSError:
        return "nothing"

# %% wrong check_way_through: was raised, in line 11: `async with ClientSession(
from aiohttp import ClientError, ClientSession, ClientTimeout

async def way_through(port):
    try:
        async with connect(f"ws://127.0.0.1:{port}/", open_timeout=0.5, close_timeout=0.1) as websocket:
            await websocket.send("Hello")
            await asyncio.wait_for(websocket.recv(), 0.5)
            return "websocket"
    except (OSError, WebSocketException):
        pass
    async with ClientSession(timeout=ClientTimeout(0.5)) as http, http.get(f"http://127.0.0.1:{port}/hello") as answer:
        return "http" if await answer.text() == "Hello from the server" else "nothing"

# %% wrong check_way_through: Expected the way through an honest middlebox to be `'websocket'`, got `'http'`.
from aiohttp import ClientError, ClientSession, ClientTimeout

async def way_through(port):
    try:
        async with connect(f"ws://127.0.0.1:{port}/hello", open_timeout=0.5, close_timeout=0.1) as websocket:
            await websocket.send("Hello")
            await asyncio.wait_for(websocket.recv(), 0.5)
            return "websocket"
    except (OSError, WebSocketException):
        pass
    try:
        async with ClientSession(timeout=ClientTimeout(0.5)) as http, http.get(f"http://127.0.0.1:{port}/hello") as answer:
            return "http" if await answer.text() == "Hello from the server" else "nothing"
    except (OSError, ClientError):
        return "nothing"

# %% right check_diagnose
def diagnose(error):
    response = getattr(error, "response", None)
    if response is None:
        return {"InvalidURI": "page", "TimeoutError": "silence", "ConnectionRefusedError": "nobody"}.get(type(error).__name__, "reset")
    if "proxy" in str(error):
        return "tunnel"
    return "proxy" if response.status_code in (426, 505) else "page"

# %% wrong check_diagnose: got behind ResetUpgrade(), to be `'reset'`, got `'proxy'`.
from websockets.exceptions import InvalidMessage, InvalidProxyStatus, InvalidStatus, InvalidURI
def diagnose(error):
    match type(error):
        case InvalidStatus: return "proxy"

# %% wrong check_diagnose: got behind ProxyLogin(user='ann', password='secret'), to be `'tunnel'`, got `'page'`.
from websockets.exceptions import InvalidMessage, InvalidProxyStatus, InvalidStatus, InvalidURI
def diagnose(error):
    match error:
        case InvalidStatus(): return "proxy" if error.response.status_code in (426, 505) else "page"
        case InvalidProxyStatus(): return "tunnel" if error.response.status_code == 403 else "page"
        case InvalidURI(): return "page"
        case InvalidMessage(): return "reset"
        case TimeoutError(): return "silence"
        case ConnectionRefusedError(): return "nobody"

# %% right check_way_through
import aiohttp
async def way_through(port):
    try:
        async for ws in connect(f"ws://127.0.0.1:{port}/", proxy=None, open_timeout=0.5, close_timeout=0.1, process_exception=lambda e: e):
            await ws.send("Hello")
            async with asyncio.timeout(0.5):
                await ws.recv()
            await ws.close()
            return "websocket"
    except Exception:
        pass
    try:
        async with asyncio.timeout(0.5), aiohttp.request("GET", f"http://127.0.0.1:{port}/hello") as r:
            if (await r.text()).startswith("Hello from the server"):
                return "http"
    except Exception:
        pass
    return "nothing"

# %% right check_way_through
async def tries(coroutine):
    try:
        return await asyncio.wait_for(coroutine, 0.5)
    except Exception:
        return False
async def ws(port):
    client = await connect(f"ws://localhost:{port}/", proxy=None)
    try:
        await client.send(b"x")
        return await client.recv()
    finally:
        client.transport.abort()
async def http(port):
    async with ClientSession() as s:
        async with s.get(f"http://localhost:{port}/hello") as a:
            return "from the server" in await a.text()
async def way_through(port):
    return "websocket" if await tries(ws(port)) else "http" if await tries(http(port)) else "nothing"

# %% wrong check_way_through: Expected the way through an honest middlebox to be `'websocket'`, got `'http'`.
async def way_through(port):
    try:
        async with connect(f"ws://127.0.0.1:{port}/", open_timeout=0.5, close_timeout=0.1) as w:
            await asyncio.wait_for(w.recv(), 0.5)
            return "websocket"
    except Exception: pass
    return "http"

# %% wrong check_way_through: it still looks after three seconds. Each attempt has half a second.
async def way_through(port):
    try:
        async with connect(f"ws://127.0.0.1:{port}/", open_timeout=2, close_timeout=0.1) as w:
            await w.send("x"); await asyncio.wait_for(w.recv(), 2)
            return "websocket"
    except Exception: pass
    try:
        from aiohttp import ClientTimeout
        async with ClientSession(timeout=ClientTimeout(2)) as http, http.get(f"http://127.0.0.1:{port}/hello") as a:
            return "http" if await a.text() == "Hello from the server" else "nothing"
    except Exception: return "nothing"

# %% right check_diagnose
from dataclasses import dataclass
from collections.abc import Callable
@dataclass
class Rule:
    word: str
    fits: Callable
RULES = [Rule("tunnel", lambda e: "proxy" in str(e)), Rule("proxy", lambda e: str(e)[-3:] in ("426", "505")),
         Rule("page", lambda e: "HTTP" in str(e) and str(e)[-1].isdigit() or "URI" in str(e)),
         Rule("silence", lambda e: isinstance(e, TimeoutError)), Rule("nobody", lambda e: isinstance(e, ConnectionRefusedError)),
         Rule("reset", lambda e: True)]
def diagnose(error):
    for rule in RULES:
        if rule.fits(error):
            return rule.word

# %% right check_diagnose
from websockets.exceptions import *
def diagnose(error):
    match error:
        case InvalidProxyStatus(response=_): return "tunnel"
        case InvalidStatus(response=answer) if answer.status_code in {426, 505}: return "proxy"
        case InvalidStatus() | InvalidURI(): return "page"
        case TimeoutError(): return "silence"
        case ConnectionRefusedError(): return "nobody"
        case InvalidMessage(__cause__=EOFError() | ConnectionResetError()): return "reset"
        case ConnectionResetError(): return "reset"

# %% right check_diagnose
import websockets
class Doctor:
    def __call__(self, error):
        return getattr(self, "on_" + type(error).__name__)(error)
    def on_InvalidStatus(self, error): return "proxy" if error.response.status_code in (426, 505) else "page"
    def on_InvalidProxyStatus(self, error): return "tunnel"
    def on_InvalidURI(self, error): return "page"
    def on_InvalidMessage(self, error): return "reset"
    def on_TimeoutError(self, error): return "silence"
    def on_ConnectionRefusedError(self, error): return "nobody"
diagnose = Doctor()

# %% right check_way_through
from aiohttp import ClientSession, ClientTimeout
async def ws(port):
    async with asyncio.timeout(0.5):
        async with connect(f"ws://127.0.0.1:{port}/", proxy=None, close_timeout=0.1) as w:
            await w.send("x")
            async for m in w:
                return m == "x"
async def page(port):
    async with ClientSession(timeout=ClientTimeout(total=0.5)) as s:
        r = await s.get(f"http://127.0.0.1:{port}/hello")
        return (await r.read()) == b"Hello from the server"
async def way_through(port):
    first, second = await asyncio.gather(ws(port), page(port), return_exceptions=True)
    if first is True: return "websocket"
    if second is True: return "http"
    return "nothing"

# %% right check_way_through
async def http_by_hand(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(b"GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        await writer.drain()
        return await reader.read()
    finally:
        writer.close()
async def way_through(port):
    try:
        async with asyncio.timeout(0.5):
            client = await connect(f"ws://127.0.0.1:{port}/", proxy=None)
        try:
            await client.send("Hello")
            async with asyncio.timeout(0.5):
                if await client.recv() == "Hello":
                    return "websocket"
        finally:
            client.transport.abort()
    except (OSError, WebSocketException):
        pass
    try:
        raw = await asyncio.wait_for(http_by_hand(port), 0.5)
        return "http" if b"Hello from the server" in raw else "nothing"
    except OSError:
        return "nothing"

# %% right check_way_through
from http.client import HTTPConnection, HTTPException
import websockets.sync.client
def look(port):
    try:
        with websockets.sync.client.connect(f"ws://127.0.0.1:{port}/", proxy=None, open_timeout=0.5, close_timeout=0.1) as w:
            w.send("Hello")
            if w.recv(timeout=0.5) == "Hello":
                return "websocket"
    except Exception:
        pass
    try:
        c = HTTPConnection("127.0.0.1", port, timeout=0.5)
        c.request("GET", "/hello")
        return "http" if c.getresponse().read() == b"Hello from the server" else "nothing"
    except (OSError, HTTPException):
        return "nothing"
async def way_through(port):
    return await asyncio.to_thread(look, port)

# %% right check_way_through
from aiohttp import ClientSession, ClientTimeout, WSMsgType, ClientError
async def way_through(port):
    async with ClientSession(timeout=ClientTimeout(total=0.5)) as session:
        try:
            ws = await session.ws_connect(f"http://127.0.0.1:{port}/")
            await ws.send_str("hi")
            message = await ws.receive(timeout=0.5)
            if message.type == WSMsgType.TEXT:
                return "websocket"
        except (ClientError, OSError, asyncio.TimeoutError):
            ...
        try:
            return "http" if await (await session.get(f"http://127.0.0.1:{port}/hello")).text() == "Hello from the server" else "nothing"
        except (ClientError, OSError, asyncio.TimeoutError):
            return "nothing"

# %% wrong check_way_through: a call of yours stopped the loop … hand it to `asyncio.to_thread`.
from websockets.sync.client import connect as sync_connect
async def way_through(port):
    try:
        with sync_connect(f"ws://127.0.0.1:{port}/", proxy=None, open_timeout=0.5, close_timeout=0.1) as w:
            w.send("Hello")
            w.recv(timeout=0.5)
            return "websocket"
    except (OSError, WebSocketException):
        return "nothing"

# %% wrong check_way_through: `way_through` is awaited: write `async def` in place of `def`.
def way_through(port):
    return "websocket"
