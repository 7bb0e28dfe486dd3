"""A review: a wish, a mark and a sentence for each row; tiles in HTML, lines in plain text."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from wirelab.boss.tiles import State, Tile, scoreboard, ways_to_see
from wirelab.trace import Trace


@dataclass(frozen=True)
class Finding:
    """What one scenario observed; `traces` is what passed in its middleboxes, the first one first."""

    wish: str
    passed: bool
    observed: str
    traces: tuple[Trace, ...] = field(default=(), compare=False, repr=False)

    @property
    def mark(self) -> str:
        """A symbol and a word."""
        return "✓ yes" if self.passed else "✗ no"


@dataclass(frozen=True)
class Review:
    """The boss's list with what was observed at each row; shows itself as tiles."""

    name: str
    findings: tuple[Finding, ...]

    @property
    def headline(self) -> str:
        """How many rows came true."""
        return f"The boss's list, {self.name}: {sum(f.passed for f in self.findings)} of {len(self.findings)}"

    def __repr__(self) -> str:
        lines = [self.headline]
        for each in self.findings:
            observed = textwrap.fill(each.observed, 100)
            lines += [f"{each.mark:<6}{each.wish}", textwrap.indent(observed, " " * 6)]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        tiles = [
            Tile(number, each.wish, State.YES if each.passed else State.NO, _inside(number, each))
            for number, each in enumerate(self.findings, 1)
        ]
        return scoreboard(f"{self.headline}. The boss wants that it …", tiles)


def _inside(row: int, finding: Finding) -> tuple[str, ...]:
    return _with_code(finding.observed), *ways_to_see("boss.trace", row, len(finding.traces))


def html_table(
    caption: str, titles: Sequence[str], rows: Sequence[tuple[bool, str, str, Sequence[str]]]
) -> str:
    """A table of findings. A row is: whether it is a good one, its mark, its heading, its other cells."""
    head = "".join(f'<th scope="col" style="{_CELL}">{escape(title)}</th>' for title in titles)
    body = "".join(
        f'<tr><td style="{_CELL} white-space: nowrap; border-left: 4px solid {_EDGES[good]}">'
        f"<strong>{mark}</strong></td>"
        f'<th scope="row" style="{_CELL} font-weight: 600">{_with_code(heading)}</th>'
        + "".join(f'<td style="{_CELL}">{_with_code(cell)}</td>' for cell in cells)
        + "</tr>"
        for good, mark, heading, cells in rows
    )
    return (
        f'<table style="{_TABLE}"><caption style="{_CAPTION}">{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _with_code(text: str) -> str:
    """`text` shown as text, with what stands in backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


_EDGES = {True: "var(--jp-success-color1, #2e7d32)", False: "var(--jp-error-color1, #b3261e)"}
_TABLE = (
    "border-collapse: collapse; color: var(--jp-ui-font-color1, inherit); "
    "font-size: var(--jp-content-font-size1, 14px)"
)
_CAPTION = "caption-side: top; text-align: left; font-weight: bold; padding: 0.4em 0; color: inherit"
_CELL = (
    "text-align: left; vertical-align: top; padding: 0.35em 0.8em; white-space: normal; "
    "background: var(--jp-layout-color1, transparent); "
    "border-bottom: 1px solid var(--jp-border-color2, #bdbdbd);"
)
