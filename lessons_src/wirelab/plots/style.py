"""The course's matplotlib style: inks on paper, turned over where the page is dark, and the same in words."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from io import BytesIO
from typing import Concatenate, ParamSpec

from IPython.display import publish_display_data
from matplotlib import style
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from wirelab.decode import Layer
from wirelab.look.palette import INKS, TROUBLE_LIGHT
from wirelab.look.picture import turned_in_the_dark
from wirelab.look.svg import INK, PAPER, QUIET, RULE

P = ParamSpec("P")
Drawing = Callable[Concatenate[Figure, P], str]

TROUBLE = TROUBLE_LIGHT
SERIES: tuple[tuple[str, str], ...] = tuple(
    (INKS[layer].light, hatch)
    for layer, hatch in (
        (Layer.WEBSOCKET, ""),
        (Layer.HTTP, "///"),
        (Layer.ENGINEIO, "..."),
        (Layer.SOCKETIO, "xxx"),
        (Layer.TCP, "---"),
    )
)
"""A colour and a hatch for each of up to five things side by side: they differ without colour, too."""

_WIDTH, _DOTS = 7.6, 96  # inches across, and CSS pixels for each of them
_SHARPNESS = 2  # real pixels for each CSS pixel: a projector's zoom finds them
_STYLE = {
    "font.family": "DejaVu Sans",  # matplotlib brings it along: the same letters on every machine
    "font.size": 9.5,
    "text.color": INK,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.labelcolor": QUIET,
    "axes.edgecolor": RULE,
    "axes.facecolor": PAPER,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": PAPER,
    "figure.constrained_layout.use": True,
    "figure.titlesize": 12,
    "figure.titleweight": "bold",
    "hatch.color": PAPER,
    "hatch.linewidth": 1.2,
    "legend.frameon": False,
    "savefig.facecolor": PAPER,
    "xtick.color": QUIET,
    "ytick.color": INK,
    "ytick.left": False,
}
_PAGE, _LIGHT = "#2b3440", "#f0f2f5"
_ALBUM = _STYLE | {
    "text.color": _LIGHT,
    "axes.titlecolor": _LIGHT,
    "figure.facecolor": _PAGE,
    "savefig.facecolor": _PAGE,
}
# JupyterLab shows the picture, and in the next output its words.
_TURNED = turned_in_the_dark(".jp-OutputArea-child:has(+ .jp-OutputArea-child .wl-plot) img")


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture (the bytes of a PNG file) and the same in words; shows itself at the end of a cell.

    The words are compared from run to run, the picture is not: they name what is so in every run.
    Where the page is dark, one of the `kind` "wl-plot" is turned over.
    """

    png: bytes
    text: str
    kind: str = "wl-plot"

    def _ipython_display_(self) -> None:
        """JupyterLab has no alternative text for a PNG, so the words are folded below the picture."""
        picture = {"image/png": base64.b64encode(self.png).decode(), "text/plain": self.text}
        size = {"width": round(_WIDTH * _DOTS), "alt": self.text}
        words = html.escape(self.text).replace("\n", "<br>")
        folded = {
            "text/html": f'<details class="{self.kind}"><summary>The picture in words</summary>'
            f"{words}</details>{_TURNED}",
            "text/plain": self.text,
        }
        publish_display_data(picture, {"image/png": size})  # type: ignore[no-untyped-call]
        publish_display_data(folded)  # type: ignore[no-untyped-call]


def _on(style_sheet: dict[str, object], kind: str) -> Callable[[Drawing[P]], Callable[P, Plot]]:
    """What makes a plot of a function that draws on the figure it gets and returns the same in words."""

    def decorate(draw: Drawing[P]) -> Callable[P, Plot]:
        @wraps(draw)
        def make(*args: P.args, **kwargs: P.kwargs) -> Plot:
            with style.context(style_sheet, after_reset=True):
                figure = Figure(figsize=(_WIDTH, 3.0), dpi=_DOTS)
                FigureCanvasAgg(figure)
                text = draw(figure, *args, **kwargs)
                file = BytesIO()
                figure.savefig(file, format="png", dpi=_DOTS * _SHARPNESS, metadata={"Software": None})
            return Plot(file.getvalue(), text, kind)

        return make

    return decorate


def plot(draw: Drawing[P]) -> Callable[P, Plot]:
    """Make a plot of a function that draws on the figure it gets and returns the same in words.

    The figure is 7.6 inches wide and 3 high; `figure.set_figheight` makes it fit.
    """
    return _on(_STYLE, "wl-plot")(draw)


def album(draw: Drawing[P]) -> Callable[P, Plot]:
    """The same for photographs, whose colours are to stay: a dark page of an album, in both themes."""
    return _on(_ALBUM, "wl-album")(draw)
