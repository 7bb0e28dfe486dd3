"""Code stays readable: a function has few branches, a module one job. Exceptions are named, and only shrink.

Complexity is McCabe's: 1, and 1 more for each branch. Lines count with docstrings and blank lines. Lessons
(lessons_src/lessons), answers (lessons_src/answers) and test files are no modules; a lesson's code is judged
where the build writes it.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
COMPLEXITY, LINES = 8, 250
FIRST_LESSON_WITHOUT_EXCEPTION = 8

# What was so before there were limits, and how large it may be at most.
COMPLEX: dict[str, int] = {}
LONG: dict[str, int] = {}


def modules(root: Path) -> list[Path]:
    """All that is written to be read and imported, and lab.py."""
    folders = (root / "lessons_src", root / "tests")
    paths = [root / "lab.py", *(path for folder in folders for path in sorted(folder.rglob("*.py")))]
    return [
        path
        for path in paths
        if path.parent.name not in ("lessons", "answers") and not path.name.startswith("test_")
    ]


def complex_functions(root: Path, most: int) -> dict[str, int]:
    """The complexity of each function that has more than `most`."""
    ruff = ["-m", "ruff", "check", "--isolated", "--select=C901", "--output-format=json", "--exit-zero"]
    limit = f"--config=lint.mccabe.max-complexity={most}"
    files = [path.relative_to(root).as_posix() for path in modules(root)]
    done = subprocess.run(
        [sys.executable, *ruff, limit, *files], cwd=root, capture_output=True, text=True, check=True
    )
    found = {}
    for each in json.loads(done.stdout):
        name, size = re.search(r"`(\w+)` is too complex \((\d+) >", each["message"]).groups()
        found[f"{Path(each['filename']).relative_to(root).as_posix()} {name}"] = int(size)
    return found


def long_modules(root: Path, most: int) -> dict[str, int]:
    """The number of lines of each module that has more than `most`."""
    sizes = {
        path.relative_to(root).as_posix(): len(path.read_text("utf-8").splitlines()) for path in modules(root)
    }
    return {name: size for name, size in sizes.items() if size > most}


def complaints(found: dict[str, int], exceptions: dict[str, int]) -> list[str]:
    """A sentence for each that is too large, or is named as an exception without being one any more."""
    return [
        *(f"{name}: {size}. Divide it." for name, size in found.items() if size > exceptions.get(name, 0)),
        *(f"{name} is small enough now: strike it off the list." for name in exceptions if name not in found),
    ]


def test_no_function_has_more_than_eight_branches_and_no_module_more_than_250_lines() -> None:
    assert complaints(complex_functions(ROOT, COMPLEXITY), COMPLEX) == []
    assert complaints(long_modules(ROOT, LINES), LONG) == []


def test_the_handmade_server_has_no_exception_from_lesson_08_on() -> None:
    lessons = re.findall(r"handmade/l(\d\d)_", " ".join([*COMPLEX, *LONG]))
    assert [lesson for lesson in lessons if int(lesson) >= FIRST_LESSON_WITHOUT_EXCEPTION] == []


@pytest.mark.parametrize("branches", [7, 8])
def test_the_limits_see_what_is_too_large(tmp_path: Path, branches: int) -> None:
    (tmp_path / "lessons_src").mkdir()
    code = "def choose(x):\n" + "    if x:\n        x += 1\n" * branches
    (tmp_path / "lessons_src" / "module.py").write_text(code)
    (tmp_path / "lab.py").write_text("# a line\n" * (243 + branches))
    functions, lines = complex_functions(tmp_path, COMPLEXITY), long_modules(tmp_path, LINES)
    too_large = branches > 7
    assert (functions, lines) == (
        ({"lessons_src/module.py choose": 9}, {"lab.py": 251}) if too_large else ({}, {})
    )


def test_an_exception_may_shrink_but_not_grow_or_stay_without_need() -> None:
    allowed = {"a": 300}
    assert complaints({"a": 290}, allowed) == []
    assert complaints({"a": 301}, allowed) == ["a: 301. Divide it."]
    assert complaints({"b": 251}, {}) == ["b: 251. Divide it."]
    assert complaints({}, allowed) == ["a is small enough now: strike it off the list."]
