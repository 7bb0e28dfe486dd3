"""The lessons as a learner sees them: opened in JupyterLab, run to the end, every control used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from learner import missing, of_ours, study

ROOT = Path(__file__).parents[2]
LESSONS = sorted(path.relative_to(ROOT) for path in ROOT.glob("notebooks/*.ipynb"))
ECHO = Path("notebooks/01_a_raw_echo_server.ipynb")
TIMEOUT = 100.0


def widget_after(notebook, words: str, css: str) -> Locator:
    """The widget in the output of the one code cell whose source contains `words`."""
    return notebook.page.locator(".jp-CodeCell").filter(has_text=words).locator(css)


# They take a quarter of the page's time. The tests of widgets leave them as they are.
NO_ANIMATIONS = "* { animation: none !important; transition: none !important; }"


# With each step to another cell, JupyterLab 4 sets the cursor in the editors of all cells: another quarter.
NO_CURSORS = "panel.content._trimSelections = () => {}"


async def finish(notebook):
    """Run the whole as a learner does; nothing may be wrong, and every picture must be there."""
    await notebook.page.add_style_tag(content=NO_ANIMATIONS)
    await notebook.page.evaluate(NO_CURSORS)
    await study(notebook)
    assert await notebook.errors() == []
    assert await missing(notebook) == []
    assert of_ours(notebook.console_errors) == []


@pytest.mark.parametrize(
    "lesson", [lesson for lesson in LESSONS if lesson != ECHO], ids=lambda path: path.stem
)
async def test_a_lesson_runs_cell_by_cell_and_shows_every_picture(lab, open_notebook, lesson):
    await finish(await open_notebook(lab, lesson))


async def use_the_browser_client(notebook):
    """Run the script in the page, then connect, send and close by hand; returns the wire that saw it."""
    page = notebook.page
    wire = widget_after(notebook, "browser_cable = await", ".wl-wire")
    script = widget_after(notebook, "script=client_js", ".wl-browser")
    manual = page.locator(".wl-browser").filter(has=page.get_by_label("Message"))
    for widget in (wire, script, manual):
        await widget.get_by_role("button", name="Reset").click()
    await expect(wire.get_by_role("option")).to_have_count(0)
    await script.get_by_role("button", name="Run").click()
    await expect(script).to_contain_text("closed: 1000")
    await manual.get_by_role("button", name="Connect").click()
    await manual.get_by_label("Message").fill("<b>bold</b>")
    await manual.get_by_role("button", name="Send").click()
    await expect(manual.locator('.wl-event[data-name="onmessage"]')).to_contain_text("<b>bold</b>")
    await manual.get_by_role("button", name="Close", exact=True).click()
    await expect(manual.locator('.wl-event[data-name="onclose"]')).to_contain_text("code 1000")
    return wire


# In one step: the wire draws its heads anew while it grows.
LEFT_TO_RIGHT = """wire => [...wire.querySelectorAll(".wl-headname")]
    .map(head => [head.getBoundingClientRect().left, head.textContent])
    .sort(([left], [right]) => left - right).map(([_, name]) => name)"""
INK = "element => getComputedStyle(element).color.match(/[0-9.]+/g).slice(0, 3).map(Number)"


async def test_lesson_01_in_both_themes_with_its_own_browser_as_client(lab, open_notebook):
    notebook = await open_notebook(lab, ECHO)
    await finish(notebook)
    for theme in ("light", "dark"):
        await notebook.theme(theme)
        wire = await use_the_browser_client(notebook)
        heads = wire.locator(".wl-headname")
        await expect(heads.filter(has_text="browser")).to_have_count(1)
        assert await wire.evaluate(LEFT_TO_RIGHT) == ["browser", "middlebox", "server"]
        status = wire.get_by_role("status")
        await expect(status).to_have_text('server → browser: close 1000 "bye"')
        assert (max(await status.evaluate(INK)) < 128) == (theme == "light")
        await wire.get_by_role("option").filter(has_text="<b>bold</b>").first.click()
        await expect(wire.locator(".wl-sentence")).to_contain_text("browser sends server a text message")
        await wire.get_by_role("treeitem").filter(has_text=re.compile("^Masking key")).hover()
        await expect(wire.locator(".wl-byte.wl-lit")).to_have_count(8)
        await notebook.screenshot(f"lesson-01-wire-{theme}")
    assert await notebook.errors() == []
    assert notebook.console_errors == []


async def test_lesson_01_under_a_hub_goes_through_the_proxy(hub_lab, open_notebook):
    notebook = await open_notebook(hub_lab, ECHO)
    await notebook.run_all(TIMEOUT)
    wire = await use_the_browser_client(notebook)
    await expect(notebook.page.locator(".wl-route").last).to_contain_text("proxy")
    await expect(wire.get_by_role("status")).to_contain_text("close")
    await wire.get_by_role("option").first.click()
    await expect(wire.locator(".wl-details")).to_contain_text("HTTP")
    await notebook.screenshot("lesson-01-hub", wire)
    assert await notebook.errors() == []


LESSON_09 = Path("notebooks/09_long_polling_and_upgrade.ipynb")


async def run_below(notebook, source: str) -> None:
    """What a learner does in a cell of their own."""
    await notebook.page.evaluate(
        "async code => (await panel.sessionContext.session.kernel.requestExecute({ code }).done)", source
    )


async def test_lesson_09_foreign_pages_own_pages_and_the_green_board(lab, open_notebook):
    notebook = await open_notebook(lab, LESSON_09)
    await notebook.run_all(TIMEOUT)
    foreign, own = (
        widget_after(notebook, words, "iframe").content_frame
        for words in ("WebPage(partner", "WebPage(site_cable")
    )
    # The last cells have run: the partner is allowed. Before that, it is not.
    await run_below(notebook, "allowed.clear()")
    await foreign.get_by_role("button", name="Connect").click()
    for line in ("official, websocket: connected", "yours, websocket: websocket error"):
        await expect(foreign.locator("body")).to_contain_text(line)
    for line in ("official, polling: xhr poll error", "yours, polling: xhr poll error"):
        await expect(foreign.locator("body")).to_contain_text(line)
    await notebook.screenshot("lesson-09-foreign")
    await run_below(notebook, "allowed.add(bench.url(partner, scheme='http'))")
    await foreign.get_by_role("button", name="Connect").click()
    for line in ("yours, polling: connected", "yours, websocket: connected"):
        await expect(foreign.locator("body")).to_contain_text(line)

    await own.get_by_role("button", name="Send").click()
    await expect(own.locator("body")).to_contain_text("heard 你好 🙂 over websocket")
    await run_below(notebook, "site_cable.rules = office")
    await (
        widget_after(notebook, "WebPage(site_cable", ".wl-page").get_by_role("button", name="Reload").click()
    )
    await expect(own.locator("body")).not_to_contain_text("heard")
    await own.get_by_role("button", name="Send").click()
    await own.get_by_role("button", name="Send").click()
    await expect(own.locator("body")).to_contain_text("heard 你好 🙂 over polling")
    await expect(own.locator("body")).not_to_contain_text("upgraded")

    board = notebook.page.locator(".wl-board").last
    await board.get_by_role("switch", name=re.compile("SwallowAnswer")).click()
    await board.get_by_role("button", name="Try all").click()
    await board.get_by_role("button", name="Send all").click()  # too early for some
    node = board.get_by_role("group", name="socket.io-client")
    await expect(node.locator(".wl-transport")).to_have_text("polling")
    await board.get_by_role("button", name="Send with socket.io-client").click()
    await expect(node).to_contain_text("heard")
    await board.get_by_role("button", name="Reset").click()
    await board.get_by_role("button", name="Try all").click()
    await expect(node.locator(".wl-transport")).to_have_text("websocket")
    await notebook.screenshot("lesson-09-board", board)
    assert await notebook.errors() == []


async def test_lesson_09_under_a_hub_goes_through_the_proxy(hub_lab, open_notebook):
    notebook = await open_notebook(hub_lab, LESSON_09)
    await notebook.run_all(TIMEOUT)
    own = widget_after(notebook, "WebPage(site_cable", "iframe").content_frame
    await expect(own.locator("body")).to_contain_text("upgraded to websocket")
    foreign = widget_after(notebook, "WebPage(partner", "iframe").content_frame
    await foreign.get_by_role("button", name="Connect").click()
    for line in ("yours, polling: connected", "yours, websocket: connected"):
        await expect(foreign.locator("body")).to_contain_text(line)
    assert await notebook.errors() == []
