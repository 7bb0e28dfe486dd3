"""Who is meant, with types: each choice gives an aim that has all that the last stage's has."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from handmade import l17_core, l18_core, latest
from handmade.l19_core import RequestType
from handmade.l19_many_servers import ALONE

log = logging.getLogger("handmade")

NOT_BETWEEN_SERVERS = ("connect", "connection", "new_namespace")
"""What a namespace says to its own handlers (socket.io 4.8, dist/namespace.js, RESERVED_EVENTS)."""


class Choosing:
    """What can choose who is meant."""

    if TYPE_CHECKING:  # the stages have them; lesson 14 could not know which aim would be the last

        def to(self, rooms: str | Iterable[str]) -> "Aim": ...

        def in_(self, rooms: str | Iterable[str]) -> "Aim": ...

        def except_(self, rooms: str | Iterable[str]) -> "Aim": ...

        @property
        def local(self) -> "Aim": ...


class Narrowing(Choosing):
    """What can also say how they are told."""

    if TYPE_CHECKING:

        @property
        def volatile(self) -> "Aim": ...

        def timeout(self, seconds: float) -> "Aim": ...


@dataclass(frozen=True)
class Aim(Narrowing, latest.Aim):
    """Who is meant: those in any of the rooms, or everybody, but those in any of some others."""

    def emit(self, event: str, *arguments: object) -> None:
        """Send an event to those who are meant, wherever they are. Raises TypeError, ValueError."""
        others: Any = self.others
        audience: Any = self.audience
        for child in tuple(audience.children):  # of a parent, which has no sockets of its own
            replace(self, audience=child).emit(event, *arguments)
        if others is ALONE:
            super().emit(event, *arguments)
        else:
            others.say([event, *arguments], self)


def for_servers(event: str, arguments: tuple[object, ...]) -> list[object]:
    """What is said to the other servers. Raises ValueError for a name that is Socket.IO's own."""
    if event in NOT_BETWEEN_SERVERS:
        raise ValueError(f"{event!r} is a name of Socket.IO's own: choose another one for your event.")
    return [event, *arguments]


class Everybody(Narrowing):
    """What means everybody in it, before anything is said about rooms; and the other servers themselves."""

    def aim(self: Any) -> Aim:
        """Everybody."""
        return Aim(self)

    def server_side_emit(self: Any, event: str, *arguments: object) -> None:
        """Have the handlers of an event called at the other servers. Raises ValueError."""
        data = for_servers(event, arguments)
        self.adapter.command(RequestType.SERVER_SIDE_EMIT, self.aim(), data=data)

    async def server_side_emit_with_ack(
        self: Any, event: str, *arguments: object, timeout: float = 5.0
    ) -> list[Any]:
        """Have the handlers of an event called at the other servers, and return what each server answers.

        They have `timeout` seconds, and a function behind their arguments to answer with. Raises Incomplete,
        whose `responses` are those that came in time, ConnectionError, ValueError for bad arguments.
        """
        data = for_servers(event, arguments)
        if timeout <= 0:
            raise ValueError(f"timeout={timeout!r} leaves no time for an answer.")
        if self.adapter is ALONE:
            log.warning("There is no adapter, and so no other server that could answer %r.", event)
            return []
        answers: list[Any] = await self.adapter.ask_servers(data, timeout)
        return answers


class Others(Choosing):
    """What means everybody but itself, before anything is said about rooms."""

    def aim(self: Any) -> Aim:
        """Everybody but this one."""
        return Aim(self.audience, but=(self.id,))

    @property
    def broadcast(self) -> Aim:
        """Everybody but this one."""
        return self.aim()

    @property
    def local(self) -> Aim:
        """Everybody at this server alone, but this one."""
        return self.aim().local


class OthersWithRoom(Others):
    """The same for what nobody wants to hear later: those to whom it can go out at once."""

    socket: Any

    def aim(self) -> Aim:
        """Everybody but the socket, who can take it at once."""
        aim: Aim = self.socket.aim().volatile
        return aim


class VolatileSocket(OthersWithRoom, l17_core.VolatileSocket):
    """A socket to which, and to others, is said what nobody wants to hear later."""


class VolatileRecoverableSocket(VolatileSocket, l18_core.VolatileSocket):
    """The same at a server that makes up for a short disconnection, but not for that."""
