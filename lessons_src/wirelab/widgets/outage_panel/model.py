"""A real server, a real cable and real clients, and what each of them believes while something is broken."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from wirelab.address import port_of
from wirelab.bench import Child, url
from wirelab.middlebox import Blackhole, Middlebox
from wirelab.trace import now

PING = 1.0
"""Seconds: Ann's ping_interval, ping_timeout and close_timeout. The library's own are 20, 20 and 10."""
PATIENCE = 10.0
ANN, BOB, BROWSER = "Ann", "Bob", "browser"
CLIENTS: dict[str, tuple[str, dict[str, Any]]] = {
    ANN: ("Python, a ping each second", {"ping_interval": PING, "ping_timeout": PING}),
    BOB: ("Python, without pings", {"ping_interval": None}),
}
_SERVER = Path(__file__).with_name("server.py")


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
        self.frozen = False
        self.pulled = False
        self.resets = 0
        self.browser_sends = 0
        self._page = False
        self._reporting = False
        self._what = "Everything is in order."
        self._since: float | None = None
        self._noticed: list[str] = []
        self._number = 0
        self._sockets: dict[str, ClientConnection] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._busy = asyncio.Lock()
        self._changed = asyncio.Event()
        self.listeners: list[Callable[[], None]] = []
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
        return f"Server {server} · cable {'pulled' if self.pulled else 'plugged in'}"

    @property
    def elapsed(self) -> float | None:
        """Seconds since the last outage began; None if nothing has happened yet."""
        return None if self._since is None else now() - self._since

    def mistaken(self, party: Party) -> bool:
        """Whether it believes in a connection that carries nothing, or whose other end is gone."""
        return party.belief is Belief.OPEN and (self.broken or self._ghost(party))

    def words(self, party: Party) -> str:
        """What it believes, in a few words without a time."""
        if party is self.clients[BROWSER] and not self._page:
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
        """Do what the button of that name does; ValueError names the buttons there are."""
        if button not in self._actions:
            raise ValueError(f"There is no button {button!r}. Choose one of: {', '.join(self._actions)}.")
        async with self._busy:
            await self._page_connects()
            self._what = self._refusal(button) or await self._actions[button]()
            self._tell()

    async def wait(self, *names: str, timeout: float = PATIENCE) -> None:
        """Return once nobody of these names believes in a connection; TimeoutError after `timeout` seconds.

        A browser that is not here believes nothing.
        """
        known = {party.name: party for party in self.parties}
        if unknown := set(names) - known.keys():
            raise ValueError(f"There is no {unknown.pop()!r} here; there is: {', '.join(known)}.")
        try:
            await self._until(lambda: all(known[name].belief is not Belief.OPEN for name in names), timeout)
        except TimeoutError:
            raise TimeoutError(f"Not all of {', '.join(names)} noticed within {timeout:g} s.") from None

    def _refusal(self, button: str) -> str:
        if not self._tasks and button != "reset":
            return "The panel is not running: run its cell again."
        if button in ("kill", "stop", "freeze", "thaw") and not self.running:
            return "There is no server process any more. Restart it, or press Reset."
        refusals = {
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
        await self._until(lambda: not self.running)
        self.frozen = False
        return "You killed the server (SIGKILL): its process is gone."

    async def _stop(self) -> str:
        self._outage()
        self.server.terminate()
        try:
            await self._until(lambda: not self.running, 2.5)
        except TimeoutError:
            return "You asked the server to end (SIGTERM). Its process is still there and does not act on it."
        return "You asked the server to end (SIGTERM). It did, and its process is gone."

    async def _freeze(self) -> str:
        self._outage()
        self.server.freeze()
        self.frozen = True
        return "You froze the server (SIGSTOP): its process exists and does nothing."

    async def _thaw(self) -> str:
        self.server.thaw()
        self.frozen = False
        return "You let the server go on (SIGCONT)."

    async def _restart(self) -> str:
        for handler in self.handlers.values():
            handler.forget()
        await self.server.restart()
        await self._until(lambda: self.running)
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
            if name == BROWSER:
                self.browser_sends += 1
            else:
                try:
                    await self._sockets[name].send("Hello")
                except ConnectionClosed:  # Ann, who has given up and waits for the other's goodbye
                    continue
                self._note(party, "sent", "")
            sent.append(party)
        return f"Sent without an exception: {_listed(sent) or 'nobody has a connection'}."

    async def _reset(self) -> str:
        await self._close()
        for party in self.parties:
            party.forget()
        self._since = None
        self._noticed.clear()
        self.resets += 1
        await self.server.restart()
        await self._connect()
        return "A new server, the cable plugged in, new connections: everything is in order."

    # What the ends report

    def page_came(self) -> None:
        """A page shows the panel and may connect: now if nothing is broken, else after the next reset."""
        self._page = True
        self.clients[BROWSER].forget()
        if not self.broken:
            self.clients[BROWSER].belief = Belief.CONNECTING
        self._tell()

    def browser(self, event: str, how: str = "") -> None:
        """What the page says of its WebSocket: "open", "sent", "heard" or "closed"."""
        self._note(self.clients[BROWSER], event, how)

    def _note(self, party: Party, event: str, how: str) -> None:
        match event:
            case "open":
                party.belief = Belief.OPEN
            case "sent":
                party.sent += 1
            case "heard":
                party.heard += 1
            case "closed" if party.belief in (Belief.OPEN, Belief.CONNECTING):
                party.belief, party.noticed, party.after = Belief.CLOSED, how, self.elapsed
                self._noticed.append(party.name)
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
        self._reporting = False
        for handler in self.handlers.values():
            if handler.belief is Belief.OPEN:
                handler.belief = Belief.LOST
        self._tell()

    async def _converse(self, name: str) -> None:
        """One of the Python clients, from its handshake to what it notices."""
        party, (_, heartbeat) = self.clients[name], CLIENTS[name]
        settings = {"user_agent_header": name, "proxy": None, "close_timeout": PING, **heartbeat}
        async with connect(url(self.cable, f"/{name}"), **settings) as ws:
            self._sockets[name] = ws
            self._note(party, "open", "")
            try:
                while True:
                    await ws.recv()
                    self._note(party, "heard", "")
            except ConnectionClosed as end:
                self._note(party, "closed", f"{type(end).__name__}: {end} (close_code {ws.close_code})")

    # How it begins and ends

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            reports = await asyncio.start_server(self._listen, "127.0.0.1", 0)
            stack.callback(reports.close)
            self.server = await stack.enter_async_context(Child.python(str(_SERVER), str(port_of(reports))))
            self.cable = await stack.enter_async_context(Middlebox(self.server))
            stack.push_async_callback(self._close)
            await self._connect()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()
        self._what = "The panel is not running: run its cell again."
        self._since = None
        self._tell()

    async def _connect(self) -> None:
        for name in CLIENTS:
            task = asyncio.create_task(self._converse(name))
            self._tasks.add(task)
        if self._page:
            self.clients[BROWSER].belief = Belief.CONNECTING
            self._tell()
            await self._page_connects()
        here = [name for name, one in self.clients.items() if name in CLIENTS or one.belief is Belief.OPEN]
        ends = [side[name] for side in (self.clients, self.handlers) for name in here]
        await self._until(lambda: all(end.belief is Belief.OPEN for end in ends))

    async def _page_connects(self) -> None:
        """Give the page's WebSocket the time to open, if it is about to."""
        with contextlib.suppress(TimeoutError):
            await self._until(lambda: self.clients[BROWSER].belief is not Belief.CONNECTING, 3)

    async def _close(self) -> None:
        """End the server, the connections and what is left of them."""
        self.cable.rules = []
        self.server.kill()
        self.frozen = self.pulled = False
        for ws in self._sockets.values():
            ws.transport.abort()
        await asyncio.gather(*self._tasks)
        await self._until(lambda: not self.running)
        with contextlib.suppress(TimeoutError):  # a page that sleeps
            await self.cable.quiet(1)
        self._tasks.clear()
        self._sockets.clear()

    def _outage(self) -> None:
        """The clock starts; who has noticed an earlier outage keeps what it noticed."""
        self._since = now()
        self._noticed.clear()

    def _tell(self) -> None:
        self._changed.set()
        for listener in self.listeners:
            listener()

    async def _until(self, condition: Callable[[], bool], timeout: float = PATIENCE) -> None:
        async with asyncio.timeout(timeout):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


def _listed(parties: Iterable[Party]) -> str:
    return ", ".join(party.name for party in parties)
