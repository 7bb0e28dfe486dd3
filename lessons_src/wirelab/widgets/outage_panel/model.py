"""What everyone believes while something is broken, and the buttons that break it."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Self

from wirelab.middlebox import Blackhole
from wirelab.trace import now
from wirelab.waiting import eventually, until
from wirelab.widgets.outage_panel.ends import PATIENCE, Ends
from wirelab.widgets.outage_panel.party import BROWSER, Belief, Panel, Party, listed
from wirelab.widgets.presses import Presses

ENDING_TIME = 2.5
"""Seconds that a server has for its goodbyes."""
NOT_RUNNING = "The panel is not running: run its cell again."
ASKED = "You asked the server to end (SIGTERM)."
IT_DID = f"{ASKED} It did, and its process is gone."


class Outage(Ends):
    """The ends with all that can happen to them, and what there is to say about it."""

    def __init__(self) -> None:
        super().__init__()
        self._what = NOT_RUNNING
        self._state_since = now()
        self._shown_state = ""
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
        self._presses = Presses(self._actions, self._refusal, self._act)

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self.say("Everything is in order.")
        return self

    async def __aexit__(self, *_: object) -> None:
        self.panel = Panel.CLOSED
        self._presses.call_off()
        await super().__aexit__()
        self.say(NOT_RUNNING)

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
    def refusals(self) -> Mapping[str, str]:
        """For each button that can do nothing now, why."""
        return self._presses.refusals

    def mark(self, party: Party) -> str:
        """How it stands, in a sign: it is mistaken, has a connection, or knows that it has none."""
        return "✗" if self.mistaken(party) else "●" if party.belief is Belief.OPEN else "○"

    def words(self, party: Party) -> str:
        """What it believes, in a few words without a time."""
        if party is self.clients[BROWSER] and not self.page_is_here:
            return "not here: no page is open"
        if party.belief is not Belief.OPEN:
            return party.belief
        handler = party in self.handlers.values()
        if handler and self.frozen:
            return "frozen"
        if handler and self.ghost(party):
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

    def _so_far(self) -> str:
        said = []
        if self._since is not None:
            said.append(f"Noticed: {', '.join(self.noticed)}." if self.noticed else "Nobody has noticed.")
        mistaken = [party for party in self.clients.values() if self.mistaken(party)]
        unanswered = [party for party in self.clients.values() if party.heard < party.sent]
        if mistaken:
            said.append(f"Still believing: {listed(mistaken)}.")
        if unanswered:
            said.append(f"No echo for: {listed(unanswered)}.")
        return " ".join(said)

    def tell(self) -> None:
        """Tell everybody who listens, and note since when the state is what it is."""
        if self.state != self._shown_state:
            self._shown_state, self._state_since = self.state, now()
        super().tell()

    def server_ended(self) -> None:
        """It is gone: what was asked of it has been done."""
        if self.asked and self._what.startswith(ASKED):
            self._what = IT_DID
        super().server_ended()

    # What can be done

    async def press(self, button: str) -> None:
        """Do what the button of that name does; ValueError names the buttons there are.

        What came of it stands in `said`; a button that can do nothing now says why.
        """
        await self._presses.press(button)

    async def _act(self, button: str) -> None:
        await self.page_connects()
        self.say(self._refusal(button) or await self._actions[button]())

    def say(self, what: str) -> None:
        """Tell everybody who listens what happened."""
        self._what = what
        self.tell()

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
        self.begin_outage()
        self.server.kill()
        await until(lambda: not self.running, PATIENCE)
        return "You killed the server (SIGKILL): its process is gone."

    async def _stop(self) -> str:
        self.begin_outage()
        self.server.terminate()
        self.asked = True
        if self.frozen:
            return f"{ASKED} It is frozen, and cannot act on it until it goes on."
        self.say(ASKED)
        if await eventually(lambda: not self.running, ENDING_TIME):
            return IT_DID
        return f"{ASKED} Its process is still there."

    async def _freeze(self) -> str:
        self.begin_outage()
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
        self.begin_outage()
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
        return f"Sent without an exception: {listed(sent) or 'nobody has a connection'}."

    async def _reset(self) -> str:
        self.say("A new server is starting, and everyone connects anew.")
        await self.end_connections()
        for party in self.parties:
            party.forget()
        self._since = None
        self.noticed.clear()
        await self.server.restart()
        await self.connect()
        return "A new server, the cable plugged in, new connections: everything is in order."
