"""What a learner wrote: its functions, whether it is still the empty task, and where it stands."""

from __future__ import annotations

import ast
import asyncio
import inspect
import linecache
import re
import textwrap
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import FrameType, FunctionType
from typing import Any

from wirelab.syntax import tree

Place = tuple[str, int]
"""A file and a line in it."""


@dataclass(frozen=True)
class Answer:
    """The objects that one check judges together."""

    objects: tuple[object, ...]

    @property
    def files(self) -> set[str]:
        """The cells in which the answer was written, by the names that Python gives them."""
        return {each.__code__.co_filename for answer in self.objects for each in functions(answer)}

    def place(self, frames: Iterable[Place]) -> str:
        """The last of the frames that lies in the answer, in words; empty if none does."""
        own = [(file, line) for file, line in frames if file in self.files]
        if not own:
            return ""
        text = linecache.getline(*own[-1]).strip()
        return f"line {own[-1][1]}: `{text}`" if text else ""

    def raised_at(self, error: BaseException) -> str:
        """Where in the answer an error was raised."""
        return self.place(
            (frame.filename, frame.lineno or 0) for frame in traceback.extract_tb(error.__traceback__)
        )

    def takes_other_arguments(self, error: BaseException) -> bool:
        """Whether somebody called the answer, or a function in it, with arguments that it does not take."""
        own = [re.escape(each.__qualname__) for answer in self.objects for each in functions(answer)]
        call = re.compile(rf"({'|'.join(own)})(\.<locals>\.[^ ]+)?\(\) ")
        return isinstance(error, TypeError) and bool(own) and call.match(str(error)) is not None

    def raised_itself(self, error: BaseException) -> bool:
        """Whether it was a line of the answer that raised an error, and nothing that it called."""
        frames = traceback.extract_tb(error.__traceback__)
        return bool(frames) and frames[-1].filename in self.files

    def waits_at(self, *tasks: asyncio.Task[Any]) -> str:
        """Where in the answer the first of the tasks waits that is in the midst of it."""
        return next(filter(None, (self.place(_suspended(task)) for task in tasks)), "")

    def tasks(self) -> set[asyncio.Task[Any]]:
        """The tasks that are in the midst of the answer."""
        return {task for task in asyncio.all_tasks() if self.place(_suspended(task))}


def functions(answer: object) -> list[FunctionType]:
    """The function that `answer` is, or the methods written in the class that it is."""
    if not isinstance(answer, type):
        candidates: list[Any] = [inspect.unwrap(answer) if callable(answer) else answer]
    else:
        candidates = []
        for value in vars(answer).values():
            value = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
            candidates.append(value)
    return [each for each in candidates if inspect.isfunction(each)]


def is_stub(answer: object) -> bool:
    """Whether no body of it has been written yet."""
    written = [each for each in functions(answer) if each.__code__.co_filename != "<string>"]  # dataclass
    return bool(written) and all(_unwritten(each) for each in written)


def _unwritten(function: FunctionType) -> bool:
    """Whether the body is nothing but a docstring, `...` or `pass`; False where no source is known."""
    try:
        written = tree(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, SyntaxError):
        return False
    return isinstance(written, ast.FunctionDef | ast.AsyncFunctionDef) and all(
        isinstance(line, ast.Pass) or (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
        for line in written.body
    )


def running(frame: FrameType | None) -> list[Place]:
    """What runs in a frame and those that called it, the innermost last."""
    return [(each.f_code.co_filename, line) for each, line in traceback.walk_stack(frame)][::-1]


def _suspended(task: asyncio.Task[Any]) -> Iterator[Place]:
    """Where a task waits: in its coroutine, in what that awaits, and so on inwards."""
    inner: Any = task.get_coro()
    while inner is not None:
        frame = getattr(inner, "cr_frame", None) or getattr(inner, "gi_frame", None)
        if frame is not None:
            yield frame.f_code.co_filename, frame.f_lineno
        inner = getattr(inner, "cr_await", None) or getattr(inner, "gi_yieldfrom", None)
