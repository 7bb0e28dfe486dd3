"""Pictures in a row, each under its caption."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from matplotlib.figure import Figure
from matplotlib.image import imread

from wirelab.plots.style import album


@album
def gallery(figure: Figure, title: str, pictures: Sequence[tuple[str, str, bytes]]) -> str:
    """Each picture is (caption, what it shows in words, bytes of a PNG file)."""
    figure.suptitle(title, x=0.01, ha="left")
    figure.set_figheight(2.2)
    row = figure.subplots(1, len(pictures), squeeze=False)[0]
    for axes, (caption, _, png) in zip(row, pictures, strict=True):
        axes.imshow(imread(BytesIO(png)), interpolation="nearest")
        axes.set_title(f"“{caption}”", loc="center")
        axes.set_axis_off()
    return "\n".join([f"{title}.", *(f"Under “{caption}”: {shown}." for caption, shown, _ in pictures)])
