"""The course's matplotlib style and its few plots."""

from wirelab.plots.bars import bars
from wirelab.plots.comeback import Comeback, back_after, come_back, comebacks, delays
from wirelab.plots.gallery import gallery
from wirelab.plots.lines import lines
from wirelab.plots.style import Plot, plot

__all__ = [
    "Comeback",
    "Plot",
    "back_after",
    "bars",
    "come_back",
    "comebacks",
    "delays",
    "gallery",
    "lines",
    "plot",
]
