"""A solution derived from what the lesson builds later: an export cell's `encode`, renamed to `my_encode`."""

from __future__ import annotations

import ast

from builder.lesson import Cell, Lesson
from builder.syntax import DEFINITION, IMPORT, bound, names_constant, parsed, used

OWN = "my_"


def own(name: str) -> str:
    """What the learner's answer to `name` is called: `my_encode`, `MyEmitter`."""
    return f"My{name}" if name[:1].isupper() else f"{OWN}{name}"


def original(name: str) -> str:
    """What the lesson calls what the learner calls `name`; empty if it is no name of an answer."""
    plain = name.removeprefix("My" if name[:1].isupper() else OWN)
    return plain if plain and name == own(plain) else ""


def derived(lesson: Lesson, check: int, names: list[str]) -> str:
    """The source that defines the answers `names` as export cells after the check, at index `check`, do.

    The imports and constants of these cells come along. Raises Refusal for what is not defined there, for
    what needs more of the later cells than that, and if a later cell uses an answer.
    """
    task = lesson.cells[check - 1]
    later = [cell for cell in lesson.cells[check + 1 :] if "export" in cell.tags]
    originals = {original(name): _find(task, later, original(name)) for name in names}
    _hold_independence(lesson, check, names)
    brought: list[str] = []
    for cell in dict.fromkeys(cell for cell, _ in originals.values()):
        for node in parsed(cell).body:
            if isinstance(node, IMPORT) or (names_constant(node) and not isinstance(node, ast.Expr)):
                brought.append(_source(cell, node))
    known = set().union(*(bound(ast.parse(line)) for line in brought)) | set(originals)
    elsewhere = _only_later(lesson, check)
    for name, (_, node) in originals.items():
        _hold_names(task, name, node, originals, elsewhere.keys() & used(node) - known, elsewhere)
    bodies = [_renamed(cell, node, set(originals)) for cell, node in originals.values()]
    return "\n\n\n".join(["\n".join(brought), *bodies] if brought else bodies)


def _find(task: Cell, later: list[Cell], name: str) -> tuple[Cell, ast.stmt]:
    found = [
        (cell, node)
        for cell in later
        for node in parsed(cell).body
        if isinstance(node, DEFINITION) and node.name == name
    ]
    if not found:
        raise task.refuse(
            f"`{own(name)}` is asked for, and no export cell after the check defines `{name}`. "
            "Define it there, or write a cell tagged solution."
        )
    return found[0]


def _only_later(lesson: Lesson, check: int) -> dict[str, Cell]:
    """The names that top-level statements define after the check and not before it."""
    before: set[str] = set()
    after: dict[str, Cell] = {}
    for index, cell in enumerate(lesson.cells):
        if cell.kind != "code" or cell.source.startswith("%") or "solution" in cell.tags:
            continue
        try:
            body = ast.parse(cell.source).body
        except SyntaxError:  # a magic, or `await` outside of a function
            continue
        names = set().union(*(_defined(node) for node in body))
        if index < check:
            before |= names
        else:
            after |= {name: cell for name in names if name not in before and name not in after}
    return after


def _defined(node: ast.stmt) -> set[str]:
    return {node.name} if isinstance(node, DEFINITION) else bound(node)


def _hold_names(
    task: Cell,
    name: str,
    node: ast.stmt,
    asked: dict[str, tuple[Cell, ast.stmt]],
    missing: set[str],
    elsewhere: dict[str, Cell],
) -> None:
    for each in sorted(missing):
        raise task.refuse(
            f"`{own(name)}` cannot be derived: `{name}` needs `{each}`, defined later "
            f"({elsewhere[each].where}). Ask for `{own(each)}` as well, or define `{each}` before."
        )
    inner = set().union(*(bound(child) for child in ast.iter_child_nodes(node)))
    for each in sorted(inner.intersection(asked)):
        raise task.refuse(
            f"`{own(name)}` cannot be derived: in `{name}` the name `{each}` is also something else. "
            "Rename that."
        )


def _hold_independence(lesson: Lesson, check: int, names: list[str]) -> None:
    for cell in lesson.cells[check + 1 :]:
        if cell.kind == "code" and not {"check", "solution"}.intersection(cell.tags):
            for name in names:
                if name in cell.source:
                    raise cell.refuse(
                        f"it uses `{name}`, the answer to an exercise, which may be wrong or missing. "
                        f"Use `{original(name)}`."
                    )


def _source(cell: Cell, node: ast.stmt) -> str:
    first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
    return "\n".join(cell.source.splitlines()[first - 1 : node.end_lineno])


def _renamed(cell: Cell, node: ast.stmt, names: set[str]) -> str:
    """The node's own text, comments and all, with `my_` or `My` before each of `names`."""
    assert isinstance(node, DEFINITION)
    lines = [line.encode() for line in cell.source.splitlines()]
    places = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and each.id in names:
            places.add((each.lineno - 1, each.col_offset, each.id))
    start = lines[node.lineno - 1].index(node.name.encode(), node.col_offset + len("def "))  # "class ", too
    places.add((node.lineno - 1, start, node.name))
    for line, column, name in sorted(places, reverse=True):
        prefix = own(name).removesuffix(name).encode()
        lines[line] = lines[line][:column] + prefix + lines[line][column:]
    renamed = Cell(cell.where, "code", b"\n".join(lines).decode())
    return _source(renamed, node)
