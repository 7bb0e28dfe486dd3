"""Verdicts on answers, the folded solution, and predictions."""

import asyncio
import inspect
import json
import math
import re
import signal
import subprocess
import sys
import time
from html.parser import HTMLParser

import pytest
from IPython.core.interactiveshell import InteractiveShell
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from wirelab import bench, waiting
from wirelab.exercise import Outcome, Wrong, check, expect, register, watch
from wirelab.widgets.predict import Prediction, predict
from wirelab.widgets.predict.text import as_html


@check("Text has a method for that.", "`text.upper()`")
def check_shout(shout):
    """It shouts, an empty text too."""
    expect("shout('hello')", shout("hello"), "HELLO!")
    expect("shout('')", shout(""), "!")


@check(timeout=0.2)
async def check_fetch(fetch):
    assert await fetch() == 7


class Stubs:
    """Answers that nobody has written yet, in all their forms."""

    def plain(text):
        """Return `text` in capitals."""
        ...  # your turn

    async def coroutine(text):
        pass

    class Whole:
        """A class."""

        size = 3

        def __init__(self):
            """Begin."""
            ...

        @property
        def length(self): ...

        @staticmethod
        def make(): ...


@pytest.mark.parametrize("stub", [Stubs.plain, Stubs.coroutine, Stubs.Whole])
async def test_an_untouched_stub_is_not_attempted(stub):
    verdict = await check_shout.verdict({"shout": stub})
    assert verdict.outcome is Outcome.NOT_ATTEMPTED
    assert repr(verdict) == "○ Not attempted: write `shout` above, run it, then run the check again."


async def test_a_missing_name_is_not_attempted():
    assert (await check_shout.verdict({})).outcome is Outcome.NOT_ATTEMPTED


async def test_a_half_written_class_is_attempted():
    class Half(Stubs.Whole):
        def __init__(self):
            self.size = 4

        def length(self): ...

    assert (await check_shout.verdict({"shout": Half})).outcome is Outcome.WRONG


async def test_the_right_answer_is_told_what_it_does():
    verdict = await check_shout.verdict({"shout": lambda text: text.upper() + "!"})
    assert verdict.outcome is Outcome.RIGHT
    assert repr(verdict) == "✓ Right: It shouts, an empty text too."
    assert "<details" not in verdict._repr_html_()


async def test_lines_of_a_sentence_are_lines_on_the_page():
    @check()
    def check_three(text):
        raise Wrong("It should say:\none\nIt says:\ntwo")

    verdict = await check_three.verdict({"text": str})
    assert "It should say:<br>one<br>It says:<br>two" in verdict._repr_html_()


def quiet(text):
    return text + "!"


def breaks(text):
    return len(text) / 0


async def forgets(text):
    return text.upper() + "!"


def doubts(text):
    assert text, "no text"
    return text.upper() + "!"


def group(text):
    raise ExceptionGroup("several", [ValueError("inner")])


def leaves(text):
    raise SystemExit(3)


def cancels(text):
    raise asyncio.CancelledError


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (quiet, "Expected shout('hello') to be `'HELLO!'`, got `'hello!'`."),
        (
            lambda text: check_shout.timeout.__class__.__new__,
            "got `<built-in method __new__ of type object>`",
        ),
        (breaks, "`ZeroDivisionError: division by zero` was raised, in line {}: `return len(text) / 0`."),
        (forgets, "got a coroutine: write `def` in place of `async def`, or await what you return."),
        (group, "`ValueError: inner` was raised"),
        (leaves, "`SystemExit: 3` was raised"),
        (cancels, "CancelledError` was raised"),
        (7, "`TypeError: 'int' object is not callable` was raised."),
    ],
)
async def test_a_wrong_answer_is_told_how(answer, said):
    verdict = await check_shout.verdict({"shout": answer})
    line = breaks.__code__.co_firstlineno + 1
    assert verdict.outcome is Outcome.WRONG
    assert said.format(line) in verdict.text
    assert "0x" not in repr(verdict)


