"""The four clients. Each tells what it observes itself: its own exceptions, codes, transport and answers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import socketio  # type: ignore[import-untyped]
from aiohttp import ClientSession
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from wirelab.process.peer import Peer
from wirelab.process.spawning import NODE

PATIENCE = 2.0
"""Seconds after which what has not happened is called silence."""
LEAVING_TIME = 0.2
"""Seconds that a client has for its goodbye."""
_HERE = Path(__file__).parent


class Phase(StrEnum):
    """What a client's lamp shows; the value is its mark."""

    IDLE = "○"
    CONNECTING = "…"
    OPEN = "✓"
    SILENT = "?"
    DOWN = "✗"
    ABSENT = "–"


@dataclass(frozen=True, slots=True)
class Lamp:
    """What a client knows of its connection: its phase, the transport if it has one, and what it saw last."""

    phase: Phase
    transport: str
    saw: str


IDLE = Lamp(Phase.IDLE, "", "not connected")
ABSENT = Lamp(Phase.ABSENT, "", "absent: no page shows the board")


@dataclass(frozen=True, slots=True)
class Way:
    """Where a client connects: a port of this machine, and the proxy that it was told to use."""

    port: int
    proxy: str | None = None


class Party:
    """One client on the board. It tries once and never comes back by itself: that is another lesson's."""

    name: str
    library: str
    raw: bool

    def __init__(self, changed: Callable[[Party], None]) -> None:
        self.lamp = IDLE
        self._changed = changed
        self._answered = asyncio.Event()
        self._awaited = ""
        self._settled = asyncio.Event()
        self._attempt = 0
        self._count = 0

    @property
    def connected(self) -> bool:
        """Whether it has a connection, as far as it knows."""
        return self.lamp.phase in (Phase.OPEN, Phase.SILENT)

    async def connect(self, way: Way) -> None:
        """Drop the old connection and open a new one; returns once it stands, has failed, or is too slow."""
        await self.close()
        self._settled.clear()
        self.see(Phase.CONNECTING, "waiting for an answer")
        await self._open(way)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._settled.wait(), PATIENCE)
        if self.lamp.phase is Phase.CONNECTING:
            self.see(Phase.CONNECTING, f"not connected after {PATIENCE:g} s")

    async def send(self) -> None:
        """Send a numbered hello; returns once it has come back, or patience is over."""
        if not self.connected:
            self.see(self.lamp.phase, f"{self.lamp.saw.removesuffix(NOT_SENT)}{NOT_SENT}")
            return
        self._count += 1
        text = self._awaited = f"Hello {self._count}"
        self._answered.clear()
        await self._emit(text)
        try:
            await asyncio.wait_for(self._answered.wait(), PATIENCE)
        except TimeoutError:
            self.see(Phase.SILENT, f'sent "{text}", nothing came back', self.lamp.transport)

    async def close(self) -> None:
        """Leave, whatever state the connection is in."""
        self._attempt += 1
        self._count = 0
        await self._leave()
        self.lamp = IDLE

    def see(self, phase: Phase, saw: str, transport: str = "") -> None:
        """Show a new observation."""
        self.lamp = Lamp(phase, transport, saw)
        if phase is Phase.DOWN:
            self._answered.set()
        self._changed(self)

    def hear(self, text: str) -> None:
        """An echo has come, perhaps a late one."""
        self.see(Phase.OPEN, f'heard "{text}"', self.lamp.transport)
        if text == self._awaited:
            self._answered.set()

    async def _open(self, way: Way) -> None:
        raise NotImplementedError

    async def _emit(self, text: str) -> None:
        raise NotImplementedError

    async def _leave(self) -> None:
        raise NotImplementedError


NOT_SENT = " · nothing to send on: connect first"


class WebSocketsParty(Party):
    """A task with the client of `websockets`."""

    name, library, raw = "websockets", "Python · WebSocket", True

    def __init__(self, changed: Callable[[Party], None]) -> None:
        super().__init__(changed)
        self._websocket: ClientConnection | None = None
        self._reading: asyncio.Task[None] | None = None

    async def _open(self, way: Way) -> None:
        try:
            self._websocket = await connect(
                f"ws://127.0.0.1:{way.port}/",
                proxy=way.proxy,
                compression=None,
                open_timeout=PATIENCE,
                close_timeout=LEAVING_TIME,
                ping_interval=None,
                user_agent_header=self.name,
            )
        except (OSError, WebSocketException) as failure:
            self.see(Phase.DOWN, f"{type(failure).__name__}: {failure}")
        else:
            self.see(Phase.OPEN, "connected", "WebSocket")
            self._reading = asyncio.create_task(self._read(self._websocket))
        self._settled.set()

    async def _emit(self, text: str) -> None:
        assert self._websocket is not None
        with contextlib.suppress(ConnectionClosed):
            await self._websocket.send(text)

    async def _leave(self) -> None:
        if self._reading is not None and self._websocket is not None:
            self._reading.cancel()
            await self._websocket.close()
            self._reading = None

    async def _read(self, websocket: ClientConnection) -> None:
        try:
            while True:
                self.hear(str(await websocket.recv()))
        except ConnectionClosed as closed:
            self.see(Phase.DOWN, f"{type(closed).__name__} {websocket.close_code}: {closed}")


