"""`lab.py slides`: one page that needs no network, and no slide taller than the screen."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page

from realjupyter import ARTEFACTS, ROOT, Chromium
from slides.__main__ import write

LESSON = ROOT / "notebooks/01_a_raw_echo_server.ipynb"
SCREEN = {"width": 1280, "height": 720}
FIT = """() => {
    const misfits = [];
    for (const slide of Reveal.getSlides()) {
        const { h, v } = Reveal.getIndices(slide);
        Reveal.slide(h, v, 99);
        const blocks = [...slide.querySelectorAll(".block, .block > img")];
        const boxes = blocks.map(each => each.getBoundingClientRect());
        const bottom = Math.max(...boxes.map(box => box.bottom));
        const wide = [...slide.querySelectorAll(".block table")].map(each => each.getBoundingClientRect());
        const right = Math.max(...[...boxes, ...wide].map(box => box.right));
        const last = blocks.at(-1)?.querySelector(":scope > :is(h2, h3)"); // its text is on another slide
        if (boxes.length === 0 || (last && blocks.length > 1) || bottom > innerHeight || right > innerWidth)
            misfits.push([h, v, bottom, right, slide.textContent.slice(0, 40)]);
    }
    Reveal.slide(0, 0, -1);
    return misfits;
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def show(browser: Chromium, tmp_path: Path) -> AsyncIterator[Page]:
    """The slides of lesson 01, opened without a network, on a system that likes it dark."""
    path = write(LESSON, tmp_path)
    page = await browser.empty_page()
    await page.context.set_offline(True)
    await page.emulate_media(color_scheme="dark")
    await page.set_viewport_size(SCREEN)
    page.asked = []  # type: ignore[attr-defined]
    page.on("request", lambda request: page.asked.append(request.url))  # type: ignore[attr-defined]
    await page.goto(path.as_uri())
    await page.wait_for_function("window.Reveal?.isReady()")
    yield page
    await browser.close(page)


def cells(kind: str) -> list[dict[str, object]]:
    return [
        cell
        for cell in json.loads(LESSON.read_text("utf-8"))["cells"]
        if cell["cell_type"] == kind and cell["metadata"]["slideshow"]["slide_type"] != "skip"
    ]


async def seen(page: Page) -> str:
    return await page.evaluate("Reveal.getCurrentSlide().innerText")


async def go_to(page: Page, text: str) -> None:
    """Press Space until the slide shows the text."""
    for _ in range(200):
        if text in await seen(page):
            return
        await page.keyboard.press("Space")
    raise AssertionError(f"no slide shows {text!r}")


async def test_the_page_asks_the_network_for_nothing(show: Page) -> None:
    await show.evaluate(FIT)  # every slide was shown once
    foreign = [url for url in show.asked if not url.startswith(("file:", "data:"))]  # type: ignore[attr-defined]
    assert foreign == []
    assert len([url for url in show.asked if url.startswith("file:")]) == 1  # type: ignore[attr-defined]
    text = await show.content()
    assert re.findall(r"""(?:src|srcset)=["']?(?:https?:)?//|url\(["']?https?:|@import|cdn""", text) == []


async def test_no_slide_is_taller_or_wider_than_the_screen(show: Page) -> None:
    assert await show.evaluate("Reveal.getTotalSlides()") > 30
    assert await show.evaluate(FIT) == []
    await show.screenshot(path=ARTEFACTS / "slides.png")


async def test_that_a_slide_is_too_tall_would_be_noticed(show: Page) -> None:
    await show.evaluate("Reveal.getSlides()[3].querySelector('.block').style.height = '900px'")
    assert len(await show.evaluate(FIT)) == 1


async def test_nothing_of_the_lesson_is_lost(show: Page) -> None:
    code = await show.evaluate("[...document.querySelectorAll('.block.code')].map(each => each.innerText)")
    there = {re.sub(r"\s", "", each) for each in code}
    for cell in cells("code"):
        if not cell["metadata"].get("jupyter"):  # type: ignore[attr-defined]
            assert re.sub(r"\s", "", "".join(cell["source"])) in there  # type: ignore[arg-type]
    text = re.sub(r"\W", "", await show.evaluate("document.querySelector('.slides').textContent"))
    for cell in cells("markdown"):
        for word in re.findall(r"\b[a-z]{9,}\b", re.sub(r"<[^>]*>", "", "".join(cell["source"]))):  # type: ignore[arg-type]
            assert word in text


async def test_pictures_of_live_widgets_are_there(show: Page) -> None:
    stored = sum(
        "<img" in "".join(output.get("data", {}).get("text/html", ""))
        for cell in cells("code")
        for output in cell["outputs"]  # type: ignore[attr-defined]
    )
    pictures = show.locator(".output img")
    widths = await pictures.evaluate_all("pictures => pictures.map(each => each.naturalWidth)")
    assert len(widths) == stored > 5
    assert min(widths) > 300


async def test_a_prediction_is_a_question_and_answers_on_a_key(show: Page) -> None:
    question = "When does your program learn of it?"
    reason = "A server that has news must wait until it is asked."
    await go_to(show, question)
    for option in ("At once", "Not before it asks", "After a few seconds"):
        assert option in await seen(show)
    assert await show.evaluate("Reveal.availableFragments().next") is False
    await show.keyboard.press("Space")
    assert question not in await seen(show)
    await go_to(show, question)
    slide = show.locator(".slides section.present section.present")
    hidden, right = slide.get_by_text(reason), slide.locator("li.right")
    assert await hidden.evaluate("each => getComputedStyle(each).visibility") == "hidden"
    assert await right.evaluate("each => getComputedStyle(each, '::after').content") == "none"
    await show.keyboard.press("Space")
    await hidden.wait_for(state="visible")
    assert "Not before it asks again" in await right.inner_text()
    assert "✓" in await right.evaluate("each => getComputedStyle(each, '::after').content")


async def test_it_is_light_whatever_the_system_prefers(show: Page) -> None:
    background, colour, scheme = await show.evaluate(
        """() => [
            getComputedStyle(document.body).backgroundColor,
            getComputedStyle(document.querySelector(".block p")).color,
            getComputedStyle(document.querySelector(".output img")).colorScheme,
        ]"""
    )
    assert (background, colour, scheme) == ("rgb(255, 255, 255)", "rgb(26, 26, 26)", "light")


async def test_what_only_the_teacher_reads_is_in_the_notes(show: Page) -> None:
    notes = await show.evaluate("[...document.querySelectorAll('aside.notes')].map(each => each.textContent)")
    assert any("What goes wrong in a class" in each for each in notes)
    for slide in await show.locator(".slides section section .block").all_inner_texts():
        assert "What goes wrong in a class" not in slide


LESSONS = sorted(path.stem for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))


@pytest.mark.parametrize("lesson", LESSONS)
async def test_the_slides_of_every_lesson_fit(browser: Chromium, tmp_path: Path, lesson: str) -> None:
    path = write(ROOT / f"notebooks/{lesson}.ipynb", tmp_path)
    page = await browser.empty_page()
    await page.set_viewport_size(SCREEN)
    await page.goto(path.as_uri())
    await page.wait_for_function("window.Reveal?.isReady()")
    assert await page.evaluate("Reveal.getTotalSlides()") > 10
    assert await page.evaluate(FIT) == []
    await browser.close(page)
