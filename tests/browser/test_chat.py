"""The page of `python -m handmade` in real browsers' windows, in both themes."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from handmade import chat, io
from handmade.l09_long_polling_and_upgrade import site
from realjupyter import ARTEFACTS, Chromium
from wirelab.address import port_of
from wirelab.middlebox import Middlebox, ResetBoth
from wirelab.waiting import until

DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNg+M/wHwAEAQH/7yMK/gAAAABJRU5ErkJggg=="
)


async def window(browser: Chromium, url: str, name: str, theme: Any) -> Any:
    """A window of somebody, who is connected; what goes wrong in it is in `faults`."""
    page = await browser.empty_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda said: page.faults.append(said.text) if said.type == "error" else None)
    await page.emulate_media(color_scheme=theme)
    await page.set_viewport_size({"width": 1280, "height": 720})
    await page.goto(url)
    await page.fill("#name", name)
    await page.press("#name", "Enter")
    await expect(page.locator("#state")).to_have_text("Connected, over WebSocket")
    return page


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_two_windows_talk(browser: Chromium, theme: str) -> None:
    async with site(chat.application(), "127.0.0.1", 0) as port:
        url = f"http://127.0.0.1:{port}/"
        ann = await window(browser, url, "Ann", theme)
        bob = await window(browser, url, "Bob", theme)
        await expect(ann.locator("#people")).to_have_text("Here: Ann, Bob")
        await bob.fill("#text", "<b>Hello</b>, Ann")
        await bob.press("#text", "Enter")
        await expect(ann.locator("#said li").last).to_have_text("Bob<b>Hello</b>, Ann")
        await expect(bob.locator("#said li.mine")).to_have_text("Bob<b>Hello</b>, Ann✓ arrived")
        await ann.set_input_files("#image", {"name": "dot.png", "mimeType": "image/png", "buffer": DOT})
        await expect(bob.locator("#said img")).to_be_visible()
        await bob.set_input_files(
            "#image", {"name": "big.png", "mimeType": "image/png", "buffer": bytes(900_001)}
        )
        await expect(bob.locator("#said .trouble")).to_contain_text("big.png is too large")
        await ann.select_option("#room", "silver")
        await expect(ann.locator("#people")).to_have_text("Here: Ann")
        await expect(bob.locator("#said li").last).to_have_text("Ann has gone.")
        await bob.screenshot(path=ARTEFACTS / f"chat-{theme}.png")
        assert ann.faults == bob.faults == []
    await expect(ann.locator("#state")).to_contain_text("Connection lost")
    await ann.screenshot(path=ARTEFACTS / f"chat-lost-{theme}.png")
    await browser.close(ann)
    await browser.close(bob)


async def test_what_was_said_while_the_line_was_broken_is_there(browser: Chromium) -> None:
    async with site(chat.application(), "127.0.0.1", 0) as port, Middlebox(port) as cable:
        ann = await window(browser, f"http://127.0.0.1:{port_of(cable)}/", "Ann", "light")
        bob = await window(browser, f"http://127.0.0.1:{port}/", "Bob", "light")
        await expect(ann.locator("#people")).to_have_text("Here: Ann, Bob")
        cable.rules = [ResetBoth()]
        await expect(bob.locator("#said li").last).to_have_text("Ann has gone.")
        await bob.fill("#text", "meanwhile")
        await bob.press("#text", "Enter")
        await expect(bob.locator("#said li.mine")).to_contain_text("arrived")
        cable.rules = []
        await expect(ann.locator("#said li").last).to_have_text("You are back, and have missed nothing.")
        await expect(ann.locator("#said li").nth(-2)).to_have_text("Bobmeanwhile")
        await expect(bob.locator("#said li").last).to_have_text("Ann is back.")
        await expect(ann.locator("#people")).to_have_text("Here: Bob, Ann")
        await ann.screenshot(path=ARTEFACTS / "chat-back.png")
        await browser.close(ann)
        await browser.close(bob)


async def test_it_comes_back_with_the_server(browser: Chromium) -> None:
    async with site(chat.application(), "127.0.0.1", 0) as port:
        ann = await window(browser, f"http://127.0.0.1:{port}/", "Ann", "light")
    await expect(ann.locator("#state")).to_have_attribute("data-state", "bad")
    async with site(chat.application(), "127.0.0.1", port):
        await expect(ann.locator("#state")).to_have_attribute("data-state", "good")
        await expect(ann.locator("#people")).to_have_text("Here: Ann")
        await browser.close(ann)


async def test_what_waited_for_the_server_goes_where_it_was_written(browser: Chromium) -> None:
    heard = list[Any]()
    async with site(chat.application(), "127.0.0.1", 0) as port:
        url = f"http://127.0.0.1:{port}/"
        ann = await window(browser, url, "Ann", "light")
        await expect(ann.locator("#people")).to_have_text("Here: Ann")
    await expect(ann.locator("#state")).to_have_attribute("data-state", "bad")
    for text, room in (("in gold", "silver"), ("in silver", "copper")):
        await ann.fill("#text", text)
        await ann.press("#text", "Enter")
        await ann.select_option("#room", room)
    async with site(chat.application(), "127.0.0.1", port), contextlib.AsyncExitStack() as stack:
        for room in chat.ROOMS:
            ear = io(url, {"name": f"Bob in {room}", "room": room}, force_new=True)
            stack.callback(ear.disconnect)
            ear.on("said", lambda who, text, *_, room=room: heard.append((room, who, text)))
            await until(lambda ear=ear: ear.connected)
            await ear.timeout(5).emit_with_ack("enter", room)
        await expect(ann.locator("#people")).to_have_text("Here: Bob in copper, Ann", timeout=10_000)
        assert heard == [("gold", "Ann", "in gold"), ("silver", "Ann", "in silver")]
        await expect(ann.locator("#said .arrived")).to_have_text(["✓ arrived"] * 2)
        await browser.close(ann)


async def test_who_chose_another_room_on_a_broken_line_is_in_it(browser: Chromium) -> None:
    async with site(chat.application(), "127.0.0.1", 0) as port, Middlebox(port) as cable:
        ann = await window(browser, f"http://127.0.0.1:{port_of(cable)}/", "Ann", "light")
        await expect(ann.locator("#people")).to_have_text("Here: Ann")
        cable.rules = [ResetBoth()]
        await expect(ann.locator("#state")).to_have_attribute("data-state", "bad")
        await ann.select_option("#room", "silver")
        await asyncio.sleep(5.5)  # longer than an acknowledgement may take
        cable.rules = []
        await expect(ann.locator("#said li").last).to_have_text("You are back, and have missed nothing.")
        await expect(ann.locator("#people")).to_have_text("Here: Ann")
        bob = io(f"http://127.0.0.1:{port}/", {"name": "Bob"}, force_new=True)
        await until(lambda: bob.connected)
        assert await bob.timeout(5).emit_with_ack("enter", "silver") == ["Ann", "Bob"]
        await browser.close(ann)
        bob.disconnect()


async def test_a_name_that_is_none_is_refused_in_words(browser: Chromium) -> None:
    async with site(chat.application(), "127.0.0.1", 0) as port:
        page = await browser.empty_page()
        await page.goto(f"http://127.0.0.1:{port}/")
        await page.locator("#name").evaluate("field => field.maxLength = 99")
        await page.fill("#name", "x" * 41)
        await page.press("#name", "Enter")
        await expect(page.locator("#state")).to_have_text(
            "Refused: Say who you are: a name of 1 to 40 letters."
        )
        await browser.close(page)


async def test_without_the_official_client_the_page_says_so(
    browser: Chromium, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(chat, "CLIENT", tmp_path / "nothing.js")
    async with site(chat.application(), "127.0.0.1", 0) as port:
        page = await browser.empty_page()
        await page.goto(f"http://127.0.0.1:{port}/")
        await expect(page.locator("#state")).to_contain_text("run “python3 lab.py setup”")
        await browser.close(page)
