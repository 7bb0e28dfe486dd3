"""Fixtures: JupyterLab and Chromium once a session, a notebook for each test."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import AsyncExitStack
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import shared
from playwright.async_api import expect

from labserver import start_jupyterlab
from realjupyter import (
    Chromium,
    Notebook,
    chromium,
    copy_for_a_learner,
    find_chromium,
    opened,
    write_notebook,
)

# Two browsers' worth of tests share two cores.
expect.set_options(timeout=20_000)
TEST_TIMEOUT = 400.0  # seconds, on two cores that are shared
OpenNotebook = Callable[..., Awaitable[Notebook]]
failed = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests here share one loop, in which the browser lives; a time-out by signal would break it."""
    for item in items:
        if Path(__file__).parent in item.path.parents and isinstance(item, pytest.Function):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            item.add_marker(pytest.mark.timeout(3 * TEST_TIMEOUT))
            item.obj = limited(item.obj)


def limited(test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """The same test, cancelled after TEST_TIMEOUT, so that its notebook is closed in order."""

    @wraps(test)
    async def limited_test(**fixtures: Any) -> None:
        async with asyncio.timeout(TEST_TIMEOUT):
            await test(**fixtures)

    return limited_test


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell the fixtures whether their test failed."""
    report = yield
    item.stash[failed] = item.stash.get(failed, False) or report.failed
    return report


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Chromium]:
    """Chromium; without one the tests are skipped, and fail where CI is set."""
    executable = find_chromium()
    if executable is None:
        reason = "no Chromium or Chrome on PATH: the tests in a real browser cannot run; install one"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    async with chromium(executable) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lab() -> str:
    """The URL of the run's JupyterLab."""
    return await shared.shared("lab", lambda home: start_shared(home, "/"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def hub_lab() -> str:
    """The URL of the run's JupyterLab as JupyterHub starts it for the user ada."""
    return await shared.shared("hub-lab", lambda home: start_shared(home, "/user/ada/"))


async def start_shared(home: Path, base_url: str) -> tuple[int, str]:
    """Start a JupyterLab; its process id and URL."""
    process, url = await start_jupyterlab(home, base_url)
    return process.pid, url


@pytest_asyncio.fixture(loop_scope="session")
async def open_notebook(browser: Chromium, request: pytest.FixtureRequest) -> AsyncIterator[OpenNotebook]:
    """`await open_notebook(server, *cells, viewport=…, zoom=…, theme=…)`: write a notebook and open it.

    One `Path` instead of cells opens a copy of a notebook, named from the project's root, without outputs.
    Where the test failed, a picture of the page is left in .artefacts/, and the page is not used again.
    """
    name = "".join(c if c.isalnum() else "_" for c in request.node.name)
    notebooks: list[Notebook] = []
    async with AsyncExitStack() as stack:

        async def open_(server: str, *cells: str | Path, **options: Any) -> Notebook:
            first = cells[0]
            if isinstance(first, Path):
                path = copy_for_a_learner(first)
            else:
                path = write_notebook(name, [str(cell) for cell in cells])
            notebooks.append(await stack.enter_async_context(opened(browser, server, path, **options)))
            return notebooks[-1]

        yield open_
        for notebook in notebooks:
            if request.node.stash[failed]:
                notebook.failed = True
                await notebook.screenshot(f"failed-{name}")
