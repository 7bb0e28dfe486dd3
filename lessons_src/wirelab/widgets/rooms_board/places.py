"""Where rooms and chips are: three areas that overlap, so that each of the eight combinations has a place.

Four columns of the same width, two rows: gold is the first and second column, silver the second and third,
copper the lower row. Across it counts in columns, downwards in pixels, for the page and the static picture.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

COLUMNS = 4
HEAD, ROW, STRIP = 46, 178, 40
"""Heights: of the server's head, of a row, of the strip for those who are not connected."""
HEIGHT = HEAD + 2 * ROW + 16
CHIP, PITCH = 27, 31
"""Height of a chip, and from one to the next."""
_NAME = 26
_ONE_BELOW_THE_OTHER = 4
"""More chips than that stand in two columns."""
_COLUMN_OF = {(): 3, ("gold",): 0, ("gold", "silver"): 1, ("silver",): 2}


@dataclass(frozen=True, slots=True)
class Area:
    """A room's rectangle: columns from `left` to `right`, then `inset` pixels inwards; `name_right`: its
    name stands at the right end."""

    room: str
    left: int
    right: int
    inset: float
    top: float
    bottom: float
    name_right: bool


AREAS = (
    Area("gold", 0, 2, 7, HEAD + 2, HEIGHT - 10, False),
    Area("silver", 1, 3, 7, HEAD + 8, HEIGHT - 16, True),
    Area("copper", 0, 4, 2, HEAD + ROW + 6, HEIGHT - 3, True),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """The place of one combination of rooms: a column, and the room for chips in it."""

    column: int
    top: float
    height: float


def cell(rooms: Collection[str]) -> Cell:
    """Where those are who are in exactly these rooms."""
    column = _COLUMN_OF[tuple(room for room in ("gold", "silver") if room in rooms)]
    top = HEAD + _NAME + (ROW + 8 if "copper" in rooms else 6)
    return Cell(column, top, ROW - _NAME - 10)


class Placed(Protocol):
    """Somebody who has a place on the board: among those in the same rooms, or below, without a socket."""

    name: str
    rooms: list[str]

    @property
    def known(self) -> bool:
        """Whether the server has a socket of it."""


@dataclass(frozen=True, slots=True)
class Spot:
    """The place of a chip: left edge and width in columns, upper edge in pixels."""

    left: float
    top: float
    width: float


def spots(chips: Iterable[Placed]) -> Mapping[str, Spot]:
    """The place of each chip, by its name."""
    together: dict[tuple[str, ...], list[str]] = {}
    outside = []
    for chip in chips:
        if chip.known:
            together.setdefault(tuple(chip.rooms), []).append(chip.name)
        else:
            outside.append(chip.name)
    found = _in_the_strip(outside)
    for rooms, names in together.items():
        at = cell(rooms)
        abreast = 1 if len(names) <= _ONE_BELOW_THE_OTHER else 2
        inset, wide = (0.07, 0.86) if abreast == 1 else (0.05, 0.445)
        for number, name in enumerate(names):
            row, place = divmod(number, abreast)
            found[name] = Spot(at.column + inset + place * 0.455, at.top + row * PITCH, wide)
    return found


def _in_the_strip(names: list[str]) -> dict[str, Spot]:
    """Side by side, right of the words that are there."""
    apart = min(0.9, 3.3 / max(len(names), 1))
    return {
        name: Spot(0.65 + number * apart, HEIGHT + 8.0, apart - 0.05) for number, name in enumerate(names)
    }
