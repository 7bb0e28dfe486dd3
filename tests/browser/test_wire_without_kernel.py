"""A recorded wire in a page of its own: no JupyterLab, no kernel, only script, style and records."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, async_playwright, expect
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import InvalidStatus

from realjupyter import find_chromium
from wirelab.middlebox import Middlebox, StrictProxy
from wirelab.widgets.wire import Wire

PAGE = """<!doctype html><meta charset="utf-8"><style>%s</style><div id="wire"></div>
<script type="application/json" id="recorded">%s</script>
<script type="module">%s
mount(document.querySelector("#wire"), JSON.parse(document.querySelector("#recorded").textContent));
</script>"""


async def echo(websocket):
    async for message in websocket:
        await websocket.send(message)


async def recorded() -> str:
    """A page with a talk that was recorded: a handshake that a proxy changed, one that passed, a message."""
    async with serve(echo, "127.0.0.1", 0, compression=None) as server, Middlebox(server) as box:
        box.rules = [StrictProxy()]
        url = f"ws://127.0.0.1:{box.port}"
        with pytest.raises(InvalidStatus):
            await connect(url, user_agent_header="Ann", proxy=None)
        box.rules = []
        async with connect(url, user_agent_header="Ann", proxy=None) as ann:
            await ann.send("</script><b>bold</b>")
            await ann.recv()
        wire = Wire(box)
        data = json.dumps(wire.recording()).replace("</", "<\\/")
        return PAGE % (wire._css, data, wire._esm)


@asynccontextmanager
async def shown() -> AsyncIterator[tuple[Page, list[str]]]:
    """The page in a browser, and what went wrong in it."""
    executable = find_chromium()
    if executable is None or shutil.which(executable) is None:
        pytest.skip("no Chromium or Chrome on PATH")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 1280, "height": 720})
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.set_content(await recorded())
        yield page, errors
        await browser.close()


async def test_a_recording_is_shown_chosen_and_seen_at_every_layer():
    async with shown() as (page, errors):
        await expect(page.locator(".wl-count")).to_have_text("10 arrows · ✗ 2")
        await expect(page.locator("b")).to_have_count(0)
        await page.get_by_role("option").filter(has_text="changed by StrictProxy").first.click()
        await expect(page.locator(".wl-before").filter(has_text="Upgrade: websocket")).to_be_visible()
        await expect(page.locator(".wl-hex")).to_contain_text("GET / HTTP/1.1"[:8])
        await page.get_by_role("radio", name="TCP").click()
        await expect(page.get_by_role("option").first).to_contain_text("connection opened")
        await expect(page.get_by_role("radio", name="Socket.IO")).to_have_class(re.compile("wl-unused"))
        assert errors == []


async def test_a_recording_plays_in_slow_motion_and_is_scrubbed():
    async with shown() as (page, errors):
        await page.get_by_role("button", name="Play").click()
        await expect(page.locator(".wl-status")).to_contain_text("1 of 11")
        await expect(page.locator(".wl-status")).to_contain_text("2 of 11")
        await page.get_by_role("button", name="Pause").click()
        slider = page.get_by_role("slider")
        await slider.evaluate("slider => { slider.value = 5; slider.dispatchEvent(new Event('input')); }")
        await expect(page.get_by_role("option")).to_have_count(5)
        await expect(page.get_by_role("option").last).to_contain_text("The rules changed")
        await page.get_by_role("button", name="To the end").click()
        await expect(page.get_by_role("button", name="Play")).to_be_visible()
        assert errors == []
