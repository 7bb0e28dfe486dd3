"""The outage panel in a real JupyterLab: every button, with this very browser as one of the clients."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

START = """
from wirelab import bench
from wirelab.decode import Decoder
from wirelab.trace import Direction, Event, Leg
from wirelab.widgets.outage_panel import OutagePanel
panel = await bench.start("panel", OutagePanel)
panel
"""
CLIENT_LEG = """
print([unit.summary for unit in Decoder(panel.cable.trace).update() if unit.leg is Leg.CLIENT][-40:])
"""
RUNNING = "from wirelab.process.spawning import reaper\nprint(len(reaper._pids), panel.model.server.running)"

KILLED = """
await panel.press("reset")
await panel.press("kill")
await panel.wait("Ann", "Bob", "your browser")
print(panel.table())
"""


async def shown(open_notebook, server, *cells, **options):
    notebook = await open_notebook(server, START, *cells, **options)
    await notebook.run_all()
    assert await notebook.errors() == []
    panel = notebook.page.locator(".wl-outage")
    await expect(row(panel, "your browser")).to_contain_text("● open")
    await expect(row(panel, "server's handler of your browser")).to_contain_text("● open")
    return notebook, panel


def row(panel, name):
    return panel.get_by_role("row").filter(has=panel.page.get_by_role("rowheader", name=name)).first


def button(panel, name):
    return panel.get_by_role("button", name=name, exact=True)


async def press(panel, name):
    await button(panel, name).click()


def state(panel):
    return panel.locator(".wl-state")


async def drawn(panel, name):
    """What there is of a client's line, its sign in the middle, and how many of its ends are over."""
    group = panel.get_by_role("img").locator(f'[data-client="{name}"]')
    halves = await group.locator(".wl-half").evaluate_all("halves => halves.map((half) => half.dataset.half)")
    return halves, await group.get_attribute("data-stopped"), await group.locator(".wl-ring").count()


async def stands(panel, process):
    """Wait until the server's line is drawn so."""
    await expect(panel.locator(".wl-lifeline").nth(1)).to_have_attribute("data-process", process)


async def test_the_picture_shows_what_is_cut_frozen_and_gone(lab, open_notebook):
    notebook, panel = await shown(open_notebook, lab, viewport=(1280, 720))
    names = ("Ann", "Bob", "your browser")
    whole, cut = (["open", "open"], "", 0), (["open", "open"], "✗", 0)
    assert [await drawn(panel, name) for name in names] == [whole] * 3
    await press(panel, "pull it")
    await expect(panel.locator(".wl-cross")).to_have_count(3)
    assert [await drawn(panel, name) for name in names] == [cut] * 3
    await expect(panel.get_by_role("img")).to_have_accessible_name(re.compile("^In the middle: cable pulled"))
    await expect(row(panel, "Ann")).to_contain_text("keepalive ping timeout")
    assert [await drawn(panel, name) for name in names] == [(["over", "open"], "✗", 1), cut, cut]
    await press(panel, "Reset")
    await expect(row(panel, "your browser")).to_contain_text("● open")
    await press(panel, "freeze")
    await stands(panel, "frozen")
    await expect(panel.get_by_role("img").get_by_text("‖")).to_have_count(3)
    await press(panel, "kill −9")
    await stands(panel, "gone")
    await expect(row(panel, "your browser")).to_contain_text("○ knows that it is closed")
    assert [await drawn(panel, name) for name in names] == [(["over"], "", 1)] * 3
    assert notebook.console_errors == []


async def test_every_button_does_what_it_says(lab, open_notebook):
    notebook, panel = await shown(open_notebook, lab, CLIENT_LEG, RUNNING)
    said = panel.get_by_role("status")
    browser, ann, bob = (row(panel, name) for name in ("your browser", "Ann", "Bob"))
    await expect(browser).to_contain_text("readyState OPEN")

    await press(panel, "send a message")
    await expect(said).to_have_text("Sent without an exception: Ann, Bob, your browser.")
    for client in (browser, ann, bob):
        await expect(client).to_contain_text("sent 1 · echoed 1")
    await expect(row(panel, "server's handler of your browser")).to_contain_text("heard 1")

    await press(panel, "freeze")
    await expect(state(panel)).to_have_text("Server frozen · cable plugged in")
    await press(panel, "send a message")
    await expect(browser).to_contain_text("sent 2 · echoed 1")
    await expect(ann).to_contain_text("keepalive ping timeout")
    await expect(browser).to_contain_text("✗ still believes it is open")
    await expect(browser).to_contain_text("4 s and counting")
    await press(panel, "thaw")
    await expect(browser).to_contain_text("sent 2 · echoed 2")
    await expect(browser).to_contain_text("● open")

    await press(panel, "pull it")
    await expect(row(panel, "server's handler of your browser")).to_contain_text(
        "✗ still believes it is open"
    )
    await press(panel, "send a message")
    await expect(said).to_contain_text(
        "Still believing: Bob, your browser. No echo for: Ann, Bob, your browser."
    )
    await press(panel, "plug it in again")
    await expect(browser).to_contain_text("sent 3 · echoed 3")

    await press(panel, "stop politely")
    await expect(browser).to_contain_text("onclose: code 1001, wasClean true")
    await expect(browser).to_contain_text("readyState CLOSED")
    await expect(bob).to_contain_text("received 1001 (going away)")
    await notebook.run_cell(1)
    assert (await notebook.text(1)).count("close 1001") >= 4
    await press(panel, "restart")
    await expect(said).to_contain_text("Connected to it: nobody.")
    await expect(browser).to_contain_text("○ knows that it is closed")

    await press(panel, "Reset")
    await expect(browser).to_contain_text("● open")
    await expect(browser).to_contain_text("sent 0 · echoed 0")
    await press(panel, "kill −9")
    await expect(browser).to_contain_text("onclose: code 1006, wasClean false")
    await expect(browser).to_contain_text("noticed after")
    await expect(row(panel, "server's handler of Bob")).to_contain_text("ended with its process")
    await notebook.run_cell(2)
    assert (await notebook.text(2)).strip() == "0 False"
    for name in ("kill −9", "stop politely", "freeze", "thaw", "plug it in again"):
        await expect(button(panel, name)).to_be_disabled()
    await button(panel, "freeze").dispatch_event("click")
    await expect(said).to_contain_text("There is no server process any more.")
    assert notebook.console_errors == []


