"""The handmade server with the application that the official JavaScript client's own tests want.

The tests: socketio/socket.io, packages/socket.io-client/test; their server: test/support/server.ts.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

from aiohttp import web

from handmade.l09_long_polling_and_upgrade import site
from handmade.l16_who_is_there import ConnectError
from handmade.l18_core import Recovery
from wirelab.serve.stages import make, server_of

SETTINGS: dict[str, object] = {"ping_interval": 2.0, "connection_state_recovery": Recovery()}
"""What the tests count on, as far as a stage has it."""
DELAY = 0.01
"""Seconds that each opening request waits, so that a client can be too impatient."""
SENTENCES = ("てすと", "Я Б Г Д Ж Й", "Ä ä Ü ü ß", "utf8 — string", "utf8 — string")
NAMESPACES = ("/foo", "/abc", "/asd", "/valid", "/timeout_socket", "/no")


@asynccontextmanager
async def serve_jsclient(port: int = 0, lesson: int | None = None) -> AsyncIterator[int]:
    """Serve on 127.0.0.1 what the tests want, by a stage that has namespaces and middleware; gives the port.

    Raises LookupError for an earlier stage.
    """
    server = server_of(lesson)
    if not hasattr(server, "use"):
        raise LookupError("The official client's tests want middleware: take lesson 16 or a later one.")
    io = make(server, SETTINGS)
    fill(io)
    app = web.Application(middlewares=[later])
    io.attach(app)
    async with site(app, "127.0.0.1", port) as listening:
        yield listening


@web.middleware
async def later(request: web.Request, handler: Any) -> web.StreamResponse:
    """Let a request that opens a connection wait a moment."""
    if "sid" not in request.query:
        await asyncio.sleep(DELAY)
    response: web.StreamResponse = await handler(request)
    return response


def fill(io: Any) -> None:
    """Everything that the tests talk to."""
    io.use(
        partial(refuse, "Auth failed (main namespace)", lambda socket: "fail" in socket.handshake["query"])
    )
    io.on("connection", welcome)
    for name in NAMESPACES:
        io.of(name)
    io.of("/foo").on("connection", tell_id)
    io.of("/abc").on("connection", lambda socket: socket.emit("handshake", socket.handshake))
    io.of("/no").use(partial(refuse, "Auth failed (custom namespace)", lambda socket: True))


def refuse(message: str, is_bad: Any, socket: Any) -> None:
    """Let nobody in of whom that is true."""
    if is_bad(socket):
        raise ConnectError(message)


def tell_id(socket: Any) -> None:
    """A client may ask for its id."""
    socket.on("getId", lambda answer: answer(socket.id))


def welcome(socket: Any) -> None:
    """What the tests ask of the main namespace."""
    tell_id(socket)
    offer_values(socket)
    offer_answers(socket)
    judge_bytes(socket)


def now() -> str:
    """The time as JavaScript's JSON has it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def offer_values(socket: Any) -> None:
    """Events that bring a value of some kind back."""
    socket.on("hi", lambda: socket.emit("hi"))
    socket.on("false", lambda: socket.emit("false", False))
    socket.on("getDate", lambda: socket.emit("takeDate", now()))
    socket.on("getDateObj", lambda: socket.emit("takeDateObj", {"date": now()}))
    socket.on("doge", lambda: socket.emit("doge", b"asdfasdf"))
    socket.on("getbin", lambda: socket.emit("takebin", b"asdfasdf"))
    socket.on("getUtf8", lambda: [socket.emit("takeUtf8", sentence) for sentence in SENTENCES])


def offer_answers(socket: Any) -> None:
    """Events that are acknowledged, and one that wants to be."""

    def heard(number: object, said: Any) -> None:
        if number == 5 and said.get("test"):
            socket.emit("got it")

    socket.on("ack", lambda *answer: socket.emit("ack", heard))
    socket.on("echo", lambda value, *answer: [each(value) for each in answer])
    socket.on("getAckDate", lambda data, answer: answer(now()))
    socket.on("getHandshake", lambda answer: answer(socket.handshake))


def judge_bytes(socket: Any) -> None:
    """Events that must bring bytes, alone or among other things, in the order in which they were sent."""
    order: list[object] = []

    def say_if(event: str, is_right: bool) -> None:
        if is_right:
            socket.emit(event)

    def is_mixed(data: Any) -> bool:
        return (data["hello"], data["goodbye"]) == ("lol", "gotcha") and isinstance(data["message"], bytes)

    socket.on("buffa", lambda data: say_if("buffack", isinstance(data, bytes)))
    socket.on("blob", lambda data: say_if("back", isinstance(data, bytes)))
    socket.on("jsonbuff", lambda data: say_if("jsonbuff-ack", is_mixed(data)))
    socket.on("jsonblob", lambda data: say_if("jsonblob-ack", is_mixed(data)))
    socket.on("abuff1", order.append)
    socket.on("abuff2", lambda data: say_if("abuff2-ack", [type(each) for each in order] == [bytes]))
    socket.on("blob1", order.append)
    socket.on("blob2", order.append)
    socket.on("blob3", lambda data: say_if("blob3-ack", isinstance(data, bytes) and order[1:] == ["second"]))
