"""Predictions as a class sees them: the question alone, and later the same question with its answer."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from wirelab.exercise.verdict import as_html


@dataclass(frozen=True)
class Question:
    """What `predict` asks; `options` goes from a letter to its text."""

    text: str
    options: dict[str, str]

    def to_html(self) -> str:
        """The question and its options."""
        return self._box("".join(self._option(key) for key in self.options))

    def _box(self, options: str, after: str = "") -> str:
        title = f'<p class="question">{as_html(self.text)}</p>'
        return f'<div class="prediction">{title}<ol class="options">{options}</ol>{after}</div>'

    def _option(self, key: str, classes: str = "") -> str:
        text = f"<b>{as_html(key)}</b> {as_html(self.options[key])}"
        return f'<li class="{classes}"{_FIRST if classes else ""}>{text}</li>'

    def answered(self, answer: str, because: str, replies: dict[str, str]) -> str:
        """The question; then, on a key, its answer and the reason; then what is wrong with the others."""
        marked = {answer: "fragment custom right"}
        options = "".join(self._option(key, marked.get(key, "")) for key in self.options)
        reason = f'<p class="fragment reason"{_FIRST}>{as_html(because)}</p>'
        others = "".join(f"<p><b>{as_html(key)}</b> {as_html(text)}</p>" for key, text in replies.items())
        return self._box(options, reason + (f'<div class="fragment">{others}</div>' if others else ""))


_FIRST = ' data-fragment-index="0"'


class Questions:
    """The questions of one lesson, by the names under which its cells keep them."""

    def __init__(self) -> None:
        self._asked: dict[str, Question] = {}

    def read(self, source: str) -> str:
        """The HTML for a cell that asks or answers a question; empty for any other cell."""
        try:
            statements = ast.parse(source).body
        except SyntaxError:  # a magic of IPython
            return ""
        match statements:
            case [ast.Assign([ast.Name(name)], ast.Call(ast.Name("predict"), [text], options))]:
                self._asked[name] = Question(ast.literal_eval(text), _texts(options))
                return self._asked[name].to_html()
            case [ast.Expr(ast.Call(ast.Attribute(ast.Name(name), "reveal"), [answer, because], replies))]:
                answered = ast.literal_eval(answer), ast.literal_eval(because), _texts(replies)
                return self._asked[name].answered(*answered)
        return ""


def _texts(keywords: list[ast.keyword]) -> dict[str, str]:
    return {keyword.arg or "": ast.literal_eval(keyword.value) for keyword in keywords}
