"""In a real kernel: cells end, an interrupt stops one that waits, and nothing outlives the kernel.

Each test runs in one that was started afresh, as everybody's, and in one that was forked (forkserver.py).
"""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from queue import Empty

import psutil
import pytest
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from websockets.asyncio.client import connect

from wirelab.waiting import until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

SOURCE = Path(__file__).parents[1] / "lessons_src"

START = """
%load_ext wirelab
import asyncio, sys
from websockets.asyncio.server import serve
from wirelab import bench
from wirelab.bench import Child

async def echo(ws):
    async for message in ws:
        await ws.send(message)

server = await bench.start("echo", lambda port=0: serve(echo, "127.0.0.1", port))
print(server.sockets[0].getsockname()[1])
"""

CHILDREN = """
PYTHON = '''
import json, os, socket, time
server = socket.create_server(("127.0.0.1", 0))
print(json.dumps({"port": server.getsockname()[1]}), flush=True)
while True: time.sleep(1000)
'''
NODE = '''
const server = require("net").createServer();
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify(server.address())));
'''
python = await bench.start("python", Child.python("-c", PYTHON))
node = await bench.start("node", Child.node("-e", NODE))
frozen = await bench.start("frozen", Child.python("-c", PYTHON))
frozen.freeze()
print(python.port, node.port, frozen.port)
"""


class Kernel:
    """A kernel, as Jupyter and nbval start it."""

    def __init__(self, manager: AsyncKernelManager, client: AsyncKernelClient) -> None:
        self.manager = manager
        self._client = client
        self.printed: asyncio.Queue[str] = asyncio.Queue()

    @property
    def pid(self) -> int:
        return int(self.manager.provisioner.pid)

    async def run(self, code: str) -> dict[str, str]:
        """Run a cell; returns the reply, e.g. status and ename."""

        def hook(message: dict[str, dict[str, str]]) -> None:
            if "text" in message["content"]:
                self.printed.put_nowait(message["content"]["text"])

        reply = await self._client.execute_interactive(code, output_hook=hook, timeout=30)
        return reply["content"]  # type: ignore[no-any-return]

    async def unfinished(self, code: str, cells: int) -> set[str]:
        """Run cells one after the other while messages of widgets come in; which of them were never idle."""
        waited_for = {self._client.execute(code) for _ in range(cells)}
        for _ in range(100):
            message = self._client.session.msg("comm_msg", {"comm_id": "nobody's", "data": {}})
            self._client.shell_channel.send(message)
            await asyncio.sleep(0)
        with suppress(Empty):
            while waited_for:
                message = await self._client.get_iopub_msg(timeout=3)
                if message["content"].get("execution_state") == "idle":
                    waited_for.discard(message["parent_header"].get("msg_id", ""))
        return waited_for

    async def numbers(self, code: str) -> list[int]:
        reply = await self.run(code)
        assert reply["status"] == "ok", reply
        return [int(word) for word in (await self.printed.get()).split()]


@pytest.fixture(params=["local-provisioner", "forked"])
async def kernel(request: pytest.FixtureRequest) -> AsyncIterator[Kernel]:
    manager = AsyncKernelManager()
    manager.kernel_spec.metadata["kernel_provisioner"] = {"provisioner_name": request.param}
    await manager.start_kernel(env={**os.environ, "PYTHONPATH": str(SOURCE)})
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=30)
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


async def test_an_interrupt_stops_an_idle_await_and_servers_live_on(kernel: Kernel) -> None:
    [port] = await kernel.numbers(START)
    assert (await kernel.run("%reload_ext wirelab"))["status"] == "ok"
    for _ in range(2):
        cell = asyncio.create_task(kernel.run("print('waiting'); await asyncio.sleep(60)"))
        assert await kernel.printed.get() == "waiting\n"
        await asyncio.sleep(0.2)
        await kernel.manager.interrupt_kernel()
        reply = await asyncio.wait_for(cell, 30)  # the sleep would take 60; a busy machine takes its time
        assert reply["ename"] == "CancelledError"
    async with connect(f"ws://127.0.0.1:{port}", proxy=None) as ws:
        await ws.send("still here")
        assert await asyncio.wait_for(ws.recv(), 5) == "still here"


GREEDY = """
import socketio
client = socketio.AsyncClient()
try:
    await client.connect("http://127.0.0.1:9")
except socketio.exceptions.ConnectionError:
    print("waiting")
await asyncio.sleep(60)
"""


