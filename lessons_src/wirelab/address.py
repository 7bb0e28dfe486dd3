"""Where a thing listens: the port and the address of a server, a middlebox, a child process, or a number."""

from __future__ import annotations

import inspect
from weakref import WeakKeyDictionary

HOST = "127.0.0.1"

_last_ports: WeakKeyDictionary[object, int] = WeakKeyDictionary()


def port_of(thing: object) -> int:
    """The TCP port on which `thing` listens, or listened last (it may have been restarted there).

    `thing` is a port number, has a `port`, or has `sockets` (a server of `websockets` or asyncio).
    Raises TypeError if it has none of them, ConnectionError if it was closed and its port never asked for.
    """
    refuse_unawaited(thing)
    sockets = getattr(thing, "sockets", None)
    if sockets:
        _last_ports[thing] = sockets[0].getsockname()[1]
    if sockets is not None:
        if thing not in _last_ports:
            raise ConnectionError(f"This {type(thing).__name__} does not listen any more; start a new one.")
        return _last_ports[thing]
    port = getattr(thing, "port", thing)
    if isinstance(port, int) and 0 < port < 65536:
        return port
    raise TypeError(
        "Expected a port number, or something that listens (a server that has been started, a Middlebox, "
        f"a Child), but got {thing!r}."
    )


def url(thing: object, path: str = "", scheme: str = "ws") -> str:
    """The address of a server, Middlebox, Child or port on this machine, e.g. `ws://127.0.0.1:8000/chat`."""
    return f"{scheme}://{HOST}:{port_of(thing)}{path}"


def refuse_unawaited(thing: object) -> None:
    """Raise TypeError if `thing` is a coroutine: `bench.start(...)` without its `await`."""
    if inspect.iscoroutine(thing):
        raise TypeError(f"{thing.__name__}(...) has not run yet: write `await` before it.")
