"""The build: what it makes of a lesson, and that it makes the same twice."""

import ast
from pathlib import Path

import nbformat
import pytest

import build
from builder.lesson import Course, Refusal
from builder.notebook import _is_question, stub

HERE = Path(__file__).parent
MAP = """\
# %% [markdown]
# # Start here
#
# ## The map
# [first](01_echo.ipynb#What-is-echo?)
"""
ECHO = '''\
# %% [markdown]
# # Echo
# Back to [the map](00_start_here.ipynb#The-map).

# %% [markdown]
# ## What is `echo`?
# ![Two arrows](arrows.png) [below](#Exercise)

# %% tags=["export"]
import json
from collections.abc import Callable
import json
from dataclasses import dataclass

LIMIT = 3
Handler = Callable[[str], str]


@dataclass
class Echo:
    """Sends back."""

    handler: Handler  # what to do

# %%
from wirelab.exercise import check, expect, register
from wirelab.widgets.predict import predict

register(get_ipython())

# %% tags=["export"]
# Anything that JSON can carry.
def pack(value: object) -> str:
    """Return `value` as text."""
    return json.dumps(value)[:LIMIT]

# %% [markdown] tags=["teacher"]
# **Ask** first.

# %%
guess = predict("What comes back?", a="Nothing.", b="The same.")

# %%
import asyncio
print("printed"); guess.reveal("b", "It is an echo.")

# %% tags=["measured"]
import base64, time
from IPython.display import Image
Image(base64.b64decode(b"iVBORw0KGgo=") + str(time.time()).encode(), format="png", embed=True)

# %% [markdown]
# ### Exercise

# %% [markdown] tags=["exercise"]
# ### Exercise 1 · Shout
# Write `shout(text)` and `Loud`.

# %% tags=["solution"]
import string

async def shout(
    text: str, mark: str = "!"
) -> str:
    """Return `text` in capitals,
    with a mark."""
    # the secret
    return text.upper() + mark

class Loud:
    """Shouts."""
    size: int = 3
    def __init__(self) -> None:
        self.text = "secret"
    @property
    def length(self) -> int:
        """How long."""
        return 7

# %% tags=["check"]
@check("Text has a method.", "`text.upper()`")
async def check_shout(shout, Loud):
    """It shouts."""
    expect("shout('hi')", await shout("hi"), "HI!")
    expect("its length", Loud().length, 7)

await check_shout.verdict()
'''


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course of two lessons, built."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(HERE.parent / "lessons_src"))
        course = Course(tmp_path_factory.mktemp("course"))
        for folder in ("lessons_src/lessons", "lessons_src/handmade", "notebooks"):
            (course.root / folder).mkdir(parents=True)
        (course.notebooks / "arrows.png").write_bytes(b"")
        write(course, "00_start_here", MAP)
        write(course, "01_echo", ECHO)
        assert list(build.build(course, [])) == ["00_start_here", "01_echo"]
        yield course


def write(course, name, text):
    (course.code / "lessons" / f"{name}.py").write_text(text, encoding="utf-8")


def book(course, name="01_echo"):
    return nbformat.read(course.notebooks / f"{name}.ipynb", as_version=4)


def beginning(course, words):
    """The one cell whose source begins with `words`."""
    (cell,) = [cell for cell in book(course).cells if cell.source.startswith(words)]
    return cell


def test_building_twice_gives_the_same_bytes(course):
    paths = [*course.notebooks.glob("*.ipynb"), *(course.code / "handmade").glob("*.py")]
    before = {path: path.read_bytes() for path in paths}
    assert len(before) == 3
    assert list(build.build(course, ["01"])) == ["01_echo"]
    assert {path: path.read_bytes() for path in paths} == before


