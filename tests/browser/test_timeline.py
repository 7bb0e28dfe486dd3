"""The reconnection timeline in a real JupyterLab: every button at every moment, and the way back through it."""

from __future__ import annotations

import json
import re

import pytest
from playwright.async_api import expect

START = """
from wirelab import bench
from wirelab.process.spawning import reaper
from wirelab.widgets.timeline import Replay, Timeline
timeline = await bench.start("timeline", Timeline)
timeline
"""
HERE = """await timeline.wait("connected", "page", "node", "python")\nprint(timeline.table())"""


async def shown(open_notebook, server, *cells, **options):
    notebook = await open_notebook(server, START, *cells, **options)
    await notebook.run_all()
    assert await notebook.errors() == []
    timeline = notebook.page.locator(".wl-timeline").first
    await expect(lane(timeline, "page")).to_have_attribute("data-state", "connected")
    return notebook, timeline


def lane(timeline, key):
    return timeline.locator(f'.wl-name[data-lane="{key}"]')


async def stands(timeline, key, state, **options):
    await expect(lane(timeline, key)).to_have_attribute("data-state", state, **options)


def button(timeline, name):
    return timeline.get_by_role("button", name=name, exact=True)


async def press(timeline, name):
    await button(timeline, name).click()


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_look(lab, open_notebook, theme):
    notebook, timeline = await shown(open_notebook, lab, theme=theme, viewport=(1280, 720))
    await press(timeline, "Send")
    await press(timeline, "Kill")
    await stands(timeline, "node", "waiting to reconnect")
    await press(timeline, "Send")
    await notebook.page.wait_for_timeout(3500)
    await notebook.screenshot(f"timeline-{theme}-1", timeline)
    await press(timeline, "Restart")
    await stands(timeline, "page", "connected")
    await press(timeline, "Freeze")
    await stands(timeline, "page", "waiting to reconnect")
    await notebook.page.wait_for_timeout(1500)
    await notebook.screenshot(f"timeline-{theme}-2")
    print(notebook.console_errors)
