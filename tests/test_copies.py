"""The learner's copies: empty at first, and whatever somebody wrote outlives every change of the course."""

import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from workplace import copies, desk
from workplace.copies import Refusal, bring, renew
from workplace.turns import one_at_a_time

ROOT = Path(__file__).parents[1]
WIRES, WALLS = "01_wires", "02_walls"


def notebook(*sources: str, **metadata: str) -> str:
    """A built notebook: each source is a code cell that has run."""
    output = {"output_type": "stream", "name": "stdout", "text": ["it ran\n"]}
    cells = [
        {
            "cell_type": "code",
            "id": f"cell{number}",
            "source": source.splitlines(keepends=True),
            "metadata": metadata,
            "outputs": [output],
            "execution_count": number,
        }
        for number, source in enumerate(sources, 1)
    ]
    text = {"cell_type": "markdown", "id": "text", "source": "# A lesson", "metadata": {}}
    return json.dumps({"cells": [text, *cells], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def course(tmp_path):
    """A course of two lessons, a picture and a page that nobody runs."""
    folder = tmp_path / "notebooks"
    (folder / "pictures").mkdir(parents=True)
    (folder / "pictures/wire.png").write_bytes(b"a picture")
    (folder / "API.md").write_text("# A page", "utf-8")
    (folder / f"{WIRES}.ipynb").write_text(notebook("x = 1", "x + 1"), "utf-8")
    (folder / f"{WALLS}.ipynb").write_text(notebook("y = 1"), "utf-8")
    return folder


@pytest.fixture
def mine(tmp_path, course):
    """The learner's folder, after the first start."""
    folder = tmp_path / "my_course"
    folder.mkdir()
    bring(course, folder)
    return folder


def sources(path: Path) -> list[str]:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def write_into(path: Path, source: str) -> None:
    """What a learner does: change the first cell of code."""
    book = json.loads(path.read_text("utf-8"))
    book["cells"][1]["source"] = source
    path.write_text(json.dumps(book), "utf-8")


def run_all(path: Path) -> None:
    """What Jupyter does when every cell is run with Shift+Enter: outputs, and an empty cell at the end."""
    book = json.loads(path.read_text("utf-8"))
    for number, cell in enumerate(book["cells"][1:], 1):
        cell["execution_count"], cell["metadata"] = number, {"trusted": True, "scrolled": True}
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "42"}]
    book["cells"].append(book["cells"][-1] | {"id": "new", "source": [], "outputs": []})
    path.write_text(json.dumps(book), "utf-8")


