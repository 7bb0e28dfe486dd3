"""A cell that runs again lets go of the widget it showed, and nobody hears of it."""

from __future__ import annotations

from playwright.async_api import expect

from test_wire import OPEN, TALK

SHOW = "second = Wire(box)\nsecond"
COUNT = """
from ipywidgets.widgets.widget import _instances
print(sum(isinstance(each, Wire) for each in _instances.values()))
"""


LEAVES_THE_PAGE = """async wire => {
    const draw = window.requestAnimationFrame, held = [];
    window.requestAnimationFrame = (callback) => held.push(callback);
    wire.style.setProperty("--wl-ink", "red");  // it notices at its next tick, and plans to draw
    await new Promise((later) => setTimeout(later, 600));
    window.requestAnimationFrame = draw;
    wire.remove();
    for (const callback of held) callback(performance.now());
}"""


async def test_a_wire_that_has_left_the_page_does_not_draw(lab, open_notebook):
    """Of what is not in the page nobody knows how large its letters are."""
    notebook = await open_notebook(lab, OPEN, SHOW, TALK)
    for cell in range(3):
        await notebook.run_cell(cell)
    wire = notebook.cell(1).locator(".wl-wire")
    await expect(wire.get_by_role("option")).to_have_count(8)
    await wire.evaluate(LEAVES_THE_PAGE)
    assert notebook.console_errors == []


async def test_a_wire_that_is_shown_again_is_live_and_the_old_one_is_gone(lab, open_notebook):
    notebook = await open_notebook(lab, OPEN, SHOW, TALK, COUNT)
    await notebook.run_cell(0)
    for _ in range(3):
        await notebook.run_cell(1)
        await expect(notebook.cell(1).locator(".wl-wire")).to_have_count(1)
    await notebook.run_cell(2)
    for shown in (0, 1):
        await expect(notebook.cell(shown).get_by_role("option")).to_have_count(8)
    await notebook.run_cell(3)
    assert await notebook.text(3) == "2\n"
    said = [str(await notebook.outputs(index)) for index in range(4)]
    assert [outputs for outputs in said if "comm" in outputs.lower()] == []
    assert await notebook.errors() == []
    assert notebook.console_errors == []
