"""The exercises of a lesson: the task, what a right answer is, and the check.

At the end of a lesson the answer stands in a cell of its own, tagged solution. In the middle there is none:
the check's parameter `my_encode` (or `MyEmitter`) names what a later export cell defines as `encode`, and
from that the answer is derived.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from builder.derive import derived, original
from builder.lesson import Cell, Lesson
from builder.minutes import HEADING
from builder.syntax import DEFINITION, parsed, parsed_cell

_TAGS = ("exercise", "solution", "check")
_TRIPLE = (
    "Write a Markdown cell tagged exercise, then a code cell tagged solution, then a code cell tagged check. "
    "Without a solution the check's parameters must be like `my_encode` or `MyEmitter`, after the `encode` "
    "or `Emitter` of a later export cell."
)


@dataclass(frozen=True)
class Exercise:
    """`first` and `last` are the indices of its task and of its check among the lesson's cells."""

    first: int
    last: int
    task: Cell
    solution: str
    check: Cell

    @property
    def derived(self) -> bool:
        """Whether the lesson goes on to build what the exercise asks for."""
        return self.last - self.first == 1


def exercises(lesson: Lesson) -> list[Exercise]:
    """The exercises, in order.

    Raises Refusal for a task, solution or check that stands where it does not belong, and for what cannot
    be derived.
    """
    cells, found, index = lesson.cells, [], 0
    while index < len(cells):
        if not set(_TAGS).intersection(cells[index].tags):
            index += 1
            continue
        found.append(_read(lesson, index))
        index = found[-1].last + 1
    return found


def _read(lesson: Lesson, first: int) -> Exercise:
    task, *following = lesson.cells[first : first + 3]
    if "exercise" not in task.tags or task.kind != "markdown":
        raise task.refuse(f"this exercise has no exercise where it belongs. {_TRIPLE}")
    if following and "check" in following[0].tags:
        check = following[0]
        names = parameters(check)
        if not names or not all(original(name) for name in names):
            raise task.refuse(f"this exercise has no solution where it belongs. {_TRIPLE}")
        _hold_task(task)
        return Exercise(first, first + 1, task, derived(lesson, first + 1, names), check)
    for tag, cell in zip(("solution", "check"), (*following, None, None), strict=False):
        if cell is None or tag not in cell.tags or cell.kind != "code":
            raise task.refuse(f"this exercise has no {tag} where it belongs. {_TRIPLE}")
    solution, check = following
    _hold_task(task)
    _hold_solution(solution, check)
    return Exercise(first, first + 2, task, solution.source, check)


def _hold_task(task: Cell) -> None:
    if not re.match(r"### Exercise \d+ · \S", task.source):
        raise task.refuse("begin the task with `### Exercise N · Title`.")
    if not HEADING.match(task.source):
        raise task.refuse(
            "how long does it take, and how hard is it? Write `*10 minutes, easy*` below the heading: "
            "easy, medium or hard."
        )


def _hold_solution(solution: Cell, check: Cell) -> None:
    tree = parsed(solution)
    made = {node.name for node in tree.body if isinstance(node, DEFINITION)}
    if not any(isinstance(node, DEFINITION[:2]) for node in ast.walk(tree)):
        raise solution.refuse("a solution without a function leaves nothing to write. Define one.")
    wanted = set(parameters(check))
    if not wanted or not wanted <= made:
        raise check.refuse(
            f"the check takes {sorted(wanted)}, the solution defines {sorted(made)}. Decorate one "
            "function with `@check(…)` whose parameters are what the learner defines."
        )


def parameters(check: Cell) -> list[str]:
    """The parameters of the function decorated with `@check(…)`."""
    for node in parsed_cell(check).body:
        if isinstance(node, DEFINITION[:2]):
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "check":
                    return [argument.arg for argument in node.args.args]
    return []
