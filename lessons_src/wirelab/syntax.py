"""The syntax tree of Python code, whatever is being thrown away meanwhile."""

from __future__ import annotations

import ast
import gc

FLAGS = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


def tree(source: str) -> ast.Module:
    """The tree of what a cell, a module or a function says. Raises SyntaxError.

    No garbage is collected meanwhile: if a traceback is logged as its task is collected, that makes a tree of
    its own, and Python 3.11 raises SystemError for a tree within a tree.
    """
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        found: ast.Module = compile(source, "<cell>", "exec", FLAGS)
        return found
    finally:
        if was_collecting:
            gc.enable()
