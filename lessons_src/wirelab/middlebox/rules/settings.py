"""Checks of the settings that rules are given."""

from __future__ import annotations

from wirelab.trace import Direction


def seconds(value: float, least: float = 0.0) -> float:
    """A time span. Raises TypeError for anything but a number, ValueError below `least`."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"Expected a number of seconds, like 0.5, but got {value!r}.")
    if not least <= value < float("inf"):
        raise ValueError(f"A time cannot be {value} seconds; give a number of seconds from {least:g} on.")
    return float(value)


def share(value: float) -> float:
    """A probability. Raises ValueError outside of 0 to 1."""
    if not 0 <= value <= 1:
        raise ValueError(f"A chance lies between 0 (never) and 1 (always), but got {value!r}.")
    return value


def positive(value: int, unit: str) -> int:
    """A whole number above 0. Raises TypeError or ValueError."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"Expected a whole number of {unit}, but got {value!r}.")
    if value <= 0:
        raise ValueError(f"{value} {unit} are too few; give a number above 0.")
    return value


def one_way(value: Direction | None) -> Direction | None:
    """A direction, or None for both. Raises TypeError for anything else."""
    if value is not None and not isinstance(value, Direction):
        raise TypeError(f"Expected Direction.UP, Direction.DOWN or None for both, but got {value!r}.")
    return value
