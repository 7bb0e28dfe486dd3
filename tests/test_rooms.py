"""The laboratory is a house of rooms in a row: an import may only go up the list."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

WIRELAB = Path(__file__).parents[1] / "lessons_src/wirelab"
MODULES = sorted(WIRELAB.rglob("*.py"))
ROOMS = (
    "syntax",
    "waiting",
    "address",
    "trace",
    "recording",
    "decode",
    "look",
    "middlebox",
    "process",
    "page",
    "clients",
    "bench",
    "serve",
    "boss",
    "rulebook",
    "exercise",
    "widgets",
    "plots",
    "classroom",
)
DOOR = "__init__"
"""What `%load_ext wirelab` runs: it may use every room, and no room may use it."""
APART = {"jupyter"}
"""JupyterLab's own process imports it; it may use no room."""


def room_of(path: Path) -> str:
    return path.relative_to(WIRELAB).parts[0].removesuffix(".py")


def rooms_used(source: str) -> Iterator[str]:
    """The rooms that a module imports from: `wirelab.trace`, `from wirelab import bench`."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.ImportFrom(level=level) if level:
                yield "a relative import"
            case ast.ImportFrom(module="wirelab", names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module)) if module.startswith("wirelab."):
                yield module.split(".")[1]
            case ast.Import(names=names):
                modules = [alias.name.split(".") for alias in names]
                yield from (module[1] if module[1:] else DOOR for module in modules if module[0] == "wirelab")


def forbidden(room: str, source: str) -> list[str]:
    """The rooms used by a module of `room` that it may not use."""
    if room == DOOR:
        return [used for used in rooms_used(source) if used not in ROOMS]
    above = () if room in APART else ROOMS[: ROOMS.index(room) + 1]
    return [used for used in rooms_used(source) if used not in above]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(WIRELAB)))
def test_an_import_only_goes_up_the_list(path: Path) -> None:
    assert forbidden(room_of(path), path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("room", "source", "found"),
    [
        ("decode", "from wirelab.trace import Trace", []),
        ("decode", "from wirelab.decode.text import shorten", []),
        ("decode", "from wirelab.middlebox import Middlebox", ["middlebox"]),
        ("clients", "def f():\n    from wirelab import bench", ["bench"]),
        ("clients", "import wirelab.boss.lab as lab", ["boss"]),
        ("trace", "import wirelab", [DOOR]),
        ("bench", "from .registry import start", ["a relative import"]),
        (DOOR, "from wirelab.exercise import register", []),
        ("jupyter", "from wirelab.trace import now", ["trace"]),
    ],
)
def test_an_import_down_the_list_is_found(room: str, source: str, found: list[str]) -> None:
    assert forbidden(room, source) == found


def test_every_room_has_its_place() -> None:
    there = {room_of(path) for path in WIRELAB.rglob("*.py")}
    assert there <= {*ROOMS, DOOR, *APART}
