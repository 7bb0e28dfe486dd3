"""The class in a real Chromium: pupils' pages, as wide as phones and laptops, and the teacher's notebook."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from playwright.async_api import expect

from wirelab.classroom.limits import Limits
from wirelab.classroom.model import Class
from wirelab.waiting import until

SHOTS = Path(__file__).parents[2] / ".artefacts/classroom"
HERE = "127.0.0.1"
WIDTHS = [(320, 568), (390, 844), (768, 1024), (1280, 720)]
SMALLEST_TARGET = 44
"""Pixels, for a finger (WCAG 2.5.5)."""
CUT_OFF = """() => [...document.querySelectorAll('body *')].filter((box) => box.checkVisibility()
    && !box.closest('.unseen, summary, option') && (box.getBoundingClientRect().right > innerWidth + 1
    || (box.children.length === 0 && box.scrollWidth > box.clientWidth + 1 && box.clientWidth
        && !['INPUT', 'SELECT'].includes(box.tagName) && getComputedStyle(box).display !== 'inline')))
    .map((box) => box.outerHTML.slice(0, 200))"""
TARGETS = """() => [...document.querySelectorAll('button, input, select, summary')]
    .filter((box) => box.checkVisibility())
    .map((box) => [box.id || box.textContent, box.getBoundingClientRect().height])"""
IN_SIGHT = """box => {
    const list = document.getElementById('texts');
    const { top, bottom } = box.getBoundingClientRect();
    const frames = [list, list.closest('main')].map((each) => each.getBoundingClientRect());
    return top >= Math.min(...frames.map((each) => each.top)) - 1
        && bottom <= Math.max(...frames.map((each) => each.bottom)) + 1
        && bottom <= document.getElementById('say').getBoundingClientRect().top + 1;
}"""
"""Whether the whole of a text of the chat can be seen."""
CONTRAST = """root => {
    const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
        .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
        .reduce((sum, c, n) => sum + c * [0.2126, 0.7152, 0.0722][n], 0);
    const behind = (box) => {
        for (let each = box; each; each = each.parentElement) {
            const colour = channels(getComputedStyle(each).backgroundColor);
            if (colour[3] !== 0) return colour;
        }
    };
    const poor = [];
    for (const box of (root ?? document.body).querySelectorAll('*')) {
        if (!box.checkVisibility() || box.closest('[aria-disabled="true"], option')) continue;
        const hasText = [...box.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        if (!hasText && !box.placeholder) continue;
        const ink = getComputedStyle(box, box.placeholder ? '::placeholder' : null).color;
        const pair = [light(channels(ink)), light(behind(box))].sort((a, b) => b - a);
        const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
        if (ratio < 4.5) poor.push([ratio.toFixed(2), box.placeholder || box.textContent.slice(0, 40)]);
    }
    return poor;
}"""


@asynccontextmanager
async def opened(**limits) -> AsyncIterator[Class]:
    quick = {
        "pupils": 8,
        "ping_interval": 0.5,
        "ping_timeout": 1,
        "first_wait": 0.6,
        "longest_wait": 1,
        "try_seconds": 1,
    }
    quick |= limits
    async with Class(Limits(**quick), HERE) as room:
        yield room
        assert room.faults == []


@asynccontextmanager
async def phone(browser, width=390, height=844):
    """A page of its own: nobody shares a seat, as two tabs of one browser would not either."""
    context = await browser._browser.new_context(
        viewport={"width": width, "height": height}, has_touch=width < 800
    )
    try:
        page = await context.new_page()
        page.wrong = []
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        page.on(
            "request", lambda request: page.wrong.append(request.url) if HERE not in request.url else None
        )
        page.on("dialog", lambda dialog: page.wrong.append(dialog.message))
        yield page
        assert page.wrong == []
    finally:
        await context.close()


async def come_in(page, room, name):
    if page.url == "about:blank":
        await page.goto(room.url)
    await page.get_by_label("Your name").fill(name)
    await page.get_by_role("button", name="Come in").click()
    await stands(page, "connected")


async def stands(page, words):
    await expect(page.locator("#state-words")).to_contain_text(re.compile(words))


async def say(page, text, to="everybody"):
    await page.get_by_label("To whom").select_option(to)
    await page.get_by_label("Your message").fill(text)
    await page.get_by_label("Your message").press("Enter")


async def shoot(page, name):
    SHOTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SHOTS / f"{name}.png")


async def looks_right(page, name):
    """Nothing is cut off, all can be hit with a finger, and read in both themes; pictures of it stay."""
    assert await page.evaluate(CUT_OFF) == []
    too_small = [each for each in await page.evaluate(TARGETS) if each[1] < SMALLEST_TARGET]
    assert too_small == []
    for theme in ("light", "dark"):
        await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        assert await page.evaluate(CONTRAST) == []
        await shoot(page, f"{name}-{theme}")


async def all_look_right(pages, name):
    await asyncio.gather(*(looks_right(page, f"{name}-{width}") for width, page in pages.items()))


async def test_each_width_shows_how_it_stands(browser):
    """Kill and Restart: each page says that it waits, for how long, what it keeps, and that it is back."""
    async with opened(first_wait=1.5, longest_wait=1.5) as room, AsyncExitStack() as stack:
        pages = {
            width: await stack.enter_async_context(phone(browser, width, height)) for width, height in WIDTHS
        }
        for page in pages.values():
            await page.goto(room.url)
        await all_look_right(pages, "door")
        for width, page in pages.items():
            await come_in(page, room, f"Pupil at {width}")
        await pages[390].get_by_role("button", name="gold").click()
        await expect(pages[390].get_by_role("button", name="✓ gold")).to_have_attribute(
            "aria-pressed", "true"
        )
        await say(pages[1280], "For those in gold alone", to="gold")
        await say(pages[320], "A text that is long enough to need two or three lines on a small phone")
        await expect(pages[390].locator("#texts")).to_contain_text("For those in gold alone")
        await expect(pages[1280].locator("#texts")).to_contain_text("✓ arrived: sent on to 1")
        assert "gold" not in await pages[768].locator("#texts").text_content()
        await all_look_right(pages, "in")
        for room_name in ("gold", "silver", "copper"):
            await pages[320].get_by_role("button", name=room_name).click()
            await expect(pages[320].get_by_role("button", name=f"✓ {room_name}")).to_be_visible()

        await room.press("kill")
        await asyncio.gather(*(stands(page, r"waiting: next try in \d\.\d s") for page in pages.values()))
        await say(pages[390], "Kept until you are back")
        await expect(pages[390].locator("#more")).to_contain_text("keeps 1 message")
        await all_look_right(pages, "killed")
        await room.press("restart")
        await asyncio.gather(*(stands(page, "^connected$") for page in pages.values()))
        await expect(pages[390].locator("#texts")).to_contain_text("✓ arrived")
        await expect(pages[390].locator("#rooms-note")).to_contain_text("no longer has you in gold")
        await expect(pages[320].locator("#rooms-note")).to_contain_text("in gold, silver and copper: to it")
        await expect(pages[390].locator("#people")).to_have_text("4 here")
        await all_look_right(pages, "back")

        await room.press("close")
        for page in pages.values():
            await expect(page.get_by_role("heading", name="The class is over")).to_be_visible()
        await all_look_right(pages, "over")


async def test_the_last_text_stays_in_sight_and_a_long_one_is_whole(browser):
    """The bar grows as the connection is lost: on no phone does it push the last text out of sight."""
    async with opened(first_wait=3, longest_wait=3) as room, AsyncExitStack() as stack:
        pages = [await stack.enter_async_context(phone(browser, *size)) for size in WIDTHS]
        for number, page in enumerate(pages):
            await come_in(page, room, f"Pupil {number}")
        longest = ("Twenty letters. " * 19)[:299] + "!"
        await say(pages[0], longest)
        for page in pages:
            text = page.locator("#texts .text").filter(has_text=longest)
            await expect(text).to_be_visible()
            assert await text.evaluate("box => box.scrollHeight <= box.clientHeight + 1")
        for number in range(9):
            await room.say(f"Text {number} of the teacher's")
        for page in pages:
            await expect(page.locator("#texts li").last).to_contain_text("Text 8")
            assert await page.locator("#texts li").last.evaluate(IN_SIGHT)
        await room.press("kill")
        for page in pages:
            await stands(page, "waiting: next try in")
            await page.evaluate(
                "() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)))"
            )
            assert await page.locator("#texts li").last.evaluate(IN_SIGHT), page.viewport_size


async def test_a_frozen_server_is_silent_first(browser):
    """The page believes in its connection, says that it is silent, then finds out; nobody knows of a text."""
    async with opened(ping_timeout=3) as room, phone(browser) as page:
        await come_in(page, room, "Ann")
        await room.press("freeze")
        await say(page, "Are you there?")
        await stands(page, "connected, but silent for")
        await looks_right(page, "silent")
        await stands(page, "waiting|trying")
        await expect(page.locator("#texts")).to_contain_text("nobody here knows whether it arrived")
        await looks_right(page, "frozen")
        await room.press("thaw")
        await stands(page, "^connected$")
        await page.get_by_text("What your connection went through").click()
        await expect(page.locator("#events")).to_contain_text("lost: ping timeout")
        await expect(page.locator("#events")).to_contain_text("is back after")


async def test_who_is_not_let_in_reads_why(browser):
    """A wrong code, a full class, a name that is none, giving up: a sentence each, and a way on."""
    async with opened(pupils=1, wrong_code_seconds=0.1, attempts=1) as room, AsyncExitStack() as stack:
        ann, ben = [await stack.enter_async_context(phone(browser)) for _ in range(2)]
        await ann.goto(f"{room.site}/#%")  # no code, whatever it is
        await ann.get_by_label("Your name").fill("Teacher")
        await ann.get_by_role("button", name="Come in").click()
        await expect(ann.get_by_role("alert")).to_have_text("Write the code that is on the board.")
        await ann.get_by_label("The code on the board").fill("wrong")
        await ann.get_by_role("button", name="Come in").click()
        await expect(ann.get_by_role("alert")).to_contain_text("not the code of this class")
        await ann.get_by_label("The code on the board").fill(room.code.upper())
        await ann.get_by_role("button", name="Come in").click()
        await expect(ann.get_by_role("alert")).to_contain_text("somebody else: choose another name")
        await looks_right(ann, "refused")
        await ann.get_by_label("Your name").fill("Ann")
        await ann.get_by_label("Your name").press("Enter")
        await stands(ann, "^connected$")

        await ben.goto(room.url)
        await ben.get_by_label("Your name").fill("Ben")
        await ben.get_by_label("Your name").press("Enter")
        await stands(ben, "given up")
        await expect(ben.locator("#more")).to_have_text("The class is full: 1 of 1 are here.")
        await looks_right(ben, "full")
        await ann.get_by_role("button", name="Leave").click()
        await until(lambda: room.here == [], 10)
        await ben.get_by_role("button", name="Try again").click()
        await stands(ben, "^connected$")

        await room.press("kill")
        await stands(ben, "given up")
        await expect(ben.locator("#more")).to_have_text("after 1 try")
        await room.press("restart")
        await ben.get_by_role("button", name="Try again").click()
        await stands(ben, "^connected$")
        await ben.reload()
        await stands(ben, "^connected$")
        await until(lambda: [one["name"] for one in room.here] == ["Ben"], 10)


START = """
from wirelab import classroom
quick = dict(ping_interval=0.5, ping_timeout=1, first_wait=0.4, longest_wait=0.8, try_seconds=1)
room = await classroom.open(pupils=5, address="127.0.0.1", **quick)
room
"""
URL = "print(room.url)"
GONE = """
from wirelab.process.spawning import reaper
print(len(reaper._pids), room.model.phase, room)
"""
EVIL = "<img src=x onerror=alert(1)>"[:24]
CUT_OFF_THERE = """root => [...root.querySelectorAll('*')].filter((box) => box.clientWidth
    && !box.closest('svg, option, .wl-unseen') && !['INPUT', 'SELECT'].includes(box.tagName)
    && box.scrollWidth > box.clientWidth + 1)
    .map((box) => box.outerHTML.slice(0, 200))"""


async def test_the_teachers_notebook(browser, lab, open_notebook):
    """Who is there, live; each button shows on the pupils' pages; names are text; nothing of it is kept."""
    async with AsyncExitStack() as stack:
        notebook = await open_notebook(lab, START, URL, GONE, viewport=(1280, 720))
        await notebook.run_cell(0)
        await notebook.run_cell(1)
        url = (await notebook.text(1)).strip()
        panel = notebook.page.locator(".wl-class")
        await expect(panel.locator(".wl-site")).to_have_text(url.split("/#")[0])
        await expect(panel.locator(".wl-code")).to_have_text(url.split("#")[1])
        await expect(panel.get_by_role("img", name="QR code")).to_be_visible()
        await expect(panel.locator(".wl-people")).to_be_visible()

        pages = [await stack.enter_async_context(phone(browser, width)) for width in (320, 1280)]
        for page, name in zip(pages, (EVIL, "Ben"), strict=True):
            await page.goto(url)
            await page.get_by_label("Your name").fill(name)
            await page.get_by_label("Your name").press("Enter")
            await stands(page, "^connected$")
        await expect(panel.locator(".wl-count")).to_have_text("2 of 5 here")
        await pages[0].get_by_role("button", name="gold").click()
        await expect(panel.get_by_role("listitem").filter(has_text=EVIL).first).to_contain_text("gold")
        await panel.get_by_label("What you say").fill("Good morning")
        await panel.get_by_role("button", name="Say it").click()
        for page in pages:
            await expect(page.locator("#texts .teacher")).to_contain_text("Good morning")
        await expect(panel.get_by_role("status")).to_have_text("You said to everybody: it was sent to 2.")
        await say(pages[1], "<script>alert(1)</script>")
        await expect(panel.locator(".wl-texts")).to_contain_text("<script>alert(1)</script>")
        assert await panel.evaluate(CUT_OFF_THERE) == []
        longest = "Twenty letters. " * 18
        for _ in range(5):
            await panel.get_by_label("What you say").fill(longest)
            await panel.get_by_role("button", name="Say it").click()
        await expect(panel.locator(".wl-texts li").filter(has_text="Twenty")).to_have_count(5)
        assert await panel.locator(".wl-texts").evaluate(
            """list => list.scrollHeight > list.clientHeight
                && list.scrollTop + list.clientHeight >= list.scrollHeight - 1"""
        ), "the latest text is out of sight"
        SHOTS.mkdir(parents=True, exist_ok=True)
        for theme in ("light", "dark"):
            await notebook.theme(theme)
            assert await panel.evaluate(CONTRAST) == []
            await shoot(notebook.page, f"notebook-{theme}")

        for button, words in (("Kill", "waiting|trying"), ("Restart", "^connected$")):
            await panel.get_by_role("button", name=button, exact=True).click()
            await asyncio.gather(*(stands(page, words) for page in pages))
            if button == "Kill":
                await expect(panel.locator(".wl-state")).to_have_text("✗ server gone")
                await panel.get_by_label("What you say").fill("Is anybody there?")
                await panel.get_by_role("button", name="Say it").click()
                await expect(panel.get_by_role("status")).to_contain_text("it can tell nobody anything")
                await expect(panel.get_by_label("What you say")).to_have_value("Is anybody there?")
                await panel.screenshot(path=SHOTS / "teacher-killed.png")
        await expect(panel.locator(".wl-count")).to_have_text("2 of 5 here")
        await panel.get_by_role("button", name="Freeze", exact=True).click()
        await asyncio.gather(*(stands(page, "waiting|trying") for page in pages))
        await panel.get_by_role("button", name="Thaw", exact=True).click()
        await asyncio.gather(*(stands(page, "^connected$") for page in pages))
        await panel.get_by_label("Whom to send out").select_option("Ben")
        await panel.get_by_role("button", name="Send out", exact=True).click()
        await expect(pages[1].get_by_text("The teacher has sent you out.")).to_be_visible()

        await panel.get_by_role("button", name="Large").click()
        await panel.screenshot(path=SHOTS / "teacher-large.png")
        await panel.get_by_role("button", name="Close the class").click()
        await panel.get_by_role("button", name="Close it for everybody?").click()
        await expect(pages[0].get_by_role("heading", name="The class is over")).to_be_visible()
        await expect(panel.locator(".wl-site")).to_be_hidden()
        await expect(panel.get_by_role("listitem").filter(has_text=EVIL).first).to_contain_text("○")
        await panel.screenshot(path=SHOTS / "teacher-closed.png")
        await notebook.run_cell(2)
        assert (await notebook.text(2)).strip() == "0 closed The class is closed."
        await notebook.page.evaluate("panel.content.widgets[1].model.clearExecution()")
        await notebook.command("docmanager:save")
        kept = await notebook.page.evaluate("JSON.stringify(panel.content.model.sharedModel.toJSON())")
        assert url.split("#")[1] not in kept
        assert url.split("/#")[0] not in kept
        assert [error for error in notebook.console_errors if "alert" in error] == []
