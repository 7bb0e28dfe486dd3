"""A lesson as a notebook that has not run yet: stubs, folded cells, slides, navigation, ids from content."""

from __future__ import annotations

import ast
import hashlib
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from builder.exercises import Exercise, exercises
from builder.lesson import MAP, Cell, Course, Lesson
from builder.maps import filled
from builder.minutes import is_question
from builder.programs import shown
from builder.style import ruff
from builder.syntax import DEFINITION, IMPORT, names_constant

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}
YOUR_TURN = "...  # your turn"
CHECK = "# Check: run this cell."
_FOLDED = (
    "The solution is in the folded cell below: click its three dots to read it. "
    "Running it does not change your answer."
)
_BUILT_NEXT = (
    "The lesson goes on with an answer of its own, whatever became of yours. It is in the folded cell below, "
    "and soon in the text."
)


def notebook(course: Course, lesson: Lesson, lessons: list[Lesson]) -> NotebookNode:
    """The lesson's notebook, without outputs."""
    links = _navigation(lesson, lessons)
    cells = [_cell("markdown", links, slide="skip")] if links else []
    asked = {exercise.first: exercise for exercise in exercises(lesson)}
    within = {index for each in asked.values() for index in range(each.first, each.last + 1)}
    for index, cell in enumerate(lesson.cells):
        if index in asked:
            cells += _exercise_cells(course, lesson, asked[index])
        elif index not in within:
            cells.append(_plain_cell(course, lesson, lessons, cell))
    if links:
        cells.append(_cell("markdown", links, slide="skip"))
    seen: dict[tuple[str, str], int] = {}
    for each in cells:
        key = (each.cell_type, each.source)
        seen[key] = seen.get(key, 0) + 1
        each.id = hashlib.sha256(repr((key, seen[key])).encode()).hexdigest()[:16]
    return new_notebook(cells=cells, metadata=nbformat.from_dict(METADATA))


def _exercise_cells(course: Course, lesson: Lesson, exercise: Exercise) -> list[NotebookNode]:
    """Task, stub, check, and the solution, folded."""
    task, check = exercise.task, exercise.check
    start = stub(exercise.solution, course, lesson)
    return [
        _cell("markdown", task.source, task.tags, _slide(task), misconception=task.misconception),
        _cell("code", start, ("exercise",), "-", stub=start),
        _cell("code", f"{CHECK}\n{check.source}", check.tags, "skip", hidden=True),
        _cell("markdown", _BUILT_NEXT if exercise.derived else _FOLDED, ("solution",), "skip"),
        _cell("code", f"%%solution\n{exercise.solution}", ("solution",), "skip", hidden=True),
    ]


def _plain_cell(course: Course, lesson: Lesson, lessons: list[Lesson], cell: Cell) -> NotebookNode:
    source, slide, hidden = cell.source, _slide(cell), False
    if cell.kind == "markdown":
        source = shown(filled(source, course, lesson, lessons))
    else:
        hidden = is_question(source) or "folded" in cell.tags
    if "teacher" in cell.tags:
        slide, hidden = "notes", cell.kind == "code"
        if cell.kind == "markdown":
            source = f'<details class="teacher"><summary>For the teacher</summary>\n\n{source}\n\n</details>'
    return _cell(cell.kind, source, cell.tags, slide, hidden, misconception=cell.misconception)


def _cell(
    kind: str, source: str, tags: tuple[str, ...] = (), slide: str = "-", hidden: bool = False, **more: object
) -> NotebookNode:
    metadata: dict[str, Any] = {"slideshow": {"slide_type": slide}}
    if tags:
        metadata["tags"] = list(tags)
    if hidden:
        metadata["jupyter"] = {"source_hidden": True}
    metadata |= {name: value for name, value in more.items() if value is not None}
    make = new_code_cell if kind == "code" else new_markdown_cell
    return make(source, metadata=nbformat.from_dict(metadata))


def _slide(cell: Cell) -> str:
    if cell.kind == "markdown" and cell.source.startswith(("# ", "## ")):
        return "slide"
    return "subslide" if cell.kind == "markdown" and cell.source.startswith("### ") else "-"


def _navigation(lesson: Lesson, lessons: list[Lesson]) -> str:
    """Previous lesson, map, next lesson, as far as they exist."""
    names = [each.name for each in lessons]
    place = names.index(lesson.name)
    links = []
    if place:
        links.append(f"[← {lessons[place - 1].title}]({names[place - 1]}.ipynb)")
    if MAP in names and place > names.index(MAP) + 1:
        links.append(f"[The map]({MAP}.ipynb)")
    if place + 1 < len(names):
        links.append(f"[{lessons[place + 1].title} →]({names[place + 1]}.ipynb)")
    return " | ".join(links)


def stub(source: str, course: Course, lesson: Lesson, body: str = YOUR_TURN) -> str:
    """A solution without the bodies of its functions; imports, signatures, docstrings and fields stay."""
    hole = ast.parse("THE_BODY").body

    def hollow(node: ast.stmt) -> ast.stmt:
        if isinstance(node, DEFINITION):
            docstring = node.body[:1] if ast.get_docstring(node, clean=False) is not None else []
            if isinstance(node, ast.ClassDef):
                node.body = docstring + [hollow(each) for each in node.body[len(docstring) :]]
            else:
                node.body = docstring + hole
        return node

    tree = ast.parse(source)
    kept = [node for node in tree.body if isinstance(node, IMPORT + DEFINITION) or names_constant(node)]
    parts = [ast.unparse(hollow(node)) for node in kept]
    text = ruff(["format"], "\n".join(parts), course.code / "lessons" / f"{lesson.name}.py")
    return text.replace("THE_BODY", body).rstrip()
