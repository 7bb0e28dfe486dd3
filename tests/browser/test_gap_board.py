"""The gap board in a real JupyterLab: every button, with this very browser as one of the clients."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from learner import of_ours

START = """
from wirelab import bench
from wirelab.widgets.gap_board import GapBoard
board = await bench.start("board", GapBoard)
board
"""
OURS = (
    ("our client", "at our server"),
    ("official client", "at our server"),
    ("your browser", "at our server"),
)
OFFICIAL = ("official client", "at the official server")
OFF = ("official client", "at ours, without recovery")
PYTHON = ("python-socketio", "client and server")


async def shown(open_notebook, server, **options):
    notebook = await open_notebook(server, START, **options)
    await notebook.run_all()
    assert await notebook.errors() == []
    board = notebook.page.locator(".wl-gaps")
    for who in (*OURS, OFFICIAL, OFF, PYTHON):
        await expect(row(board, who)).to_contain_text("● connected")
    return notebook, board


def row(board, who):
    name, about = who
    return board.get_by_role("row").filter(has_text=name).filter(has_text=about)


async def press(board, *names):
    for name in names:
        await board.get_by_role("button", name=name, exact=True).click()


async def numbers(board, who, *texts):
    await expect(row(board, who).locator(".wl-number")).to_have_text(list(texts))


async def test_a_pulled_cable_beside_the_official_server(lab, open_notebook):
    notebook, board = await shown(open_notebook, lab)
    said = board.get_by_role("status")
    await press(board, "Step")
    await expect(said).to_have_text("Each server has said 1 to everybody.")
    await press(board, "pull the cable")
    for who in (*OURS, OFFICIAL, OFF, PYTHON):
        await expect(row(board, who)).to_contain_text("◔ away")
    await press(board, "Step", "Step")
    for who in (*OURS, OFFICIAL):
        await numbers(board, who, "1", "?2", "?3")
    await notebook.screenshot("gap_board-away", board)
    await press(board, "mend it")
    for who in OURS:
        await numbers(board, who, "1", "↺2", "↺3")
        await expect(row(board, who)).to_contain_text("recovered")
    for who in (OFFICIAL, OFF, PYTHON):
        await numbers(board, who, "1", "✗2", "✗3")
        await expect(row(board, who)).to_contain_text("a new client")
    assert of_ours(notebook.console_errors) == []


async def test_cut_play_and_reset(lab, open_notebook):
    _, board = await shown(open_notebook, lab)
    await press(board, "Play")
    await expect(row(board, OFFICIAL).locator(".wl-number")).not_to_have_count(0)
    await press(board, "Stop", "cut it in the middle")
    await expect(row(board, OFFICIAL)).to_contain_text("◔ away")
    await press(board, "Step", "mend it")
    for who in (*OURS, OFFICIAL):
        await expect(row(board, who)).to_contain_text("recovered")
    for who in (OFF, PYTHON):
        await expect(row(board, who)).to_contain_text("a new client")
    await press(board, "Reset")
    await expect(board.locator(".wl-numbers .wl-number")).to_have_count(0)
    await press(board, "Step")
    for who in (*OURS, OFFICIAL, OFF, PYTHON):
        await numbers(board, who, "1")
    await expect(board.get_by_role("button", name="mend it")).to_have_attribute("aria-disabled", "true")


async def test_the_keyboard_presses_and_a_reader_hears(lab, open_notebook):
    notebook, board = await shown(open_notebook, lab)
    await board.get_by_role("button", name="Step", exact=True).focus()
    await notebook.page.keyboard.press("Enter")
    await expect(board.get_by_role("status")).to_have_text("Each server has said 1 to everybody.")
    await expect(board.get_by_role("img", name="1: heard").first).to_be_visible()
    await notebook.page.keyboard.press("Tab")
    await expect(board.get_by_role("button", name="pull the cable")).to_be_focused()


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_nothing_is_cut_off_in_either_theme(lab, open_notebook, theme):
    notebook, board = await shown(open_notebook, lab)
    await notebook.theme(theme)
    await press(board, "Step", "Step", "pull the cable")
    await expect(row(board, PYTHON)).to_contain_text("◔ away")
    await press(board, "Step", "mend it")
    await expect(row(board, PYTHON)).to_contain_text("a new client")
    await press(board, "Step")
    await numbers(board, OFFICIAL, "1", "2", "✗3", "4")
    await notebook.screenshot(f"gap_board-{theme}", board)
    assert await board.evaluate("board => board.scrollWidth <= board.clientWidth")
