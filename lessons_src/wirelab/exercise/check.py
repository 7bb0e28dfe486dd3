"""Judging an answer: run the check on what the learner defined, and say in one sentence what came of it."""

from __future__ import annotations

import asyncio
import inspect
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from websockets.exceptions import ConnectionClosed

from wirelab.exercise import progress
from wirelab.exercise.alarm import Stuck, alarm
from wirelab.exercise.answer import Answer, is_stub
from wirelab.exercise.attempts import attempts
from wirelab.exercise.awaited import advice
from wirelab.exercise.course import exercise_of
from wirelab.exercise.needs import missing
from wirelab.exercise.overheard import overhear
from wirelab.exercise.saying import Run, Wrong, current, quoted
from wirelab.exercise.verdict import Outcome, Verdict
from wirelab.waiting import surely

_GRACE = 0.5  # seconds that asyncio gets to notice a time-out before the alarm rings
_AWAITED = "What you wrote is awaited: begin it with `async def`, and `return` where you `yield`."


def _innermost(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _raised(error: BaseException, answer: Answer) -> str:
    message = "\n".join(traceback.format_exception_only(error)).strip().splitlines()[0]
    raised = f"`{quoted(message)}` was raised"
    if place := answer.raised_at(error):
        return f"{raised}, in {place}."
    if isinstance(error, TypeError) and "await" in message:
        return f"{raised}. {_AWAITED}"
    return f"{raised}."


def _complaint(error: BaseException, answer: Answer) -> str:
    """One sentence on what went wrong, with the line of the answer if it was raised there."""
    error = _innermost(error)
    if isinstance(error, Wrong) or (isinstance(error, AssertionError) and not answer.raised_at(error)):
        held = (traceback.extract_tb(error.__traceback__)[-1].line or "").removeprefix("assert ")
        return str(error) or f"this does not hold: `{held}`."
    return _raised(error, answer)


def _caught_elsewhere(errors: list[BaseException], answer: Answer) -> str:
    """What the answer raised in a handler, if it did: the cause comes before what came of it."""
    for error in map(_innermost, errors):
        own = answer.raised_at(error) or answer.takes_other_arguments(error)
        if own and not isinstance(error, ConnectionClosed):
            return _raised(error, answer) + " "
    return ""


def _slip(errors: list[BaseException], answer: Answer) -> str:
    """What is wrong though all was heard: a line of the answer that Python refused each time it ran."""
    for error in map(_innermost, errors):
        if isinstance(error, TypeError) and answer.raised_itself(error):
            return f"All that was wanted came, and then {_raised(error, answer)}"
    return ""


@dataclass(frozen=True)
class Check:
    """A function whose parameters name what the learner writes; it raises when that is wrong."""

    function: Callable[..., Any]
    hints: tuple[str, ...]
    timeout: float
    either: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What the learner is to define."""
        return tuple(inspect.signature(self.function).parameters)

    @property
    def _stub(self) -> str:
        """The empty task, as the course gives it out."""
        return exercise_of(self.function.__name__).stub

    async def verdict(self, namespace: Mapping[str, Any] | None = None) -> Verdict:
        """Judge what `namespace` (by default the notebook) holds under the names."""
        if namespace is None:
            namespace = self.function.__globals__
            if failure := next(filter(None, map(attempts.failure, self.names)), ""):
                return Verdict(Outcome.NOT_JUDGED, "Not judged yet", failure, stub=self._stub)
        unwritten = [name for name in self.names if name not in namespace or is_stub(namespace[name])]
        if unwritten:
            what = " and ".join(f"`{name}`" for name in unwritten)
            text = f"write {what} above, run it, then run the check again."
            return Verdict(Outcome.NOT_ATTEMPTED, "Not attempted", text, self.hints)
        answer = Answer(tuple(namespace[name] for name in self.names))
        if absent := missing(cast(Any, self.function), answer, namespace):
            return Verdict(Outcome.NOT_JUDGED, "Not judged yet", _run_above(absent))
        run = await surely(partial(self._try, answer), lambda run: not run.complaint or run.is_held)
        watched = tuple(run.watched)
        if run.complaint:
            return Verdict(Outcome.WRONG, "Wrong", run.complaint, self.hints, self._stub, watched)
        progress.remember(self.function, namespace)
        praise = inspect.getdoc(self.function) or "that does what was asked."
        return Verdict(Outcome.RIGHT, "Right", praise, watched=watched)

    async def _try(self, answer: Answer) -> Run:
        run = Run()
        token = current.set(run)
        try:
            run.complaint = await self._judge(answer, run)
        finally:
            current.reset(token)
        return run

    async def _judge(self, answer: Answer, run: Run) -> str:
        """What is wrong with the answer; empty if nothing is."""

        before = asyncio.all_tasks()
        with overhear() as errors:
            task = asyncio.ensure_future(self._complained(answer, errors))
            try:
                with alarm(self.timeout + _GRACE) as held:
                    await run.ended(task, self.timeout)
                if held:
                    run.is_held = True
                    return self._busy(answer.place(held))
                if task.done():
                    return task.result()
                if run.wrong:
                    return self._said(run.wrong, errors, answer)
                return self._waiting(answer.waits_at(task, *answer.tasks() - before))
            finally:
                for each in (task, *answer.tasks() - before):
                    each.cancel()

    async def _complained(self, answer: Answer, errors: list[BaseException]) -> str:
        """Run the check; what it, or the answer, raised."""
        try:
            result = self.function(*answer.objects)
            if inspect.isawaitable(result):
                await result
        except Stuck:
            return ""  # the alarm knows where
        except (Exception, SystemExit, asyncio.CancelledError) as error:
            return self._said(error, errors, answer)
        return _slip(errors, answer)

    def _said(self, error: BaseException, errors: list[BaseException], answer: Answer) -> str:
        """The sentence on an error, or on the `async` that explains it."""
        said = _caught_elsewhere(errors, answer) + _complaint(error, answer)
        if "`async" in said and _AWAITED not in said:
            return said
        return advice(self._stub, self.either, answer, map(_innermost, [error, *errors])) or said

    def _busy(self, place: str) -> str:
        where = f" Your code is busy in {place}." if place else ""
        return (
            f"it did not finish within {self.timeout:g} seconds.{where} "
            "A loop without `await` lets nobody else run, the server neither."
        )

    def _waiting(self, place: str) -> str:
        where = f" Your code waits in {place}. Does that ever come?" if place else ""
        return f"it did not finish within {self.timeout:g} seconds.{where}"


def _run_above(absent: list[str]) -> str:
    names = ", ".join(f"`{name}`" for name in absent[:3]) + (", …" if absent[3:] else "")
    return (
        f"this needs {names} from cells further up, which have not run since the kernel started. Click into "
        "your answer, choose *Run → Run All Above Selected Cell*, run your answer, then the check again."
    )


def check(
    *hints: str, timeout: float = 5.0, either: tuple[str, ...] = ()
) -> Callable[[Callable[..., Any]], Check]:
    """Make a check of the decorated function, plain or async; `timeout` is in seconds.

    The hints go from vague to nearly the answer. The docstring is what a right answer is told. `either` names
    functions that may be written with `async` or without.
    """
    return lambda function: Check(function, hints, timeout, either)
