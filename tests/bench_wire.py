"""How long a packet takes to become a pixel, and whether any is lost: `python3 lab.py bench wire`.

A server in one process sends at a steady rate to a client in another, through a middlebox in the notebook's
kernel; Chromium notes when it has drawn each arrow. Both clocks are this machine's.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "browser"))

from realjupyter import chromium, find_chromium, jupyterlab, opened, write_notebook

RATES = (100, 1_000, 5_000)
SECONDS = 6

SERVER = """
import asyncio, sys, time
from websockets.asyncio.server import serve

async def send(websocket):
    rate, sent, begin = int(await websocket.recv()), 0, time.perf_counter()
    while sent < rate * {seconds}:
        due = min(rate * {seconds}, int((time.perf_counter() - begin) * rate))
        for number in range(sent, due):
            await websocket.send(f"message {{number}}")
        sent = due
        await asyncio.sleep(0.001)

async def main():
    async with serve(send, "127.0.0.1", 0, compression=None) as server:
        print('{{"port": %d}}' % server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

asyncio.run(main())
"""
CLIENT = """
import asyncio, sys
from websockets.asyncio.client import connect

async def main():
    print('{"port": 0}', flush=True)
    async with connect(sys.argv[1], compression=None, proxy=None) as client:
        await client.send(sys.argv[2])
        async for message in client:
            pass

asyncio.run(main())
"""
OPEN = """
%load_ext wirelab
import pathlib, tempfile
from wirelab import bench
from wirelab.middlebox import Middlebox
from wirelab.widgets.wire import Wire
folder = pathlib.Path(tempfile.mkdtemp())
(folder / "server.py").write_text({server!r})
(folder / "client.py").write_text({client!r})
server = await bench.start("server", bench.Child.python(str(folder / "server.py")))
box = await bench.start("cable", Middlebox(server))
wire = Wire(box)
wire
"""
RUN = """
client = await bench.start("client", bench.Child.python(str(folder / "client.py"), bench.url(box), "{rate}"))
"""
WATCH = """() => {
  window.painted = new Map();
  document.addEventListener("wire-painted", (event) => {
    const arrows = event.detail;
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      const seen = (performance.timeOrigin + performance.now()) / 1000;
      for (const [number, time] of arrows) {
        if (!window.painted.has(number)) window.painted.set(number, seen - time);
      }
    };
    channel.port2.postMessage(0);
  });
}"""


async def measure(rate: int, browser: object, lab: str) -> None:
    """One rate: print how many were drawn and the delay's percentiles in milliseconds."""
    cells = [OPEN.format(server=SERVER.format(seconds=SECONDS), client=CLIENT), RUN.format(rate=rate)]
    path = write_notebook(f"bench_wire_{rate}", cells)
    async with opened(browser, lab, path) as notebook:
        await notebook.run_cell(0)
        await notebook.page.locator(".wl-wire").wait_for()
        await notebook.page.evaluate(WATCH)
        await notebook.run_cell(1)
        wanted = rate * SECONDS
        for _ in range(2 * SECONDS + 20):
            await asyncio.sleep(0.5)
            if await notebook.page.evaluate("window.painted.size") >= wanted:
                break
        delays = await notebook.page.evaluate("[...window.painted.values()]")
        delays = sorted(delays)
        p50, p95, p99 = (1000 * delays[int(len(delays) * share)] for share in (0.5, 0.95, 0.99))
        lost = max(0, wanted - len(delays))
        print(
            f"{rate:>6,} events/s: {len(delays):>7,} arrows drawn, {lost} lost, "
            f"packet to pixel p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms",
            flush=True,
        )


async def main() -> None:
    """Measure each rate in a notebook of its own."""
    executable = find_chromium()
    if executable is None:
        raise SystemExit("This needs Chromium or Chrome on PATH. Install one and try again.")
    async with jupyterlab() as lab, chromium(executable) as browser:
        for rate in RATES:
            await measure(rate, browser, lab)


if __name__ == "__main__":
    asyncio.run(main())
