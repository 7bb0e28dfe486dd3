"""A lesson as a page of the site: texts, code, outputs, predictions that wait, recorded demos."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pages import markup
from pages.book import Book, Prediction, Section, answered, asked, source, tags
from pages.films import Films, Shot, inspected
from pages.links import Links
from pages.markup import Cell
from wirelab.boss.tiles import RUN
from wirelab.exercise.verdict import as_html
from wirelab.widgets.predict import Prediction as Widget

_TILES = 'class="wl-scoreboard"'
_STATIC = '<img class="wl-static"'
_INSPECTOR = "One WebSocket frame"
_HINTS = re.compile(r"<details.*</details>", re.DOTALL)
_NOT_LIVE = (
    '<p class="still">A picture of a demo that needs your own browser and your own server: '
    '<a href="index.html#run">run the course</a>, and it is alive.</p>'
)


@dataclass
class Pages:
    """Makes the page of one lesson; `shots` becomes what its demos have recorded, `boards` its tiles."""

    book: Book
    folder: Path
    films: Films
    links: Links
    shots: dict[str, Shot] = field(default_factory=dict)
    boards: list[str] = field(default_factory=list)
    _reviews: int = 0

    def body(self) -> str:
        """The lesson's HTML."""
        self._reviews = self.films.reviews - sum(_has_tiles(cell) for cell in self.book.cells)
        given = {name: answer for section in self.book.sections for name, answer in answered(section)}
        questions = (asked(source(cell), given) for cell in self.book.cells if cell["cell_type"] == "code")
        answers = dict(filter(None, questions))
        return "".join(f"<section>{self._section(each, answers)}</section>" for each in self.book.sections)

    def _section(self, section: Section, answers: dict[str, Prediction]) -> str:
        return self.links.glossed("".join(self._cell(cell, answers) for cell in section.cells), section.title)

    def _cell(self, cell: Cell, answers: dict[str, Prediction]) -> str:
        marks = tags(cell)
        if "teacher" in marks or ("solution" in marks and cell["cell_type"] == "markdown"):
            return ""
        if cell["cell_type"] == "markdown":
            return markup.markdown(source(cell), self.folder, self.links.to)
        for name, question in answers.items():
            if source(cell).startswith(f"{name} = predict("):
                return _question(name, question)
            if source(cell).startswith(f"{name}.reveal("):
                return _reveal(name, question)
        return self._code(cell, marks) + "".join(self._outputs(cell, marks))

    def _code(self, cell: Cell, marks: list[str]) -> str:
        text = source(cell)
        if "solution" in marks:
            return _folded("The solution", markup.code(text.removeprefix("%%solution\n")))
        if "check" in marks:
            return _folded("The check", markup.code(text))
        if cell["metadata"].get("jupyter", {}).get("source_hidden"):
            comment = re.match(r"# (.+)", text)
            return _folded(f"Folded: {comment[1]}" if comment else "Folded code", markup.code(text))
        return f'<div class="code{" yours" if "exercise" in marks else ""}">{markup.code(text)}</div>'

    def _outputs(self, cell: Cell, marks: list[str]) -> Iterator[str]:
        if "solution" in marks:
            return
        shots = iter(self.films.of_cell(cell["id"]))
        for number, shown in enumerate(cell["outputs"]):
            page = markup.output(shown)
            if "check" in marks and (hints := _HINTS.search(page)):
                yield f'<div class="output">{hints[0]}</div>'
            elif _TILES in page:
                yield self._review(page)
            elif page.startswith(_STATIC):
                yield self._demo(f"{cell['id']} {number}", page, next(shots, {}))
            else:
                yield f'<div class="output">{page}</div>'

    def _demo(self, key: str, picture: str, shot: Shot) -> str:
        """The picture of a demo, which a recording takes the place of."""
        if f'alt="{_INSPECTOR}' in picture:
            shot = inspected()
        if not shot:
            return f'<div class="demo">{picture}{_NOT_LIVE}</div>'
        self.shots[key] = shot
        return f'<div class="demo" data-shot="{key}">{picture}</div>'

    def _review(self, page: str) -> str:
        """Tiles that open the wires of their runs."""
        name = f"review-{self._reviews}"
        rows = self.films.of_review(self._reviews) if self._reviews >= 0 else {}
        self._reviews += 1
        for row, shots in rows.items():
            self.shots |= {f"{name} {row} {number}": shot for number, shot in enumerate(shots)}
        self.boards.append(f'<div class="output" data-review="{name}">{RUN.sub("", page)}</div>')
        return self.boards[-1]


def _has_tiles(cell: Cell) -> bool:
    return any(
        _TILES in "".join(each.get("data", {}).get("text/html", "")) for each in cell.get("outputs", ())
    )


def _folded(summary: str, content: str) -> str:
    return f"<details><summary>{as_html(summary)}</summary>{content}</details>"


def _question(name: str, question: Prediction) -> str:
    """The real widget, on the page; until it is there, the question in words."""
    asked = {"name": name, "question": question.text, "options": question.options}
    words = "".join(f"<li>{as_html(key)}) {as_html(text)}</li>" for key, text in question.options.items())
    return (
        f'<div class="ask" data-ask="{html.escape(json.dumps(asked), quote=True)}">'
        f"<p><b>{as_html(question.text)}</b></p><ul>{words}</ul></div>"
    )


def _reveal(name: str, question: Prediction) -> str:
    """The answer to each choice, and to none."""
    widget = Widget(question=question.text, options=question.options)
    replies = []
    for choice in ("", *question.options):
        widget.choice = choice
        answer = widget.reveal(question.answer, question.because, **question.replies)
        replies.append(
            f'<div data-choice="{choice}"{" hidden" if choice else ""}>{answer._repr_html_()}</div>'
        )
    wait = '<p class="wait" hidden>Choose an answer above. <button type="button">Or show it now</button></p>'
    return f'<div class="output answers" data-answers="{name}">{wait}{"".join(replies)}</div>'
