"""The handmade Socket.IO server as it stood after a lesson, with the official JavaScript client.

From lesson 11 on, whether a client comes back by itself is judged with our own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

from handmade.l16_who_is_there import ConnectError
from handmade.l18_core import Recovery
from handmade.redis_line import Redis
from wirelab.address import url
from wirelab.boss.subject import PASSWORD, Client, Missing, Subject, Visitor
from wirelab.boss.subjects.socketio import HEARTBEAT, SocketIOClient, auth_of
from wirelab.clients import Event, HandmadeClient, Kind, Node, Options, State
from wirelab.process import RedisServer
from wirelab.serve import make, stage, stages

POLLING, RETURN, BINARY, ACKNOWLEDGEMENTS, ROOMS, NAMESPACES, SESSIONS = 9, 11, 12, 13, 14, 15, 16
CLUSTER = 19
"""The lessons that build them."""

SETTINGS: dict[str, object] = {"ping_interval": 1, "ping_timeout": 2}


def chat(io: Any) -> None:
    """The boss's chat in the handmade API, as far as the stages have what it needs; see socketio.py."""
    for endpoint in [io, io.of("/news")] if hasattr(io, "of") else [io]:
        endpoint.on("connection", partial(_welcome, endpoint))
        if hasattr(endpoint, "use"):
            endpoint.use(_ask_for_password)


def _ask_for_password(socket: Any) -> None:
    auth = socket.handshake["auth"]
    if auth.get("password") != PASSWORD:
        raise ConnectError("no strangers")
    socket.data["kept"] = [auth["name"], None]


def _welcome(endpoint: Any, socket: Any) -> None:
    def echo(message: object, *confirm: Any) -> None:
        socket.emit("message", message)
        for answer in confirm:
            answer()

    def join(room: str, confirm: Any) -> None:
        socket.join(room)
        confirm()

    def tell(room: str | None, message: object, confirm: Any) -> None:
        (endpoint if room is None else endpoint.to(room)).emit("message", message)
        confirm()

    def remember(text: str, confirm: Any) -> None:
        socket.data["kept"][1] = text
        confirm()

    for handler in (echo, join, tell, remember):
        socket.on(handler.__name__, handler)
    socket.on("recall", lambda confirm: confirm(socket.data["kept"]))


class ClientOfAStage(SocketIOClient):
    """The official client. What the stage does not have is missing, and not asked for."""

    lesson: int

    def _transports(self, visitor: Visitor) -> list[str] | None:
        is_early = self.lesson < POLLING and not visitor.old_browser
        return ["websocket"] if is_early else super()._transports(visitor)

    async def send(self, message: object) -> None:
        if self.lesson < BINARY and isinstance(message, dict):
            raise Missing("There is no ready way to send an image: the server takes text alone.")
        await super().send(message)

    async def confirm(self, message: object, patience: float) -> None:
        await self._from(ACKNOWLEDGEMENTS).confirm(self, message, patience)

    async def join(self, room: str) -> None:
        await self._from(ROOMS).join(self, room)

    async def tell(self, room: str | None, message: object) -> None:
        await self._from(ROOMS).tell(self, room, message)

    async def endpoint(self, name: str) -> Client:
        return await self._from(NAMESPACES).endpoint(self, name)

    async def remember(self, text: str) -> None:
        await self._from(SESSIONS).remember(self, text)

    async def recall(self) -> object:
        return await self._from(SESSIONS).recall(self)

    def answer_for_its_return(self) -> None:
        if self.lesson < RETURN:
            raise Missing(
                "The server ended and came back, and so did the official client. Ours is not written yet."
            )

    def _from(self, lesson: int) -> type[Client]:
        """Who knows what to do: the official client from that lesson on; before, it is missing."""
        return SocketIOClient if self.lesson >= lesson else Client


class OurClient(Client):
    """The client of lesson 11."""

    def __init__(self) -> None:
        super().__init__()
        self._client = HandmadeClient("client")
        self._client.listen(self._take)

    async def connect(self, port: int, visitor: Visitor, patience: float) -> None:
        quick = Options(reconnection_delay=0.1, reconnection_delay_max=0.2, auth=auth_of(visitor))
        await self._client.connect(port, quick)
        await self._client.connected(patience)

    async def send(self, message: object) -> None:
        await self._client.emit("echo", message)

    async def close(self) -> None:
        await self._client.close()

    def _take(self, event: Event) -> None:
        self.connected = self._client.state is State.CONNECTED
        if event.kind is Kind.RECEIVED and event.name == "message":
            self.inbox.append(event.data[1])


def handmade(lesson: int | None = None) -> Subject:
    """The server as it stood after a lesson, in the kernel's loop; without a number, after the last one.

    Raises LookupError for a lesson that leaves no server behind.
    """
    server, number = stage(lesson), max(stages()) if lesson is None else lesson
    node = Node()

    class ClientOfThatTime(ClientOfAStage):
        lesson = number

    settings = SETTINGS | {"connection_state_recovery": Recovery()}

    @asynccontextmanager
    async def start(port: int, **more: object) -> AsyncIterator[object]:
        io = make(server, settings | more)
        chat(io)
        async with io.listen(port) as listening:
            yield listening

    @asynccontextmanager
    async def start_two() -> AsyncIterator[Sequence[object]]:
        # A Redis for each pair: on one that they share, the pairs of two scenarios would be one cluster.
        async with AsyncExitStack() as stack:
            redis = await stack.enter_async_context(RedisServer.best())
            lines = [Redis(url(redis, scheme="redis")) for _ in range(2)]
            yield [await stack.enter_async_context(start(0, adapter=line)) for line in lines]

    return Subject(
        f"our own server after lesson {number:02}",
        start,
        lambda: ClientOfThatTime(node),
        HEARTBEAT,
        equipment=[node],
        start_two=start_two if number >= CLUSTER else None,
        returning=OurClient if number >= RETURN else None,
    )
