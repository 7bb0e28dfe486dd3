"""A learner at work: Shift+Enter from cell to cell, a click on each prediction, a look at each picture."""

from __future__ import annotations

import ast
import asyncio
from typing import Any

from playwright.async_api import expect

from realjupyter import POLLING, Notebook

CELL_TIMEOUT = 120.0
VIEW_TIMEOUT = 20.0
NO_ARROWS = "Nothing has passed yet."
NO_GUESS = "You made no guess"

# A cell without outputs has no execution count; Jupyter gives it one when the cell has come to its end. A
# view comes later still, for the page loads its script; one that does not come is told by `missing`. When all
# is painted, the answer is whether the cell asks for a prediction. One question: three cost the browser more,
# above all if one is a locator, which looks for shadow roots in the whole page.
STUDIED = """async ([place, polling, viewTimeout]) => {
    const { outputArea, node } = panel.content.widgets[place];
    const pause = () => new Promise((wait) => setTimeout(wait, polling));
    const hasRun = () => panel.content.model.cells.get(place).executionCount !== null
        && panel.sessionContext.session.kernel.status === "idle";
    const lacksView = ({ node }, number) => !node.querySelector("[class*=wl-]")
        && outputArea.model.get(number)?.data["application/vnd.jupyter.widget-view+json"];
    while (!hasRun()) await pause();
    const latest = performance.now() + viewTimeout;
    while (outputArea.widgets.some(lacksView) && performance.now() < latest) await pause();
    await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
    return node.querySelector(".wl-predict") !== null;
}"""
# What stands on the page for each output; a view is scrolled to, for what is out of sight need not be drawn.
OUTPUTS = """async () => {
    const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const hasInk = (canvas) => {
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return data.some((value, place) => place % 4 === 3 && value > 0);
    };
    const found = [];
    for (const [place, cell] of panel.content.widgets.entries()) {
        for (const [number, output] of (cell.outputArea?.model.toJSON() ?? []).entries()) {
            const { node } = cell.outputArea.widgets[number];
            const view = output.data?.["application/vnd.jupyter.widget-view+json"];
            if (view) {
                node.scrollIntoView({ block: "center" });
                await painted();
            }
            found.push({
                place, model: view?.model_id ?? null,
                text: node.innerText.trim(), height: node.getBoundingClientRect().height,
                drawn: Boolean(node.querySelector("[class*=wl-]")),
                isWire: Boolean(node.querySelector(".wl-wire")),
                arrows: node.querySelectorAll("[role=option]").length,
                blank: ![...node.querySelectorAll("canvas:not([hidden])")].every(hasInk),
                broken: ![...node.querySelectorAll("img")].every((image) => image.naturalWidth > 0),
            });
        }
    }
    return found;
}"""
# The words of each live widget's static picture, as they would be saved now.
STATIC_WORDS = """{
    key: widget._repr_mimebundle_()[0]["text/plain"]
    for key, widget in __import__("ipywidgets").widgets.widget._instances.items()
    if type(widget).__module__.startswith("wirelab.")
}"""
ASK = """async expression => {
    const { kernel } = panel.sessionContext.session;
    const request = { code: "", silent: true, user_expressions: { answer: expression } };
    const future = kernel.requestExecute(request);
    const { answer } = (await future.done).content.user_expressions;
    return answer.data?.["text/plain"] ?? `${answer.ename}: ${answer.evalue}`;
}"""


async def study(notebook: Notebook) -> None:
    """Run the notebook cell by cell, each when the one before has ended and been painted."""
    page = notebook.page
    kinds: list[str] = await page.evaluate("panel.content.widgets.map(cell => cell.model.type)")
    await go_to(notebook, 0)
    for place, kind in enumerate(kinds):
        await page.keyboard.press("Shift+Enter")
        if kind != "code":
            continue
        async with asyncio.timeout(CELL_TIMEOUT):
            asks = await page.evaluate(STUDIED, [place, POLLING, 1000 * VIEW_TIMEOUT])
        if asks:
            await answer(notebook, place)
            await go_to(notebook, place + 1)


async def go_to(notebook: Notebook, place: int) -> None:
    """Click on a cell, left of its text."""
    await notebook.cell(place).click(position={"x": 40, "y": 4})
    await notebook.page.keyboard.press("Escape")


async def answer(notebook: Notebook, place: int) -> None:
    """Choose an option of the prediction in that cell: by turns the first, the second, …"""
    options = notebook.cell(place).locator(".wl-predict label")
    await options.nth(place % await options.count()).click()
    await expect(notebook.cell(place).locator(".wl-predict")).to_contain_text("Noted")


async def missing(notebook: Notebook) -> list[str]:
    """What the learner should see and does not: a sentence for each picture that is empty, or says less
    than the static picture of the same thing."""
    outputs = await notebook.page.evaluate(OUTPUTS)
    static: dict[str, str] = ast.literal_eval(await notebook.page.evaluate(ASK, STATIC_WORDS))
    return [f"cell {output['place'] + 1}: {fault}" for output in outputs for fault in _faults(output, static)]


def _faults(output: dict[str, Any], static: dict[str, str]) -> list[str]:
    faults = []
    if NO_GUESS in output["text"]:
        faults.append("a prediction was made, and its answer does not know of it")
    if output["broken"]:
        faults.append("a picture does not load")
    if output["model"] is None:
        return faults
    words = static.get(output["model"], "")
    if not (output["drawn"] and output["text"] and output["height"] > 20) or output["blank"]:
        faults.append(f"a live picture is empty: {output['text']!r}")
    if not words:
        faults.append("a live picture has no static one")
    if output["isWire"] and bool(output["arrows"]) != (NO_ARROWS not in words):
        faults.append(f"the live wire has {output['arrows']} arrows in sight, the static one says: {words}")
    return faults


def of_ours(errors: list[str]) -> list[str]:
    """Without what the browser itself says when a Socket.IO server, killed on purpose, does not answer."""
    return [error for error in errors if "/socket.io/" not in error]
