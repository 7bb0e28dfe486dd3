"""What a notebook depends on besides its own source: the files that its kernel opened, and their digests."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from builder.lesson import Course, Lesson
from builder.syntax import DEFINITION

RECORDER = Path(__file__).parent / "recorder"
LOCKS = ("requirements.lock", "package-lock.json")
_ELSEWHERE = (".venv/", "node_modules/", ".artefacts/", ".git/", "lessons_src/builder/")
_RELATIVE_IMPORT = re.compile(r"""\b(?:from|import)\s*\(?\s*["'](\.{1,2}/[^"']+)["']""")
_READS_DOCSTRINGS = re.compile(r"__doc__|\bgetdoc\b|\bhelp\(|^\s*\w[\w.]*\?\s*$", re.MULTILINE)

Stamp = dict[str, str]
"""For `code` or `text` and the path of each file: its digest."""


def environment(course: Course, record: Path) -> dict[str, str]:
    """The environment of a kernel whose processes write down in `record` what they open."""
    path = [str(RECORDER), str(course.code), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **os.environ,
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join(path),
        "COURSE_ROOT": str(course.root),
        "COURSE_RECORD": str(record),
    }


def stamp(course: Course, lesson: Lesson, record: Path, started: float) -> Stamp:
    """The files in `record`, those that they import, and the locks, with their digests.

    A file that was changed after `started` (seconds since the epoch) gets a digest that fits nothing.
    """
    opened = set(record.read_text("utf-8").splitlines()) if record.exists() else set()
    for line in list(opened):
        path = line.partition(" ")[2]
        if path.endswith((".js", ".mjs")):
            opened |= {f"text {each}" for each in _imported(course.root, path)}
    opened |= {f"text {lock}" for lock in LOCKS}
    stamp = {}
    for line in sorted(opened):
        path = line.partition(" ")[2]
        if path.startswith(_ELSEWHERE) or path.endswith(".ipynb"):
            continue
        file = course.root / path
        late = file.exists() and file.stat().st_mtime > started
        stamp[line] = "changed while the lesson ran" if late else digest(course, lesson, line)
    return stamp


def digest(course: Course, lesson: Lesson, line: str) -> str:
    """What identifies the content of a file that was opened as `line` says; empty if it is missing."""
    how, _, path = line.partition(" ")
    file = course.root / path
    if not file.is_file():
        return ""
    content = file.read_bytes()
    if how == "text":
        return hashlib.sha256(content).hexdigest()
    return _code_digest(content, _reads_docstrings(lesson))


def why_stale(course: Course, lesson: Lesson, stamp: Stamp | None) -> str:
    """The first file that is not what it was when the lesson was built; empty if there is none."""
    if stamp is None:
        return "there is no record of what it was built with"
    for line, before in stamp.items():
        if digest(course, lesson, line) != before:
            return f"{line.partition(' ')[2]} has changed"
    return ""


def stamps(course: Course) -> dict[str, Stamp]:
    """What each lesson was last built with, on this machine."""
    try:
        kept = json.loads(course.stamps.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: stamp for name, stamp in kept.items() if isinstance(stamp, dict)}


def keep_stamp(course: Course, lesson: Lesson, stamp: Stamp) -> None:
    """Remember what the lesson was built with."""
    course.stamps.parent.mkdir(exist_ok=True)
    kept = {**stamps(course), lesson.name: stamp}
    course.stamps.write_text(json.dumps(kept, indent=1, sort_keys=True), encoding="utf-8")


def _imported(root: Path, path: str) -> Iterator[str]:
    """The modules that a JavaScript file imports by a relative path, and what these import."""
    todo, seen = [path], {path}
    while todo:
        file = root / todo.pop()
        for target in _RELATIVE_IMPORT.findall(file.read_text("utf-8") if file.is_file() else ""):
            found = Path(os.path.normpath(file.parent / target)).relative_to(root).as_posix()
            if found not in seen:
                seen.add(found)
                todo.append(found)
                yield found


def _reads_docstrings(lesson: Lesson) -> bool:
    return any(_READS_DOCSTRINGS.search(cell.source) for cell in lesson.cells if cell.kind == "code")


@cache
def _code_digest(content: bytes, docstrings: bool) -> str:
    """The same for modules that differ only in comments and layout, and in docstrings that nobody reads."""
    try:
        tree = ast.parse(content)
    except SyntaxError:  # the lesson that imports it will say so
        return hashlib.sha256(content).hexdigest()
    if not docstrings and not _READS_DOCSTRINGS.search(content.decode()):
        for node in (each for each in ast.walk(tree) if isinstance(each, (ast.Module, *DEFINITION))):
            if ast.get_docstring(node, clean=False) is not None:
                node.body = node.body[1:]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()
