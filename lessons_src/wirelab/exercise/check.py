"""Judging an answer: run the check on what the learner defined, and say in one sentence what came of it."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
import signal
import textwrap
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType, FunctionType
from typing import Any

from wirelab.exercise import progress
from wirelab.exercise.verdict import Outcome, Verdict

_GRACE = 0.5  # seconds that asyncio gets to notice a time-out before the alarm rings


class Wrong(AssertionError):
    """The answer is wrong; the message is the sentence that helps."""


class _Stuck(BaseException):
    """The thread was held for too long; no `except Exception` of an answer may swallow this."""


def _shown(value: object) -> str:
    text = re.sub(r" at 0x[0-9A-Fa-f]+", "", repr(value))
    return text if len(text) <= 160 else text[:157] + "…"


def expect(what: str, got: object, wanted: object) -> None:
    """Raise Wrong unless `got` equals `wanted`; `what` says in words or code what it is."""
    if inspect.iscoroutine(got):
        got.close()
        raise Wrong(
            f"Expected {what} to be `{_shown(wanted)}`, got a coroutine: "
            "write `def` in place of `async def`, or await what you return."
        )
    if got != wanted:
        raise Wrong(f"Expected {what} to be `{_shown(wanted)}`, got `{_shown(got)}`.")


def _functions(answer: object) -> list[FunctionType]:
    """The function that `answer` is, or the methods written in the class that it is."""
    if not isinstance(answer, type):
        candidates: list[Any] = [inspect.unwrap(answer) if callable(answer) else answer]
    else:
        candidates = []
        for value in vars(answer).values():
            value = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
            candidates.append(value)
    return [each for each in candidates if inspect.isfunction(each)]


def _unwritten(function: FunctionType) -> bool:
    """Whether the body is nothing but a docstring, `...` or `pass`; False where no source is known."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, SyntaxError):
        return False
    return isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef) and all(
        isinstance(line, ast.Pass) or (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
        for line in tree.body
    )


def _is_stub(answer: object) -> bool:
    functions = [each for each in _functions(answer) if each.__code__.co_filename != "<string>"]  # dataclass
    return bool(functions) and all(_unwritten(each) for each in functions)


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raise _Stuck in the task that holds the main thread after `seconds` (POSIX only)."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_number: int, _frame: FrameType | None) -> None:
        if asyncio.current_task() is not None:  # outside a task the loop itself would die of it
            raise _Stuck

    handler = signal.signal(signal.SIGALRM, ring)
    timer = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *timer)
        signal.signal(signal.SIGALRM, handler)


def _complaint(error: BaseException, answers: list[object]) -> str:
    """One sentence on what went wrong, with the line of the answer if it was raised there."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    frames = traceback.extract_tb(error.__traceback__)
    if isinstance(error, AssertionError):
        held = (frames[-1].line or "").removeprefix("assert ")
        return str(error) or f"this does not hold: `{held}`."
    files = {each.__code__.co_filename for answer in answers for each in _functions(answer)}
    own = [frame for frame in frames if frame.filename in files]
    where = f", in line {own[-1].lineno}: `{own[-1].line}`" if own and own[-1].line else ""
    message = "\n".join(traceback.format_exception_only(error)).strip().splitlines()[0]
    return f"`{message}` was raised{where}."


@dataclass(frozen=True)
class Check:
    """A function whose parameters name what the learner writes; it raises when that is wrong."""

    function: Callable[..., Any]
    hints: tuple[str, ...]
    timeout: float

    @property
    def names(self) -> tuple[str, ...]:
        """What the learner is to define."""
        return tuple(inspect.signature(self.function).parameters)

    async def verdict(self, namespace: dict[str, Any] | None = None) -> Verdict:
        """Judge what `namespace` (by default the notebook) holds under the names."""
        if namespace is None:
            namespace = self.function.__globals__
        unwritten = [name for name in self.names if name not in namespace or _is_stub(namespace[name])]
        if unwritten:
            what = " and ".join(f"`{name}`" for name in unwritten)
            text = f"write {what} above, run it, then run the check again."
            return Verdict(Outcome.NOT_ATTEMPTED, "Not attempted", text, self.hints)
        complaint = await self._judge([namespace[name] for name in self.names])
        if complaint:
            return Verdict(Outcome.WRONG, "Wrong", complaint, self.hints)
        progress.remember(self.function, namespace)
        return Verdict(Outcome.RIGHT, "Right", inspect.getdoc(self.function) or "that does what was asked.")

    async def _judge(self, answers: list[object]) -> str:
        """What is wrong with the answers; empty if nothing is."""
        stuck = f"it did not finish within {self.timeout:g} seconds."

        async def run() -> str:
            try:
                result = self.function(*answers)
                if inspect.isawaitable(result):
                    await result
            except _Stuck:
                return stuck
            except (Exception, SystemExit, asyncio.CancelledError) as error:
                return _complaint(error, answers)
            return ""

        task = asyncio.ensure_future(run())
        try:
            with _alarm(self.timeout + _GRACE):
                await asyncio.wait({task}, timeout=self.timeout)
            return task.result() if task.done() else stuck
        finally:
            task.cancel()


def check(*hints: str, timeout: float = 5.0) -> Callable[[Callable[..., Any]], Check]:
    """Make a check of the decorated function, plain or async; `timeout` is in seconds.

    The hints go from vague to nearly the answer. The docstring is what a right answer is told.
    """
    return lambda function: Check(function, hints, timeout)
