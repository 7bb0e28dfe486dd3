"""Clients, a cable and a server: how they connect, and what each end of each connection reports."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any, Self

from wirelab.address import port_of
from wirelab.clients import Client, Event, JavaScriptClient, Kind, Node, Options, Page, PythonSocketIOClient
from wirelab.middlebox import Middlebox
from wirelab.process import Child
from wirelab.trace import now
from wirelab.waiting import eventually, until
from wirelab.widgets.heartbeats.ends import ABOUT, ANN, BOB, BROWSER, SAID, Belief, Cost, End, Stethoscope

PATIENCE = 15.0
"""Seconds: more than the longest interval and time-out together."""
OPENING_TIME = 3.0
NOT_RUNNING = "The panel is not running: run its cell again."
IN_ORDER = "A new server and new connections: everything is in order."
_SERVER = Path(__file__).with_name("server.py")


class Connections:
    """Three clients of a handmade server, which pings them. Open it with `async with`.

    `interval` and `timeout` are in seconds. The client in the page is there only if a page is.
    """

    def __init__(self, interval: float, timeout: float) -> None:
        self.interval, self.timeout = interval, timeout
        self.clients = {name: End(SAID[name], about) for name, about in ABOUT.items()}
        self.handlers = {
            name: End(f"server's handler of {SAID[name]}", "the handmade server, in a process of its own")
            for name in ABOUT
        }
        self.running = self.pulled = self.frozen = False
        self.listeners: list[Callable[[], None]] = []
        self._what, self._noticed = NOT_RUNNING, list[str]()
        self._busy = asyncio.Lock()
        self._page: Page | None = None
        self._libraries: dict[str, Client] = {}
        self._tasks: set[asyncio.Task[object]] = set()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            reports = await asyncio.start_server(self._serve_reports, "127.0.0.1", 0)
            stack.callback(reports.close)
            self.server = await stack.enter_async_context(Child.python(str(_SERVER), str(port_of(reports))))
            self.cable = await stack.enter_async_context(Middlebox(self.server))
            self._stethoscope = Stethoscope(self.cable.trace)
            node = await stack.enter_async_context(Node())
            for name, client in ((ANN, node.client(ANN)), (BOB, PythonSocketIOClient(BOB))):
                self._listen_to(name, client)
            stack.push_async_callback(self._disconnect)
            self.running = True
            await self._connect()
            self._stack = stack.pop_all()
        self.say(IN_ORDER)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.running = False
        for task in tuple(self._tasks):
            task.cancel()
        await self._stack.aclose()
        self.say(NOT_RUNNING)

    @property
    def ends(self) -> list[End]:
        """Each client, and after it the server's end of its connection."""
        return [end for name in ABOUT for end in (self.clients[name], self.handlers[name])]

    @property
    def page_is_here(self) -> bool:
        """Whether a page shows the panel."""
        return self._page is not None and self._page.present

    @property
    def cost(self) -> Cost | None:
        """What one heartbeat takes, as it passed on the wire; None before the first."""
        self.listen_to_hearts()
        return self._stethoscope.cost

    def listen_to_hearts(self) -> None:
        """Note who has heard whom until now."""
        self._stethoscope.listen(self.clients, self.handlers)

    def say(self, what: str) -> None:
        """Tell everybody who listens what happened."""
        self._what = what
        self.tell()

    def tell(self) -> None:
        """Tell everybody who listens that something has changed."""
        for listener in tuple(self.listeners):
            listener()

    # How they begin and end

    async def _connect(self) -> None:
        here = [name for name in ABOUT if name != BROWSER or self.page_is_here]
        for name in here:
            await self._connect_one(name)
        sides = [side[name] for side in (self.clients, self.handlers) for name in here if name != BROWSER]
        await until(lambda: all(end.belief is Belief.OPEN for end in sides), PATIENCE)
        if BROWSER in here:
            await eventually(lambda: self.clients[BROWSER].belief is Belief.OPEN, OPENING_TIME)

    async def _connect_one(self, name: str) -> None:
        """Have a client connect with its name, over WebSocket, and not come back by itself."""
        options = Options(transports=["websocket"], reconnection=False, auth={"name": name})
        with contextlib.suppress(ConnectionError):  # a page that has gone
            await self._libraries[name].connect(self.cable, options)

    async def _disconnect(self) -> None:
        self.cable.rules = []
        self.server.kill()
        self.pulled = self.frozen = False
        for name, client in self._libraries.items():
            if name != BROWSER:
                await client.close()
        with contextlib.suppress(TimeoutError):  # a page that sleeps
            await self.cable.quiet(1)
        for end in self.ends:
            end.forget()
        self._noticed.clear()

    # What they report

    def page_changed(self, page: Page, client: JavaScriptClient) -> None:
        """A page shows the panel, another one than before, or none any more."""
        self.clients[BROWSER].forget()
        if self._libraries.get(BROWSER) is not client:
            self._listen_to(BROWSER, client)
        self._page = page
        if page.present:
            self._run(self._welcome())
        self.tell()

    async def _welcome(self) -> None:
        """Have a new page connect, unless something is broken: then it does with the next reset."""
        async with self._busy:
            is_new = self.clients[BROWSER].belief is Belief.NONE and self.page_is_here
            if is_new and self.running and not self.pulled and not self.frozen:
                await self._connect_one(BROWSER)

    def _listen_to(self, name: str, client: Client) -> None:
        self._libraries[name] = client
        client.listen(partial(self._take, self.clients[name]))

    def _take(self, end: End, event: Event) -> None:
        """What a client observed itself."""
        match event.kind:
            case Kind.CONNECTED:
                end.belief = Belief.OPEN
            case Kind.DISCONNECTED:
                self._over(end, f"disconnect, {event.text}")
            case Kind.LEFT:
                end.forget()
        self.tell()

    def _over(self, end: End, reason: str) -> None:
        self.listen_to_hearts()
        if end.belief is Belief.OPEN:
            end.ends(reason, now())
            self._noticed.append(end.name)

    async def _serve_reports(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hand a new server process its settings, and take its reports until it ends."""
        settings = {"ping_interval": self.interval, "ping_timeout": self.timeout}
        writer.write(json.dumps(settings).encode() + b"\n")
        with contextlib.suppress(ConnectionError):
            async for line in reader:
                name, event, reason = json.loads(line)
                if event == "open" and name in self.handlers:
                    self.handlers[name].begins()
                elif name in self.handlers:
                    self._over(self.handlers[name], f"disconnect, {reason}")
                self.tell()
        writer.close()

    def _run(self, errand: Coroutine[Any, Any, object]) -> None:
        task = asyncio.get_running_loop().create_task(errand)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
