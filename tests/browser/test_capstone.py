"""The chat of lesson 20 in real windows: wide and narrow, light and dark, and two servers that die."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import expect

from realjupyter import ARTEFACTS, Chromium
from wirelab import bench
from wirelab.middlebox import Middlebox, StickyByCookie
from wirelab.process import Child, RedisServer

SERVER = str(Path(__file__).parents[2] / "lessons_src/programs/20/server.py")
WIDE, PHONE = {"width": 1280, "height": 720}, {"width": 360, "height": 720}
PICTURE = Path(__file__).parents[2] / "notebooks/pictures/nothing_lost.png"
ALL_FITS = """() => document.documentElement.scrollWidth <= innerWidth
    && [...document.querySelectorAll("input, select, button, .button, li, #state")]
        .every((part) => part.getBoundingClientRect().right <= innerWidth)"""
TREE = """
- banner:
  - heading "The auction" [level=1]
  - status
- main:
  - region "Who you are":
    - textbox "Your name"
    - combobox "Room"
    - paragraph: "Here: Ann, Bob"
  - region "The conversation":
    - list "What was said"
    - textbox "Your message"
    - button "Send"
    - button "Image"
"""


@asynccontextmanager
async def house() -> AsyncIterator[tuple[str, list[Child]]]:
    """Two servers on a Redis, and the address of the balancer before them."""
    async with RedisServer.embedded() as store:
        address = bench.url(store, scheme="redis")
        one, two = (Child.python(SERVER, f"server {number}", address) for number in (1, 2))
        async with one, two, Middlebox(one, [StickyByCookie([one, two])]) as balancer:
            yield bench.url(balancer, "/", scheme="http"), [one, two]


@asynccontextmanager
async def window(browser: Chromium, url: str, name: str, size: Any, theme: Any) -> AsyncIterator[Any]:
    """A window of somebody who is connected, with cookies of its own."""
    page = await browser.empty_page()
    faults = list[str]()
    page.on("pageerror", lambda error: faults.append(str(error)))
    await page.emulate_media(color_scheme=theme)
    await page.set_viewport_size(size)
    await page.goto(url)
    await expect(page.locator("#people")).to_contain_text("Guest")
    await page.fill("#name", name)
    await page.press("#name", "Enter")
    await expect(page.locator("#people")).to_contain_text(name)
    yield page
    assert faults == []
    await browser.close(page)


async def say(page: Any, text: str) -> None:
    await page.fill("#text", text)
    await page.press("#text", "Enter")


async def test_two_windows_talk_and_a_server_dies(browser: Chromium) -> None:
    async with (
        house() as (url, servers),
        window(browser, url, "Ann", WIDE, "light") as ann,
        window(browser, url, "Bob", PHONE, "dark") as bob,
    ):
        states = [await page.locator("#state").inner_text() for page in (ann, bob)]
        assert sorted(states) == ["Connected to server 1", "Connected to server 2"]
        await expect(ann.locator("#people")).to_have_text("Here: Ann, Bob")
        await say(ann, "Who opens?")
        await say(bob, "<b>I</b> do.")
        for page in (ann, bob):
            await expect(page.locator("#said li > b + span")).to_have_text(["Who opens?", "<b>I</b> do."])
            await expect(page.locator("#said")).to_have_attribute("aria-live", "polite")
            await expect(page.locator("body")).to_match_aria_snapshot(TREE)
            assert await page.evaluate(ALL_FITS)
        await ann.set_input_files("#image", PICTURE)
        await expect(bob.locator("#said img")).to_be_visible()
        await bob.set_input_files("#image", {"name": "a.png", "mimeType": "image/png", "buffer": b"text"})
        await expect(bob.locator("#said .trouble")).to_have_text("a.png cannot be read as an image.")
        await bob.locator("#said .trouble").evaluate("line => line.remove()")

        number = int(states[0][-1]) - 1
        servers[number].kill()
        await say(ann, "Still there?")
        await expect(ann.locator("#state")).to_have_text(f"Connected to server {2 - number}")
        for page, name in ((ann, "ann"), (bob, "bob")):
            await expect(page.locator("#said li").last).to_contain_text("Still there?")
            await expect(page.locator("#said li")).to_have_count(4)
            await page.screenshot(path=ARTEFACTS / f"capstone-{name}.png")
        await expect(ann.locator("#said li").last).to_contain_text("✓")


async def test_both_servers_die_and_the_page_says_so_and_comes_back(browser: Chromium) -> None:
    async with house() as (url, servers), window(browser, url, "Ann", PHONE, "light") as ann:
        await say(ann, "one")
        await expect(ann.locator(".arrived")).to_have_text(["✓"])
        for server in servers:
            server.kill()
        await expect(ann.locator("#state")).to_have_attribute("data-state", "bad")
        await say(ann, "two")
        await ann.screenshot(path=ARTEFACTS / "capstone-lost.png")
        assert await ann.evaluate(ALL_FITS)
        for server in servers:
            await server.restart()
        await expect(ann.locator(".arrived")).to_have_text(["✓", "✓"])
        await ann.select_option("#room", "silver")
        await expect(ann.locator("#said li")).to_have_count(0)
        await ann.select_option("#room", "gold")
        await expect(ann.locator("#said li")).to_have_count(2)


async def test_what_waits_is_said_in_the_room_for_which_it_was_meant(browser: Chromium) -> None:
    async with (
        house() as (url, servers),
        window(browser, url, "Ann", PHONE, "light") as ann,
        window(browser, url, "Bob", PHONE, "light") as bob,
    ):
        await bob.select_option("#room", "silver")
        await expect(bob.locator("#people")).to_have_text("Here: Bob")
        for server in servers:
            server.kill()
        await expect(ann.locator("#state")).to_have_attribute("data-state", "bad")
        await say(ann, "for gold")
        await ann.select_option("#room", "silver")
        await say(ann, "for silver")
        for server in servers:
            await server.restart()
        await expect(bob.locator("#said li")).to_have_count(1)
        await expect(ann.locator("#said li")).to_have_count(1)
        for page in (ann, bob):
            await expect(page.locator("#said")).to_contain_text("for silver")
        await bob.select_option("#room", "gold")
        await expect(bob.locator("#said")).to_contain_text("for gold")
