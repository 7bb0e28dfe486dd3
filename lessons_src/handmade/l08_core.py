"""Lesson 08, built from lessons/08_meet_socketio.py: edit there, not here."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any


class Emitter:
    """Remembers the handlers of events, and calls them."""

    def __init__(self) -> None:
        self.handlers: dict[object, list[Callable[..., Any]]] = {}

    def on(self, event: str, handler: Callable[..., Any] | None = None) -> Any:
        """Have `handler` called with the arguments of each such event; without one, a decorator."""
        if handler is None:
            return lambda handler: self.on(event, handler)
        self.handlers.setdefault(event, []).append(handler)
        return handler

    async def fire(self, event: object, *arguments: object) -> None:
        """Call the handlers of an event; one that fails is logged, and stops nobody else."""
        for handler in tuple(self.handlers.get(event, ())):
            try:
                result = handler(*arguments)
                if asyncio.iscoroutine(result):
                    await result
            except Exception:
                logging.getLogger("handmade").exception("A handler of the event %r failed.", event)


class Line:
    """What a client's handlers still have to hear, in order. How to start a task is handed in."""

    def __init__(self, start: Callable[..., asyncio.Task[Any]]) -> None:
        self.start = start
        self.worker: asyncio.Task[Any] | None = None
        self.events: list[tuple[Emitter, tuple[object, ...]]] = []

    def tell(self, emitter: Emitter, *event: object) -> None:
        """Have the handlers of an event called, after those of all events before."""
        self.events.append((emitter, event))
        if not self.worker:
            self.worker = self.start(self.work())

    async def work(self) -> None:
        """Call the handlers, for one event after the other, up to the last."""
        try:
            for emitter, event in self.events:  # what comes meanwhile is its turn, too
                await emitter.fire(*event)
        finally:
            self.events, self.worker = [], None

    async def catch_up(self) -> None:
        """Wait for the handlers, if they are far behind."""
        if self.worker and len(self.events) > 256:
            await asyncio.wait([self.worker])
