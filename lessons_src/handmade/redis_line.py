"""A server's line to Redis: what connects the servers of a cluster (`Server(adapter=Redis(url))`).

Beside lesson 19, which tells what passes over it; here is how redis-py is asked for that.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

log = logging.getLogger("handmade")


async def end(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel tasks until they have ended.

    The `wait_for` of Python 3.11, which redis-py uses, loses a cancellation that comes just as it is done.
    """
    while tasks := [task for task in tasks if not task.done()]:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=0.1)


class Publisher:
    """The way to Redis. What that does not take at once is lost: `lost` counts it."""

    most = 10_000
    """So many messages may wait; what is more is lost."""

    def __init__(self, url: str) -> None:
        limits: Any = {"socket_timeout": 5, "socket_connect_timeout": 5}
        self.client: Any = redis.asyncio.Redis.from_url(url, retry=Retry(NoBackoff(), 0), **limits)
        self.outbox: list[tuple[str, bytes]] = []
        self.has_mail = asyncio.Event()
        self.lost = 0
        self.is_away = False

    def publish(self, channel: str, message: bytes) -> None:
        """Publish a message as soon as Redis takes it."""
        if len(self.outbox) < self.most:
            self.outbox.append((channel, message))
            self.has_mail.set()
        else:
            self.lost += 1

    async def write(self) -> None:
        """Publish what waits, in order, all of it at a time. It ends when it is cancelled."""
        while await self.has_mail.wait():
            self.has_mail.clear()
            messages, self.outbox = self.outbox, []
            pipeline = self.client.pipeline(transaction=False)
            for channel, message in messages:
                pipeline.publish(channel, message)
            try:
                await pipeline.execute()
                self.is_away = False
            except RedisError as error:
                self.lose(len(messages), error)

    def lose(self, count: int, error: Exception) -> None:
        """So many messages do not reach the other servers. An outage is reported once."""
        self.lost += count
        if not self.is_away:
            log.warning("Redis is away, and the other servers hear nothing from this one: %s", error)
        self.is_away = True


class Subscriber(Publisher):
    """The way to Redis and back. If the way back breaks, it is looked for until it is found."""

    quiet = 10.0
    """Seconds without a message, after which we ask whether Redis is there."""
    pause = 0.2
    """Seconds between two attempts to find it."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.pubsub = self.client.pubsub()
        self.routes: dict[str, Callable[[bytes], object]] = {}
        self.unconfirmed: set[str] = set()
        self.is_confirmed = asyncio.Event()

    async def read(self) -> None:
        """Take what comes. It ends when it is cancelled."""
        while True:
            try:
                self.take(await self.next())
            except RedisError:  # then the way there is broken, too; the next attempt subscribes again
                await self.client.connection_pool.disconnect(inuse_connections=False)
                await asyncio.sleep(self.pause)

    async def next(self) -> dict[str, Any]:
        """The next message. Raises RedisError if there is none although we have asked for one."""
        message = await self.pubsub.get_message(timeout=self.quiet)
        if message is None:
            await self.pubsub.ping()
            message = await self.pubsub.get_message(timeout=self.quiet)
        if message is None:
            await self.pubsub.connection.disconnect()
            raise RedisError("Redis does not answer.")
        return dict(message)

    def take(self, message: dict[str, Any]) -> None:
        """Act on a message. Whatever is in it, it harms nobody."""
        name = (message["pattern"] or message["channel"] or b"").decode()
        if message["type"] in ("subscribe", "psubscribe"):
            self.unconfirmed.discard(name)
            if not self.unconfirmed:
                self.is_confirmed.set()
        elif message["type"] in ("message", "pmessage") and name in self.routes:
            try:
                self.routes[name](message["data"])
            except Exception:
                log.warning("What came over the channel %r cannot be used.", name, exc_info=True)


class Redis(Subscriber):
    """The line of one server to a Redis: `Server(adapter=Redis("redis://127.0.0.1:6379"))`.

    The server's adapters are its users: `adapter.routes` says where each wants to hear what. The first of
    the routes is a pattern, the others are channels.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.place = urlsplit(url).netloc.rpartition("@")[2]
        self.adapters: list[Any] = []
        self.is_open = False

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Be connected as long as the `async with` lasts. Raises ConnectionError if there is no Redis."""
        self.is_confirmed.clear()
        work = [asyncio.create_task(self.write())]
        try:
            await self.count("")
            for adapter in self.adapters:
                await self.subscribe(adapter)
            work.append(asyncio.create_task(self.read()))
            await asyncio.wait_for(self.is_confirmed.wait(), 5)
            self.is_open = True
            yield
        finally:
            self.is_open = False
            await end(work)
            await self.pubsub.aclose()
            await self.client.aclose()

    async def subscribe(self, adapter: Any) -> None:
        """Listen for an adapter; if Redis is away, as soon as it is back."""
        pattern, *channels = adapter.routes
        self.routes |= adapter.routes
        self.unconfirmed |= set(adapter.routes)
        while adapter in self.adapters:
            with suppress(RedisError):
                await self.pubsub.psubscribe(pattern)
                await self.pubsub.subscribe(*channels)
                return
            await asyncio.sleep(self.pause)

    async def unsubscribe(self, adapter: Any) -> None:
        """Listen for an adapter no longer."""
        pattern, *channels = adapter.routes
        for name in adapter.routes:
            self.routes.pop(name, None)
        with suppress(RedisError):
            await self.pubsub.punsubscribe(pattern)
            await self.pubsub.unsubscribe(*channels)

    async def count(self, channel: str) -> int:
        """How many servers listen there. Raises ConnectionError."""
        try:
            ((_, listeners),) = await self.client.pubsub_numsub(channel)
        except RedisError as error:
            raise ConnectionError(
                f"No Redis answers at {self.place}: start one there (`redis-server`), or say where it is."
            ) from error
        return int(listeners)