async def test_an_answer_that_waits_for_ever_is_wrong():
    tidied = asyncio.Event()

    async def fetch():
        try:
            await asyncio.Event().wait()
        finally:
            tidied.set()

    verdict = await check_fetch.verdict({"fetch": fetch})
    assert verdict.text.startswith("it did not finish within 0.2 seconds. Your code waits in line ")
    assert verdict.text.endswith(": `await asyncio.Event().wait()`. Does that ever come?")
    await asyncio.wait_for(tidied.wait(), 1)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer signals here")
@pytest.mark.parametrize("sleep", [0, 60])
async def test_an_answer_that_holds_the_thread_is_stopped(sleep):
    async def fetch():
        while True:
            try:
                time.sleep(sleep)  # noqa: ASYNC251
            except Exception:
                continue

    handler, begin = signal.getsignal(signal.SIGALRM), time.monotonic()
    verdict = await check_fetch.verdict({"fetch": fetch})
    assert verdict.outcome is Outcome.WRONG
    assert time.monotonic() - begin < 5
    assert signal.getsignal(signal.SIGALRM) is handler


async def test_an_answer_that_will_not_be_cancelled_is_left_behind():
    release = asyncio.Event()

    async def fetch():
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    verdict = await asyncio.wait_for(check_fetch.verdict({"fetch": fetch}), 2)
    assert verdict.outcome is Outcome.WRONG
    release.set()


async def test_where_an_answer_waits_or_is_busy_is_said_with_its_line():
    async def asks():
        return await asyncio.get_running_loop().create_future()

    async def holds():
        while True:
            time.sleep(0.01)  # noqa: ASYNC251

    line = asks.__code__.co_firstlineno + 1
    text = (await check_fetch.verdict({"fetch": asks})).text
    assert f"waits in line {line}: `return await asyncio.get_running_loop().create_future()`." in text
    text = (await check_fetch.verdict({"fetch": holds})).text
    assert re.search(
        r"Your code is busy in line \d+: `(while True:|time\.sleep.*)`\. A loop without `await`", text
    )


@check(timeout=0.5)
async def check_handler(handler):
    async with serve(handler, "127.0.0.1", 0) as server, connect(bench.url(server), proxy=None) as client:
        try:
            expect("the answer", await asyncio.wait_for(client.recv(), 0.2), "hello")
        except (TimeoutError, ConnectionClosed):
            raise Wrong("Nothing came.") from None


async def test_what_a_handler_raises_stands_before_what_came_of_it():
    async def handler(websocket):
        await websocket.send(5)

    line = handler.__code__.co_firstlineno + 1
    verdict = await check_handler.verdict({"handler": handler})
    assert verdict.text == (
        "`TypeError: data must be str, bytes, iterable, or async iterable` was raised, "
        f"in line {line}: `await websocket.send(5)`. Nothing came."
    )


async def test_a_handler_with_other_arguments_hears_of_them():
    async def handler(websocket, path):
        await websocket.send("hello")

    verdict = await check_handler.verdict({"handler": handler})
    assert verdict.text.startswith("`TypeError: ")
    assert verdict.text.endswith("missing 1 required positional argument: 'path'` was raised. Nothing came.")


@check(timeout=0.5)
async def check_made(make):
    await check_handler.function(make())


async def test_so_does_a_handler_that_an_answer_makes():
    def make():
        async def handler(websocket, path):
            await websocket.send("hello")

        return handler

    verdict = await check_made.verdict({"make": make})
    assert "<locals>.handler() missing 1 required positional argument: 'path'" in verdict.text
    assert verdict.text.endswith("was raised. Nothing came.")


@check()
async def check_one(one):
    expect("one()", await one(), 1)


@pytest.mark.parametrize("answer", ["def one():\n    return 1", "async def one():\n    yield 1"])
async def test_what_cannot_be_awaited_is_told_how_to_begin(answer):
    exec(compile(answer, "<the learner's cell>", "exec"), cell := {})
    verdict = await check_one.verdict(cell)
    assert verdict.text.endswith("begin it with `async def`, and `return` where you `yield`.")


async def test_an_assertion_of_the_answers_own_is_shown_with_its_line():
    line = doubts.__code__.co_firstlineno + 1
    verdict = await check_shout.verdict({"shout": doubts})
    held = 'assert text, "no text"'
    assert verdict.text == f"`AssertionError: no text` was raised, in line {line}: `{held}`."


