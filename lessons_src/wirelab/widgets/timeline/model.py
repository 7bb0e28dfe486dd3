"""The timeline's model: what can be done to the server and the cable, and what there is to say about it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping

from wirelab.clients import Client
from wirelab.middlebox import Blackhole
from wirelab.waiting import until
from wirelab.widgets.presses import Presses
from wirelab.widgets.timeline.ends import NOT_RUNNING, PATIENCE, Ends, Phase, Plug, Process
from wirelab.widgets.timeline.party import COMING_BACK, Party
from wirelab.widgets.timeline.server_child import NODE as OFFICIAL_SERVER


class Reconnection(Ends):
    """The ends, with all that can happen to them."""

    def __init__(self, page: Client, server: str | int = OFFICIAL_SERVER, ours: Client | None = None) -> None:
        super().__init__(page, server, ours)
        self._actions: dict[str, Callable[[], Awaitable[None]]] = {
            "kill": self._kill,
            "freeze": self._freeze,
            "thaw": self._thaw,
            "restart": self._restart,
            "pull": self._pull,
            "plug": self._plug,
            "send": self._send,
            "reset": self._reset,
        }
        self._presses = Presses(self._actions, self._refusal, self._act)

    async def __aexit__(self, *_: object) -> None:
        self.phase = Phase.CLOSED
        self._presses.call_off()
        await super().__aexit__()

    @property
    def refusals(self) -> Mapping[str, str]:
        """For each button that can do nothing now, why."""
        return self._presses.refusals

    def words(self, party: Party) -> str:
        """How a client stands, in words that are the same in every run."""
        if party.connected and self.broken:
            return "believes it is connected"
        return "coming back" if party.state in COMING_BACK else party.state

    def table(self) -> str:
        """Everyone in a line, with what became of their messages; without times and numbers of attempts."""
        wide = max(len(party.lane.name) for party in self.parties.values())
        lines = [f"{'server':{wide}}  {self.process}, cable {self.plug}"]
        for party in self.parties.values():
            counts = f"sent {party.sent}, echoed {party.echoed}, kept {party.kept}, refused {party.refused}"
            lines.append(f"{party.lane.name:{wide}}  {self.words(party)} · {counts}")
        return "\n".join(lines)

    # What can be done

    async def press(self, button: str) -> None:
        """Do what the button of that name does; ValueError names the buttons there are.

        What came of it stands in `said`; a button that can do nothing now says why.
        """
        await self._presses.press(button)

    async def wait(self, what: str, *keys: str, timeout: float = PATIENCE) -> None:
        """Return once the clients with these keys are "connected", have "lost" their connection, or have
        heard the echo of each message ("echoed").

        Without keys it is everyone who is here; "connected" leaves out who does not come back by itself.
        Raises TimeoutError after `timeout` seconds, ValueError for a word or a key that there is not.
        """
        conditions: dict[str, Callable[[Party], bool]] = {
            "connected": lambda party: party.settled,
            "lost": lambda party: not party.connected,
            "echoed": lambda party: not party.kept and party.echoed == party.sent,
        }
        if what not in conditions:
            raise ValueError(f"Nobody can wait for {what!r}. Choose one of: {', '.join(conditions)}.")
        if unknown := set(keys) - self.parties.keys():
            raise ValueError(f"There is no {unknown.pop()!r} here; there is: {', '.join(self.parties)}.")
        holds = conditions[what]

        def chosen() -> list[Party]:
            here = [party for party in self.parties.values() if party.here]
            return [self.parties[key] for key in keys] or [
                party for party in here if party.returns or what != "connected"
            ]

        def late() -> list[Party]:
            return [party for party in chosen() if not holds(party)]

        try:
            await until(lambda: not late(), timeout)
        except TimeoutError:
            raise TimeoutError(f"Not {what} within {timeout:g} s: {_listed(late())}.") from None

    def set(self, name: str, value: float) -> None:
        """Choose a parameter for the next connections, which Reset begins. Raises ValueError."""
        self.wanted = self.wanted.changed(name, value)
        self.say(
            "As it is now." if self.wanted == self.settings else "From the next connections on: press Reset."
        )

    def _refusal(self, button: str) -> str:
        if self.phase is not Phase.RUNNING:
            return NOT_RUNNING
        gone = self.process is Process.DOWN and "There is no server process. Restart it, or press Reset."
        frozen = self.process is Process.FROZEN
        refusals = {
            "kill": gone,
            "freeze": gone or (frozen and "The server is frozen already."),
            "thaw": gone or (not frozen and "The server is not frozen."),
            "restart": not gone and "The server's process still exists. Kill it first.",
            "pull": self.plug is Plug.PULLED and "The cable is pulled already.",
            "plug": self.plug is Plug.IN and "The cable is plugged in.",
        }
        return refusals.get(button) or ""

    async def _act(self, button: str) -> None:
        if refusal := self._refusal(button):
            self.say(refusal)
        else:
            await self._actions[button]()

    async def _kill(self) -> None:
        self.child.kill()
        self.order("kill", "You killed the server (SIGKILL): its process is gone.")
        self.server_is(Process.DOWN)

    async def _freeze(self) -> None:
        self.child.freeze()
        self.order("freeze", "You froze the server (SIGSTOP): its process exists and does nothing.")
        self.server_is(Process.FROZEN)

    async def _thaw(self) -> None:
        self.order("thaw", "You let the server go on (SIGCONT).")
        self.server_is(Process.UP)
        self.child.thaw()

    async def _restart(self) -> None:
        self.order("restart", "A new server process is starting.")
        await self.child.restart()
        self.server_is(Process.UP, "A new server process listens on the old port.")

    async def _pull(self) -> None:
        self.cable.rules = [Blackhole()]
        self.order("pull", "You pulled the cable: nothing passes, and nobody is told.")
        self.cable_is(Plug.PULLED)

    async def _plug(self) -> None:
        self.order("plug", "You plugged the cable in again: what was held back passes now.")
        self.cable_is(Plug.IN)
        self.cable.rules = []

    async def _send(self) -> None:
        number = sum(entry.kind == "send" for entry in self.recording.entries) + 1
        self.order("send", f"Everyone sends message {number}, connected or not.")
        here = [party for party in self.parties.values() if party.here]
        await asyncio.gather(*(party.send(f"message {number}") for party in here))

    async def _reset(self) -> None:
        self.shadow.rest()
        self.say("A new server is starting, and everyone connects anew.")
        await self.everyone_leaves()
        await self.child.restart()
        await self.connect()


def _listed(chosen: Iterable[Party]) -> str:
    return ", ".join(party.key for party in chosen)
