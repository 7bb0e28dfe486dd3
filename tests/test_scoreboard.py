"""The boss's list on the start page: what the learner's own reviews have shown, and with which run."""

from __future__ import annotations

import json

import pytest
from IPython.core.interactiveshell import InteractiveShell

from wirelab.boss import THE_LIST, Finding, Review
from wirelab.exercise import register
from wirelab.exercise import scoreboard as board
from wirelab.exercise.scoreboard import remember, scoreboard
from wirelab.trace import Direction, Event, Leg, Record, Trace
from workplace import copies


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A learner's copies, and the kernel of lesson 08 in them."""
    (tmp_path / copies.RECORD).write_text("{}", "utf-8")
    in_lesson(tmp_path, monkeypatch, "08_meet_socketio")
    return tmp_path


def in_lesson(folder, monkeypatch, name: str) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", str(folder / f"{name}.ipynb"))


def wire(data: bytes) -> Trace:
    trace = Trace()
    trace.append(Record(1, Leg.CLIENT, Direction.UP, Event.OPEN, 1.0))
    trace.append(Record(1, Leg.CLIENT, Direction.UP, Event.DATA, 1.5, data))
    return trace


def review(passed: set[int], server: str = "ours", data: bytes = b"hello") -> Review:
    findings = [
        Finding(row.wish, number in passed, f"<{number}> at {server}", (wire(data),))
        for number, row in enumerate(THE_LIST, 1)
    ]
    return Review(server, tuple(findings))


def test_before_any_review_each_tile_is_open_and_names_its_lesson(folder):
    page = scoreboard()._repr_html_()
    assert page.count("<details") == page.count("not tried yet") == 14
    assert "0 of 14" in repr(scoreboard())
    assert "Lesson 09 is about it." in page


def test_each_tile_opens_the_run_that_earned_it(folder, monkeypatch):
    remember(review({1, 3}, "after 08"))
    in_lesson(folder, monkeypatch, "09_long_polling_and_upgrade")
    remember(review({1, 2}, "after 09"))
    shown = scoreboard()
    assert "2 of 14" in repr(shown)
    first, second, third = shown.runs[:3]
    assert (first.lesson, first.server, first.passed) == ("08", "after 08", True)  # green since then
    assert (second.lesson, second.passed) == ("09", True)
    assert (third.lesson, third.passed) == ("09", False)  # it has turned red
    page = shown._repr_html_()
    assert "Lesson 08, after 08: &lt;1&gt; at after 08" in page
    assert "Wire(scoreboard().trace(1))" in page
    assert shown.trace(1)[1].data == b"hello"


def test_a_second_review_of_a_lesson_takes_the_place_of_the_first(folder):
    remember(review({1}))
    remember(review(set()))
    assert "0 of 14" in repr(scoreboard())


def test_a_review_of_some_rows_and_anything_else_is_not_kept(folder):
    remember(Review("ours", review({1}).findings[:3]))
    remember(None)
    remember("text")
    assert "✗" not in repr(scoreboard())


def test_outside_of_a_learners_copies_nothing_is_kept(folder):
    (folder / copies.RECORD).unlink()
    remember(review({1}))
    assert list(folder.iterdir()) == []
    assert "0 of 14" in repr(scoreboard())


def test_a_long_wire_is_not_kept_and_a_tile_says_what_is(folder, monkeypatch):
    monkeypatch.setattr(board, "_MOST_BYTES", 3)
    remember(review({1}))
    assert "scoreboard().trace" not in scoreboard()._repr_html_()
    for row in (0, 1, 15):
        with pytest.raises(ValueError, match="is kept"):
            scoreboard().trace(row)


BROKEN = ("", "{", "[]", '{"lesson": "08"}', '{"lesson": 8, "server": "x", "rows": [1]}')


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_file_costs_no_more_than_its_review(folder, monkeypatch, broken):
    remember(review({1}))
    (folder / "reviews/09.json").write_text(broken, "utf-8")
    assert "1 of 14" in repr(scoreboard())


def test_a_file_of_somebody_elses_leads_nowhere_else(folder):
    remember(review({1}))
    path = folder / "reviews/08.json"
    kept = json.loads(path.read_text("utf-8"))
    kept["rows"][0]["wires"] = ["../../elsewhere.jsonl"]
    path.write_text(json.dumps(kept), "utf-8")
    assert scoreboard().runs[0].wires == (folder / "reviews/elsewhere.jsonl",)


def test_a_cell_that_ends_with_a_review_keeps_it(folder):
    shell = InteractiveShell()
    for _ in range(2):
        register(shell)
    shell.user_ns["made"] = review({1, 2})
    shell.run_cell("x = made", store_history=False)
    assert "0 of 14" in repr(scoreboard())
    shell.run_cell("made", store_history=False)
    assert "2 of 14" in repr(scoreboard())
