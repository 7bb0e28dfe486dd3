"""What is said of the course as a whole, built from its lessons: the map, the boss's list, the minutes."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass

from builder.lesson import MAP, Course, Lesson, Refusal
from builder.minutes import minutes, span

PLACEHOLDER = re.compile(r"\{(minutes|lesson_minutes|map|list)\}")
_MARKED = re.compile(r"(<!-- built: (\w+) -->)(.*?)(<!-- end -->)", re.DOTALL)
_ENTRY = re.compile(r"(\d\d) · ([^:]+): (.+)")


@dataclass(frozen=True)
class Entry:
    """A lesson on the map; `file` is its notebook's name, or empty as long as it is not written."""

    number: str
    title: str
    line: str
    file: str


Parts = dict[str, list[Entry]]


def parts(course: Course, lessons: list[Lesson]) -> Parts:
    """The parts of the course with their lessons, from course.toml.

    Raises Refusal for an entry that cannot be read, and where it and the lessons' headings disagree.
    """
    if not course.plan.exists():
        return {}
    written = {lesson.number: lesson for lesson in lessons if lesson.name != MAP}
    found: Parts = {}
    for part in tomllib.loads(course.plan.read_text("utf-8"))["parts"]:
        found[part["title"]] = [_entry(text, written) for text in part["lessons"]]
    listed = {entry.number for entries in found.values() for entry in entries}
    for number, lesson in written.items():
        if number not in listed:
            raise Refusal(
                f"course.toml: lesson {number} is not there. Add `{lesson.title}: what it shows` to its part."
            )
    return found


def _entry(text: str, written: dict[str, Lesson]) -> Entry:
    parsed = _ENTRY.fullmatch(text)
    if parsed is None:
        raise Refusal(f"course.toml: {text!r}. Write `NN · Title: what it shows`.")
    number, title, line = parsed.groups()
    lesson = written.get(number)
    if lesson and lesson.title != f"{number} · {title}":
        raise Refusal(f"course.toml calls a lesson `{number} · {title}`, its heading says `{lesson.title}`.")
    return Entry(number, title, line, f"{lesson.name}.ipynb" if lesson else "")


def filled(source: str, course: Course, lesson: Lesson, lessons: list[Lesson]) -> str:
    """A Markdown cell of `lesson` with its placeholders filled in."""
    made = {
        "minutes": lambda: str(minutes(lesson)),
        "lesson_minutes": lambda: span(lessons),
        "map": lambda: _long_map(parts(course, lessons)),
        "list": the_list,
    }
    return PLACEHOLDER.sub(lambda found: made[found[1]](), source)


def readme(course: Course, lessons: list[Lesson]) -> str:
    """The README's text with what stands between its marks made new; empty if there is none."""
    if not course.readme.exists():
        return ""
    made = {
        "map": lambda: f"\n{_short_map(parts(course, lessons))}\n",
        "lesson_minutes": lambda: span(lessons),
    }
    text = course.readme.read_text("utf-8")
    return _MARKED.sub(lambda found: found[1] + made[found[2]]() + found[4], text)


def the_list() -> str:
    """The boss's list: each wish, the lessons in which it fails, and those that fulfil it."""
    from wirelab.boss import THE_LIST  # only where it is asked for: this loads half the laboratory

    head = ["| the boss wants that it… | fails in | solved in |", "|---|---|---|"]
    return "\n".join(head + [f"| {row.wish} | {row.fails_in} | {row.solved_in} |" for row in THE_LIST])


def _long_map(parts: Parts) -> str:
    """A row for each lesson; what is written is a link."""
    rows = ["| part | lesson | what it shows |", "|---|---|---|"]
    for title, entries in parts.items():
        for entry in entries:
            part = f"**{title}**" if entry is entries[0] else ""
            name = f"{entry.number} · {entry.title}"
            rows.append(f"| {part} | {f'[{name}]({entry.file})' if entry.file else name} | {entry.line} |")
    return "\n\n".join(["\n".join(rows), *_unwritten(parts)])


def _short_map(parts: Parts) -> str:
    """A row for each part; what is written is a link."""
    rows = ["| part | lessons |", "|---|---|"]
    for title, entries in parts.items():
        names = [
            f"[{entry.number} {entry.title}](notebooks/{entry.file})"
            if entry.file
            else f"{entry.number} {entry.title}"
            for entry in entries
        ]
        rows.append(f"| **{title}** | {' · '.join(names)} |")
    return "\n\n".join(["\n".join(rows), *_unwritten(parts)])


def _unwritten(parts: Parts) -> list[str]:
    there = all(entry.file for entries in parts.values() for entry in entries)
    return [] if there else ["The lessons without a link are being written."]
