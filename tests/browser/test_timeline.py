"""The reconnection timeline in a real JupyterLab: every button at every moment, and back through it."""

from __future__ import annotations

import json
import re

import pytest
from playwright.async_api import expect

from learner import of_ours
from wirelab.clients.backoff import official
from wirelab.widgets.timeline import Replay
from wirelab.widgets.timeline.recording import CABLE, ORDERS, SERVER, Entry, Lane, Recording

START = """
from wirelab import bench
from wirelab.widgets.timeline import Replay, Timeline
timeline = await bench.start("timeline", Timeline)
timeline
"""
WITH_OURS = START.replace("Timeline)\n", 'lambda: Timeline(ours=HandmadeClient("ours")))\n').replace(
    "from wirelab import bench\n", "from wirelab import bench\nfrom wirelab.clients import HandmadeClient\n"
)
STANDS = "print(timeline.table())"
BEGINS_ANEW = f"await timeline.press('reset')\n{STANDS}"
BUTTONS = ("Kill", "Freeze", "Thaw", "Restart", "Pull the cable", "Plug in", "Send", "Reset")
MOMENTS = {
    "in order": ((), ("Thaw", "Restart", "Plug in")),
    "frozen": (("Freeze",), ("Freeze", "Restart", "Plug in")),
    "gone": (("Kill",), ("Kill", "Freeze", "Thaw", "Plug in")),
    "pulled": (("Pull the cable",), ("Thaw", "Restart", "Pull the cable")),
    "gone behind it": (("Pull the cable", "Kill"), ("Kill", "Freeze", "Thaw", "Pull the cable")),
}
"""What to press to get there, and which buttons can do nothing then."""
PAINTS = """timeline => new Promise((resolve) => {
    let count = 0;
    const watching = new MutationObserver(() => { count++; });
    watching.observe(timeline.querySelector("svg g"), { attributes: true });
    setTimeout(() => { watching.disconnect(); resolve(count); }, 2000);
})"""
CUT_OFF = """root => [...root.querySelectorAll("button, strong, .wl-status, .wl-words, .wl-player")]
    .filter((box) => box.clientWidth && box.scrollWidth > box.clientWidth + 1).map((box) => box.outerHTML)"""
ALONE = """async ({ esm, css, recording }) => {
    document.head.append(Object.assign(document.createElement("style"), { textContent: css }));
    const url = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
    const widget = (await import(url)).default();
    const model = { get: () => recording, on() {}, off() {}, send() { throw new Error("no kernel"); } };
    await widget.initialize?.({ model });
    widget.render({ model, el: document.body });
}"""


async def shown(open_notebook, server, *cells, start=START, **options):
    notebook = await open_notebook(server, start, *cells, **options)
    await notebook.run_cell(0)
    assert await notebook.errors() == []
    timeline = notebook.page.locator(".wl-timeline").first
    await stands(timeline, "page", "connected")
    return notebook, timeline


def lane(timeline, key):
    return timeline.locator(f'.wl-name[data-lane="{key}"]')


async def stands(timeline, key, state):
    await expect(lane(timeline, key)).to_have_attribute("data-state", state)


def button(timeline, name):
    return timeline.get_by_role("button", name=name, exact=True)


async def press(timeline, name):
    await button(timeline, name).click()


def said(timeline):
    return timeline.get_by_role("status")


async def test_a_server_is_killed_and_comes_back_and_so_does_who_can(lab, open_notebook):
    notebook, timeline = await shown(open_notebook, lab, STANDS)
    await press(timeline, "Kill")
    await expect(said(timeline)).to_contain_text("You killed the server (SIGKILL): its process is gone.")
    await stands(timeline, "server", "down")
    for key in ("node", "page", "python"):
        await stands(timeline, key, "waiting to reconnect")
        await expect(lane(timeline, key).locator(".wl-pie")).to_be_visible()
    await expect(lane(timeline, "raw")).to_contain_text("gone for good")
    await expect(lane(timeline, "page")).to_contain_text(re.compile(r"waits \d\.\d s, attempt \d"))
    await press(timeline, "Send")
    await expect(lane(timeline, "page")).to_contain_text("▣1")
    await expect(lane(timeline, "python")).to_contain_text("✗1")
    await press(timeline, "Restart")
    for key in ("node", "page", "python"):
        await stands(timeline, key, "connected")
    await expect(lane(timeline, "page")).to_contain_text("↑1 ↓1")
    await expect(lane(timeline, "raw")).to_contain_text("gone for good")
    await expect(lane(timeline, "computed")).to_contain_text(re.compile("connected$"))  # by no transport
    await notebook.run_cell(1)
    assert "your browser     connected · sent 1, echoed 1, kept 0, refused 0" in await notebook.text(1)
    assert of_ours(notebook.console_errors) == []


