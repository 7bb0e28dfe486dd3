"""Whether the rooms board keeps up with a thousand live clients: `python3 lab.py bench rooms`.

The server and the clients are processes of their own, and every message goes to all of them. Measured while
messages flow, in Chromium: how many frames a second the page draws, and the longest time without one; how
long the kernel takes to answer the page; and how many deliveries a second there were.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).parent / "browser"))

from labserver import jupyterlab
from realjupyter import Chromium, chromium, find_chromium, opened, write_notebook

CROWDS = (0, 250, 1_000)
SECONDS = 8
REST = 3.0
"""The page and the processes have just started, and a machine that starts programs measures that."""
VIEWPORT = (1280, 720)
OPEN = """
%load_ext wirelab
from wirelab import bench
from wirelab.widgets.rooms_board import RoomsBoard
board = await bench.start("board", lambda: RoomsBoard(crowd={crowd}))
board.choose()
board
"""
FRAMES = """seconds => new Promise((resolve) => {
    const start = performance.now(), gaps = [];
    let last = start;
    const frame = (now) => {
        gaps.push(now - last);
        last = now;
        if (now - start < seconds * 1000) requestAnimationFrame(frame);
        else resolve({ rate: (1000 * gaps.length) / (now - start), longest: Math.max(...gaps) });
    };
    requestAnimationFrame(frame);
})"""
ANSWERS = """async seconds => {
    const { kernel } = panel.sessionContext.session;
    const start = performance.now(), times = [];
    while (performance.now() - start < seconds * 1000) {
        const asked = performance.now();
        await kernel.requestExecute({ code: "", silent: true, user_expressions: { answer: "1" } }).done;
        times.push(performance.now() - asked);
        await new Promise((rested) => setTimeout(rested, 200));
    }
    return times.sort((one, other) => one - other);
}"""
COUNT = """async () => {
    const { kernel } = panel.sessionContext.session;
    const wanted = { count: "board.model.deliveries" };
    const future = kernel.requestExecute({ code: "", silent: true, user_expressions: wanted });
    return Number((await future.done).content.user_expressions.count.data["text/plain"]);
}"""


async def measure(crowd: int, browser: Chromium, lab: str) -> None:
    """One crowd: print what was measured while messages flowed."""
    path = write_notebook(f"bench_rooms_{crowd}", [OPEN.format(crowd=crowd)])
    async with opened(browser, lab, path, viewport=VIEWPORT) as notebook:
        await notebook.run_cell(0)
        if errors := await notebook.errors():
            raise SystemExit(f"The notebook cannot be measured: {errors[0]}")
        page = notebook.page
        await page.locator(".wl-rooms").scroll_into_view_if_needed()
        others = psutil.cpu_times()
        await asyncio.sleep(REST)
        others = _busy(others)
        still = await page.evaluate(FRAMES, SECONDS / 2)
        await page.evaluate("""() => panel.content.widgets[0].node.querySelector(".wl-flow").click()""")
        await asyncio.sleep(REST)
        before, cpu = await page.evaluate(COUNT), psutil.cpu_times()
        frames, answers = await asyncio.gather(
            page.evaluate(FRAMES, SECONDS), page.evaluate(ANSWERS, SECONDS)
        )
        delivered = (await page.evaluate(COUNT) - before) / SECONDS
        print(
            f"{crowd:>5,} clients: {frames['rate']:.0f} frames/s (at rest {still['rate']:.0f}), "
            f"longest without one {frames['longest']:.0f} ms; "
            f"the kernel answers in p50 {statistics.median(answers):.0f} ms, worst {answers[-1]:.0f} ms; "
            f"{delivered:,.0f} deliveries/s; processors {_busy(cpu):.0%} busy, at rest {others:.0%}",
            flush=True,
        )


def _busy(before: Any) -> float:
    """The share of processor time that somebody has had since then."""
    after = psutil.cpu_times()
    return 1 - (after.idle - before.idle) / (sum(after) - sum(before))


async def main() -> None:
    """Measure each crowd in a notebook of its own."""
    executable = find_chromium()
    if executable is None:
        raise SystemExit("This needs Chromium or Chrome on PATH. Install one and try again.")
    async with jupyterlab() as lab, chromium(executable) as browser:
        for crowd in CROWDS:
            await measure(crowd, browser, lab)


if __name__ == "__main__":
    asyncio.run(main())
