"""The settings of a server and of a client, under the names that a call uses."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Any, Protocol, TypedDict

from handmade.l18_core import Recovery


class Bus(Protocol):
    """What connects the servers of a cluster. `Redis` is one.

    Each namespace has an adapter there, whose `routes` say which messages it wants: the first is a pattern,
    the others are channels. Which kind of adapter that is, an attribute `adapter_type` may say; else it is
    the PubSubAdapter of `adapters`.
    """

    adapters: list[Any]
    is_open: bool

    def publish(self, channel: str, message: bytes) -> None:
        """Tell whoever listens to that channel."""

    def connected(self) -> AbstractAsyncContextManager[None]:
        """Be connected as long as the `async with` lasts. Raises ConnectionError."""

    async def subscribe(self, adapter: Any) -> None:
        """Listen for an adapter."""

    async def unsubscribe(self, adapter: Any) -> None:
        """Listen for an adapter no longer."""

    async def count(self, channel: str) -> int:
        """How many servers listen to that channel. Raises ConnectionError."""


class ServerOptions(TypedDict, total=False):
    """What `Server(...)` takes; times in seconds, sizes in bytes."""

    ping_interval: Annotated[float, "from a pong, or the beginning, to the next ping"]
    ping_timeout: Annotated[float, "within which the pong has to come"]
    upgrade_timeout: Annotated[float, "within which a WebSocket has to take over once it is open"]
    connect_timeout: Annotated[float, "within which a client has to join a namespace"]
    max_http_buffer_size: Annotated[int, "of one message, and of the body of one request"]
    cors: Annotated[Collection[str], 'foreign origins whose pages may use the server, or "*" for all']
    body_timeout: Annotated[float, "within which the body of a request has to arrive"]
    attachments_timeout: Annotated[float, "within which the attachments of an event have to arrive"]
    max_attachments_size: Annotated[int, "of the attachments of one event together"]
    max_queue_size: Annotated[int, "of what may wait for one client; who takes less is cut off"]
    max_unanswered: Annotated[int, "for how many acknowledgements a socket may wait at a time"]
    max_strangers: Annotated[int, "how many clients of one address may be there and in no namespace yet"]
    connection_state_recovery: Annotated[
        Recovery | None, "whether and how it makes up for short disconnections"
    ]
    adapter: Annotated[Bus | None, "what connects it to other servers: `Redis(url)`"]


class ClientOptions(TypedDict, total=False):
    """What `io(...)` takes besides the address; times in seconds."""

    path: Annotated[str, "where the server is on its site"]
    transports: Annotated[Sequence[str], "what may carry the packets; it begins with the first"]
    extra_headers: Annotated[Mapping[str, str] | None, "of each request"]
    timeout: Annotated[float, "within which an attempt to connect has to succeed"]
    reconnection: Annotated[bool, "whether it comes back by itself"]
    reconnection_attempts: Annotated[float, "after which it gives up"]
    reconnection_delay: Annotated[float, "up to the first attempt, more or less; twice as long each time"]
    reconnection_delay_max: Annotated[float, "the longest"]
    randomization_factor: Annotated[float, "the part of it that is left to chance, from 0 to 1"]
    proxy: Annotated[str | None, "the address of an HTTP proxy"]


def hold(what: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Raise TypeError, with the names that there are, for an option that is none of them."""
    names = set(known)
    if unknown := sorted(set(given) - names):
        raise TypeError(f"{what} has no option {unknown[0]!r}. Its options are {', '.join(sorted(names))}.")


def hold_parts(given: Mapping[str, Any]) -> None:
    """Raise TypeError, with what to write instead, for what is neither a Recovery nor a line to others."""
    recovery, adapter = given.get("connection_state_recovery"), given.get("adapter")
    if recovery is not None and not isinstance(recovery, Recovery):
        raise TypeError(f"connection_state_recovery={recovery!r} is no Recovery: write Recovery(), or None.")
    if adapter is not None and not hasattr(adapter, "publish"):
        raise TypeError(f"adapter={adapter!r} connects no servers: write Redis(url), or None.")
