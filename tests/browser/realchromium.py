"""A real Chromium, with a page and a spare kernel for each JupyterLab.

Playwright's async API throughout: its sync API keeps a loop running in the thread, in which pytest-asyncio
could run nothing else.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

from playwright.async_api import Browser, Page, async_playwright

from labserver import ROOT
from notebookfiles import NOTEBOOKS, WORKER

CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# A second after its start Lab opens what the page's address names: with the address of a notebook, as after a
# reload, that would be in the middle of the next test.
SETTLED = """
window.settled = new Promise((settle) => Object.defineProperty(window, "jupyterapp", {
    configurable: true,
    set: (app) => {
        Object.defineProperty(window, "jupyterapp", { value: app });
        app.commands.addCommand("launcher:create", { execute: () => {} });
        app.commands.commandExecuted.connect((_, { id }) => id === "router:tree" && settle(app.restored));
    },
}));
"""
_workspaces = count(1)


def find_chromium() -> str | None:
    """The path of an installed Chromium or Chrome, or None."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


class Chromium:
    """A headless browser with one JupyterLab page and one spare kernel for each server: both start slowly."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._pages: dict[str, Page] = {}
        self._kernels: dict[str, str] = {}

    async def lab(self, server: str) -> Page:
        """The page of that server."""
        if server not in self._pages:
            page = await self.empty_page()
            await page.goto(lab_url(server))
            self._pages[server] = page
        return self._pages[server]

    async def empty_page(self) -> Page:
        """A page that has loaded nothing yet."""
        page = await self._browser.new_page()
        await page.add_init_script(SETTLED)
        return page

    async def close(self, page: Page) -> None:
        """Close a page; the next notebook of its server gets a new one."""
        self._pages = {server: kept for server, kept in self._pages.items() if kept is not page}
        await page.close()

    async def kernel(self, server: str, page: Page) -> str:
        """The id of a kernel that nobody has used; the one for the next caller starts meanwhile."""
        kernel = self._kernels.pop(server, None) or await self._start_kernel(server, page)
        self._kernels[server] = await self._start_kernel(server, page)
        return kernel

    async def _start_kernel(self, server: str, page: Page) -> str:
        body = {"name": "python3", "path": NOTEBOOKS.relative_to(ROOT).as_posix() + "/any.ipynb"}
        response = await page.request.post(f"{server}api/kernels", data=body)
        kernel: str = (await response.json())["id"]
        return kernel


@asynccontextmanager
async def chromium(executable: str) -> AsyncIterator[Chromium]:
    """Start the browser, and close it with all its pages."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=list(CHROMIUM_FLAGS))
        try:
            yield Chromium(browser)
        finally:
            await browser.close()


def lab_url(server: str) -> str:
    """The address of a workspace that nobody has used."""
    return f"{server}lab/workspaces/{WORKER}-{next(_workspaces)}"
