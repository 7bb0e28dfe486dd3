"""A client as the server's handlers see it: the last stage's socket, and what a library adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handmade import l08_meet_socketio as l08
from handmade.aims import Others, VolatileRecoverableSocket, VolatileSocket
from handmade.l08_meet_socketio import Packet, Type
from handmade.l12_core import places
from handmade.latest import stage
from handmade.listeners import CatchAll, Listeners

if TYPE_CHECKING:
    from handmade.server import Namespace, Server


def event_of(packets: list[str | bytes]) -> list[Any]:
    """The name and the arguments of an event that was encoded for many."""
    text, *attachments = packets
    header = l08.decode(text[1:])  # behind Engine.IO's type
    if attachments:  # without any, what looks like a placeholder is none
        for (container, key), attachment in zip(places(header), attachments, strict=True):
            container[key] = attachment
    event: list[Any] = header.data
    return event


class Socket(Others, CatchAll, stage.Socket):
    """One client in one namespace, as the handlers of the server see it."""

    client: Any
    recovered: bool = False

    def __init__(self, client: Any, connect: Packet) -> None:
        super().__init__(client, connect)
        self.incoming, self.outgoing = Listeners(), Listeners()

    @property
    def server(self) -> Server:
        """The server."""
        server: Server = self.client.server
        return server

    @property
    def nsp(self) -> Namespace | Server:
        """The namespace; `namespace` is its name."""
        nsp: Namespace | Server = self.audience
        return nsp

    @property
    def volatile(self) -> VolatileSocket:
        """This socket for an event that is dropped unless it can go out at once."""
        return VolatileSocket(self)

    def transmit(self, packet: Packet) -> None:
        """Send a packet as it is, if the client is still there."""
        super().transmit(packet)
        if self.connected and packet.type == Type.EVENT:
            self.sent(packet.data)

    def write(self, packets: list[str | bytes]) -> None:
        """Send what was encoded for many."""
        super().write(packets)
        if self.connected and self.outgoing.handlers:
            self.sent(event_of(packets))


class RecoverableSocket(Socket, stage.RecoverableSocket):
    """The same at a server that makes up for a short disconnection. It may be one that was lost."""

    @property
    def volatile(self) -> VolatileRecoverableSocket:
        """This socket for an event that is dropped unless it can go out at once."""
        return VolatileRecoverableSocket(self)

    def transmit(self, packet: Packet) -> None:
        """Send a packet. What is kept goes out as what is meant for many does: through `write`."""
        if packet.type == Type.EVENT and packet.id is None:
            stage.RecoverableSocket.transmit(self, packet)
        else:
            super().transmit(packet)
