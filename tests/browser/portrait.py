"""Take the README's loop, in which something goes wrong and is repaired: python tests/browser/portrait.py

It is the gap board of lesson 18 in JupyterLab, played with by a mouse, in real time. Only the last moment
stands longer than it lasted, and begins the loop: who sees no animation sees how it ended.
"""

from __future__ import annotations

import asyncio
import io
import sys
import time
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))  # pytest does that for the tests

from PIL import Image, ImageChops
from playwright.async_api import Locator

from labserver import ROOT, jupyterlab
from realjupyter import chromium, find_chromium, opened, write_notebook

CELL = """%load_ext wirelab
from wirelab import bench
from wirelab.widgets.gap_board import GapBoard
board = await bench.start("board", GapBoard)
board"""
PICTURES = ROOT / "notebooks" / "pictures"
LOOP, STILL = PICTURES / "nothing_lost.webp", PICTURES / "nothing_lost.png"
PAGE, SHARPNESS = (1000, 900), 1.5
"""The board is then as wide as GitHub shows a README."""
PULLED_AT, MENDED_AT, OVER_AT = 3, 7, 9
"""The last number before each of them."""
END_SECONDS = 3.5
BREATH_MILLISECONDS = 500
SHUTTER_SECONDS = 0.06
GLIDE_STEPS, GLIDE_PAUSE_MILLISECONDS = 8, 60
# A browser without a window paints no pointer, so the page draws one where the mouse is.
POINTER = """() => {
    const pointer = document.createElement("div");
    pointer.innerHTML = `<svg width="24" height="24" viewBox="0 0 24 24" stroke="#fff" stroke-width="1.6">
        <path d="M2 1v18l5-4.6 3.2 7 3.2-1.5-3.2-6.8h6.8z"/></svg>`;
    pointer.style = "position: fixed; left: 0; top: 0; z-index: 99999; pointer-events: none";
    document.body.append(pointer);
    addEventListener("mousemove", ({ clientX, clientY }) => {
        pointer.style.transform = `translate(${clientX}px, ${clientY}px)`;
    }, true);
}"""
Frame = tuple[float, Image.Image]
"""When it was taken, in seconds, and the picture."""


class Hand:
    """A mouse that goes to a button no faster than the eye, and presses it."""

    def __init__(self, board: Locator) -> None:
        self._board, self._mouse = board, board.page.mouse
        self._x, self._y = 0.0, 0.0

    async def go_to(self, name: str) -> None:
        """Glide to the middle of a button."""
        box = await self._button(name).bounding_box()
        assert box is not None
        from_x, from_y = self._x, self._y
        self._x, self._y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        for step in range(1, GLIDE_STEPS + 1):
            part = step / GLIDE_STEPS
            await self._mouse.move(from_x + (self._x - from_x) * part, from_y + (self._y - from_y) * part)
            await self._board.page.wait_for_timeout(GLIDE_PAUSE_MILLISECONDS)

    async def press(self, name: str) -> None:
        """Press a button, once the hand has come there."""
        await self.go_to(name)
        await self._click()

    async def press_after(self, name: str, number: int) -> None:
        """Wait at a button until the servers have said a number, and press it."""
        await self.go_to(name)
        await said(self._board, number)
        await self._click()

    async def _click(self) -> None:
        await self._mouse.down()
        await self._mouse.up()

    def _button(self, name: str) -> Locator:
        return self._board.get_by_role("button", name=name, exact=True)


@asynccontextmanager
async def filmed(board: Locator) -> AsyncIterator[list[Frame]]:
    """Photograph the board again and again meanwhile; yields the frames taken so far."""
    frames: list[Frame] = []
    session = await board.page.context.new_cdp_session(board.page)
    clip = {**(await board.bounding_box() or {}), "scale": SHARPNESS}

    async def film() -> None:
        while True:
            moment = time.monotonic()
            taken = await session.send("Page.captureScreenshot", {"clip": clip, "optimizeForSpeed": True})
            frames.append((moment, Image.open(io.BytesIO(b64decode(taken["data"]))).convert("RGB")))
            await asyncio.sleep(SHUTTER_SECONDS)

    filming = asyncio.create_task(film())
    try:
        yield frames
    finally:
        filming.cancel()
        await asyncio.gather(filming, return_exceptions=True)


async def play(board: Locator) -> list[Frame]:
    """Numbers flow, the cable is pulled, the numbers go on, the cable is mended."""
    hand = Hand(board)
    await everybody(board, "connected")
    await hand.press("Reset")
    await everybody(board, "connected")
    async with filmed(board) as frames:
        await board.page.wait_for_timeout(BREATH_MILLISECONDS)
        await hand.press("Play")
        await hand.press_after("pull the cable", PULLED_AT)
        await everybody(board, "away")
        await hand.press_after("mend it", MENDED_AT)
        await everybody(board, "connected")
        await hand.go_to("Reset")
        await said(board, OVER_AT)
        await board.page.wait_for_timeout(BREATH_MILLISECONDS / 2)
    return frames


async def everybody(board: Locator, state: str) -> None:
    """Wait until each row says so."""
    await seen(board, f"""board => board.querySelectorAll('tbody tr[data-state="{state}"]').length === 6""")


async def said(board: Locator, number: int) -> None:
    """Wait until the servers have said a number."""
    await seen(board, f"""board => board.querySelector('tbody tr [aria-label^="{number}:"]')""")


async def seen(board: Locator, condition: str) -> None:
    """Wait until that holds, and learn it in the next picture of the page."""
    await board.page.wait_for_function(condition, arg=await board.element_handle())


def write(frames: list[Frame]) -> None:
    """The loop, from how it ended to how it ended; and how it ended."""
    changes = [frames[0]]
    for frame in frames[1:]:
        if ImageChops.difference(frame[1], changes[-1][1]).getbbox():
            changes.append(frame)
    moments, pictures = zip(*changes, strict=True)
    lasting = [later - moment for moment, later in pairwise(moments)]
    first, *others = pictures[-1], *pictures[:-1]
    durations = [round(seconds * 1000) for seconds in (END_SECONDS, *lasting)]
    film = {"save_all": True, "append_images": others, "duration": durations, "loop": 0}
    first.save(LOOP, lossless=True, quality=100, **film)
    first.save(STILL, optimize=True)
    size = LOOP.stat().st_size / 1000
    print(f"{len(pictures)} pictures, {sum(durations) / 1000:.1f} s, {size:.0f} kB: {LOOP.relative_to(ROOT)}")


async def main() -> None:
    """Run the cell, play with the board, and write both pictures."""
    executable = find_chromium()
    if executable is None:
        sys.exit("No Chromium or Chrome on PATH: install one to take the picture.")
    path = write_notebook("portrait", [CELL])
    async with (
        jupyterlab() as server,
        chromium(executable) as browser,
        opened(browser, server, path, viewport=PAGE) as notebook,
    ):
        await notebook.run_all()
        if errors := await notebook.errors():
            sys.exit(f"The cell of the picture failed: {errors[0]}")
        await notebook.page.evaluate(POINTER)
        write(await play(notebook.page.locator(".wl-gaps")))


if __name__ == "__main__":
    asyncio.run(main())
