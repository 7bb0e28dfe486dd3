"""Fixtures: JupyterLab and Chromium once a session, a notebook for each test."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from realjupyter import (
    Chromium,
    Notebook,
    chromium,
    copy_notebook,
    find_chromium,
    jupyterlab,
    opened,
    write_notebook,
)

# Two browsers' worth of tests share two cores.
expect.set_options(timeout=20_000)
OpenNotebook = Callable[..., Awaitable[Notebook]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests here share one loop, in which the browser lives."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            item.add_marker(pytest.mark.timeout(300))


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
async def lab() -> AsyncIterator[str]:
    """The URL of a JupyterLab."""
    async with jupyterlab() as url:
        yield url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def hub_lab() -> AsyncIterator[str]:
    """The URL of a JupyterLab as JupyterHub starts it for the user ada."""
    async with jupyterlab("/user/ada/") as url:
        yield url


@pytest_asyncio.fixture(loop_scope="session")
async def open_notebook(browser: Chromium, request: pytest.FixtureRequest) -> AsyncIterator[OpenNotebook]:
    """`await open_notebook(server, *cells, viewport=…, zoom=…, theme=…)`: write a notebook and open it.

    One `Path` instead of cells opens a copy of a notebook, named from the project's root.
    """
    async with AsyncExitStack() as stack:

        async def open_(server: str, *cells: str | Path, **options: Any) -> Notebook:
            first = cells[0]
            if isinstance(first, Path):
                path = copy_notebook(first)
            else:
                name = "".join(c if c.isalnum() else "_" for c in request.node.name)
                path = write_notebook(name, [str(cell) for cell in cells])
            return await stack.enter_async_context(opened(browser, server, path, **options))

        yield open_
