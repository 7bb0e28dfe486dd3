"""What is said about an answer, in HTML for both themes of JupyterLab and in plain text."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    """A symbol, and the colour of its edge; the words tell the outcomes apart without either."""

    NOT_ATTEMPTED = ("○", "var(--jp-border-color0, #757575)")
    WRONG = ("✗", "var(--jp-warn-color1, #b26a00)")
    RIGHT = ("✓", "var(--jp-success-color1, #2e7d32)")
    SURPRISE = ("→", "var(--jp-info-color1, #1565c0)")


def as_html(text: str) -> str:
    """`text` shown as text, with what stands in backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def _nested(hints: Sequence[str], number: int = 1) -> str:
    if not hints:
        return ""
    return (
        f'<details style="margin: 0.4em 0 0 1em"><summary style="cursor: pointer">Hint {number}</summary>'
        f"<div>{as_html(hints[0])}</div>{_nested(hints[1:], number + 1)}</details>"
    )


@dataclass(frozen=True)
class Verdict:
    """One outcome in a word and a sentence; each hint opens inside the one before."""

    outcome: Outcome
    word: str
    text: str
    hints: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"{self.outcome.value[0]} {self.word}: {self.text}"

    def _repr_html_(self) -> str:
        symbol, colour = self.outcome.value
        return (
            f'<div role="status" style="border-left: 4px solid {colour}; padding: 0.3em 0.8em">'
            f"<div>{symbol} <strong>{as_html(self.word)}</strong> · {as_html(self.text)}</div>"
            f"{_nested(self.hints)}</div>"
        )
