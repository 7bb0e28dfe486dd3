"""A question with options; it remembers which one was chosen, and later compares that with what happened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets
from IPython.display import display

from wirelab.exercise.verdict import Outcome
from wirelab.widgets.predict.answer import Answer
from wirelab.widgets.predict.text import as_html

_HERE = Path(__file__).parent


class Prediction(anywidget.AnyWidget):
    """Shows `question` and `options`; `choice` is the key of the chosen option, or empty."""

    _esm = _HERE / "predict.js"
    _css = _HERE / "predict.css"

    question = traitlets.Unicode().tag(sync=True)
    options = traitlets.Dict().tag(sync=True)
    choice = traitlets.Unicode("").tag(sync=True)

    def __repr__(self) -> str:
        return "\n".join([self.question, *(f"  {key}) {text}" for key, text in self.options.items())])

    def _repr_html_(self) -> str:
        options = (f"<li>{as_html(key)}) {as_html(text)}</li>" for key, text in self.options.items())
        return f'<p><b>{as_html(self.question)}</b></p><ul style="list-style: none">{"".join(options)}</ul>'

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        return {**data, "text/html": self._repr_html_()}, metadata

    def reveal(self, answer: str, because: str, /, **replies: str) -> Answer:
        """Compare the choice with the `answer`; `replies` go to those who chose that option.

        Raises ValueError for an option that the question does not have.
        """
        unknown = sorted({answer, *replies} - set(self.options))
        if unknown:
            raise ValueError(f"{unknown[0]!r} is not an option of this question: {', '.join(self.options)}")
        truth = f"{answer}) {self.options[answer]}"
        if not self.choice:
            return Answer(Outcome.NOT_ATTEMPTED, "You made no guess, and that is fine", "", truth, because)
        reply = replies.get(self.choice, "")
        if self.choice == answer:
            return Answer(Outcome.RIGHT, "As you said", reply, truth, because)
        return Answer(Outcome.SURPRISE, f"You said {self.choice}", reply, truth, because)


_choices: dict[str, str] = {}


def predict(question: str, /, **options: str) -> Prediction:
    """Ask before the experiment: show `question` with its options, and return what remembers the choice.

    Asked again, as when its cell runs twice, the question still knows what was chosen.
    """
    choice = _choices.get(question, "")
    prediction = Prediction(question=question, options=options, choice=choice if choice in options else "")
    prediction.observe(lambda change: _choices.update({question: change.new}), "choice")
    display(prediction)  # type: ignore[no-untyped-call]
    return prediction
