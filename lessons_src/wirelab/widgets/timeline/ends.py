"""The server, the cable and everyone at its ends: how they begin and end, and what is recorded of them."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from enum import StrEnum
from typing import Any, Self

from wirelab.clients import Client, Kind, Node, Page
from wirelab.middlebox import Middlebox
from wirelab.trace import now
from wirelab.waiting import until
from wirelab.widgets.timeline.party import NODE, PAGE, Party, parties
from wirelab.widgets.timeline.recording import CABLE, COMPUTED, ORDERS, SERVER, Entry, Lane, Recording
from wirelab.widgets.timeline.server_child import NODE as OFFICIAL_SERVER
from wirelab.widgets.timeline.server_child import child_for
from wirelab.widgets.timeline.settings import Settings
from wirelab.widgets.timeline.shadow import NAME, Shadow

PATIENCE = 15.0
"""Seconds that everyone has for connecting: the longest delay, an attempt, and some more."""
NOTICE_TIME = 4.0
"""Seconds for reading what is not recorded."""
NOT_RUNNING = "The timeline is not running: run its cell again."


class Phase(StrEnum):
    """Whether there is anything to break."""

    NEW = "not started"
    RUNNING = "running"
    CLOSED = "closed"


class Process(StrEnum):
    """How the server's process stands."""

    UP = "up"
    FROZEN = "frozen"
    DOWN = "down"


class Plug(StrEnum):
    """How the cable stands."""

    IN = "plugged in"
    PULLED = "pulled"


class Ends:
    """The lanes without a hand that breaks anything. Open it with `async with`.

    `page` is the official client in the page that shows the timeline.
    """

    def __init__(self, page: Client, server: str | int = OFFICIAL_SERVER, ours: Client | None = None) -> None:
        about, self.child = child_for(server)
        self._lane_of_server = Lane(SERVER, "server", about)
        self.settings = self.wanted = Settings()
        self.phase, self.process, self.plug = Phase.NEW, Process.DOWN, Plug.IN
        self._notice, self._noticed = NOT_RUNNING, now()
        self.listeners: list[Callable[[], None]] = []
        self._node = Node()
        self.parties = parties(self._node, page, ours, self._tell)
        self.shadow = Shadow(self._refuses, lambda: not self.broken, self._tell_computed)
        self._errands: set[asyncio.Task[None]] = set()
        self._begin_recording()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.child)
            self.cable = await stack.enter_async_context(Middlebox(self.child))
            await stack.enter_async_context(self._node)
            stack.push_async_callback(self.everyone_leaves)
            self.phase = Phase.RUNNING
            await self.connect()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.phase = Phase.CLOSED
        self.shadow.rest()
        for errand in tuple(self._errands):
            errand.cancel()
        await self._stack.aclose()
        self.say(NOT_RUNNING)

    @property
    def broken(self) -> bool:
        """Whether no message can get through now."""
        return self.process is not Process.UP or self.plug is Plug.PULLED

    @property
    def elapsed(self) -> float:
        """Seconds since the recording began."""
        return now() - self.began

    @property
    def notice(self) -> str:
        """What was said last that is not recorded, as long as somebody may be reading it."""
        fresh = self.phase is not Phase.RUNNING or now() - self._noticed < NOTICE_TIME
        return self._notice if fresh else ""

    @property
    def said(self) -> str:
        """What just happened, in a sentence or two: the last order, and what came of it."""
        return self.notice or self.recording.said()

    def say(self, what: str) -> None:
        """Tell everybody who listens something that is not recorded."""
        self._notice, self._noticed = what, now()
        self._changed()

    def page_changed(self, page: Page) -> None:
        """A page shows the timeline, another one than before, or none any more. A new one connects."""
        party = self.parties[PAGE]
        party.here = page.present
        party.forget()
        if page.present and self.phase is Phase.RUNNING:
            self._run_errand(self._connect_one(party))
        elif self.phase is Phase.RUNNING:
            self._tell(party, "gone", f"{party.subject} is not here: no page shows the timeline.")
        self._changed()

    # How connections begin and end

    async def connect(self) -> None:
        """Begin a recording, and have everyone who is here connect with the parameters that are wanted."""
        self.settings = self.wanted
        self._begin_recording()
        self.order("start", "A new server, the cable plugged in, and everyone connects.")
        self.server_is(Process.UP)
        self.cable_is(Plug.IN)
        here = [party for party in self.parties.values() if party.here]
        await asyncio.gather(*map(self._connect_one, here))
        await until(lambda: all(party.settled for party in here if party.here), PATIENCE)

    async def _connect_one(self, party: Party) -> None:
        with contextlib.suppress(ConnectionError):  # a page may go
            await party.connect(self.cable, self.settings)

    async def everyone_leaves(self) -> None:
        self.cable.rules = []
        self.child.kill()
        self.process = Process.DOWN
        await asyncio.gather(*map(self._leave, self.parties.values()))
        with contextlib.suppress(TimeoutError):  # a page that sleeps
            await self.cable.quiet(1)

    async def _leave(self, party: Party) -> None:
        with contextlib.suppress(ConnectionError, ChildProcessError):
            if party.here:
                await party.client.close()
        party.forget()

    # What is recorded

    def _begin_recording(self) -> None:
        self.began = now()
        lanes = [self._lane_of_server, Lane(CABLE, "cable", "")]
        for party in self.parties.values():
            lanes.append(party.lane)
            if party.key == NODE:
                lanes.append(Lane(COMPUTED, NAME, "computed, same seed"))
        self.recording = Recording(lanes, self.settings.in_sight())

    def _record(self, lane: str, kind: str, state: str, said: str, **details: Any) -> None:
        self.recording.add(Entry(round(self.elapsed, 3), lane, kind, state, said, **details))
        self._changed()

    def order(self, button: str, said: str) -> None:
        self._noticed = -math.inf
        self._record(ORDERS, button, "", said)

    def server_is(self, process: Process, said: str = "") -> None:
        self.process = process
        self._record(SERVER, process, process, said)

    def cable_is(self, plug: Plug) -> None:
        self.plug = plug
        self._record(CABLE, plug, plug, "")

    def _tell(self, party: Party, kind: str, said: str, delay: float | None = None) -> None:
        if self.phase is not Phase.RUNNING or kind == Kind.LEFT:
            return
        if self.process is not Process.DOWN and not self.child.running:
            self.server_is(Process.DOWN, "The server's process has ended, and nobody here ended it.")
        waits = kind == Kind.WAITING
        self._record(
            party.key,
            kind,
            party.state,
            said,
            delay=delay,
            unjittered=self.settings.unjittered()(party.attempt, 0.0) if waits else None,
            attempt=party.attempt,
            transport=party.client.transport,
            kept=party.kept,
            sent=party.sent,
            echoed=party.echoed,
            refused=party.refused,
        )
        if party.key == NODE:
            self._cast_shadow(kind)

    def _cast_shadow(self, kind: str) -> None:
        if kind == Kind.DISCONNECTED:
            self.shadow.lost(self.settings.unjittered())
        elif kind == Kind.CONNECTED and self.recording.last(COMPUTED) is None:
            self.shadow.connected()

    def _tell_computed(
        self, kind: str, state: str, said: str, attempt: int = 0, delay: float | None = None
    ) -> None:
        self._record(COMPUTED, kind, state, said, attempt=attempt, delay=delay)

    def _refuses(self) -> bool:
        return self.process is Process.DOWN and self.plug is Plug.IN

    def _changed(self) -> None:
        for listener in self.listeners:
            listener()

    def _run_errand(self, errand: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)
