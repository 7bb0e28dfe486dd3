"""Lesson 17, built from lessons/17_async_and_backpressure.py: edit there, not here."""

import asyncio
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from sys import getsizeof
from typing import Any

from handmade import l09_core, l14_core
from handmade import l16_who_is_there as l16
from handmade.l09_core import EnginePacket
from handmade.l14_core import Aiming
from handmade.l16_core import ConnectError as ConnectError


class Watchdog:
    """In `async with`: notes in `found` who lets it wait for a turn longer than `patience`, and how long."""

    def __init__(self, patience: float = 0.1) -> None:
        self.patience = patience
        self.found: list[tuple[float, str]] = []

    async def __aenter__(self) -> "Watchdog":
        self.stopped = threading.Event()
        watching = (asyncio.get_running_loop(), threading.get_ident())
        self.watcher = threading.Thread(target=self.watch, args=watching, daemon=True)
        self.watcher.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stopped.set()
        await asyncio.to_thread(self.watcher.join)

    def watch(self, loop: asyncio.AbstractEventLoop, thread: int) -> None:
        """Ask for a turn, again and again; if it takes too long, look where the thread stands."""
        while not self.stopped.wait(self.patience):
            turn, asked = threading.Event(), time.perf_counter()
            loop.call_soon_threadsafe(turn.set)
            if not turn.wait(self.patience):
                place = traceback.extract_stack(sys._current_frames()[thread])[-1]
                turn.wait()
                self.found.append((time.perf_counter() - asked, f"{place.name}, line {place.lineno}"))


class PausingOutbox(l09_core.Outbox):
    """Packets that wait for something to carry them, and as long as that has no room."""

    def __init__(self, transport: str) -> None:
        super().__init__(transport)
        self.is_busy = False
        self.size = 0  # how many bytes wait
        self.most = 10_000_000
        self.on_full: Callable[[], object] = lambda: None

    @property
    def is_writable(self) -> bool:
        """Whether a packet would go out at once."""
        return self.carrier is not None and not self.is_busy

    def flush(self) -> None:
        """Hand what waits to the carrier, if it has room. A poll carries once."""
        if self.packets and self.carrier and not self.is_busy:
            carrier, packets = self.carrier, self.packets
            self.packets = []
            if self.transport == "polling":
                self.carrier = None
            call_me_later: Any = carrier(packets)
            if call_me_later:  # that was all it has room for
                self.is_busy = True
                call_me_later(self.resume)

    def resume(self) -> None:
        """The carrier has room again."""
        self.is_busy = False
        self.flush()


class Outbox(PausingOutbox):
    """Packets that wait, up to `most` bytes. If more wait, all are dropped, and `on_full` is called."""

    def send(self, packet: EnginePacket) -> None:
        """Send a packet, or have it wait."""
        super().send(packet)
        if self.packets:
            self.size += getsizeof(packet)
        if self.size > self.most:
            self.packets = []
            self.size = 0
            self.on_full()

    def flush(self) -> None:
        """Hand what waits to the carrier, if it has room."""
        super().flush()
        if not self.packets:
            self.size = 0


class Session(l16.Session):
    """A session whose client is cut off if it does not take what it is sent."""

    outbox_type = Outbox
    outbox: Any

    def __init__(self, transport: str, call_later: Callable[..., Any]) -> None:
        super().__init__(transport, call_later)
        self.outbox.on_full = self.cut_off
        self.thread = threading.get_ident()

    @property
    def is_writable(self) -> bool:
        """Whether a packet would go out at once."""
        return self.state == "open" and bool(self.outbox.is_writable)

    def send(self, packet: EnginePacket) -> None:
        """Send a packet, unless a goodbye was said. Raises RuntimeError in another thread."""
        if threading.get_ident() != self.thread:
            raise RuntimeError("This is not the server's thread: write server.from_thread(socket.emit, …).")
        super().send(packet)

    def cut_off(self) -> None:
        """Too much waits for this client: it gets nothing more. Who is speaking now may finish first."""
        self.state = "full"
        self.call_later(0, lambda: self.end("queue full"))

    def end(self, reason: str, goodbye: str = "1") -> None:
        """It is over; the goodbye does not wait for room."""
        self.outbox.is_busy = False
        super().end(reason, goodbye)


@dataclass(frozen=True)
class Aim(l14_core.Aim):
    """Who is meant, as in lesson 14. If it is volatile: of those, who can take it at once."""

    is_volatile: bool = False

    @property
    def volatile(self) -> "Aim":
        """Those of them to whom it can go out at once."""
        return replace(self, is_volatile=True)

    def sockets(self) -> list[Any]:
        """Their sockets, each once."""
        found = super().sockets()
        return [socket for socket in found if socket.is_writable] if self.is_volatile else found


class Volatile:
    """A socket to which is said what nobody wants to hear later."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket

    def emit(self, event: str, *arguments: object) -> None:
        """Send an event if it can go out at once, else drop it."""
        if self.socket.is_writable:
            self.socket.emit(event, *arguments)


class VolatileSocket(Volatile, Aiming):
    """The same at a server, where a socket can speak to others, too."""

    def aim(self) -> Aim:
        """Everybody but this one, who can take it at once."""
        aim: Aim = self.socket.aim()
        return aim.volatile

    @property
    def broadcast(self) -> Aim:
        """The same."""
        return self.aim()
