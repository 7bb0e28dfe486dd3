"""The four clients, and what each of them shows: its lamp tells what it observes itself, and since when."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from wirelab.clients import (
    Absent,
    Client,
    Event,
    JavaScriptClient,
    Kind,
    Node,
    Options,
    Page,
    PythonSocketIOClient,
    WebSocketsClient,
)
from wirelab.trace import now
from wirelab.waiting import eventually

PATIENCE = 2.0
"""Seconds after which what has not happened is called silence."""
_SETTLING_TIME = PATIENCE + 0.25
"""Seconds for a connection to stand or to fail: a little more than the time-out of `websockets` here."""
_NODE_TIMEOUT = 60.0
NOT_SENT = " · nothing to send on: connect first"
NOT_SENT_YET = " · nothing to send on yet"
PROXIED = " · through Jupyter's proxy"


class Phase(StrEnum):
    """What a client's lamp shows; the value is its mark."""

    IDLE = "○"
    CONNECTING = "…"
    OPEN = "✓"
    SENT = "→"
    SILENT = "?"
    DOWN = "✗"
    ABSENT = "–"


@dataclass(frozen=True, slots=True)
class Lamp:
    """What a client knows of its connection: its phase, the transport if it has one, and what it saw last.

    `since` is when that began, in Unix seconds.
    """

    phase: Phase
    transport: str
    saw: str
    since: float = 0.0


IDLE = Lamp(Phase.IDLE, "", "not connected")
ABSENT = Lamp(Phase.ABSENT, "", "absent: no page shows the board")


@dataclass(frozen=True, slots=True)
class Way:
    """Where a client connects: a port of this machine, and the proxy that it was told to use."""

    port: int
    proxy: str | None = None


class Party:
    """One client on the board. It tries once and never comes back by itself: that is another lesson's.

    `tried` is when it last began to connect, `fine` when all was well for the last time, in Unix seconds.
    """

    def __init__(
        self,
        client: Client,
        label: str,
        options: Options,
        changed: Callable[[Party], None],
    ) -> None:
        self.name = client.name
        self.raw = client.raw
        self.label = label
        self.lamp = IDLE
        self.tried = self.fine = 0.0
        self._client = client
        self._options = options
        self._changed = changed
        self._count = 0
        self._heard = ""
        client.listen(self._take)

    @property
    def connected(self) -> bool:
        """Whether it has a connection, as far as it knows."""
        return self.lamp.phase in (Phase.OPEN, Phase.SENT, Phase.SILENT)

    async def connect(self, way: Way) -> None:
        """Drop the old connection and open a new one; returns once it stands, has failed, or is too slow."""
        self._count = 0
        self.tried = self.fine = now()
        options = Options(**{**vars(self._options), "proxy": way.proxy})
        await self._client.connect(way.port, options)
        await eventually(lambda: self._client.settled, _SETTLING_TIME)

    async def send(self) -> None:
        """Send a numbered hello; returns once it has come back, or patience is over."""
        if not self.connected:
            lamp = self.lamp
            note = NOT_SENT_YET if lamp.phase is Phase.CONNECTING else NOT_SENT
            self.show(lamp.phase, f"{lamp.saw.removesuffix(note)}{note}", since=lamp.since)
            return
        self._count += 1
        text = f"Hello {self._count}"
        self._heard = ""
        sent = now()
        self.show(Phase.SENT, f'sent "{text}", no echo yet', since=sent)
        with contextlib.suppress(ConnectionError):  # then it has seen why, and shows it
            await self._client.send(text)
        await eventually(lambda: self._heard == text or not self.connected, PATIENCE)
        if self.lamp.phase is Phase.SENT:
            self.show(Phase.SILENT, f'sent "{text}", nothing came back', since=sent)

    async def close(self) -> None:
        """Leave, whatever state the connection is in."""
        await self._client.close()

    def show(self, phase: Phase, saw: str, since: float | None = None) -> None:
        """Show a new observation, made now or at `since`."""
        self.lamp = Lamp(phase, self._client.transport, saw, now() if since is None else since)
        if phase in (Phase.OPEN, Phase.SENT):
            self.fine = self.lamp.since
        self._changed(self)

    def _take(self, event: Event) -> None:
        match event.kind:
            case Kind.TRYING:
                self.show(Phase.CONNECTING, "waiting for an answer")
            case Kind.CONNECTED:
                self.show(Phase.OPEN, self._opened(event))
            case Kind.UPGRADED | Kind.NOT_UPGRADED if self.lamp.phase is Phase.OPEN:
                self.show(Phase.OPEN, str(event))
            case Kind.RECEIVED:
                self._heard = str(event.data[-1])
                self.show(Phase.OPEN, f'heard "{self._heard}"')
            case Kind.FAILED | Kind.DISCONNECTED:
                self.show(Phase.DOWN, self._ended(event))
            case Kind.LEFT:
                self.lamp = IDLE

    def _opened(self, event: Event) -> str:
        return "connected"

    def _ended(self, event: Event) -> str:
        code = "" if event.code is None else f" {event.code}"
        return f"{event.name}{code}: {event.text}"


