"""A fresh clone, opened as the README says: empty lessons that run."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from realjupyter import ARTEFACTS, ROOT, Chromium

OURS = {"PYTHONPATH", "JUPYTER_TOKEN", "VIRTUAL_ENV"}
NOT_IN_GIT = (".git", ".venv", ".artefacts", ".*_cache", "node_modules", "__pycache__", "my_course")


@dataclass
class Clone:
    """A copy of the project as git has it, and the address that its lab.py printed."""

    root: Path
    address: str


def clone(folder: Path) -> Path:
    """What a learner gets: the files of the project, nothing that a run has made."""
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*NOT_IN_GIT))
    return folder


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Clone]:
    """`python3 lab.py --no-browser` in a fresh clone, and its own environment made."""
    home = tmp_path_factory.mktemp("home")
    root = clone(home / "course")
    environment = {name: value for name, value in os.environ.items() if name not in OURS}
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    jupyter = {name: str(home / name.lower()) for name in folders}
    # A Python without the course's packages, as the learner's is.
    hide = "import runpy, sys; sys.modules['packaging'] = None; sys.argv = ['lab.py', '--no-browser']; "
    lab = await asyncio.create_subprocess_exec(
        sys._base_executable, "-c", f"{hide}runpy.run_path('lab.py', run_name='__main__')",
        cwd=root, env={**environment, **jupyter}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert lab.stdout is not None
    try:
        while line := (await lab.stdout.readline()).decode():
            if line.startswith("  http://127.0.0.1:"):
                break
        yield Clone(root, line.strip())
    finally:
        lab.terminate()
        await lab.wait()


@pytest_asyncio.fixture(loop_scope="session")
async def page(opened: Clone, browser: Chromium) -> AsyncIterator[Page]:
    """JupyterLab in a browser that has followed the printed address."""
    page = await browser.empty_page()
    await page.set_viewport_size({"width": 1280, "height": 720})
    for _ in range(200):  # the address is printed as the server starts
        try:
            await page.goto(opened.address)
            break
        except Exception:
            await asyncio.sleep(0.1)
    await expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible()
    yield page
    await browser.close(page)


@pytest.mark.timeout(300)
async def test_a_fresh_clone_opens_without_outputs_and_a_cell_runs(page: Page, opened: Clone) -> None:
    await expect(page.locator(".jp-Notebook h1").first).to_contain_text("From WebSocket to Socket.IO")
    assert "my_course/00_start_here.ipynb" in page.url
    assert await page.locator(".jp-Notebook .jp-OutputArea-output").count() == 0
    names = page.locator(".jp-DirListing-item")
    await expect(names.filter(has_text="07_the_boss_wants_more.ipynb")).to_be_visible()
    await page.screenshot(path=ARTEFACTS / "opened.png")

    await page.locator(".jp-Notebook h1").first.click()
    for _ in range(5):  # title, paragraph, the folded cell, paragraph, the server and its first client
        await page.keyboard.press("Shift+Enter")
    output = page.locator(".jp-Notebook .jp-OutputArea-output").first
    await expect(output).to_have_text("Hello, wire\n", timeout=30_000)
    await page.keyboard.press("Control+s")
    copy, built = (opened.root / folder / "00_start_here.ipynb" for folder in ("my_course", "notebooks"))
    async with asyncio.timeout(20):
        while "Hello, wire\\n" not in copy.read_text("utf-8"):  # noqa: ASYNC110 (a file)
            await asyncio.sleep(0.1)
    assert built.read_bytes() == (ROOT / "notebooks/00_start_here.ipynb").read_bytes()


async def test_a_link_to_another_lesson_leads_to_its_copy(page: Page) -> None:
    link = page.locator(".jp-Notebook a[href^=http]", has_text="01 · A raw").first
    await link.click()
    shown = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) h1").first
    await expect(shown).to_contain_text("A raw echo server")
    await expect(page).to_have_url(re.compile("/lab/tree/my_course/01_a_raw_echo_server.ipynb"))
