"""The wire in a real JupyterLab: drawn live, chosen, decoded, paused, at every size and in both themes."""

from __future__ import annotations

import re

from playwright.async_api import expect

OPEN = """
%load_ext wirelab
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from wirelab import bench
from wirelab.middlebox import Middlebox
from wirelab.widgets.wire import Wire

async def echo(websocket):
    async for message in websocket:
        await websocket.send(message)

server = await bench.start("echo", serve(echo, "127.0.0.1", 0, compression=None))
box = await bench.start("cable", Middlebox(server))
wire = Wire(box)
wire
"""
TALK = """
async with connect(bench.url(box), user_agent_header="Ann", proxy=None) as ann:
    for text in ("Hello", "<b>bold</b>"):
        await ann.send(text)
        await ann.recv()
"""
CROWD = """
async with (
    connect(bench.url(box), user_agent_header="Ann") as ann,
    connect(bench.url(box), user_agent_header="Bob") as bob,
    connect(bench.url(box), user_agent_header="Constantinople") as cy,
):
    for client in (ann, bob, cy):
        await client.send("I am a rather long message, longer than an arrow")
        await client.recv()
"""


async def test_arrows_appear_while_it_happens_and_one_shows_its_bytes(lab, open_notebook):
    notebook = await open_notebook(lab, OPEN, TALK)
    await notebook.run_cell(0)
    wire = notebook.page.locator(".wl-wire")
    await expect(wire.locator(".wl-empty")).to_have_text("waiting for the first byte")
    await notebook.run_cell(1)
    arrows = wire.get_by_role("option")
    await expect(arrows).to_have_count(8)
    await expect(wire.locator(".wl-status")).to_have_text("server → Ann: close 1000")
    await arrows.filter(has_text='text "Hello"').first.click()
    await expect(wire.locator(".wl-sentence")).to_contain_text("Hello")
    await wire.get_by_role("treeitem").filter(has_text=re.compile("^Payload(?! length)")).hover()
    await expect(wire.locator(".wl-byte.wl-lit")).to_have_count(10)
    await expect(wire.locator("b")).to_have_count(0)
    assert await notebook.errors() == []
    assert notebook.console_errors == []


async def test_a_saved_picture_does_not_empty_the_live_one(lab, open_notebook):
    """As lesson 01 begins: the wire waits on the page, and a later cell talks and ends with a picture."""
    notebook = await open_notebook(lab, OPEN, TALK + "wire.snapshot()")
    await notebook.run_cell(0)
    wire = notebook.page.locator(".wl-wire")
    await expect(wire.locator(".wl-empty")).to_be_visible()
    await notebook.run_cell(1)
    await expect(wire.get_by_role("option")).to_have_count(8)
    assert "8. server closes with code 1000." in await notebook.text(1)


async def test_pause_step_play_and_reset(lab, open_notebook):
    notebook = await open_notebook(lab, OPEN, TALK)
    await notebook.run_cell(0)
    wire = notebook.page.locator(".wl-wire")
    await wire.get_by_role("button", name="Pause").click()
    await notebook.run_cell(1)
    step = wire.get_by_role("button", name="Step")
    await expect(step).to_have_text("Step (8 waiting)")
    await step.click()
    await expect(wire.get_by_role("option")).to_have_count(1)
    await expect(wire.locator(".wl-status")).to_contain_text("Ann → server: GET /")
    await wire.get_by_role("button", name="Play").click()
    await expect(wire.get_by_role("option")).to_have_count(8)
    await wire.get_by_role("button", name="Reset").click()
    await expect(wire.get_by_role("option")).to_have_count(0)
    await notebook.run_cell(1)
    await expect(wire.get_by_role("option")).to_have_count(8)


