"""The modules of the handmade Socket.IO that a lesson's `export` cells make: one, or a core and one on it."""

from __future__ import annotations

import ast
from pathlib import Path

from builder.lesson import Cell, Course, Lesson, Refusal
from builder.style import ruff
from builder.syntax import DEFINITION, IMPORT, bound, names_constant, used

LINES = 250
COMPLEXITY = 8
COMPLEXITY_FROM = "08"  # what the lessons before it build is to be painful


def modules(course: Course, lesson: Lesson) -> dict[Path, str]:
    """The text of each module of the lesson; none if it exports nothing.

    Export cells that are tagged core too make a module of their own, which the other one imports from. Both
    have the imports of all export cells, as far as they use them: a lesson is read as one. Raises Refusal if
    a module is too long, too complex, or uses a name that it does not define.
    """
    cells = lesson.tagged("export")
    core = [cell for cell in cells if "core" in cell.tags]
    rest = [cell for cell in cells if "core" not in cell.tags]
    whole, imports = course.module(lesson), _imports(cells)
    if not core:
        return {whole: _module(whole, lesson, imports, cells)} if cells else {}
    names = sorted(_used(rest) & _defined(core))
    if not names:
        raise core[0].refuse(
            "no other export cell uses anything of those tagged core. Leave the tag out: one module does."
        )
    path = course.core(lesson)
    from_core = f"from handmade.{path.stem} import {', '.join(names)}"
    return {
        path: _module(path, lesson, imports, core),
        whole: _module(whole, lesson, [*imports, from_core], rest),
    }


def _imports(cells: list[Cell]) -> list[str]:
    return [ast.unparse(node) for cell in cells for node in _body(cell) if isinstance(node, IMPORT)]


def _body(cell: Cell) -> list[ast.stmt]:
    return ast.parse(cell.source).body


def _defined(cells: list[Cell]) -> set[str]:
    """The names of what is defined at the top of these cells."""
    names: set[str] = set()
    for node in (node for cell in cells for node in _body(cell)):
        if isinstance(node, DEFINITION):
            names.add(node.name)
        elif names_constant(node):
            names |= bound(node)
    return names


def _used(cells: list[Cell]) -> set[str]:
    return {name for cell in cells for node in _body(cell) for name in used(node)}


def _module(path: Path, lesson: Lesson, imports: list[str], cells: list[Cell]) -> str:
    """Those of the imports that are used, and what the cells define."""
    header = f'"""Lesson {lesson.number}, built from lessons/{lesson.name}.py: edit there, not here."""'
    text = "\n\n".join([header, "\n".join(imports), *map(_without_imports, cells)]) + "\n"
    text = ruff(["format"], ruff(["check", "--select", "I,F401", "--fix"], text, path), path)
    try:
        ruff(["check", "--select", "F", "--output-format", "concise"], text, path)
    except Refusal as refusal:
        raise Refusal(
            f"lessons/{lesson.name}.py: its export cells do not stand alone. "
            f"Import or define in them what they use: {refusal}"
        ) from None
    _hold_limits(lesson, path, text)
    return text


def _without_imports(cell: Cell) -> str:
    lines: list[str | None] = list(cell.source.splitlines())
    for node in _body(cell):
        if isinstance(node, IMPORT):
            lines[node.lineno - 1 : node.end_lineno] = [None] * ((node.end_lineno or 0) - node.lineno + 1)
    return "\n".join(line for line in lines if line is not None).strip()


def _hold_limits(lesson: Lesson, path: Path, text: str) -> None:
    if lesson.number >= COMPLEXITY_FROM:
        limit = f"lint.mccabe.max-complexity={COMPLEXITY}"
        try:
            ruff(["check", "--select", "C901", "--config", limit, "--output-format", "concise"], text, path)
        except Refusal as refusal:
            raise Refusal(f"lessons/{lesson.name}.py: divide the function into two. {refusal}") from None
    if len(text.splitlines()) > LINES:
        raise Refusal(
            f"lessons/{lesson.name}.py: its export cells make a module of {len(text.splitlines())} lines, "
            f"at most {LINES} are allowed. Move something to another lesson, or tag a part of them core."
        )
