"""How a pile of code grows: counting its lines from the source, and the picture of them."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator, Mapping
from functools import partial
from types import FunctionType

from matplotlib.figure import Figure

from wirelab.plots.style import SERIES, TROUBLE, plot
from wirelab.syntax import tree

_DEFINITION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def lines(*definitions: FunctionType | type | str) -> int:
    """The lines of code of functions, classes with methods (Python), and texts (JavaScript).

    Blank lines, comments and docstrings are not counted, and it does not matter how a statement is wrapped.
    Raises LookupError for what was not typed in a file or a cell.
    """
    return sum(len(list(_code(each))) for each in definitions)


def _code(definition: FunctionType | type | str) -> Iterator[str]:
    text = definition if isinstance(definition, str) else ast.unparse(_parsed(definition))
    for line in text.splitlines():
        if line.strip() and not line.strip().startswith("//"):
            yield line


def _parsed(definition: FunctionType | type) -> ast.stmt:
    """The definition's syntax tree, without docstrings."""
    functions = [definition] if isinstance(definition, FunctionType) else vars(definition).values()
    codes = [each.__code__ for each in functions if isinstance(each, FunctionType)]
    source = "".join(linecache.getlines(codes[0].co_filename)) if codes else ""
    found = [
        node
        for node in ast.walk(tree(source))
        if isinstance(node, _DEFINITION)
        and node.name == definition.__name__
        and codes[0].co_firstlineno in range(_first_line(node), (node.end_lineno or 0) + 1)
    ]
    if not found:
        raise LookupError(f"No source is known of {definition.__name__!r}. Count what a cell defines.")
    for node in ast.walk(found[-1]):
        if isinstance(node, _DEFINITION) and len(node.body) > 1 and ast.get_docstring(node) is not None:
            del node.body[0]
    return found[-1]


def _first_line(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


@plot
def pile(figure: Figure, title: str, grown: Mapping[str, tuple[int, int]], holes: Mapping[str, str]) -> str:
    """A stacked bar for each step, {step: (lines at the server, at the client)}, and its hole, if any."""
    figure.suptitle(title, x=0.01, ha="left")
    figure.set_figheight(1.1 + 0.55 * len(grown))
    axes = figure.subplots()
    names = list(grown)
    start = [0] * len(names)
    for side, (colour, hatch) in enumerate(SERIES[:2]):
        counts = [grown[name][side] for name in names]
        label = ("server, Python", "client, JavaScript")[side]
        axes.barh(names, counts, left=start, height=0.55, color=colour, hatch=hatch, label=label)
        start = [before + count for before, count in zip(start, counts, strict=True)]
    for end, place, name in zip(start, range(len(names)), names, strict=True):
        hole = holes.get(name)
        beside = partial(axes.annotate, xy=(end, place), xytext=(7, 0), textcoords="offset points")
        counted = "{} + {} lines".format(*grown[name])
        beside(counted, va="bottom" if hole else "center", fontweight="bold")
        if hole:
            beside(f"hole: {hole}", va="top", color=TROUBLE)
    axes.set_xlim(0, max(start) * 1.75)
    axes.set_xlabel("lines of code")
    axes.invert_yaxis()
    axes.legend(loc="lower center", bbox_to_anchor=(0.3, 1.0), ncols=2)
    return "\n".join(_said(name, *grown[name], holes.get(name)) for name in names)


def _said(name: str, server: int, client: int, hole: str | None) -> str:
    said = f"{name}: {server} lines at the server, {client} at the client"
    return f"{said}; hole: {hole}." if hole else f"{said}."
