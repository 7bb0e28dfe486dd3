"""What a change touches: `python3 lab.py test --changed`."""

import subprocess

import changed
import pytest

ROOT = changed.ROOT
LABORATORY = ROOT / "lessons_src" / "wirelab"


def touched(*files):
    assert all((ROOT / file).is_file() for file in files)
    return set(changed.touched({ROOT / file for file in files}))


@pytest.fixture(autouse=True)
def records(monkeypatch):
    """As if lesson 03 had been built, and had opened one rule and one style sheet."""
    opened = (
        "code lessons_src/wirelab/middlebox/rules/portals.py",
        "text lessons_src/wirelab/widgets/page.css",
    )
    others = {f"{number:02}" for number in range(1, 21)}
    names = [path.stem for path in ROOT.glob("notebooks/*.ipynb") if path.stem[:2] in others | {"00"}]
    kept = {name: dict.fromkeys(opened if name.startswith("03") else (), "digest") for name in names}
    monkeypatch.setattr(changed, "stamps", lambda course: kept)


def test_a_rule_touches_the_tests_that_import_it_and_the_notebook_that_opened_it():
    found = touched("lessons_src/wirelab/middlebox/rules/portals.py")
    assert {"tests/test_rules.py", "notebooks/03_firewalls_and_proxies.ipynb"} <= found
    assert not found & {"tests/test_boss.py", "tests/test_decode.py", "notebooks/01_a_raw_echo_server.ipynb"}


def test_a_file_of_another_language_touches_the_tests_of_the_module_that_names_it():
    found = touched("lessons_src/wirelab/boss/subjects/node_server.mjs")
    assert "tests/test_boss.py" in found and "tests/test_decode.py" not in found


def test_a_lesson_touches_its_notebook():
    found = touched("lessons_src/lessons/04_load_balancers.py")
    assert found - {"tests/test_changed.py"} == {"notebooks/04_load_balancers.ipynb"}  # which names it


def test_a_helper_of_tests_touches_those_that_import_it():
    found = touched("tests/decode_tools.py")
    assert "tests/test_decode.py" in found and "tests/test_bench.py" not in found


def test_a_conftest_touches_the_tests_below_it():
    found = touched("tests/browser/conftest.py")
    assert "tests/browser/test_wire.py" in found and "tests/test_decode.py" not in found


def test_a_lock_touches_everything():
    found = touched("requirements.lock")
    assert {"tests/test_decode.py", "tests/browser/test_wire.py", "notebooks/06_blobs.ipynb"} <= found


def test_without_a_record_whatever_the_laboratory_has_touches_a_notebook(monkeypatch):
    monkeypatch.setattr(changed, "stamps", lambda course: {})
    assert "notebooks/01_a_raw_echo_server.ipynb" in touched("lessons_src/wirelab/trace.py")


def test_what_git_finds_changed_and_new_is_a_change(tmp_path):
    def git(*command):
        subprocess.run(
            ["git", "-c", "user.name=t", "-c", "user.email=t@t", *command], cwd=tmp_path, check=True
        )

    git("init", "-q")
    for name in ("same", "edited"):
        (tmp_path / name).write_text("1")
    git("add", ".")
    git("commit", "-qm", "First")
    (tmp_path / "edited").write_text("2")
    (tmp_path / "new").write_text("")
    assert changed.changed_files(root=tmp_path) == {tmp_path / "edited", tmp_path / "new"}
    git("add", ".")
    git("commit", "-qm", "Second")
    assert changed.changed_files(root=tmp_path) == set()
    assert changed.changed_files("HEAD~1", tmp_path) == {tmp_path / "edited", tmp_path / "new"}
    with pytest.raises(SystemExit, match=r"compares with a commit of git: .*nowhere"):
        changed.changed_files("nowhere", tmp_path)
