"""How long a lesson takes: to read, to run and to answer; its exercises say it themselves."""

from __future__ import annotations

from dataclasses import dataclass

from builder.lesson import MAP, Lesson
from pages.minutes import HEADING, is_question, of_cell

__all__ = ["HEADING", "Minutes", "is_question", "minutes", "span"]


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
    total = sum(of_cell(cell.kind, cell.source, cell.tags) for cell in lesson.cells)
    tasks = [HEADING.match(cell.source) for cell in lesson.tagged("exercise")]
    return Minutes(int(total + 0.5), sum(int(task[2]) for task in tasks if task))


def span(lessons: list[Lesson]) -> str:
    """From the shortest lesson to the longest, in steps of five minutes."""
    each = [minutes(lesson).lesson for lesson in lessons if lesson.name != MAP]
    return f"{min(each) // 5 * 5} to {-(-max(each) // 5) * 5} minutes" if each else ""
