"""Cells as Python's syntax."""

from __future__ import annotations

import ast

from builder.lesson import Cell

DEFINITION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
IMPORT = (ast.Import, ast.ImportFrom)


def parsed(cell: Cell) -> ast.Module:
    """A cell that holds plain Python. Raises Refusal if it does not."""
    try:
        return ast.parse(cell.source)
    except SyntaxError as error:
        raise cell.refuse(f"not plain Python ({error.msg}). Move magics to another cell.") from None


def parsed_cell(cell: Cell) -> ast.Module:
    """A cell that may `await`, as a notebook's may. Raises Refusal if it is not Python."""
    try:
        return compile(cell.source, cell.where, "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except SyntaxError as error:
        raise cell.refuse(f"not Python ({error.msg}).") from None


def names_constant(node: ast.stmt) -> bool:
    """Whether it is a docstring, `CONSTANT = …` or `Alias = …`."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return isinstance(node, ast.Assign | ast.AnnAssign) and all(
        isinstance(target, ast.Name) and target.id.lstrip("_")[:1].isupper() for target in targets
    )


def bound(node: ast.AST) -> set[str]:
    """The names that a statement, or anything in it, gives to something."""
    names = set()
    for each in ast.walk(node):
        if isinstance(each, DEFINITION):
            names.add(each.name)
        elif isinstance(each, ast.arg):
            names.add(each.arg)
        elif isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load):
            names.add(each.id)
        elif isinstance(each, ast.alias):
            names.add((each.asname or each.name).split(".")[0])
        elif isinstance(each, ast.ExceptHandler) and each.name:
            names.add(each.name)
    return names


def used(node: ast.AST) -> set[str]:
    """The names that it reads."""
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
