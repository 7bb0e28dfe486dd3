"""The page of the library's API: whole, true, and made anew when the code changes; its examples run."""

import ast
import inspect
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

import aiohttp
import pytest

import build
import handmade
from builder import api, official
from builder.lesson import Course, Refusal
from handmade import io
from handmade.l09_long_polling_and_upgrade import site
from handmade.options import ClientOptions, ServerOptions
from wirelab.waiting import until

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "lessons_src"
WRITTEN_BY_HAND = sorted(
    path for path in (SOURCES / "handmade").glob("*.py") if not re.match(r"l\d\d_", path.name)
)
PAGE = (ROOT / "notebooks/API.md").read_text("utf-8")
LIBRARY = ("handmade.aims", "handmade.client", "handmade.listeners", "handmade.server", "handmade.sockets")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


# Nothing is missing


@pytest.mark.parametrize("path", WRITTEN_BY_HAND, ids=lambda path: path.name)
def test_every_public_name_has_a_docstring(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    definitions = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    public = [
        tree,
        *(node for node in ast.walk(tree) if isinstance(node, definitions) and is_public(node.name)),
    ]
    nested = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if inner is not node
    }
    mute = [node for node in public if node not in nested and not ast.get_docstring(node)]
    assert [node.name for node in mute if not is_for_types_alone(node)] == []


def is_for_types_alone(node: Any) -> bool:
    """Whether nothing is in it but `...`."""
    return [ast.unparse(statement) for statement in node.body] == ["..."]


def is_public(name: str) -> bool:
    return not name.startswith("_")


def test_every_name_on_the_page_has_a_docstring() -> None:
    for name, (_, members) in official.CLASSES.items():
        owner = getattr(handmade, name)
        assert inspect.getdoc(owner)
        assert all(api.sentence(owner, member) for member in members)


def test_a_name_without_a_docstring_is_no_api() -> None:
    class Mute:
        def say(self) -> None:
            pass

    with pytest.raises(LookupError, match=r"^Mute\.say is public and has no docstring\.$"):
        api.sentence(Mute, "say")


def test_what_a_class_adds_to_its_stage_is_on_the_page() -> None:
    for name in official.CLASSES:
        owner = getattr(handmade, name)
        ours = [base for base in owner.__mro__ if base.__module__ in LIBRARY]
        stages = [base for base in owner.__mro__ if base not in ours]
        added = {
            member
            for base in ours
            for member, value in vars(base).items()
            if is_public(member)
            and (callable(value) or isinstance(value, property))
            and not any(hasattr(stage, member) for stage in stages)
        }
        assert added - set(official.CLASSES[name][1]) - {"sent", "left"} == set()


def test_every_option_and_every_export_is_on_the_page() -> None:
    for option in [*get_type_hints(ServerOptions), *get_type_hints(ClientOptions)]:
        assert f"| `{option}` |" in PAGE
    assert set(official.OPTIONS) <= {*get_type_hints(ServerOptions), *get_type_hints(ClientOptions)}
    documented = {*official.CLASSES, "io", "ConnectError", "Incomplete", "Recovery", "Redis", "RedisStreams"}
    assert set(handmade.__all__) - documented == {"ServerOptions", "ClientOptions"}


def test_all_that_a_recovery_says_is_on_the_page() -> None:
    assert list(official.RECOVERY) == [field.name for field in fields(handmade.Recovery)]


def test_what_is_said_to_be_missing_is_missing() -> None:
    there = [
        name for name in official.MISSING if hasattr(handmade.Socket, name) or hasattr(handmade.Server, name)
    ]
    assert there == []


@pytest.mark.parametrize(
    "call, kind",
    [
        ("await fetch_sockets()", "Server"),
        ("async with listen(port=0, host='127.0.0.1')", "Server"),
        ("rooms", "Socket"),
        ("join(rooms)", "Socket"),
    ],
)
def test_a_call_stands_there_as_one_writes_it(call: str, kind: str) -> None:
    name = re.sub(r"^(await|async with) |\(.*", "", call)
    assert api.signature(getattr(handmade, kind), name) == call


# It is made


def test_the_page_is_up_to_date() -> None:
    assert api.page() == PAGE


def test_a_change_of_the_code_makes_it_stale(tmp_path: Path) -> None:
    course = Course(tmp_path)
    assert api.written(course) == {}
    for folder in ("handmade", "builder"):
        (tmp_path / "lessons_src").mkdir(exist_ok=True)
        copy_tree(SOURCES / folder, tmp_path / "lessons_src" / folder)
    listeners = tmp_path / "lessons_src/handmade/listeners.py"
    text = listeners.read_text("utf-8")
    listeners.write_text(text.replace("Take one of them away, or all.", "Take them away."), "utf-8")
    [(path, page)] = api.written(course).items()
    assert path == tmp_path / "notebooks/API.md"
    assert page == PAGE.replace("Take one of them away, or all.", "Take them away.") != PAGE
    listeners.write_text(
        re.sub(r'\n *"""Take one of them away, or all\."""', "\n        pass", text), "utf-8"
    )
    with pytest.raises(Refusal, match=r"Socket\.off_any is public and has no docstring"):
        api.written(course)


def copy_tree(source: Path, target: Path) -> None:
    for path in source.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())


def test_the_build_writes_it_and_holds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = Course(tmp_path)
    monkeypatch.setattr(api, "written", lambda course: {course.notebooks / "API.md": "the page"})
    assert build.check(course) == [
        "notebooks/API.md differs from what the lessons say. Run python lessons_src/build.py"
    ]
    build.build(course, [], print)
    assert build.check(course) == []
    assert (tmp_path / "notebooks/API.md").read_text("utf-8") == "the page"


# Its examples run


def test_the_first_example_is_an_import_that_works() -> None:
    assert EXAMPLES[0] == "from handmade import ConnectError, Server, io\n"


def test_the_second_example_runs() -> None:
    command = [sys.executable, "-c", EXAMPLES[1]]
    done = subprocess.run(command, cwd=SOURCES, capture_output=True, text=True, check=True, timeout=30)
    assert (done.stdout, done.stderr) == ("HELLO\n", "")


def test_the_example_of_recovery_runs() -> None:
    names: dict[str, Any] = {}
    exec(EXAMPLES[3], names)
    assert names["server"].history.recovery.max_disconnection_duration == 60


async def test_the_example_of_several_servers_says_that_there_is_no_redis() -> None:
    names: dict[str, Any] = {"__name__": "example"}
    exec(EXAMPLES[4].replace("6379", "1"), names)
    with pytest.raises(ConnectionError, match=r"^No Redis answers at 127\.0\.0\.1:1: start one there"):
        await names["main"]()


async def test_the_third_example_serves_its_own_routes_and_socket_io() -> None:
    names: dict[str, Any] = {"__name__": "example"}
    exec(EXAMPLES[2], names)
    heard = list[str]()
    async with site(names["app"], "127.0.0.1", 0) as port, aiohttp.ClientSession() as http:
        async with http.get(f"http://127.0.0.1:{port}/") as answer:
            assert await answer.text() == "Hello"
        socket = io(f"http://127.0.0.1:{port}", force_new=True)
        socket.on("welcome", lambda: heard.append("welcome"))
        await until(lambda: bool(heard))
        socket.disconnect()
