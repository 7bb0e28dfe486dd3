"""The settings of a server and of a client, under the names that a call uses."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypedDict


class ServerOptions(TypedDict, total=False):
    """What `Server(...)` takes; times in seconds, sizes in bytes."""

    ping_interval: float
    ping_timeout: float
    connect_timeout: float
    upgrade_timeout: float
    body_timeout: float
    attachments_timeout: float
    max_http_buffer_size: int
    max_attachments_size: int
    max_unanswered: int
    max_strangers: int
    cors: Collection[str]


class ClientOptions(TypedDict, total=False):
    """What `io(...)` takes besides the address; times in seconds."""

    path: str
    transports: Sequence[str]
    extra_headers: Mapping[str, str] | None
    proxy: str | None
    timeout: float
    reconnection: bool
    reconnection_attempts: float
    reconnection_delay: float
    reconnection_delay_max: float
    randomization_factor: float


def hold(what: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Raise TypeError, with the names that there are, for an option that is none of them."""
    names = set(known)
    if unknown := sorted(set(given) - names):
        raise TypeError(f"{what} has no option {unknown[0]!r}. Its options are {', '.join(sorted(names))}.")
