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
