"""A real JupyterLab in a real Chromium: open a notebook, run it, look at it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import ConsoleMessage, Error, Locator, Page

from labserver import ARTEFACTS, ROOT
from notebookfiles import copy_for_a_learner, copy_notebook, write_notebook
from realchromium import Chromium, chromium, find_chromium, lab_url

__all__ = [
    "ARTEFACTS",
    "ROOT",
    "Chromium",
    "Notebook",
    "chromium",
    "copy_for_a_learner",
    "copy_notebook",
    "find_chromium",
    "opened",
    "write_notebook",
]

CLOSE_TIMEOUT = 20.0
# Milliseconds. Asked at each frame, which is Playwright's habit, a page draws sixty frames a second to wait.
POLLING = 50


@dataclass
class Notebook:
    """A notebook that is open in JupyterLab."""

    page: Page
    server: str
    path: str
    theme_name: str = "light"
    console_errors: list[str] = field(default_factory=list)

    async def reload(self) -> None:
        """Load the page anew, and open the notebook with its running kernel again."""
        await self.page.goto(lab_url(self.server))
        await self.open()
        await self.theme(self.theme_name)

    async def open(self, **options: Any) -> None:
        """Open the notebook in JupyterLab, side bars closed, and wait for its kernel."""
        await self.page.evaluate(
            """async options => {
                await window.settled;
                const app = window.jupyterapp;
                app.shell.collapseLeft();
                app.shell.collapseRight();
                const panel = await app.commands.execute("docmanager:open", options);
                await panel.context.ready;
                await panel.sessionContext.ready;
                await panel.revealed;
                window.panel = panel;
            }""",
            {"path": self.path, "factory": "Notebook", **options},
        )
        await self.idle()

    async def idle(self, timeout: float = 60.0) -> None:
        """Wait until the kernel has nothing to do; `timeout` in seconds."""
        await self.page.wait_for_function(
            "window.panel.sessionContext.session?.kernel?.status === 'idle'",
            polling=POLLING,
            timeout=timeout * 1000,
        )

    async def run_all(self, timeout: float = 60.0) -> None:
        """Run every cell and wait for the last."""
        async with asyncio.timeout(timeout):
            await self.command("notebook:run-all-cells")
        await self.idle(timeout)

    async def run_cell(self, index: int, timeout: float = 60.0) -> None:
        """Run one cell (again) and wait for it."""
        await self.page.evaluate(
            "i => { panel.content.activeCellIndex = i; panel.content.deselectAll(); }", index
        )
        async with asyncio.timeout(timeout):
            await self.command("notebook:run-cell")
        await self.idle(timeout)

    async def add_cell(self, source: str) -> None:
        """Append a code cell, without running it."""
        await self.page.evaluate(
            "source => { panel.model.sharedModel.addCell({cell_type: 'code', source}); }", source
        )

    async def start_cell(self, index: int) -> None:
        """Run one cell without waiting for it."""
        await self.page.evaluate(
            "i => { panel.content.activeCellIndex = i; jupyterapp.commands.execute('notebook:run-cell'); }",
            index,
        )

    async def command(self, name: str, **arguments: Any) -> None:
        """Execute one of JupyterLab's commands and wait for it."""
        await self.page.evaluate(
            "async ([name, arguments]) => { await jupyterapp.commands.execute(name, arguments); }",
            [name, arguments],
        )

    async def outputs(self, index: int) -> list[dict[str, Any]]:
        """The outputs of a cell, as nbformat has them."""
        outputs: list[dict[str, Any]] = await self.page.evaluate(
            "i => panel.content.model.cells.get(i).toJSON().outputs ?? []", index
        )
        return outputs

    async def text(self, index: int) -> str:
        """What a cell printed, and the plain text of its other outputs."""
        parts = [
            output.get("text") or output.get("data", {}).get("text/plain") or ""
            for output in await self.outputs(index)
        ]
        return "".join(part if isinstance(part, str) else "".join(part) for part in parts)

    async def errors(self) -> list[str]:
        """Exceptions of all cells, such as "ValueError: no"."""
        cells = await self.page.evaluate("panel.content.model.cells.length")
        return [
            f"{output['ename']}: {output['evalue']}"
            for index in range(cells)
            for output in await self.outputs(index)
            if output["output_type"] == "error"
        ]

    async def theme(self, name: str) -> None:
        """Switch to "light" or "dark"."""
        self.theme_name = name
        await self.command("apputils:change-theme", theme=f"JupyterLab {name.title()}")
        await self.page.wait_for_function(
            "light => document.body.dataset.jpThemeLight === String(light)", arg=name == "light"
        )

    def cell(self, index: int) -> Locator:
        """A cell on the page."""
        return self.page.locator(f'.jp-Notebook .jp-Cell[data-windowed-list-index="{index}"]')

    async def screenshot(self, name: str, what: Locator | None = None) -> Path:
        """Save a picture of the page, or of `what` in it, to .artefacts/`name`.png."""
        path = ARTEFACTS / f"{name}.png"
        await (what or self.page).screenshot(path=path)
        return path

    async def resize(self, width: int, height: int = 900, zoom: float = 1.0) -> None:
        """Make the page that many screen pixels large, zoomed as with Ctrl +."""
        size = {"width": round(width / zoom), "height": round(height / zoom)}
        await self.page.set_viewport_size(size)
        session = await self.page.context.new_cdp_session(self.page)
        metrics = {**size, "deviceScaleFactor": zoom, "mobile": False}
        await session.send("Emulation.setDeviceMetricsOverride", metrics)

    async def close(self) -> None:
        """Close everything that is open on the page, and stop the notebook's kernel."""
        async with asyncio.timeout(CLOSE_TIMEOUT):
            await self.page.evaluate(
                """async path => {
                    const app = window.jupyterapp;
                    for (const widget of [...app.shell.widgets("main")]) widget.dispose();
                    const { sessions } = app.serviceManager;
                    const own = await sessions.findByPath(path);
                    if (own) await sessions.shutdown(own.id);
                    for (const dialog of document.querySelectorAll(".jp-Dialog")) dialog.remove();
                }""",
                self.path,
            )


@asynccontextmanager
async def opened(
    browser: Chromium,
    server: str,
    path: str,
    *,
    viewport: tuple[int, int] = (1280, 900),
    zoom: float = 1.0,
    theme: str = "light",
    before: Callable[[Page], Any] | None = None,
) -> AsyncIterator[Notebook]:
    """Open a notebook in the server's page, made `viewport` screen pixels large and zoomed as with Ctrl +.

    `before(page)` is awaited before a page of its own is loaded, for routes and scripts.
    """
    if before:
        page = await browser.empty_page()
        await before(page)
        await page.goto(lab_url(server))
    else:
        page = await browser.lab(server)
    notebook = Notebook(page, server, path)

    def note_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            notebook.console_errors.append(f"{message.text} [{message.location['url']}]")

    def note_exception(error: Error) -> None:
        notebook.console_errors.append(str(error))

    page.on("console", note_console)
    page.on("pageerror", note_exception)
    clean = False
    try:
        await notebook.resize(*viewport, zoom)
        await notebook.open(kernel={"id": await browser.kernel(server, page)})
        await notebook.theme(theme)
        yield notebook
        await notebook.close()
        clean = not before
    finally:
        page.remove_listener("console", note_console)
        page.remove_listener("pageerror", note_exception)
        if not clean:
            await browser.close(page)
