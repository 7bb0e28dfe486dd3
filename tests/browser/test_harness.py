"""The harness itself: a notebook runs in a real JupyterLab, and what it shows can be read."""

from __future__ import annotations

import pytest


async def test_runs_a_notebook(lab, open_notebook):
    notebook = await open_notebook(lab, "import wirelab\nprint('hello')", "1 / 0")
    await notebook.run_all()
    assert await notebook.text(0) == "hello\n"
    assert await notebook.errors() == ["ZeroDivisionError: division by zero"]
    assert notebook.console_errors == []


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_switches_the_theme(lab, open_notebook, theme):
    notebook = await open_notebook(lab, "'hello'", zoom=2.0)
    await notebook.theme(theme)
    ink = await notebook.page.evaluate("getComputedStyle(document.querySelector('.jp-Notebook')).color")
    assert await notebook.page.evaluate("devicePixelRatio") == 2
    assert (ink == "rgba(0, 0, 0, 0.87)") == (theme == "light")


async def test_looks_like_a_hub(hub_lab, open_notebook):
    notebook = await open_notebook(hub_lab, "import os; os.environ['JUPYTERHUB_SERVICE_PREFIX']")
    await notebook.run_all()
    assert await notebook.text(0) == "'/user/ada/'"
    assert "/user/ada/lab" in notebook.page.url
