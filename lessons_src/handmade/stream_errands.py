"""What a server has done at Redis, one thing after the other: entries are added, sessions kept and taken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

from redis.exceptions import RedisError

from handmade.redis_line import Redis


class Errand(NamedTuple):
    """A command for Redis, given to a pipeline, and who hears what it says: a result, or a RedisError."""

    command: Callable[[Any], object]
    done: Callable[[Any], object]


class Runner(Redis):
    """Does errands at Redis, in order, all that wait at a time."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.errands: list[Errand] = []
        self.has_errands = asyncio.Event()
        self.is_ending = False

    def send(self, command: Callable[[Any], object], done: Callable[[Any], object]) -> None:
        """Have that command done. If too many wait, it fails at once."""
        if len(self.errands) < self.most:
            self.errands.append(Errand(command, done))
            self.has_errands.set()
        else:
            done(RedisError("too much waits for Redis"))

    async def run(self) -> None:
        """Do what there is to do, until it is cancelled, or all is done and we are ending."""
        while not self.is_ending or self.errands:
            await self.has_errands.wait()
            self.has_errands.clear()
            errands, self.errands = self.errands, []
            for errand, result in zip(errands, await self.results(errands), strict=True):
                errand.done(result)
            if self.is_ending:
                self.has_errands.set()

    async def results(self, errands: list[Errand]) -> list[Any]:
        """What Redis says to each."""
        pipeline = self.client.pipeline(transaction=False)
        for errand in errands:
            errand.command(pipeline)
        try:
            results: list[Any] = await pipeline.execute(raise_on_error=False)
        except RedisError as error:
            return [error] * len(errands)
        return results

    async def finish(self, work: asyncio.Task[None]) -> None:
        """Do what is left to do, within a second."""
        self.is_ending = True
        self.has_errands.set()
        await asyncio.wait([work], timeout=1)


def ignore(result: object) -> None:
    """Nobody waits for that."""


class Store(Runner):
    """Keeps what a server has to know of a client that comes from another one."""

    prefix = "sio:session:"

    def keep(self, pid: str, value: str, seconds: float) -> None:
        """Keep that for so long."""
        command = {"name": self.prefix + pid, "value": value, "px": max(1, round(seconds * 1000))}
        self.send(lambda pipeline: pipeline.set(**command), ignore)

    def drop(self, pid: str) -> None:
        """Keep it no longer."""
        self.send(lambda pipeline: pipeline.delete(self.prefix + pid), ignore)

    async def take_away(self, pid: str, seconds: float) -> str | None:
        """What was kept, which nobody else gets then. Raises ConnectionError."""
        taken: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def done(result: Any) -> None:
            if not taken.done():
                taken.set_result(result)
            elif isinstance(result, bytes):  # who wanted it has gone meanwhile
                self.keep(pid, result.decode(), seconds)

        self.send(lambda pipeline: pipeline.getdel(self.prefix + pid), done)
        result = await taken
        if isinstance(result, Exception):
            raise ConnectionError("Redis does not answer.") from result
        return None if result is None else str(result.decode())
