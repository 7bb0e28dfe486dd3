"""Build the course: lessons/*.py → notebooks/*.ipynb, executed, handmade/*.py, and the page of its API.

python lessons_src/build.py              what has changed
python lessons_src/build.py 03 04        these lessons, changed or not
python lessons_src/build.py --check      execute nothing; say what is out of date
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from builder import api, camera, links, maps, rules
from builder.dependencies import keep_stamp, stamp, stamps, why_stale
from builder.lesson import Course, Lesson, Refusal
from builder.module import modules
from builder.notebook import notebook
from builder.programs import programs
from builder.run import filmed, tidy
from pages import glossary

COMMAND = "python lessons_src/build.py"
AT_ONCE = 2  # kernels: lessons wait a good deal, for time-outs above all


def held_lessons(course: Course) -> list[Lesson]:
    """All lessons, held against every rule."""
    lessons = course.lessons()
    rules.hold(lessons)
    links.hold(course, lessons)
    return lessons


def build(course: Course, names: list[str], say: Callable[[str], None]) -> None:
    """Build the named lessons, or those that have changed; `say` hears of each when it is done."""
    lessons = held_lessons(course)
    chosen = {lesson: "asked for" for lesson in lessons if lesson.name.startswith(tuple(names))}
    for name in names:
        if not any(lesson.name.startswith(name) for lesson in chosen):
            raise Refusal(
                f"There is no lesson {name!r}; the lessons are {', '.join(each.name for each in lessons)}."
            )
    _write(written(course, lessons))
    _write(api.written(course))  # of the modules that were written before
    course.notebooks.mkdir(exist_ok=True)
    try:
        asyncio.run(_build_all(course, chosen or changed(course, lessons), lessons, say))
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


def _write(texts: dict[Path, str]) -> None:
    """Write what differs from what is there."""
    for path, text in texts.items():
        if _text(path) != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def written(course: Course, lessons: list[Lesson]) -> dict[Path, str]:
    """What the build writes besides the notebooks: modules, programs, the README's map, the glossary."""
    texts: dict[Path, str] = {}
    for lesson in lessons:
        texts |= modules(course, lesson)
        folder = course.programs(lesson)
        texts |= {folder / name: text for name, text in programs(course, lesson).items()}
    if front := maps.readme(course, lessons):
        texts[course.readme] = front
    if course.glossary.exists():
        texts[course.notebooks / "glossary.md"] = _glossary(course, lessons)
    return texts


def _glossary(course: Course, lessons: list[Lesson]) -> str:
    texts = (
        glossary.Text(lesson.name, cell.source, cell.tags)
        for lesson in lessons
        for cell in lesson.cells
        if cell.kind == "markdown"
    )
    terms = glossary.collect(texts, glossary.Rule.read(course.glossary))
    return glossary.page(terms, {lesson.name: lesson.title for lesson in lessons})


async def _build_all(
    course: Course, chosen: dict[Lesson, str], lessons: list[Lesson], say: Callable[[str], None]
) -> None:
    """Two lessons at a time; those with measured times one by one, so that nothing disturbs the clock."""
    kernels = asyncio.Semaphore(AT_ONCE)

    async def built(lesson: Lesson) -> None:
        async with kernels:
            began = time.monotonic()
            await _build_one(course, lesson, lessons)
            say(f"built {lesson.name} in {time.monotonic() - began:.0f} s ({chosen[lesson]})")

    quiet = [lesson for lesson in chosen if lesson.tagged("measured")]
    async with asyncio.TaskGroup() as group:
        for lesson in chosen:
            if lesson not in quiet:
                group.create_task(built(lesson))
    for lesson in quiet:
        await built(lesson)


async def _build_one(course: Course, lesson: Lesson, lessons: list[Lesson]) -> None:
    book = notebook(course, lesson, lessons)
    with tempfile.TemporaryDirectory() as folder:
        record, started = Path(folder, "opened"), time.time()
        shots = await filmed(course, lesson.name, book, record)
        before = _stored(course, lesson)
        tidy(course, lesson.name, book, before)
        camera.keep(course, lesson, shots, book, before)
        nbformat.write(book, course.notebook(lesson))
        keep_stamp(course, lesson, stamp(course, lesson, record, started))


def changed(course: Course, lessons: list[Lesson]) -> dict[Lesson, str]:
    """The lessons that are not what their source, or a file that their kernel opened, says now; and why."""
    kept = stamps(course)

    def why(lesson: Lesson) -> str:
        before = _stored(course, lesson)
        if before is None:
            return "there was no notebook"
        faults = _faults(notebook(course, lesson, lessons), before)
        return next(iter(faults), "") or why_stale(course, lesson, kept.get(lesson.name))

    return {lesson: reason for lesson in lessons if (reason := why(lesson))}


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
    texts = written(course, lessons) | api.written(course)
    for path, text in texts.items():
        if _text(path) != text:
            place = path.relative_to(course.root)
            found.append(f"{place} differs from what the lessons say. Run {COMMAND}")
    expected = {course.notebook(lesson) for lesson in lessons} | set(texts)
    present = [
        *course.notebooks.glob("*.ipynb"),
        *(course.code / "handmade").glob("l[0-9][0-9]_*.py"),
        *(path for path in (course.code / "programs").rglob("*.*") if "__pycache__" not in path.parts),
    ]
    return found + [
        f"{path.relative_to(course.root)} has no lesson. Delete it."
        for path in sorted(present)
        if path not in expected and not _is_draft(path)
    ]


def _is_draft(path: Path) -> bool:
    """Whether a module waits for its lesson: its first line says `Lesson 11, draft of …`."""
    return path.suffix == ".py" and re.match(r'"""Lesson \d\d, draft of ', _text(path)) is not None


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
        build(course, options.lesson, lambda line: print(line, flush=True))
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    print("Everything is up to date.")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(Path(__file__).resolve().parents[1], sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("Stopped. What was built is kept; start it again to go on.")
