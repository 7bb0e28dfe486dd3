"""Bars in one or more panels that share their rows."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure

from wirelab.plots.style import SERIES, plot

_COLOUR, _ = SERIES[0]
_ROOMY = 3
"""So many panels leave each room for as many ticks as matplotlib likes; in more, long ones would touch."""


@plot
def bars(figure: Figure, title: str, panels: Mapping[str, Mapping[str, float]], text: str) -> str:
    """A bar for each name, in one panel for each quantity: {quantity: {name: value}}, same names in each.

    A value is written at its bar's end, with four digits or all that stand before its point; `text` is what
    the picture says, in words.
    """
    names = list(next(iter(panels.values())))
    figure.suptitle(title, x=0.01, ha="left")
    figure.set_figheight(0.95 + 0.36 * len(names))
    for axes, (quantity, values) in zip(
        figure.subplots(1, len(panels), sharey=True, squeeze=False)[0], panels.items(), strict=True
    ):
        drawn = axes.barh(names, [values[name] for name in names], height=0.62, color=_COLOUR)
        axes.bar_label(drawn, [_written(values[name]) for name in names], padding=4)
        axes.set_title(quantity)
        axes.margins(x=0.22)
        if len(panels) > _ROOMY:
            axes.locator_params(axis="x", nbins=2)
    axes.invert_yaxis()
    return text


def _written(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
