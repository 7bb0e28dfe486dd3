"""What can be done on the board: move clients, choose who is meant, predict who will hear it, send."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from wirelab.widgets.rooms_board.aim import ASKS, ROOMS, SERVER, Aim, from_json, in_order
from wirelab.widgets.rooms_board.ends import NOT_RUNNING, Ends
from wirelab.widgets.rooms_board.member import Member
from wirelab.widgets.rooms_board.round import Round, Verdict

FLOW_INTERVAL = 0.1
"""Seconds from one message of a flow to the next."""
HEARING_TIME = 1.0
"""Seconds after which what has not been heard is silence."""
READY = "Choose who is meant, mark who you think will hear it, and send."
MARK_FIRST = "First mark who will hear it. If you mean that nobody will: press Send again."


class Board(Ends):
    """Everyone on the board, and all that can be done there; what came of it stands in `said`."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.aim = Aim(to=(ROOMS[0],))
        self.predicting = True
        self.marks: set[str] = set()
        self._number = 0
        self._asked = False
        self.flowing = False
        self.deliveries = 0

    async def __aenter__(self) -> Board:
        await super().__aenter__()
        self.say(READY)
        return self

    @property
    def next_text(self) -> str:
        """What the next message says."""
        return f"News {self._number + 1}"

    @property
    def refusal(self) -> str:
        """Why nothing can be sent now; empty if it can."""
        if not self.running:
            return NOT_RUNNING
        sender = self.members.get(self.aim.sender)
        if sender is None or sender.connected:
            return ""
        if not sender.here:
            return f"{sender.name} is not here: no page shows the board. Choose another sender."
        return f"{sender.name} is not connected, and can send nothing. Choose another sender."

    def verdict(self, member: Member) -> Verdict | None:
        """What became of the last message there; None while there is nothing to say."""
        if self.round is None or not member.here or not (self.round.over or member.name in self.round.heard):
            return None
        return self.round.verdict(member.name)

    def table(self) -> str:
        """Everyone in a line: rooms, how it stands, and what became of the last message; without times."""
        lines = []
        for name, member in self.members.items():
            rooms = ", ".join(member.rooms) or "no room"
            verdict = self.verdict(member)
            said = f" · {verdict.words}" if verdict else ""
            lines.append(f"{name:5} {rooms:21} {member.stands}{said}")
        if self.crowd.count:
            heard = f" · {self.round.crowd_heard:,} of them heard it" if self.round else ""
            lines.append(f"crowd {self.crowd.count:,} more clients{heard}")
        return "\n".join(lines)

    # What can be done

    def choose(self, **changes: Any) -> None:
        """Choose who sends and who is meant: `sender`, `to`, `but`, `spares_sender`; the rest stays.

        Raises ValueError for a sender or a room that there is not.
        """
        aim = from_json(asdict(self.aim) | changes)
        if aim.sender != SERVER:
            self._member(aim.sender)
        self.aim = aim
        self._begin_anew(f"The next message goes to {aim.words()}.")

    def turn(self, side: str, room: str) -> None:
        """Name a room in `to` or in `but`, or take it back. Raises ValueError for a wrong room."""
        [changed] = in_order([room])
        named = getattr(self.aim, side)
        self.choose(**{side: set(named) ^ {changed}})

    def predict(self, predicting: bool) -> None:
        """Ask for a prediction before each message, or do without."""
        self.predicting = predicting
        self.marks.clear()
        self._begin_anew(READY if predicting else "No prediction: choose who is meant, and send.")

    def mark(self, name: str) -> None:
        """Say that this client will hear the next message, or take it back. Raises ValueError."""
        member = self._member(name)
        self._begin_anew("")
        if not self.predicting:
            self.say("Turn “Predict first” on to mark who will hear it.")
            return
        self.marks ^= {member.name}
        marked = ", ".join(each for each in self.members if each in self.marks)
        self.say(f"You say: {marked or 'nobody'} will hear it.")

    async def move(self, name: str, rooms: Iterable[str]) -> None:
        """Have the server put a client into exactly these rooms. Raises ValueError for a wrong name."""
        member, wanted = self._member(name), in_order(rooms)
        async with self._busy:
            await self._move(member, wanted)

    async def toggle(self, name: str, room: str) -> None:
        """Have the server put a client into a room, or take it out. Raises ValueError for a wrong name."""
        member, [changed] = self._member(name), in_order([room])
        async with self._busy:
            await self._move(member, in_order(set(member.rooms) ^ {changed}))

    async def send(self) -> None:
        """Send the next message, and see who hears it."""
        async with self._busy:
            if self.refusal:
                self.say(self.refusal)
            elif self.predicting and not self.marks and not self._asked:
                self._asked = True
                self.say(MARK_FIRST)
            else:
                await self._send()

    async def flow(self) -> None:
        """Send one message after the other, at most ten a second, until told to stop."""
        if self.flowing or self.refusal:
            self.flowing = False
            self.say(self.refusal or "The flow has stopped.")
            return
        self.predict(False)
        self.flowing = True
        while self.flowing and not self.refusal:
            async with self._busy:
                rest = asyncio.get_running_loop().create_task(asyncio.sleep(FLOW_INTERVAL))
                await self._send()
            await rest
        self.flowing = False

    async def pull(self, name: str) -> None:
        """Pull the cable of a client. Raises ValueError for a wrong name."""
        member = self._member(name)
        async with self._busy:
            if not self.running or not member.here:
                self.say(self._no_socket(member))
            elif member.pulled:
                self.say(f"The cable of {name} is pulled already.")
            else:
                member.pull()
                soonest, latest = self.timeout, self.interval + self.timeout
                self.say(
                    f"You pulled the cable of {name}: nobody is told. The server's heartbeat notices "
                    f"after {soonest:g} to {latest:g} s."
                )

    async def plug(self, name: str) -> None:
        """Plug the cable of a client in again; if the connection is over, it makes a new one."""
        member = self._member(name)
        async with self._busy:
            if not self.running or not member.here:
                self.say(self._no_socket(member))
            elif not member.pulled:
                self.say(f"The cable of {name} is plugged in.")
            else:
                await self._plug(member)

    async def reset(self) -> None:
        """A new server and new connections; everyone is where they were at first."""
        async with self._busy:
            if not self.running:
                self.say(NOT_RUNNING)
                return
            self.flowing = False
            self.say("A new server is starting, and everyone connects anew.")
            self.round = None
            for member in self.members.values():
                member.forget()  # before it leaves: the server has not lost anybody
            await self._everyone_leaves()
            self.wires.forget()
            await self.host.restart()
            await self._everyone_connects()
            self._number = 0
            self.marks.clear()
            self.say(READY)

    # How it is done

    def _begin_anew(self, said: str) -> None:
        """What is on the board about the last message goes."""
        if self.round is not None and self.round.over:
            self.round = None
        self._asked = False
        if said:
            self.say(said)

    async def _send(self) -> None:
        """Have the sender send, and listen."""
        marks = frozenset(self.marks) if self.predicting else None
        current = self.round = Round(self.next_text, self.aim, marks)
        self._number += 1
        self._asked = False
        self.crowd.listen_for(current.text)
        self.say(f"“{current.text}” is on its way.")
        if self.aim.sender == SERVER:
            await self.host.emit(asdict(self.aim), current.text)
        else:
            with contextlib.suppress(ConnectionError):
                await self.members[self.aim.sender].client.emit(ASKS, asdict(self.aim), current.text)
        await self._heard(current, HEARING_TIME)
        current.over = True
        self.deliveries += current.ears
        self.marks.clear()
        self.say(current.summary(self.unheard))

    async def _plug(self, member: Member) -> None:
        member.plug()
        if member.key is not None and member.connected:
            self.say(f"You plugged the cable of {member.name} in again: what was held back passes now.")
            return
        await self._connect(member)
        self.say(f"{member.name} has connected anew: another socket, which is in no room.")

    async def _move(self, member: Member, rooms: tuple[str, ...]) -> None:
        if not self.running or member.key is None:
            self.say(self._no_socket(member))
        elif set(rooms) != set(member.rooms):
            self._begin_anew("")
            passed = await self._place(member, rooms)
            where = f"in {' and '.join(member.rooms)}" if member.rooms else "in no room"
            name = member.name
            self.say(f"The server has {name} {where} now. On the wire of {name}, {passed}.")

    def _no_socket(self, member: Member) -> str:
        if not self.running:
            return NOT_RUNNING
        if not member.here:
            return f"{member.name} is not here: no page shows the board."
        return f"{member.name} is not connected: the server has nobody to put into a room."
