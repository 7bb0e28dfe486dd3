"""What a learner has solved: remembered beside their copies of the lessons, shown on the start page.

A notebook that does not lie among a learner's copies (such as those in `notebooks/`, which are built and
tested) remembers nothing, so what it shows is the same on every machine.
"""

from __future__ import annotations

import ast
import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from wirelab.exercise import place
from wirelab.exercise.handed_in import HandedIn, hand_in
from wirelab.syntax import tree

_LESSONS = Path(__file__).parents[2] / "lessons"
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
    functions = [node for node in tree(text).body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    checks = [function.name for function in functions if any(map(_is_check, function.decorator_list))]
    return Lesson(path.stem[:2], f"{path.stem}.ipynb", heading[1] if heading else path.stem, tuple(checks))


def _is_check(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "check"


def _file(notebook: Path | None) -> Path | None:
    folder = place.folder(notebook)
    return folder and folder / _FILE


def _read(file: Path) -> Iterator[tuple[str, str]]:
    """The number of a lesson and the name of a check for each that was solved."""
    with suppress(OSError):
        for line in file.read_text("utf-8", errors="replace").splitlines():
            with suppress(ValueError, KeyError, TypeError):
                solved = json.loads(line)
                yield str(solved["lesson"]), str(solved["check"])


def remember(check: Callable[..., Any], namespace: Mapping[str, Any]) -> None:
    """Note that the notebook's own answer was right. An answer in any other namespace is not the learner's.

    Each line of the file is written at once and stands for itself, so that two kernels can write, and a line
    that was broken off spoils no other. Where nothing can be written nothing is remembered.
    """
    notebook = place.notebook(namespace)
    file = _file(notebook)
    if notebook is None or file is None or namespace is not check.__globals__:
        return
    solved = (notebook.name[:2], check.__name__)
    if solved in _read(file):
        return
    line = json.dumps({"lesson": solved[0], "check": solved[1]})
    with suppress(OSError), file.open("ab", buffering=0) as notes:
        notes.write(f"\n{line}".encode())


class Progress:
    """The lessons and what is solved in each; shows itself as a table of links."""

    def __init__(self, solved: set[tuple[str, str]] | None, folder: Path | None = None) -> None:
        self._solved = solved
        self._folder = folder

    def hand_in(self, name: str) -> HandedIn:
        """Write what is solved into a file beside the lessons, under the name of whoever did.

        Raises ValueError for a name without a letter, and outside of the learner's own copies.
        """
        if self._solved is None or self._folder is None:
            raise ValueError(repr(self))
        return hand_in(name, self.rows(), self._solved, self._folder)

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

    notebook = place.notebook(vars(__main__))
    file = _file(notebook)
    return Progress(set(_read(file)), file.parent) if file else Progress(None)
