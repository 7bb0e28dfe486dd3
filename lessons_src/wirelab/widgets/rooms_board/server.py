"""The board's server, as a program: the handmade one of lesson 14, which alone knows who is in which room.

A line of JSON is a call, as `wirelab.process.Peer` writes it. What the server does is told in lines of its
own: who came and who went, and of each message what was encoded and to whom it was written.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from contextlib import AsyncExitStack
from typing import Any

from handmade.l14_broadcast_and_rooms import Server
from wirelab.widgets.rooms_board.aim import ASKS, EVENT, ROOMS, Aim, from_json
from wirelab.widgets.rooms_board.crowd import rooms_of

CROWD = "the crowd"
"""The name of all its clients together."""


def tell(**what: object) -> None:
    """Write a line to whoever started this process."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


class Hall:
    """The server and its sockets, by the names that their clients gave when they connected."""

    def __init__(self) -> None:
        self.io: Any = None
        self.open = AsyncExitStack()
        self.sockets: dict[str, Any] = {}
        self.written: list[tuple[str, str | bytes]] = []

    async def listen(self, settings: dict[str, Any]) -> int:
        """Serve with these settings as long as the process lives; returns the port."""
        self.io = Server(cors=("*",), **settings)
        self.io.on("connection", self.meet)
        return int(await self.open.enter_async_context(self.io.listen()))

    def meet(self, socket: Any) -> None:
        """The handler of `connection`."""
        auth = socket.handshake["auth"]
        if "crowd" in auth:
            self.watch(CROWD, socket.client.session)
            socket.join(rooms_of(int(auth["crowd"])))
            return
        name = str(auth.get("name", ""))
        self.sockets[name] = socket
        self.watch(name, socket.client.session)
        socket.on(ASKS, lambda aim, text: self.send(from_json(aim), text, socket))
        socket.on("disconnecting", lambda reason: self.lose(name, socket, reason))
        tell(event="in", who=name, key=socket.id)

    def lose(self, name: str, socket: Any, reason: str) -> None:
        """The handler of `disconnecting`: its rooms are still there."""
        tell(event="out", who=name, key=socket.id, reason=reason, rooms=self.rooms_of(socket))
        if self.sockets.get(name) is socket:
            del self.sockets[name]

    def watch(self, name: str, session: Any) -> None:
        """Note each packet on its way out to this client."""
        send = session.send

        def noted(packet: str | bytes) -> None:
            self.written.append((name, packet))
            send(packet)

        session.send = noted

    def rooms_of(self, socket: Any) -> list[str]:
        """The rooms in which it is, without the one of its own."""
        return [room for room in ROOMS if room in socket.rooms]

    async def move(self, name: str, rooms: list[str]) -> list[str]:
        """Let a socket join what is missing and leave the rest; returns where it is then."""
        if name not in self.sockets:
            raise LookupError(f"The server has no socket of {name}.")
        socket = self.sockets[name]
        socket.join([room for room in rooms if room not in socket.rooms])
        for room in self.rooms_of(socket):
            if room not in rooms:
                socket.leave(room)
        return self.rooms_of(socket)

    async def emit(self, aim: dict[str, Any], text: str) -> None:
        """Send as the server itself."""
        self.send(from_json(aim), text, None)

    def send(self, aim: Aim, text: str, socket: Any) -> None:
        """Send what was asked for, and tell what was done."""
        members = {
            room: [name for name, each in self.sockets.items() if room in each.rooms] for room in ROOMS
        }
        self.written.clear()
        aim.at(self.io, socket).emit(EVENT, text)
        packets = {id(packet): packet for _, packet in self.written}
        tell(
            event="sent",
            text=text,
            members=members,
            written=[name for name, _ in self.written if name is not CROWD],
            crowd=sum(name is CROWD for name, _ in self.written),
            packets=[str(packet) for packet in packets.values()],
        )
        self.written.clear()


async def obey(hall: Hall, call: dict[str, Any]) -> None:
    """Carry out a call and answer it."""
    try:
        result = await getattr(hall, call["do"])(*call["with"])
        tell(id=call["id"], result=result)
    except Exception as failure:
        tell(id=call["id"], error=str(failure))


async def main() -> None:
    """Take one call after the other until there are no more."""
    loop, calls = asyncio.get_running_loop(), asyncio.Queue[dict[str, Any] | None]()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(calls.put_nowait, json.loads(line))
        loop.call_soon_threadsafe(calls.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    hall = Hall()
    while call := await calls.get():
        await obey(hall, call)


if __name__ == "__main__":
    asyncio.run(main())