async def test_a_closed_connection_in_a_handler_is_no_cause():
    async def handler(websocket):
        await websocket.send("no")
        await websocket.close()
        await websocket.send("hello")

    verdict = await check_handler.verdict({"handler": handler})
    assert verdict.text == "Expected the answer to be `'hello'`, got `'no'`."


async def test_what_a_handler_raises_after_all_was_heard_is_wrong_too():
    async def handler(websocket):
        await websocket.send("hello")
        await print("sent")

    line = handler.__code__.co_firstlineno + 2
    verdict = await check_handler.verdict({"handler": handler})
    assert verdict.outcome is Outcome.WRONG
    assert verdict.text.startswith("All that was wanted came, and then `TypeError")
    assert verdict.text.endswith(f'in line {line}: `await print("sent")`.')


async def test_what_a_library_raises_for_a_handler_whose_answer_was_heard_is_not_wrong():
    async def handler(websocket):
        await websocket.send("hello")
        await websocket.send(5)

    assert (await check_handler.verdict({"handler": handler})).outcome is Outcome.RIGHT


def plain_handler(websocket):
    return None


class Desk:
    async def open(self):
        return self


@pytest.mark.parametrize(
    ("answer", "stub", "said"),
    [
        (plain_handler, "async def plain_handler(websocket): ...", "`plain_handler` is awaited: write"),
        (plain_handler, "def plain_handler(websocket): ...", "Nothing came."),
        (plain_handler, "", "Nothing came."),
    ],
)
async def test_an_async_that_is_missing_is_said_before_what_came_of_it(monkeypatch, answer, stub, said):
    monkeypatch.setattr(type(check_handler), "_stub", stub)
    assert (await check_handler.verdict({"handler": answer})).text.startswith(said)


async def test_an_async_too_many_is_said_before_what_came_of_it(monkeypatch):
    @check()
    def check_desk(Desk):
        assert not inspect.iscoroutine(opened := Desk().open()) or opened.close()

    stub = "class Desk:\n    def open(self):\n        ...  # your turn\n"
    monkeypatch.setattr(type(check_desk), "_stub", stub)
    verdict = await check_desk.verdict({"Desk": Desk})
    assert verdict.text == "`open` is called without `await`: write `def` in place of `async def`."


async def test_an_async_that_the_check_allows_is_no_mistake(monkeypatch):
    @check(either=("open",))
    async def check_desk(Desk):
        expect("open()", await Desk().open(), "opened")

    stub = "class Desk:\n    def open(self):\n        ...  # your turn\n"
    monkeypatch.setattr(type(check_desk), "_stub", stub)
    assert (await check_desk.verdict({"Desk": Desk})).text.startswith("Expected open() to be `'opened'`")


async def test_what_is_wrong_is_said_though_the_server_waits_for_the_handler_for_ever():
    stopped = asyncio.Event()

    async def handler(websocket):
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    verdict = await check(timeout=30)(check_handler.function).verdict({"handler": handler})
    assert verdict.text == "Nothing came."
    await asyncio.wait_for(stopped.wait(), 1)


async def test_tasks_that_ran_before_the_check_live_on():
    async def handler(websocket):
        await asyncio.sleep(30)

    earlier = asyncio.ensure_future(handler(None))
    await asyncio.sleep(0)
    assert (await check_handler.verdict({"handler": handler})).outcome is Outcome.WRONG
    assert not earlier.done() and earlier.cancel()


@pytest.mark.parametrize(("wanted", "outcome"), [(7, Outcome.RIGHT), (8, Outcome.WRONG)])
async def test_a_check_hands_over_the_wire_it_watched(wanted, outcome):
    @check()
    def check_n(n):
        watch("an earlier wire")
        assert watch("the wire") == "the wire"
        expect("n", n, 7)

    verdict = await check_n.verdict({"n": wanted})
    assert verdict.outcome is outcome and verdict.watched == ("the wire",)
    assert watch("outside a check") == "outside a check"


