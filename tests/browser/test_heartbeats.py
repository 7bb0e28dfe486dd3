"""The heartbeat panel in a real JupyterLab: every slider and button, with this very browser as a client."""

from __future__ import annotations

import itertools
import re

import pytest
from playwright.async_api import expect

START = """
from wirelab import bench
from wirelab.widgets.heartbeats import HeartbeatPanel
panel = await bench.start("panel", HeartbeatPanel(1.0, 1.0))
panel
"""
EVERYONE = ("Ann", "Bob", "your browser")
SERVER = tuple(f"server's handler of {name}" for name in EVERYONE)


async def shown(open_notebook, server, *cells, **options):
    notebook = await open_notebook(server, START, *cells, **options)
    await notebook.run_all()
    assert await notebook.errors() == []
    panel = notebook.page.locator(".wl-hearts")
    for name in EVERYONE + SERVER:
        await expect(row(panel, name)).to_contain_text("● connected")
    return notebook, panel


def row(panel, name):
    return panel.get_by_role("row").filter(has=panel.page.get_by_role("rowheader", name=name)).first


def button(panel, name):
    return panel.get_by_role("button", name=name, exact=True)


async def press(panel, name):
    await button(panel, name).click()


async def test_every_button_does_what_it_says(lab, open_notebook):
    notebook, panel = await shown(open_notebook, lab)
    said, state = panel.get_by_role("status"), panel.locator(".wl-state")
    await expect(panel.locator(".wl-cost")).to_contain_text("a heartbeat is 3 + 7 bytes on this wire")
    await expect(panel.locator(".wl-cost")).to_contain_text("36,000 an hour for each client")
    await expect(panel.locator(".wl-cost")).to_contain_text("noticed after 1.0 s to 2.0 s")

    await press(panel, "pull it")
    await expect(state).to_have_text("Server running · cable pulled")
    await expect(row(panel, "Ann")).to_contain_text("✗ still believes that it is connected")
    for name in EVERYONE + SERVER:
        await expect(row(panel, name)).to_contain_text("○ knows that it is over")
        await expect(row(panel, name)).to_contain_text(re.compile(r"gave up after [12]\.\d s"))
    await expect(row(panel, "your browser")).to_contain_text("disconnect, ping timeout")
    await expect(said).to_contain_text("Given up: ")

    await press(panel, "Reset")
    for name in EVERYONE + SERVER:
        await expect(row(panel, name)).to_contain_text("● connected")
    await press(panel, "freeze")
    for name in EVERYONE:
        await expect(row(panel, name)).to_contain_text("○ knows that it is over")
    for name in SERVER:
        await expect(row(panel, name)).to_contain_text("✗ stands still, and its clock with it")
    await press(panel, "thaw")
    # Whether it fell asleep before a ping or while it waited for a pong decides which of the two it says.
    for name in SERVER:
        await expect(row(panel, name)).to_contain_text(
            re.compile("disconnect, (transport close|ping timeout)")
        )
    assert notebook.console_errors == []


async def test_a_slider_makes_a_new_server_and_everybody_hears_of_it(lab, open_notebook):
    notebook, panel = await shown(open_notebook, lab, "print(panel.model.interval, panel.model.timeout)")
    interval = panel.get_by_label("Interval of the pings in seconds")
    timeout = panel.get_by_label("Time-out of the pongs in seconds")
    await interval.focus()
    for _ in range(3):
        await notebook.page.keyboard.press("ArrowRight")
    await expect(panel.get_by_role("status")).to_contain_text("a ping each 2.5 s, 1 s for the pong")
    await timeout.fill("0.5")
    await expect(panel.get_by_role("status")).to_contain_text("a ping each 2.5 s, 0.5 s for the pong")
    await expect(panel.locator(".wl-cost")).to_contain_text("noticed after 0.5 s to 3.0 s")
    for name in EVERYONE + SERVER:
        await expect(row(panel, name)).to_contain_text("● connected")
    assert (await interval.input_value(), await timeout.input_value()) == ("2.5", "0.5")
    await notebook.run_cell(1)
    assert await notebook.text(1) == "2.5 0.5\n"
    assert notebook.console_errors == []


