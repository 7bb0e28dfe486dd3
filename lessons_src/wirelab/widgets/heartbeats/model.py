"""What can be done to the heartbeats, the cable and the server, and what there is to say about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from wirelab.middlebox import Blackhole
from wirelab.waiting import until
from wirelab.widgets.heartbeats.connections import IN_ORDER, NOT_RUNNING, PATIENCE, Connections
from wirelab.widgets.heartbeats.ends import ABOUT, BROWSER, Belief, End

SHORTEST, LONGEST = 0.5, 5.0
"""Seconds between which the interval and the time-out can be chosen here."""


class Heartbeats(Connections):
    """The connections with sliders and buttons."""

    def __init__(self, interval: float = 2.0, timeout: float = 1.0) -> None:
        super().__init__(_held("interval", interval), _held("timeout", timeout))
        self._actions: dict[str, Callable[[], Awaitable[str]]] = {
            "pull": self._pull,
            "plug": self._plug,
            "freeze": self._freeze,
            "thaw": self._thaw,
            "reset": self._reset,
        }

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


def _held(what: str, seconds: float) -> float:
    """The setting. Raises ValueError for what cannot be chosen here."""
    if not SHORTEST <= seconds <= LONGEST:
        raise ValueError(f"The {what} is {seconds:g} s here. Choose {SHORTEST:g} to {LONGEST:g} seconds.")
    return seconds
