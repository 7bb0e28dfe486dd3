"""What static pictures are drawn with: words, boxes, the sheet of paper under them; in the light theme."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

WIDTH = 860
INK, QUIET, RULE, SHADE, PAPER = "#1f2933", "#52606d", "#c8ced6", "#f0f2f5", "#ffffff"
SANS = "system-ui, -apple-system, Segoe UI, Roboto, sans-serif"
MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace"
_ON_A_SHEET = {"text-anchor": "start", "font-weight": "400", "font-family": SANS, "font-size": "13"}


def sheet(height: float, parts: Iterable[str]) -> str:
    """The whole picture, `WIDTH` units wide: a framed sheet with these parts on it."""
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height:g}' width='{WIDTH}' "
        f"height='{height:g}' font-family='{SANS}' font-size='13'>"
        f"{box(0.5, 0.5, WIDTH - 1, height - 1, PAPER)}{''.join(parts)}</svg>"
    )


def box(
    x: float, y: float, width: float, height: float, fill: str, *, radius: int = 8, edge: str = RULE
) -> str:
    """A framed rectangle, its upper left corner at `x`, `y`."""
    return (
        f"<rect x='{x:g}' y='{y:g}' width='{width:g}' height='{height:g}' rx='{radius}' fill='{fill}' "
        f"stroke='{edge}'/>"
    )


def words(
    x: float,
    y: float,
    text: str,
    *,
    ink: str = INK,
    anchor: str = "start",
    weight: str = "400",
    font: str = SANS,
    size: float = 13,
    more: str = "",
) -> str:
    """A line of text, its foot at `y`; `more` are further attributes."""
    looks = {"text-anchor": anchor, "font-weight": weight, "font-family": font, "font-size": f"{size:g}"}
    said = "".join(f" {name}='{look}'" for name, look in looks.items() if look != _ON_A_SHEET[name])
    return f"<text x='{x:g}' y='{y:g}' fill='{ink}'{said}{more} xml:space='preserve'>{escape(text)}</text>"
