"""The board: two servers, a middlebox before each with the same rules and one trace, and four clients."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from wirelab.address import port_of, url
from wirelab.clients import Node
from wirelab.middlebox import Middlebox
from wirelab.process import Child
from wirelab.trace import Trace
from wirelab.widgets.scene import Scene, Server
from wirelab.widgets.switchboard.lines import Tracks
from wirelab.widgets.switchboard.parties import (
    PATIENCE,
    BrowserParty,
    Lamp,
    Party,
    Phase,
    Way,
    node_party,
    python_party,
    websockets_party,
)
from wirelab.widgets.switchboard.switches import Panel

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one client saw."""

    client: str
    lamp: Lamp

    @property
    def saw(self) -> str:
        """What it saw, in the end."""
        late = self.lamp.phase is Phase.CONNECTING
        return f"not connected after {PATIENCE:g} s" if late else self.lamp.saw

    def __str__(self) -> str:
        return f"{self.lamp.phase} {self.client:<17}{self.lamp.transport or '–':<11}{self.saw}"


class Outcomes(tuple[Outcome, ...]):
    """What every client saw, a line each."""

    def __repr__(self) -> str:
        return "\n".join(map(str, self))


class Board:
    """Clients, cables, rules and servers. Open it with `bench.start("board", Board())`.

    `server` is the one that the Socket.IO clients talk to, or its port; without one, an official server of
    the board's own. It answers the event `message` with the same event. `transports` are those that these
    clients may use; without them, their own. `Wire(board.cable)` shows all that passes, of all clients.
    """

    def __init__(self, server: object = None, transports: Sequence[str] | None = None) -> None:
        self.panel = Panel()
        self._server = server
        if server is not None:
            port_of(server)  # complain now
        theirs = "socket.io on Node" if server is None else "your own"
        self.servers = {"echo server": "websockets", "Socket.IO server": theirs}
        self.trace = Trace()
        self._tracks = Tracks(self.trace)
        self.said = "Every switch is off: the middlebox passes everything on."
        self.browser = BrowserParty(self._seen)
        self._node = Node()
        self.clients: dict[str, Party] = {
            party.name: party
            for party in (
                websockets_party(self._seen),
                self.browser,
                node_party(self._node, self._seen, transports),
                python_party(self._seen, transports),
            )
        }
        self._listeners: list[Callable[[], None]] = []
        self._doing: dict[str, asyncio.Task[None]] = {}
        self._ways: dict[bool, tuple[Middlebox, object]] = {}
        self._running = AsyncExitStack()

    async def __aenter__(self) -> Self:
        enter = self._running.enter_async_context
        echo = await enter(
            serve(_echo, "127.0.0.1", 0, compression=None, ping_interval=None, close_timeout=0.2)
        )
        socketio = self._server
        if socketio is None:
            socketio = await enter(Child.node(str(_HERE / "node_server.mjs")))
        await enter(self._node)
        for name, raw, server in zip(self.servers, (True, False), (echo, socketio), strict=True):
            self._ways[raw] = await enter(Middlebox(server, self.panel.rules, trace=self.trace)), server
            self.trace.server_names[port_of(server)] = name
        self._running.callback(self.trace.listen(self._tell))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.reset()
        await self._running.aclose()
        self._ways.clear()

    @property
    def cable(self) -> Middlebox:
        """The middlebox of the raw clients; its trace is everybody's."""
        return self._way(raw=True)[0]

    @property
    def scene(self) -> Scene:
        """Who is connected to whom now."""
        flows = [flow for box, _ in self._ways.values() for flow in box.flows]
        rules = self.panel.rules
        return Scene(
            tuple(self._tracks.lines(self.clients.values(), flows, rules)),
            tuple(rule.words for rule in rules) or ("passes everything on",),
            tuple(Server(name, about) for name, about in self.servers.items()),
        )

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after each change and whatever passes; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def turn_on(self, name: str) -> str:
        """Turn a switch on, for live connections too; returns the sentence that says what changed."""
        return self._lay(self.panel.turn_on(name))

    def turn_off(self, name: str) -> str:
        """Turn a switch off, for live connections too; returns the sentence that says what changed."""
        return self._lay(self.panel.turn_off(name))

    async def connect(self, name: str) -> None:
        """Have one client leave and connect anew."""
        party = self.clients[name]
        box, server = self._way(party.raw)
        proxied = "ExplicitProxy" in self.panel
        way = Way(port_of(server), url(box, scheme="http")) if proxied else Way(box.port)
        await self._do(party, party.connect(way))

    async def send(self, name: str) -> None:
        """Have one client send a message on the connection that it has, and wait for its echo."""
        party = self.clients[name]
        await self._do(party, party.send())

    async def try_all(self) -> Outcomes:
        """Have every client connect anew and send a message; returns what each of them saw."""
        await asyncio.gather(*(self.connect(name) for name in self.clients))
        return await self.send_all()

    async def send_all(self) -> Outcomes:
        """Have every client that is connected send a message; returns what each of them saw."""
        connected = [name for name, party in self.clients.items() if party.connected]
        await asyncio.gather(*(self.send(name) for name in connected))
        heard = [name for name in connected if self.clients[name].lamp.phase is Phase.OPEN]
        self.say(f"An echo came back to {' and '.join(heard) or 'nobody'}.")
        return Outcomes(Outcome(name, party.lamp) for name, party in self.clients.items())

    async def reset(self) -> None:
        """Turn every switch off and have every client leave."""
        await asyncio.gather(*(self._do(party, party.close()) for party in self.clients.values()))
        self.panel.clear()
        self._lay("Every switch is off, every client has left.")

    def _way(self, raw: bool) -> tuple[Middlebox, object]:
        if raw not in self._ways:
            raise ConnectionError(
                'The board does not run: start it with `await bench.start("board", Board())`.'
            )
        return self._ways[raw]

    async def _do(self, party: Party, action: Coroutine[Any, Any, None]) -> None:
        """Let a client do one thing; what it was doing is over."""
        if before := self._doing.get(party.name):
            before.cancel()
            await asyncio.wait([before])
        task = self._doing[party.name] = asyncio.create_task(action)
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()

    def _lay(self, said: str) -> str:
        for box, _ in self._ways.values():
            box.rules = self.panel.rules
        self.say(said)
        return said

    def _seen(self, party: Party) -> None:
        self.say(f"{party.name}: {party.lamp.saw}.")

    def say(self, said: str) -> None:
        """Tell everybody who listens what just happened."""
        self.said = said
        self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()


async def _echo(websocket: ServerConnection) -> None:
    with suppress(ConnectionClosed):
        async for message in websocket:
            await websocket.send(message)
