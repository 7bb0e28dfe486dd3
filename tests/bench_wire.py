"""How long a packet takes to become a pixel, and whether any is lost: `python3 lab.py bench wire`.

A server in one process sends at a steady rate to a client in another, through a middlebox in the notebook's
kernel; Chromium notes when it has drawn each arrow. Both clocks are this machine's.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).parent / "browser"))

from labserver import jupyterlab
from realjupyter import Chromium, chromium, find_chromium, opened, write_notebook

RATES = (100, 1_000, 5_000)
SECONDS = 6
# On a host with other guests a measurement counts only if this one had its processors; else once more.
MOST_STOLEN = 0.03
ATTEMPTS = 5

# Both ends do as little as they can, for they share the cores with what is measured: the server writes ready
# frames, one at a time, and the client only reads.
SERVER = """
import asyncio, time
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

async def send(reader, writer):
    protocol = ServerProtocol()
    while not (events := protocol.events_received()):
        protocol.receive_data(await reader.read(4096))
    [request] = [event for event in events if isinstance(event, Request)]
    protocol.send_response(protocol.accept(request))
    writer.writelines(protocol.data_to_send())
    rate, sent, begin = int(request.path[1:]), 0, time.perf_counter()
    while sent < rate * {seconds}:
        due = min(rate * {seconds}, int((time.perf_counter() - begin) * rate))
        for number in range(sent, due):
            writer.write(Frame(Opcode.TEXT, b"message %d" % number).serialize(mask=False))
        sent = due
        await asyncio.sleep(0.001)

async def main():
    server = await asyncio.start_server(send, "127.0.0.1", 0)
    print('{{"port": %d}}' % server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""
CLIENT = """
import socket, sys
from websockets.client import ClientProtocol
from websockets.uri import parse_uri

print('{"port": 0}', flush=True)
uri = parse_uri(sys.argv[1])
protocol = ClientProtocol(uri)
protocol.send_request(protocol.connect())
with socket.create_connection((uri.host, uri.port)) as line:
    line.sendall(b"".join(protocol.data_to_send()))
    while line.recv(65536):
        pass
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
client = await bench.start("client", bench.Child.python(str(folder / "client.py"), bench.url(box, "/{rate}")))
"""
# The page and the spare kernel have just started, and a machine that starts programs measures that.
REST = 4.0
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


def stolen_since(before: Any) -> float:
    """The share of processor time that this virtual machine wanted and did not get; 0 if unknown."""
    after = psutil.cpu_times()
    return (getattr(after, "steal", 0) - getattr(before, "steal", 0)) / (sum(after) - sum(before))


async def measure(rate: int, browser: Chromium, lab: str) -> float:
    """One rate: print how many were drawn and the delay's percentiles. Returns what was stolen meanwhile."""
    cells = [OPEN.format(server=SERVER.format(seconds=SECONDS), client=CLIENT), RUN.format(rate=rate)]
    path = write_notebook(f"bench_wire_{rate}", cells)
    async with opened(browser, lab, path) as notebook:
        await notebook.run_cell(0)
        if errors := await notebook.errors():
            raise SystemExit(f"The notebook cannot be measured: {errors[0]}")
        await notebook.page.locator(".wl-wire").wait_for()
        await notebook.page.evaluate(WATCH)
        await asyncio.sleep(REST)
        before = psutil.cpu_times()
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
        stolen = stolen_since(before)
        print(
            f"{rate:>6,} events/s: {len(delays):>7,} arrows drawn, {lost} lost, "
            f"packet to pixel p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms; "
            f"{stolen:.0%} of the processors went to other machines",
            flush=True,
        )
        return stolen


async def main() -> None:
    """Measure each rate in a notebook of its own."""
    executable = find_chromium()
    if executable is None:
        raise SystemExit("This needs Chromium or Chrome on PATH. Install one and try again.")
    async with jupyterlab() as lab, chromium(executable) as browser:
        for rate in RATES:
            for _ in range(ATTEMPTS):
                if await measure(rate, browser, lab) < MOST_STOLEN:
                    break


if __name__ == "__main__":
    asyncio.run(main())
