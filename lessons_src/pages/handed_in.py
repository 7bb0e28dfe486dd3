"""python -m pages.handed_in FOLDER: what a class has solved, from the files that pupils have handed in."""

from __future__ import annotations

import sys
from pathlib import Path

from wirelab.exercise.handed_in import read
from wirelab.exercise.progress import Progress

PATTERN = "progress_*.html"


def table(folder: Path) -> str:
    """A line for each pupil: the name, how many exercises are solved, and in which lessons how many.

    Raises ValueError where there is no such file.
    """
    paths = sorted(folder.rglob(PATTERN))
    if not paths:
        raise ValueError(
            f"There is no {PATTERN} in {folder}: pupils write theirs with progress().hand_in(name)."
        )
    lines = []
    for path in paths:
        try:
            said = read(path)
        except ValueError as wrong:
            lines.append(f"({wrong})")
            continue
        rows = Progress(set(said["solved"])).rows()
        total = sum(len(lesson.exercises) for lesson, _ in rows)
        each = "  ".join(f"{lesson.number}: {solved}/{len(lesson.exercises)}" for lesson, solved in rows)
        lines.append(f"{said['name']:<24} {sum(solved for _, solved in rows):>3} of {total}   {each}")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """The command line; 0 when all is well."""
    if len(arguments) != 1:
        print("Say in which folder the files are, as in `lab.py handed-in Downloads`.", file=sys.stderr)
        return 1
    try:
        print(table(Path(arguments[0])))
    except ValueError as wrong:
        print(wrong, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
