"""The course's matplotlib style and its few plots."""

from wirelab.plots.bars import bars
from wirelab.plots.gallery import gallery
from wirelab.plots.style import Plot, plot

__all__ = ["Plot", "bars", "gallery", "plot"]
