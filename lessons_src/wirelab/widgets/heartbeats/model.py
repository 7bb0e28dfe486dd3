"""A server with a heartbeat, a cable, clients, and what can be done to them."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any, Self

from wirelab.address import port_of
from wirelab.clients import Client, Event, JavaScriptClient, Kind, Node, Options, Page, PythonSocketIOClient
from wirelab.middlebox import Blackhole, Middlebox
from wirelab.process import Child
from wirelab.trace import now
from wirelab.waiting import eventually, until
from wirelab.widgets.heartbeats.ends import ABOUT, ANN, BOB, BROWSER, SAID, Belief, Cost, End, Stethoscope

SHORTEST, LONGEST = 0.5, 5.0
"""Seconds between which the interval and the time-out can be chosen here."""
PATIENCE = 15.0
"""Seconds: more than the longest interval and time-out together."""
OPENING_TIME = 3.0
NOT_RUNNING = "The panel is not running: run its cell again."
IN_ORDER = "A new server and new connections: everything is in order."
_SERVER = Path(__file__).with_name("server.py")


class Heartbeats:
    """Three clients of a handmade server, which pings them. Open it with `async with`.

    `interval` and `timeout` are in seconds. The client in the page is there only if a page is.
    """

    def __init__(self, interval: float = 2.0, timeout: float = 1.0) -> None:
        self.interval, self.timeout = _held("interval", interval), _held("timeout", timeout)
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
        self._actions: dict[str, Callable[[], Awaitable[str]]] = {
            "pull": self._pull,
            "plug": self._plug,
            "freeze": self._freeze,
            "thaw": self._thaw,
            "reset": self._reset,
        }

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

    # How they are now

    @property
    def ends(self) -> list[End]:
        """Each client, and after it the server's end of its connection."""
        return [end for name in ABOUT for end in (self.clients[name], self.handlers[name])]

    @property
    def patience(self) -> float:
        """Seconds of silence after which an end gives up."""
        return self.interval + self.timeout

    @property
    def state(self) -> str:
        """The server and the cable in a few words."""
        server = "frozen" if self.frozen else "running" if self.running else "gone"
        return f"Server {server} · cable {'pulled' if self.pulled else 'plugged in'}"

    @property
    def said(self) -> str:
        """What was done last, and who has noticed since something broke."""
        if not self.pulled and not self.frozen and not self._noticed:
            return self._what
        who = f"Given up: {', '.join(self._noticed)}." if self._noticed else "Nobody has noticed."
        return f"{self._what} {who}"

    @property
    def refusals(self) -> dict[str, str]:
        """For each button that can do nothing now, why."""
        return {button: why for button in self._actions if (why := self._refusal(button))}

    @property
    def cost(self) -> Cost | None:
        """What one heartbeat takes, as it passed on the wire; None before the first."""
        self.listen_to_hearts()
        return self._stethoscope.cost

    def mistaken(self, end: End) -> bool:
        """Whether it believes in a connection that carries nothing, or whose other end has given up."""
        name = next(name for name in ABOUT if end in (self.clients[name], self.handlers[name]))
        other = self.handlers[name] if end is self.clients[name] else self.clients[name]
        broken = self.pulled or self.frozen or other.belief is Belief.OVER
        return end.belief is Belief.OPEN and broken

    def words(self, end: End) -> str:
        """What it believes, in a few words without a time."""
        if end is self.clients[BROWSER] and not self.page_is_here:
            return "not here: no page is open"
        if end.belief is Belief.OPEN and self.frozen and end in self.handlers.values():
            return "stands still, and its clock with it"
        if self.mistaken(end):
            return "still believes that it is connected"
        return end.belief

    def table(self) -> str:
        """Who believes what, a line each, and what it noticed with; without times."""
        wide = max(len(end.name) for end in self.ends)
        lines = (
            f"{end.name:{wide}}  {self.words(end)}{': ' if end.noticed else ''}{end.noticed}"
            for end in self.ends
        )
        return "\n".join(lines)

    @property
    def page_is_here(self) -> bool:
        """Whether a page shows the panel."""
        return self._page is not None and self._page.present

    # What can be done

    async def press(self, button: str) -> None:
        """Do what "pull", "plug", "freeze", "thaw" or "reset" does; ValueError for another name.

        What came of it stands in `said`; a button that can do nothing now says why.
        """
        if button not in self._actions:
            raise ValueError(f"There is no button {button!r}. Choose one of: {', '.join(self._actions)}.")
        async with self._busy:
            self.say(self._refusal(button) or await self._actions[button]())

    async def tune(self, interval: float, timeout: float) -> None:
        """Have a new server with this interval and time-out, in seconds, which it tells its clients.

        Raises ValueError for what cannot be chosen here.
        """
        wanted = _held("interval", interval), _held("timeout", timeout)
        async with self._busy:
            if not self.running:
                self.say(NOT_RUNNING)
            elif wanted != (self.interval, self.timeout):
                self.interval, self.timeout = wanted
                await self._reset()
                self.say(f"A new server says: a ping each {interval:g} s, {timeout:g} s for the pong.")

    async def wait(self, *names: str, timeout: float = PATIENCE) -> None:
        """Return once nobody of these names believes in a connection. Raises TimeoutError, ValueError."""
        known = {end.name: end for end in self.ends}
        if unknown := set(names) - known.keys():
            raise ValueError(f"There is no {unknown.pop()!r} here; there is: {', '.join(known)}.")
        await until(lambda: all(known[name].belief is not Belief.OPEN for name in names), timeout)

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

    def _refusal(self, button: str) -> str:
        if not self.running:
            return NOT_RUNNING
        refusals = {
            "pull": self.pulled and "The cable is pulled already.",
            "plug": not self.pulled and "The cable is plugged in.",
            "freeze": self.frozen and "The server is frozen already.",
            "thaw": not self.frozen and "The server is not frozen.",
        }
        return refusals.get(button) or ""

    async def _pull(self) -> str:
        self.cable.rules, self.pulled = [Blackhole()], True
        return "You pulled the cable: nothing passes, and nobody is told."

    async def _plug(self) -> str:
        self.cable.rules, self.pulled = [], False
        return "You plugged the cable in again: what was held back passes now."

    async def _freeze(self) -> str:
        self.server.freeze()
        self.frozen = True
        return "You froze the server (SIGSTOP): its process exists and does nothing."

    async def _thaw(self) -> str:
        self.server.thaw()
        self.frozen = False
        return "You let the server go on (SIGCONT)."

    async def _reset(self) -> str:
        self.say("A new server is starting, and everyone connects anew.")
        await self._disconnect()
        await self.server.restart()
        await self._connect()
        return IN_ORDER

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
                    self.handlers[name].forget()
                    self.handlers[name].belief = Belief.OPEN
                elif name in self.handlers:
                    self._over(self.handlers[name], f"disconnect, {reason}")
                self.tell()
        writer.close()

    def _run(self, errand: Coroutine[Any, Any, object]) -> None:
        task = asyncio.get_running_loop().create_task(errand)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _held(what: str, seconds: float) -> float:
    """The setting. Raises ValueError for what cannot be chosen here."""
    if not SHORTEST <= seconds <= LONGEST:
        raise ValueError(f"The {what} is {seconds:g} s here. Choose {SHORTEST:g} to {LONGEST:g} seconds.")
    return seconds
