"""The switchboard in a real JupyterLab: every switch clicked, every client connected, the page itself too."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from wirelab.widgets.switchboard.switches import GROUPS, SWITCHES

SHOW = """%load_ext wirelab
from wirelab import bench
from wirelab.widgets.switchboard import Board, Switchboard
board = await bench.start("board", Board())
Switchboard(board)"""
CLIENTS = ("websockets", "browser", "socket.io-client", "python-socketio")
REFUSED = "server rejected WebSocket connection: HTTP"


async def shown(open_notebook, server, *cells, **options):
    notebook = await open_notebook(server, SHOW, *cells, **options)
    await notebook.run_all()
    assert await notebook.errors() == []
    board = notebook.page.locator(".wl-board")
    await expect(board.get_by_role("switch")).to_have_count(len(SWITCHES))
    await expect(saw(board, "browser")).to_have_text("not connected")
    return notebook, board


def client(board, name):
    return board.get_by_role("group", name=name, exact=True)


def saw(board, name):
    return client(board, name).locator(".wl-saw")


def switch(board, name):
    return board.get_by_role("switch", name=f"{name} {SWITCHES[name].does}", exact=True)


def button(board, name):
    return board.get_by_role("button", name=name, exact=True)


def picture(board):
    """The lines of all clients."""
    return board.get_by_role("img")


def line(board, name):
    """One client's line in the picture."""
    return picture(board).locator(f'[data-client="{name}"]')


# In one step: what passes meanwhile has the lines drawn anew.
BOX = """(board, [css, number]) => {
    const { x, y, width, height } = board.querySelectorAll(css)[number].getBoundingClientRect();
    return { x, y, width, height };
}"""


async def line_box(board, name):
    """Where a client's line is on the screen."""
    return await board.evaluate(BOX, [f'[data-client="{name}"]', 0])


async def reach(board, name, half):
    """From where to where on the screen a half of a client's line goes: 0 is the client's, 1 the server's."""
    box = await board.evaluate(BOX, [f'[data-client="{name}"] .wl-half', half])
    return box["x"], box["x"] + box["width"]


async def test_lines_go_from_the_cards_to_the_servers_and_are_cut_where_the_cable_is(lab, open_notebook):
    _, board = await shown(open_notebook, lab, viewport=(1280, 720))
    for name in CLIENTS:
        await expect(line(board, name).locator(".wl-half")).to_have_count(0)
    await button(board, "Try all").click()
    for name in CLIENTS:
        await expect(line(board, name).locator(".wl-dot")).to_have_count(1)
        card, drawn = await client(board, name).bounding_box(), await line_box(board, name)
        assert abs(drawn["x"] - card["x"] - card["width"]) < 4
        assert abs(drawn["y"] + drawn["height"] / 2 - card["y"] - card["height"] / 2) < 4
    whole = await reach(board, "browser", 0)
    await switch(board, "Blackhole").click()
    for name in CLIENTS:
        await expect(line(board, name).locator(".wl-cross")).to_have_count(1)
        assert (await reach(board, name, 0))[1] + 16 < (await reach(board, name, 1))[0]
    assert (await reach(board, "browser", 0))[1] < whole[1] - 8
    await button(board, "Send all").click()
    await expect(line(board, "browser")).to_contain_text("dropped by Blackhole")
    await expect(line(board, "socket.io-client").locator(".wl-ring")).to_have_count(1)  # it has given up
    await expect(line(board, "browser").locator(".wl-ring")).to_have_count(0)


async def test_where_there_is_no_room_beside_the_cards_the_lines_have_names_of_their_own(lab, open_notebook):
    _, board = await shown(open_notebook, lab, viewport=(700, 900))
    await button(board, "Connect browser").click()
    await expect(line(board, "browser").locator(".wl-dot")).to_have_count(1)
    names = await picture(board).locator(".wl-headname").all_text_contents()
    assert set(CLIENTS) <= set(names)
    below = await client(board, "websockets").bounding_box()
    drawn = await picture(board).bounding_box()
    assert drawn["y"] + drawn["height"] <= below["y"]


