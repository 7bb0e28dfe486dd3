"""Take the README's picture of the wire, on which something goes wrong: python tests/browser/portrait.py"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))  # pytest does that for the tests

from labserver import ROOT, jupyterlab
from realjupyter import chromium, find_chromium, opened, write_notebook

STORY = """%load_ext wirelab
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from wirelab import bench
from wirelab.middlebox import Blackhole, Middlebox
from wirelab.trace import Act
from wirelab.widgets.wire import Wire

async def echo(websocket):
    async for message in websocket:
        await websocket.send(message)

server = await bench.start("server", serve(echo, "127.0.0.1", 0, compression=None))
cable = await bench.start("cable", Middlebox(server))
ann = await bench.start("Ann", connect(bench.url(cable), compression=None, user_agent_header="Ann"))
bob = await bench.start("Bob", connect(bench.url(cable), compression=None, user_agent_header="Bob"))
await ann.send("Good morning")
await ann.recv()
cable.rules = [Blackhole()]
await bob.send("Are you there?")
await cable.trace.wait(lambda: cable.trace.deeds[-1].act is Act.DROPPED)
Wire(cable).live()"""
SILENCE_MILLISECONDS = 3000
PICTURE = ROOT / "notebooks" / "pictures" / "the_wire.png"


async def main() -> None:
    """Pull the cable, choose the message that dies on it, and photograph the wire."""
    executable = find_chromium()
    if executable is None:
        sys.exit("No Chromium or Chrome on PATH: install one to take the picture.")
    path = write_notebook("portrait", [STORY])
    async with (
        jupyterlab() as server,
        chromium(executable) as browser,
        opened(browser, server, path, viewport=(1280, 900)) as notebook,
    ):
        await notebook.run_all()
        if errors := await notebook.errors():
            sys.exit(f"The cell of the picture failed: {errors[0]}")
        wire = notebook.page.locator(".wl-wire")
        await wire.get_by_role("option").filter(has_text="Are you there?").click()
        await wire.get_by_role("treeitem").filter(has_text="Masking key").hover()
        await notebook.page.wait_for_timeout(SILENCE_MILLISECONDS)
        await wire.screenshot(path=PICTURE)


if __name__ == "__main__":
    asyncio.run(main())
