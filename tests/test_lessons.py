"""What holds over all lessons together: the letters of predictions, and the misconceptions that are met."""

import ast
import math
from collections import Counter
from pathlib import Path

import pytest

from builder.lesson import MISCONCEPTIONS, Course

COURSE = Course(Path(__file__).resolve().parents[1])
LESSONS = COURSE.lessons()
SOCKETIO = "08"  # the first lesson after the raw ones


def right_letters(lessons):
    """The letters that predictions resolve to, in order."""
    sources = [cell.source for lesson in lessons for cell in lesson.cells if cell.kind == "code"]
    trees = [ast.parse(source) for source in sources if ".reveal(" in source and not source.startswith("%")]
    return [
        node.args[0].value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "reveal"
    ]


def guessable(letters):
    """The letters that are right in fewer than 25 or in more than 45 of a hundred cases, rounded kindly."""
    least, most = math.floor(0.25 * len(letters)), math.ceil(0.45 * len(letters))
    return {letter: n for letter in "abc" if not least <= (n := Counter(letters)[letter]) <= most}


@pytest.mark.parametrize("raw", [True, False])
def test_no_letter_is_right_too_often_or_too_seldom(raw):
    letters = right_letters([lesson for lesson in LESSONS if (lesson.number < SOCKETIO) is raw])
    assert guessable(letters) == {}


@pytest.mark.parametrize(
    ("letters", "found"),
    [
        ("abcabcabca", {}),
        ("abbbbccbbc", {"a": 1, "b": 6}),
        ("aaaabbbbbbbbbcccccccd", {"a": 4}),
        ("bbb", {"b": 3}),
        ("b", {}),
    ],
)
def test_letters_that_can_be_guessed_are_found(letters, found):
    assert guessable(letters) == found


def test_the_letters_are_read_from_the_lessons():
    first = [lesson for lesson in LESSONS if lesson.number == "01"]
    assert Counter(right_letters(first)).total() == 6


def test_every_misconception_has_its_moment_once_the_course_is_complete():
    met = {cell.misconception for lesson in LESSONS for cell in lesson.cells} - {None}
    print(f"Misconceptions met so far: {sorted(met)} of {MISCONCEPTIONS}.")
    if LESSONS[-1].number >= "20":
        assert met == set(range(1, MISCONCEPTIONS + 1))


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.number)
def test_no_client_takes_the_interrupt_for_its_own(lesson):
    """python-socketio's asks the loop for SIGINT by default: an interrupt then stops the kernel's loop."""
    sources = [cell.source for cell in lesson.cells if cell.kind == "code"]
    clients = [line for source in sources for line in source.splitlines() if "socketio.AsyncClient(" in line]
    assert [line for line in clients if "handle_sigint=False" not in line] == []
