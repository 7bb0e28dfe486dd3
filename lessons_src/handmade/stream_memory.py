"""What servers remember together of who was lost: lesson 18's history, with Redis as the memory.

What was said is in the stream; who a client was is kept beside it from the moment he comes, not only when his
connection ends: a server that is killed can say nothing any more. Who takes that away has it alone (GETDEL).
It is written in the background: who is lost within moments of coming may have left nothing, and is new then.
"""

import logging
from asyncio import CancelledError
from typing import Any

from handmade.l08_meet_socketio import Packet
from handmade.l18_core import History, Said, Visit
from handmade.stream_entries import Fields, MessageType, as_number, read, said, session, visit

log = logging.getLogger("handmade")


class Position:
    """Where this server is in the stream, as lesson 18 asks for it."""

    def __init__(self, line: Any) -> None:
        self.line = line

    @property
    def count(self) -> int:
        """The number of the entry that was read last."""
        number: int = self.line.last
        return number


class CatchUp:
    """What somebody has missed: what was in the stream when he came, and what has been read since."""

    def __init__(self, most: int) -> None:
        self.events: list[Said] = []
        self.later: list[Said] = []
        self.room = most

    def hear(self, event: Said) -> None:
        """One more was said."""
        if self.room:
            self.room -= 1
            self.later.append(event)

    def missed(self, visit: Visit) -> list[Said] | None:
        """What he has not heard; None if that is too much by now."""
        later = [event for event in self.later if event.number > visit.heard and visit.was_meant(event)]
        return [*self.events, *later] if self.room else None


def missed(entries: list[tuple[int, Fields]], visit: Visit, namespace: str) -> list[Said]:
    """The events among these entries that were for somebody. What is volatile is no more."""
    found = []
    for number, fields in entries:
        is_event = fields.get("nsp") == namespace and fields.get("type") == str(int(MessageType.BROADCAST))
        event = event_of(fields, namespace, number) if is_event else None
        if event and visit.was_meant(event):
            found.append(event)
    return found


def event_of(fields: Fields, namespace: str, number: int) -> Said | None:
    """The event of an entry, unless it is volatile, or asks for an answer, or cannot be used."""
    try:
        data = read(fields["data"])
        is_kept = "requestId" not in data and not (data["opts"].get("flags") or {}).get("volatile")
        return said(data["packet"]["data"], data["opts"], namespace, number) if is_kept else None
    except Exception:
        log.warning("The entry %s of the stream cannot be used.", number, exc_info=True)
        return None


class Keeping(History):
    """Keeps in Redis who is here and who was lost, for as long as he may come back."""

    def __init__(self, server: Any, name: str) -> None:
        heartbeat = 0  # for how long it keeps what was said is the stream's affair
        super().__init__(server.options.connection_state_recovery, heartbeat, lambda: server.now())
        self.name, self.line = name, server.options.adapter
        self.log: Any = Position(self.line)
        self.stored: dict[str, str] = {}  # of those who are here
        self.given_up = ""

    @property
    def seconds(self) -> float:
        """How long one may be away."""
        return self.recovery.max_disconnection_duration

    def keep(self, socket: Any) -> None:
        """Keep what somebody is by now, if that has changed."""
        visit: Visit = socket.visit
        visit.data = socket.data
        if visit.pid not in self.here or self.line.is_alone:
            return
        try:
            kept = session(visit, self.name)
        except (ValueError, OverflowError):
            log.warning("The data of a socket cannot be kept: it will not come back at another server.")
            return
        if kept != self.stored.get(visit.pid):
            self.stored[visit.pid] = kept
            self.line.keep(visit.pid, kept, 1.5 * self.seconds)

    def keep_all(self) -> None:
        """Keep what all are who are here, also if nothing has changed."""
        self.stored.clear()
        for socket in tuple(self.here.values()):
            self.keep(socket)

    def renew(self, socket: Any) -> None:
        """Half of the time is over: keep it for longer, as long as somebody is here."""
        if self.is_here(socket):
            self.stored.pop(socket.visit.pid, None)
            self.keep(socket)
            self.renew_later(socket)

    def is_here(self, socket: Any) -> bool:
        """Whether that is the socket of its client, who is at this server."""
        return self.here.get(socket.visit.pid) is socket

    def renew_later(self, socket: Any) -> None:
        """It is kept for one time and a half, and so has to be renewed after the half."""
        socket.client.session.call_later(self.seconds / 2, lambda: self.renew(socket))

    def wait_for(self, visit: Visit) -> None:
        """It may come back, here or elsewhere. If it has already, that server keeps what it is."""
        super().wait_for(visit)
        if visit.pid != self.given_up:
            self.store(visit)

    def store(self, visit: Visit) -> None:
        """Keep what somebody was who has gone."""
        try:
            self.line.keep(visit.pid, session(visit, self.name), self.seconds)
        except (ValueError, OverflowError):
            self.line.drop(visit.pid)

    def give_up(self, pid: str) -> None:
        """Somebody has come back at another server. What old handlers say to him still goes there."""
        self.given_up = pid
        if pid in self.here:
            self.here[pid].client.session.end("taken over")
        self.given_up = ""


class StreamHistory(Keeping):
    """What is remembered in a namespace, by all servers together."""

    def __init__(self, server: Any, name: str) -> None:
        super().__init__(server, name)
        self.coming: dict[str, CatchUp] = {}

    def record(self, packet: Packet, aim: Any) -> list[str | bytes]:
        """Encode what is said at this server alone, or is worth nothing later: nobody reads it again."""
        options = {"rooms": aim.rooms or (), "except": aim.but}
        return said(packet.data, options, self.name, None).packets

    def heard(self, event: Said) -> None:
        """An event has been read: those who are just coming back have to hear it, too."""
        for catch_up in self.coming.values():
            catch_up.hear(event)

    def missed(self, visit: Visit) -> list[Said] | None:
        """What somebody has missed up to this moment. After that he hears it as all others do."""
        catch_up = self.coming.pop(visit.pid, None)
        return catch_up.missed(visit) if catch_up else []

    async def claim_anywhere(self, pid: str, offset: object) -> tuple[Visit, bool] | None:
        """Who comes back with this pid, and whether he was in this very namespace; None: a new client."""
        if pid in self.here:
            self.here[pid].client.session.end("taken over")
        kept = await self.line.take_away(pid, self.seconds)
        found = visit(kept, self.name) if kept else None
        if found is None:
            return None
        who = found[0]
        try:
            who.heard = max(who.came, who.came if offset is None else as_number(offset))
            return found if await self.catch_up(who) else None
        except CancelledError:  # he has gone again meanwhile
            self.wait_for(who)
            raise

    async def catch_up(self, visit: Visit) -> bool:
        """Look for what he has missed; False if some of it is there no more. Raises ConnectionError."""
        async with self.line.turns:
            if await self.line.between(visit.heard, visit.heard) is None:
                return False
            await self.line.reach(visit.heard)  # he may have heard more, elsewhere, than we have
            coming = CatchUp(self.recovery.max_packets)
            self.coming[visit.pid] = coming  # from now on it hears what is read
            is_whole = False
            try:
                entries = await self.line.between(visit.heard, self.line.last)
                if entries is not None:
                    coming.events = missed(entries, visit, self.name)
                    is_whole = True
            finally:
                if not is_whole:
                    self.coming.pop(visit.pid, None)
        return is_whole
