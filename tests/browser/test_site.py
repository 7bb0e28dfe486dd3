"""`lab.py site`: pages from files, without a network; the widgets replay what the build has recorded."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest
import pytest_asyncio
import shared
from playwright.async_api import Locator, Page, expect

from pages.films import Films
from pages.site import Site
from realjupyter import ARTEFACTS, ROOT, Chromium

NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
HEARTS, ROOMS, INSPECTOR = "10_heartbeats", "14_broadcast_and_rooms", "02_inside_the_wire"
LOST, BACK = "18_nothing_lost", "11_reconnection"
NEXT_FRAME = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture(scope="session")
def site() -> Path:
    """The whole site, as it is written."""
    return shared.made("site", lambda folder: Site(ROOT / "notebooks", folder).write())


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Chromium) -> AsyncIterator[Page]:
    """A page without a network, which notes what it asks for and what goes wrong in it."""
    page = await browser.empty_page()
    await page.context.set_offline(True)
    await page.set_viewport_size({"width": 1280, "height": 800})
    page.asked, page.wrong = [], []  # type: ignore[attr-defined]
    page.on("request", lambda request: page.asked.append(request.url))  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.wrong.append(str(error)))  # type: ignore[attr-defined]
    page.on("console", lambda said: page.wrong.append(said.text) if said.type == "error" else None)  # type: ignore[attr-defined]
    yield page
    await page.context.set_offline(False)
    await browser.close(page)


async def opened(page: Page, site: Path, name: str) -> None:
    await page.goto((site / f"{name}.html").as_uri())


async def demo(page: Page, widget: str) -> Locator:
    """The first recorded demo of that kind, in sight."""
    for place in await page.locator("[data-shot]").all():
        await place.scroll_into_view_if_needed()
        await expect(place).to_have_attribute("data-shown", re.compile("."))
        if await place.get_attribute("data-shown") == widget:
            return place
    raise AssertionError(f"no {widget} was recorded")


async def all_that_is_said(demo: Locator) -> set[str]:
    """The line below a panel at each moment of its film."""
    slider, line = demo.get_by_label("Moment of the recording"), demo.locator(".wl-status")
    said = set()
    for moment in range(int(await slider.get_attribute("max") or 0) + 1):
        await slider.fill(str(moment))
        await demo.evaluate(NEXT_FRAME)
        said.add(await line.inner_text())
    return said


def foreign(page: Page) -> list[str]:
    return [url for url in page.asked if not url.startswith(("file:", "data:", "blob:"))]  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", [path.stem for path in NOTEBOOKS])
async def test_each_demo_replays_and_no_request_leaves_the_page(site: Path, page: Page, name: str) -> None:
    await opened(page, site, name)
    places = await page.locator("[data-shot]").all()
    for place in places:
        await place.scroll_into_view_if_needed()
        await expect(place).to_have_attribute("data-shown", re.compile("."))
        assert "Recorded" in await place.inner_text()
    pictures = await page.locator("img.wl-static").count()
    assert pictures == await page.locator(".still").count()  # what cannot be replayed says so
    assert bool(places) != Films(ROOT / f"notebooks/recordings/{name}.json.gz").is_empty
    assert page.wrong == []  # type: ignore[attr-defined]
    assert foreign(page) == []


async def test_the_other_pages_ask_for_nothing_either(site: Path, page: Page) -> None:
    for name in ("index", "glossary", "where_it_runs"):
        await opened(page, site, name)
        await expect(page.locator("h1")).to_have_count(1)
    assert page.wrong == []  # type: ignore[attr-defined]
    assert foreign(page) == []


def lost_links(site: Path) -> list[str]:
    """The links within the site that lead nowhere."""
    texts = {path.name: path.read_text("utf-8") for path in site.glob("*.html")}
    ids = {
        name: {unescape(each) for each in re.findall(r'\bid="([^"]+)"', text)} for name, text in texts.items()
    }
    lost = []
    for name, text in texts.items():
        for address in map(unescape, re.findall(r'<a [^>]*?href="(?!https?:)([^"]+)"', text)):
            page, _, anchor = address.partition("#")
            known = ids.get(page or name)
            if known is None or (anchor and not {anchor, unquote(anchor)} & known):
                lost.append(f"{name}: {address}")
    return lost


async def test_each_link_leads_somewhere(site: Path) -> None:
    assert lost_links(site) == []


async def test_a_panel_plays_is_stepped_and_says_that_it_is_a_recording(site: Path, page: Page) -> None:
    await opened(page, site, HEARTS)
    panel = await demo(page, "HeartbeatPanel")
    where = panel.locator(".where")
    total = (await where.inner_text()).removeprefix("1 of ")
    await panel.get_by_role("button", name="Step", exact=True).click()
    await expect(where).to_have_text(f"2 of {total}")
    await panel.get_by_role("button", name="▶ Play").click()
    await expect(where).to_have_text(re.compile(r"^([4-9]|\d\d) of"))
    await panel.get_by_role("button", name="‖ Pause").click()
    said = await all_that_is_said(panel)
    assert any("Nobody has noticed" in each for each in said)
    assert any("Given up" in each for each in said)
    await panel.get_by_role("button", name="Reset").click()
    await expect(panel.locator(".note")).to_contain_text("This is a recording")
    assert page.wrong == []  # type: ignore[attr-defined]


async def test_the_board_shows_who_hears_it(site: Path, page: Page) -> None:
    await opened(page, site, ROOMS)
    board = await demo(page, "RoomsBoard")
    await expect(board.locator(".wl-chip")).to_have_count(6)
    said = await all_that_is_said(board)
    assert any("heard it: encoded once" in each for each in said)
    assert any("which is in no room" in each for each in said)


OVERLAPS = """(root, [some, others]) => {
    const boxes = (selector) => [...root.querySelectorAll(selector)].flatMap((each) => {
        const words = document.createRange();
        words.selectNodeContents(each);
        return [...words.getClientRects()].map((box) => [each.textContent, box]);
    });
    return boxes(some).flatMap(([text, one], number) => boxes(others).slice(some === others ? number + 1 : 0)
        .filter(([, other]) => one.left < other.right && other.left < one.right
            && one.top + 1 < other.bottom && other.top + 1 < one.bottom)
        .map(([word]) => `${text} on ${word}`));
}"""
"""Which words lie on which others."""


@pytest.mark.parametrize("width", [1280, 390])
async def test_no_chip_covers_a_word_of_the_board(site: Path, page: Page, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 800})
    await opened(page, site, ROOMS)
    board = await demo(page, "RoomsBoard")
    await expect(board.locator(".wl-outside")).to_be_visible()
    await expect(board.locator('[data-state="gone"]')).to_have_count(2)
    covered = """root => {
        const words = document.createRange();
        words.selectNodeContents(root.querySelector('.wl-outside'));
        const ends = Math.max(...[...words.getClientRects()].map((box) => box.right));
        const chips = [...root.querySelectorAll('[data-state="gone"]')];
        return chips.filter((chip) => chip.getBoundingClientRect().left < ends).length;
    }"""
    assert await board.evaluate(covered) == 0


async def test_the_orders_of_a_film_stand_beside_each_other(site: Path, page: Page) -> None:
    """Three orders in a second, as a program gives them."""
    await opened(page, site, BACK)
    for place in await page.locator("[data-shot]").all():
        await place.scroll_into_view_if_needed()
        await expect(place).to_have_attribute("data-shown", re.compile("."))
    films = page.locator('[data-shown="Timeline"]')
    assert await films.count() == 2
    for film in await films.all():
        await film.scroll_into_view_if_needed()
        await expect(film.locator(".wl-order").nth(2)).to_be_attached()
        assert await film.evaluate(OVERLAPS, [".wl-order text", ".wl-order text"]) == []
        assert "connected," not in [
            each.strip() for each in await film.locator(".wl-words").all_inner_texts()
        ]


async def test_a_server_has_its_whole_name_at_half_the_width(site: Path, page: Page) -> None:
    """Three clients share the place with the middlebox and the server."""
    await page.set_viewport_size({"width": 740, "height": 800})
    await opened(page, site, "01_a_raw_echo_server")
    for place in await page.locator("[data-shot]").all():
        await place.scroll_into_view_if_needed()
        await expect(place).to_have_attribute("data-shown", re.compile("."))
        if await place.get_attribute("data-shown") == "Wire":
            await expect(place.locator(".wl-headname").last).to_have_text("server")


async def fates(board: Locator, who: str) -> set[tuple[str, ...]]:
    """What became of that row's numbers, at each moment of the film at which there are any."""
    slider, row = board.get_by_label("Moment of the recording"), board.locator("tbody tr", has_text=who)
    found = set()
    for moment in range(int(await slider.get_attribute("max") or 0) + 1):
        await slider.fill(str(moment))
        await board.evaluate(NEXT_FRAME)
        cells = row.locator(".wl-number")
        found.add(tuple(await cells.evaluate_all("cells => cells.map((cell) => cell.dataset.fate)")))
    return found


