"""The bench: what runs, by name. A name closes its predecessor, so that every cell can be run again."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

from wirelab.address import port_of
from wirelab.bench.descriptors import require_one

T = TypeVar("T")
Maker = Callable[..., AbstractAsyncContextManager[T]]

CLOSING_TIME = 1.0
"""Seconds that a thing has for closing by itself."""


@dataclass
class _Entry:
    """What a name stands for; it stays after the stop, so that it can be restarted."""

    maker: Maker[Any] | None
    manager: AbstractAsyncContextManager[Any]
    value: Any
    port: int | None
    running: bool = True


_bench: dict[str, _Entry] = {}


async def start(name: str, thing: AbstractAsyncContextManager[T] | Maker[T]) -> T:
    """Start a thing under a name, after closing its predecessor; returns what `async with` would give.

    `thing` is what `async with` takes (`serve(...)`, `connect(...)`, a Middlebox, a Child), or a function
    without arguments that makes one, which can then be restarted. Raises TypeError for anything else.
    """
    if name in _bench:
        await stop(name)
    if isinstance(thing, AbstractAsyncContextManager) or not callable(thing):
        return await _open(name, None, thing)
    return await _open(name, thing, thing())


async def stop(name: str) -> None:
    """Close what runs under that name, within about a second. Nothing happens if it is closed already."""
    entry = _entry(name)
    if entry.running:
        entry.running = False
        await _close(entry)


async def restart(name: str) -> Any:
    """Close and start again, on the same port if the thing allows it; returns the new thing.

    A Child restarts itself. Anything else must have been started from a function, and comes back on its port
    if the function takes `port`: `lambda port=0: serve(echo, "127.0.0.1", port)`.
    """
    entry = _entry(name)
    if hasattr(entry.value, "restart"):
        await entry.value.restart()
        entry.running = True
        return entry.value
    if entry.maker is None:
        raise TypeError(
            f"{name!r} cannot be restarted, because it was not started from a function; start it with "
            f"bench.start({name!r}, lambda port=0: ...)."
        )
    await stop(name)
    settings = {"port": entry.port} if "port" in inspect.signature(entry.maker).parameters else {}
    return await _open(name, entry.maker, entry.maker(**settings))


async def stop_all() -> None:
    """Close everything, the latest first."""
    async with contextlib.AsyncExitStack() as stack:
        for name in names():
            stack.push_async_callback(stop, name)


def names() -> list[str]:
    """What runs, in the order in which it was started."""
    return [name for name, entry in _bench.items() if entry.running]


def _entry(name: str) -> _Entry:
    if name not in _bench:
        known = ", ".join(map(repr, _bench)) or "nothing"
        raise LookupError(f"There is no {name!r} on the bench; there is: {known}.")
    return _bench[name]


async def _open(name: str, maker: Maker[T] | None, manager: AbstractAsyncContextManager[T]) -> T:
    if not isinstance(manager, AbstractAsyncContextManager):
        if inspect.iscoroutine(manager):
            manager.close()
        raise TypeError(
            f"{name!r} needs something that `async with` takes, like serve(...), or a function that makes "
            f"it, but got a {type(manager).__name__}."
        )
    require_one()
    value = await manager.__aenter__()
    if getattr(value, "sockets", None) == ():
        raise ConnectionError(
            f"What was given for {name!r} has been closed before, and cannot be opened again; make a new one "
            f"in the same cell."
        )
    try:
        port = port_of(value)
    except TypeError:
        port = None
    while name in names():  # somebody else has started it meanwhile
        await stop(name)
    _bench.pop(name, None)
    _bench[name] = _Entry(maker, manager, value, port)
    return value


async def _close(entry: _Entry) -> None:
    closing = asyncio.ensure_future(entry.manager.__aexit__(None, None, None))
    done, _ = await asyncio.wait([closing], timeout=CLOSING_TIME)
    if done:
        await closing
        return
    closing.cancel()
    # A websockets server waits for handlers that never look at their connection, and for frozen clients.
    stuck = [closing, *getattr(entry.value, "handler_tasks", ())]
    for connection in tuple(getattr(entry.value, "all_connections", ())):
        connection.transport.abort()
    for task in stuck:
        task.cancel()
    await asyncio.wait(stuck, timeout=CLOSING_TIME)
