"""Lines over a common axis, in one or more panels below each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from wirelab.plots.style import SERIES, plot

_DASHES = ("-", "--", "-.", ":", (0, (5, 1)))


@plot
def lines(
    figure: Figure,
    title: str,
    panels: Mapping[str, Mapping[str, Sequence[tuple[float, float]]]],
    across: str,
    text: str,
    at_least: Mapping[str, float] | None = None,
) -> str:
    """A line for each of up to five names in one panel for each quantity: {quantity: {name: [(x, y)]}}.

    The panels have the same names. `across` says what x is, `text` what the picture says, in words. A panel
    goes up to the value in `at_least`, if it has one there, so that what is small looks small.
    """
    names = list(next(iter(panels.values())))
    if not 1 <= len(names) <= len(SERIES):
        raise ValueError(f"There is room for one to {len(SERIES)} lines in a panel, not {len(names)}.")
    figure.suptitle(title, x=0.01, ha="left")
    figure.set_figheight(1.25 + 1.5 * len(panels))
    rows = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axes, (quantity, series) in zip(rows, panels.items(), strict=True):
        for name, (colour, _), dashes in zip(names, SERIES, _DASHES, strict=False):
            x, y = zip(*series[name], strict=True)
            axes.plot(x, y, color=colour, linestyle=dashes, linewidth=1.8, label=name)
        axes.set_title(quantity)
        axes.set_ylim(0, max(axes.get_ylim()[1], (at_least or {}).get(quantity, 0)))
    rows[-1].set_xlabel(across)
    figure.legend(*rows[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(names))
    return text