async def test_an_interrupt_stops_the_check_and_the_answer():
    stopped = asyncio.Event()

    async def fetch():
        try:
            await asyncio.sleep(60)
        finally:
            stopped.set()

    judging = asyncio.ensure_future(check(timeout=30)(check_fetch.function).verdict({"fetch": fetch}))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    judging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await judging
    await asyncio.wait_for(stopped.wait(), 1)


class Balance(HTMLParser):
    """Which element stands in which."""

    def __init__(self, source):
        super().__init__()
        self.open, self.depths, self.words = [], [], []
        self.feed(source)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        if tag == "summary":
            self.depths.append(self.open.count("details"))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


async def test_each_hint_opens_inside_the_one_before():
    tree = Balance((await check_shout.verdict({}))._repr_html_())
    assert tree.depths == [1, 2]
    assert "text.upper()" in tree.words


async def test_what_an_answer_says_is_text_never_html():
    def shout(text):
        raise Wrong("<script>alert(1)</script> & `<b>`")

    page = (await check_shout.verdict({"shout": shout}))._repr_html_()
    assert "<script" not in page and "<b>" not in page
    assert "<script>alert(1)</script> & " in "".join(Balance(page).words)


async def test_a_verdict_keeps_mathjax_away_and_shows_emphasis():
    def shout(text):
        raise Wrong("*Run → Run All* costs $5$, 2 * 3 * 4 and `a * b * c`")

    page = (await check_shout.verdict({"shout": shout}))._repr_html_()
    assert 'class="mathjax_ignore' in page.split(">")[0]
    assert "<em>Run → Run All</em> costs $5$, 2 * 3 * 4 and <code>a * b * c</code>" in page


async def test_a_wrong_answer_can_begin_again_with_the_empty_task():
    def loud(text):
        return text.upper() + "!"

    @check()
    def check_lobby(Lobby):
        raise Wrong("no")

    page = (await check_lobby.verdict({"Lobby": 1}))._repr_html_()
    assert "Start again: the empty task" in page and "async def handler(self, websocket):" in page
    assert "your turn" in page and "self.present.add" not in page
    assert "Start again" not in (await check_shout.verdict({"shout": loud}))._repr_html_()


# The cell magic, in a real IPython shell


@pytest.fixture
def shell():
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    register(shell)
    yield shell
    InteractiveShell.clear_instance()


CHECK = """
from wirelab.exercise import check, expect

@check("a hint")
def check_pair(ping, Pong):
    expect("ping(3)", ping(3), 6)
    expect("Pong().back()", Pong().back(), 6)
"""
SOLUTION = """%%solution
import operator

def ping(n):
    return 3 if n < 3 else operator.mul(n, 2)

class Pong:
    def back(self):
        return ping(3)
"""


async def run(shell, cell):
    result = await shell.run_cell_async(cell, transformed_cell=shell.transform_cell(cell))
    result.raise_error()
    return result.result


async def test_a_solution_is_judged_and_never_replaces_the_answer(shell):
    await run(shell, CHECK)
    await run(shell, "def ping(n): return 'mine'")
    for _ in range(2):
        verdict = await run(shell, SOLUTION)
        assert repr(verdict) == "◆ The solution passes: that does what was asked."
    assert shell.user_ns["ping"](3) == "mine"
    assert "Pong" not in shell.user_ns and "operator" not in shell.user_ns


async def test_a_solution_that_is_wrong_says_so(shell):
    await run(shell, CHECK)
    verdict = await run(shell, SOLUTION.replace("else", "else 1 +"))
    assert verdict.outcome is Outcome.WRONG and verdict.hints == ()


async def test_a_solution_before_its_check_says_what_to_do(shell):
    assert repr(await run(shell, SOLUTION)) == "○ The solution: run the check above it first."


async def test_a_bare_assertion_is_shown_as_it_stands(shell):
    await run(shell, "from wirelab.exercise import check\n@check()\ndef check_n(n):\n    assert n == 7")
    await run(shell, "n = 8")
    assert (await run(shell, "await check_n.verdict()")).text == "this does not hold: `n == 7`."


