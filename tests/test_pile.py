"""Counting lines of code, and the picture of the pile."""

import io

import pytest
from matplotlib.image import imread

from wirelab.plots.pile import lines, pile


async def six(first, second):
    """A docstring

    of three lines.
    """
    # a comment
    if first:
        return [
            first,
            second,
        ]

    def inner():
        """Another docstring."""
        return second

    return inner()


class AlsoSix:
    """A docstring."""

    limit = 1

    def __init__(self):
        """Another."""
        self.limit = 2

    def method(self):
        """A docstring alone."""


def test_lines_are_counted_without_docstrings_comments_blanks_and_wraps():
    assert lines(six) == 6  # def, if, return, def, return, return
    assert lines(AlsoSix) == 6  # class, limit, def, self.limit, def and its docstring, which is its body


def test_lines_add_up():
    assert lines(six, AlsoSix) == lines(six) + lines(AlsoSix)


def test_javascript_is_a_text():
    assert lines("\n// a comment\nconst one = 1;\n\n  two(); // two\n") == 2


def test_what_has_no_source_is_refused():
    namespace = {}
    exec("def typed_nowhere(): pass", namespace)
    with pytest.raises(LookupError, match="typed_nowhere"):
        lines(namespace["typed_nowhere"])
    with pytest.raises(LookupError, match="'int'"):
        lines(int)


def test_the_latest_definition_of_a_name_counts_not_another_of_the_same_file():
    def six():
        return 1

    assert lines(six) == 2


def test_the_picture_says_the_same_in_words():
    picture = pile("The pile", {"rooms": (9, 4), "endpoints": (14, 8)}, {"rooms": "one leaves"})
    assert picture.text.splitlines() == [
        "rooms: 9 lines at the server, 4 at the client; hole: one leaves.",
        "endpoints: 14 lines at the server, 8 at the client.",
    ]
    assert imread(io.BytesIO(picture.png)).shape[1] > 1000