def websockets_party(changed: Callable[[Party], None]) -> Party:
    """A task with the client of `websockets`."""
    return Party(WebSocketsClient("websockets"), "Python · WebSocket", Options(timeout=PATIENCE), changed)


def python_party(changed: Callable[[Party], None], transports: Sequence[str] | None) -> Party:
    """Tasks with the client of python-socketio."""
    client = PythonSocketIOClient("python-socketio")
    options = Options(reconnection=False, transports=transports)
    return Party(client, "Python · Socket.IO", options, changed)


def node_party(node: Node, changed: Callable[[Party], None], transports: Sequence[str] | None) -> Party:
    """The official JavaScript client, in a process of Node."""
    options = Options(reconnection=False, timeout=_NODE_TIMEOUT, transports=transports)
    return Party(node.client("socket.io-client"), "Node · Socket.IO", options, changed)


class BrowserParty(Party):
    """The WebSocket of the page that shows the board; absent where no page does."""

    def __init__(self, changed: Callable[[Party], None]) -> None:
        self._page: Page | None = None
        self._unlisten: Callable[[], None] = lambda: None
        super().__init__(_Nobody("browser"), "this page · WebSocket", Options(), changed)
        self.raw = True
        self.lamp = ABSENT

    def appear(self, page: Page, client: JavaScriptClient) -> None:
        """A page shows the board now, and this is the client in it."""
        self._unlisten()
        self._page, self._client = page, client
        self._unlisten = client.listen(self._take)
        self.show(IDLE.phase, IDLE.saw)

    def vanish(self, page: Page) -> None:
        """That page does not show the board any more."""
        if page is self._page:
            self._page = None
            self.show(ABSENT.phase, ABSENT.saw)

    async def connect(self, way: Way) -> None:
        if self._page is None:
            self.show(ABSENT.phase, ABSENT.saw)
            return
        with contextlib.suppress(Absent):
            if way.proxy:
                await self._client.close()
                self.show(Phase.IDLE, "a page cannot name a proxy: the browser's settings do")
            else:
                await super().connect(way)

    async def close(self) -> None:
        if self._page is not None:
            with contextlib.suppress(Absent):
                await self._client.close()

    def _take(self, event: Event) -> None:
        if self._page is not None:
            super()._take(event)

    def _opened(self, event: Event) -> str:
        return f"onopen{self._way_there}"

    def _ended(self, event: Event) -> str:
        failed = "onerror, " if event.kind is Kind.FAILED else ""
        return f'{failed}onclose: code {event.code}, reason "{event.reason}"{self._way_there}'

    @property
    def _way_there(self) -> str:
        return "" if self._page is None or self._page.direct else PROXIED


class _Nobody(Client):
    """The client of a page that is not there."""

    library, raw = "WebSocket", True
