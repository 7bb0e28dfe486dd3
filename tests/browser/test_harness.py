"""The harness itself: a notebook runs in a real JupyterLab, and what it shows can be read."""

from __future__ import annotations


async def test_runs_a_notebook(lab, open_notebook):
    notebook = await open_notebook(lab, "import wirelab\nprint('hello')", "1 / 0")
    await notebook.run_all()
    assert await notebook.text(0) == "hello\n"
    assert await notebook.errors() == ["ZeroDivisionError: division by zero"]
    assert notebook.console_errors == []


async def test_switches_theme_and_zoom(lab, open_notebook):
    notebook = await open_notebook(lab, "'hello'", zoom=2.0)
    for theme in ("dark", "light"):
        await notebook.theme(theme)
        ink = await notebook.page.evaluate("getComputedStyle(document.querySelector('.jp-Notebook')).color")
        assert (ink == "rgba(0, 0, 0, 0.87)") == (theme == "light")
    assert await notebook.page.evaluate("[devicePixelRatio, innerWidth]") == [2, 640]
    await notebook.resize(1280, 900)
    assert await notebook.page.evaluate("[devicePixelRatio, innerWidth]") == [1, 1280]


async def test_a_reload_keeps_the_kernel_and_leaves_nothing_behind(lab, open_notebook):
    notebook = await open_notebook(lab, "name = 'Ann'", "name")
    await notebook.run_cell(0)
    await notebook.reload()
    await notebook.run_cell(1)
    assert await notebook.text(1) == "'Ann'"
    await notebook.close()
    other = await open_notebook(lab, "name")
    await other.run_all()
    assert await other.errors() == ["NameError: name 'name' is not defined"]
    assert await other.page.evaluate("[...jupyterapp.shell.widgets('main')].length") == 1


async def test_looks_like_a_hub(hub_lab, open_notebook):
    notebook = await open_notebook(hub_lab, "import os; os.environ['JUPYTERHUB_SERVICE_PREFIX']")
    await notebook.run_all()
    assert await notebook.text(0) == "'/user/ada/'"
    assert "/user/ada/lab" in notebook.page.url