async def test_a_stub_in_a_notebook_is_known_by_its_source(shell):
    await run(shell, CHECK)
    await run(
        shell, 'def ping(n):\n    """Double."""\n    ...  # your turn\n\nclass Pong:\n    def back(self): ...'
    )
    for _ in range(2):
        assert "write `ping` and `Pong` above" in (await run(shell, "await check_pair.verdict()")).text
    await run(shell, "def ping(n):\n    return int('x')\n\nclass Pong:\n    def back(self): return 6")
    verdict = await run(shell, "await check_pair.verdict()")
    assert verdict.text.endswith("'x'` was raised, in line 2: `return int('x')`.")


BROKEN = "import operator\n\ndef ping(n)\n    return 6\n\nclass Pong:\n    def back(self): return 6"


async def test_after_a_syntax_error_the_check_judges_nothing(shell):
    await run(shell, CHECK)
    shell.run_cell("def ping(n): return 6\n\nclass Pong:\n    def back(self): return 6")
    assert (await run(shell, "await check_pair.verdict()")).outcome is Outcome.RIGHT
    shell.run_cell(BROKEN)
    verdict = await run(shell, "await check_pair.verdict()")
    assert verdict.outcome is Outcome.NOT_JUDGED
    assert "`ping` has a syntax error in line 3, `def ping(n)`: expected ':'." in verdict.text
    shell.run_cell("ping(3) )")  # mentions it, and was not to define it
    shell.run_cell(BROKEN.replace("(n)\n", "(n):\n"))
    assert (await run(shell, "await check_pair.verdict()")).outcome is Outcome.RIGHT


async def test_a_cell_that_raised_is_judged_if_the_answer_was_defined(shell):
    await run(shell, CHECK)
    shell.run_cell("def ping(n): return 6\n\nclass Pong:\n    def back(self): return 6\n\n1 / 0")
    assert (await run(shell, "await check_pair.verdict()")).outcome is Outcome.RIGHT
    shell.run_cell("1 / 0\n\ndef ping(n): return 7")
    verdict = await run(shell, "await check_pair.verdict()")
    assert verdict.outcome is Outcome.NOT_JUDGED
    assert "`ping` raised `ZeroDivisionError: division by zero` before `ping` was defined." in verdict.text


async def test_an_answer_is_not_wrong_because_the_cells_above_have_not_run(shell):
    source = (
        "from wirelab.exercise import check\n\n@check()\ndef check_shout(shout):\n    assert shout(1) == 1"
    )
    await run(shell, source)
    await run(shell, "def shout(n):\n    return json.dumps(n)")  # lesson 01 imports json further up
    verdict = await run(shell, "await check_shout.verdict()")
    assert verdict.outcome is Outcome.NOT_JUDGED
    assert "this needs `json` from cells further up" in verdict.text and "Run All Above" in verdict.text
    await run(shell, "def shout(n):\n    return jsn.dumps(n)")
    verdict = await run(shell, "await check_shout.verdict()")
    assert "`NameError: name 'jsn' is not defined" in verdict.text and verdict.outcome is Outcome.WRONG
    await run(shell, source.replace("shout(1)", "arrive(shout)"))
    assert "this needs `arrive`" in (await run(shell, "await check_shout.verdict()")).text


async def test_registering_again_changes_nothing(shell):
    before = list(shell.input_transformers_cleanup)
    register(shell)
    assert shell.input_transformers_cleanup == before


# Predictions


@pytest.fixture
def guess():
    return predict("What does `recv` do?", a="It <waits>.", b="It raises.")


def test_a_question_that_is_asked_again_knows_what_was_chosen():
    predict("Is this asked twice?", a="Yes.", b="No.").choice = "b"
    assert predict("Is this asked twice?", a="Yes.", b="No.").choice == "b"
    assert predict("Is this asked twice?", a="Yes.", c="Never.").choice == ""
    assert predict("Is this asked once?", a="Yes.", b="No.").choice == ""


