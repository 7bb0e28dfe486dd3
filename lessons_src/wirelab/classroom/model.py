"""The class as the teacher's notebook has it: its server, who is there, and what became of whom."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from wirelab.classroom.limits import Limits
from wirelab.classroom.network import choose
from wirelab.classroom.phases import BUTTONS, CLOSED, Phase, refusal
from wirelab.classroom.roll import ROOMS
from wirelab.classroom.texts import Refused, clean, new_code
from wirelab.process import Peer
from wirelab.widgets.presses import Presses

_PROGRAM = Path(__file__).with_name("server.py")
LATEST_FAULTS = 20


class Class:
    """A class that is open while the `async with` lasts."""

    def __init__(self, limits: Limits, address: str | None = None) -> None:
        self.limits = limits
        self.address = choose(address)
        self.code = new_code()
        self.port = 0
        self.phase = Phase.CLOSED
        self.said = CLOSED
        self.people: dict[str, dict[str, Any]] = {}
        self.state: dict[str, Any] = {"refused": {}, "latest_refused": [], "texts": [], "count": 0}
        self.faults: list[str] = []
        self.listeners: list[Callable[[], None]] = []
        self._presses = Presses(BUTTONS, self._refusal, self._act)
        self._peer: Peer | None = None

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._end()
            raise
        self.tell_teacher(f"The class is open for {self.limits.pupils}: scan the code, or type the address.")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.phase is not Phase.CLOSED:
            await self.press("close")

    @property
    def url(self) -> str:
        """The address with the code, behind a `#`: a browser keeps that to itself and to its page."""
        return f"{self.site}/#{self.code}"

    @property
    def site(self) -> str:
        """The address alone."""
        return f"http://{self.address}:{self.port}"

    @property
    def refusals(self) -> dict[str, str]:
        """For each button that can do nothing now, why."""
        return dict(self._presses.refusals)

    @property
    def here(self) -> list[dict[str, Any]]:
        """Who is connected, as far as the server has told."""
        return [one for one in self.people.values() if one["here"]]

    async def stays_open(self, limits: Limits, address: str | None) -> bool:
        """Whether it is open at this address, and so with these limits from now on.

        Raises ValueError, ConnectionError for an address that cannot be.
        """
        if choose(address) != self.address or self.phase is Phase.CLOSED:
            return False
        if limits != self.limits:
            self.limits = limits
            await self.press("restart")
        else:
            self.tell_teacher("The class was open already: nobody had to leave, and the code is the same.")
        return True

    async def press(self, button: str) -> None:
        """Press "kill", "freeze", "thaw", "restart" or "close"."""
        await self._presses.press(button)

    async def say(self, text: str, *rooms: str) -> int:
        """Say something to everybody in the rooms, or to all; to how many it is sent. Raises ValueError."""
        line = clean(text, self.limits.text_letters, "A message")
        for room in rooms:
            if room not in ROOMS:
                raise ValueError(f"There is no room {room!r} here. Choose one of: {', '.join(ROOMS)}.")
        if self.phase is not Phase.OPEN:
            raise Refused(f"The server is {self.phase}: it can tell nobody anything.")
        sent = int((await self._call("say", line, list(rooms)))["sent"])
        where = f"to {' and '.join(rooms)}" if rooms else "to everybody"
        self.tell_teacher(f"You said {where}: it was sent to {sent}.")
        return sent

    async def send_out(self, id: str) -> None:
        """Send somebody out, by public id. Raises ValueError while the server can send nobody out."""
        if self.phase is not Phase.OPEN:
            raise Refused(f"The server is {self.phase}: it can send nobody out.")
        if id in self.people:
            name = self.people[id]["name"]
            await self._call("send_out", id)
            self.tell_teacher(f"{name} was sent out.")

    def table(self) -> str:
        """How the class stands, in lines."""
        back = f"{len(self.here)} of {len(self.people)} who came are here; {self.limits.pupils} may be"
        refused = [f"{kind}: {times}" for kind, times in sorted(self.state["refused"].items())]
        return "\n".join([f"the server is {self.phase}", back, *refused])

    def tell_teacher(self, said: str) -> None:
        """Say what happened last, in a sentence or two."""
        self.said = said
        self._tell()

    # The buttons

    def _refusal(self, button: str) -> str:
        return refusal(button, self.phase)

    async def _act(self, button: str) -> None:
        if why := self._refusal(button):
            self.tell_teacher(why)
            return
        acts = {
            "kill": self._kill,
            "freeze": self._freeze,
            "thaw": self._thaw,
            "restart": self._restart,
            "close": self._close,
        }
        await acts[button]()

    async def _kill(self) -> None:
        await self._end()
        self._everybody_is_lost()
        self.phase = Phase.DOWN
        self.tell_teacher(
            "Killed, without a goodbye. Each page has seen its connection end, and tries to come back."
        )

    async def _freeze(self) -> None:
        assert self._peer is not None
        self._peer.freeze()
        self.phase = Phase.FROZEN
        seconds = self.limits.ping_interval + self.limits.ping_timeout
        self.tell_teacher(
            f"Frozen. No connection has ended: the pages notice by the heartbeat, within {seconds:g} "
            "seconds. Who is here stands as it was when it froze."
        )

    async def _thaw(self) -> None:
        assert self._peer is not None
        self._peer.thaw()
        self.phase = Phase.OPEN
        self.tell_teacher("It goes on where it stood. Who had given it up comes back.")

    async def _restart(self) -> None:
        await self._end()
        self._everybody_is_lost()
        await self._start()
        self.tell_teacher(
            "A new server, at the same address. It knows nobody: no names, no rooms. They come back."
        )

    async def _close(self) -> None:
        if self.phase is Phase.FROZEN:
            await self._thaw()  # so that it can say goodbye
        if self.phase is Phase.OPEN:
            with contextlib.suppress(ConnectionError, ChildProcessError, TimeoutError):
                await self._call("close")
        await self._end()
        self._everybody_is_lost()
        self.phase = Phase.CLOSED
        self.tell_teacher(CLOSED)

    # The server's process

    async def _start(self) -> None:
        peer = self._peer = Peer(
            sys.executable, str(_PROGRAM), on_event=self._hear, on_end=lambda: self._ended(peer)
        )
        await peer.__aenter__()
        try:
            self.port = await self._call("listen", self.address, self.port, self.code, self.limits.to_json())
        except ConnectionError as refused:
            raise ConnectionError(
                f"The class cannot listen on {self.address}: {refused}. The addresses of this machine: "
                "classroom.addresses()."
            ) from None
        self.phase = Phase.OPEN

    async def _end(self) -> None:
        if self._peer is not None:
            peer, self._peer = self._peer, None
            await peer.__aexit__()

    async def _call(self, do: str, *values: object) -> Any:
        assert self._peer is not None
        return await asyncio.wait_for(self._peer.call(do, *values), 10)

    def _hear(self, event: dict[str, Any]) -> None:
        """What the server tells. What an earlier one said counts no more."""
        if event["event"] == "fault":
            self.faults = [*self.faults, event["text"]][-LATEST_FAULTS:]
        elif self.phase in (Phase.OPEN, Phase.FROZEN):
            self.state = {name: event[name] for name in self.state}
            known = {one["id"]: one for one in event["people"]}
            left = [id for id, one in self.people.items() if id not in known and one["here"]]
            stay = {id: one for id, one in self.people.items() if id not in [*left, *known]}
            self._keep(stay | known)
        self._tell()

    def _ended(self, peer: Peer) -> None:
        """A server's process has ended; if nobody here has ended it, that is news."""
        if peer is self._peer and self.phase is not Phase.CLOSED:
            self._peer = None
            self._everybody_is_lost()
            self.phase = Phase.DOWN
            self.tell_teacher("The server has ended, and nobody here has told it to. Restart it.")

    def _everybody_is_lost(self) -> None:
        self._keep({id: {**one, "here": False, "rooms": []} for id, one in self.people.items()})

    def _keep(self, people: dict[str, dict[str, Any]]) -> None:
        """Keep the latest of them: somebody may come again and again under other names."""
        self.people = dict(list(people.items())[-2 * self.limits.pupils :])

    def _tell(self) -> None:
        for listener in tuple(self.listeners):
            listener()
