"""The handmade server, on its guard: packets are counted, and strangers make room for one another."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from wirelab.classroom.doors import Refuse
from wirelab.classroom.limits import Bucket, Limits
from wirelab.classroom.stage import Engine, ProtocolError, Server, Session

UNPOLLED = 200
"""Packets that the server keeps for somebody who polls."""


class GuardedSession(Session):
    """A session whose packets are counted."""

    bucket: Bucket
    refuse: Refuse

    def receive(self, packet: str | bytes) -> None:
        """Act on a packet of the client. Raises ProtocolError, also if they come too fast."""
        if not self.bucket.take():
            self.refuse("floods")
            raise ProtocolError("too many packets in too short a time")
        try:
            super().receive(packet)
        except ProtocolError:
            self.refuse("speaks no Socket.IO")
            raise


class GuardedEngine(Engine):
    """Sessions for many behind one address: a stranger who says nothing makes room for a new one."""

    session_type = GuardedSession
    limits: Limits
    refuse: Refuse

    def forbids(self, request: web.Request) -> bool:
        """Whether the request's page is foreign."""
        is_foreign = bool(super().forbids(request))
        if is_foreign:
            self.refuse("a page of another site")
        elif not request.query.get("sid"):
            self._make_room(request.remote)
        return is_foreign

    def open(self, request: web.Request) -> Any:
        """A new session."""
        session = super().open(request)
        loop, limits = asyncio.get_running_loop(), self.limits
        session.bucket = Bucket(limits.packets_per_second, limits.packets_at_once, loop.time)
        session.refuse = self.refuse
        return session

    def look_for_full(self) -> None:
        """End the sessions of those who do not fetch what is kept for them."""
        for session in tuple(self.sessions.values()):
            if len(session.outbox.packets) > UNPOLLED:
                self.refuse("takes nothing of what it is sent")
                session.end("transport error")

    def _make_room(self, address: str | None) -> None:
        strangers = [sid for sid, whose in self.strangers.items() if whose == address]
        if len(strangers) >= self.limits.strangers_per_address:
            self.refuse("too many strangers")
            self.sessions[strangers[0]].end("transport error")


class GuardedServer(Server):
    """A server of these limits; `refuse(why)` hears of all that is not let through."""

    engine_type = GuardedEngine
    engine: GuardedEngine

    def __init__(self, limits: Limits, refuse: Refuse) -> None:
        super().__init__(
            max_http_buffer_size=limits.message_bytes,
            ping_interval=limits.ping_interval,
            ping_timeout=limits.ping_timeout,
            connect_timeout=limits.stranger_seconds,
            body_timeout=limits.stranger_seconds,
            max_strangers=limits.strangers_per_address + 1,
            max_unanswered=8,
        )
        self.engine.limits, self.engine.refuse = limits, refuse