async def test_the_state_says_for_how_long_and_a_frozen_server_is_asked(lab, open_notebook):
    _, panel = await shown(open_notebook, lab)
    said = panel.get_by_role("status")
    await expect(button(panel, "thaw")).to_be_disabled()
    await press(panel, "freeze")
    await expect(button(panel, "freeze")).to_be_disabled()
    await press(panel, "stop politely")
    await expect(said).to_contain_text("It is frozen, and cannot act on it until it goes on.", timeout=1500)
    await expect(state(panel)).to_have_text("Server frozen, asked to end · cable plugged in")
    await expect(panel.locator(".wl-since")).to_have_text(re.compile("^· for [2-9] s$"))
    await press(panel, "thaw")
    await expect(row(panel, "your browser")).to_contain_text("onclose: code 1001, wasClean true")
    await expect(state(panel)).to_have_text("Server gone · cable plugged in")


async def test_a_page_that_goes_says_so(lab, open_notebook):
    """A reload: the kernel hears of it at once, and the new page is a new client."""
    log = "seen = []\npanel.model.listeners.append(lambda: seen.append(panel.table()))"
    notebook, _ = await shown(open_notebook, lab, log, "print(any('not here' in each for each in seen))")
    await notebook.command("docmanager:save")
    await notebook.reload()
    panel = notebook.page.locator(".wl-outage")
    await expect(row(panel, "your browser")).to_contain_text("● open")
    await notebook.run_cell(2)
    assert await notebook.text(2) == "True\n"
    await notebook.page.evaluate("panel.content.widgets[0].model.clearExecution()")
    await expect(panel).to_have_count(0)
    await notebook.add_cell("print(panel.table().splitlines()[2])")
    await notebook.run_cell(3)
    assert "not here: no page is open" in await notebook.text(3)


async def test_two_quick_presses_are_two(lab, open_notebook):
    _, panel = await shown(open_notebook, lab)
    send = button(panel, "send a message")
    await send.evaluate("button => { for (let n = 0; n < 4; n++) button.click(); }")
    for name in ("your browser", "Ann"):
        await expect(row(panel, name)).to_contain_text("sent 4 · echoed 4")


async def test_the_keyboard_does_it_and_a_reload_is_a_new_client(lab, open_notebook):
    notebook, panel = await shown(open_notebook, lab)
    await panel.get_by_role("button", name="kill −9").focus()
    await notebook.page.keyboard.type("ddb")
    for _ in range(2):
        await notebook.page.keyboard.press("Tab")
    await notebook.page.keyboard.press("Enter")
    await expect(state(panel)).to_have_text("Server frozen · cable plugged in")
    await notebook.page.keyboard.press("Tab")
    await notebook.page.keyboard.press("Space")
    await expect(state(panel)).to_have_text("Server running · cable plugged in")
    assert await notebook.page.evaluate("panel.content.model.cells.length") == 1
    await notebook.command("docmanager:save")
    await notebook.reload()
    await expect(row(panel, "your browser")).to_contain_text("● open")


async def test_goes_through_the_proxy_under_a_hub(hub_lab, open_notebook):
    _, panel = await shown(open_notebook, hub_lab)
    await press(panel, "send a message")
    await expect(row(panel, "your browser")).to_contain_text("sent 1 · echoed 1")
    await press(panel, "kill −9")
    await expect(row(panel, "your browser")).to_contain_text("○ knows that it is closed")


async def test_a_cell_can_wait_for_the_browser(lab, open_notebook):
    notebook, _ = await shown(open_notebook, lab)
    await notebook.add_cell(KILLED)
    await notebook.run_cell(1)
    said = await notebook.text(1)
    assert "onclose: code 1006" in said
    assert "server's handler of your browser  ended with its process" in said


CUT_OFF = """root => [...root.querySelectorAll('th, td, code, .wl-status, button')]
    .filter((box) => box.clientWidth && box.scrollWidth > box.clientWidth + 1).map((box) => box.outerHTML)"""


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_nothing_is_cut_off_at_any_width(lab, open_notebook, theme):
    notebook, panel = await shown(open_notebook, lab, theme=theme)
    await press(panel, "pull it")
    await expect(row(panel, "server's handler of Ann")).to_contain_text("a ghost: its client has given up")
    for width in (2000, 1280, 640, 460):
        await notebook.page.set_viewport_size({"width": width, "height": 1300})
        assert await panel.evaluate("root => root.scrollWidth - root.clientWidth") <= 1
        assert await panel.evaluate(CUT_OFF) == []
        await notebook.screenshot(f"outage_panel-{theme}-{width}", panel)
