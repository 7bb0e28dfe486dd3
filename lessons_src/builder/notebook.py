"""A lesson as a notebook that has not run yet: stubs, folded cells, slides, navigation, ids from content."""

from __future__ import annotations

import ast
import hashlib
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from builder.lesson import MAP, Course, Lesson
from builder.rules import DEFINITION, IMPORT, exercises
from builder.style import ruff

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}
YOUR_TURN = "...  # your turn"
_FOLDED = (
    "The solution is in the folded cell below: click its three dots to read it. "
    "Running it does not change your answer."
)


def notebook(course: Course, lesson: Lesson, lessons: list[Lesson]) -> NotebookNode:
    """The lesson's notebook, without outputs."""
    links = _navigation(lesson, lessons)
    cells = [_cell("markdown", links, (), "skip")] if links else []
    tasks = set(exercises(lesson.cells))
    for index, cell in enumerate(lesson.cells):
        if index - 1 in tasks:  # the solution: its stub stands here, it follows after the check
            text = stub(cell.source, course, lesson)
            cells.append(_cell("code", text, ("exercise",), "-"))
        elif index - 2 in tasks:
            solution = lesson.cells[index - 1]
            cells.append(_cell("code", cell.source, cell.tags, "skip", hidden=True))
            cells.append(_cell("markdown", _FOLDED, ("solution",), "skip"))
            cells.append(_cell("code", f"%%solution\n{solution.source}", solution.tags, "skip", hidden=True))
        elif "teacher" in cell.tags:
            source = cell.source
            if cell.kind == "markdown":
                source = (
                    f'<details class="teacher"><summary>For the teacher</summary>\n\n{source}\n\n</details>'
                )
            cells.append(_cell(cell.kind, source, cell.tags, "notes", hidden=cell.kind == "code"))
        else:
            slide = _slide(cell.kind, cell.source)
            hidden = cell.kind == "code" and _is_question(cell.source)
            cells.append(_cell(cell.kind, cell.source, cell.tags, slide, hidden))
    if links:
        cells.append(_cell("markdown", links, (), "skip"))
    seen: dict[tuple[str, str], int] = {}
    for each in cells:
        key = (each.cell_type, each.source)
        seen[key] = seen.get(key, 0) + 1
        each.id = hashlib.sha256(repr((key, seen[key])).encode()).hexdigest()[:16]
    return new_notebook(cells=cells, metadata=nbformat.from_dict(METADATA))


def _cell(kind: str, source: str, tags: tuple[str, ...], slide: str, hidden: bool = False) -> NotebookNode:
    metadata: dict[str, Any] = {"slideshow": {"slide_type": slide}}
    if tags:
        metadata["tags"] = list(tags)
    if hidden:
        metadata["jupyter"] = {"source_hidden": True}
    make = new_code_cell if kind == "code" else new_markdown_cell
    return make(source, metadata=nbformat.from_dict(metadata))


def _is_question(source: str) -> bool:
    """Whether a cell only asks for a prediction or resolves one: its code would give the answer away."""
    if source.startswith("%"):
        return False
    match ast.parse(source).body:
        case [ast.Assign(value=ast.Call(func=ast.Name(id="predict")))]:
            return True
        case [ast.Expr(value=ast.Call(func=ast.Attribute(attr="reveal")))]:
            return True
    return False


def _slide(kind: str, source: str) -> str:
    if kind == "markdown" and source.startswith(("# ", "## ")):
        return "slide"
    return "subslide" if kind == "markdown" and source.startswith("### ") else "-"


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
    """A solution with each function's body taken out: imports, signatures, docstrings and fields stay."""
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
    parts = [ast.unparse(hollow(node)) for node in tree.body if isinstance(node, IMPORT + DEFINITION)]
    text = ruff(["format"], "\n".join(parts), course.code / "lessons" / f"{lesson.name}.py")
    return text.replace("THE_BODY", body).rstrip()
