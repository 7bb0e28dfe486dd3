"""A bench for one scenario: its servers, middleboxes and clients, all gone when it is over."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, Self, TypeVar

from wirelab.address import port_of
from wirelab.boss.subject import Client, Subject, Visitor
from wirelab.decode import Decoder, Layer
from wirelab.middlebox import Middlebox, Rule
from wirelab.trace import Direction, Event, Leg
from wirelab.waiting import PATIENCE, eventually

T = TypeVar("T")

CLOSING_TIME = 2.0


class Lab:
    """Starts what a scenario needs, and closes it all, the latest first."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.boxes: list[Middlebox] = []
        self._stack = AsyncExitStack()
        self._servers: dict[int, AsyncExitStack] = {}
        self._count = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def server(self, port: int = 0) -> int:
        """Start the subject's server and return its port."""
        server, running = await self._enter(self.subject.start(port))
        self._servers[port_of(server)] = running
        return port_of(server)

    async def stop(self, port: int) -> None:
        """End the server at that port."""
        await _bounded(self._servers.pop(port).aclose)

    async def two_servers(self) -> list[int]:
        """Start two servers for the same customers and return their ports."""
        servers, _ = await self._enter(self.subject.two())
        return [port_of(server) for server in servers]

    async def box(self, server: int, *rules: Rule) -> Middlebox:
        """Put a middlebox before a server."""
        box, _ = await self._enter(Middlebox(server, rules))
        self.boxes.append(box)
        return box

    async def client(
        self, where: object, visitor: Visitor | None = None, make: Callable[[], Client] | None = None
    ) -> Client:
        """Connect a client to a port or a middlebox. Raises ConnectionError if it does not get in."""
        self._count += 1
        client = (make or self.subject.client)()
        self._stack.push_async_callback(_bounded, client.close)
        await client.connect(port_of(where), visitor or Visitor(f"client {self._count}"), PATIENCE)
        return client

    async def talks(self, where: object, visitor: Visitor | None = None) -> bool:
        """Whether a new client gets in there, and then an answer."""
        try:
            return await answered(await self.client(where, visitor), "Hello")
        except ConnectionError:
            return False

    async def _enter(self, manager: AbstractAsyncContextManager[T]) -> tuple[T, AsyncExitStack]:
        running = AsyncExitStack()
        self._stack.push_async_callback(_bounded, running.aclose)
        return await running.enter_async_context(manager), running


async def _bounded(close: Callable[[], Coroutine[Any, Any, object]]) -> None:
    """Close, but do not wait for ever: a thing that hangs must not hang the review."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(close(), CLOSING_TIME)


async def answered(client: Client, message: object) -> bool:
    """Send, and say whether the same message comes back, as the next one."""
    before = len(client.inbox)
    await client.send(message)
    return await eventually(lambda: len(client.inbox) > before) and client.inbox[before] == message


def server_let_go(box: Middlebox, after: float) -> bool:
    """Whether the server has ended a connection through the box since then: FIN, RST or a close frame.

    `after` is a time of the trace: polls that ended before do not count.
    """
    ended = any(
        record.leg is Leg.SERVER
        and record.direction is Direction.DOWN
        and record.event in (Event.FIN, Event.RST)
        and record.time > after
        for record in box.trace
    )
    goodbyes = (unit for unit in units(box, Leg.SERVER, Layer.WEBSOCKET) if unit.kind == "close")
    return ended or any(unit.time > after for unit in goodbyes)


def statuses(box: Middlebox) -> list[str]:
    """The status of each HTTP answer that clients got through the box: `400 Bad Request`."""
    return [unit.summary for unit in units(box, Leg.CLIENT, Layer.HTTP)]


def units(box: Middlebox, leg: Leg, layer: Layer) -> Sequence[Any]:
    """What the server sent over that leg, decoded at that layer."""
    decoder = Decoder(box.trace)
    decoder.update()
    return [u for u in decoder.units if u.leg is leg and u.direction is Direction.DOWN and u.layer is layer]
