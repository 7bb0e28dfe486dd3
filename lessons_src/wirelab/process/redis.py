"""A Redis for the lessons: the real one where it is installed, else one in Python, which needs no install."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from typing import Self

from wirelab.process.child import Child

EMBEDDED = "embedded"
_COMMANDS = ("redis-server", "valkey-server")
_OLDEST = (6, 2)
"""The first version that has GETDEL, by which a client comes back at another server."""
_PING = b"*1\r\n$4\r\nPING\r\n"
_STARTING_TIME = 10.0
"""Seconds that it has until it answers a PING."""


@cache
def _is_too_old(command: str) -> bool:
    """Whether that Redis says that it has a version in which something is missing."""
    try:
        said = subprocess.run([command, "--version"], capture_output=True, timeout=5, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return False
    version = re.search(rb"v=(\d+)\.(\d+)", said)
    return version is not None and (int(version[1]), int(version[2])) < _OLDEST


def real_redis() -> str | None:
    """The path of `redis-server`, 6.2 or later, or `valkey-server` on this machine, or None.

    Windows has neither. WIRELAB_REDIS=embedded in the environment says that there is none.
    """
    if sys.platform == "win32" or os.environ.get("WIRELAB_REDIS") == EMBEDDED:
        return None
    folders = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])
    found = (shutil.which(command, path=folders) for command in _COMMANDS)
    return next((path for path in found if path and not _is_too_old(path)), None)


class RedisServer(Child):
    """A Redis in a process of its own, on 127.0.0.1, which can be killed, frozen and restarted.

    It keeps nothing on disk. `command` is the path of a real one; EMBEDDED is Redis in Python (fakeredis).
    """

    def __init__(self, command: str) -> None:
        super().__init__(sys.executable, "-m", "wirelab.process.redis_program", command)

    @classmethod
    def best(cls) -> Self:
        """The real one if it is installed here, else the embedded one."""
        return cls(real_redis() or EMBEDDED)

    @classmethod
    def embedded(cls) -> Self:
        """Redis in Python: enough for the lessons, on every machine."""
        return cls(EMBEDDED)

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        try:
            async with asyncio.timeout(_STARTING_TIME):
                while not await self._answers():  # noqa: ASYNC110 (it tells nobody)
                    await asyncio.sleep(0.01)
        except BaseException:
            self.kill()
            raise
        return self

    async def _answers(self) -> bool:
        if not self.running:
            raise ChildProcessError(f"Redis has ended: {' '.join(self.output[-1:])}")
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        try:
            writer.write(_PING)
            return await reader.readline() == b"+PONG\r\n"
        except OSError:
            return False
        finally:
            writer.close()
