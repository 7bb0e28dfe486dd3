"""The switchboard in a notebook: hands clicks to the board, and to the page what the board says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import anywidget

from wirelab.clients import Page
from wirelab.page import Message, in_this_loop, script, stylesheet
from wirelab.trace import now
from wirelab.widgets.switchboard.board import Board
from wirelab.widgets.switchboard.drawing import draw
from wirelab.widgets.switchboard.switches import GROUPS, SWITCHES

BATCH_SECONDS = 1 / 30
_HERE = Path(__file__).parent


class Switchboard(anywidget.AnyWidget):
    """The picture of a board, with a switch for each rule and buttons for each client.

    The page that shows it is the board's fourth client.
    """

    _esm = script(_HERE / "switchboard.js")
    _css = stylesheet(_HERE / "switchboard.css", ".wl-board")

    def __init__(self, board: Board) -> None:
        super().__init__()
        self.board = board
        self.page = Page(self.send, self._page_changed)
        self._browser = self.page.client("browser")
        self._unlisten: Callable[[], None] | None = None
        self._due = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()
        self.on_msg(in_this_loop(self._take))

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        return {**data, **draw(self.board)._repr_mimebundle_()}, metadata

    def _take(self, message: Message) -> None:
        board = self.board
        match message:
            case {"type": "turn", "name": str(name), "on": bool(on)}:
                (board.turn_on if on else board.turn_off)(name)
            case {"type": "connect", "name": str(name)}:
                self._start(board.connect(name))
            case {"type": "send", "name": str(name)}:
                self._start(board.send(name))
            case {"type": "try_all"}:
                self._start(board.try_all())
            case {"type": "send_all"}:
                self._start(board.send_all())
            case {"type": "reset"}:
                self._start(board.reset())
            case _:
                self.page.take(message)
                self._plan()

    def watch(self) -> None:
        """Tell of each change from now on, also while no page is known."""
        self._unlisten = self._unlisten or self.board.listen(self._plan)

    def _page_changed(self) -> None:
        """A page shows the board, another one than before, or none any more."""
        if self.page.present:
            self.watch()
            self.board.browser.appear(self.page, self._browser)
        else:
            self.board.browser.vanish(self.page)
            if self._unlisten is not None:
                self._unlisten()
                self._unlisten = None
        self._plan()

    def _start(self, action: Coroutine[Any, Any, object]) -> None:
        task = self._loop.create_task(self._run(action))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, action: Coroutine[Any, Any, object]) -> None:
        try:
            await action
        except (ConnectionError, ChildProcessError) as stopped:
            self.board.say(str(stopped))

    def _plan(self) -> None:
        if not self._due:
            self._due = True
            self._loop.call_later(BATCH_SECONDS, self._send_state)

    def _send_state(self) -> None:
        self._due = False
        board = self.board
        self.send(
            {
                "type": "state",
                "said": board.said,
                "scene": board.scene.message(),
                "clients": [
                    {
                        "name": party.name,
                        "label": party.label,
                        "phase": party.lamp.phase.name,
                        "mark": party.lamp.phase,
                        "transport": party.lamp.transport,
                        "saw": party.lamp.saw,
                        "seconds": now() - party.lamp.since,
                    }
                    for party in board.clients.values()
                ],
                "groups": [
                    {
                        "name": group,
                        "switches": [
                            {"name": switch.name, "does": switch.does, "on": switch.name in board.panel}
                            for switch in SWITCHES.values()
                            if switch.group == group
                        ],
                    }
                    for group in GROUPS
                ],
            }
        )
