"""The boss's list as tiles: red and green, each opens what was observed. HTML alone, without a script."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from html import escape


class State(Enum):
    """How a wish stands: a sign, a word and a colour."""

    YES = ("✓", "yes", "var(--jp-success-color1, #2e7d32)")
    NO = ("✗", "no", "var(--jp-error-color1, #b3261e)")
    OPEN = ("○", "not tried yet", "var(--jp-border-color1, #757575)")


@dataclass(frozen=True)
class Tile:
    """A wish, its number on the list, and what it opens: paragraphs of HTML."""

    number: int
    wish: str
    state: State
    inside: tuple[str, ...]

    def to_html(self) -> str:
        """A <details>: closed a tile, open a row of its own."""
        sign, word, colour = self.state.value
        tint = f"color-mix(in srgb, {colour} 14%, transparent)"
        paragraphs = "".join(f'<p style="margin: 6px 0 2px">{each}</p>' for each in self.inside)
        edge = f"border: 1px solid {colour}; border-left-width: 5px; border-radius: 4px"
        return (
            f'<details class="wl-tile" data-row="{self.number}" '
            f'style="{edge}; padding: 6px 10px; background: {tint}">'
            f'<summary style="cursor: pointer">'
            f"<strong>{sign} {word}</strong> "
            f'<span style="opacity: 0.75">· {self.number}</span><br>{escape(self.wish)}</summary>'
            f"{paragraphs}</details>"
        )


def scoreboard(caption: str, tiles: Sequence[Tile]) -> str:
    """All tiles under a caption."""
    return (
        f'<div class="wl-scoreboard" style="{_FONT}">{_OPEN}<p style="font-weight: bold; margin: 0.4em 0">'
        f'{escape(caption)}</p><div style="{_GRID}">{"".join(tile.to_html() for tile in tiles)}</div></div>'
    )


def ways_to_see(call: str, row: int, wires: int) -> tuple[str, ...]:
    """The paragraph on the wires of a row's run; none where there are none. `call` returns a trace."""
    if not wires:
        return ()
    calls = [f"{call}({row})", *(f"{call}({row}, {box})" for box in range(2, wires + 1))]
    ways = " and ".join(f"<code>Wire({each})</code>" for each in calls)
    return (f"{_WIRES}: {ways} in a cell of your own.",)


_WIRES = "What went over the wire in this run"
RUN = re.compile(rf"<p[^>]*>{_WIRES}:.*?</p>")
"""The paragraph on the wires, for a page that shows the wires themselves."""
_FONT = "color: var(--jp-ui-font-color1, inherit); font-size: var(--jp-content-font-size1, 14px)"
_GRID = (
    "display: grid; grid-template-columns: repeat(auto-fill, minmax(12.5em, 1fr)); gap: 8px; max-width: 64em"
)
_OPEN = "<style>.wl-scoreboard .wl-tile[open] { grid-column: 1 / -1; }</style>"
"""Where styles are taken out (a notebook that is not trusted), an open tile is as wide as a closed one."""
