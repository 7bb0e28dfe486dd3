"""A client whose server is gone comes back at another one: lesson 18's recovery, at whichever server."""

import logging
from typing import Any

from handmade import l18_nothing_lost as l18
from handmade.aims import Aim
from handmade.l08_meet_socketio import Emitter, Packet, Type
from handmade.l18_core import is_known
from handmade.sockets import RecoverableSocket
from handmade.stream_entries import is_pid
from handmade.stream_memory import Keeping

log = logging.getLogger("handmade")


class StreamSocket(RecoverableSocket):
    """A socket that is kept for other servers: whenever handlers may have changed something."""

    history: Any

    @property
    def itself(self) -> Aim:
        """This one, wherever it is by now."""
        return Aim(self.audience, rooms=(self.id,))

    async def fire(self, event: object, *arguments: object) -> None:
        """Call the handlers of an event, and keep what they leave."""
        await super().fire(event, *arguments)
        self.history.keep(self)

    def join(self, rooms: Any) -> None:
        """Enter a room, or several."""
        super().join(rooms)
        self.history.keep(self)

    def leave(self, room: str) -> None:
        """Leave a room."""
        super().leave(room)
        self.history.keep(self)

    def transmit(self, packet: Packet) -> None:
        """Send a packet. An event goes through the stream, unless it asks for an answer."""
        if packet.type != Type.EVENT or packet.id is not None:
            super().transmit(packet)
        elif is_known(self):
            self.itself.emit(*packet.data)

    def closed(self, reason: str) -> None:
        """It is over. After an accident, or if the server ends politely, it may come back."""
        self.visit.data = self.data
        self.history.stored.pop(self.visit.pid, None)
        super().closed(reason)
        if reason == "server shutting down":
            self.history.store(self.visit)
        elif reason not in l18.ACCIDENTS:
            self.history.line.drop(self.visit.pid)


def keeper(history: Keeping) -> Emitter:
    """Whoever keeps a socket after its `connection` handlers have had their turn."""
    emitter = Emitter()
    emitter.on("admitted", history.keep)
    return emitter


class StreamClient(l18.Client):
    """One connection, whose sockets may be some that were lost, at whichever server."""

    def let_in(self, socket: Any) -> None:
        """Let a socket in, or look first who it was."""
        pid, offset = self.claim
        if is_pid(pid):
            socket.audience.examined.add(socket)
            work = self.server.start(self.look_for(socket, pid, offset))
            self.examinations[socket.namespace] = (socket, work)
        else:
            super().let_in(socket)

    async def look_for(self, socket: Any, pid: Any, offset: object) -> None:
        """Let in who was lost; examine who was not, or was in another namespace."""
        found = None
        try:
            found = await socket.history.claim_anywhere(pid, offset)
        except (ConnectionError, ValueError, TimeoutError, KeyError, TypeError):
            log.warning("Somebody who wants to come back is taken for new.", exc_info=True)
        visit, was_here = found or (None, False)
        if visit:
            socket.resume(visit)
        if self.session.state == "open" and was_here and socket.history.recovery.skip_middlewares:
            self.admit(socket)
            self.dismiss(socket)
        else:
            await self.examine(socket)

    def admit(self, socket: Any) -> None:
        """Let a socket in. What it has missed comes first; from now on it is kept."""
        super().admit(socket)
        history = socket.history
        if history.is_here(socket):
            history.lost.pop(socket.visit.pid, None)  # only now: old handles spoke to him meanwhile
            history.renew_later(socket)
            self.line.tell(keeper(history), "admitted", socket)
            if socket.recovered:
                socket.audience.adapter.include(socket.visit)
                socket.audience.adapter.take_over(socket.visit.pid)

    def dismiss(self, socket: Any) -> None:
        """It stands before the gate no longer."""
        socket.history.coming.pop(socket.visit.pid, None)
        super().dismiss(socket)
