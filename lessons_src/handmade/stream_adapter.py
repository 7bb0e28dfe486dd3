"""What the servers of a cluster say to each other over a stream, and who hears it: lesson 19's adapter.

What is for many goes into the stream first, and to our own clients when it comes back from there: so all
clients of all servers hear all in one order, and each offset says what its client has heard.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from handmade.adapters import Adapter
from handmade.l08_meet_socketio import Type
from handmade.l18_core import Said, Visit
from handmade.l19_core import RequestType, enter, pack, unpack
from handmade.latest import Aim
from handmade.stream_entries import TAKEN_OVER, Fields, MessageType, read, said, write
from handmade.stream_memory import StreamHistory
from handmade.stream_recovery import StreamClient, StreamSocket

REQUESTS = {
    MessageType.BROADCAST: RequestType.BROADCAST,
    MessageType.SOCKETS_JOIN: RequestType.REMOTE_JOIN,
    MessageType.SOCKETS_LEAVE: RequestType.REMOTE_LEAVE,
    MessageType.DISCONNECT_SOCKETS: RequestType.REMOTE_DISCONNECT,
    MessageType.FETCH_SOCKETS: RequestType.REMOTE_FETCH,
    MessageType.SERVER_SIDE_EMIT: RequestType.SERVER_SIDE_EMIT,
}
"""What lesson 19 calls what is asked here."""
KINDS = {request: kind for kind, request in REQUESTS.items()}
ANSWERS = {
    "sockets": MessageType.FETCH_SOCKETS_RESPONSE,
    "data": MessageType.SERVER_SIDE_EMIT_RESPONSE,
    "clientCount": MessageType.BROADCAST_CLIENT_COUNT,
    "packet": MessageType.BROADCAST_ACK,
}
"""What an answer is, by what it has."""


class Waiting(NamedTuple):
    """A message on its way through the stream, and those here who are meant."""

    message: dict[str, Any]
    ids: list[str]


def as_request(uid: str, kind: int, data: dict[str, Any]) -> bytes:
    """A message as the request that lesson 19 knows."""
    known = {"uid": uid, "type": REQUESTS[MessageType(kind)], "close": False, **data}
    if kind == MessageType.SERVER_SIDE_EMIT:
        known["data"] = data["packet"]
    return pack(known)


def options(aim: Any) -> dict[str, Any]:
    """Whom an aim means, and how they are told."""
    flags = {"volatile": True} if aim.is_volatile else {}
    timeout = {"timeout": round(aim.seconds * 1000)} if aim.seconds else {}
    return {"rooms": list(aim.rooms or ()), "except": list(aim.but), "flags": {**flags, **timeout}}


class Talking(Adapter):
    """Asks and answers over pub/sub: what is worth nothing a moment later needs no stream."""

    bus: Any

    def __init__(self, audience: Any, uid: str, bus: Any, tell: Callable[..., None]) -> None:
        super().__init__(audience, uid, bus, tell)
        self.requests = self.channel  # Redis knows how many servers listen there
        mine = re.sub(r"([*?\[\]\\])", r"\\\1", f"{self.channel}{uid}#")
        self.routes = {mine: self.hear, self.channel: self.hear}

    def message(self, kind: int | str, data: dict[str, Any]) -> dict[str, Any]:
        """What is said to the others."""
        return {"uid": self.uid, "nsp": self.audience.name, "type": kind, "data": data}

    def publish(self, data: list[Any], aim: Any) -> None:
        """Tell the other servers an event that is volatile: nobody reads it later."""
        packet = {"type": Type.EVENT, "data": data, "nsp": self.audience.name}
        what = {"packet": packet, "opts": options(aim)}
        self.send(self.channel, pack(self.message(MessageType.BROADCAST, what)))

    def respond(self, request: dict[str, Any], **answer: Any) -> None:
        """Answer a request."""
        [name] = answer.keys() & ANSWERS.keys()
        told = {"requestId": request["requestId"], "packet" if name == "data" else name: answer[name]}
        self.send(f"{self.channel}{request['uid']}#", pack(self.message(ANSWERS[name], told)))

    def hear(self, message: bytes) -> None:
        """A server has said, or asked, or answered something."""
        told = unpack(message)
        kind, data = told["type"], told["data"]
        if told["uid"] == self.uid:
            return
        if kind in ANSWERS.values():
            self.enter(kind, data)
        elif kind == MessageType.BROADCAST and "requestId" not in data:
            self.aim_at(data["opts"]).emit(*data["packet"]["data"])
        else:
            self.work(as_request(told["uid"], kind, data))

    def enter(self, kind: int, answer: dict[str, Any]) -> None:
        """Enter an answer where it is waited for."""
        survey = self.surveys.get(answer["requestId"])
        if survey and kind in (MessageType.BROADCAST_ACK, MessageType.SERVER_SIDE_EMIT_RESPONSE):
            survey.add(answer.get("packet"))
        elif survey:
            enter(survey, answer)


class StreamAdapter(Talking):
    """The way from one namespace of this server to the same one of all others, and back to itself."""

    client_type, socket_type = StreamClient, StreamSocket
    most = 10_000
    """So many messages may be on their way; what is more is told to our own clients alone."""

    def __init__(self, audience: Any, uid: str, bus: Any, tell: Callable[..., None]) -> None:
        super().__init__(audience, uid, bus, tell)
        self.count = 0
        self.waiting: dict[int, Waiting] = {}

    @staticmethod
    def new_history(server: Any, name: str) -> StreamHistory:
        """What all servers remember together in a namespace."""
        return StreamHistory(server, name)

    def say(self, data: list[Any], aim: Any) -> None:
        """Tell an event to those who are meant, by way of the stream; a volatile one goes past it.

        Raises TypeError, ValueError.
        """
        if aim.is_volatile:
            Aim.emit(aim, *data)
            return
        packet = {"type": Type.EVENT, "data": data, "nsp": self.audience.name}
        message = {"packet": packet, "opts": options(aim)}
        said(data, message["opts"], self.audience.name, 0)  # raises here what cannot be sent
        self.count += 1
        self.waiting[self.count] = Waiting(message, [socket.id for socket in aim.sockets()])
        if self.bus.is_alone or len(self.waiting) > self.most:
            self.tell_alone(self.count)
        else:
            self.add(MessageType.BROADCAST, message, partial(self.tell_alone, self.count))

    def add(self, kind: int | str, data: dict[str, Any], failed: Callable[[], object]) -> None:
        """Add a message to the stream."""
        told = {**self.message(kind, {}), "type": str(kind), "data": write(data), "number": str(self.count)}
        self.bus.add(told, failed)

    def tell_alone(self, number: int) -> None:
        """Redis does not take a message: our own clients hear it, and those of other servers never."""
        if number in self.waiting:
            self.bus.lost += 1
            self.tell_ours(self.waiting.pop(number), None)

    def tell_ours(self, waiting: Waiting, number: int | None) -> None:
        """Tell our clients who were meant as it was said; also one that has come back here since."""
        message, ids = waiting
        sockets = self.audience.sockets
        here = [sockets[id] for id in ids if id in sockets]
        self.deliver(said(message["packet"]["data"], message["opts"], self.audience.name, number), here)

    def include(self, visit: Visit) -> None:
        """Somebody is back: what is still on its way was said before, and is for him, too."""
        for message, ids in self.waiting.values():
            rooms, but = message["opts"]["rooms"], message["opts"]["except"]
            event = Said(self.bus.last + 1, [], tuple(rooms) or None, tuple(but), 0)
            if visit.id not in ids and visit.was_meant(event):
                ids.append(visit.id)

    def deliver(self, event: Said, sockets: list[Any]) -> None:
        """Send it, and keep it for those who are coming back at this moment."""
        for socket in sockets:
            socket.write(event.packets)
        if self.audience.history and event.number:
            self.audience.history.heard(event)

    def read(self, fields: Fields, number: int) -> None:
        """Here is an entry of the stream. Raises what a bad one brings about."""
        kind, data = fields["type"], read(fields.get("data", "{}"))
        if fields["uid"] == self.uid:
            self.read_own(fields, number)
        elif kind == TAKEN_OVER:
            if self.audience.history:
                self.audience.history.give_up(data["pid"])
        elif int(kind) == MessageType.BROADCAST:
            offset = number if self.audience.history else None
            event = said(data["packet"]["data"], data["opts"], self.audience.name, offset)
            self.deliver(event, self.aim_at(data["opts"]).sockets())
        else:
            self.work(as_request(fields["uid"], int(kind), data))

    def read_own(self, fields: Fields, number: int) -> None:
        """What we have said ourselves has come back: now it has its offset. We may have told it already."""
        count = int(fields["number"])
        is_event = fields["type"] == str(int(MessageType.BROADCAST))
        if is_event and count in self.waiting:
            self.give_up_before(count)
            self.tell_ours(self.waiting.pop(count), number if self.audience.history else None)

    def give_up_before(self, count: int) -> None:
        """What we said earlier comes no more: the stream was cut before we had read it."""
        while (earliest := next(iter(self.waiting))) < count:
            self.tell_alone(earliest)

    def command(self, kind: RequestType, aim: Any, **what: Any) -> None:
        """Have the other servers do something to those who are meant, or say something."""
        if "data" in what:
            what["packet"] = what.pop("data")
        told = {"opts": options(aim), **what}
        if "requestId" in what or kind == RequestType.SERVER_SIDE_EMIT:  # worth nothing a moment later
            self.send(self.channel, pack(self.message(KINDS[kind], told)))
        else:
            self.add(KINDS[kind], told, lambda: None)

    def take_over(self, pid: str) -> None:
        """A client has come back here: whoever still believes it to be there ends that."""
        self.add(TAKEN_OVER, {"pid": pid}, lambda: None)

    def go_on_alone(self) -> None:
        """Redis is away: what is on its way is told to our clients."""
        for number in tuple(self.waiting):
            self.tell_alone(number)

    def resume(self) -> None:
        """Redis is there again, and may have forgotten what it knew."""
        if self.audience.history:
            self.audience.history.keep_all()
