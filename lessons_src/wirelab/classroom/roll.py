"""The roll: who is in class, who was, and under which name. It knows no network."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

ROOMS = ("gold", "silver", "copper")


@dataclass
class Pupil:
    """Somebody with a key, which the page made and nobody else is told. `socket` is None while away."""

    id: str
    name: str
    socket: Any = None

    @property
    def rooms(self) -> list[str]:
        """The rooms of the board in which the server has it."""
        return [room for room in ROOMS if self.socket and room in self.socket.rooms]

    def to_json(self) -> dict[str, Any]:
        """What everybody may know."""
        transport = self.socket.client.session.outbox.transport if self.socket else ""
        return {
            "id": self.id,
            "name": self.name,
            "here": self.socket is not None,
            "rooms": self.rooms,
            "transport": transport,
        }


class Roll:
    """Everybody by key. Whoever was lost stays on it for a while, of many the latest."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._pupils: dict[str, Pupil] = {}

    def find(self, key: str) -> Pupil | None:
        """Whose key that is."""
        return self._pupils.get(key)

    def enter(self, key: str, name: str, socket: Any) -> Pupil:
        """Somebody comes, or comes back. A name that another one has gets a number."""
        pupil = self._pupils.pop(key, None) or Pupil(_public(key), "")
        taken = {other.name.casefold() for other in self._pupils.values()}
        pupil.name, number = name, 2
        while pupil.name.casefold() in taken:
            pupil.name, number = f"{name} ({number})", number + 1
        pupil.socket = socket
        self._pupils[key] = pupil
        self._forget()
        return pupil

    def lose(self, key: str, socket: Any) -> None:
        """A connection is lost; it may be one that was replaced long ago."""
        pupil = self._pupils.get(key)
        if pupil and pupil.socket is socket:
            pupil.socket = None
            self._forget()

    def remove(self, key: str) -> None:
        """Somebody has said goodbye."""
        self._pupils.pop(key, None)

    def by_id(self, id: str) -> Pupil | None:
        """Who has that public id."""
        return next((pupil for pupil in self._pupils.values() if pupil.id == id), None)

    @property
    def here(self) -> list[Pupil]:
        """Who is connected."""
        return [pupil for pupil in self._pupils.values() if pupil.socket]

    @property
    def everybody(self) -> list[Pupil]:
        """Who is, or was."""
        return list(self._pupils.values())

    def _forget(self) -> None:
        away = [key for key, pupil in self._pupils.items() if not pupil.socket]
        for key in away[: max(0, len(away) - self._most)]:
            del self._pupils[key]


def _public(key: str) -> str:
    """What stands for a key and does not tell it; the same after a restart."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:12]
