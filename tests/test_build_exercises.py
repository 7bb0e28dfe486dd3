"""Exercises in the middle of a lesson, the minutes that it promises, and the maps of the course."""

import nbformat
import pytest

import build
from builder.exercises import exercises
from builder.lesson import Course
from builder.minutes import Minutes, minutes, span
from builder.notebook import notebook, stub

HEAD = "# %% [markdown]\n# # 08 · Packets\n# **In {minutes} you encode.**\n\n"
MIDDLE = '''\
# %%
from wirelab.exercise import check, expect, register

register(get_ipython())

# %% [markdown] tags=["exercise"] misconception=3
# ### Exercise 1 · Encode
# *10 minutes, medium*
#
# Write `my_encode` and `MyDecoder`.

# %% tags=["check"]
@check("A digit comes first.")
def check_packets(my_encode, MyDecoder):
    """It goes there and back."""
    expect("it", MyDecoder().feed(my_encode(["größer", 1])), ["größer", 1])

await check_packets.verdict()
'''
BUILD_IT = '''\
# %% tags=["export"]
import base64
import json

LIMIT = 100


def encode(value: object, depth: int = 0) -> str:
    """`value` as text."""
    if isinstance(value, list):  # a list is encoded part by part
        größe, text = len(value), ",".join(encode(each, depth + 1) for each in value)
        return text[:LIMIT] if größe else ""
    return base64.b64encode(json.dumps(value).encode()).decode()

# %% tags=["export"]
class Decoder:
    """What `encode` has made."""

    kind = "Decoder"

    def feed(self, text: str) -> object:
        """The value."""
        return [json.loads(base64.b64decode(part)) for part in text.split(",")]

    def twin(self) -> "Decoder":
        return Decoder()

    def __repr__(self) -> str:
        return f"é Decoder() {Decoder.kind!r} {self.kind:>{len(Decoder.kind)}}"

# %%
print(Decoder().feed(encode([1])))
'''


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course with one lesson that has an exercise in the middle."""
    course = Course(tmp_path_factory.mktemp("course"))
    for folder in ("lessons_src/lessons", "lessons_src/handmade", "notebooks"):
        (course.root / folder).mkdir(parents=True)
    write(course, "08_packets", HEAD + MIDDLE + BUILD_IT)
    return course


def write(course, name, text):
    (course.code / "lessons" / f"{name}.py").write_text(text, encoding="utf-8")


def lesson(course, name="08_packets"):
    return next(each for each in course.lessons() if each.name == name)


def test_an_answer_is_derived_from_what_the_lesson_builds_later(course):
    (exercise,) = exercises(lesson(course))
    assert exercise.derived
    assert (
        exercise.solution
        == '''\
import base64
import json
LIMIT = 100


def my_encode(value: object, depth: int = 0) -> str:
    """`value` as text."""
    if isinstance(value, list):  # a list is encoded part by part
        größe, text = len(value), ",".join(my_encode(each, depth + 1) for each in value)
        return text[:LIMIT] if größe else ""
    return base64.b64encode(json.dumps(value).encode()).decode()


class MyDecoder:
    """What `encode` has made."""

    kind = "Decoder"

    def feed(self, text: str) -> object:
        """The value."""
        return [json.loads(base64.b64decode(part)) for part in text.split(",")]

    def twin(self) -> "Decoder":
        return MyDecoder()

    def __repr__(self) -> str:
        return f"é Decoder() {MyDecoder.kind!r} {self.kind:>{len(MyDecoder.kind)}}"'''
    )


def test_its_stub_has_the_signatures_and_what_the_answer_needs(course):
    text = stub(exercises(lesson(course))[0].solution, course, lesson(course))
    assert text.startswith(
        "import base64\nimport json\n\nLIMIT = 100\n\n\ndef my_encode(value: object, depth: int = 0) -> str:"
    )
    assert 'class MyDecoder:\n    """What `encode` has made."""\n\n    kind = "Decoder"\n' in text
    assert text.count("...  # your turn") == 4 and "b64" not in text


def test_the_check_runs_before_the_lesson_builds_it_and_the_lesson_does_not_need_the_answer(
    course, monkeypatch
):
    monkeypatch.setenv("PYTHONPATH", str(build.Path(build.__file__).parent))
    build.build(course, [], print)
    cells = nbformat.read(course.notebooks / "08_packets.ipynb", as_version=4).cells
    task, answer, check, note, solution, export = cells[2:8]
    assert task.metadata.misconception == 3
    assert answer.metadata.stub == answer.source
    assert (
        check.outputs[0].data["text/plain"].startswith("○ Not attempted: write `my_encode` and `MyDecoder`")
    )
    assert note.source.startswith("The lesson goes on with an answer of its own")
    assert solution.outputs[0].data["text/plain"] == "◆ The solution passes: It goes there and back."
    assert export.metadata.tags == ["export"] and cells[-1].outputs[0].text == "[1]\n"
    assert "my_" not in (course.code / "handmade" / "l08_packets.py").read_text()


def test_minutes_are_counted_from_what_is_to_read_to_run_and_to_answer(course):
    words = "# " + "word " * 196  # and four in the heading and the promise are not counted on
    text = "# %% [markdown]\n# # T\n# {minutes}\n" + words + "\n"
    write(course, "09_minutes", text)
    assert minutes(lesson(course, "09_minutes")) == Minutes(1, 0)
    code = "# %%\n" + "x = 1\n\n" * 11
    write(course, "09_minutes", text + code + code)
    assert minutes(lesson(course, "09_minutes")) == Minutes(4, 0)  # 1 + 2 · (1 + ½)
    fence = "# %% [markdown]\n# ```js a.js\n" + "# x = 1;\n" * 22 + "# ```\n"
    write(course, "09_minutes", text + code + code + fence)
    assert minutes(lesson(course, "09_minutes")) == Minutes(6, 0)
    (course.code / "lessons" / "09_minutes.py").unlink()


@pytest.mark.parametrize(
    "folded",
    [
        "# %% [markdown]\n# <details><summary>1. Why?</summary>\n#\n# " + "word " * 400 + "\n# </details>\n",
        '# %% [markdown] tags=["teacher"]\n# ' + "word " * 400 + "\n",
        '# %%\nguess = predict("'
        + '",\n"word ' * 22
        + '")\n# %%\nguess.reveal("a",'
        + '"word"\n' * 22
        + ")\n",
    ],
)
def test_what_is_folded_does_not_count(course, folded):
    text = "# %% [markdown]\n# # T\n# {minutes}\n"
    write(course, "09_folded", text + folded)
    acts = folded.count("guess") / 2
    assert minutes(lesson(course, "09_folded")) == Minutes(round(acts), 0)
    (course.code / "lessons" / "09_folded.py").unlink()


def test_the_exercises_are_counted_apart_and_the_promise_says_both(course):
    first = notebook(course, lesson(course), course.lessons()).cells[0].source
    assert first == "# 08 · Packets\n**In 4 minutes (and 10 for the exercises) you encode.**"


PLAN = """\
[[parts]]
title = "III. Features"
lessons = ["08 · Packets: there and back", "09 · Later: what is not written"]
"""
FRONT = (
    "# T\n<!-- built: map -->old<!-- end -->\nA lesson takes <!-- built: lesson_minutes -->2<!-- end -->.\n"
)


def test_the_maps_are_built_from_the_plan_and_the_headings(course):
    course.plan.write_text(PLAN, encoding="utf-8")
    course.readme.write_text(FRONT, encoding="utf-8")
    write(course, "00_start_here", "# %% [markdown]\n# # Start\n# {map}\n#\n# {list} {lesson_minutes}\n")
    assert f"README.md differs from what the lessons say. Run {build.COMMAND}" in build.check(course)
    lessons = build.held_lessons(course)
    start = notebook(course, lessons[0], lessons).cells[1].source
    assert (
        "| **III. Features** | [08 · Packets](08_packets.ipynb) | there and back |\n"
        "|  | 09 · Later | what is not written |\n\nThe lessons without a link are being written." in start
    )
    assert "| sends images among the messages | 06 | 12 |\n" in start
    front = build.written(course, lessons)[course.readme]
    assert "| **III. Features** | [08 Packets](notebooks/08_packets.ipynb) · 09 Later |\n" in front
    assert f"A lesson takes <!-- built: lesson_minutes -->{span(lessons)}<!-- end -->." in front

    write(course, "09_later", "# %% [markdown]\n# # 09 · Later\n# {minutes}\n")
    lessons = build.held_lessons(course)
    start = notebook(course, lessons[0], lessons).cells[1].source
    assert "| [09 · Later](09_later.ipynb) | what is not written |" in start and "being written." not in start
