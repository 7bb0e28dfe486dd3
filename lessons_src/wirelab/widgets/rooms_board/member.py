"""The clients on the board: who they are, what each of them believes, and what the server has of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from wirelab.clients import Client, HandmadeClient, Node, PythonSocketIOClient, State
from wirelab.middlebox import Blackhole, Middlebox

PYTHON, NODE, PAGE = "Python", "Node", "page"


@dataclass
class Member:
    """A client. `key` is the id of its socket at the server, None without one; `rooms` are the server's.

    `here`: whether there is such a client at all; those in the page need one.
    """

    name: str
    kind: str
    about: str
    client: Client
    start: tuple[str, ...] = ()
    here: bool = True
    cable: Middlebox | None = None
    key: str | None = None
    rooms: list[str] = field(default_factory=list)
    lost: str = ""
    is_placed: bool = False

    def forget(self) -> None:
        """Be as before the first connection."""
        self.key, self.rooms, self.lost, self.is_placed = None, [], "", False

    @property
    def known(self) -> bool:
        """Whether the server has a socket of it."""
        return self.key is not None

    @property
    def pulled(self) -> bool:
        """Whether its cable is pulled."""
        return self.cable is not None and bool(self.cable.rules)

    def pull(self) -> None:
        """Let nothing pass on its cable."""
        if self.cable is not None:
            self.cable.rules = [Blackhole()]

    def plug(self) -> None:
        """Let everything pass."""
        if self.cable is not None:
            self.cable.rules = []

    @property
    def connected(self) -> bool:
        """Whether it believes so itself."""
        return self.here and self.client.state is State.CONNECTED

    @property
    def reachable(self) -> bool:
        """Whether what the server writes to it arrives."""
        return self.key is not None and self.connected and not self.pulled

    @property
    def stands(self) -> str:
        """How it stands, in words that are the same in every run."""
        if not self.here:
            return "not here: no page shows the board"
        if self.key is not None:
            return "cable pulled, and the server has not noticed" if self.pulled else "connected"
        return f"not connected: {self.lost}" if self.lost else "not connected"

    @property
    def believes(self) -> str:
        """What it knows itself. Of rooms it knows nothing: a client has no word for them."""
        if not self.here:
            return "There is no such client: no page shows the board."
        if self.connected:
            return "“I am connected. Rooms? I have no word for them.”"
        end = f": {self.lost_words}" if self.lost_words else ""
        return f"“I am not connected{end}.”"

    @property
    def lost_words(self) -> str:
        """What its library said at the end of its last connection."""
        last = next((event for event in reversed(self.client.events) if event.kind == "disconnected"), None)
        return str(last) if last else ""


def members(node: Node, eve: Client, finn: Client) -> dict[str, Member]:
    """Everyone, by name; Eve and Finn are the official client in the page that shows the board."""
    official = "socket.io-client"
    cast = (
        Member("Ann", PYTHON, "our own client, of lesson 11", HandmadeClient("Ann")),
        Member("Bob", PYTHON, "python-socketio", PythonSocketIOClient("Bob")),
        Member("Cleo", NODE, f"{official}, in Node", node.client("Cleo")),
        Member("Dan", NODE, f"{official}, in Node", node.client("Dan")),
        Member("Eve", PAGE, f"{official}, in this page", eve, here=False),
        Member("Finn", PAGE, f"{official}, in this page", finn, here=False),
    )
    return {member.name: member for member in cast}
