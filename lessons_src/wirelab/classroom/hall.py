"""The hall: who may come in, and what those who are in can do: chat, enter a room of the board, leave it."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable
from typing import Any

from wirelab.classroom.limits import Bucket, Limits
from wirelab.classroom.roll import ROOMS, Pupil, Roll
from wirelab.classroom.stage import ConnectError, Socket
from wirelab.classroom.texts import Refused, clean, clean_name, is_code

LATEST = 8
"""Texts and refusals that the teacher's notebook shows."""
KEY_LETTERS = 64
TEACHER = "the teacher"


class Hall:
    """The people in class, at a server of theirs."""

    def __init__(self, io: Any, code: str, limits: Limits) -> None:
        self.io, self.limits, self._code = io, limits, code
        self.roll = Roll(limits.pupils)
        self.refused: Counter[str] = Counter()
        self.latest_refused: deque[str] = deque(maxlen=LATEST)
        self.texts: deque[dict[str, Any]] = deque(maxlen=LATEST)
        self.count = 0
        self.changed: Callable[[], None] = lambda: None
        self._buckets: dict[str, Bucket] = {}
        self._barred: deque[str] = deque(maxlen=1000)
        io.use(self._examine)
        io.on("connection", self._welcome)

    def refuse(self, kind: str, who: str = "") -> None:
        """Note that something was not let through."""
        self.refused[kind] += 1
        self.latest_refused.append(f"{who}: {kind}" if who else kind)
        self.changed()

    # At the door

    async def _examine(self, socket: Socket) -> None:
        """Who is not let in hears why. Raises ConnectError."""
        auth = socket.handshake["auth"]
        if not is_code(auth.get("code"), self._code):
            self.refuse("wrong code" if auth.get("code") else "no code")
            await asyncio.sleep(self.limits.wrong_code_seconds)
            raise _no("code", "That is not the code of this class. It is on the board, below the address.")
        key = auth.get("key")
        if not isinstance(key, str) or not 8 <= len(key) <= KEY_LETTERS:
            self.refuse("speaks no Socket.IO")
            raise _no("key", "Use the page of this class.")
        try:
            clean_name(auth.get("name"), self.limits.name_letters)
        except Refused as refused:
            self.refuse("a name that is none")
            raise _no("name", str(refused)) from None
        self._find_seat(key)

    def _find_seat(self, key: str) -> None:
        """Raises ConnectError if there is none. Who is here already gets up for himself."""
        if key in self._barred:
            self.refuse("sent out")
            raise _no("barred", "The teacher has sent you out.")
        known = self.roll.find(key)
        if known and known.socket:
            _goodbye(known.socket, "taken", "You have opened the class in another window.")
        if len(self.io.sockets) >= self.limits.pupils:
            self.refuse("the class is full")
            here = self.limits.pupils
            raise _no("full", f"The class is full: {here} of {here} are here.")

    def _welcome(self, socket: Socket) -> None:
        """The handler of `connection`."""
        auth = socket.handshake["auth"]
        key = auth["key"]
        pupil = self.roll.enter(key, clean_name(auth["name"], self.limits.name_letters), socket)
        socket.on("say", self._handler(pupil, self._say))
        socket.on("room", self._handler(pupil, self._room))
        socket.on("disconnect", lambda reason: self._lose(key, socket, reason))
        socket.emit("welcome", {"name": pupil.name, "rooms": pupil.rooms, "most": self.limits.pupils})
        self.changed()

    def _lose(self, key: str, socket: Socket, reason: str) -> None:
        self.roll.lose(key, socket)
        known = self.roll.find(key)
        if reason == "client namespace disconnect" and known and not known.socket:
            self.roll.remove(key)
        known_keys = {pupil.id for pupil in self.roll.everybody}
        self._buckets = {id: bucket for id, bucket in self._buckets.items() if id in known_keys}
        if not socket.client.sockets:
            socket.client.close()
        self.changed()

    # What pupils do

    def _handler(
        self, pupil: Pupil, act: Callable[[Pupil, list[Any]], dict[str, Any]]
    ) -> Callable[..., None]:
        """A handler that answers, also that it does not do it, and why."""

        def handle(*said: Any) -> None:
            values = [value for value in said if not callable(value)]
            try:
                answer = {"ok": True, **act(pupil, values)}
            except Refused as refused:
                self.refuse(str(refused), pupil.name)
                answer = {"ok": False, "why": str(refused)}
            if values != list(said):
                said[-1](answer)

        return handle

    def _say(self, pupil: Pupil, values: list[Any]) -> dict[str, Any]:
        """Somebody says something, to everybody or to rooms."""
        self._count(pupil)
        match values:
            case [text, list(rooms)] if _are_rooms(rooms):
                return self.say(pupil.name, clean(text, self.limits.text_letters, "A message"), rooms)
        raise Refused("That is no message of this page.")

    def _room(self, pupil: Pupil, values: list[Any]) -> dict[str, Any]:
        """Somebody wants into a room, or out."""
        self._count(pupil)
        match values:
            case [str(room), bool(inside)] if _are_rooms([room]):
                if pupil.socket:
                    pupil.socket.join(room) if inside else pupil.socket.leave(room)
                self.changed()
                return {"rooms": pupil.rooms}
        raise Refused("There is no such room.")

    def _count(self, pupil: Pupil) -> None:
        loop, limits = asyncio.get_running_loop(), self.limits
        bucket = self._buckets.setdefault(
            pupil.id, Bucket(limits.texts_per_second, limits.texts_at_once, loop.time)
        )
        if not bucket.take():
            raise Refused("Too fast: wait a moment.")

    # What the teacher does

    def say(self, name: str, text: str, rooms: list[str]) -> dict[str, Any]:
        """Send a text to everybody in the rooms, or to all; to how many that is."""
        aim = self.io.to(rooms) if rooms else self.io
        sent = len(aim.aim().sockets())
        said = {"name": name, "text": text, "rooms": rooms, "teacher": name == TEACHER}
        aim.emit("text", said)
        self.count += 1
        self.texts.append({**said, "sent": sent})
        self.changed()
        return {"sent": sent}

    def send_out(self, id: str) -> None:
        """Somebody has to go, and his page cannot come back."""
        pupil = self.roll.by_id(id)
        if pupil and pupil.socket:
            key = pupil.socket.handshake["auth"]["key"]
            self._barred.append(key)
            _goodbye(pupil.socket, "barred", "The teacher has sent you out.")
            self.roll.remove(key)
            self.changed()

    def close(self) -> None:
        """The class is over."""
        for pupil in self.roll.here:
            _goodbye(
                pupil.socket,
                "over",
                "The server has said goodbye and closes its door. Thank you for being here.",
            )

    def state(self) -> dict[str, Any]:
        """All that the teacher's notebook shows."""
        return {
            "people": [pupil.to_json() for pupil in self.roll.everybody],
            "refused": dict(self.refused),
            "latest_refused": list(self.latest_refused),
            "texts": list(self.texts),
            "count": self.count,
        }


def _no(why: str, sentence: str) -> ConnectError:
    return ConnectError(sentence, {"why": why})


def _goodbye(socket: Any, why: str, sentence: str) -> None:
    socket.emit("goodbye", {"why": why, "sentence": sentence})
    socket.disconnect(close=True)


def _are_rooms(rooms: Iterable[Any]) -> bool:
    return all(isinstance(room, str) and room in ROOMS for room in rooms)
