"""The gap board in a notebook: hands the buttons to the model, and the page what became of each number."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Self

import anywidget
import traitlets

from wirelab.clients import OFFICIAL, Page, official_client
from wirelab.page import Message, in_this_loop, script, stylesheet
from wirelab.widgets.gap_board.drawing import draw
from wirelab.widgets.gap_board.lane import MARKS, Lane
from wirelab.widgets.gap_board.model import PAGE, PATIENCE, Gaps

BATCH_SECONDS = 1 / 30
SHOWN = 60
"""So many numbers the page is told of; it shows as many as fit."""
_HERE = Path(__file__).parent


class GapBoard(anywidget.AnyWidget):
    """Numbers flow to clients of four servers. Pull their cable: who gets later what was said meanwhile?

    Start it with `board = await bench.start("board", GapBoard)`. The page that shows it is a client too.
    """

    _esm = script(_HERE / "gap_board.js")
    _css = stylesheet(_HERE / "gap_board.css", ".wl-gaps")
    official_client = traitlets.Unicode().tag(sync=True)

    def __init__(self) -> None:
        super().__init__(official_client=official_client())
        self.page = Page(self.send, self._page_changed)
        self.model = Gaps(self.page.client(PAGE, OFFICIAL))
        self._loop = asyncio.get_running_loop()
        self._due: asyncio.TimerHandle | None = None
        self._pressing: set[asyncio.Task[None]] = set()
        self.on_msg(in_this_loop(self._take))

    async def press(self, button: str) -> None:
        """Press "step", "play" (which also stops), "pull", "cut", "plug" or "reset"."""
        await self.model.press(button)

    async def wait(self, what: str, timeout: float = PATIENCE) -> None:
        """Return once all are "connected", or have "lost" their line. Raises TimeoutError, ValueError."""
        await self.model.wait(what, timeout)

    def table(self) -> str:
        """A line for everybody: what became of each number."""
        return self.model.table()

    async def __aenter__(self) -> Self:
        self.model.listeners.append(self._plan)
        await self.model.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.model.__aexit__()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        return {**data, **draw(self.model)._repr_mimebundle_()}, metadata

    def _take(self, message: Message) -> None:
        match message:
            case {"type": "press", "button": str(button)}:
                task = self._loop.create_task(self._pressed(button))
                self._pressing.add(task)
                task.add_done_callback(self._pressing.discard)
            case {"type": "show"}:
                self._plan()
            case _:
                self.page.take(message)
                self._plan()

    async def _pressed(self, button: str) -> None:
        """A button in the page: what goes wrong is said where it was pressed."""
        try:
            await self.press(button)
        except Exception as failure:
            self.model.say(f"That did not work: {type(failure).__name__}: {failure}")

    def _page_changed(self) -> None:
        self.model.page_changed(self.page)

    def _plan(self) -> None:
        if self._due is None:
            self._due = self._loop.call_later(BATCH_SECONDS, self._send_state)

    def _send_state(self) -> None:
        self._due = None
        model = self.model
        self.send(
            {
                "type": "state",
                "said": model.notice,
                "line": model.line,
                "flowing": model.is_flowing,
                "refusals": dict(model.refusals),
                "lanes": [self._lane(lane) for lane in model.lanes.values()],
            }
        )

    def _lane(self, lane: Lane) -> dict[str, Any]:
        numbers = range(1, self.model.said + 1)[-SHOWN:] if lane.here else ()
        cells = [(number, lane.fate(number)) for number in numbers]
        return {
            "name": lane.name,
            "about": lane.about,
            "words": lane.words,
            "outcome": lane.outcome,
            "cells": [
                {"text": f"{MARKS[fate]}{number}", "fate": fate.name.lower(), "words": f"{number}: {fate}"}
                for number, fate in cells
            ],
        }
