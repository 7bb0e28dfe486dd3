"""What a check says while it runs: what is wrong, and which wire shows it."""

from __future__ import annotations

import asyncio
import inspect
import re
from contextvars import ContextVar
from typing import Any, TypeVar

_CLOSING = 1.0  # seconds that a check gets for tidying up once it has said what is wrong
T = TypeVar("T")


class Wrong(AssertionError):
    """The answer is wrong; the message is the sentence that helps."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        if run := current.get(None):
            run.found(self)


class Run:
    """What one run of a check has brought to light so far.

    `complaint`: what is wrong in the end, empty if nothing is. `is_held`: the answer let nobody else run.
    """

    def __init__(self) -> None:
        self.watched: list[object] = []
        self.wrong: Wrong | None = None
        self.complaint = ""
        self.is_held = False
        self._heard = asyncio.Event()

    def found(self, wrong: Wrong) -> None:
        """Note what is wrong: a server may wait for the learner's handler for ever before it is raised."""
        self.wrong = wrong
        self._heard.set()

    async def ended(self, task: asyncio.Task[Any], timeout: float) -> None:
        """Return when the task is done, or soon after something was found wrong, or after `timeout`."""
        heard = asyncio.ensure_future(self._heard.wait())
        try:
            await asyncio.wait({task, heard}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            if heard.done():
                await asyncio.wait({task}, timeout=_CLOSING)
        finally:
            heard.cancel()


current: ContextVar[Run] = ContextVar("run")


def quoted(text: str) -> str:
    """What a sentence may quote: without an address, and not too long."""
    text = re.sub(r" at 0x[0-9A-Fa-f]+", "", text)
    return text if len(text) <= 160 else text[:157] + "…"


def expect(what: str, got: object, wanted: object) -> None:
    """Raise Wrong unless `got` equals `wanted`; `what` says in words or code what it is."""
    if inspect.iscoroutine(got):
        got.close()
        raise Wrong(
            f"Expected {what} to be `{quoted(repr(wanted))}`, got a coroutine: "
            "write `def` in place of `async def`, or await what you return."
        )
    if got != wanted:
        raise Wrong(f"Expected {what} to be `{quoted(repr(wanted))}`, got `{quoted(repr(got))}`.")


def watch(wire: T) -> T:
    """Within a check: show `wire`, e.g. Wire(middlebox), below the verdict, in place of an earlier one."""
    if run := current.get(None):
        run.watched[:] = [wire]
    return wire
