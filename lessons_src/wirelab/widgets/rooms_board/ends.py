"""The server, a cable for each client, and the clients: how they connect, and what all of them report."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, Self

from wirelab.clients import Client, Event, Kind, Node, Options
from wirelab.middlebox import Middlebox
from wirelab.trace import Trace
from wirelab.waiting import eventually, until
from wirelab.widgets.rooms_board.aim import EVENT, ROOMS, in_order
from wirelab.widgets.rooms_board.crowd import Crowd
from wirelab.widgets.rooms_board.host import Host
from wirelab.widgets.rooms_board.member import PAGE, Member, members
from wirelab.widgets.rooms_board.round import Round, Sent
from wirelab.widgets.rooms_board.wires import Wires

PATIENCE = 10.0
"""Seconds for a connection to stand."""
NOT_RUNNING = "The board is not running: run its cell again."
START = {
    "Ann": ("gold",),
    "Bob": ("gold", "silver"),
    "Cleo": ("silver",),
    "Dan": ("silver", "copper"),
    "Eve": ("gold", "copper"),
}
"""Where everyone is at first."""


class Ends:
    """Everyone with a connection, and the server's rooms. Open it with `async with`.

    `interval` and `timeout` are the heartbeat's, in seconds. `start` says who is in which rooms at first.
    """

    def __init__(
        self,
        eve: Client,
        finn: Client,
        start: Mapping[str, Iterable[str]],
        interval: float,
        timeout: float,
        crowd: int = 0,
    ) -> None:
        self.interval, self.timeout = interval, timeout
        self.trace = Trace()
        self.wires = Wires(self.trace)
        self.host = Host(interval, timeout, self._hear_server)
        self.crowd = Crowd(crowd, self._hear_crowd)
        self._node = Node()
        self.members = members(self._node, eve, finn)
        for name, rooms in start.items():
            self._member(name).start = in_order(rooms)
        self.running = False
        self.round: Round | None = None
        self.listeners: list[Callable[[], None]] = []
        self.crowd_listener: Callable[[dict[str, Any]], None] = lambda report: None
        self.said = NOT_RUNNING
        self._busy = asyncio.Lock()
        self._errands: set[asyncio.Task[None]] = set()
        for member in self.members.values():
            member.client.listen(partial(self._hear_client, member))

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.host)
            for member in self.members.values():
                member.cable = await stack.enter_async_context(Middlebox(self.host, trace=self.trace))
            await stack.enter_async_context(self._node)
            await stack.enter_async_context(self.crowd)
            stack.push_async_callback(self._everyone_leaves)
            self.running = True
            await self._everyone_connects()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.running = False
        for errand in tuple(self._errands):
            errand.cancel()
        await self._stack.aclose()
        self.say(NOT_RUNNING)

    def say(self, said: str) -> None:
        """Tell everybody who listens what happened."""
        self.said = said
        self.tell()

    def tell(self) -> None:
        """Tell everybody who listens that something has changed."""
        for listener in tuple(self.listeners):
            listener()

    def page_changed(self, is_here: bool) -> None:
        """A page shows the board, another one than before, or none any more."""
        for member in self.members.values():
            if member.kind == PAGE:
                member.here = is_here
        if is_here and self.running:
            self._run(self._welcome())
        self.tell()

    # How they come and go

    async def _everyone_connects(self) -> None:
        for member in self.members.values():
            if member.here:
                await self._connect(member)
        await self.crowd.join(self.host.port)

    async def _connect(self, member: Member) -> None:
        """Have a client connect with its name, over WebSocket, and not come back by itself."""
        options = Options(transports=["websocket"], reconnection=False, auth={"name": member.name})
        with contextlib.suppress(ConnectionError):  # a page that has gone
            await member.client.connect(member.cable, options)
            await until(lambda: member.key is not None and member.connected, PATIENCE)
        if not member.is_placed and member.key is not None:
            member.is_placed = True
            await self._place(member, member.start)

    async def _welcome(self) -> None:
        """Let the clients of a new page in."""
        async with self._busy:
            for member in self.members.values():
                if self.running and member.here and member.kind == PAGE and not member.pulled:
                    with contextlib.suppress(TimeoutError):  # a page that sleeps
                        await self._connect(member)

    async def _everyone_leaves(self) -> None:
        for member in self.members.values():
            member.plug()
            if member.here:
                with contextlib.suppress(ConnectionError):
                    await member.client.close()

    async def _place(self, member: Member, rooms: Iterable[str]) -> str:
        """Have the server put a client's socket into exactly these rooms; returns what passed meanwhile."""
        before, packets = member.rooms, self.wires.packets(member.name)
        member.rooms = await self.host.move(member.name, list(rooms))
        passed = self.wires.packets(member.name) - packets
        said = f"{passed} packets passed" if passed else "no packet passed"
        for room in (room for room in ROOMS if (room in before) is not (room in member.rooms)):
            verb = "leave" if room in before else "join"
            self.wires.note(member.name, f'socket.{verb}("{room}") at the server: {said}')
        self.tell()
        return said

    # What they report

    def _hear_server(self, report: dict[str, Any]) -> None:
        match report:
            case {"event": "in", "who": str(name), "key": str(key)} if name in self.members:
                member = self.members[name]
                member.key, member.rooms, member.lost = key, [], ""
            case {"event": "out", "who": str(name), "key": str(key)} if name in self.members:
                if self.members[name].key == key:
                    self._lose(self.members[name], report["reason"])
            case {"event": "sent", "text": str(text)}:
                if self.round is not None and self.round.text == text:
                    self.round.sent = Sent(
                        report["members"], report["written"], report["packets"], report["crowd"]
                    )
                    self._settle()
        self.tell()

    def _lose(self, member: Member, reason: str) -> None:
        """The server has lost a socket, and with it its places in all rooms."""
        left = f", and takes {member.name} out of {' and '.join(member.rooms)}" if member.rooms else ""
        member.key, member.rooms, member.lost = None, [], reason
        self.wires.note(member.name, f"the server has given it up: {reason}")
        if self.running:
            self.say(f"The server has lost {member.name} ({reason}){left}.")

    def _hear_client(self, member: Member, event: Event) -> None:
        current = self.round
        if event.kind is Kind.RECEIVED and current is not None and event.data == (EVENT, current.text):
            current.heard.append(member.name)
            self._settle()
        self.tell()

    def _hear_crowd(self, report: dict[str, Any]) -> None:
        if self.round is not None and self.round.text == report["text"]:
            self.round.crowd_heard = self.crowd.heard_count
        self.crowd_listener(report)

    def _settle(self) -> None:
        """Something came after the end of a round: say how it stands now."""
        if self.round is not None and self.round.over:
            self.say(self.round.summary(self.unheard))

    @property
    def unheard(self) -> list[str]:
        """To whom the last message was written without being heard."""
        current = self.round
        if current is None or current.sent is None:
            return []
        return sorted(set(current.sent.written).difference(current.heard))

    async def _heard(self, current: Round, patience: float) -> None:
        """Return once the server has sent, and everyone who can has heard; or patience is over."""

        def has_reached() -> bool:
            return current.has_reached([name for name, each in self.members.items() if each.reachable])

        await eventually(has_reached, patience)

    def _member(self, name: str) -> Member:
        """The client of that name. Raises ValueError."""
        if name not in self.members:
            raise ValueError(f"There is no {name!r} here; there is: {', '.join(self.members)}.")
        return self.members[name]

    def _run(self, errand: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)
