"""Each check, held against answers that people give: right ones of another style, and wrong ones.

The answers stand in lessons_src/answers, one file a lesson. A check runs there as in its notebook, but only
the cells of the lesson are run that it needs, and not in a kernel.
"""

import ast
import asyncio
import dis
import inspect
import linecache
import re
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from types import CodeType

import pytest

from builder.exercises import exercises
from builder.lesson import Course
from wirelab import bench
from wirelab.exercise import Outcome

COURSE = Course(Path(__file__).resolve().parents[1])
HEAD = re.compile(r"^# %% (right|wrong) (\w+)(?:: (.*))?$", re.MULTILINE)


@dataclass(frozen=True)
class Answer:
    """What somebody wrote, and what must be said of it; empty if it is right."""

    where: str
    check: str
    sentence: str
    source: str


@dataclass(frozen=True)
class Case:
    """A check, the cells above it, its solution and its answers."""

    name: str
    cells: tuple[str, ...]
    check: str
    answers: tuple[Answer, ...]


def answers_of(lesson):
    path = COURSE.code / "answers" / f"{lesson.name}.py"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    heads = list(HEAD.finditer(text))
    for head, following in zip_longest(heads, heads[1:]):
        kind, check, sentence = head.groups()
        assert (kind == "wrong") == bool(sentence), (
            f"{head[0]}: a wrong answer has a sentence, a right one none"
        )
        number = text[: head.start()].count("\n") + 1
        source = text[head.end() : following.start() if following else None].strip()
        yield Answer(f"{path.name}, line {number}", check, sentence or "", source)


def cases():
    for lesson in COURSE.lessons():
        answers = list(answers_of(lesson))
        for exercise in exercises(lesson):
            above = [
                plain(cell.source)
                for cell in lesson.cells[: exercise.first]
                if cell.kind == "code" and "solution" not in cell.tags
            ]
            name = re.search(r"def (check_\w+)\(", exercise.check.source)[1]
            given = Answer("the solution", name, "", exercise.solution)
            own = (given, *(answer for answer in answers if answer.check == name))
            case = Case(name, tuple(above), exercise.check.source, own)
            yield pytest.param(case, id=f"{lesson.name[:2]}-{name}")


def plain(source):
    """A cell without IPython's magics."""
    return "\n".join("" if line.startswith("%") else line for line in source.splitlines())


def compiled(source, name="<cell>"):
    return compile(source, name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def names(code, top=True):
    """The names that a cell takes from others, and those that it leaves behind."""
    used, made = set(), set()
    for step in dis.get_instructions(code):
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):  # the latter in the body of a class, too
            used.add(step.argval)
        elif top and step.opname == "STORE_NAME":
            made.add(step.argval)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            used |= names(constant, top=False)[0]
    return used, made


def needed(case):
    """The cells without which the check or an answer would miss a name, in their order."""
    cells = [names(compiled(source)) for source in case.cells]
    wanted = set().union(
        *(names(compiled(each.source))[0] for each in case.answers), names(compiled(case.check))[0]
    )
    chosen = set()
    for number, (used, made) in reversed(list(enumerate(cells))):
        if made & wanted:
            chosen.add(number)
            wanted = (wanted - made) | used
    while later := {number for number, (_, made) in enumerate(cells) if made & wanted} - chosen:
        chosen |= later  # a function may call what a cell below its own defines
        used = set().union(*(cells[number][0] for number in later))
        wanted = (wanted | used).difference(*(cells[number][1] for number in chosen))
    return [case.cells[number] for number in sorted(chosen)]


async def run(source, name, namespace):
    """Run a cell, as a kernel does: with top-level `await`, and so that its source can be looked up."""
    linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
    result = eval(compiled(source, name), namespace)
    if inspect.isawaitable(result):
        await result


CASES = list(cases())


def says(text, sentence):
    """Whether a text contains a sentence; `…` stands for whatever comes between."""
    return re.search(".*".join(map(re.escape, sentence.split(" … "))), text) is not None


@pytest.fixture
async def bench_of_a_lesson(monkeypatch):
    """What `%load_ext wirelab` does for the servers, and a bench that is empty again."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    # One alarm cannot watch several checks at once. (`signal` itself stays: pytest's time-out needs it.)
    monkeypatch.setattr("wirelab.exercise.alarm.signal", None)
    bench.keep_logs()
    yield
    await bench.stop_all()


async def misjudged(case, answer, namespace, some_at_a_time):
    """What the check says of an answer, if that is not what it must say; else nothing."""
    own = dict(namespace)
    async with some_at_a_time:
        await run(answer.source, f"<{answer.where}>", own)
        verdict = await own[case.name].verdict(own)
    wanted = Outcome.WRONG if answer.sentence else Outcome.RIGHT
    if verdict.outcome is wanted and says(verdict.text, answer.sentence):
        return ""
    return f"{answer.where}: {verdict}, expected {answer.sentence or 'Right'}"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("case", CASES)
async def test_a_check_judges_fairly_and_says_what_is_the_matter(case, bench_of_a_lesson):
    namespace = {"__name__": "__main__"}
    for number, source in enumerate([*needed(case), case.check]):
        await run(source, f"<cell {number} for {case.name}>", namespace)
    # What a check patches, it patches for all; an answer that blocks the loop blocks it for all; and that a
    # handler was called with arguments that it does not take is heard by all.
    called = any("positional argument" in answer.sentence for answer in case.answers)
    alone = called or "patch" in case.check or "time.sleep" in case.check
    some = asyncio.Semaphore(1 if alone else 4)
    found = await asyncio.gather(*(misjudged(case, answer, namespace, some) for answer in case.answers))
    assert list(filter(None, found)) == []


@pytest.mark.parametrize("case", CASES)
def test_each_check_is_tried_with_five_wrong_answers_and_three_right_ones(case):
    wrong = sum(bool(answer.sentence) for answer in case.answers)
    assert wrong >= 5 and len(case.answers) - wrong > 3  # the solution is the fourth


@pytest.mark.parametrize(
    "check, answer",
    [
        ("11-check_follow", "def follow(socket, show):\n    socket.on('price', show)"),
        ("13-check_insist", "async def insist(socket, coin, tries, seconds):\n    return coin"),
    ],
)
async def test_a_wrong_answer_leaves_no_client_that_knocks_for_ever(check, answer, bench_of_a_lesson):
    case = next(param.values[0] for param in CASES if param.id == check)
    namespace = {"__name__": "__main__"}
    for number, source in enumerate([*needed(case), case.check]):
        await run(source, f"<cell {number} for {case.name}>", namespace)
    made = []

    def io(*arguments, make=namespace["io"], **options):
        made.append(make(*arguments, **options))
        return made[-1]

    namespace["io"] = io
    await run(answer, "<an answer>", namespace)
    verdict = await namespace[case.name].verdict(namespace)
    assert verdict.outcome is Outcome.WRONG
    assert made
    assert not any(socket.active for socket in made)
