"""What stands in every picture of a connection: client, middlebox, server, and the line between them.

The pieces are drawn as SVG, in the light theme, like all static pictures.
"""

from __future__ import annotations

from dataclasses import dataclass

from wirelab.look.palette import COLD_LIGHT, TROUBLE_LIGHT
from wirelab.look.svg import PAPER, SHADE, box, words

LIFELINE = "#76808c"
"""The line under a head, 3 : 1 on paper."""
HEAD_HEIGHT = 40
MANY = 6
"""More clients than that share one head."""
_LETTER = 6.9


@dataclass(frozen=True, slots=True)
class Columns:
    """Where clients, the middlebox and servers stand, in pixels from the left."""

    clients: tuple[float, ...]
    middlebox: float
    servers: tuple[float, ...]
    step: float
    """Between two neighbours: how wide a head may be."""

    @property
    def are_folded(self) -> bool:
        """Whether the clients stand too close for names of their own."""
        return len(self.clients) > MANY


def columns(left: float, right: float, clients: int, servers: int) -> Columns:
    """Clients from the left, servers to the right; the middlebox between has the most room on both sides."""
    many = clients > MANY
    weights = (clients - 1) * (0.12 if many else 1) + 2 * 1.3 + servers - 1
    unit = (right - left - 68) / weights
    step = unit * 0.12 if many else unit
    if many:
        step = min(step, unit * 2.4 / (clients - 1))
        unit = (right - left - 68 - step * (clients - 1)) / (2 * 1.3 + servers - 1)
    first = left + 34
    spots = tuple(first + step * number for number in range(clients))
    middle = spots[-1] + 1.3 * unit
    return Columns(
        spots, middle, tuple(middle + 1.3 * unit + unit * n for n in range(servers)), min(unit, 150)
    )


def head(x: float, names: list[str], room: float, *, top: float = 8) -> list[str]:
    """A box with a name, or the first two of several, its middle at `x` and at most `room` wide."""
    lines = names if len(names) < 3 else [names[0], f"and {len(names) - 1} more rules"]
    if len(lines) == 1:
        lines = broken(lines[0], (room - 16) / _LETTER)
    wide = min(room, max(56.0, max(map(len, lines)) * _LETTER + 16))
    parts = [box(x - wide / 2, top, wide, HEAD_HEIGHT, SHADE, radius=6, edge=LIFELINE)]
    foot = top + (25 if len(lines) == 1 else 17)
    for line in lines:
        parts.append(words(x, foot, fitted(line, wide - 8), anchor="middle", size=12))
        foot += 15
    return parts


def lifeline(x: float, top: float, bottom: float, *, cut_at: float = 0, iced: bool = False) -> list[str]:
    """The line under a head: whole, ended by a cut at `cut_at`, or of somebody who is frozen."""
    colour, dash = (COLD_LIGHT, "1 5") if iced else (LIFELINE, "none")
    end = cut_at or bottom
    line = f"<line x1='{x:g}' y1='{top:g}' x2='{x:g}' y2='{end:g}' stroke='{colour}' stroke-width='2'"
    return [
        f"{line} stroke-dasharray='{dash}' stroke-linecap='round'/>",
        *(cross(x, cut_at) if cut_at else []),
    ]


def cross(x: float, y: float, size: float = 6) -> list[str]:
    """The ✗ where something died."""
    path = (
        f"M{x - size:g} {y - size:g} l{2 * size:g} {2 * size:g} m0 {-2 * size:g} l{-2 * size:g} {2 * size:g}"
    )
    return [
        f"<path d='{path}' stroke='{colour}' stroke-width='{width}' stroke-linecap='round' fill='none'/>"
        for colour, width in ((PAPER, 7), (TROUBLE_LIGHT, 3))
    ]


def sign(mark: str, x: float, y: float, colour: str = TROUBLE_LIGHT) -> list[str]:
    """What the middlebox did, where it did it: the ✗, or another mark in a disc."""
    if mark == "✗":
        return cross(x, y)
    disc = f"<circle cx='{x:g}' cy='{y:g}' r='9' fill='{PAPER}' stroke='{colour}' stroke-width='2'/>"
    return [disc, words(x, y + 4.5, mark, ink=colour, anchor="middle", weight="700", size=12)]


def fitted(text: str, room: float, letter: float = _LETTER) -> str:
    """A text cut so that it fits, the last letter then an ellipsis."""
    most = max(3, int(room / letter))
    return text if len(text) <= most else text[: most - 1] + "…"


def broken(text: str, most: float) -> list[str]:
    """A line of more than `most` letters broken in two, at the space nearest to its middle."""
    spaces = [place for place, letter in enumerate(text) if letter == " "]
    if len(text) <= most or not spaces:
        return [text]
    at = min(spaces, key=lambda place: abs(place - len(text) / 2))
    return [text[:at], text[at + 1 :]]
