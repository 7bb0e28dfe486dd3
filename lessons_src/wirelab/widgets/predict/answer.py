"""What a prediction comes to: the choice, what really happens, and why."""

from __future__ import annotations

from dataclasses import dataclass

from wirelab.exercise.verdict import Outcome
from wirelab.widgets.predict.text import as_html


@dataclass(frozen=True)
class Answer:
    """`word` and `reply` are about the choice; `truth` is the right option, and `because` says why."""

    outcome: Outcome
    word: str
    reply: str
    truth: str
    because: str

    def __repr__(self) -> str:
        happens = "What happens: " if self.outcome is Outcome.SURPRISE else ""
        parts = (self.reply, f"{happens}{self.truth}", self.because)
        return f"{self.outcome.value[0]} {self.word}: {' '.join(filter(None, parts))}"

    def _repr_html_(self) -> str:
        symbol, colour = self.outcome.value
        reply = f" · {as_html(self.reply)}" if self.reply else ""
        return (
            f'<div role="status" style="border-left: 4px solid {colour}; padding: 0.3em 0.8em">'
            f"<div>{symbol} <strong>{as_html(self.word)}</strong>{reply}</div>"
            f'<div style="{_TRUTH}"><span style="{_LABEL}">What happens</span> {as_html(self.truth)}</div>'
            f"<div>{as_html(self.because)}</div></div>"
        )


_TRUTH = (
    "background: var(--jp-layout-color2, rgb(128 128 128 / 15%)); margin: 0.5em 0; padding: 0.4em 0.7em; "
    "font-weight: 600"
)
_LABEL = "font-weight: normal; margin-right: 0.5em"