def test_an_exercise_is_task_stub_check_and_folded_solution(course):
    cells = book(course).cells
    first = next(index for index, cell in enumerate(cells) if "exercise" in cell.metadata.get("tags", ()))
    task, answer, check, note, solution = cells[first : first + 5]
    assert task.source.startswith("### Exercise 1")
    assert answer.metadata.tags == ["exercise"]
    assert check.metadata.jupyter.source_hidden and check.metadata.tags == ["check"]
    assert "folded" in note.source and note.cell_type == "markdown"
    assert solution.source.startswith("%%solution\nimport string") and solution.metadata.jupyter.source_hidden
    assert check.outputs[0].data["text/plain"].startswith("○ Not attempted: write `shout` and `Loud` above")
    assert solution.outputs[0].data["text/plain"] == "◆ The solution passes: It shouts."


def test_the_stub_keeps_what_the_learner_needs(course):
    assert beginning(course, "import string").source == (
        "import string\n\n\n"
        'async def shout(text: str, mark: str = "!") -> str:\n'
        '    """Return `text` in capitals,\n    with a mark."""\n'
        "    ...  # your turn\n\n\n"
        'class Loud:\n    """Shouts."""\n\n    size: int = 3\n\n'
        "    def __init__(self) -> None:\n        ...  # your turn\n\n"
        "    @property\n    def length(self) -> int:\n"
        '        """How long."""\n        ...  # your turn'
    )


def test_a_stub_can_be_an_answer_that_does_nothing(course):
    lesson = course.lessons()[1]
    tree = ast.parse(stub("def f():\n    return 1", course, lesson, body="()"))
    assert ast.unparse(tree) == "def f():\n    ()"


def test_outputs_keep_their_fallback_and_lose_the_widget(course):
    (output,) = beginning(course, "guess = predict").outputs
    assert set(output.data) == {"text/html", "text/plain"} and output.metadata == {}
    assert "widgets" not in book(course).metadata
    stream, result = beginning(course, "import asyncio").outputs
    assert stream.text == "printed\n" and "no guess" in result.data["text/plain"]


def test_a_question_is_folded_because_its_code_gives_the_answer_away(course):
    assert beginning(course, "guess = predict(").metadata.jupyter.source_hidden
    assert _is_question('guess.reveal("b", "Count.")') and not _is_question("%load_ext wirelab")


def test_a_teachers_cell_is_folded_and_in_the_notes(course):
    cell = beginning(course, "<details")
    assert cell.source.endswith("For the teacher</summary>\n\n**Ask** first.\n\n</details>")
    assert cell.metadata.slideshow.slide_type == "notes"


def test_slides_follow_the_headings(course):
    kinds = {cell.source.split("\n")[0]: cell.metadata.slideshow.slide_type for cell in book(course).cells}
    assert kinds["# Echo"] == kinds["## What is `echo`?"] == "slide"
    assert kinds["### Exercise"] == kinds["### Exercise 1 · Shout"] == "subslide"
    assert kinds['guess = predict("What comes back?", a="Nothing.", b="The same.")'] == "-"
    assert kinds["%%solution"] == kinds['@check("Text has a method.", "`text.upper()`")'] == "skip"


def test_navigation_leads_to_the_lessons_that_exist(course):
    cells = book(course).cells
    assert cells[0].source == cells[-1].source == "[← Start here](00_start_here.ipynb)"
    assert book(course, "00_start_here").cells[0].source == "[Echo →](01_echo.ipynb)"


def test_the_module_has_its_imports_at_the_top_once(course):
    text = (course.code / "handmade" / "l01_echo.py").read_text()
    assert text.startswith(
        '"""Echo.\n\nBuilt from lessons_src/lessons/01_echo.py: edit there, not here.\n"""\n'
    )
    assert text.count("import json") == 1
    assert "    handler: Handler  # what to do\n" in text
    assert "# Anything that JSON can carry.\ndef pack" in text
    compile(text, "module", "exec")
    names = [getattr(node, "name", type(node).__name__) for node in ast.parse(text).body]
    assert names == ["Expr", "Import", "ImportFrom", "ImportFrom", "Assign", "Assign", "Echo", "pack"]


def names_of_changed(course):
    return [lesson.name for lesson in build.changed(course, course.lessons())]


