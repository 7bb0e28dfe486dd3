"""A built notebook as what it consists of: sections with their minutes, predictions, exercises."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from pages.markup import Cell
from pages.minutes import HEADING, of_cell


def source(cell: Cell) -> str:
    """The text of a cell."""
    return "".join(cell["source"])


def tags(cell: Cell) -> list[str]:
    """The tags of a cell."""
    found: list[str] = cell["metadata"].get("tags", [])
    return found


@dataclass(frozen=True)
class Prediction:
    """A question, its options by letter, the right one, why, and what is said to who chose another.

    Of a cell that only answers, there is no `text` and no `options`.
    """

    answer: str
    because: str
    replies: dict[str, str]
    text: str = ""
    options: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Exercise:
    """A task in Markdown, without its heading; its cells in the notebook are all of it."""

    title: str
    minutes: int
    level: str
    task: str
    solution: str


@dataclass
class Section:
    """What stands under one `##` heading; `minutes` are those of what everybody reads and runs."""

    title: str
    cells: list[Cell] = field(default_factory=list)

    @property
    def minutes(self) -> float:
        """Exercises and the teacher's boxes apart."""
        return sum(of_cell(cell["cell_type"], source(cell), tags(cell)) for cell in self.cells)


@dataclass(frozen=True)
class Book:
    """A lesson as it was built."""

    name: str
    title: str
    sections: tuple[Section, ...]

    @property
    def number(self) -> str:
        """Two digits."""
        return self.name[:2]

    @property
    def cells(self) -> list[Cell]:
        """All of them, without the lines that lead to other lessons."""
        return [cell for section in self.sections for cell in section.cells]

    @property
    def minutes(self) -> int:
        """Without the exercises: what the lesson's first cell says, where the build has filled it in."""
        promised = re.search(r"(\d+) minutes", source(self.cells[0]))
        return int(promised[1]) if promised else int(sum(each.minutes for each in self.sections) + 0.5)

    def predictions(self, section: Section) -> Iterator[Prediction]:
        """The questions that are asked in a section, with their answers, wherever these stand."""
        answers = {name: answer for each in self.sections for name, answer in answered(each)}
        for cell in filter(_is_code, section.cells):
            if found := asked(source(cell), answers):
                yield found[1]


def read(path: Path) -> Book:
    """The lesson in a built notebook."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    sections = [Section("")]
    title = path.stem
    for cell in cells:
        text = source(cell)
        if cell["cell_type"] == "markdown" and _is_navigation(cell):
            continue
        if cell["cell_type"] == "markdown" and (first := re.match(r"# +(.+)", text)):
            title = first[1].strip()
        if cell["cell_type"] != "markdown" or "## " not in text or "teacher" in tags(cell):
            sections[-1].cells.append(cell)
            continue
        for part in re.split(r"^(?=## )", text, flags=re.MULTILINE):
            if heading := re.match(r"## +(.+)", part):
                sections.append(Section(heading[1].strip()))
            if part.strip():
                sections[-1].cells.append({**cell, "source": part})
    return Book(path.stem, title, tuple(each for each in sections if each.cells))


def exercises(section: Section) -> Iterator[Exercise]:
    """The exercises that a section sets."""
    for place, cell in enumerate(section.cells):
        if (found := HEADING.match(source(cell))) and "exercise" in tags(cell):
            later = [each for each in section.cells[place:] if "solution" in tags(each) and _is_code(each)]
            solution = source(later[0]).removeprefix("%%solution\n") if later else ""
            task = source(cell)[found.end() :].strip()
            yield Exercise(found[1], int(found[2]), found[3], task, solution)


def _is_code(cell: Cell) -> bool:
    return bool(cell["cell_type"] == "code")


def _is_navigation(cell: Cell) -> bool:
    return cell["metadata"].get("slideshow", {}).get("slide_type") == "skip" and not tags(cell)


def _body(text: str) -> list[ast.stmt]:
    try:
        return ast.parse(text).body
    except SyntaxError:  # a magic of IPython
        return []


def asked(text: str, answers: dict[str, Prediction]) -> tuple[str, Prediction] | None:
    """The name and the question of a cell that asks for a prediction; `answers` are those of its lesson."""
    match _body(text):
        case [ast.Assign([ast.Name(name)], ast.Call(ast.Name("predict"), [question], options))] if (
            name in answers
        ):
            return name, replace(answers[name], text=ast.literal_eval(question), options=_texts(options))
    return None


def answered(section: Section) -> Iterator[tuple[str, Prediction]]:
    """The answers that a section gives, by the names of their questions."""
    for cell in filter(_is_code, section.cells):
        match _body(source(cell)):
            case [ast.Expr(ast.Call(ast.Attribute(ast.Name(name), "reveal"), [answer, because], replies))]:
                yield name, Prediction(ast.literal_eval(answer), ast.literal_eval(because), _texts(replies))


def _texts(keywords: list[ast.keyword]) -> dict[str, str]:
    return {keyword.arg or "": ast.literal_eval(keyword.value) for keyword in keywords}
