"""What a lesson's cells must be like; each rule raises a Refusal."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from builder.lesson import Cell, Lesson

TAGS = ("export", "demo", "exercise", "solution", "check", "teacher", "measured")
CELL_LINES = 40
CHECK_LINES = 64  # a check is folded, and need not fit a screen
DEFINITION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
IMPORT = (ast.Import, ast.ImportFrom)
_TRIPLE = (("exercise", "markdown"), ("solution", "code"), ("check", "code"))


def hold(lessons: list[Lesson]) -> None:
    """Hold all cells against the rules."""
    bodies: dict[str, Cell] = {}
    for lesson in lessons:
        if not lesson.title:
            raise lesson.cells[0].refuse("no heading. Begin the first Markdown cell with `# Title`.")
        for cell in lesson.cells:
            _hold_cell(cell)
        _hold_exercises(lesson)
        _hold_names(lesson)
        for cell in lesson.tagged("export"):
            for node in _parsed(cell).body:
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
    lines, limit = len(cell.source.splitlines()), CHECK_LINES if "check" in cell.tags else CELL_LINES
    if lines > limit:
        raise cell.refuse(f"the cell has {lines} lines, at most {limit} fit a screen. Split it.")
    for tag in {"export", "solution"}.intersection(cell.tags):
        for node in _parsed(cell).body:
            if not isinstance(node, DEFINITION + IMPORT) and not (tag == "export" and _names_constant(node)):
                raise cell.refuse(
                    f"`{ast.unparse(node).splitlines()[0]}` in a cell tagged {tag}: only imports and "
                    "definitions may stand there. Move it to a cell without that tag."
                )


def _parsed(cell: Cell) -> ast.Module:
    try:
        return ast.parse(cell.source)
    except SyntaxError as error:
        raise cell.refuse(f"not plain Python ({error.msg}). Move magics to another cell.") from None


def _names_constant(node: ast.stmt) -> bool:
    """Whether it is a docstring, `CONSTANT = …` or `Alias = …`."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return isinstance(node, ast.Assign | ast.AnnAssign) and all(
        isinstance(target, ast.Name) and target.id.lstrip("_")[:1].isupper() for target in targets
    )


def _hold_names(lesson: Lesson) -> None:
    for tag in ("export", "solution"):
        seen: dict[str, Cell] = {}
        for cell in lesson.tagged(tag):
            for node in _parsed(cell).body:
                if isinstance(node, DEFINITION):
                    if node.name in seen:
                        raise cell.refuse(
                            f"`{node.name}` is defined already in {seen[node.name].where}. Rename one."
                        )
                    seen[node.name] = cell


def exercises(cells: tuple[Cell, ...]) -> Iterator[int]:
    """The index of each task that is followed by its solution and its check.

    Raises Refusal for a task, solution or check that stands anywhere else.
    """
    index = 0
    while index < len(cells):
        cell, tags = cells[index], {tag for tag, _ in _TRIPLE}.intersection(cells[index].tags)
        if not tags:
            index += 1
            continue
        for (tag, kind), each in zip(_TRIPLE, (*cells[index : index + 3], None, None), strict=False):
            if each is None or tag not in each.tags or each.kind != kind:
                raise cell.refuse(
                    f"this exercise has no {tag} where it belongs. Write a Markdown cell tagged exercise, "
                    "then a code cell tagged solution, then a code cell tagged check."
                )
        yield index
        index += 3


def _hold_exercises(lesson: Lesson) -> None:
    for index in exercises(lesson.cells):
        task, solution, check = lesson.cells[index : index + 3]
        if not re.match(r"### Exercise \d+ · \S", task.source):
            raise task.refuse("begin the task with `### Exercise N · Title`.")
        made = {node.name for node in _parsed(solution).body if isinstance(node, DEFINITION)}
        if not any(isinstance(node, DEFINITION[:2]) for node in ast.walk(_parsed(solution))):
            raise solution.refuse("a solution without a function leaves nothing to write. Define one.")
        wanted = _parameters(check)
        if not wanted or not wanted <= made:
            raise check.refuse(
                f"the check takes {sorted(wanted)}, the solution defines {sorted(made)}. Decorate one "
                "function with `@check(…)` whose parameters are what the learner defines."
            )


def _parameters(cell: Cell) -> set[str]:
    """The parameters of the function decorated with `@check(…)`."""
    try:
        tree = compile(cell.source, cell.where, "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except SyntaxError as error:
        raise cell.refuse(f"not Python ({error.msg}).") from None
    for node in tree.body:
        if isinstance(node, DEFINITION[:2]):
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "check":
                    return {argument.arg for argument in node.args.args}
    return set()
