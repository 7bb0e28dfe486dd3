"""Room for many connections: the limit is raised where it may be, and explained where it may not."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
SOURCES = Path(__file__).resolve().parents[1] / "lessons_src"

RAISED = """
import resource, subprocess, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 2048))
from IPython.core.interactiveshell import InteractiveShell
InteractiveShell().run_line_magic("load_ext", "wirelab")
print(resource.getrlimit(resource.RLIMIT_NOFILE))
child = "import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
subprocess.run([sys.executable, "-c", child])
"""

USED_UP = """
import asyncio, resource
from contextlib import suppress
from websockets.asyncio.server import serve
from wirelab import bench
from wirelab.bench.descriptors import raise_limit
from wirelab.middlebox import Middlebox

async def echo(ws):
    await ws.wait_closed()

async def main():
    bench.keep_logs()
    server = await bench.start("server", serve(echo, "127.0.0.1", 0))
    box = await bench.start("box", Middlebox(server))
    resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
    raise_limit()
    clients = []
    with suppress(OSError):
        while True:
            clients.append(await asyncio.open_connection("127.0.0.1", box.port))
    try:
        await bench.start("another", Middlebox(server))
    except OSError as error:
        print(error)
    await asyncio.sleep(0.2)
    print([line for line in bench.log() if "as this system allows" in line][:1])

asyncio.run(main())
"""


def run(program: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=SOURCES, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.splitlines()


def test_the_limit_is_raised_as_far_as_it_goes_for_children_too() -> None:
    assert sorted(run(RAISED)) == ["(2048, 2048)", "2048"]


def test_a_limit_that_is_reached_is_explained() -> None:
    note, logged = run(USED_UP)
    assert "allow more in the terminal (ulimit -n 65536)" in note
    assert "allow more in the terminal (ulimit -n 65536)" in logged
