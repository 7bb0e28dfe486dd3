"""What is said about an answer, in HTML for both themes of JupyterLab and in plain text."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from IPython.display import display


class Outcome(Enum):
    """A symbol, and the colour of its edge; the words tell the outcomes apart without either."""

    NOT_ATTEMPTED = ("○", "var(--jp-border-color0, #757575)")
    NOT_JUDGED = ("!", "var(--jp-border-color0, #757575)")
    WRONG = ("✗", "var(--jp-warn-color1, #b26a00)")
    RIGHT = ("✓", "var(--jp-success-color1, #2e7d32)")
    SOLUTION = ("◆", "var(--jp-info-color1, #1565c0)")
    SURPRISE = ("→", "var(--jp-info-color1, #1565c0)")


def as_html(text: str) -> str:
    """`text` shown as text, with what stands in backticks as code, and between asterisks as emphasis."""
    parts = re.split(r"`([^`]+)`", html.escape(text))
    parts[1::2] = [f"<code>{part}</code>" for part in parts[1::2]]
    parts[::2] = [re.sub(r"\*(\S[^*]*?)\*", r"<em>\1</em>", part) for part in parts[::2]]
    return "".join(parts)


def _folded(summary: str, content: str) -> str:
    return (
        f'<details style="margin: 0.4em 0 0 1em"><summary style="cursor: pointer">{summary}</summary>'
        f"{content}</details>"
    )


def _nested(hints: Sequence[str], number: int = 1) -> str:
    if not hints:
        return ""
    return _folded(f"Hint {number}", f"<div>{as_html(hints[0])}</div>{_nested(hints[1:], number + 1)}")


def _task_again(stub: str) -> str:
    if not stub:
        return ""
    task = f'<pre style="user-select: all; padding: 0.5em">{html.escape(stub)}</pre>'
    say = "One click selects it. Put it in the place of your answer."
    return _folded("Start again: the empty task", f"<div>{say}</div>{task}")


@dataclass(frozen=True)
class Verdict:
    """One outcome in a word and a sentence; each hint opens inside the one before.

    `stub` is the empty task, for who wants to begin again. What is `watched` is shown below the sentence:
    the wire of the learner's own code.
    """

    outcome: Outcome
    word: str
    text: str
    hints: tuple[str, ...] = ()
    stub: str = ""
    watched: tuple[object, ...] = ()

    def __repr__(self) -> str:
        return f"{self.outcome.value[0]} {self.word}: {self.text}"

    def _repr_html_(self) -> str:
        symbol, colour = self.outcome.value
        text = as_html(self.text).replace("\n", "<br>")
        return (  # the classes keep MathJax away, which would set `$100$` as a formula
            '<div role="status" class="mathjax_ignore tex2jax_ignore" '
            f'style="border-left: 4px solid {colour}; padding: 0.3em 0.8em">'
            f"<div>{symbol} <strong>{as_html(self.word)}</strong> · {text}</div>"
            f"{_nested(self.hints)}{_task_again(self.stub)}</div>"
        )

    def _ipython_display_(self) -> None:
        said = {"text/plain": repr(self), "text/html": self._repr_html_()}
        display(said, raw=True)  # type: ignore[no-untyped-call]
        for each in self.watched:
            display(each)  # type: ignore[no-untyped-call]
