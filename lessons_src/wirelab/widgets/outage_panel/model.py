"""A real server, a real cable and real clients, and what each of them believes while something is broken."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, Self

from wirelab.address import port_of
from wirelab.clients import Client, Event, JavaScriptClient, Kind, Options, Page, WebSocketsClient
from wirelab.middlebox import Blackhole, Middlebox
from wirelab.process import Child
from wirelab.trace import now
from wirelab.waiting import eventually, until

PING = 1.0
"""Seconds: Ann's ping_interval, ping_timeout and close_timeout. The library's own are 20, 20 and 10."""
PATIENCE = 10.0
ENDING_TIME = 2.5
"""Seconds that a server has for its goodbyes."""
OPENING_TIME = 3.0
"""Seconds that a page has for opening its WebSocket; so long a button waits for it."""
ANN, BOB, BROWSER = "Ann", "Bob", "browser"
CLIENTS: dict[str, tuple[str, dict[str, Any]]] = {
    ANN: ("Python, a ping each second", {"ping_interval": PING, "ping_timeout": PING, "close_timeout": PING}),
    BOB: ("Python, without pings", {"close_timeout": PING}),
}
NOT_RUNNING = "The panel is not running: run its cell again."
ASKED = "You asked the server to end (SIGTERM)."
IT_DID = f"{ASKED} It did, and its process is gone."
_SERVER = Path(__file__).with_name("server.py")


class Panel(StrEnum):
    """Whether there is anything to break."""

    NEW = "not started"
    RUNNING = "running"
    CLOSED = "closed"


class Belief(StrEnum):
    """What a party knows of its connection."""

    NONE = "no connection"
    CONNECTING = "connecting"
    OPEN = "open"
    CLOSED = "knows that it is closed"
    LOST = "ended with its process"


@dataclass
class Party:
    """One end of one connection. `after`: seconds from the outage until it noticed; None: it has not."""

    name: str
    about: str
    belief: Belief = Belief.NONE
    noticed: str = ""
    after: float | None = None
    sent: int = 0
    heard: int = 0
    number: int = 0

    def forget(self) -> None:
        """Be as before the first connection."""
        self.belief, self.noticed, self.after = Belief.NONE, "", None
        self.sent = self.heard = self.number = 0


class Outage:
    """The server, its cable, its clients, and all that can happen to them. Open it with `async with`.

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
        self.listeners: list[Callable[[], None]] = []
        self._reporting = False
        self._what = NOT_RUNNING
        self._since: float | None = None
        self._state_since = now()
        self._shown_state = ""
        self._noticed: list[str] = []
        self._page: Page | None = None
        self._page_connecting = 0.0
        self._libraries: dict[str, Client] = {}
        for name in CLIENTS:
            self._listen_to(name, WebSocketsClient(name))
        self._busy = asyncio.Lock()
        self._acting: asyncio.Task[None] | None = None
        self._errands: set[asyncio.Task[object]] = set()
        self._actions: dict[str, Callable[[], Awaitable[str]]] = {
            "kill": self._kill,
            "stop": self._stop,
            "freeze": self._freeze,
            "thaw": self._thaw,
            "restart": self._restart,
            "pull": self._pull,
            "plug": self._plug,
            "send": self._send,
            "reset": self._reset,
        }

    # What there is to see

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
    def state(self) -> str:
        """The server and the cable in a few words."""
        server = "frozen" if self.frozen else "running" if self.running else "gone"
        asked = ", asked to end" if self.asked else ""
        return f"Server {server}{asked} · cable {'pulled' if self.pulled else 'plugged in'}"

    @property
    def state_for(self) -> float:
        """Seconds since the server and the cable are as they are."""
        return now() - self._state_since

    @property
    def refusals(self) -> dict[str, str]:
        """For each button that can do nothing now, why."""
        return {button: why for button in self._actions if (why := self._refusal(button))}

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
        return party.belief is Belief.OPEN and (self.broken or self._ghost(party))

    def words(self, party: Party) -> str:
        """What it believes, in a few words without a time."""
        if party is self.clients[BROWSER] and not self.page_is_here:
            return "not here: no page is open"
        if party.belief is not Belief.OPEN:
            return party.belief
        handler = party in self.handlers.values()
        if handler and self.frozen:
            return "frozen"
        if handler and self._ghost(party):
            return "a ghost: its client has given up"
        return "still believes it is open" if self.broken else "open"

    @property
    def said(self) -> str:
        """What happened last, and what it has done so far."""
        return f"{self._what} {self._so_far()}".strip()

    def table(self) -> str:
        """Who believes what, a line each, and below it what it noticed with."""
        wide = max(len(party.name) for party in self.parties)
        lines = []
        for party in self.parties:
            lines.append(f"{party.name:{wide}}  {self.words(party)}")
            if party.noticed:
                lines.append(f"    {party.noticed}")
        return "\n".join(lines)

    def _ghost(self, party: Party) -> bool:
        pairs = zip(self.handlers.values(), self.clients.values(), strict=True)
        return any(party is handler and client.belief is Belief.CLOSED for handler, client in pairs)

    def _so_far(self) -> str:
        said = []
        if self._since is not None:
            said.append(f"Noticed: {', '.join(self._noticed)}." if self._noticed else "Nobody has noticed.")
        mistaken = [party for party in self.clients.values() if self.mistaken(party)]
        unanswered = [party for party in self.clients.values() if party.heard < party.sent]
        if mistaken:
            said.append(f"Still believing: {_listed(mistaken)}.")
        if unanswered:
            said.append(f"No echo for: {_listed(unanswered)}.")
        return " ".join(said)

    # What can be done to it

    async def press(self, button: str) -> None:
        """Do what the button of that name does; ValueError names the buttons there are.

        What came of it stands in `said`; a button that can do nothing now says why.
        """
        if button not in self._actions:
            raise ValueError(f"There is no button {button!r}. Choose one of: {', '.join(self._actions)}.")
        async with self._busy:
            self._acting = asyncio.create_task(self._act(button))
            await asyncio.wait([self._acting])
            if not self._acting.cancelled():
                self._acting.result()

    async def _act(self, button: str) -> None:
        await self._page_connects()
        self.say(self._refusal(button) or await self._actions[button]())

    def say(self, what: str) -> None:
        """Tell everybody who listens what happened."""
        self._what = what
        self._tell()

    async def wait(self, *names: str, timeout: float = PATIENCE) -> None:
        """Return once nobody of these names believes in a connection; TimeoutError after `timeout` seconds.

        A browser that is not here believes nothing.
        """
        known = {party.name: party for party in self.parties}
        if unknown := set(names) - known.keys():
            raise ValueError(f"There is no {unknown.pop()!r} here; there is: {', '.join(known)}.")
        try:
            await until(lambda: all(known[name].belief is not Belief.OPEN for name in names), timeout)
        except TimeoutError:
            raise TimeoutError(f"Not all of {', '.join(names)} noticed within {timeout:g} s.") from None

    def _refusal(self, button: str) -> str:
        if self.panel is not Panel.RUNNING:
            return NOT_RUNNING
        if button in ("kill", "stop", "freeze", "thaw") and not self.running:
            return "There is no server process any more. Restart it, or press Reset."
        refusals = {
            "stop": self.asked and "The server has been asked already.",
            "freeze": self.frozen and "The server is frozen already.",
            "thaw": not self.frozen and "The server is not frozen.",
            "restart": self.running and "The server's process still exists. Kill it first.",
            "pull": self.pulled and "The cable is pulled already.",
            "plug": not self.pulled and "The cable is plugged in.",
        }
        return refusals.get(button) or ""

    async def _kill(self) -> str:
        self._outage()
        self.server.kill()
        await until(lambda: not self.running, PATIENCE)
        return "You killed the server (SIGKILL): its process is gone."

    async def _stop(self) -> str:
        self._outage()
        self.server.terminate()
        self.asked = True
        if self.frozen:
            return f"{ASKED} It is frozen, and cannot act on it until it goes on."
        self.say(ASKED)
        if await eventually(lambda: not self.running, ENDING_TIME):
            return IT_DID
        return f"{ASKED} Its process is still there."

    async def _freeze(self) -> str:
        self._outage()
        self.server.freeze()
        self.frozen = True
        return "You froze the server (SIGSTOP): its process exists and does nothing."

    async def _thaw(self) -> str:
        self.frozen = False
        self.server.thaw()
        if not self.asked:
            return "You let the server go on (SIGCONT)."
        await eventually(lambda: not self.running, ENDING_TIME)
        return "You let the server go on (SIGCONT): now it has acted on the SIGTERM, and its process is gone."

    async def _restart(self) -> str:
        self.say("A new server process is starting.")
        for handler in self.handlers.values():
            handler.forget()
        await self.server.restart()
        await until(lambda: self.running, PATIENCE)
        connected = sum(handler.belief is Belief.OPEN for handler in self.handlers.values())
        return f"A new server process listens on the old port. Connected to it: {connected or 'nobody'}."

    async def _pull(self) -> str:
        self._outage()
        self.cable.rules = [Blackhole()]
        self.pulled = True
        return "You pulled the cable: nothing passes, and nobody is told."

    async def _plug(self) -> str:
        self.cable.rules = []
        self.pulled = False
        return "You plugged the cable in again: what was held back passes now."

    async def _send(self) -> str:
        sent = []
        for name, party in self.clients.items():
            if party.belief is not Belief.OPEN:
                continue
            # Ann may have given up and wait for the other's goodbye; a page may have gone.
            with contextlib.suppress(ConnectionError):
                await self._libraries[name].send("Hello")
                sent.append(party)
        return f"Sent without an exception: {_listed(sent) or 'nobody has a connection'}."

    async def _reset(self) -> str:
        self.say("A new server is starting, and everyone connects anew.")
        await self._end_connections()
        for party in self.parties:
            party.forget()
        self._since = None
        self._noticed.clear()
        await self.server.restart()
        await self._connect()
        return "A new server, the cable plugged in, new connections: everything is in order."

    # What the ends report

    def page_changed(self, page: Page, client: JavaScriptClient) -> None:
        """A page shows the panel, another one than before, or none any more.

        Its WebSocket connects now if nothing is broken, else after the next reset.
        """
        self.clients[BROWSER].forget()
        if self._libraries.get(BROWSER) is not client:
            self._listen_to(BROWSER, client)
        self._page = page
        if page.present and self.panel is Panel.RUNNING and not self.broken:
            self._run_errand(self._connect_browser())
        self._tell()

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
                self._noticed.append(party.name)
                if party is self.handlers[BROWSER] and self._page is not None and self._page.present:
                    self._run_errand(self._page.check())  # it may have gone without a word
        self._tell()

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
        self._reporting = self.frozen = False
        if self.asked and self._what.startswith(ASKED):
            self._what = IT_DID
        self.asked = False
        for handler in self.handlers.values():
            if handler.belief is Belief.OPEN:
                handler.belief = Belief.LOST
        self._tell()

    # How it begins and ends

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            reports = await asyncio.start_server(self._listen, "127.0.0.1", 0)
            stack.callback(reports.close)
            self.server = await stack.enter_async_context(Child.python(str(_SERVER), str(port_of(reports))))
            self.cable = await stack.enter_async_context(Middlebox(self.server))
            stack.push_async_callback(self._end_connections)
            await self._connect()
            self._stack = stack.pop_all()
        self.panel = Panel.RUNNING
        self.say("Everything is in order.")
        return self

    async def __aexit__(self, *_: object) -> None:
        self.panel = Panel.CLOSED
        for task in (self._acting, *self._errands):
            if task is not None:
                task.cancel()
        await self._stack.aclose()
        self._since = None
        self.say(NOT_RUNNING)

    async def _connect(self) -> None:
        for name, (_, heartbeat) in CLIENTS.items():
            options = Options(endpoint=f"/{name}", extra=heartbeat)
            await self._libraries[name].connect(self.cable, options)
        await self._connect_browser()
        await self._page_connects()
        here = [name for name, one in self.clients.items() if name in CLIENTS or one.belief is Belief.OPEN]
        ends = [side[name] for side in (self.clients, self.handlers) for name in here]
        await until(lambda: all(end.belief is Belief.OPEN for end in ends), PATIENCE)

    async def _connect_browser(self) -> None:
        if not self.page_is_here:
            return
        self.clients[BROWSER].belief = Belief.CONNECTING
        self._page_connecting = now()
        self._tell()
        with contextlib.suppress(ConnectionError):  # then the page has gone
            await self._libraries[BROWSER].connect(self.cable, Options(endpoint=f"/{BROWSER}"))

    async def _page_connects(self) -> None:
        """Give the page's WebSocket the time to open, if it is about to."""
        left = self._page_connecting + OPENING_TIME - now()
        await eventually(lambda: self.clients[BROWSER].belief is not Belief.CONNECTING, max(left, 0))

    async def _end_connections(self) -> None:
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

    def _outage(self) -> None:
        """The clock starts; who has noticed an earlier outage keeps what it noticed."""
        self._since = now()
        self._noticed.clear()

    def _tell(self) -> None:
        if self.state != self._shown_state:
            self._shown_state, self._state_since = self.state, now()
        for listener in self.listeners:
            listener()

    def _run_errand(self, errand: Coroutine[Any, Any, object]) -> None:
        task = asyncio.get_running_loop().create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)


def _listed(parties: Iterable[Party]) -> str:
    return ", ".join(party.name for party in parties)


def _js(value: bool | None) -> str:
    return str(value).lower()
