"""The clients on their lanes: each tells what it observes itself, in words and with its counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from wirelab.clients import Client, Event, Kind, Node, Options, PythonSocketIOClient, State, WebSocketsClient
from wirelab.widgets.timeline.recording import Lane
from wirelab.widgets.timeline.settings import TIMEOUT, Settings

OURS, NODE, PAGE, PYTHON, RAW = "ours", "node", "page", "python", "raw"
ABSENT = "absent"
"""The state of a client whose page shows no timeline."""
_SUBJECTS = {
    OURS: "Our client",
    NODE: "The official client",
    PAGE: "Your browser",
    PYTHON: "python-socketio",
    RAW: "The raw WebSocket",
}
COMING_BACK = (State.WAITING, State.TRYING)


class Tell(Protocol):
    """Records what happened to a party."""

    def __call__(self, party: Party, kind: str, said: str, delay: float | None = None) -> None: ...


class Party:
    """A client on its lane. `ours` and the libraries' clients are told alike."""

    def __init__(self, lane: Lane, client: Client, tell: Tell) -> None:
        self.lane = lane
        self.client = client
        self._tell = tell
        self.here = True
        self.forget()
        client.listen(self._take)

    def forget(self) -> None:
        """Count from nothing again."""
        self.attempt = self.kept = self.sent = self.echoed = self.refused = 0

    @property
    def key(self) -> str:
        """Its lane's."""
        return self.lane.key

    @property
    def subject(self) -> str:
        """Its name at the beginning of a sentence."""
        return _SUBJECTS[self.key]

    @property
    def state(self) -> str:
        """A client's `State`, or `ABSENT`."""
        return self.client.state if self.here else ABSENT

    @property
    def connected(self) -> bool:
        """Whether it believes so itself."""
        return self.here and self.client.state is State.CONNECTED

    @property
    def returns(self) -> bool:
        """Whether it comes back by itself, as far as can be known beforehand."""
        return self.here and not self.client.raw

    @property
    def settled(self) -> bool:
        """Connected for good: no upgrade under way, nothing kept any more."""
        return self.connected and self.client.settled and not self.kept

    async def connect(self, cable: object, settings: Settings) -> None:
        """Begin anew."""
        options = Options(endpoint="/raw", timeout=TIMEOUT) if self.client.raw else settings.options()
        await self.client.connect(cable, options)

    async def send(self, text: str) -> None:
        """Have it send a message, whether it is connected or not; what its library refuses is told."""
        try:
            await self.client.send(text)
        except ConnectionError as refusal:
            self.refused += 1
            self._tell(self, "refused", f"{self.subject} cannot send, and the message is lost. {refusal}")

    def _take(self, event: Event) -> None:
        self._count(event)
        self._tell(self, event.kind, f"{self.subject} {_said(event, self)}", event.delay)

    def _count(self, event: Event) -> None:
        match event.kind:
            case Kind.WAITING | Kind.TRYING:
                self.attempt = event.attempt
            case Kind.CONNECTED:
                self.attempt = 0
            case Kind.KEPT:
                self.kept += 1
            case Kind.SENT:
                self.sent += 1
                self.kept = max(self.kept - 1, 0)  # what was kept goes first
            case Kind.RECEIVED:
                self.echoed += 1
            case Kind.LEFT:
                self.forget()


def _said(event: Event, party: Party) -> str:
    """What happened, after the client's name."""
    sentences: dict[Kind, Callable[[], str]] = {
        Kind.TRYING: lambda: f"tries: attempt {event.attempt}." if event.attempt else "connects.",
        Kind.CONNECTED: lambda: f"is connected, by {event.transport}.",
        Kind.UPGRADED: lambda: f"has changed to {event.transport}.",
        Kind.NOT_UPGRADED: lambda: f"stays on {event.transport or 'polling'}: {event.text}",
        Kind.FAILED: lambda: f"did not get through. {event}",
        Kind.DISCONNECTED: lambda: f"noticed that its connection is gone. {event}.{_afterwards(event)}",
        Kind.WAITING: lambda: f"waits {event.delay or 0:.2f} s, then comes attempt {event.attempt}.",
        Kind.GIVEN_UP: lambda: "has given up.",
        Kind.LEFT: lambda: "has left.",
        Kind.SENT: lambda: "sends a message.",
        Kind.KEPT: lambda: f"keeps a message for later: {party.kept} in its buffer.",
        Kind.RECEIVED: lambda: "hears an echo.",
        Kind.NOTE: lambda: f"notes: {event.text}",
    }
    return sentences[event.kind]()


def _afterwards(event: Event) -> str:
    return "" if event.retrying else " It will not try again by itself."


def parties(node: Node, page: Client, ours: Client | None, tell: Tell) -> dict[str, Party]:
    """Everyone, by the keys of their lanes; `page` is the official client in the page, absent at first."""
    cast = [] if ours is None else [Party(Lane(OURS, "ours", "typed in this lesson"), ours, tell)]
    cast += [
        Party(Lane(NODE, "official client", "socket.io-client, Node"), node.client("official"), tell),
        Party(Lane(PAGE, "your browser", "socket.io-client, here"), page, tell),
        Party(Lane(PYTHON, "python-socketio", "jitter in seconds"), PythonSocketIOClient("python"), tell),
        Party(Lane(RAW, "raw WebSocket", "no pings"), WebSocketsClient("raw"), tell),
    ]
    everyone = {party.key: party for party in cast}
    everyone[PAGE].here = False
    return everyone