async def test_the_gap_is_closed_for_whom_it_is_and_hands_change_nothing(site: Path, page: Page) -> None:
    await opened(page, site, LOST)
    board = await demo(page, "GapBoard")
    await expect(board.locator(".note")).to_have_text("")
    said = await all_that_is_said(board)
    for words in ("You pulled the cable", "You cut the lines", "There is a line again", "connected anew"):
        assert any(words in each for each in said)
    ours = await fates(board, "our client")
    assert any("open" in each for each in ours)
    assert any("late" in each for each in ours)
    assert not any("lost" in each for each in ours)
    python = await fates(board, "python-socketio")
    assert any("lost" in each for each in python)
    assert not any("late" in each for each in python)
    await board.get_by_role("button", name="cut it in the middle").click()
    await expect(board.locator(".note")).to_contain_text("This is a recording")
    assert page.wrong == []  # type: ignore[attr-defined]


async def test_a_bit_of_the_recorded_frame_is_flipped(site: Path, page: Page) -> None:
    await opened(page, site, INSPECTOR)
    inspector = await demo(page, "FrameInspector")
    await expect(inspector.locator(".wl-mark")).to_have_text("✓")
    await inspector.get_by_role("gridcell", name=re.compile("RSV1")).click()
    await expect(inspector.locator(".wl-mark")).to_have_text("✗")
    await inspector.get_by_role("button", name="Undo flips").click()
    await expect(inspector.locator(".wl-mark")).to_have_text("✓")


