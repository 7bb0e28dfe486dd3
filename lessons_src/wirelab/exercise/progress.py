"""What a learner has solved: remembered beside their copies of the lessons, shown on the start page.

A notebook that does not lie among a learner's copies (such as those in `notebooks/`, which are built and
tested) remembers nothing, so what it shows is the same on every machine.
"""

from __future__ import annotations

import ast
import html
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_LESSONS = Path(__file__).parents[2] / "lessons"
_MARK = ".editions.json"  # what `workplace.copies` leaves in a folder of copies
_FILE = "progress.jsonl"


@dataclass(frozen=True)
class Lesson:
    """A lesson that can be opened; `exercises` are the names of its checks, in order."""

    number: str
    file: str
    title: str
    exercises: tuple[str, ...]


@cache
def _lessons() -> tuple[Lesson, ...]:
    return tuple(map(_lesson, sorted(_LESSONS.glob("[0-9][0-9]_*.py"))))


def _lesson(path: Path) -> Lesson:
    text = path.read_text("utf-8")
    heading = re.search(r"^# # (?:\d\d · )?(.+)$", text, re.MULTILINE)
    functions = [
        node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    checks = [function.name for function in functions if any(map(_is_check, function.decorator_list))]
    return Lesson(path.stem[:2], f"{path.stem}.ipynb", heading[1] if heading else path.stem, tuple(checks))


def _is_check(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "check"


def _notebook(namespace: Mapping[str, Any]) -> Path | None:
    """The notebook of this kernel, as JupyterLab or Visual Studio Code names it."""
    name = os.environ.get("JPY_SESSION_NAME") or namespace.get("__vsc_ipynb_file__")
    return Path(str(name)).absolute() if name else None


def _place(notebook: Path | None) -> Path | None:
    """Where the progress of whoever works in that notebook is kept; None where nobody does."""
    if notebook is None or not (notebook.parent / _MARK).is_file():
        return None
    return notebook.parent / _FILE


def _read(place: Path) -> Iterator[tuple[str, str]]:
    """The number of a lesson and the name of a check for each that was solved."""
    with suppress(OSError):
        for line in place.read_text("utf-8", errors="replace").splitlines():
            with suppress(ValueError, KeyError, TypeError):
                solved = json.loads(line)
                yield str(solved["lesson"]), str(solved["check"])


def remember(check: Callable[..., Any], namespace: Mapping[str, Any]) -> None:
    """Note that the notebook's own answer was right. An answer in any other namespace is not the learner's.

    Each line of the file is written at once and stands for itself, so that two kernels can write, and a line
    that was broken off spoils no other. Where nothing can be written nothing is remembered.
    """
    notebook = _notebook(namespace)
    place = _place(notebook)
    if notebook is None or place is None or namespace is not check.__globals__:
        return
    solved = (notebook.name[:2], check.__name__)
    if solved in _read(place):
        return
    line = json.dumps({"lesson": solved[0], "check": solved[1]})
    with suppress(OSError), place.open("ab", buffering=0) as file:
        file.write(f"\n{line}".encode())


class Progress:
    """The lessons and what is solved in each; shows itself as a table of links."""

    def __init__(self, solved: set[tuple[str, str]] | None) -> None:
        self._solved = solved

    def rows(self) -> list[tuple[Lesson, int]]:
        """Each lesson that has exercises, and how many of them are solved."""
        solved = self._solved or set()
        return [
            (lesson, sum((lesson.number, name) in solved for name in lesson.exercises))
            for lesson in _lessons()
            if lesson.exercises
        ]

    def __repr__(self) -> str:
        if self._solved is None:
            return "In your own copies of the lessons, which lab.py makes, this shows what you have solved."
        return "\n".join(
            f"{lesson.number} {lesson.title}: {solved} of {len(lesson.exercises)}"
            for lesson, solved in self.rows()
        )

    def _repr_html_(self) -> str:
        if self._solved is None:
            return f"<p>{html.escape(repr(self))}</p>"
        rows = self.rows()
        done = sum(solved for _, solved in rows)
        total = sum(len(lesson.exercises) for lesson, _ in rows)
        tiles = "".join(_tile(lesson, solved) for lesson, solved in rows)
        return (
            f"<p><strong>{done} of {total} exercises solved.</strong></p>"
            '<div style="display: grid; grid-template-columns: repeat(auto-fill, minmax(13em, 1fr)); '
            f'gap: 8px; max-width: 60em">{tiles}</div>'
        )


def _tile(lesson: Lesson, solved: int) -> str:
    total = len(lesson.exercises)
    words = "all solved" if solved == total else f"{solved} of {total} solved"
    colour = "var(--jp-success-color1, #2e7d32)" if solved else "var(--jp-border-color1, #757575)"
    marks = f'<span style="color: {colour}">{"●" * solved}</span>{"○" * (total - solved)}'
    return (
        f'<div style="border: 1px solid var(--jp-border-color1, #757575); border-left: 4px solid {colour}; '
        'border-radius: 3px; padding: 6px 10px">'
        f'<a href="{html.escape(lesson.file)}"><b>{lesson.number}</b> {html.escape(lesson.title)}</a><br>'
        f'<span aria-hidden="true" style="letter-spacing: 3px">{marks}</span> '
        f"{'✓ ' * (solved == total)}{words}</div>"
    )


def progress() -> Progress:
    """What the learner has solved so far."""
    import __main__

    place = _place(_notebook(vars(__main__)))
    return Progress(set(_read(place)) if place else None)
