"""Programs of other languages, and servers for a process of their own: fences with a file name in Markdown.

A fence that begins with ```js client.mjs is shown as code where it stands, and the build writes it to
programs/NN/client.mjs, where `wirelab.bench.program` reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from builder.lesson import Cell, Course, Lesson
from builder.style import ruff

LANGUAGES = {".js": "js", ".mjs": "js", ".py": "python", ".html": "html", ".css": "css", ".conf": "nginx"}
_MARKDOWN = MarkdownIt("commonmark").enable("table")
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z]+)")


def fences(cell: Cell) -> Iterator[Token]:
    """The fences of a Markdown cell."""
    return (token for token in _MARKDOWN.parse(cell.source) if token.type == "fence")


def programs(course: Course, lesson: Lesson) -> dict[str, str]:
    """The text of each program of the lesson, by its file name.

    Raises Refusal for a name that is no file's, that occurs twice or that is of another language.
    """
    found: dict[str, str] = {}
    for cell in lesson.cells:
        for token in fences(cell) if cell.kind == "markdown" else ():
            language, _, name = token.info.strip().partition(" ")
            if not name:
                continue
            ending = _NAME.fullmatch(name)
            if ending is None or LANGUAGES.get(ending[1]) != language:
                raise cell.refuse(
                    f"the fence `{token.info.strip()}`. Write a language and a file name of it, in lower "
                    "case: `js client.mjs` or `python server.py`."
                )
            if name in found:
                raise cell.refuse(f"the lesson has a program {name} already. Rename one.")
            found[name] = token.content
            if language == "python":
                ruff(["check", "--output-format", "concise"], token.content, course.programs(lesson) / name)
    return found


def shown(source: str) -> str:
    """A Markdown cell with the file name of each program before its fence, where every viewer shows it."""
    lines = source.splitlines()
    for token in reversed([each for each in _MARKDOWN.parse(source) if each.type == "fence"]):
        language, _, name = token.info.strip().partition(" ")
        if name and token.map:
            start = token.map[0]
            fence = lines[start].replace(token.info, language)
            lines[start : start + 1] = [f"`{name}`", "", fence]
    return "\n".join(lines)