async def test_every_switch_goes_on_and_off(lab, open_notebook):
    notebook, board = await shown(open_notebook, lab)
    status = board.get_by_role("status")
    for name in SWITCHES:
        knob = switch(board, name)
        await knob.click()
        await expect(status).to_contain_text(f"{name} is on: {SWITCHES[name].does}.")
        await expect(knob).to_have_attribute("aria-checked", "true")
        await expect(picture(board)).to_have_accessible_name(
            re.compile(re.escape(SWITCHES[name].rule().words))
        )
        await knob.click()
        await expect(status).to_contain_text(f"{name} is off.")
        await expect(knob).to_have_attribute("aria-checked", "false")
    await expect(board.get_by_role("switch", checked=True)).to_have_text(
        "ExplicitProxyhas to be named by the client"
    )
    await button(board, "Reset").click()
    await expect(status).to_have_text("Every switch is off, every client has left.")
    await expect(board.get_by_role("switch", checked=True)).to_have_count(0)
    await expect(picture(board)).to_have_accessible_name(re.compile("^In the middle: passes everything on"))
    for name in GROUPS:
        await expect(board.get_by_role("group", name=name)).to_have_count(1)
    assert notebook.console_errors == []


async def test_all_clients_say_what_they_saw(lab, open_notebook):
    notebook, board = await shown(open_notebook, lab, "repr(board.clients['browser'].lamp)")
    for name in CLIENTS:
        await button(board, f"Send with {name}").click()
        await expect(saw(board, name)).to_have_text("not connected · nothing to send on: connect first")
        await button(board, f"Connect {name}").click()
        await expect(client(board, name).locator(".wl-mark")).to_have_accessible_name("connected")
        await button(board, f"Send with {name}").click()
        await expect(saw(board, name)).to_have_text('heard "Hello 1"')
        await expect(client(board, name).locator(".wl-transport")).to_have_text(re.compile("websocket", re.I))
    await button(board, "Send all").click()
    for name in CLIENTS:
        await expect(saw(board, name)).to_have_text('heard "Hello 2"')
    await switch(board, "StrictProxy").click()
    await button(board, "Try all").click()
    await expect(board.get_by_role("status")).to_have_text(
        "An echo came back to socket.io-client and python-socketio."
    )
    await expect(saw(board, "websockets")).to_have_text(f"InvalidStatus: {REFUSED} 505")
    await expect(saw(board, "browser")).to_have_text('onerror, onclose: code 1006, reason ""')
    for name in ("socket.io-client", "python-socketio"):
        await expect(client(board, name).locator(".wl-transport")).to_have_text("polling")
    assert all("response code: 505" in error for error in notebook.console_errors)
    await notebook.run_cell(1)
    assert "code 1006" in await notebook.text(1)


async def test_a_live_browser_meets_a_reset_and_an_explicit_proxy(lab, open_notebook):
    _, board = await shown(open_notebook, lab)
    await button(board, "Connect browser").click()
    await expect(saw(board, "browser")).to_have_text("onopen")
    await switch(board, "ResetBoth").click()
    await expect(saw(board, "browser")).to_have_text('onclose: code 1006, reason ""')
    await button(board, "Reset").click()
    await switch(board, "ExplicitProxy").click()
    await button(board, "Connect browser").click()
    await expect(saw(board, "browser")).to_have_text("a page cannot name a proxy: the browser's settings do")


def since(board, name):
    return client(board, name).locator(".wl-since")


async def test_what_lasts_says_for_how_long(lab, open_notebook):
    _, board = await shown(open_notebook, lab)
    await button(board, "Try all").click()
    for name in CLIENTS:
        await expect(saw(board, name)).to_have_text('heard "Hello 1"')
    await expect(since(board, "browser")).to_have_text(re.compile("^· [3-9] s ago$"))
    await switch(board, "Blackhole").click()
    await button(board, "Send all").click()
    for name in CLIENTS:
        await expect(saw(board, name)).not_to_contain_text("heard", timeout=1000)
    await expect(saw(board, "browser")).to_have_text('sent "Hello 2", nothing came back')
    await expect(since(board, "browser")).to_have_text(re.compile("^· for [4-9] s$"))
    await button(board, "Connect browser").click()
    await expect(saw(board, "browser")).to_have_text("waiting for an answer")
    await expect(since(board, "browser")).to_have_text(re.compile("^· for [4-9] s$"))
    await expect(since(board, "socket.io-client")).to_have_text(re.compile("^· [0-9]+ s ago$"))
    await button(board, "Reset").click()
    await expect(since(board, "browser")).to_have_text("")


