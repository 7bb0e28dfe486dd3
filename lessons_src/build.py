"""Build the course: lessons/*.py → notebooks/*.ipynb, executed, and handmade/*.py.

python lessons_src/build.py              what has changed
python lessons_src/build.py 03 04        these lessons, changed or not
python lessons_src/build.py --check      execute nothing; say what is out of date
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from builder import links, rules
from builder.lesson import Course, Lesson, Refusal
from builder.module import module
from builder.notebook import notebook
from builder.run import execute, tidy

COMMAND = "python lessons_src/build.py"


def held_lessons(course: Course) -> list[Lesson]:
    """All lessons, held against every rule."""
    lessons = course.lessons()
    rules.hold(lessons)
    links.hold(course, lessons)
    return lessons


def build(course: Course, names: list[str]) -> Iterator[str]:
    """Build the named lessons, or those that have changed; yield the name of each when it is done."""
    lessons = held_lessons(course)
    chosen = [lesson for lesson in lessons if any(lesson.name.startswith(name) for name in names)]
    for name in names:
        if not any(lesson.name.startswith(name) for lesson in chosen):
            raise Refusal(
                f"There is no lesson {name!r}; the lessons are {', '.join(each.name for each in lessons)}."
            )
    for lesson in lessons:
        path, text = course.module(lesson), module(course, lesson)
        if text and _text(path) != text:
            path.write_text(text, encoding="utf-8")
    course.notebooks.mkdir(exist_ok=True)
    course.stamps.parent.mkdir(exist_ok=True)
    laboratory = _laboratory(course)
    for lesson in chosen or changed(course, lessons):
        book = notebook(course, lesson, lessons)
        execute(course, lesson.name, book)
        tidy(course, lesson.name, book, _stored(course, lesson))
        nbformat.write(book, course.notebook(lesson))
        stamps = {**_stamps(course), lesson.name: laboratory}
        course.stamps.write_text(json.dumps(stamps, indent=1), encoding="utf-8")
        yield lesson.name


def changed(course: Course, lessons: list[Lesson]) -> list[Lesson]:
    """The lessons whose source, or whose laboratory, is not what their notebook was built from."""
    stamps, laboratory = _stamps(course), _laboratory(course)

    def stale(lesson: Lesson) -> bool:
        before = _stored(course, lesson)
        return (
            before is None
            or stamps.get(lesson.name) != laboratory
            or _faults(notebook(course, lesson, lessons), before) != []
        )

    return [lesson for lesson in lessons if stale(lesson)]


def check(course: Course) -> list[str]:
    """What is out of date, one sentence each; executes nothing."""
    lessons = held_lessons(course)
    found = []
    for lesson in lessons:
        before, again = _stored(course, lesson), f"Run {COMMAND} {lesson.name}"
        if before is None:
            found.append(f"notebooks/{lesson.name}.ipynb is missing. {again}")
        else:
            faults = _faults(notebook(course, lesson, lessons), before)
            found += [f"notebooks/{lesson.name}.ipynb: {fault}. {again}" for fault in faults[:1]]
        if _text(course.module(lesson)) != module(course, lesson):
            found.append(f"handmade/{course.module(lesson).name} differs from its export cells. {again}")
    expected = {course.notebook(lesson) for lesson in lessons} | {course.module(lesson) for lesson in lessons}
    present = [*course.notebooks.glob("*.ipynb"), *(course.code / "handmade").glob("l[0-9][0-9]_*.py")]
    return found + [
        f"{path.relative_to(course.root)} has no lesson. Delete it."
        for path in sorted(present)
        if path not in expected
    ]


def _faults(book: NotebookNode, before: NotebookNode) -> list[str]:
    """How the stored notebook differs from `book`, which has not run."""

    def written(each: NotebookNode) -> list[tuple[object, ...]]:
        return [(cell.id, cell.cell_type, cell.source, cell.metadata) for cell in each.cells]

    if written(book) != written(before) or book.metadata != before.metadata:
        return ["it differs from its source"]
    code = [cell for cell in before.cells if cell.cell_type == "code"]
    faults = []
    if [cell.execution_count for cell in code] != list(range(1, len(code) + 1)):
        faults.append("its cells have not all run, in order")
    if any(output.output_type == "error" for cell in code for output in cell.outputs):
        faults.append("an output is an error")
    return faults


def _stored(course: Course, lesson: Lesson) -> NotebookNode | None:
    path = course.notebook(lesson)
    return nbformat.read(path, as_version=4) if path.exists() else None


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _laboratory(course: Course) -> str:
    """A hash of everything that a notebook's outputs depend on, besides its own source."""
    digest = hashlib.sha256()
    for path in sorted(course.code.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and path.parent != course.code / "lessons":
            digest.update(path.relative_to(course.code).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _stamps(course: Course) -> dict[str, str]:
    """Which laboratory each lesson was last built with, on this machine."""
    return dict(json.loads(_text(course.stamps) or "{}"))


def main(root: Path, arguments: list[str]) -> int:
    """The command line; 0 when all is well."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="execute nothing; say what is out of date")
    parser.add_argument("lesson", nargs="*", help="how the names of lessons begin")
    options = parser.parse_args(arguments)
    course = Course(root)
    try:
        if options.check:
            found = check(course)
            print("\n".join(found) or "Everything is up to date.")
            return 1 if found else 0
        for name in build(course, options.lesson):
            print(f"built {name}", flush=True)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    print("Everything is up to date.")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parents[1], sys.argv[1:]))
