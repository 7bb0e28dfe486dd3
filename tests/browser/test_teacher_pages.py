"""`lab.py teacher`: a page for each lesson, on paper and on a phone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page

from pages.__main__ import write_teacher
from realjupyter import ROOT, Chromium

NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
PHONE = {"width": 390, "height": 844}
GAP = 8
"""Pixels between one heading of a table and the next, so that they are two."""
CUT_OFF = """() => [...document.querySelectorAll("body *")].filter((box) => box.checkVisibility()
    && (box.getBoundingClientRect().right > innerWidth
    || (box.clientWidth && box.scrollWidth > box.clientWidth && getComputedStyle(box).display !== "inline")))
    .map((box) => box.outerHTML.slice(0, 200))"""
GAPS = """() => [...document.querySelectorAll("th + th")].map((heading) => {
    const words = document.createRange();
    words.selectNodeContents(heading.previousElementSibling);
    const ends = Math.max(...[...words.getClientRects()].map((box) => box.right));
    words.selectNodeContents(heading);
    return Math.min(...[...words.getClientRects()].map((box) => box.left)) - ends;
})"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page of each lesson."""
    return {path.stem: path for path in write_teacher(tmp_path_factory.mktemp("teacher"), NOTEBOOKS)}


@pytest_asyncio.fixture(loop_scope="session")
async def phone(browser: Chromium) -> AsyncIterator[Page]:
    """A narrow page."""
    page = await browser.empty_page()
    await page.set_viewport_size(PHONE)
    yield page
    await browser.close(page)


@pytest.mark.parametrize("name", [path.stem for path in NOTEBOOKS])
async def test_at_the_width_of_a_phone_nothing_is_cut_off(
    pages: dict[str, Path], phone: Page, name: str
) -> None:
    await phone.goto(pages[name].as_uri())
    for solution in await phone.locator("summary").all():
        await solution.click()
    assert await phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert await phone.evaluate(CUT_OFF) == []
    assert min(await phone.evaluate(GAPS)) >= GAP