def lessons(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.ipynb"))


def test_the_first_start_copies_every_lesson_without_outputs(course, mine):
    assert lessons(mine) == lessons(course)
    for path in mine.glob("*.ipynb"):
        book = json.loads(path.read_text("utf-8"))
        code = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
        assert code
        assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert sources(mine / f"{WIRES}.ipynb") == ["x = 1", "x + 1"]
    assert (mine / "pictures/wire.png").read_bytes() == b"a picture"
    assert (mine / "API.md").read_text("utf-8") == "# A page"


def test_a_page_follows_the_course(course, mine):
    (course / "API.md").write_text("# A new page", "utf-8")
    bring(course, mine)
    assert (mine / "API.md").read_text("utf-8") == "# A new page"


def test_the_second_start_writes_nothing(course, mine):
    before = {path: path.stat().st_mtime_ns for path in mine.rglob("*")}
    assert bring(course, mine).written == []
    assert {path: path.stat().st_mtime_ns for path in mine.rglob("*")} == before


def test_outputs_of_the_learner_survive_a_start(course, mine):
    run_all(mine / f"{WIRES}.ipynb")
    bring(course, mine)
    assert "42" in (mine / f"{WIRES}.ipynb").read_text("utf-8")


def test_a_lesson_that_was_only_run_is_replaced_by_its_new_edition(course, mine):
    run_all(mine / f"{WIRES}.ipynb")
    (course / f"{WIRES}.ipynb").write_text(notebook("x = 2"), "utf-8")
    changes = bring(course, mine)
    assert (changes.written, changes.said) == ([mine / f"{WIRES}.ipynb"], [])
    assert sources(mine / f"{WIRES}.ipynb") == ["x = 2"]
    assert lessons(mine) == lessons(course)


def test_a_change_of_nothing_but_a_tag_is_an_edition_too(course, mine):
    (course / f"{WIRES}.ipynb").write_text(notebook("x = 1", "x + 1", editable="no"), "utf-8")
    assert bring(course, mine).written == [mine / f"{WIRES}.ipynb"]


def test_a_change_of_nothing_but_outputs_is_none(course, mine):
    built = course / f"{WIRES}.ipynb"
    built.write_text(built.read_text("utf-8").replace("it ran", "it ran again"), "utf-8")
    assert bring(course, mine).written == []


def test_a_lesson_that_was_written_into_is_kept_and_the_new_edition_lies_beside_it(course, mine):
    write_into(mine / f"{WIRES}.ipynb", "x = 'mine'")
    (course / f"{WIRES}.ipynb").write_text(notebook("x = 2"), "utf-8")
    changes = bring(course, mine)
    assert sources(mine / f"{WIRES}.ipynb") == ["x = 'mine'", "x + 1"]
    assert sources(mine / f"{WIRES} (new edition).ipynb") == ["x = 2"]
    assert changes.said == [
        "01_wires.ipynb has changed in the course. Yours stays as it is; "
        "the new one is '01_wires (new edition).ipynb'."
    ]
    assert bring(course, mine) == copies.Changes()


def test_of_the_editions_beside_only_those_that_were_written_into_stay(course, mine):
    write_into(mine / f"{WIRES}.ipynb", "x = 'mine'")
    for edition in (2, 3):
        (course / f"{WIRES}.ipynb").write_text(notebook(f"x = {edition}"), "utf-8")
        bring(course, mine)
    assert sources(mine / f"{WIRES} (new edition).ipynb") == ["x = 3"]
    write_into(mine / f"{WIRES} (new edition).ipynb", "x = 'mine again'")
    (course / f"{WIRES}.ipynb").write_text(notebook("x = 4"), "utf-8")
    bring(course, mine)
    assert [sources(mine / name)[0] for name in lessons(mine) if name.startswith(WIRES)] == [
        "x = 4", "x = 'mine again'", "x = 'mine'",
    ]  # fmt: skip
    assert f"{WIRES} (new edition 2).ipynb" in lessons(mine)


def test_a_file_of_the_learners_with_the_name_of_an_edition_is_never_overwritten(course, mine):
    (mine / f"{WIRES} (new edition).ipynb").write_text("notes", "utf-8")
    write_into(mine / f"{WIRES}.ipynb", "x = 'mine'")
    (course / f"{WIRES}.ipynb").write_text(notebook("x = 2"), "utf-8")
    bring(course, mine)
    assert (mine / f"{WIRES} (new edition).ipynb").read_text("utf-8") == "notes"
    assert sources(mine / f"{WIRES} (new edition 2).ipynb") == ["x = 2"]


def test_a_copy_that_was_deleted_comes_again_for_links_lead_to_it(course, mine):
    (mine / f"{WIRES}.ipynb").unlink()
    assert bring(course, mine).written == [mine / f"{WIRES}.ipynb"]


@pytest.mark.parametrize("record", ["", "{", "[]", '{"01_wires": 5}', '{"01_wires": {"file": "a.ipynb"}}'])
def test_without_its_record_nothing_that_was_written_is_lost(course, mine, record):
    write_into(mine / f"{WIRES}.ipynb", "x = 'mine'")
    (mine / copies.RECORD).write_text(record, "utf-8")
    (course / f"{WALLS}.ipynb").write_text(notebook("y = 2"), "utf-8")
    bring(course, mine)
    assert sources(mine / f"{WIRES}.ipynb")[0] == "x = 'mine'"
    assert sources(mine / f"{WALLS}.ipynb") == ["y = 1"]
    assert sources(mine / f"{WALLS} (new edition).ipynb") == ["y = 2"]


@pytest.mark.parametrize("broken", ["", "not JSON", "[]", '{"cells": [{"cell_type": "code"}]}'])
def test_a_copy_that_cannot_be_read_is_kept(course, mine, broken):
    (mine / f"{WIRES}.ipynb").write_text(broken, "utf-8")
    (course / f"{WIRES}.ipynb").write_text(notebook("x = 2"), "utf-8")
    bring(course, mine)
    assert (mine / f"{WIRES}.ipynb").read_text("utf-8") == broken
    assert sources(mine / f"{WIRES} (new edition).ipynb") == ["x = 2"]


@pytest.mark.parametrize("touched", [False, True])
def test_a_lesson_that_the_course_has_renamed(course, mine, touched):
    if touched:
        write_into(mine / f"{WALLS}.ipynb", "y = 'mine'")
    (course / f"{WALLS}.ipynb").rename(course / "02_firewalls.ipynb")
    changes = bring(course, mine)
    old = [f"{WALLS}.ipynb"] if touched else []
    assert lessons(mine) == [f"{WIRES}.ipynb", "02_firewalls.ipynb", *old]
    assert changes.said == [f"The course has no {WALLS} any more. Your '{WALLS}.ipynb' stays."] * touched
    assert bring(course, mine) == copies.Changes()


def test_a_lesson_of_the_course_that_is_broken_is_named(course, mine):
    (course / f"{WALLS}.ipynb").write_text("<<<<<<< HEAD", "utf-8")
    with pytest.raises(Refusal, match=r"02_walls\.ipynb is not a notebook: put the course's own file back"):
        bring(course, mine)
    assert lessons(mine) == lessons(course)


@pytest.mark.parametrize("name", ["01", "1", "01_wires", "01_wires.ipynb"])
def test_fresh_makes_one_lesson_new_and_keeps_the_old_one(course, mine, name):
    for attempt in ("first", "second"):
        write_into(mine / f"{WIRES}.ipynb", attempt)
        changes = renew(course, mine, name)
        assert changes.written == [mine / f"{WIRES}.ipynb"]
    assert "what you wrote is in '01_wires (old 2).ipynb'" in changes.said[0]
    assert sources(mine / f"{WIRES}.ipynb") == ["x = 1", "x + 1"]
    assert sources(mine / f"{WIRES} (old 1).ipynb")[0] == "first"
    assert sources(mine / f"{WIRES} (old 2).ipynb")[0] == "second"
    assert bring(course, mine) == copies.Changes()


def test_fresh_keeps_outputs_too_but_nothing_that_is_as_new(course, mine):
    assert renew(course, mine, "01").said == ["01_wires.ipynb is as new already."]
    assert lessons(mine) == lessons(course)
    run_all(mine / f"{WIRES}.ipynb")
    renew(course, mine, "01")
    assert "42" in (mine / f"{WIRES} (old 1).ipynb").read_text("utf-8")


def test_fresh_takes_the_place_of_a_new_edition_beside(course, mine):
    write_into(mine / f"{WIRES}.ipynb", "x = 'mine'")
    (course / f"{WIRES}.ipynb").write_text(notebook("x = 2"), "utf-8")
    bring(course, mine)
    renew(course, mine, "01")
    assert lessons(mine) == [f"{WIRES} (old 1).ipynb", f"{WIRES}.ipynb", f"{WALLS}.ipynb"]
    assert sources(mine / f"{WIRES}.ipynb") == ["x = 2"]


@pytest.mark.parametrize("name", ["", "9", "1", "walls", ".."])
def test_fresh_wants_the_name_of_one_lesson(course, mine, name):
    (course / "00_start_here.ipynb").write_text(notebook("z = 1"), "utf-8")
    (course / "01_wireless.ipynb").write_text(notebook("z = 1"), "utf-8")
    with pytest.raises(Refusal, match=r"Say which .* The lessons are 00_start_here, 01_.*, 02_walls\."):
        renew(course, mine, name)


def test_the_courses_own_lessons_come_out_as_they_are_but_for_outputs(tmp_path):
    bring(ROOT / "notebooks", tmp_path)
    for built in (ROOT / "notebooks").glob("*.ipynb"):
        copied, original = (json.loads(path.read_text("utf-8")) for path in (tmp_path / built.name, built))
        for cell in original["cells"]:
            if cell["cell_type"] == "code":
                cell |= {"outputs": [], "execution_count": None}
        assert copied == original


# --- where ---


FIND_AS_NOBODY = """
import os, sys
from pathlib import Path
from workplace import desk

os.setgid(65534)
os.setuid(65534)
print(desk.find(Path(sys.argv[1])).copies)
"""


def test_copies_lie_in_the_course(tmp_path):
    assert desk.find(tmp_path).copies == tmp_path / "my_course"
    assert (tmp_path / "my_course").is_dir()


def test_a_second_user_of_a_folder_has_copies_at_home(tmp_path, monkeypatch):
    course, home = tmp_path / "course", tmp_path / "home"
    home.mkdir()
    (course / "my_course").mkdir(parents=True)
    (course / "README.md").write_text("the course", "utf-8")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    for _ in range(2):
        place = desk.find(course)
        assert place.copies == home / "websocket-to-socketio/my_course"
        assert place.copies.is_dir()
    if os.name != "nt":
        assert (place.copies / "../README.md").read_text("utf-8") == "the course"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("mode", [0o755, 0o777])
def test_the_copies_of_another_user_are_left_alone_even_where_they_could_be_changed(mode):
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to others
        course, home = Path(name), Path(name, "home")
        for folder, its_mode in ((course, 0o755), (home, 0o777), (course / "my_course", mode)):
            folder.mkdir(exist_ok=True)
            folder.chmod(its_mode)
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "lessons_src"), "HOME": str(home)}
        command = [sys.executable, "-c", FIND_AS_NOBODY, str(course)]
        found = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout
        assert found.strip() == f"{home}/websocket-to-socketio/my_course"
        assert list((course / "my_course").iterdir()) == []


# --- two at once ---


def test_the_second_waits_for_the_first_and_says_so(tmp_path, capsys):
    order = []

    def second():
        with one_at_a_time(tmp_path / "lock", "Another one is at it."):
            order.append("second")

    with one_at_a_time(tmp_path / "lock", "Nobody is."):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.3)
        order.append("first")
    thread.join(5)
    assert order == ["first", "second"]
    assert capsys.readouterr().out == "Another one is at it.\n"


def test_a_lock_ends_with_its_process(tmp_path):
    code = (
        "import os, sys; from pathlib import Path; from workplace.turns import one_at_a_time\n"
        "with one_at_a_time(Path(sys.argv[1]), ''): os._exit(0)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "lessons_src")}
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "lock")], env=environment, check=True)
    with one_at_a_time(tmp_path / "lock", "must not wait"):
        pass


def test_where_nothing_can_be_written_there_is_no_lock(tmp_path):
    with one_at_a_time(tmp_path / "no such folder/lock", "must not wait"):
        pass
