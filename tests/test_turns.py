"""The turns of the tests: whole lessons by their length, all else as it was collected."""

from turns import turn

CELLS = "notebooks/{}.ipynb::Cell {}"
TWICE = "tests/test_notebooks.py::test_cells_run_twice[{}]"
SEEN = "tests/browser/test_lessons.py::test_a_lesson[{}]"


def test_the_longest_lessons_come_first_and_the_first_lesson_last():
    names = ["00_start_here", "10_heartbeats", "18_nothing_lost", "19_many_servers", "20_capstone"]
    for form in (TWICE, SEEN, "notebooks/{}.ipynb::Cell 0"):
        ids = [form.format(name) for name in names]
        assert sorted(ids, key=turn) == [ids[place] for place in (4, 1, 3, 2, 0)]


def test_a_notebooks_cells_and_tests_of_anything_else_stay_in_their_order():
    cells = [CELLS.format("09_long_polling", number) for number in range(12)]
    others = ["tests/test_rules.py::test_b", "tests/test_rooms.py::test_a[20_capstone]"]
    assert sorted([*others, *cells], key=turn) == [*cells, *others]


def test_the_answers_to_a_lesson_come_beside_its_notebook():
    ids = [f"tests/test_answers.py::test_a_check[{each}]" for each in ("01-check_shout", "18-check_follow")]
    books = [TWICE.format(name) for name in ("01_a_raw_echo_server", "18_nothing_lost")]
    assert sorted([*ids, *books], key=turn) == [ids[1], books[1], ids[0], books[0]]
