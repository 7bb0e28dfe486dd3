"""What the build refuses: each refusal beside a twin that is accepted."""

import pytest

import build
from builder.lesson import Course, Refusal

TASK = '# %% [markdown] tags=["exercise"]\n# ### Exercise 1 · Two\n# *5 minutes, easy*\n'
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


def write(course, cells, name="02_new", promise="**In {minutes} you know it.**"):
    path = course.code / "lessons" / f"{name}.py"
    path.write_text(
        f"# %% [markdown]\n# # A title\n# {promise}\n# ## It's `new`\n\n{cells}", encoding="utf-8"
    )


def hold(course):
    """Everything that the build does before it executes."""
    build.written(course, build.held_lessons(course))


@pytest.mark.parametrize(
    ("refused", "said", "accepted"),
    [
        (
            '# %% tags=["exports"]\nx = 1\n',
            "line 6: unknown tag 'exports'. The tags are export, core, demo,",
            '# %% tags=["demo", "measured"]\nx = 1\n',
        ),
        (
            '# %% tags=["core"]\nX = 1\n',
            "line 6: core says into which module an export cell goes. Tag it export as well.",
            '# %% tags=["demo"]\nX = 1\n',
        ),
        (
            '# %% tag=["export"]\nx = 1\n',
            "line 6: ['tag'] in the cell's head. Write [markdown], tags=[…] and misconception=N only.",
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
            "do not stand alone. Import or define in them what they use: l02_new.py:5:12: F821",
            export("import json\ndef f():\n    return json"),
        ),
        (TASK + SOLUTION, "line 6: this exercise has no check where it belongs. Write a", EXERCISE),
        (TASK + CHECK, "this exercise has no solution where it belongs", EXERCISE),
        (
            EXERCISE.replace("*5 minutes, easy*", "Easy."),
            "how long does it take, and how hard is it? Write `*10 minutes, easy*` below the heading",
            EXERCISE.replace("*5 minutes, easy*", "\n# *15 minutes, hard*"),
        ),
        (
            text("Two").replace("[markdown]", "[markdown] misconception=25"),
            "misconception=25. Write the number of one, from 1 to 24.",
            text("Two").replace("[markdown]", "[markdown] misconception=24"),
        ),
        (
            text("```js client.py\n# ```"),
            "the fence `js client.py`. Write a language and a file name of it",
            text("```python client.py\n# ```\n#\n# ```\n# no name\n# ```"),
        ),
        (
            text("```js ../a.js\n# ```"),
            "the fence `js ../a.js`. Write a language and a file name of it",
            text("```js a.js\n# ```"),
        ),
        (
            text("```js a.js\n# ```") * 2,
            "the lesson has a program a.js already. Rename one.",
            text("```js a.js\n# ```") + text("```js b.js\n# ```"),
        ),
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
        (EXERCISE.replace("assert two", "assert ("), "line 12: not Python", EXERCISE),
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
        (EXERCISE + EXERCISE, "`two` is defined already in lessons/02_new.py, line 9", EXERCISE),
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
            "".join(export(f"A{n} = 1\n" * 40) for n in range(7)),
            "its export cells make a module of 288 lines, at most 250 are allowed",
            "".join(export(f"A{n} = 1\n" * 40) for n in range(6)),
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


MIDDLE = TASK + CHECK.replace("(two", "(my_two").replace("two()", "my_two()")


@pytest.mark.parametrize(
    ("refused", "said", "accepted"),
    [
        (
            MIDDLE,
            "`my_two` is asked for, and no export cell after the check defines `two`",
            MIDDLE + export("def two():\n    return 2"),
        ),
        (
            export("def two():\n    return 2") + MIDDLE,
            "no export cell after the check defines `two`",
            MIDDLE + export("async def two():\n    return 2"),
        ),
        (
            MIDDLE + export("def two():\n    return one() + 1\ndef one():\n    return 1"),
            "`my_two` cannot be derived: `two` needs `one`, defined later (lessons/02_new.py, line 15). "
            "Ask for `my_one` as well, or define `one` before.",
            export("def one():\n    return 1") + MIDDLE + export("def two():\n    return one() + 1"),
        ),
        (
            MIDDLE + export("def two():\n    return one() + 1") + "# %%\ndef one():\n    return 1\n",
            "`two` needs `one`, defined later (lessons/02_new.py, line 18)",
            MIDDLE + export("ONE = 1\n\n\ndef two():\n    return ONE + 1"),
        ),
        (
            MIDDLE + export("def two(two=2):\n    return two"),
            "in `two` the name `two` is also something else. Rename that.",
            MIDDLE + export("def two(number=2):\n    return number"),
        ),
        (
            MIDDLE + export("def two():\n    return 2") + "# %%\nmy_two()\n",
            "it uses `my_two`, the answer to an exercise, which may be wrong or missing. Use `two`.",
            MIDDLE + export("def two():\n    return 2") + "# %%\ntwo()\n",
        ),
        (
            MIDDLE.replace("check_two(my_two)", "check_two(my_two, one)")
            + export("def two():\n    return 2"),
            "the check's parameters must be like `my_encode` or `MyEmitter`",
            MIDDLE + export("def two():\n    return 2"),
        ),
    ],
)
def test_an_answer_that_cannot_be_derived_is_refused_and_its_twin_derived(course, refused, said, accepted):
    test_it_is_refused_and_its_twin_accepted(course, refused, said, accepted)


@pytest.mark.parametrize(
    ("promise", "said"),
    [
        ("**In 30 minutes you know it.**", "line 1: `30 minutes` is typed. Write `{minutes}`: the build"),
        ("**You know it.**", "line 1: the promise does not say how long it takes. Write `**In {minutes} you"),
    ],
)
def test_a_promise_without_computed_minutes_is_refused(course, promise, said):
    write(course, "", promise=promise)
    with pytest.raises(Refusal) as refusal:
        hold(course)
    assert str(refusal.value).startswith(f"lessons/02_new.py, {said}")


BRANCHES = "def f(x):\n" + "".join(f"    if x == {n}:\n        return {n}\n" for n in range(8))


def test_a_function_is_refused_for_its_complexity_from_lesson_08_on(course):
    write(course, export(BRANCHES), "07_before")
    hold(course)
    write(course, export(BRANCHES.replace("f(x)", "g(x)")), "08_from_here")
    with pytest.raises(
        Refusal, match=r"^lessons/08_from_here.py: divide the function into two. .* `g` is too"
    ):
        hold(course)


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ("01 · A title: x", "course.toml calls a lesson `01 · A title`, its heading says `A title`."),
        ("01 A title", "course.toml: '01 A title'. Write `NN · Title: what it shows`."),
        ("03 · Another: x", "course.toml: lesson 01 is not there. Add `A title: what it shows` to its part."),
    ],
)
def test_a_plan_that_is_not_the_course_is_refused(course, plan, said):
    course.plan.write_text(f'[[parts]]\ntitle = "I"\nlessons = ["{plan}"]\n', encoding="utf-8")
    course.readme.write_text("<!-- built: map --><!-- end -->", encoding="utf-8")
    with pytest.raises(Refusal) as refusal:
        hold(course)
    assert str(refusal.value) == said


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