async def test_every_button_at_every_moment(lab, open_notebook):
    notebook, timeline = await shown(open_notebook, lab, BEGINS_ANEW)
    for orders, dimmed in MOMENTS.values():
        for name in orders:
            await press(timeline, name)
        for name in BUTTONS:
            await expect(button(timeline, name)).to_have_attribute(
                "aria-disabled", str(name in dimmed).lower()
            )
        for name in dimmed:
            why = await button(timeline, name).get_attribute("title")
            await button(timeline, name).dispatch_event("click")
            await expect(said(timeline)).to_have_text(why)
        for name in BUTTONS[:-1]:
            await button(timeline, name).dispatch_event("click")
        await press(timeline, "Reset")
        await expect(timeline.locator(".wl-order")).to_have_count(1)
        for key in ("page", "node", "python", "raw"):
            await stands(timeline, key, "connected")
        await expect(said(timeline)).not_to_contain_text("did not work")
    for name in BUTTONS * 2:  # faster than anything can be done
        await button(timeline, name).dispatch_event("click")
    await notebook.run_cell(1)  # its turn comes after theirs
    await expect(timeline.locator(".wl-order")).to_have_count(1)
    for key in ("page", "node", "python", "raw"):
        await stands(timeline, key, "connected")
    assert (await notebook.text(1)).count("connected · sent 0, echoed 0, kept 0, refused 0") == 4
    assert of_ours(notebook.console_errors) == []


async def test_sliders_by_mouse_and_keys_are_in_force_after_a_reset(lab, open_notebook):
    notebook, timeline = await shown(open_notebook, lab)
    jitter = timeline.get_by_role("slider", name="randomizationFactor")
    box = await jitter.bounding_box()
    await notebook.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await notebook.page.mouse.down()
    await notebook.page.mouse.move(box["x"] - 20, box["y"] + box["height"] / 2, steps=5)
    await notebook.page.mouse.up()
    await expect(timeline.locator(".wl-note")).to_have_text("Reset puts them in force")
    await expect(timeline.locator(".wl-parameters")).to_contain_text("randomizationFactor 0.5")
    delay = timeline.get_by_role("slider", name="reconnectionDelay", exact=True)
    await delay.focus()
    for key, times in (("ArrowRight", 20), ("ArrowLeft", 24)):  # faster than the kernel answers
        for _ in range(times):
            await notebook.page.keyboard.press(key)
    await expect(delay).to_have_attribute("aria-valuetext", "600 ms")
    await expect(said(timeline)).to_have_text("From the next connections on: press Reset.")
    await press(timeline, "Reset")
    await expect(timeline.locator(".wl-parameters")).to_contain_text(
        "reconnectionDelay 600 ms reconnectionDelayMax 5000 ms randomizationFactor 0"
    )
    await expect(timeline.locator(".wl-note")).to_have_text("for the next connections")
    await stands(timeline, "page", "connected")
    await press(timeline, "Kill")
    for key in ("page", "node"):
        await expect(timeline.locator(f'.wl-label[data-lane="{key}"]', has_text="1.20 s")).to_be_visible()
    assert of_ours(notebook.console_errors) == []


