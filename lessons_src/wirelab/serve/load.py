"""The handmade server for load generators, with the heartbeats that it has by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from handmade.l08_meet_socketio import Packet, Type, encode
from wirelab.serve.stages import stage

NEWS = "n" * 64


@asynccontextmanager
async def serve_load(port: int = 0, lesson: int | None = None) -> AsyncIterator[Any]:
    """Serve a stage of the handmade server on 127.0.0.1.

    `echo` with one argument comes back as `echo`, `eack` is acknowledged with its argument (by a stage that
    has acknowledgements), `cast` emits `news` with 64 letters to everyone.
    """
    io = stage(lesson)()
    everyone: set[Any] = set()
    text = encode(Packet(Type.EVENT, ["news", NEWS]))

    def cast() -> None:
        if hasattr(io, "emit"):
            io.emit("news", NEWS)
            return
        for socket in everyone:  # what a stage without broadcasts can do: encode once, and send to each
            socket.client.write(text)

    def connected(socket: Any) -> None:
        everyone.add(socket)
        socket.on("disconnect", lambda reason: everyone.discard(socket))
        socket.on("echo", lambda value: socket.emit("echo", value))
        socket.on("eack", lambda value, *answers: [answer(value) for answer in answers])
        socket.on("cast", cast)

    io.on("connection", connected)
    async with io.listen(port) as listening:
        yield listening
