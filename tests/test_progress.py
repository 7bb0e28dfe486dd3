"""What was solved is remembered beside the learner's copies, whatever happens to the file."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from wirelab.exercise import check, expect, solve
from wirelab.exercise.handed_in import read
from wirelab.exercise.progress import progress
from workplace import copies

ROOT = Path(__file__).parents[1]
CHECK = '''
from wirelab.exercise import check, expect

@check("a hint")
def check_shout(shout):
    """Loud."""
    expect("shout", shout("a"), "A")
'''
RIGHT, WRONG = "def shout(text): return text.upper()", "def shout(text): return text"


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A learner's copy of lesson 01, as the kernel that runs it knows it."""
    (tmp_path / copies.RECORD).write_text("{}", "utf-8")
    path = tmp_path / "01_a_raw_echo_server.ipynb"
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    return path


async def answer(source: str) -> object:
    """The verdict on an answer in a notebook that has the check of lesson 01."""
    notebook = {"__name__": "notebook"}
    exec(CHECK, notebook)
    exec(source, notebook)
    return await notebook["check_shout"].verdict()


def solved() -> dict[str, int]:
    return {lesson.number: count for lesson, count in progress().rows() if count}


async def test_a_right_answer_is_remembered_and_counted_once(copy):
    assert solved() == {}
    for _ in range(2):
        await answer(RIGHT)
    assert solved() == {"01": 1}
    assert "01 A raw echo server: 1 of " in repr(progress())
    assert len((copy.parent / "progress.jsonl").read_text("utf-8").split()) == 4  # one line of JSON


@pytest.mark.parametrize("source", [WRONG, "", "def shout(text): ...", "def shout(text): return 1 / 0"])
async def test_no_other_answer_is(copy, source):
    await answer(source)
    assert solved() == {}


async def test_the_solution_of_the_course_is_not(copy):
    notebook = {"__name__": "notebook"}
    exec(CHECK, notebook)
    assert "The solution passes" in repr(await solve(RIGHT, notebook))
    assert solved() == {}


