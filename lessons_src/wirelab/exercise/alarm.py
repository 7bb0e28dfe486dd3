"""The alarm: ends code that holds the thread, where a time-out of asyncio would never come to its turn."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from wirelab.exercise.answer import Place, running


class Stuck(BaseException):
    """The thread was held for too long; no `except Exception` of an answer may swallow this."""


@contextmanager
def alarm(seconds: float) -> Iterator[list[Place]]:
    """Raise Stuck in the task that holds the main thread after `seconds` (POSIX only).

    Gives a list, which is filled with what ran when the alarm rang.
    """
    held: list[Place] = []
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield held
        return

    def ring(_number: int, frame: FrameType | None) -> None:
        if asyncio.current_task() is not None:  # outside a task the loop itself would die of it
            held.extend(running(frame))
            raise Stuck

    handler = signal.signal(signal.SIGALRM, ring)
    timer = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield held
    finally:
        signal.setitimer(signal.ITIMER_REAL, *timer)
        signal.signal(signal.SIGALRM, handler)
