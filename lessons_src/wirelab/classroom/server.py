"""The class's server, as a program of its own, which can be killed and frozen.

A line of JSON is a call, as `wirelab.process.Peer` writes it. What is new in class is told in lines of its
own, at most five a second: a class that floods does not flood the notebook.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import threading
import time
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from wirelab.bench.descriptors import raise_limit
from wirelab.classroom.doors import Door, Doors, Refuse
from wirelab.classroom.guard import GuardedServer
from wirelab.classroom.hall import TEACHER, Hall
from wirelab.classroom.limits import Bucket, Limits
from wirelab.classroom.site import add_pages, watched

BATCH_SECONDS = 0.2
GOODBYE_SECONDS = 0.2
"""For the last words to arrive."""


def tell(**what: object) -> None:
    """Write a line to whoever started this process."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


class Faults(logging.Handler):
    """Tells what went wrong in the server itself: nothing that comes over the wire may."""

    def __init__(self, refuse: Refuse) -> None:
        super().__init__()
        self._refuse = refuse
        self._bucket = Bucket(1, 20, time.monotonic)

    def emit(self, record: logging.LogRecord) -> None:
        """Tell of one. What aiohttp could not read is no fault of the server's."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError):
            self._refuse("speaks no HTTP")
        elif self._bucket.take():
            tell(event="fault", text=self.format(record)[-2000:])


class School:
    """The server, its doors and its hall."""

    async def listen(self, host: str, port: int, code: str, settings: dict[str, Any]) -> int:
        """Serve as long as the process lives; returns the port. Raises OSError if it is taken."""
        limits = Limits(**settings)
        self._is_new = True
        io = GuardedServer(limits, lambda why: self.hall.refuse(why))
        self.hall = Hall(io, code, limits)
        self.hall.changed = self._changed
        logging.basicConfig(level=logging.WARNING, handlers=[Faults(self.hall.refuse)])
        self.doors = Doors(limits, self.hall.refuse)
        self._engine = io.engine
        app = web.Application(middlewares=[watched(self.doors, self.hall.refuse)])
        add_pages(app, limits)
        io.attach(app)
        runner = web.AppRunner(app, handler_cancellation=True, access_log=None, lingering_time=1)
        await runner.setup()
        http: Any = runner.server
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: Door(http(), self.doors), host, port, reuse_address=sys.platform != "win32", backlog=512
        )
        self._watching = asyncio.create_task(self._watch())
        return int(server.sockets[0].getsockname()[1])

    async def say(self, text: str, rooms: list[str]) -> dict[str, Any]:
        """The teacher says something."""
        return self.hall.say(TEACHER, text, rooms)

    async def send_out(self, id: str) -> None:
        """The teacher sends somebody out."""
        self.hall.send_out(id)

    async def close(self) -> None:
        """Say goodbye to everybody."""
        self.hall.close()
        await asyncio.sleep(GOODBYE_SECONDS)

    def _changed(self) -> None:
        self._is_new = True

    async def _watch(self) -> None:
        """Tell what is new, the teacher and the pupils, and look for those who take nothing."""
        told = -1
        while True:
            await asyncio.sleep(BATCH_SECONDS)
            self.doors.look_for_full()
            self._engine.look_for_full()
            if self._is_new:
                self._is_new = False
                tell(event="state", **self.hall.state())
            if told != len(self.hall.roll.here):
                told = len(self.hall.roll.here)
                self.hall.io.emit("people", told)


async def obey(school: School, call: dict[str, Any]) -> None:
    """Carry out a call and answer it."""
    try:
        result = await getattr(school, call["do"])(*call["with"])
        tell(id=call["id"], result=result)
    except Exception as failure:
        tell(id=call["id"], error=str(failure))


async def main() -> None:
    """Take one call after the other until there are no more."""
    loop, calls = asyncio.get_running_loop(), asyncio.Queue[dict[str, Any] | None]()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(calls.put_nowait, json.loads(line))
        loop.call_soon_threadsafe(calls.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    school = School()
    while call := await calls.get():
        await obey(school, call)


if __name__ == "__main__":
    raise_limit()
    asyncio.run(main())