async def test_what_was_recorded_is_scrubbed_stepped_and_played_slowly(lab, open_notebook):
    notebook, timeline = await shown(open_notebook, lab)
    scrubber = timeline.get_by_role("slider", name="Moment of the recording")
    await press(timeline, "Send")
    await expect(lane(timeline, "page")).to_contain_text("↑1 ↓1")
    await press(timeline, "Kill")
    await stands(timeline, "raw", "disconnected")
    await notebook.page.wait_for_timeout(1000)
    box = await scrubber.bounding_box()
    await notebook.page.mouse.click(box["x"] + 9, box["y"] + box["height"] / 2)
    await stands(timeline, "server", "up")
    await expect(button(timeline, "Live")).to_have_attribute("aria-pressed", "false")
    await expect(button(timeline, "Play")).to_be_visible()
    for _ in range(80):
        if "You killed" in await said(timeline).text_content():
            break
        await press(timeline, "Step")
        await notebook.page.wait_for_timeout(300)
    await expect(said(timeline)).to_contain_text("You killed the server")
    await press(timeline, "Step back")
    await press(timeline, "Step back")
    await stands(timeline, "server", "up")
    await timeline.get_by_label("Speed").select_option("0.1")
    shown_time = "timeline => Number(timeline.querySelector('.wl-scrub').value)"
    before = await timeline.evaluate(shown_time)
    await press(timeline, "Play")
    await notebook.page.wait_for_timeout(2000)
    assert 0.05 < await timeline.evaluate(shown_time) - before < 0.6
    await press(timeline, "Live")
    await stands(timeline, "server", "down")
    await expect(button(timeline, "Live")).to_have_attribute("aria-pressed", "true")
    await press(timeline, "Pause")
    await press(timeline, "Restart")  # a button is pressed in the present
    await expect(button(timeline, "Live")).to_have_attribute("aria-pressed", "true")
    await stands(timeline, "page", "connected")


async def test_the_keyboard_does_it_and_a_reload_is_a_new_client(lab, open_notebook):
    notebook, timeline = await shown(open_notebook, lab)
    await button(timeline, "Kill").focus()
    await notebook.page.keyboard.type("ddb")
    await notebook.page.keyboard.press("Tab")
    await notebook.page.keyboard.press("Enter")
    await stands(timeline, "server", "frozen")
    await notebook.page.keyboard.press("Tab")
    await notebook.page.keyboard.press("Space")
    await stands(timeline, "server", "up")
    await timeline.get_by_role("slider", name="Moment of the recording").focus()
    for _ in range(5):
        await notebook.page.keyboard.press("ArrowLeft")
    await expect(button(timeline, "Live")).to_have_attribute("aria-pressed", "false")
    assert await notebook.page.evaluate("panel.content.model.cells.length") == 1
    await notebook.command("docmanager:save")
    await notebook.reload()
    await stands(timeline, "page", "connected")
    await expect(lane(timeline, "raw")).to_contain_text("connected")


async def test_it_goes_through_the_proxy_under_a_hub(hub_lab, open_notebook):
    _, timeline = await shown(open_notebook, hub_lab)
    await press(timeline, "Send")
    await expect(lane(timeline, "page")).to_contain_text("↑1 ↓1")
    await press(timeline, "Kill")
    await stands(timeline, "page", "waiting to reconnect")
    await press(timeline, "Restart")
    await stands(timeline, "page", "connected")


async def test_nothing_is_drawn_out_of_sight_and_little_for_whoever_wants_no_motion(lab, open_notebook):
    notebook, timeline = await shown(open_notebook, lab, *["print('\\n' * 60)"] * 2)
    assert await timeline.evaluate(PAINTS) > 15
    await notebook.page.emulate_media(reduced_motion="reduce")
    await notebook.page.wait_for_timeout(600)
    assert 1 <= await timeline.evaluate(PAINTS) <= 6
    await notebook.page.emulate_media(reduced_motion="no-preference")
    await notebook.run_cell(1)
    await notebook.run_cell(2)
    scroller = notebook.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer")
    await scroller.evaluate("box => box.scrollTo(0, 1e6)")
    await expect(timeline).not_to_be_in_viewport()
    await notebook.page.wait_for_timeout(300)
    assert await timeline.evaluate(PAINTS) == 0
    await scroller.evaluate("box => box.scrollTo(0, 0)")
    await expect(timeline).to_be_in_viewport()
    assert await timeline.evaluate(PAINTS) > 15


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_the_client_of_the_lesson_has_a_lane_of_its_own(lab, open_notebook, theme):
    notebook, timeline = await shown(open_notebook, lab, start=WITH_OURS, theme=theme, viewport=(1280, 720))
    await press(timeline, "Kill")
    await stands(timeline, "ours", "waiting to reconnect")
    await press(timeline, "Send")
    await expect(lane(timeline, "ours")).to_contain_text("▣1")
    await notebook.screenshot(f"timeline-ours-{theme}", timeline)
    await press(timeline, "Restart")
    await stands(timeline, "ours", "connected")
    await expect(lane(timeline, "ours")).to_contain_text("↑1 ↓1")
    assert await timeline.evaluate(CUT_OFF) == []
    assert of_ours(notebook.console_errors) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_nothing_is_cut_off_at_any_width(lab, open_notebook, theme):
    notebook, timeline = await shown(open_notebook, lab, theme=theme, viewport=(1280, 720))
    await press(timeline, "Send")
    await press(timeline, "Kill")
    await expect(
        timeline.locator('.wl-label[data-lane="python"]', has_text="without jitter").first
    ).to_be_visible()
    await press(timeline, "Send")
    await notebook.screenshot(f"timeline-{theme}-killed", timeline)
    await press(timeline, "Restart")
    await stands(timeline, "node", "connected")
    await stands(timeline, "page", "connected")
    await press(timeline, "Pull the cable")
    await expect(lane(timeline, "node")).to_contain_text("believes it is connected")
    assert await timeline.evaluate(CUT_OFF) == []
    assert (await timeline.bounding_box())["height"] < 560
    await stands(timeline, "node", "waiting to reconnect")
    await notebook.screenshot(f"timeline-{theme}-1280x720")
    for width in (2000, 1280, 640, 460):
        await notebook.page.set_viewport_size({"width": width, "height": 1100})
        await notebook.page.wait_for_timeout(200)
        assert await timeline.evaluate("root => root.scrollWidth - root.clientWidth") <= 1
        await notebook.screenshot(f"timeline-{theme}-{width}", timeline)


