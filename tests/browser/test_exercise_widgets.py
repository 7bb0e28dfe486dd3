"""Predictions and exercises in a real browser, by mouse and by keyboard."""

from __future__ import annotations

import asyncio

from playwright.async_api import expect

PREDICT = """
from wirelab.widgets.predict import predict
guess = predict("What does `recv` do?", a="It <b>waits</b>.", b="It raises.", c="It returns `None`.")
"""
REVEAL = 'guess.reveal("b", "Nobody is there.", c="Many say so.")'
EXERCISE = """
%load_ext wirelab
from wirelab.exercise import check, expect
@check("Text has a method.", "It is `upper`.")
def check_shout(shout):
    expect("shout('hi')", shout("hi"), "HI")
await check_shout.verdict()
"""
SOLUTION = "%%solution\ndef shout(text):\n    return text.upper()"
LAST = "'shout' in globals()"


async def reveals(notebook, words):
    """Run the second cell until it says so: a choice and a run travel apart, and the run may arrive first."""
    async with asyncio.timeout(20):
        while not (await notebook.text(1)).startswith(words):
            await notebook.run_cell(1)


async def test_a_prediction_is_made_by_mouse_or_keyboard_and_kept(open_notebook, lab):
    notebook = await open_notebook(lab, PREDICT, REVEAL)
    await notebook.run_all()
    options = notebook.page.get_by_role("radio")
    group = notebook.page.get_by_role("group", name="What does recv do?")
    await expect(options).to_have_count(3)
    await expect(group).to_contain_text("a) It <b>waits</b>.")
    assert "You made no guess" in await notebook.text(1)

    await group.get_by_text("b) It raises.").click()
    await expect(group.get_by_role("status")).to_have_text("Noted. Run on and find out.")
    await reveals(notebook, "✓ As you said: b)")

    await options.nth(1).press("ArrowDown")
    await expect(options.nth(2)).to_be_checked()
    await reveals(notebook, "→ You said c: Many say so. What happens: b)")
    for theme in ("light", "dark"):
        await notebook.theme(theme)
        await notebook.screenshot(f"predict-{theme}", group)
    assert await notebook.errors() == []


async def test_shift_enter_after_a_click_goes_on_and_the_choice_stays(open_notebook, lab):
    notebook = await open_notebook(lab, PREDICT, REVEAL)
    await notebook.run_cell(0)
    await notebook.page.get_by_text("b) It raises.").click()
    await expect(notebook.page.get_by_role("status").first).to_have_text("Noted. Run on and find out.")
    await notebook.page.keyboard.press("Shift+Enter")  # the question's own cell once more, or the next one
    await notebook.page.keyboard.press("Shift+Enter")
    await notebook.page.keyboard.press("Shift+Enter")
    await expect(notebook.page.locator(".jp-CodeCell").nth(1)).to_contain_text("As you said")
    await expect(notebook.page.get_by_role("radio").nth(1)).to_be_checked()


async def test_hints_open_one_inside_the_other_and_the_solution_changes_nothing(open_notebook, lab):
    notebook = await open_notebook(lab, EXERCISE, SOLUTION, LAST)
    await notebook.run_all()
    first, second = notebook.page.get_by_text("Hint 1"), notebook.page.get_by_text("Hint 2")
    await expect(first).to_be_visible()
    await expect(second).to_be_hidden()
    await first.click()
    await second.press("Enter")
    await expect(notebook.page.get_by_text("It is upper.")).to_be_visible()
    assert (await notebook.text(1)).startswith("◆ The solution passes")
    assert await notebook.text(2) == "False"
    await notebook.screenshot("exercise", notebook.cell(0))


WIRED = """
%load_ext wirelab
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from wirelab import bench
from wirelab.exercise import Wrong, check, watch
from wirelab.middlebox import Middlebox
from wirelab.widgets.wire import Wire

async def shout(websocket):
    await websocket.send(await websocket.recv())

@check()
async def check_shout(shout):
    async with (
        serve(shout, "127.0.0.1", 0) as server,
        Middlebox(server) as box,
        connect(bench.url(box)) as client,
    ):
        watch(Wire(box))
        await client.send("hi")
        raise Wrong(f"it costs $5$, and $$x^2$$ came: {await client.recv()}")

await check_shout.verdict()
"""


async def test_below_a_wrong_answer_stand_its_wire_and_the_empty_task_and_no_formula(open_notebook, lab):
    notebook = await open_notebook(lab, '"first"', WIRED)
    await notebook.run_all()
    cell = notebook.cell(1)
    await expect(cell.get_by_role("status").first).to_contain_text("it costs $5$, and $$x^2$$ came: hi")
    await expect(cell.locator(".wl-wire canvas").first).to_be_visible()
    await cell.get_by_text("Start again: the empty task").click()
    await expect(cell.get_by_text("...  # your turn")).to_be_visible()
    await expect(cell.locator("mjx-container")).to_have_count(0)
    for theme in ("light", "dark"):
        await notebook.theme(theme)
        await notebook.screenshot(f"verdict-{theme}", cell)
    assert await notebook.errors() == []
