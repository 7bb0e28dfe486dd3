"""What a lesson's cells must be like; each rule raises a Refusal."""

from __future__ import annotations

import ast
import re

from builder.exercises import exercises
from builder.lesson import MAP, Cell, Lesson
from builder.syntax import DEFINITION, IMPORT, names_constant, parsed

TAGS = ("export", "core", "demo", "exercise", "solution", "check", "teacher", "measured", "folded")
CELL_LINES = 40
CHECK_LINES = 64  # a check is folded, and need not fit a screen
_TYPED = re.compile(r"\b\d+ min(utes)?\b")


def hold(lessons: list[Lesson]) -> None:
    """Hold all cells against the rules."""
    bodies: dict[str, Cell] = {}
    for lesson in lessons:
        if not lesson.title:
            raise lesson.cells[0].refuse("no heading. Begin the first Markdown cell with `# Title`.")
        for cell in lesson.cells:
            _hold_cell(cell)
        _hold_minutes(lesson)
        exercises(lesson)
        _hold_names(lesson)
        for cell in lesson.tagged("export"):
            for node in parsed(cell).body:
                if not isinstance(node, DEFINITION):
                    continue
                first = bodies.setdefault(ast.dump(node), cell)
                if first is not cell:
                    raise cell.refuse(
                        f"`{node.name}` repeats {first.where}. Import it from that lesson's module."
                    )


def _hold_cell(cell: Cell) -> None:
    for tag in cell.tags:
        if tag not in TAGS:
            raise cell.refuse(f"unknown tag {tag!r}. The tags are {', '.join(TAGS)}.")
    if "core" in cell.tags and "export" not in cell.tags:
        raise cell.refuse("core says into which module an export cell goes. Tag it export as well.")
    lines, limit = len(cell.source.splitlines()), CHECK_LINES if "check" in cell.tags else CELL_LINES
    if lines > limit:
        raise cell.refuse(f"the cell has {lines} lines, at most {limit} fit a screen. Split it.")
    for tag in {"export", "solution"}.intersection(cell.tags):
        for node in parsed(cell).body:
            if not isinstance(node, DEFINITION + IMPORT) and not (tag == "export" and names_constant(node)):
                raise cell.refuse(
                    f"`{ast.unparse(node).splitlines()[0]}` in a cell tagged {tag}: only imports and "
                    "definitions may stand there. Move it to a cell without that tag."
                )


def _hold_minutes(lesson: Lesson) -> None:
    head = next(cell for cell in lesson.cells if cell.kind == "markdown")
    if lesson.name == MAP:
        return
    if typed := _TYPED.search(head.source):
        raise head.refuse(f"`{typed[0]}` is typed. Write `{{minutes}}`: the build computes it.")
    if "{minutes}" not in head.source:
        raise head.refuse("the promise does not say how long it takes. Write `**In {minutes} you …**`.")


def _hold_names(lesson: Lesson) -> None:
    for tag in ("export", "solution"):
        seen: dict[str, Cell] = {}
        for cell in lesson.tagged(tag):
            for node in parsed(cell).body:
                if isinstance(node, DEFINITION):
                    if node.name in seen:
                        raise cell.refuse(
                            f"`{node.name}` is defined already in {seen[node.name].where}. Rename one."
                        )
                    seen[node.name] = cell