async def test_a_button_at_the_wrong_moment_says_why(lab, open_notebook):
    _, panel = await shown(open_notebook, lab)
    said = panel.get_by_role("status")
    for name, why in (("plug it in", "The cable is plugged in."), ("thaw", "The server is not frozen.")):
        await expect(button(panel, name)).to_be_disabled()
        await button(panel, name).dispatch_event("click")
        await expect(said).to_contain_text(why)
    for name, why in (("pull it", "pulled already"), ("freeze", "frozen already")):
        await press(panel, name)
        await expect(button(panel, name)).to_be_disabled()
        await button(panel, name).dispatch_event("click")
        await expect(said).to_contain_text(why)
    # All at once, while a reset is under way.
    await panel.evaluate(
        """root => {
            const [pull, plug, freeze, thaw, reset] = root.querySelectorAll("button");
            for (const button of [reset, freeze, pull, plug, thaw, reset, reset]) button.click();
            const slider = root.querySelector("input");
            for (const value of [3, 4, 2]) {
                slider.value = value;
                slider.dispatchEvent(new Event("change"));
            }
        }"""
    )
    await expect(said).to_contain_text("a ping each 2 s, 1 s for the pong", timeout=20_000)
    for name in EVERYONE + SERVER:
        await expect(row(panel, name)).to_contain_text("● connected")


async def test_the_band_grows_in_silence_and_a_heartbeat_empties_it(lab, open_notebook):
    notebook, panel = await shown(open_notebook, lab)
    widths = """root => new Promise((resolve) => {
        const fill = root.querySelector(".wl-fill"), seen = [];
        const watch = setInterval(() => seen.push(parseFloat(fill.style.width)), 50);
        setTimeout(() => { clearInterval(watch); resolve(seen); }, 3000);
    })"""
    seen = await panel.evaluate(widths)
    assert max(seen) > 35
    assert sum(later < before - 10 for before, later in itertools.pairwise(seen)) >= 2
    await press(panel, "pull it")
    await expect(row(panel, "Ann")).to_contain_text("gave up after")
    assert await row(panel, "Ann").locator(".wl-fill").evaluate("fill => fill.style.width") == "100%"
    assert notebook.console_errors == []


CHANGES = """root => new Promise((resolve) => {
    let count = 0;
    const watching = new MutationObserver((records) => { count += records.length; });
    watching.observe(root, { subtree: true, childList: true });
    setTimeout(() => { watching.disconnect(); resolve(count); }, 1000);
})"""


async def test_out_of_sight_nothing_moves(lab, open_notebook):
    """Whoever reads on pays nothing for it."""
    _, panel = await shown(open_notebook, lab)
    await press(panel, "pull it")
    for name in EVERYONE + SERVER:
        await expect(row(panel, name)).to_contain_text("gave up after")
    assert await panel.evaluate(CHANGES) > 20
    await panel.evaluate("root => { root.style.marginTop = '9000px'; }")
    await panel.evaluate("root => new Promise(done => requestAnimationFrame(() => setTimeout(done, 200)))")
    assert await panel.evaluate(CHANGES) == 0


async def test_the_keyboard_does_it_and_a_reload_is_a_new_client(lab, open_notebook):
    notebook, panel = await shown(open_notebook, lab)
    await button(panel, "pull it").focus()
    await notebook.page.keyboard.type("ddb")
    await notebook.page.keyboard.press("Enter")
    await expect(panel.locator(".wl-state")).to_have_text("Server running · cable pulled")
    await notebook.page.keyboard.press("Tab")
    await notebook.page.keyboard.press("Space")
    await expect(panel.locator(".wl-state")).to_have_text("Server running · cable plugged in")
    assert await notebook.page.evaluate("panel.content.model.cells.length") == 1
    await notebook.command("docmanager:save")
    await notebook.reload()
    await expect(row(panel, "your browser")).to_contain_text("● connected")
    assert notebook.console_errors == []


async def test_goes_through_the_proxy_under_a_hub(hub_lab, open_notebook):
    _, panel = await shown(open_notebook, hub_lab)
    await press(panel, "pull it")
    await expect(row(panel, "your browser")).to_contain_text("disconnect, ping timeout")


CUT_OFF = """root => [...root.querySelectorAll('th, td, code, label, .wl-cost, .wl-status, button')]
    .filter((box) => box.clientWidth && box.scrollWidth > box.clientWidth + 1).map((box) => box.outerHTML)"""


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_nothing_is_cut_off_at_any_width(lab, open_notebook, theme):
    notebook, panel = await shown(open_notebook, lab, theme=theme)
    await press(panel, "pull it")
    await expect(row(panel, "Ann")).to_contain_text("✗ still believes")
    await notebook.screenshot(f"heartbeats-{theme}-believing", panel)
    for name in EVERYONE + SERVER:
        await expect(row(panel, name)).to_contain_text("gave up after")
    for width in (2000, 1280, 640, 460):
        await notebook.page.set_viewport_size({"width": width, "height": 1300})
        assert await panel.evaluate("root => root.scrollWidth - root.clientWidth") <= 1
        assert await panel.evaluate(CUT_OFF) == []
        await notebook.screenshot(f"heartbeats-{theme}-{width}", panel)
