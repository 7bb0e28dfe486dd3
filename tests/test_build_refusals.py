"""What the build refuses: each refusal beside a twin that is accepted."""

import pytest

import build
from builder.lesson import Course, Refusal
from builder.module import module

TASK = '# %% [markdown] tags=["exercise"]\n# ### Exercise 1 · Two\n'
SOLUTION = '# %% tags=["solution"]\ndef two():\n    return 2\n'
CHECK = (
    '# %% tags=["check"]\n@check()\ndef check_two(two):\n    assert two() == 2\n\nawait check_two.verdict()\n'
)
EXERCISE = TASK + SOLUTION + CHECK


def export(code):
    return f'# %% tags=["export"]\n{code}\n'


def text(markdown):
    return f"# %% [markdown]\n# {markdown}\n"


@pytest.fixture
def course(tmp_path):
    """A course of two lessons; the second is the one under test."""
    for folder in ("lessons_src/lessons", "lessons_src/handmade", "notebooks"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "notebooks" / "arrows.png").write_bytes(b"")
    course = Course(tmp_path)
    write(course, export("def before():\n    return 0"), "01_first")
    return course


def write(course, cells, name="02_new"):
    path = course.code / "lessons" / f"{name}.py"
    path.write_text(f"# %% [markdown]\n# # A title\n#\n# ## It's `new`\n\n{cells}", encoding="utf-8")


def hold(course):
    """Everything that the build does before it executes."""
    for lesson in build.held_lessons(course):
        module(course, lesson)


@pytest.mark.parametrize(
    ("refused", "said", "accepted"),
    [
        (
            '# %% tags=["exports"]\nx = 1\n',
            "line 6: unknown tag 'exports'. The tags are export, demo,",
            '# %% tags=["demo", "measured"]\nx = 1\n',
        ),
        (
            '# %% tag=["export"]\nx = 1\n',
            "line 6: ['tag'] in the cell's head. Write [markdown] and tags=[…] only.",
            "# %%\n\n\nx = 1\n\n\n\n# %%\nx\n",
        ),
        (
            export("server = start()"),
            "`server = start()` in a cell tagged export",
            export("LIMIT = len('ab')"),
        ),
        (
            export("print(1)"),
            "`print(1)` in a cell tagged export: only",
            export('"""Words."""\nAlias = int | str'),
        ),
        (
            export("import x\nif x:\n    y = 1"),
            "`if x:` in a cell tagged export",
            export("class X:\n    y = 1"),
        ),
        (export("%time 1"), "not plain Python", "# %%\n# %time 1\n"),
        (
            export("def f(): ...") + export("async def f(): ..."),
            "`f` is defined already in lessons/02_new.py, line 6. Rename one.",
            export("def f(): ...") + export("async def g(): ...") + "# %%\ndef f(): ...\n",
        ),
        (
            export("def before():\n    return 0  # the same"),
            "`before` repeats lessons/01_first.py, line 6. Import it from that lesson's module.",
            export("def before():\n    return 1"),
        ),
        (
            export("def f():\n    return json"),
            "do not stand alone. Import or define in them what they use: l02_new.py:8:12: F821",
            export("import json\ndef f():\n    return json"),
        ),
        (TASK + SOLUTION, "line 6: this exercise has no check where it belongs. Write a", EXERCISE),
        (TASK + CHECK, "this exercise has no solution where it belongs", EXERCISE),
        (SOLUTION + CHECK, "this exercise has no exercise where it belongs", EXERCISE),
        (TASK + SOLUTION + text("And?") + CHECK, "has no check where it belongs", EXERCISE + text("And?")),
        (CHECK, "has no exercise where it belongs", EXERCISE),
        (
            EXERCISE.replace("### Exercise 1 · Two", "### Two"),
            "begin the task with `### Exercise N · Title`",
            EXERCISE,
        ),
        (
            EXERCISE.replace("check_two(two)", "check_two(too)"),
            "the check takes ['too'], the solution",
            EXERCISE,
        ),
        (
            EXERCISE.replace("@check()", "@cheque()"),
            "the check takes [], the solution defines ['two']",
            EXERCISE,
        ),
        (EXERCISE.replace("assert two", "assert ("), "line 11: not Python", EXERCISE),
        (
            EXERCISE.replace("def two():\n    return 2", "two = 2"),
            "`two = 2` in a cell tagged solution",
            EXERCISE,
        ),
        (
            EXERCISE.replace("def two():\n    return 2", "class two:\n    size = 2"),
            "a solution without a function leaves nothing to write",
            EXERCISE.replace("def two():\n    return 2", "class two:\n    def size(self): return 2"),
        ),
        (EXERCISE + EXERCISE, "`two` is defined already in lessons/02_new.py, line 8", EXERCISE),
        (
            text("![Arrows](arrow.png)"),
            "'arrow.png' leads nowhere: there is no arrow.png",
            text("![Arrows](arrows.png)"),
        ),
        (
            text("![](arrows.png)"),
            "the picture 'arrows.png' has no alternative text",
            text("![Two](arrows.png)"),
        ),
        (
            text("![ ][p]\n#\n# [p]: arrows.png"),
            "has no alternative text",
            text("![Two][p]\n#\n# [p]: arrows.png"),
        ),
        (text('<img src="arrows.png">'), "has no alternative text", text('<img src="arrows.png" alt="Two">')),
        (text('a <img src="x.png" alt="Two">'), "'x.png' leads nowhere", text("`![](x.png)` and `<img>`")),
        (text("[on](03_next.ipynb)"), "there is no 03_next.ipynb", text("[back](01_first.ipynb#A-title)")),
        (
            text("[back](01_first.ipynb#Title)"),
            "no such heading there. The headings are",
            text("[up](#A-title)"),
        ),
        (
            text("[up](#It's-`new`)"),
            "no such heading there",
            text("[up](#It's-new) [web](https://example.org/x#y)"),
        ),
        (
            text('<a href="../no.py">'),
            "there is no no.py",
            text('<a href="../lessons_src/lessons/01_first.py">'),
        ),
        (
            "# %%\n" + "x = 1\n" * 41,
            "line 6: the cell has 41 lines, at most 40 fit",
            "# %%\n" + "x = 1\n" * 40,
        ),
        (
            "".join(export(f"A{n} = 1\n" * 40) for n in range(3)),
            "its export cells make a module of 127 lines, at most 120 are allowed",
            "".join(export(f"A{n} = 1\n" * 37) for n in range(3)),
        ),
    ],
)
def test_it_is_refused_and_its_twin_accepted(course, refused, said, accepted):
    write(course, refused)
    with pytest.raises(Refusal) as refusal:
        hold(course)
    assert said in str(refusal.value)
    assert str(refusal.value).startswith("lessons/02_new.py")
    write(course, accepted)
    hold(course)


@pytest.mark.parametrize(
    ("name", "source", "said"),
    [
        ("New", "# %% [markdown]\n# # T\n", "lessons/New.py: name it NN_name.py"),
        ("02_new", "x = 1\n# %% [markdown]\n# # T\n", "lessons/02_new.py, line 1: expected the first cell."),
        (
            "02_new",
            "# %%\nx = 1\n",
            "lessons/02_new.py, line 1: no heading. Begin the first Markdown cell with",
        ),
    ],
)
def test_a_file_that_is_no_lesson_is_refused(course, capsys, name, source, said):
    (course.code / "lessons" / f"{name}.py").write_text(source)
    assert build.main(course.root, ["--check"]) == 1
    assert capsys.readouterr().err.startswith(said)