def test_a_prediction_shows_itself_without_an_address(guess):
    data, _ = guess._repr_mimebundle_()
    assert data["text/plain"] == "What does `recv` do?\n  a) It <waits>.\n  b) It raises."
    assert "It &lt;waits&gt;." in data["text/html"] and "<code>recv</code>" in data["text/html"]
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == guess.model_id


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ("", "○ You made no guess, and that is fine: b) It raises. Nobody is there."),
        ("b", "✓ As you said: b) It raises. Nobody is there."),
        ("a", "→ You said a: Many do. What happens: b) It raises. Nobody is there."),
    ],
)
def test_a_prediction_is_compared_with_what_happens(guess, choice, said):
    guess.choice = choice
    assert repr(guess.reveal("b", "Nobody is there.", a="Many do.")) == said


def test_the_right_answer_stands_apart_from_its_reason(guess):
    guess.choice = "a"
    shown = guess.reveal("b", "Nobody is *there*.", a="Many **do**.")._repr_html_()
    reply, truth, reason = re.findall(r"<div[^>]*>((?:(?!</?div).)+)</div>", shown)
    assert "You said a" in reply and "Many <strong>do</strong>." in reply
    assert truth.endswith("b) It raises.")
    assert reason == "Nobody is <em>there</em>."


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("`a*b*` <i>", "<code>a*b*</code> &lt;i&gt;"),
        ("**both `ends`** and *one*", "<strong>both <code>ends</code></strong> and <em>one</em>"),
        ("3 * 4 * 5, **, *, `", "3 * 4 * 5, **, *, `"),
    ],
)
def test_emphasis_and_code_are_shown_and_all_else_is_text(text, shown):
    assert as_html(text) == shown


@pytest.mark.parametrize(("answer", "replies"), [("c", {}), ("a", {"c": "?"})])
def test_an_option_that_does_not_exist_is_refused(guess, answer, replies):
    with pytest.raises(ValueError, match="'c' is not an option of this question: a, b"):
        guess.reveal(answer, "because", **replies)


def test_the_browser_is_told_the_question_and_not_the_answer(guess):
    synced = {name for name in Prediction.class_trait_names(sync=True) if not name.startswith("_")}
    assert synced - {"layout", "tabbable", "tooltip", "comm"} == {"question", "options", "choice"}


WHILE_GARBAGE_IS_LOGGED = """
import ast, gc
from pathlib import Path
from wirelab.exercise.course import exercise_of
from wirelab.syntax import tree

class LoggedLate:  # as a traceback that is logged when its task is collected: Python 3.11 parses a line then
    def __init__(self):
        self.myself = self

    def __del__(self):
        ast.parse("a[b] + c * (d + e)")
        LoggedLate()

gc.set_threshold(50)
LoggedLate()
assert exercise_of("check_late", Path()).above == {"values"}
assert len(tree("\\n".join(["values = [f(a + b)]"] * 2000)).body) == 2000
assert gc.isenabled()
gc.disable()
"""


def test_an_exercise_is_read_while_garbage_is_logged(tmp_path):
    values = ", ".join("f(a + b)" for _ in range(2000))
    above = {"cell_type": "code", "metadata": {}, "source": f"%load_ext wirelab\nvalues = [{values}]"}
    checking = {"cell_type": "code", "metadata": {"tags": ["check"]}, "source": "def check_late(f): pass"}
    (tmp_path / "late.ipynb").write_text(json.dumps({"cells": [above, checking]}), "utf-8")
    run = [sys.executable, "-c", WHILE_GARBAGE_IS_LOGGED]
    ended = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize(
    ("too_late", "outcome", "times"), [(0.2, Outcome.RIGHT, 2), (math.inf, Outcome.WRONG, 1)]
)
async def test_nobody_is_judged_by_a_clock_that_rang_too_late(too_late, outcome, times, monkeypatch):
    monkeypatch.setattr(waiting, "TOO_LATE", too_late)
    tried = []

    @check()
    async def check_late(late):
        tried.append(late)
        await asyncio.sleep(0.06)
        time.sleep(0.4)  # noqa: ASYNC251 (so every clock is late)
        await asyncio.sleep(0.06)
        expect("late()", len(tried), 2)

    verdict = await check_late.verdict({"late": lambda: 1})
    assert (verdict.outcome, len(tried)) == (outcome, times)