async def test_the_keyboard_chooses_arrows_fields_and_layers(lab, open_notebook):
    notebook = await open_notebook(lab, OPEN, TALK)
    await notebook.run_all()
    wire = notebook.page.locator(".wl-wire")
    await expect(wire.get_by_role("option")).to_have_count(8)
    await wire.get_by_role("listbox").focus()
    await notebook.page.keyboard.press("Home")
    await notebook.page.keyboard.press("ArrowDown")
    await expect(wire.get_by_role("option", selected=True)).to_contain_text("101 Switching Protocols")
    await expect(wire.locator(".wl-sentence")).to_contain_text("101")
    await wire.get_by_role("treeitem").first.focus()
    await notebook.page.keyboard.press("ArrowDown")
    assert await wire.locator(".wl-byte.wl-lit").count() > 0
    await wire.get_by_role("radio", name="WebSocket").focus()
    await notebook.page.keyboard.press("ArrowLeft")
    await expect(wire.get_by_role("radio", name="HTTP")).to_be_focused()
    await wire.get_by_role("radio", name="TCP").click()
    await expect(wire.get_by_role("option").first).to_contain_text("TCP")


async def test_a_reload_of_the_page_brings_the_picture_back(lab, open_notebook):
    notebook = await open_notebook(lab, OPEN, TALK)
    await notebook.run_all()
    await expect(notebook.page.locator(".wl-wire").get_by_role("option")).to_have_count(8)
    await notebook.command("docmanager:save")
    await notebook.reload()
    await expect(notebook.page.locator(".wl-wire").get_by_role("option")).to_have_count(8)


async def test_what_passes_out_of_sight_is_there_on_the_way_back(lab, open_notebook):
    """With the windowing that JupyterLab has of itself: it does not draw what is scrolled away."""
    notebook = await open_notebook(lab, OPEN, *["pass" for _ in range(40)], TALK)
    await notebook.page.evaluate(
        "panel.content.notebookConfig = {...panel.content.notebookConfig, windowingMode: 'contentVisibility'}"
    )
    await notebook.run_cell(0)
    wire = notebook.page.locator(".wl-wire")
    await expect(wire.locator(".wl-empty")).to_be_in_viewport()
    await notebook.cell(41).scroll_into_view_if_needed()
    await expect(wire).not_to_be_in_viewport()
    await notebook.run_cell(41)
    await wire.scroll_into_view_if_needed()
    await expect(wire.get_by_role("option")).to_have_count(8)
    await expect(wire.get_by_role("option").last).to_be_in_viewport()


OUTSIDE = """root => {
    const edge = root.querySelector('.wl-canvas').getBoundingClientRect();
    return [...root.querySelectorAll('[role=option], .wl-headname')].filter((text) => {
        const box = text.getBoundingClientRect();
        return box.left < edge.left - 1 || box.right > edge.right + 1;
    }).map((text) => text.textContent);
}"""


# Whether there is ink in the first two columns of the picture, in the last two, and anywhere.
INK = """root => {
    const canvas = root.querySelector('.wl-canvas');
    const ink = (x, width) => canvas.getContext('2d').getImageData(x, 0, width, canvas.height).data
        .some((value, place) => place % 4 === 3 && value > 0);
    return [ink(0, 2), ink(canvas.width - 2, 2), ink(0, canvas.width)];
}"""
IN_THE_COLOUR_OF_WEBSOCKET = """() => {
    const canvas = document.querySelector('.wl-wire .wl-canvas');
    const hex = getComputedStyle(canvas).getPropertyValue('--wl-ws').trim();
    const [red, green, blue] = [1, 3, 5].map((place) => parseInt(hex.slice(place, place + 2), 16));
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    for (let at = 0; at < data.length; at += 4) {
        if (data[at] === red && data[at + 1] === green && data[at + 2] === blue) return true;
    }
    return false;
}"""


async def test_nothing_is_cut_off_from_60_to_200_percent(lab, open_notebook):
    """A page of 1,280 pixels is as wide as 2,133 at 60 %, and as 640 at 200 %; 460 is half a projector."""
    notebook = await open_notebook(lab, OPEN, CROWD)
    await notebook.run_all()
    wire = notebook.page.locator(".wl-wire")
    await expect(wire.locator(".wl-status")).to_contain_text("close 1000")
    await wire.locator(".wl-scroller").evaluate("scroller => { scroller.scrollTop = 0; }")
    await wire.get_by_role("option").filter(has_text="I am").first.click()
    await expect(wire.locator(".wl-sentence")).to_be_visible()
    for width in (2133, 1280, 640, 460):
        await notebook.resize(width)
        await notebook.page.wait_for_function(
            """() => {
                const [canvas, scroller] = document.querySelectorAll('.wl-canvas, .wl-scroller');
                return canvas.clientWidth === scroller.clientWidth;
            }"""
        )
        assert await wire.evaluate("root => root.scrollWidth - root.clientWidth") <= 1
        assert await wire.evaluate(OUTSIDE) == []
        assert await wire.evaluate(INK) == [False, False, True]
        for theme in ("light", "dark"):
            await notebook.theme(theme)
            await notebook.page.wait_for_function(IN_THE_COLOUR_OF_WEBSOCKET)
            await notebook.screenshot(f"wire-{theme}-{width}", wire)


