"""The module of the handmade Socket.IO that the `export` cells of a lesson make."""

from __future__ import annotations

import ast

from builder.lesson import Course, Lesson, Refusal
from builder.style import ruff
from builder.syntax import IMPORT

LINES = 250
COMPLEXITY = 8
COMPLEXITY_FROM = "08"  # what the lessons before it build is to be painful


def module(course: Course, lesson: Lesson) -> str:
    """The module's text; empty if the lesson exports nothing.

    Raises Refusal if it is too long, too complex, or uses a name that no export cell defines.
    """
    if not lesson.tagged("export"):
        return ""
    text = _assembled(course, lesson)
    path = course.module(lesson)
    try:
        ruff(["check", "--select", "F", "--ignore", "F401", "--output-format", "concise"], text, path)
    except Refusal as refusal:
        raise Refusal(
            f"lessons/{lesson.name}.py: its export cells do not stand alone. "
            f"Import or define in them what they use: {refusal}"
        ) from None
    if lesson.number >= COMPLEXITY_FROM:
        limit = f"lint.mccabe.max-complexity={COMPLEXITY}"
        try:
            ruff(["check", "--select", "C901", "--config", limit, "--output-format", "concise"], text, path)
        except Refusal as refusal:
            raise Refusal(f"lessons/{lesson.name}.py: divide the function into two. {refusal}") from None
    if len(text.splitlines()) > LINES:
        raise Refusal(
            f"lessons/{lesson.name}.py: its export cells make a module of {len(text.splitlines())} lines, "
            f"at most {LINES} are allowed. Move something to another lesson."
        )
    return text


def _assembled(course: Course, lesson: Lesson) -> str:
    """All imports at the top, then what the export cells define."""
    imports: list[str] = []
    bodies = []
    for cell in lesson.tagged("export"):
        lines: list[str | None] = list(cell.source.splitlines())
        for node in ast.parse(cell.source).body:
            if isinstance(node, IMPORT):
                imports.append(ast.unparse(node))
                lines[node.lineno - 1 : node.end_lineno] = [None] * ((node.end_lineno or 0) - node.lineno + 1)
        bodies.append("\n".join(line for line in lines if line is not None).strip())
    header = f'"""Lesson {lesson.name[:2]}, built from lessons/{lesson.name}.py: edit there, not here."""'
    path = course.module(lesson)
    text = "\n\n".join([header, "\n".join(imports), *bodies]) + "\n"
    return ruff(["format"], ruff(["check", "--select", "I", "--fix"], text, path), path)
