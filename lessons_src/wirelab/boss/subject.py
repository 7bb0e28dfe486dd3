"""What the review knows of a server: how it is started, and how one speaks to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

PASSWORD = "sesame"


class Fault(Exception):
    """What was observed is not what the boss wants; the message is the sentence that says it."""


class Missing(Fault):
    """The protocol has no way to do what was asked."""


@dataclass(frozen=True)
class Visitor:
    """Who connects, and with what: `old_browser` has XMLHttpRequest but no WebSocket."""

    name: str = "Ann"
    password: str = PASSWORD
    old_browser: bool = False


class Client:
    """One client, speaking through the library that belongs to its server.

    A subject's client defines what its protocol can do; the rest is missing, as it stands here. The server
    answers each message that is sent with the same message.
    """

    def __init__(self) -> None:
        self.connected = False
        self.inbox: list[object] = []

    async def connect(self, port: int, visitor: Visitor, patience: float) -> None:
        """Raises ConnectionError if nothing stands after `patience` seconds."""
        raise NotImplementedError

    async def send(self, message: object) -> None:
        """Send a text, or an object of JSON with bytes in it."""
        raise NotImplementedError

    async def close(self) -> None:
        """Leave, and never come back."""
        raise NotImplementedError

    def answer_for_its_return(self) -> None:
        """It has come back by itself. Raises Missing if that is nothing the subject can be praised for."""

    async def confirm(self, message: object, patience: float) -> None:
        """Send, and return once the server has confirmed it. Raises TimeoutError after `patience` seconds."""
        raise Missing("There is no way to ask whether a message has arrived.")

    async def join(self, room: str) -> None:
        """Enter a room; return once that is done."""
        raise Missing("There is no way to join a room.")

    async def tell(self, room: str | None, message: object) -> None:
        """Send to everyone in the room, or to everyone, oneself included."""
        raise Missing("There is no way to send to everyone: each connection has one client.")

    async def endpoint(self, name: str) -> Client:
        """A second conversation with the server, at its endpoint `/news`."""
        raise Missing("There is no way to open a second endpoint.")

    async def remember(self, text: str) -> None:
        """Have the server keep a text for this client."""
        raise Missing("There is no way to have the server keep data for a client.")

    async def recall(self) -> object:
        """The visitor's name and the kept text, as the server knows them: `["Ann", "a text"]`."""
        raise Missing("There is no way to ask the server who one is.")


Equipment = AbstractAsyncContextManager[object]
Start = Callable[[int], Equipment]


@dataclass(frozen=True)
class Subject:
    """A server under review.

    `start(port)` gives what `async with` takes; inside, a server runs on that port (0: any) of 127.0.0.1.
    `heartbeat` is how many seconds it takes the server, as started here, to miss a client. `equipment` runs
    as long as the review. `start_two()` starts two servers that know of each other. `returning()` makes the
    client whose return is judged, if that is another one.
    """

    name: str
    start: Start
    client: Callable[[], Client]
    heartbeat: float
    equipment: Sequence[Equipment] = ()
    start_two: Callable[[], AbstractAsyncContextManager[Sequence[object]]] | None = None
    returning: Callable[[], Client] | None = None

    @asynccontextmanager
    async def two(self) -> AsyncIterator[Sequence[object]]:
        """Two servers at work for the same customers, as well as the subject knows how."""
        async with AsyncExitStack() as stack:
            if self.start_two is not None:
                yield await stack.enter_async_context(self.start_two())
            else:
                yield [await stack.enter_async_context(self.start(0)) for _ in range(2)]