async def test_a_prediction_is_answered_once_it_is_made(site: Path, page: Page) -> None:
    await opened(page, site, ROOMS)
    answer = page.locator('[data-answers="guess_fifty"]')
    reason = answer.get_by_text("Fifty times the same work")
    await expect(reason.filter(visible=True)).to_have_count(0)
    await page.locator(".ask").first.get_by_text("a) Once: it is the same for all.").click()
    await expect(answer.get_by_text("You said a")).to_be_visible()
    await expect(reason.filter(visible=True)).to_have_count(1)
    await expect(answer.get_by_text("Choose an answer above")).to_be_hidden()


@pytest.mark.parametrize("name", [ROOMS, "index"])
async def test_a_tile_opens_the_run_that_earned_it(site: Path, page: Page, name: str) -> None:
    await opened(page, site, name)
    tiles = page.locator("[data-review] .wl-tile")
    await expect(tiles).to_have_count(14)
    await tiles.nth(1).locator("summary").click()
    await expect(tiles.nth(1).locator(".wl-wire")).to_contain_text("strict proxy")
    await expect(tiles.nth(1)).not_to_contain_text("boss.trace")
    assert page.wrong == []  # type: ignore[attr-defined]


async def test_a_term_leads_to_where_it_is_explained(site: Path, page: Page) -> None:
    await opened(page, site, ROOMS)
    await page.locator("a.term", has_text="packet").first.click()
    await expect(page).to_have_url(re.compile("glossary.html#packet"))
    await expect(page.locator("#packet + dd a")).to_have_attribute(
        "href", re.compile("08_meet_socketio.html#")
    )


async def test_at_the_width_of_a_phone_nothing_is_cut_off_in_both_themes(site: Path, page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 800})
    await opened(page, site, ROOMS)
    await demo(page, "RoomsBoard")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    backgrounds = set()
    for _ in range(2):
        backgrounds.add(await page.evaluate("getComputedStyle(document.body).backgroundColor"))
        await page.screenshot(path=ARTEFACTS / f"site-phone-{len(backgrounds)}.png")
        await page.locator(".theme").click()
    assert len(backgrounds) == 2


async def test_a_recording_that_cannot_be_read_leaves_the_picture(
    site: Path, page: Page, tmp_path: Path
) -> None:
    own = shutil.copytree(site, tmp_path / "site")
    path = own / f"{ROOMS}.html"
    script = f'<script src="recorded/{ROOMS}.js"></script>'
    spoil = "<script>for (const key in RECORDED) RECORDED[key] = 'AAAA';</script>"
    path.write_text(path.read_text("utf-8").replace(script, script + spoil), "utf-8")
    place = page.locator("[data-shot]").first
    async with page.expect_event("console", lambda said: said.type == "error"):
        await opened(page, own, ROOMS)
        await place.scroll_into_view_if_needed()
    await expect(place.locator("img.wl-static")).to_be_visible()
