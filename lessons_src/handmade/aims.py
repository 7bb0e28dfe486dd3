"""Who is meant, with types: each choice gives an aim that has all that the last stage's has."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from handmade import latest
from handmade.stream_adapter import StreamAdapter


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
        others = self.others
        if isinstance(others, StreamAdapter) and not self.is_volatile:
            others.say([event, *arguments], self)
        else:
            super().emit(event, *arguments)


class Everybody(Narrowing):
    """What means everybody in it, before anything is said about rooms."""

    def aim(self: Any) -> Aim:
        """Everybody."""
        return Aim(self)


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