async def test_an_edition_beside_counts_for_its_lesson(copy, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", str(copy.with_name("01_a_raw_echo_server (old 1).ipynb")))
    await answer(RIGHT)
    assert solved() == {"01": 1}


async def test_what_is_no_copy_remembers_nothing_and_says_the_same_everywhere(copy, monkeypatch):
    said = set()
    (copy.parent / copies.RECORD).unlink()
    for where in (str(copy), str(ROOT / "notebooks/01_a_raw_echo_server.ipynb"), ""):
        monkeypatch.setenv("JPY_SESSION_NAME", where)
        await answer(RIGHT)
        said.add((repr(progress()), progress()._repr_html_()))
    assert len(said) == 1
    assert "this shows what you have solved" in repr(progress())
    assert list(copy.parent.iterdir()) == list((ROOT / "notebooks").glob("progress*")) == []


@pytest.mark.parametrize(
    "broken", [b"", b"{", b"\xff\xfe\x00", b"[]", b'{"lesson": "01"}', b'{"lesson": "01", "ch']
)
async def test_a_broken_file_costs_no_more_than_the_broken_line(copy, broken):
    (copy.parent / "progress.jsonl").write_bytes(b'{"lesson": "02", "check": "check_explain"}\n' + broken)
    await answer(RIGHT)
    assert solved() == {"01": 1, "02": 1}


async def test_where_nothing_can_be_written_the_verdict_is_the_same(copy):
    (copy.parent / "progress.jsonl").mkdir()  # not even root can write into this
    assert repr(await answer(RIGHT)) == "✓ Right: Loud."
    assert solved() == {}


def test_many_kernels_at_once_lose_nothing(copy):
    program = (
        "import sys\nfrom wirelab.exercise.progress import remember\n"
        "for number in range(50):\n"
        "    space = {}\n"
        "    exec(f'def check_{sys.argv[1]}_{number}(): pass', space)\n"
        "    remember(space[f'check_{sys.argv[1]}_{number}'], space)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "lessons_src")}
    kernels = [subprocess.Popen([sys.executable, "-c", program, str(n)], env=environment) for n in range(4)]
    assert [kernel.wait(60) for kernel in kernels] == [0] * 4
    lines = (copy.parent / "progress.jsonl").read_text("utf-8").split("\n")
    names = [json.loads(line)["check"] for line in lines if line]
    assert sorted(names) == sorted(f"check_{n}_{number}" for n in range(4) for number in range(50))


async def test_the_start_page_shows_links_and_no_colour_alone(copy):
    (copy.parent / "progress.jsonl").write_text(
        "\n".join(
            json.dumps({"lesson": lesson.number, "check": name})
            for lesson, _ in progress().rows()[:1]
            for name in lesson.exercises
        ),
        "utf-8",
    )
    page = progress()._repr_html_()
    assert '<a href="01_a_raw_echo_server.ipynb">' in page
    assert "all solved" in page
    assert page.count("<a href") == len(progress().rows())
    for lesson, _ in progress().rows():
        assert (ROOT / "notebooks" / lesson.file).is_file()


def test_the_checks_of_every_lesson_are_found():
    cells = [
        "".join(cell["source"])
        for path in (ROOT / "notebooks").glob("*.ipynb")
        for cell in json.loads(path.read_text("utf-8"))["cells"]
        if "check" in cell["metadata"].get("tags", ())
    ]
    assert sum(len(lesson.exercises) for lesson, _ in progress().rows()) == len(cells) > 10


async def test_a_check_that_is_called_by_name_is_the_notebooks_own(copy):
    @check()
    def check_twice(twice):
        expect("twice", twice(2), 4)

    await check_twice.verdict({"twice": lambda number: 2 * number})
    assert not (copy.parent / "progress.jsonl").exists()


# Handed in, and through an update of the course


async def test_it_can_be_handed_in_as_a_file(copy):
    await answer(RIGHT)
    handed = progress().hand_in("Ann")
    assert handed.path == copy.with_name("progress_Ann.html")
    assert 'href="progress_Ann.html" download' in handed._repr_html_()
    assert read(handed.path) == {"name": "Ann", "solved": [("01", "check_shout")]}
    assert "1 of " in handed.path.read_text("utf-8")


@pytest.mark.parametrize("name", ["", "  ", "../"])
async def test_a_name_without_a_letter_is_refused(copy, name):
    with pytest.raises(ValueError, match="is no name"):
        progress().hand_in(name)


def test_outside_of_the_copies_there_is_nothing_to_hand_in(monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", str(ROOT / "notebooks/01_a_raw_echo_server.ipynb"))
    with pytest.raises(ValueError, match="your own copies"):
        progress().hand_in("Ann")


async def test_it_survives_an_update_of_the_course(tmp_path, monkeypatch):
    """Lesson 01 is changed in the course while the learner has written into it, and 02 has only been run."""
    course, mine = tmp_path / "notebooks", tmp_path / "my_course"
    for folder in (course, mine):
        folder.mkdir()
    for name in ("01_a_raw_echo_server", "02_inside_the_wire"):
        shutil.copy(ROOT / f"notebooks/{name}.ipynb", course)
    copies.bring(course, mine)
    path = mine / "01_a_raw_echo_server.ipynb"
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    await answer(RIGHT)
    names = ("progress.jsonl", progress().hand_in("Ann").path.name)
    before = {name: (mine / name).read_bytes() for name in names}

    add_cell(path, "x = 'mine'")
    for lesson in course.glob("*.ipynb"):
        add_cell(lesson, "y = 'the new edition'")
    changes = copies.bring(course, mine)
    copies.renew(course, mine, "02")

    assert any("new edition" in said for said in changes.said)
    assert before == {name: (mine / name).read_bytes() for name in before}
    assert solved() == {"01": 1}
    monkeypatch.setenv("JPY_SESSION_NAME", str(mine / "01_a_raw_echo_server (new edition).ipynb"))
    await answer(RIGHT)
    assert solved() == {"01": 1}


def add_cell(path: Path, source: str) -> None:
    book = json.loads(path.read_text("utf-8"))
    cell = {"cell_type": "code", "id": "added", "source": source, "metadata": {}}
    book["cells"].append({**cell, "outputs": [], "execution_count": None})
    path.write_text(json.dumps(book), "utf-8")
