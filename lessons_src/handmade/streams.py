"""A server's line to a Redis that keeps what is said: `Server(adapter=RedisStreams(url))`.

Beside lesson 19. Each message is an entry of one stream that all servers read, each from where it was (XADD,
XREAD); what they ask each other goes over pub/sub, as in `redis_line`. Names and format are those of
@socket.io/redis-streams-adapter 0.3: servers on it and ours are one cluster.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from redis.exceptions import RedisError

from handmade.redis_line import end, log
from handmade.stream_adapter import StreamAdapter
from handmade.stream_entries import Fields, as_number, as_offset
from handmade.stream_errands import Store

HELLO = {"uid": "", "nsp": "", "type": "1"}
"""An entry that is for nobody: so a stream is never empty, and there is a place from which to read."""


class Reader(Store):
    """Reads the stream from where it was, also after an outage. `last` is the number of what it read last."""

    stream = "socket.io"
    block = 2000
    """Milliseconds for which one XREAD waits."""
    page = 500
    """How many entries are read at once, at most."""

    def __init__(self, url: str, max_length: int = 10_000) -> None:
        super().__init__(url)
        self.length: Any = {"maxlen": max_length, "approximate": True}
        self.readers: dict[str, StreamAdapter] = {}
        self.last = 0
        self.is_alone = True
        self.has_read = asyncio.Event()
        self.turns = asyncio.Semaphore(20)  # so many may look at once for what they have missed

    async def follow(self) -> None:
        """Read what comes. It ends when it is cancelled."""
        while True:
            try:
                if self.is_alone:
                    await self.client.xadd(self.stream, HELLO, **self.length)
                    self.return_()
                for _, entries in await self.client.xread(
                    {self.stream: as_offset(self.last)}, count=self.page, block=self.block
                ):
                    self.take_in(entries)
            except RedisError as error:
                self.leave(error)
                await self.client.connection_pool.disconnect(inuse_connections=False)
                await asyncio.sleep(self.pause)

    def take_in(self, entries: list[tuple[bytes, dict[bytes, bytes]]]) -> None:
        """Hand entries to those whom they are for. Whatever is in them, it harms nobody."""
        for id, entry in entries:
            self.last = as_number(id.decode())
            fields = text(entry)
            reader = self.readers.get(fields.get("nsp", ""))
            try:
                if reader:
                    reader.read(fields, self.last)
            except Exception:
                log.warning("The entry %s of the stream cannot be used.", id, exc_info=True)
        self.has_read.set()

    def return_(self) -> None:
        """Redis is there: each adapter may use it again."""
        self.is_alone = False
        for reader in self.readers.values():
            reader.resume()

    def leave(self, error: Exception) -> None:
        """Redis is away: each adapter does without it."""
        if not self.is_alone:
            log.warning("Redis is away, and this server goes on alone: %s", error)
        self.is_alone = True
        for reader in self.readers.values():
            reader.go_on_alone()

    async def reach(self, number: int) -> None:
        """Wait until the entry of that number was read. Raises TimeoutError."""
        async with asyncio.timeout(5):
            while self.last < number:
                self.has_read.clear()
                await self.has_read.wait()

    async def between(self, start: int, last: int) -> list[tuple[int, Fields]] | None:
        """The entries after a number, up to another one; None if there is none of the first number.

        Each page begins where the one before ended: if that has been cut off, some may be missing.
        Raises ConnectionError.
        """
        found: list[tuple[int, Fields]] = []
        while True:
            page = await self.look_up(start, last)
            if not page or page[0][0] != start:
                return None
            found += page[1:]
            if len(page) < self.page:
                return found
            start = found[-1][0]

    async def look_up(self, start: int, last: int) -> list[tuple[int, Fields]]:
        """The first entries from one number to another. Raises ConnectionError."""
        where = (as_offset(start), as_offset(last))
        try:
            page = await self.client.xrange(self.stream, *where, count=self.page)
        except RedisError as error:
            raise ConnectionError("Redis does not answer.") from error
        return [(as_number(id.decode()), text(entry)) for id, entry in page]


def text(entry: dict[bytes, bytes]) -> Fields:
    """An entry's fields, whatever bytes they are."""
    return {name.decode(errors="replace"): value.decode(errors="replace") for name, value in entry.items()}


class RedisStreams(Reader):
    """The line of one server to a Redis that keeps the last `max_length` messages, more or less.

    `Server(adapter=RedisStreams("redis://127.0.0.1:6379"), connection_state_recovery=Recovery())`: a client
    whose server is gone comes back at another one as the one it was. Redis 6.2 or later.
    """

    adapter_type = StreamAdapter

    def add(self, fields: Fields, failed: Callable[[], object]) -> None:
        """Add an entry to the stream; `failed` is called if Redis does not say that it is there."""

        def done(result: Any) -> None:
            if isinstance(result, Exception):
                failed()

        self.send(lambda pipeline: pipeline.xadd(self.stream, fields, **self.length), done)

    async def subscribe(self, adapter: Any) -> None:
        """Listen, and read, for an adapter."""
        self.readers[adapter.audience.name] = adapter
        await super().subscribe(adapter)

    async def unsubscribe(self, adapter: Any) -> None:
        """Listen, and read, for an adapter no longer."""
        self.readers.pop(adapter.audience.name, None)
        await super().unsubscribe(adapter)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Be connected as long as the `async with` lasts. Raises ConnectionError if there is no Redis."""
        self.is_ending = False
        async with super().connected():
            with suppress(RedisError):  # the next attempt is the reader's
                begin = await self.client.xadd(self.stream, HELLO, **self.length)
                self.last = as_number(begin.decode())
                self.return_()
            running = asyncio.create_task(self.run())
            reading = asyncio.create_task(self.follow())
            try:
                yield
            finally:
                await self.finish(running)
                self.is_alone = True
                await end([running, reading])
