"""The course's folders, and its lessons as they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import jupytext

MAP = "00_start_here"
MISCONCEPTIONS = 24
_MARKER = re.compile(r"#\s*%%+(\s|$)")


class Refusal(Exception):
    """The course cannot be built; the message says where, what is wrong and what to do."""


@dataclass(frozen=True)
class Cell:
    """One cell of a source; `where` is its file and line, `misconception` the number of one that it meets."""

    where: str
    kind: str
    source: str
    tags: tuple[str, ...] = ()
    misconception: int | None = None

    def refuse(self, message: str) -> Refusal:
        """A refusal that begins with where the cell is."""
        return Refusal(f"{self.where}: {message}")


@dataclass(frozen=True)
class Lesson:
    """One source file."""

    name: str
    cells: tuple[Cell, ...]

    @property
    def number(self) -> str:
        """Two digits."""
        return self.name[:2]

    @property
    def title(self) -> str:
        """The first heading; empty if there is none."""
        for cell in self.cells:
            if cell.kind == "markdown" and (heading := re.search(r"^# +(.+)$", cell.source, re.MULTILINE)):
                return heading[1].strip()
        return ""

    def tagged(self, tag: str) -> list[Cell]:
        """The cells that carry `tag`."""
        return [cell for cell in self.cells if tag in cell.tags]


@dataclass(frozen=True)
class Course:
    """Where everything is, under one root."""

    root: Path

    @property
    def code(self) -> Path:
        """What is written by hand, and is on the kernel's path."""
        return self.root / "lessons_src"

    @property
    def notebooks(self) -> Path:
        """What is built and committed with outputs."""
        return self.root / "notebooks"

    @property
    def readme(self) -> Path:
        """The front page; its map is built."""
        return self.root / "README.md"

    @property
    def plan(self) -> Path:
        """The parts of the course and its lessons, written or not; a course may have none."""
        return self.code / "course.toml"

    @property
    def glossary(self) -> Path:
        """Which words in italics are terms; a course may have none."""
        return self.code / "glossary.toml"

    @property
    def stamps(self) -> Path:
        """What the last builds on this machine were built with; not in git."""
        return self.root / ".artefacts" / "build.json"

    def notebook(self, lesson: Lesson) -> Path:
        """The lesson's notebook."""
        return self.notebooks / f"{lesson.name}.ipynb"

    def recordings(self, lesson: Lesson) -> Path:
        """What the lesson's demos showed as it was built, compressed."""
        return self.notebooks / "recordings" / f"{lesson.name}.json.gz"

    def module(self, lesson: Lesson) -> Path:
        """The lesson's module of the handmade Socket.IO."""
        return self.code / "handmade" / f"l{lesson.name}.py"

    def core(self, lesson: Lesson) -> Path:
        """The module beside it, of the lesson's export cells that are tagged core."""
        return self.code / "handmade" / f"l{lesson.number}_core.py"

    def programs(self, lesson: Lesson) -> Path:
        """The folder of the programs that the lesson shows in other cells than Python's."""
        return self.code / "programs" / lesson.number

    def lessons(self) -> list[Lesson]:
        """All lessons, in order.

        Raises Refusal for a file that cannot be read as a lesson.
        """
        return [_read(path) for path in sorted((self.code / "lessons").glob("*.py"))]


def _read(path: Path) -> Lesson:
    name = f"lessons/{path.name}"
    if not re.fullmatch(r"\d\d_[a-z0-9_]+", path.stem):
        raise Refusal(f"{name}: name it NN_name.py, in lower case, so that lessons sort and modules import.")
    lines = path.read_text(encoding="utf-8").splitlines()
    marks = [number for number, line in enumerate(lines, 1) if _MARKER.match(line)]
    if not marks or any(line.strip() for line in lines[: marks[0] - 1]):
        raise Refusal(f"{name}, line 1: expected the first cell. Begin the file with `# %% [markdown]`.")
    cells = []
    for number, cell in zip(marks, jupytext.read(path, fmt="py:percent").cells, strict=True):
        where = f"{name}, line {number}"
        layout = {"lines_to_next_cell", "lines_to_end_of_cell_marker"}  # jupytext's own notes
        unknown = sorted(set(cell.metadata) - layout - {"tags", "misconception"})
        if unknown or cell.cell_type == "raw":
            raise Refusal(
                f"{where}: {unknown or 'raw'} in the cell's head. "
                "Write [markdown], tags=[…] and misconception=N only."
            )
        met = cell.metadata.get("misconception")
        if met is not None and met not in range(1, MISCONCEPTIONS + 1):
            raise Refusal(
                f"{where}: misconception={met}. Write the number of one, from 1 to {MISCONCEPTIONS}."
            )
        cells.append(Cell(where, cell.cell_type, cell.source, tuple(cell.metadata.get("tags", ())), met))
    return Lesson(path.stem, tuple(cells))
