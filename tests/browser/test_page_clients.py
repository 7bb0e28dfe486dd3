"""The page's own clients in a real browser: WebSocket and the official one, direct and through a proxy."""

from __future__ import annotations

SERVERS = """
import anywidget, socketio, traitlets
from aiohttp import web
from websockets.asyncio.server import serve
from wirelab import bench
from wirelab.clients import OFFICIAL, Kind, Options, Page, State, official_client
from wirelab.page import in_this_loop, script
from wirelab.process.spawning import ROOT
from wirelab.waiting import until

class Bare(anywidget.AnyWidget):
    _esm = script(ROOT / "tests/browser/bare_page.js")
    official_client = traitlets.Unicode().tag(sync=True)

    def __init__(self):
        super().__init__(official_client=official_client())
        self.page = Page(self.send)
        self.on_msg(in_this_loop(self.page.take))

async def echo(ws):
    async for message in ws:
        await ws.send(message)

official = await bench.start("official", bench.Child.node(str(ROOT / "tests/socketio_server.mjs")))
raw = await bench.start("raw", serve(echo, "127.0.0.1", 0))

sio = socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins="*")
@sio.on("who am i")
async def who(sid):
    return "Ann, says Python"
app = web.Application()
sio.attach(app)
runner = web.AppRunner(app)
await runner.setup()
await web.TCPSite(runner, "127.0.0.1", 0).start()
python = runner.addresses[0][1]

bare = Bare()
bare
"""
HERE = """
await until(lambda: bare.page.present, 20)
print(bare.page.direct, bare.page.origin.split(":")[0])
"""
OFFICIAL = """
ann = bare.page.client("Ann", OFFICIAL)
await ann.connect(official, Options(auth={"name": "Ann"}, answers={"how are you": "well"}))
await ann.connected(20)
await until(lambda: ann.settled, 20)
print(ann.state, ann.transport, await ann.call("who am i", timeout=20), await ann.call("ask me", timeout=20))
await ann.emit("echo", {"image": bytes([0, 255])}, "two")
await until(lambda: ann.inbox[-1][0] == "echo", 20)
print(ann.inbox[-1])
"""
POLLING = """
await ann.connect(official, Options(transports=["polling"], auth={"name": "Ben"}))
await ann.connected(20)
print(ann.transport, ann.upgrading, await ann.call("who am i", timeout=20))
"""
PYTHON = """
await ann.connect(python)
await ann.connected(20)
await until(lambda: ann.settled, 20)
print(ann.transport, await ann.call("who am i", timeout=20))
"""
COMES_BACK = """
quick = Options(reconnection_delay=0.1, reconnection_delay_max=0.3, randomization_factor=0)
await ann.connect(official, quick)
await ann.connected(20)
official.kill()
await until(lambda: ann.last(Kind.WAITING) is not None, 20)
print(ann.last(Kind.DISCONNECTED).text, ann.last(Kind.WAITING).delay, ann.state is not State.CONNECTED)
await ann.emit("echo", "kept")
await official.restart()
await ann.connected(20)
await until(lambda: ann.inbox[-1] == ("echo", "kept"), 20)
print(ann.state, Kind.KEPT in [event.kind for event in ann.events])
await ann.close()
"""
WEBSOCKET = """
ben = bare.page.client("Ben")
await ben.connect(raw, Options(endpoint="/chat"))
await ben.connected(20)
await ben.send("Hello")
await ben.send(bytes(3))
await until(lambda: len(ben.inbox) == 2, 20)
print(ben.inbox, ben.transport)
await ben.close()
"""
CELLS = (HERE, OFFICIAL, POLLING, PYTHON, COMES_BACK, WEBSOCKET)


async def told(open_notebook, server):
    """What each cell printed; the page takes orders while they run."""
    notebook = await open_notebook(server, SERVERS, *CELLS)
    for number in range(len(CELLS) + 1):
        await notebook.run_cell(number)
        assert await notebook.errors() == []
    return [(await notebook.text(number)).strip() for number in range(1, len(CELLS) + 1)]


async def talks(open_notebook, server, direct):
    here, official, polling, python, comes_back, websocket = await told(open_notebook, server)
    assert here == f"{direct} http"
    assert official.splitlines() == [
        "connected websocket Ann well",
        r"('echo', {'image': b'\x00\xff'}, 'two')",
    ]
    assert polling == "polling False Ben"
    assert python == "websocket Ann, says Python"
    first, second = comes_back.splitlines()
    assert first.endswith(" 0.1 True") and first.split(" 0.1")[0] in ("transport close", "transport error")
    assert second == "connected True"
    assert websocket == r"[('Hello',), (b'\x00\x00\x00',)] WebSocket"


async def test_the_official_client_of_the_page_talks_directly(lab, open_notebook):
    await talks(open_notebook, lab, direct=True)


async def test_under_a_hub_it_talks_through_the_proxy(hub_lab, open_notebook):
    await talks(open_notebook, hub_lab, direct=False)
