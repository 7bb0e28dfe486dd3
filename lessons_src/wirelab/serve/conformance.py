"""The handmade server with the application that the official test suites of both protocols want."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from handmade.l09_long_polling_and_upgrade import site
from handmade.l16_who_is_there import ConnectError
from handmade.l18_core import Recovery
from wirelab.serve.stages import make, server_of

SETTINGS: dict[str, object] = {
    "ping_interval": 0.3,
    "ping_timeout": 0.2,
    "connect_timeout": 1.0,
    "max_http_buffer_size": 1_000_000,
    "attachments_timeout": 1.5,
}
"""What the suites count on, as far as a stage has it."""
TOKEN, LATE = "sesame", "late"


@asynccontextmanager
async def serve_conformance(port: int = 0, lesson: int | None = None) -> AsyncIterator[Any]:
    """Serve a stage of the handmade server on 127.0.0.1: Socket.IO, and from lesson 09 on a bare Engine.IO.

    Socket.IO, at `/socket.io/`, emits `auth` with what the client said when it connected, answers `message`
    with `message-back`, acknowledges `message-with-ack`, and from lesson 14 on sends `to-all` to all there,
    as `said-to-all`; so does its namespace `/custom`, if the stage has namespaces, and `/guarded`, which
    takes its time and refuses who does not know the token, if it has middleware. Engine.IO, at `/engine.io/`,
    sends each message back. A second Socket.IO, at `/recovering/`, recovers if the stage can, and answers
    `message`.
    """
    io = make(server_of(lesson), SETTINGS)
    io.on("connection", greet)
    if hasattr(io, "of"):
        io.of("/custom").on("connection", greet)
    if hasattr(io, "use"):
        io.of("/guarded").on("connection", greet)
        io.of("/guarded").use(guard)
    if not hasattr(io, "engine"):
        async with io.listen(port) as listening:
            yield listening
        return
    app = web.Application()
    io.attach(app)
    app.router.add_route("*", "/engine.io/", io.engine_type(echo, io.options).handle)
    recovering = make(server_of(lesson), {"connection_state_recovery": Recovery()})
    recovering.on("connection", answer)
    recovering.attach(app, "/recovering/")
    async with site(app, "127.0.0.1", port) as listening:
        yield listening


def greet(socket: Any) -> None:
    """What the suite of Socket.IO asks of a server."""
    socket.emit("auth", socket.handshake["auth"])
    socket.on("message", lambda *arguments: socket.emit("message-back", *arguments))
    socket.on("message-with-ack", acknowledge)
    if hasattr(socket, "audience"):  # from lesson 14 on
        socket.on("to-all", lambda *arguments: socket.audience.emit("said-to-all", *arguments))


def answer(socket: Any) -> None:
    """Answer messages, and say nothing else."""
    socket.on("message", lambda *arguments: socket.emit("message-back", *arguments))


def acknowledge(*arguments: Any) -> None:
    """Acknowledge an event with its own arguments, if that is asked for."""
    *data, answer = arguments
    if callable(answer):
        answer(*data)


async def guard(socket: Any) -> None:
    """Let those in who know the token, after a moment; who is late is told no more than that."""
    await asyncio.sleep(0.05)
    token = socket.handshake["auth"].get("token")
    if token == LATE:
        raise ConnectError("closed today")
    if token != TOKEN:
        raise ConnectError("no strangers", data={"hint": TOKEN})


def echo(session: Any) -> None:
    """What the suite of Engine.IO asks of a server."""
    session.on_message = lambda message: session.send(
        message if isinstance(message, bytes) else f"4{message}"
    )
