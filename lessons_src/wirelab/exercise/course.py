"""What the course's own notebooks know of an exercise: its empty task, and what the cells above it define."""

from __future__ import annotations

import ast
import dis
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_NOTEBOOKS = Path(__file__).parents[3] / "notebooks"


@dataclass(frozen=True)
class Exercise:
    """One exercise as the course gives it out."""

    stub: str = ""
    above: frozenset[str] = frozenset()


@cache
def exercise_of(check: str, notebooks: Path = _NOTEBOOKS) -> Exercise:
    """The exercise that the check of that name judges; an empty one where there are no notebooks."""
    for path in sorted(notebooks.glob("*.ipynb")):
        text = path.read_text(encoding="utf-8")
        if f"def {check}(" in text:
            return _read(json.loads(text)["cells"], check)
    return Exercise()


def _read(cells: list[dict[str, Any]], check: str) -> Exercise:
    stub, above = "", set[str]()
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        source = "".join(cell["source"])
        tags = cell["metadata"].get("tags", ())
        if "check" in tags and f"def {check}(" in source:
            break
        if "exercise" in tags:
            stub = source
        elif "solution" not in tags:
            above.update(_defined(source))
    return Exercise(stub, frozenset(above))


def _defined(source: str) -> Iterator[str]:
    """The names that a cell leaves behind.

    Read from its code and not from its tree. To make a tree fails in Python 3.11 with a SystemError if
    garbage is collected meanwhile whose traceback is logged: a logged traceback makes a tree of its own.
    """
    plain = "\n".join("" if line.startswith("%") else line for line in source.splitlines())
    code = compile(plain, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    return (step.argval for step in dis.get_instructions(code) if step.opname == "STORE_NAME")
