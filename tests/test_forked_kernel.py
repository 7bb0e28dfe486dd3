"""A forked kernel is what a fresh one is, but sooner there; and it ends with whoever asked for it."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import forkedkernel
import psutil
import pytest
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no fork")

TESTS = Path(__file__).parent
FRESH, FORKED = "local-provisioner", "forked"
WHAT_A_CELL_SEES = """
import asyncio, gc, os, signal, sys, threading
import matplotlib
for fact in (
    os.getcwd(), os.getpid() == os.getpgrp() == os.getsid(0), os.umask(0o22),
    sorted((name, value) for name, value in os.environ.items() if name not in ("JPY_PARENT_PID", "_")),
    os.environ["JPY_PARENT_PID"] == str(os.getppid()),
    sys.executable, sys.path, sys.flags, sys.argv[0], sys.orig_argv[0], sys.stdin.isatty(), os.read(0, 1),
    __name__, [name for name in dir() if name < "a"], "wirelab" in sys.modules, "handmade" in sys.modules,
    sorted(thread.name.split("-")[0] for thread in threading.enumerate()),
    type(asyncio.get_running_loop()),
    signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGCHLD),
    signal.pthread_sigmask(signal.SIG_BLOCK, ()), gc.isenabled(), matplotlib.get_backend(),
):
    print(fact)
"""
A_CLIENT = f"""
import asyncio, sys
sys.path.append({str(TESTS)!r})
import forkedkernel
from jupyter_client.manager import AsyncKernelManager

async def main():
    forkedkernel.install()
    manager = AsyncKernelManager()
    await manager.start_kernel()
    print(manager.provisioner.pid, flush=True)
    await asyncio.Future()

asyncio.run(main())
"""


Started = tuple[AsyncKernelManager, AsyncKernelClient]


@asynccontextmanager
async def started(how: str, **environment: str) -> AsyncIterator[Started]:
    manager = AsyncKernelManager()
    manager.kernel_spec.metadata["kernel_provisioner"] = {"provisioner_name": how}
    await manager.start_kernel(env={**os.environ, **environment}, cwd=str(TESTS))
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=30)
        yield manager, client
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


async def printed(client: AsyncKernelClient, code: str) -> list[str]:
    """The lines that a cell prints."""
    parts: list[str] = []

    def hook(message: dict[str, dict[str, str]]) -> None:
        assert message["header"]["msg_type"] != "error", message["content"]
        parts.append(message["content"].get("text", ""))

    await client.execute_interactive(code, output_hook=hook, timeout=30)
    return "".join(parts).splitlines()


async def lines(how: str, code: str, **environment: str) -> list[str]:
    """The lines that a cell prints in a kernel of its own."""
    async with started(how, **environment) as (_, client):
        return await printed(client, code)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 (what is waited for raises no event)
            await asyncio.sleep(0.01)


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


async def test_a_cell_sees_the_same_as_in_a_fresh_kernel(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import os; os.environ['CUSTOMIZED'] = 'yes'")
    path = os.pathsep.join([str(TESTS / "proxies"), str(tmp_path)])
    forked = await lines(FORKED, WHAT_A_CELL_SEES, PYTHONPATH=path)
    assert forked == await lines(FRESH, WHAT_A_CELL_SEES, PYTHONPATH=path)
    assert "CUSTOMIZED" in forked[3]


async def test_its_ports_are_none_that_a_server_may_be_given_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with started(FORKED) as (manager, _):
        assert {manager.shell_port, manager.iopub_port, manager.hb_port} <= set(forkedkernel.OWN_PORTS)
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        monkeypatch.setattr(forkedkernel, "OWN_PORTS", range(taken - 30, taken + 1))
        ports = forkedkernel.QuietPorts()
        found = {ports.find_available_port("127.0.0.1") for _ in range(20)}
    assert len(found) == 20 and taken not in found


async def test_its_hashes_are_those_that_were_asked_for() -> None:
    forked = await lines(FORKED, "print(hash('a'))", PYTHONHASHSEED="0")
    assert forked == await lines(FRESH, "print(hash('a'))", PYTHONHASHSEED="0")


async def test_two_of_one_parent_do_not_draw_the_same_numbers() -> None:
    draw = "import random, numpy, uuid; print(random.random(), numpy.random.random(), uuid.uuid4())"
    one, other = await lines(FORKED, draw), await lines(FORKED, draw)
    assert len({*one[0].split(), *other[0].split()}) == 6


async def test_it_has_loaded_what_takes_long_and_nothing_of_the_course() -> None:
    names = ["matplotlib.pyplot", "socketio", "wirelab"]
    loaded = f"import sys; print(*(name in sys.modules for name in {names}))"
    assert await lines(FORKED, loaded) == ["True True False"]
    assert await lines(FRESH, loaded) == ["False False False"]


async def test_its_end_and_its_return_code_are_told() -> None:
    async with started(FORKED) as (manager, client):
        assert await manager.is_alive()
        os.kill(manager.provisioner.pid, signal.SIGKILL)
        async with asyncio.timeout(10):
            assert await manager.provisioner.wait() == -signal.SIGKILL
        assert not await manager.is_alive()
    async with started(FORKED) as (manager, client):
        client.execute("import os; os._exit(3)")
        async with asyncio.timeout(10):
            assert await manager.provisioner.wait() == 3


async def test_it_can_be_restarted() -> None:
    async with started(FORKED) as (manager, client):
        first = manager.provisioner.pid
        await printed(client, "name = 1")
        await manager.restart_kernel(now=True)
        await client.wait_for_ready(timeout=30)
        assert gone(first)
        assert await printed(client, "print('name' in globals())") == ["False"]


@pytest.mark.parametrize("victim", ["client", "parent"])
async def test_it_ends_with_its_client_and_with_its_parent(victim: str) -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", A_CLIENT, stdout=subprocess.PIPE)
    assert process.stdout
    async with asyncio.timeout(60):
        kernel = int(await process.stdout.readline())
    parent = psutil.Process(kernel).ppid()
    try:
        await until(lambda: psutil.Process(kernel).num_threads() > 1)  # it has begun to watch its parent
        os.kill({"client": process.pid, "parent": parent}[victim], signal.SIGKILL)
        await until(lambda: gone(kernel) and gone(parent))
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()  # closes the pipe, too
