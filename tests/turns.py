"""The turns of the tests of lessons: what is begun last should be short, for then a core is idle.

The answers to a lesson's exercises come beside its notebook, which waits where they compute.
"""

import re

OF_LESSONS = (
    "tests/test_notebooks.py::",
    "tests/test_answers.py::",
    "tests/browser/test_lessons.py::",
    "notebooks/",
)
LESSON = re.compile(r"[/\[](\d\d)[_-]")
LONGEST = ("20", "10", "19", "17")


def turn(nodeid: str) -> tuple[int, int]:
    """What to sort tests by: the longest lessons, then from the last to the first, then what is no lesson."""
    found = LESSON.search(nodeid) if nodeid.startswith(OF_LESSONS) else None
    if found is None:
        return len(LONGEST) + 1, 0
    number = found[1]
    return (LONGEST.index(number), 0) if number in LONGEST else (len(LONGEST), -int(number))
