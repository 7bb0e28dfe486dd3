"""Lesson 14, built from lessons/14_broadcast_and_rooms.py: edit there, not here."""

from collections.abc import Iterable
from typing import Any

from handmade import l09_core
from handmade import l13_acknowledgements as l13
from handmade.l08_meet_socketio import Packet
from handmade.l13_acknowledgements import io as io
from handmade.l14_core import Aim, Aiming, Audience


class Guest(l13.Socket):
    """One client, as the handlers see it: they see in which rooms it is, or was."""

    last_rooms: Iterable[str] = ()

    def __init__(self, client: Any, connect: Packet) -> None:
        super().__init__(client, connect)
        self.audience: Audience = client.server

    @property
    def rooms(self) -> set[str]:
        """The rooms in which it is; at `disconnecting` those in which it was."""
        return self.audience.rooms.of(self.id) if self.connected else set(self.last_rooms)

    def leave(self, room: str) -> None:
        """Leave a room."""
        self.audience.rooms.leave(self.id, room)

    async def fire(self, event: object, *arguments: object) -> None:
        """Call the handlers of an event; those after `disconnecting` see no rooms any more."""
        await super().fire(event, *arguments)
        if event == "disconnecting":
            self.last_rooms = ()

    def write(self, packets: list[str | bytes]) -> None:
        """Send what was encoded for many."""
        if self.connected:
            for packet in packets:
                self.client.session.send(packet)


class Socket(Guest, Aiming):
    """One client, as the handlers see it: it can be in rooms, and speak to those of others."""

    def join(self, rooms: str | Iterable[str]) -> None:
        """Enter a room, or several. Who is gone enters none."""
        if self.connected:
            self.audience.rooms.join(self.id, rooms)

    def aim(self) -> Aim:
        """Everybody but this one."""
        return Aim(self.audience, but=(self.id,))

    @property
    def broadcast(self) -> Aim:
        """Everybody but this one."""
        return self.aim()

    def closed(self, reason: str) -> None:
        """It is over. Others do not reach it any more; its handlers still see where it was."""
        self.last_rooms = self.rooms
        self.audience.remove(self)
        self.client.line.tell(self, "disconnecting", reason)
        super().closed(reason)


class Client(l13.Client):
    """A client whose socket is in a room of its own."""

    server: "Server"

    def __init__(self, server: "Server", session: l09_core.Session) -> None:
        super().__init__(server, session)
        self.socket_type = Socket

    def connect(self, packet: Packet) -> None:
        """Let the client in: no handler knows of it before it is in its room."""
        super().connect(packet)
        self.server.add(self.sockets[packet.namespace])


class Server(l13.Server, Audience):
    """A Socket.IO server that can speak to everybody at once, and to those in a room, with Options."""

    client_type: type[l13.Client] = Client

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        Audience.__init__(self, "/")
