"""The server, the cable, the clients at both ends, and what each of them reports."""

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
from wirelab.clients import Client, Event, JavaScriptClient, Kind, Options, Page, WebSocketsClient
from wirelab.middlebox import Middlebox
from wirelab.process import Child
from wirelab.trace import now
from wirelab.waiting import eventually, until
from wirelab.widgets.outage_panel.party import BROWSER, CLIENTS, Belief, Panel, Party

PATIENCE = 10.0
OPENING_TIME = 3.0
"""Seconds that a page has for opening its WebSocket; so long a button waits for it."""
_SERVER = Path(__file__).with_name("server.py")


class Ends:
    """Both ends of each connection, the server and the cable. Open it with `async with`.

    A client called "browser" belongs to the page; without a page it is not there.
    """

    def __init__(self) -> None:
        self.clients = {name: Party(name, about) for name, (about, _) in CLIENTS.items()}
        self.clients[BROWSER] = Party("your browser", "JavaScript, new WebSocket(url)")
        self.handlers = {
            name: Party(f"server's handler of {party.name}", "waits in recv(), sends no pings")
            for name, party in self.clients.items()
        }
        self.panel = Panel.NEW
        self.frozen = False
        self.asked = False
        self.pulled = False
        self.noticed: list[str] = []
        self.listeners: list[Callable[[], None]] = []
        self._reporting = False
        self._since: float | None = None
        self._page: Page | None = None
        self._page_connecting = 0.0
        self._libraries: dict[str, Client] = {}
        for name in CLIENTS:
            self._listen_to(name, WebSocketsClient(name))
        self._errands: set[asyncio.Task[object]] = set()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            reports = await asyncio.start_server(self._listen, "127.0.0.1", 0)
            stack.callback(reports.close)
            self.server = await stack.enter_async_context(Child.python(str(_SERVER), str(port_of(reports))))
            self.cable = await stack.enter_async_context(Middlebox(self.server))
            stack.push_async_callback(self.end_connections)
            await self.connect()
            self._stack = stack.pop_all()
        self.panel = Panel.RUNNING
        return self

    async def __aexit__(self, *_: object) -> None:
        self.panel = Panel.CLOSED
        for errand in tuple(self._errands):
            errand.cancel()
        await self._stack.aclose()
        self._since = None

    # How they are now

    @property
    def parties(self) -> list[Party]:
        """The clients, then the server's handlers."""
        return [*self.clients.values(), *self.handlers.values()]

    @property
    def running(self) -> bool:
        """Whether the server's process exists, frozen or not: its end also ends its line of reports."""
        return self._reporting

    @property
    def broken(self) -> bool:
        """Whether no message can get through now."""
        return self.pulled or self.frozen or not self.running

    @property
    def elapsed(self) -> float | None:
        """Seconds since the last outage began; None if nothing has happened yet."""
        return None if self._since is None else now() - self._since

    @property
    def page_is_here(self) -> bool:
        """Whether a page shows the panel."""
        return self._page is not None and self._page.present

    def mistaken(self, party: Party) -> bool:
        """Whether it believes in a connection that carries nothing, or whose other end is gone."""
        return party.belief is Belief.OPEN and (self.broken or self.ghost(party))

    def ghost(self, party: Party) -> bool:
        """Whether it is a handler whose client has given up."""
        pairs = zip(self.handlers.values(), self.clients.values(), strict=True)
        return any(party is handler and client.belief is Belief.CLOSED for handler, client in pairs)

    # How they begin and end

    async def connect(self) -> None:
        """Connect everyone who is here, and wait until both ends know of it."""
        for name, (_, heartbeat) in CLIENTS.items():
            options = Options(endpoint=f"/{name}", extra=heartbeat)
            await self._libraries[name].connect(self.cable, options)
        await self.connect_browser()
        await self.page_connects()
        here = [name for name, one in self.clients.items() if name in CLIENTS or one.belief is Belief.OPEN]
        ends = [side[name] for side in (self.clients, self.handlers) for name in here]
        await until(lambda: all(end.belief is Belief.OPEN for end in ends), PATIENCE)

    async def connect_browser(self) -> None:
        """Have the page connect, if there is one."""
        if not self.page_is_here:
            return
        self.clients[BROWSER].belief = Belief.CONNECTING
        self._page_connecting = now()
        self.tell()
        with contextlib.suppress(ConnectionError):  # then the page has gone
            await self._libraries[BROWSER].connect(self.cable, Options(endpoint=f"/{BROWSER}"))

    async def page_connects(self) -> None:
        """Give the page's WebSocket the time to open, if it is about to."""
        left = self._page_connecting + OPENING_TIME - now()
        await eventually(lambda: self.clients[BROWSER].belief is not Belief.CONNECTING, max(left, 0))

    async def end_connections(self) -> None:
        """End the server, the connections and what is left of them."""
        self.cable.rules = []
        self.server.kill()
        self.pulled = False
        for client in self._libraries.values():
            if isinstance(client, WebSocketsClient):
                client.abort()
                await client.close()
        await until(lambda: not self.running, PATIENCE)
        with contextlib.suppress(TimeoutError):  # a page that sleeps
            await self.cable.quiet(1)

    def begin_outage(self) -> None:
        """The clock starts; who has noticed an earlier outage keeps what it noticed."""
        self._since = now()
        self.noticed.clear()

    # What they report

    def page_changed(self, page: Page, client: JavaScriptClient) -> None:
        """A page shows the panel, another one than before, or none any more.

        Its WebSocket connects now if nothing is broken, else after the next reset.
        """
        self.clients[BROWSER].forget()
        if self._libraries.get(BROWSER) is not client:
            self._listen_to(BROWSER, client)
        self._page = page
        if page.present and self.panel is Panel.RUNNING and not self.broken:
            self._run_errand(self.connect_browser())
        self.tell()

    def _listen_to(self, name: str, client: Client) -> None:
        self._libraries[name] = client
        client.listen(partial(self._take, self.clients[name], client))

    def _take(self, party: Party, client: Client, event: Event) -> None:
        """What a client observed itself."""
        if client not in self._libraries.values():  # that of a page before this one
            return
        match event.kind:
            case Kind.CONNECTED:
                self._note(party, "open", "")
            case Kind.SENT:
                self._note(party, "sent", "")
            case Kind.RECEIVED:
                self._note(party, "heard", "")
            case Kind.LEFT:
                self._note(party, "left", "")
            case Kind.FAILED | Kind.DISCONNECTED if client.name == BROWSER:
                self._note(party, "closed", f"onclose: code {event.code}, wasClean {_js(event.clean)}")
            case Kind.FAILED | Kind.DISCONNECTED:
                self._note(party, "closed", f"{event} (close_code {event.code})")

    def _note(self, party: Party, event: str, how: str) -> None:
        match event:
            case "open":
                party.belief = Belief.OPEN
            case "left":
                party.belief = Belief.NONE
            case "sent":
                party.sent += 1
            case "heard":
                party.heard += 1
            case "closed" if party.belief in (Belief.OPEN, Belief.CONNECTING):
                party.belief, party.noticed, party.after = Belief.CLOSED, how, self.elapsed
                self.noticed.append(party.name)
                if party is self.handlers[BROWSER] and self._page is not None and self._page.present:
                    self._run_errand(self._page.check())  # it may have gone without a word
        self.tell()

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The reports of one server process, until it ends."""
        self._reporting = True
        with contextlib.suppress(ConnectionError):
            async for line in reader:
                number, name, event, how = json.loads(line)
                handler = self.handlers[name]
                if event == "open":
                    handler.forget()
                    handler.number = number
                if handler.number == number:
                    self._note(handler, event, how)
        writer.close()
        self.server_ended()
        self.tell()

    def server_ended(self) -> None:
        """The server's process is gone, however it went."""
        self._reporting = self.frozen = self.asked = False
        for handler in self.handlers.values():
            if handler.belief is Belief.OPEN:
                handler.belief = Belief.LOST

    def tell(self) -> None:
        """Tell everybody who listens that something has changed."""
        for listener in self.listeners:
            listener()

    def _run_errand(self, errand: Coroutine[Any, Any, object]) -> None:
        task = asyncio.get_running_loop().create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)


def _js(value: bool | None) -> str:
    return str(value).lower()