FAIL = """
from wirelab.middlebox import Blackhole, CaptivePortal, StrictProxy, SwallowUpgrade
from websockets.exceptions import WebSocketException

async def knock(*rules):
    box.rules = rules
    try:
        async with connect(bench.url(box), user_agent_header="Ann", proxy=None, open_timeout=0.3):
            pass
    except (OSError, WebSocketException):
        pass

await knock(SwallowUpgrade())
await knock(CaptivePortal())
await knock(StrictProxy())
"""
CUT = """
box.rules = []
ann = await connect(bench.url(box), user_agent_header="Ann", proxy=None, ping_interval=None)
box.rules = [Blackhole()]
await ann.send("anybody?")
"""
IN_THE_COLOUR_OF_TROUBLE = IN_THE_COLOUR_OF_WEBSOCKET.replace("--wl-ws", "--wl-trouble")


async def test_failure_looks_like_failure_and_says_who_did_it(lab, open_notebook):
    notebook = await open_notebook(lab, OPEN, FAIL)
    await notebook.run_all()
    wire = notebook.page.locator(".wl-wire")
    for said in ("dropped by SwallowUpgrade", "answered by CaptivePortal", "changed by StrictProxy"):
        await expect(wire.get_by_role("option").filter(has_text=said).first).to_be_attached()
    assert await notebook.page.evaluate(IN_THE_COLOUR_OF_TROUBLE)
    await expect(wire.locator(".wl-heads")).to_contain_text("nginx as a")
    await expect(wire.get_by_role("option").filter(has_text="The rules changed")).to_have_count(2)
    await expect(wire.locator(".wl-count")).to_contain_text("✗")
    await wire.get_by_role("option").filter(has_text="changed by StrictProxy").first.click()
    await expect(wire.locator(".wl-before").filter(has_text="Upgrade: websocket")).to_be_visible()
    assert notebook.console_errors == []


async def test_a_silence_grows_while_it_lasts_and_says_what_both_ends_believe(lab, open_notebook):
    notebook = await open_notebook(lab, OPEN, FAIL, CUT)
    await notebook.run_all()
    wire = notebook.page.locator(".wl-wire")
    await wire.get_by_role("button", name="Reset").click()
    await expect(wire.get_by_role("option")).to_have_count(0)
    await notebook.run_cell(2)
    height = "document.querySelector('.wl-wire .wl-sheet').clientHeight"
    await notebook.page.wait_for_timeout(1500)
    before = await notebook.page.evaluate(height)
    await notebook.page.wait_for_timeout(2500)
    assert await notebook.page.evaluate(height) > before + 10
    await notebook.screenshot("wire-silence", wire)


async def test_what_has_happened_is_replayed_scrubbed_and_stepped(lab, open_notebook):
    notebook = await open_notebook(lab, OPEN, TALK)
    await notebook.run_all()
    wire = notebook.page.locator(".wl-wire")
    await expect(wire.get_by_role("option")).to_have_count(8)
    slider = wire.get_by_role("slider")
    await slider.evaluate("slider => { slider.value = 3; slider.dispatchEvent(new Event('input')); }")
    await expect(wire.get_by_role("option")).to_have_count(3)
    await expect(wire.locator(".wl-status")).to_contain_text("3 of 8")
    await wire.get_by_role("button", name="Step").click()
    await expect(wire.get_by_role("option")).to_have_count(4)
    await wire.get_by_role("button", name="To the end").click()
    await expect(wire.get_by_role("option")).to_have_count(8)
    await wire.get_by_role("button", name="Again").click()
    await expect(wire.locator(".wl-status")).to_contain_text("1 of 8")
    await expect(wire.locator(".wl-status")).to_contain_text("3 of 8")
    await wire.get_by_role("button", name="Pause").click()
    assert await wire.get_by_role("option").count() < 8
    await wire.get_by_role("button", name="Play").click()
    await expect(wire.get_by_role("option")).to_have_count(8)
    assert notebook.console_errors == []