class NodeParty(Party):
    """The official JavaScript client, in a Node process of its own."""

    name, library, raw = "socket.io-client", "Node · Socket.IO", False

    def __init__(self, changed: Callable[[Party], None]) -> None:
        super().__init__(changed)
        self.process = Peer(NODE, str(_HERE / "node_client.mjs"), on_event=self._take)

    async def _open(self, way: Way) -> None:
        await self.process.call("connect", self._attempt, f"http://127.0.0.1:{way.port}", way.proxy)

    async def _emit(self, text: str) -> None:
        await self.process.call("send", text)

    async def _leave(self) -> None:
        await self.process.call("close")

    def _take(self, event: dict[str, Any]) -> None:
        saw, text, transport = event["saw"], event["text"], event["transport"]
        if event["attempt"] != self._attempt:
            return
        if saw == "message":
            self.hear(text)
        elif saw in ("connect_error", "disconnect"):
            self.see(Phase.DOWN, f"{saw}: {text}")
        else:
            self.see(
                Phase.OPEN,
                "connected" if saw == "connect" else f"{saw}: {text}".removesuffix(": "),
                transport,
            )
        if saw != "connect":
            self._settled.set()


class PythonSocketIOParty(Party):
    """A task with the client of python-socketio."""

    name, library, raw = "python-socketio", "Python · Socket.IO", False

    def __init__(self, changed: Callable[[Party], None]) -> None:
        super().__init__(changed)
        self._client: Any = None
        self._session: ClientSession | None = None
        self._opening: asyncio.Task[None] | None = None

    async def _open(self, way: Way) -> None:
        self._session = ClientSession(headers={"User-Agent": self.name}, proxy=way.proxy)
        client = self._client = socketio.AsyncClient(reconnection=False, http_session=self._session)
        client.on("message", lambda text: self._heard(client, text))
        client.on("disconnect", lambda reason: self._ended(client, reason))
        self._opening = asyncio.create_task(self._connect(client, f"http://127.0.0.1:{way.port}"))

    async def _connect(self, client: Any, url: str) -> None:
        try:
            await client.connect(url)
        except Exception as failure:
            self.see(Phase.DOWN, f"{type(failure).__name__}: {failure}")
        else:
            self.see(Phase.OPEN, "connected", client.transport())
        self._settled.set()

    async def _emit(self, text: str) -> None:
        with contextlib.suppress(socketio.exceptions.SocketIOError):
            await self._client.send(text)

    async def _leave(self) -> None:
        client, self._client = self._client, None
        if client is None or self._opening is None or self._session is None:
            return
        self._opening.cancel()
        if client.connected:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(client.disconnect(), LEAVING_TIME)
        await self._session.close()

    def _heard(self, client: Any, text: str) -> None:
        if client is self._client:
            self.hear(text)

    def _ended(self, client: Any, reason: str) -> None:
        if client is self._client:
            self.see(Phase.DOWN, f"disconnect: {reason}")


class BrowserParty(Party):
    """The WebSocket of the page that shows the board; absent where no page does."""

    name, library, raw = "browser", "this page · WebSocket", True

    def __init__(self, changed: Callable[[Party], None]) -> None:
        super().__init__(changed)
        self._page: Callable[[dict[str, object]], None] | None = None
        self.lamp = ABSENT

    def appear(self, page: Callable[[dict[str, object]], None]) -> None:
        """A page shows the board now; `page` hands it an order."""
        self._page = page
        self.see(IDLE.phase, IDLE.saw)

    def vanish(self) -> None:
        """No page shows the board any more."""
        self._page = None
        self._attempt += 1
        self.see(ABSENT.phase, ABSENT.saw)

    def take(self, attempt: int, saw: str, text: str) -> None:
        """What the page's socket told: `onopen`, `onmessage`, `onclose`, with what came with it."""
        if attempt != self._attempt:
            return
        if saw == "onmessage":
            self.hear(text)
        elif saw == "onopen":
            self.see(Phase.OPEN, f"onopen{text}", "WebSocket")
        else:
            self.see(Phase.DOWN, f"{saw}: {text}")
        self._settled.set()

    async def connect(self, way: Way) -> None:
        if self._page is None:
            self.see(ABSENT.phase, ABSENT.saw)
        elif way.proxy:
            await self.close()
            self.see(Phase.IDLE, "a page cannot name a proxy: the browser's settings do")
        else:
            await super().connect(way)

    async def close(self) -> None:
        await super().close()
        if self._page is None:
            self.lamp = ABSENT

    async def _open(self, way: Way) -> None:
        assert self._page is not None
        self._page({"do": "connect", "attempt": self._attempt, "port": way.port})

    async def _emit(self, text: str) -> None:
        assert self._page is not None
        self._page({"do": "send", "text": text})

    async def _leave(self) -> None:
        if self._page is not None:
            self._page({"do": "close"})