def recorded():
    """A recording by hand: an outage of four seconds, and one client."""
    recording = Recording(
        [Lane(SERVER, "server", ""), Lane(CABLE, "cable", ""), Lane("node", "official client", "")],
        {"reconnectionDelay": 1.0},
    )
    for time, key, kind, state, details in (
        (0, ORDERS, "start", "", {}),
        (0, SERVER, "up", "up", {}),
        (0, CABLE, "plugged in", "plugged in", {}),
        (0.5, "node", "connected", "connected", {"transport": "websocket"}),
        (2, ORDERS, "kill", "", {}),
        (2, SERVER, "down", "down", {}),
        (2, "node", "waiting", "waiting to reconnect", {"delay": official()(1, 0.3), "attempt": 1}),
        (6, SERVER, "up", "up", {}),
        (7, "node", "connected", "connected", {"transport": "polling"}),
    ):
        recording.add(Entry(time, key, kind, state, f"{key}: {kind}.", **details))
    return json.loads(json.dumps(recording.to_json(8)))


async def test_a_recording_plays_without_a_kernel_from_json_alone(browser):
    page = await browser.empty_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        await page.goto("about:blank")
        await page.evaluate(ALONE, {"esm": Replay._esm, "css": Replay._css, "recording": recorded()})
        timeline = page.locator(".wl-timeline")
        await expect(timeline.get_by_role("button", name="Kill")).to_have_count(0)
        await stands(timeline, "server", "down")  # it begins to play by itself
        await expect(lane(timeline, "node")).to_contain_text("waits")
        await expect(said(timeline)).to_have_text("orders: kill. node: waiting.")
        await stands(timeline, "node", "connected")
        scrubber = timeline.get_by_role("slider", name="Moment of the recording")
        await scrubber.fill("2.5")
        await stands(timeline, "node", "waiting to reconnect")
        assert (
            await page.evaluate("document.querySelector('.wl-pie').style.getPropertyValue('--wl-part')")
            > "0.3"
        )
        assert errors == []
    finally:
        await browser.close(page)


MOVED = """async (esm) => {
    const url = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
    const { Sliders } = await import(url);
    const names = ["reconnectionDelay", "reconnectionDelayMax", "randomizationFactor"];
    const all = (value) => Object.fromEntries(names.map((name) => [name, value]));
    const sliders = new Sliders(() => {});
    const hear = (value) => sliders.show(all(value), all([0, 9, 0.1]), all(1));
    hear(1);
    const input = sliders.root.querySelector("input");
    input.value = "0.7";
    input.dispatchEvent(new Event("input"));
    return [0.9, 0.7, 2].map((value) => { hear(value); return Number(input.value); });
}"""


async def test_a_slider_does_not_jump_back_to_what_the_kernel_says_late(browser):
    page = await browser.empty_page()
    try:
        await page.goto("about:blank")
        assert await page.evaluate(MOVED, Replay._esm) == [0.7, 0.7, 2]
    finally:
        await browser.close(page)
