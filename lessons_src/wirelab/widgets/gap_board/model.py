"""Numbers flow from four servers to their clients, and what can be done to the lines between them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from enum import StrEnum
from functools import partial
from typing import Self

from handmade.l18_nothing_lost import io
from wirelab.clients import Client, HandmadeClient, Node, Page, PythonSocketIOClient
from wirelab.middlebox import Refuse, ResetBoth, Roam, Rule
from wirelab.waiting import eventually, until
from wirelab.widgets.gap_board.lane import MARKS, Lane
from wirelab.widgets.gap_board.speakers import OFF, OFFICIAL, OURS, PYTHON, Speaker, speakers
from wirelab.widgets.presses import Presses

PATIENCE = 15.0
BEAT = 0.5
"""Seconds between two numbers while they flow."""
HEARING_TIME = 2.0
"""Seconds that a number has for arriving where a line is whole."""
NOT_RUNNING = "The board is not running: run its cell again."
PAGE = "browser"


class Line(StrEnum):
    """How the lines stand."""

    WHOLE = "whole"
    PULLED = "pulled"
    CUT = "cut"


class Gaps:
    """The board. Open it with `async with`; `page` is the official client in the page that shows it."""

    def __init__(self, page: Client) -> None:
        self.said = 0
        self.line = Line.WHOLE
        self.notice = NOT_RUNNING
        self.running = False
        self.listeners: list[Callable[[], None]] = []
        self._node = Node()
        self._speakers: dict[str, Speaker] = {}
        self._errands: set[asyncio.Task[None]] = set()
        self._flow: asyncio.Task[None] | None = None
        self._stack = AsyncExitStack()
        lane = partial(Lane, said=lambda: self.said, changed=self._changed)
        self.lanes = {
            "ours": lane("our client", "at our server", OURS, HandmadeClient("ours", io)),
            "node": lane("official client", "at our server", OURS, self._node.client("node")),
            PAGE: lane("your browser", "at our server", OURS, page),
            "official": lane(
                "official client", "at the official server", OFFICIAL, self._node.client("official")
            ),
            "off": lane("official client", "at ours, without recovery", OFF, self._node.client("off")),
            "python": lane("python-socketio", "client and server", PYTHON, PythonSocketIOClient("python")),
        }
        self.lanes[PAGE].here = False
        self._actions: dict[str, Callable[[], Awaitable[str]]] = {
            "step": self._step,
            "play": self._play,
            "pull": self._pull,
            "cut": self._cut,
            "plug": self._plug,
            "reset": self._reset,
        }
        self._presses = Presses(self._actions, self._refusal, self._act)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._node)
            for key, speaker in speakers().items():
                self._speakers[key] = await stack.enter_async_context(speaker)
            stack.push_async_callback(self._everyone_leaves)
            await self._connect()
            self._stack = stack.pop_all()
        self.running = True
        self.say("Everyone is connected. Press Play, and numbers flow, two a second.")
        return self

    async def __aexit__(self, *_: object) -> None:
        self.running = False
        self._stop()
        self._presses.call_off()
        for errand in tuple(self._errands):
            errand.cancel()
        await self._stack.aclose()
        self.say(NOT_RUNNING)

    # How it stands

    @property
    def is_flowing(self) -> bool:
        """Whether numbers come by themselves."""
        return self._flow is not None

    @property
    def refusals(self) -> Mapping[str, str]:
        """For each button that can do nothing now, why."""
        return self._presses.refusals

    @property
    def here(self) -> list[Lane]:
        """The lanes of those who are here."""
        return [lane for lane in self.lanes.values() if lane.here]

    def table(self) -> str:
        """A line for everybody: its numbers that were heard, heard later (↺) and lost (✗)."""
        lines = []
        for lane in self.lanes.values():
            cells = " ".join(f"{MARKS[lane.fate(number)]}{number}" for number in range(1, self.said + 1))
            outcome = lane.outcome and f" · {lane.outcome}"
            lines.append(f"{lane.name:15} {lane.about:25} {cells if lane.here else lane.words}{outcome}")
        return "\n".join(lines)

    def say(self, what: str) -> None:
        """Tell everybody who listens what just happened."""
        self.notice = what
        self._changed()

    def page_changed(self, page: Page) -> None:
        """A page shows the board, another one than before, or none any more. A new one connects."""
        lane = self.lanes[PAGE]
        lane.here = page.present
        lane.forget()
        if page.present and self.running:
            task = asyncio.get_running_loop().create_task(self._connect_lane(lane))
            self._errands.add(task)
            task.add_done_callback(self._errands.discard)
        self._changed()

    # What can be done

    async def press(self, button: str) -> None:
        """Do what the button of that name does; ValueError names the buttons there are."""
        await self._presses.press(button)

    async def wait(self, what: str, timeout: float = PATIENCE) -> None:
        """Return once all are "connected", or have "lost" their line. Raises TimeoutError, ValueError."""
        if what not in ("connected", "lost"):
            raise ValueError(f"Nobody can wait for {what!r}. Choose one of: connected, lost.")
        wanted = what == "connected"
        await until(lambda: all(lane.connected == wanted for lane in self.here), timeout)

    async def _act(self, button: str) -> None:
        self.say(self._refusal(button) or await self._actions[button]())

    def _refusal(self, button: str) -> str:
        if not self.running:
            return NOT_RUNNING
        is_whole = self.line is Line.WHOLE
        refusals = {
            "step": self.is_flowing and "Numbers flow already: stop them first.",
            "pull": not is_whole and "The line is broken already. Mend it first.",
            "cut": not is_whole and "The line is broken already. Mend it first.",
            "plug": is_whole and "The line is whole.",
        }
        return refusals.get(button) or ""

    async def _step(self) -> str:
        number = await self._say_next()
        connected = [lane for lane in self.here if lane.connected]
        await eventually(lambda: all(lane.heard[number] for lane in connected), HEARING_TIME)
        return f"Each server has said {number} to everybody."

    async def _play(self) -> str:
        if self._stop():
            return "The numbers have stopped."
        self._flow = asyncio.get_running_loop().create_task(self._say_all())
        return "Numbers flow, two a second. Now pull the cable."

    async def _pull(self) -> str:
        self._lay(Line.PULLED, [Roam(), Refuse()])
        return "You pulled the cable out of the clients' computers: they notice at once. No server is told."

    async def _cut(self) -> str:
        self._lay(Line.CUT, [ResetBoth()])
        return "You cut the lines in the middle: clients and servers are told, by a RST."

    async def _plug(self) -> str:
        for speaker in self._speakers.values():
            speaker.lay([rule for rule in speaker.line.rules if isinstance(rule, Roam)])  # what is dead stays
        self.line = Line.WHOLE
        return "There is a line again: the clients come back by themselves."

    async def _reset(self) -> str:
        self._stop()
        await self._everyone_leaves()
        self.said = 0
        await self._connect()
        return "Everyone is connected anew, and counting begins at 1."

    def _stop(self) -> bool:
        """Stop the numbers; whether there were any."""
        flow, self._flow = self._flow, None
        if flow:
            flow.cancel()
        return flow is not None

    async def _say_all(self) -> None:
        while True:
            await self._say_next()
            await asyncio.sleep(BEAT)

    async def _say_next(self) -> int:
        self.said += 1
        number = self.said
        for speaker in self._speakers.values():
            await speaker.say(number)
        self._changed()
        return number

    def _lay(self, line: Line, rules: list[Rule]) -> None:
        for speaker in self._speakers.values():
            speaker.lay(list(rules))
        self.line = line

    async def _connect(self) -> None:
        await asyncio.gather(*map(self._connect_lane, self.here))
        await until(lambda: all(lane.connected for lane in self.here), PATIENCE)

    async def _connect_lane(self, lane: Lane) -> None:
        with contextlib.suppress(ConnectionError):  # a page may go
            await lane.connect(self._speakers[lane.server].line)

    async def _everyone_leaves(self) -> None:
        self._lay(Line.WHOLE, [])
        for lane in self.here:
            with contextlib.suppress(ConnectionError, ChildProcessError):
                await lane.client.close()
            lane.forget()

    def _changed(self) -> None:
        for listener in self.listeners:
            listener()