async def test_an_interrupt_is_the_kernels_though_a_library_asks_for_it(kernel: Kernel) -> None:
    [port] = await kernel.numbers(START)
    for code in (GREEDY, "print('waiting'); await asyncio.sleep(60)"):
        cell = asyncio.create_task(kernel.run(code))
        while await kernel.printed.get() != "waiting\n":
            pass
        await asyncio.sleep(0.2)
        await kernel.manager.interrupt_kernel()
        assert (await asyncio.wait_for(cell, 30))["ename"] == "CancelledError"
    async with connect(f"ws://127.0.0.1:{port}", proxy=None) as ws:
        await ws.send("still here")
        assert await asyncio.wait_for(ws.recv(), 5) == "still here"


BUSY = {
    "a busy loop": "print('busy')\nawait asyncio.sleep(0)\nwhile True: pass",
    "a busy loop without await": "print('busy')\nwhile True: pass",
    "a nap of the whole kernel": "import time\nprint('busy')\nawait asyncio.sleep(0)\ntime.sleep(60)",
    "a handler that is busy": """
async def busy(ws):
    while True: pass

print("busy")
async with serve(busy, "127.0.0.1", 0) as held, connect(bench.url(held)):
    pass
""",
    "a callback that is busy": """
def forever():
    while True: pass

asyncio.get_running_loop().call_later(0.05, forever)
print("busy")
await asyncio.sleep(60)
""",
}


@pytest.mark.parametrize("code", BUSY.values(), ids=BUSY.keys())
async def test_one_interrupt_ends_what_holds_the_loop_and_servers_live_on(kernel: Kernel, code: str) -> None:
    [port] = await kernel.numbers(START + "from websockets.asyncio.client import connect")
    for _ in range(2):
        cell = asyncio.create_task(kernel.run(code))
        assert await kernel.printed.get() == "busy\n"
        await asyncio.sleep(0.5)
        await kernel.manager.interrupt_kernel()
        reply = await asyncio.wait_for(cell, 30)
        assert reply["ename"] in ("KeyboardInterrupt", "CancelledError")
    async with connect(f"ws://127.0.0.1:{port}", proxy=None) as ws:
        await ws.send("still here")
        assert await asyncio.wait_for(ws.recv(), 5) == "still here"


CHECK = """
%load_ext wirelab
from wirelab.exercise import check

@check()
async def check_pair(one, two):
    assert await one() + await two() == 3
"""


async def test_a_check_notices_that_the_newest_answer_failed(kernel: Kernel) -> None:
    async def word() -> str:
        assert (await kernel.run("print((await check_pair.verdict()).word)"))["status"] == "ok"
        return await kernel.printed.get()

    await kernel.run(CHECK)
    await kernel.run("async def one(): return 1\n\nasync def two(): return 2")
    assert await word() == "Right\n"
    await kernel.run("async def one() return 1")
    assert await word() == "Not judged yet\n"
    await kernel.run("import asyncio\nasync def one(): return 1\n\nawait asyncio.sleep(0)\n1 / 0")
    assert await word() == "Right\n"
    await kernel.run("await asyncio.sleep(0)\n1 / 0\n\nasync def two(): return 1")
    assert await word() == "Not judged yet\n"


async def test_nothing_outlives_a_killed_kernel(kernel: Kernel) -> None:
    ports = await kernel.numbers(START) + await kernel.numbers(CHILDREN)
    assert all(map(listening, ports))
    children = psutil.Process(kernel.pid).children(recursive=True)
    assert len(children) >= 3
    await until(lambda: psutil.STATUS_STOPPED in [child.status() for child in children])
    os.kill(kernel.pid, signal.SIGKILL)
    await until(lambda: not any(map(alive, children)) and not any(map(listening, ports)))


async def test_an_interrupt_does_not_reach_the_children(kernel: Kernel) -> None:
    await kernel.numbers(START)
    ports = await kernel.numbers(CHILDREN)
    await kernel.manager.interrupt_kernel()
    assert (await kernel.run("assert python.running and node.running"))["status"] == "ok"
    assert all(map(listening, ports))


async def test_every_cell_is_told_to_be_over_while_widgets_talk(kernel: Kernel) -> None:
    assert (await kernel.run("%load_ext wirelab\nimport asyncio"))["status"] == "ok"
    for _ in range(3):
        assert await kernel.unfinished("for _ in range(5): await asyncio.sleep(0.001)", cells=12) == set()


async def test_the_garbage_collector_passes_over_what_the_kernel_has_loaded(kernel: Kernel) -> None:
    frozen, looked_at = await kernel.numbers(
        "%load_ext wirelab\nimport gc\nprint(gc.get_freeze_count(), len(gc.get_objects()))"
    )
    assert frozen > 10 * looked_at