async def test_a_page_that_does_not_show_the_board_any_more_is_absent(lab, open_notebook):
    notebook, board = await shown(open_notebook, lab, "print(board.browser.lamp.saw)")
    await button(board, "Connect browser").click()
    await expect(saw(board, "browser")).to_have_text("onopen")
    await notebook.page.evaluate("panel.content.widgets[0].model.clearExecution()")
    await expect(notebook.page.locator(".wl-board")).to_have_count(0)
    await notebook.run_cell(1)
    assert await notebook.text(1) == "absent: no page shows the board\n"


async def test_the_keyboard_turns_switches_and_lab_keeps_its_cells(lab, open_notebook):
    notebook, board = await shown(open_notebook, lab, "1")
    keyboard = notebook.page.keyboard
    await switch(board, "StrictProxy").focus()
    await keyboard.press("Space")
    await expect(switch(board, "StrictProxy")).to_have_attribute("aria-checked", "true")
    await keyboard.press("Tab")
    await expect(switch(board, "ExplicitProxy")).to_be_focused()
    await keyboard.type("ddb")
    await keyboard.press("Enter")
    await expect(switch(board, "ExplicitProxy")).to_have_attribute("aria-checked", "true")
    assert await notebook.page.evaluate("panel.content.model.cells.length") == 2


async def test_a_reload_brings_a_new_browser_client(lab, open_notebook):
    notebook, board = await shown(open_notebook, lab)
    await switch(board, "ResetAfterUpgrade").click()
    await button(board, "Connect browser").click()
    await expect(saw(board, "browser")).to_have_text("onopen")
    await notebook.command("docmanager:save")
    await notebook.reload()
    await expect(saw(board, "browser")).to_have_text("not connected")
    await expect(switch(board, "ResetAfterUpgrade")).to_have_attribute("aria-checked", "true")
    await button(board, "Connect browser").click()
    await expect(saw(board, "browser")).to_have_text("onopen")


async def test_under_a_hub_the_browser_goes_through_the_proxy(hub_lab, open_notebook):
    _, board = await shown(open_notebook, hub_lab)
    await button(board, "Connect browser").click()
    await expect(saw(board, "browser")).to_have_text("onopen · through Jupyter's proxy")
    await button(board, "Send with browser").click()
    await expect(saw(board, "browser")).to_have_text('heard "Hello 1"')


CUT_OFF = """root => [...root.querySelectorAll('strong, code, .wl-saw, .wl-quiet, .wl-status, button')]
    .filter((box) => box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).display !== 'inline')
    .map((box) => box.textContent)"""


# Names that are wider than their box, boxes beyond the picture, and heads that overlap.
HEADS_THAT_DO_NOT_FIT = """picture => {
    const frame = picture.getBoundingClientRect();
    const boxes = [...picture.querySelectorAll('.wl-head')].map((box) => box.getBoundingClientRect());
    const heads = boxes.filter((box) => box.height > 30);
    const wide = [...picture.querySelectorAll('.wl-headname')].filter((name) => {
        const { left, right, top } = name.getBoundingClientRect();
        return !boxes.some((box) => box.left <= left && right <= box.right && box.top <= top);
    });
    const beyond = boxes.filter((box) => box.left < frame.left - 1 || box.right > frame.right + 13);
    const meet = (one, other) => one !== other && other.left < one.right && one.left < other.right;
    const crowded = heads.filter((box) => heads.some((other) => meet(box, other)));
    return [...wide.map((name) => name.textContent), ...[...beyond, ...crowded].map((box) => box.x)];
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_nothing_is_cut_off_from_60_to_200_percent(lab, open_notebook, theme):
    notebook, board = await shown(open_notebook, lab, theme=theme)
    for name in ("NoTunnel", "ConnectOnlyTo", "StrictProxy", "ResetAfterUpgrade"):
        await switch(board, name).click()
    await button(board, "Try all").click()
    await expect(board.get_by_role("status")).to_contain_text("An echo came back to")
    for width in (2133, 1280, 640, 460):
        await notebook.page.set_viewport_size({"width": width, "height": 1300})
        assert await board.evaluate("root => root.scrollWidth - root.clientWidth") <= 1
        assert await board.evaluate(CUT_OFF) == []
        if await picture(board).is_visible():
            assert await picture(board).evaluate(HEADS_THAT_DO_NOT_FIT) == []
        await notebook.screenshot(f"switchboard-{theme}-{width}", board)
