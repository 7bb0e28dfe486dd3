"""What `python3 lab.py test --changed` runs: the tests and the notebooks that a change touches.

A change is what git finds different from the last commit; `--changed main` compares with another one. A test
depends on the modules that it imports, on what these import, on the files that they name, and on its
conftest.py. A notebook depends on what its kernel opened when it was last built.
"""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from builder.dependencies import stamps
from builder.lesson import Course

ROOT = Path(__file__).resolve().parents[1]
EVERYTHING = ("pyproject.toml", "requirements.lock", "requirements-test.lock", "package-lock.json")
TESTS = ROOT / "tests"
_SOURCES = (ROOT / "lessons_src", TESTS, TESTS / "browser", ROOT)


def changed_files(reference: str = "HEAD", root: Path = ROOT) -> set[Path]:
    """The files that differ from a commit, and those that git does not know."""
    found: set[Path] = set()
    for command in (["diff", "--name-only", reference, "--"], ["ls-files", "--others", "--exclude-standard"]):
        done = subprocess.run(["git", *command], cwd=root, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"test --changed compares with a commit of git: {done.stderr.strip()}")
        found |= {root / line for line in done.stdout.splitlines()}
    return found


def touched(changed: set[Path]) -> list[str]:
    """The arguments for pytest: test files and notebooks, from the root; empty if nothing is touched."""
    tests = sorted([*ROOT.glob("tests/test_*.py"), *ROOT.glob("tests/browser/test_*.py")])
    everything = changed & {ROOT / name for name in EVERYTHING}
    files = [test for test in tests if everything or changed & dependencies(test)]
    files += [notebook for notebook in _notebooks() if everything or changed & _of_notebook(notebook)]
    return [file.relative_to(ROOT).as_posix() for file in files]


@cache
def dependencies(file: Path) -> frozenset[Path]:
    """The file and all that it needs, as far as its text says."""
    found, todo = set(), [file]
    while todo:
        each = todo.pop()
        if each not in found:
            found.add(each)
            todo += _needed(each)
    return frozenset(found)


@cache
def _needed(file: Path) -> tuple[Path, ...]:
    """The files that one file imports or names, and the conftest.py of a test."""
    if file.suffix != ".py":
        return ()
    found = []
    if file.name.startswith("test_"):
        found += [folder / "conftest.py" for folder in file.parents if (folder / "conftest.py").exists()]
    for node in _executed(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            found += [path for alias in node.names for path in _modules(alias.name)]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [path for alias in node.names for path in _imported(node.module, alias.name)]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found += _named(node.value, file)
    return tuple(found)


def _executed(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those that only a type checker reads."""
    for node in ast.iter_child_nodes(tree):
        if not _for_types(node):
            yield node
            yield from _executed(node)


def _for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"


def _imported(module: str, name: str) -> Iterator[Path]:
    """What `from module import name` loads."""
    yield from _modules(f"{module}.{name}")
    for path in _modules(module):
        yield from _modules(_loaded_when_asked(path).get(name, ""))


@cache
def _loaded_when_asked(package: Path) -> dict[str, str]:
    """The module of each name that a package tells a type checker of, and loads when it is asked for."""
    blocks = [node for node in ast.parse(package.read_bytes()).body if _for_types(node)]
    imports = [node for block in blocks for node in block.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: node.module for node in imports for alias in node.names}


@cache
def _modules(name: str) -> tuple[Path, ...]:
    """The files of a module and of the packages above it."""
    parts = name.split(".") if name else []
    places = [source.joinpath(*parts[:end]) for source in _SOURCES for end in range(1, len(parts) + 1)]
    files = [path for place in places for path in (place.with_suffix(".py"), place / "__init__.py")]
    return tuple(path for path in files if path.is_file())


def _named(text: str, file: Path) -> Iterator[Path]:
    """The file beside `file` that a text names; in a test also from the project's root, as "lab.py" is."""
    if re.fullmatch(r"[\w./-]+\.\w+", text):
        places = [file.parent, ROOT] if TESTS in file.parents else [file.parent]
        yield from (place / text for place in places if (place / text).is_file())


def _notebooks() -> list[Path]:
    return sorted(ROOT.glob("notebooks/*.ipynb"))


def _of_notebook(notebook: Path) -> set[Path]:
    """The notebook, its source, and what its kernel opened; without a record, whatever the laboratory has."""
    course = Course(ROOT)
    source = course.code / "lessons" / f"{notebook.stem}.py"
    opened = stamps(course).get(notebook.stem)
    if opened is None:
        return {notebook, source, *course.code.rglob("*")}
    return {notebook, source, *(ROOT / line.partition(" ")[2] for line in opened)}