def test_nothing_is_built_when_nothing_changed(course):
    assert names_of_changed(course) == []
    assert build.check(course) == []


def test_only_a_changed_lesson_is_built_again(course):
    write(course, "00_start_here", MAP + "# More.\n")
    assert names_of_changed(course) == ["00_start_here"]
    assert build.check(course) == [
        "notebooks/00_start_here.ipynb: it differs from its source. "
        "Run python lessons_src/build.py 00_start_here"
    ]
    write(course, "00_start_here", MAP)


def test_a_changed_laboratory_builds_everything_again(course):
    extra = course.code / "handmade" / "extra.py"
    extra.write_text("")
    assert names_of_changed(course) == ["00_start_here", "01_echo"]
    assert build.check(course) == []
    extra.unlink()


def spoil_count(path):
    change(path, lambda cells: cells[-2].update(execution_count=None))


def spoil_output(path):
    error = nbformat.v4.new_output("error", ename="E", evalue="", traceback=[])
    change(path, lambda cells: cells[-2].outputs.append(error))


def spoil_source(path):
    change(path, lambda cells: cells[-2].update(source="1"))


def spoil_tag(path):
    change(path, lambda cells: cells[-2].metadata.update(tags=["nbval-skip"]))


def change(path, edit):
    stored = nbformat.read(path, as_version=4)
    edit(stored.cells)
    nbformat.write(stored, path)


@pytest.mark.parametrize(
    ("file", "spoil", "said"),
    [
        ("notebooks/01_echo.ipynb", spoil_count, "01_echo.ipynb: its cells have not all run, in order. Run"),
        ("notebooks/01_echo.ipynb", spoil_output, "01_echo.ipynb: an output is an error. Run"),
        ("notebooks/01_echo.ipynb", spoil_source, "01_echo.ipynb: it differs from its source. Run"),
        ("notebooks/01_echo.ipynb", spoil_tag, "01_echo.ipynb: it differs from its source. Run"),
        (
            "notebooks/01_echo.ipynb",
            Path.unlink,
            "01_echo.ipynb is missing. Run python lessons_src/build.py 01_echo",
        ),
        ("lessons_src/handmade/l01_echo.py", Path.unlink, "l01_echo.py differs from its export cells. Run"),
        ("notebooks/09_old.ipynb", Path.touch, "notebooks/09_old.ipynb has no lesson. Delete it."),
        ("lessons_src/handmade/l09_old.py", Path.touch, "l09_old.py has no lesson. Delete it."),
    ],
)
def test_check_says_what_is_out_of_date(course, file, spoil, said):
    path = course.root / file
    before = path.read_bytes() if path.exists() else None
    try:
        spoil(path)
        (found,) = build.check(course)
        assert said in found
    finally:
        path.write_bytes(before) if before is not None else path.unlink()


def test_the_command_line_says_it_in_one_line(course, capsys):
    assert build.main(course.root, ["--check"]) == 0
    assert build.main(course.root, ["77"]) == 1
    assert capsys.readouterr() == (
        "Everything is up to date.\n",
        "There is no lesson '77'; the lessons are 00_start_here, 01_echo.\n",
    )


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (
            "ready = 1\n1 / 0",
            "02_new: the cell that begins with `ready = 1` failed with ZeroDivisionError: division by",
        ),
        (
            "import os\nos._exit(1)",
            "02_new: the cell that begins with `import os` failed with DeadKernelError",
        ),
        (
            "import os\nprint(os.getcwd())",
            "02_new: the output of the cell that begins with `import os` shows",
        ),
    ],
)
def test_a_cell_that_fails_stops_the_build(course, cell, said):
    write(course, "02_new", f"# %% [markdown]\n# # New\n\n# %%\n{cell}\n")
    try:
        with pytest.raises(Refusal) as refusal:
            list(build.build(course, ["02"]))
        assert str(refusal.value).startswith(said)
        assert not (course.notebooks / "02_new.ipynb").exists()
    finally:
        (course.code / "lessons" / "02_new.py").unlink()
