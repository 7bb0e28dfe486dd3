"""The doors of the class: its TCP connections, of which only so many may be there and do nothing."""

from __future__ import annotations

import asyncio
import math
import socket
from collections import Counter
from collections.abc import Callable
from typing import Any

from wirelab.classroom.limits import Limits

SYSTEM_KEEPS = 64 * 1024
"""Bytes on their way out that the system keeps for a connection; left alone, it takes megabytes."""
STOOD_STILL, CLEARING = 1.5, 2.0
"""Seconds without a look around are a freeze; so long after it, those are sent away who gave up meanwhile."""
Refuse = Callable[[str], object]


class Door(asyncio.Protocol):
    """One TCP connection. It hands all on to HTTP, and knows whether a request is under way."""

    transport: asyncio.Transport
    address = ""
    patience: asyncio.TimerHandle | None = None

    def __init__(self, http: asyncio.Protocol, doors: Doors) -> None:
        self._http, self._doors = http, doors

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody has come."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        peer = transport.get_extra_info("peername")
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SYSTEM_KEEPS)
        self.address = peer[0] if peer else ""
        self._http.connection_made(transport)
        self._doors.enter(self)

    def data_received(self, data: bytes) -> None:
        """Bytes have come."""
        self._http.data_received(data)

    def eof_received(self) -> bool | None:
        """The other end sends no more."""
        return self._http.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._doors.leave(self)
        self._http.connection_lost(exc)

    def pause_writing(self) -> None:
        """The other end takes nothing at the moment."""
        self._http.pause_writing()

    def resume_writing(self) -> None:
        """It does again."""
        self._http.resume_writing()


class Doors:
    """All connections. Of the idle ones, that which has been so for longest makes room for a new one."""

    def __init__(self, limits: Limits, refuse: Refuse) -> None:
        self._limits, self._refuse = limits, refuse
        self._open: dict[Door, None] = {}
        self._idle: dict[Door, None] = {}
        self._idle_of: Counter[str] = Counter()
        self._looked, self._clearing_until = math.inf, -math.inf

    def __len__(self) -> int:
        return len(self._open)

    def enter(self, door: Door) -> None:
        """A connection has been made."""
        self._open[door] = None
        if len(self._open) > self._limits.connections:
            self._make_room(door, "too many connections")
            return
        self.rest(door)

    def begin(self, door: Door) -> None:
        """A request has come whole."""
        if door in self._idle:
            del self._idle[door]
            self._idle_of[door.address] -= 1
        if door.patience:
            door.patience.cancel()

    def rest(self, door: Door) -> None:
        """It waits for a request. It has not for ever."""
        if door not in self._open or door in self._idle:
            return
        if self._idle_of[door.address] >= self._limits.idle_per_address:
            oldest = next(each for each in self._idle if each.address == door.address)
            self._make_room(oldest, "too many connections that ask for nothing")
        self._idle[door] = None
        self._idle_of[door.address] += 1
        loop = asyncio.get_running_loop()
        door.patience = loop.call_later(self._limits.idle_seconds, self._grow_impatient, door)

    def leave(self, door: Door) -> None:
        """A connection has ended."""
        self.begin(door)
        self._open.pop(door, None)
        self._idle_of += Counter()  # without the addresses that have none any more

    def look_for_full(self) -> None:
        """End the connections to those who take nothing of what is sent to them; call it all the time."""
        now = asyncio.get_running_loop().time()
        if now - self._looked > STOOD_STILL:
            self._clearing_until = now + CLEARING
        self._looked = now
        for door in tuple(self._open):
            if door.transport.get_write_buffer_size() > self._limits.unread_bytes:
                self._send_away(door, "takes nothing of what it is sent")

    def _grow_impatient(self, door: Door) -> None:
        """It was idle for too long; a browser's spare connection is no offence."""
        door.transport.abort()

    def _make_room(self, door: Door, why: str) -> None:
        """Send one of many away. After a freeze it is not told: pupils' pages had tried, and gave up."""
        if asyncio.get_running_loop().time() > self._clearing_until:
            self._refuse(why)
        self._end(door)

    def _send_away(self, door: Door, why: str) -> None:
        self._refuse(why)
        self._end(door)

    def _end(self, door: Door) -> None:
        self.begin(door)
        door.transport.abort()


def door_of(request: Any) -> Door | None:
    """The door through which a request came, if it is still there."""
    transport = request.transport
    door = transport.get_protocol() if transport else None
    return door if isinstance(door, Door) else None
