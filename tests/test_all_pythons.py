"""`lab.py test --all-pythons`: each Python that is promised is run, or said aloud to be missing."""

import sys
from pathlib import Path

import all_pythons
import pytest
import run_all

HERE = ".".join(map(str, sys.version_info[:2]))


def test_the_promised_pythons_are_those_of_the_project() -> None:
    assert all_pythons.promised() == ["3.11", "3.12", "3.13", "3.14"]


def test_this_python_is_found_and_needs_no_environment() -> None:
    assert all_pythons.find(HERE) == sys.executable
    assert all_pythons.environment(HERE, sys.executable) == sys.executable


def test_a_python_of_another_version_or_a_broken_one_is_passed_over(tmp_path, monkeypatch) -> None:
    for name, says in (("python3.99", "exit 127"), ("python3.98", "echo 3.97")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{says}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert [all_pythons.find(version) for version in ("3.98", "3.99")] == [None, None]
    (tmp_path / "python3.99").write_text("#!/bin/sh\necho 3.99\n")
    assert all_pythons.find("3.99") == str(tmp_path / "python3.99")


def test_what_fails_fails_and_what_is_missing_is_said(tmp_path, monkeypatch, capfd) -> None:
    test = tmp_path / "test_this.py"
    test.write_text("import wirelab\n\ndef test_this():\n    pass\n")
    monkeypatch.setattr(all_pythons, "promised", lambda: [HERE, "3.99"])
    assert all_pythons.main([str(test)]) == 0
    said = capfd.readouterr().out
    assert "== Python 3.99: not on this machine, so nothing was run on it" in said
    assert f"== Python {HERE} passed · Python 3.99 not on this machine" in said
    test.write_text("def test_this():\n    assert False\n")
    assert all_pythons.main([str(test)]) == 1
    assert f"== Python {HERE} FAILED" in capfd.readouterr().out


@pytest.mark.parametrize("path", all_pythons.WHERE_PYTHONS_DIFFER)
def test_what_runs_on_each_python_is_there(path: str) -> None:
    assert (all_pythons.ROOT / path).is_file()


def test_the_whole_run_has_every_python_in_it(monkeypatch) -> None:
    command = run_all.selected([])["other Pythons"]
    assert Path(command[0]).name == "all_pythons.py"
    assert command[1:] == ["--others", *all_pythons.WHERE_PYTHONS_DIFFER]
    asked = []
    monkeypatch.setattr(all_pythons, "main", lambda arguments: asked.append(arguments) or 0)
    assert run_all.main(["--all-pythons", "tests/test_log.py"]) == 0
    assert asked == [["tests/test_log.py"]]
