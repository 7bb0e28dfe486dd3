"""How long a lesson takes: to read, to run and to answer; its exercises say it themselves."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace

from builder.lesson import MAP, Cell, Lesson
from builder.programs import fences

WORDS = 200  # in a minute
LINES = 11  # of code, in a minute
ACT = 0.5  # minutes to run a cell, or to decide on a prediction
HEADING = re.compile(r"### Exercise \d+ · \S.*\n+\*(\d+) minutes, (easy|medium|hard)\*(\n|$)")
_FOLDED = re.compile(r"<details.*?</details>", re.DOTALL)
_FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Minutes:
    """Of a lesson, and of its exercises, which come on top."""

    lesson: int
    exercises: int

    def __str__(self) -> str:
        more = f" (and {self.exercises} for the exercises)" if self.exercises else ""
        return f"{self.lesson} minutes{more}"


def minutes(lesson: Lesson) -> Minutes:
    """Computed from what is visible: no folded box, no teacher's cell, no code of a prediction."""
    total, exercises = 0.0, 0
    for cell in lesson.cells:
        if "exercise" in cell.tags:
            given = HEADING.match(cell.source)
            exercises += int(given[1]) if given else 0
        elif "folded" in cell.tags:
            total += ACT  # it has to be run, not read
        elif not {"teacher", "solution", "check"}.intersection(cell.tags):
            total += _of_cell(cell)
    return Minutes(int(total + 0.5), exercises)


def span(lessons: list[Lesson]) -> str:
    """From the shortest lesson to the longest, in steps of five minutes."""
    each = [minutes(lesson).lesson for lesson in lessons if lesson.name != MAP]
    return f"{min(each) // 5 * 5} to {-(-max(each) // 5) * 5} minutes" if each else ""


def is_question(source: str) -> bool:
    """Whether a cell only asks for a prediction or resolves one: its code would give the answer away."""
    return _is_prediction(source) or _is_call(source, "reveal")


def _of_cell(cell: Cell) -> float:
    if cell.kind == "markdown":
        seen = replace(cell, source=_FOLDED.sub("", cell.source))
        text = _FENCE.sub("", seen.source)
        code = "\n".join(token.content for token in fences(seen))
        return len(text.split()) / WORDS + _lines(code) / LINES
    return ACT + (0.0 if is_question(cell.source) else _lines(cell.source) / LINES)


def _lines(code: str) -> int:
    return sum(bool(line.strip()) for line in code.splitlines())


def _statement(source: str) -> ast.stmt | None:
    body = [] if source.startswith("%") else ast.parse(source).body
    return body[0] if len(body) == 1 else None


def _is_prediction(source: str) -> bool:
    match _statement(source):
        case ast.Assign(value=ast.Call(func=ast.Name(id="predict"))):
            return True
    return False


def _is_call(source: str, method: str) -> bool:
    match _statement(source):
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=found))):
            return found == method
    return False
