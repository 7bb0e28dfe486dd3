"""Plots in a real JupyterLab: dark where the page is dark, and photographs as they are."""

from __future__ import annotations

from playwright.async_api import expect

BARS = """from wirelab.plots import bars
bars("Sizes", {"bytes": {"binary": 1000.0, "base64": 1333.3}}, "Words.")"""
GALLERY = """from io import BytesIO
import numpy
from matplotlib.image import imsave
from wirelab.plots import gallery
gold = BytesIO()
imsave(gold, numpy.full((20, 20, 3), (212, 175, 55), dtype=numpy.uint8), format="png")
gallery("Kept", [("gold", "a gold square", gold.getvalue())])"""


async def test_a_plot_is_turned_over_in_the_dark_and_a_photograph_is_not(lab, open_notebook):
    notebook = await open_notebook(lab, BARS, GALLERY)
    await notebook.run_all()
    assert await notebook.errors() == []
    plot, photograph = (notebook.cell(number).locator(".jp-RenderedImage img") for number in (0, 1))
    await expect(plot).to_have_css("filter", "none")
    await notebook.theme("dark")
    await expect(plot).to_have_css("filter", "invert(0.92) hue-rotate(180deg)")
    await expect(photograph).to_have_css("filter", "none")
    await notebook.screenshot("plots-dark")