async def test_with_reduced_motion_a_replay_goes_in_steps(lab, open_notebook):
    notebook = await open_notebook(lab, OPEN, TALK)
    await notebook.page.emulate_media(reduced_motion="reduce")
    await notebook.run_all()
    wire = notebook.page.locator(".wl-wire")
    await expect(wire.get_by_role("option")).to_have_count(8)
    await wire.get_by_role("button", name="Again").click()
    values = await notebook.page.evaluate(
        """async () => {
            const slider = document.querySelector('.wl-slider'), seen = [];
            for (let n = 0; n < 20; n++) {
                seen.push(slider.value);
                await new Promise((done) => setTimeout(done, 100));
            }
            return seen;
        }"""
    )
    assert len(set(values)) <= 3


async def test_a_picture_of_its_cell_ends_there_and_shows_its_beginning(lab, open_notebook):
    many = TALK.replace('("Hello", "<b>bold</b>")', "[str(number) for number in range(20)]")
    notebook = await open_notebook(lab, OPEN, many + "\nWire(box)", TALK)
    await notebook.run_all()
    picture = notebook.cell(1).locator(".wl-wire")
    await expect(picture.locator(".wl-count")).to_have_text("44 arrows")
    await expect(picture.get_by_role("option").first).to_contain_text("GET /")
    await expect(picture.locator(".wl-below")).to_have_text("34 more ↓")
    await picture.get_by_role("button", name="Go on").click()
    await expect(picture.locator(".wl-count")).to_have_text("52 arrows")
    await expect(picture.get_by_role("button", name="Go on")).to_be_hidden()


async def test_thirty_clients_and_a_thousand_arrows_fit_on_a_projector(lab, open_notebook):
    crowd = """
from contextlib import AsyncExitStack
async with AsyncExitStack() as stack:
    clients = [await stack.enter_async_context(connect(bench.url(box), proxy=None)) for _ in range(30)]
    for number in range(15):
        for client in clients:
            await client.send(str(number))
            await client.recv()
"""
    notebook = await open_notebook(lab, OPEN, crowd)
    await notebook.resize(1280)
    await notebook.run_all()
    wire = notebook.page.locator(".wl-wire")
    await expect(wire.locator(".wl-count")).to_contain_text("1,020 arrows")
    await expect(wire.locator(".wl-heads")).to_contain_text("30 clients")
    await expect(wire.locator(".wl-map")).to_be_visible()
    assert await wire.evaluate("root => root.scrollWidth - root.clientWidth") <= 1
    sizes = """root => [...root.querySelectorAll('.wl-headname')]
        .map((name) => parseFloat(getComputedStyle(name).fontSize))"""
    assert min(await wire.evaluate(sizes)) >= 12
    await wire.get_by_role("option").first.click()
    await expect(wire.locator(".wl-sentence")).to_be_visible()
    boxes = """root => ['.wl-scroller', '.wl-details']
        .map((part) => root.querySelector(part).getBoundingClientRect().left)"""
    ladder, details = await wire.evaluate(boxes)
    assert details > ladder + 200
    assert (await wire.bounding_box())["height"] < 560
    await notebook.screenshot("wire-thirty-clients", wire)


async def test_the_wire_follows_the_font_size_of_jupyterlab_and_greys_out_unused_layers(lab, open_notebook):
    notebook = await open_notebook(lab, OPEN, TALK)
    await notebook.run_all()
    wire = notebook.page.locator(".wl-wire")
    await expect(wire.get_by_role("radio", name="Socket.IO")).to_have_class(re.compile("wl-unused"))
    await expect(wire.get_by_role("radio", name="HTTP")).not_to_have_class(re.compile("wl-unused"))
    before = await wire.get_by_role("option").first.evaluate("option => option.clientHeight")
    await notebook.page.evaluate(
        "document.documentElement.style.setProperty('--jp-content-font-size1', '20px')"
    )
    await notebook.page.wait_for_timeout(600)
    after = await wire.get_by_role("option").first.evaluate("option => option.clientHeight")
    assert after > before * 1.3
