"""The boss's list on the start page: what the learner's own reviews have shown, each tile with its run.

As with progress, only a notebook among a learner's copies remembers anything.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from wirelab import recording
from wirelab.boss import THE_LIST, Finding, Review
from wirelab.boss.tiles import State, Tile, ways_to_see
from wirelab.boss.tiles import scoreboard as as_html
from wirelab.exercise import place
from wirelab.trace import Trace

_FOLDER = "reviews"
_MOST_BYTES = 1_000_000
"""A longer wire is not kept: a review writes fourteen of them each time."""


@dataclass(frozen=True)
class Run:
    """What one scenario showed, in which lesson, against which server; `wires` are files."""

    lesson: str
    server: str
    passed: bool
    observed: str
    wires: tuple[Path, ...]


def remember(result: object) -> None:
    """Keep what a cell showed if it is a review of the whole list, in place of the last one of that lesson.

    Where nothing can be written nothing is kept.
    """
    import __main__

    notebook = place.notebook(vars(__main__))
    folder = place.folder(notebook)
    if notebook is None or folder is None or not isinstance(result, Review):
        return
    if [each.wish for each in result.findings] != [row.wish for row in THE_LIST]:
        return
    lesson = notebook.name[:2]
    with suppress(OSError):
        (folder / _FOLDER).mkdir(exist_ok=True)
        names = (f"{lesson}_{row}" for row in itertools.count(1))
        rows = [_written(each, folder / _FOLDER, next(names)) for each in result.findings]
        text = json.dumps({"lesson": lesson, "server": result.name, "rows": rows}, indent=1)
        (folder / _FOLDER / f"{lesson}.json").write_text(text, encoding="utf-8")


def _written(finding: Finding, folder: Path, name: str) -> dict[str, Any]:
    wires = []
    for number, trace in enumerate(finding.traces, 1):
        path = folder / f"{name}_{number}.jsonl"
        if sum(record.size for record in trace) <= _MOST_BYTES:
            recording.write(trace, path)
            wires.append(path.name)
        else:
            path.unlink(missing_ok=True)
    return {"wish": finding.wish, "passed": finding.passed, "observed": finding.observed, "wires": wires}


def _reviews(folder: Path) -> Iterator[dict[str, Run]]:
    """The kept reviews, from the first lesson to the last; a broken file counts for nothing."""
    for path in sorted((folder / _FOLDER).glob("[0-9][0-9].json")):
        with suppress(OSError, ValueError, KeyError, TypeError):
            kept = json.loads(path.read_text("utf-8"))
            yield {
                str(row["wish"]): Run(
                    str(kept["lesson"]),
                    str(kept["server"]),
                    bool(row["passed"]),
                    str(row["observed"]),
                    tuple(path.with_name(Path(str(wire)).name) for wire in row["wires"]),
                )
                for row in kept["rows"]
            }


def _earned(reviews: list[dict[str, Run]], wish: str) -> Run | None:
    """The run that counts: of a wish that is fulfilled the first since which it stayed so, else the last."""
    runs = [review[wish] for review in reviews if wish in review]
    if not runs:
        return None
    first = len(runs) - 1
    while first and runs[-1].passed and runs[first - 1].passed:
        first -= 1
    return runs[first]


class Scoreboard:
    """The list as the last lesson's review left it; shows itself as tiles."""

    def __init__(self, reviews: list[dict[str, Run]]) -> None:
        self.runs = [_earned(reviews, row.wish) for row in THE_LIST]

    def trace(self, row: int, box: int = 1) -> Trace:
        """What passed in the run of that row, in the first of its middleboxes or another one.

        Raises ValueError where nothing is kept.
        """
        run = self.runs[row - 1] if 1 <= row <= len(self.runs) else None
        if run is None or not 1 <= box <= len(run.wires):
            raise ValueError(f"No wire number {box} of row {row} is kept. A tile says which ones are.")
        return recording.read(run.wires[box - 1])

    @property
    def headline(self) -> str:
        """How many rows came true."""
        green = sum(_state(run) is State.YES for run in self.runs)
        return f"The boss's list, your server: {green} of {len(self.runs)}"

    def __repr__(self) -> str:
        pairs = zip(THE_LIST, self.runs, strict=True)
        return "\n".join([self.headline, *(f"{_state(run).value[0]} {row.wish}" for row, run in pairs)])

    def _repr_html_(self) -> str:
        rows = enumerate(zip(THE_LIST, self.runs, strict=True), 1)
        tiles = [Tile(n, row.wish, _state(run), _inside(n, row.solved_in, run)) for n, (row, run) in rows]
        return as_html(f"{self.headline}. The boss wants that it …", tiles)


def _state(run: Run | None) -> State:
    if run is None:
        return State.OPEN
    return State.YES if run.passed else State.NO


def _inside(row: int, solved_in: str, run: Run | None) -> tuple[str, ...]:
    if run is None:
        return (f"Lesson {solved_in} is about it. The review at the end of a lesson, from 07 on, tries it.",)
    said = f"Lesson {run.lesson}, {escape(run.server)}: {escape(run.observed)}"
    return said, *ways_to_see("scoreboard().trace", row, len(run.wires))


def scoreboard() -> Scoreboard:
    """What the learner's reviews have shown so far."""
    import __main__

    folder = place.folder(place.notebook(vars(__main__)))
    return Scoreboard(list(_reviews(folder)) if folder else [])
