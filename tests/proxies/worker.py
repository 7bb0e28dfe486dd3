"""Child processes that are told what to do, and tell what they saw."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from typing import Any

from wirelab.process.spawning import ROOT, SOURCE


class Worker:
    """A child process that speaks lines of JSON."""

    def __init__(self, *argv: str) -> None:
        self._argv = argv
        self.heard: dict[str, list[dict[str, Any]]] = {}
        self._news = asyncio.Condition()

    async def __aenter__(self) -> Worker:
        path = os.pathsep.join([str(SOURCE)])
        environment = {**os.environ, "PYTHONPATH": path, "NODE_PATH": str(ROOT / "node_modules")}
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            *self._argv, stdin=pipe, stdout=pipe, env=environment, limit=1 << 20
        )
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        self._reading.cancel()

    def say(self, **message: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\n")

    async def hear(self, subject: str, key: str, timeout: float = 15) -> Any:
        """The first message about a subject that has the key."""
        async with asyncio.timeout(timeout), self._news:
            while True:
                for message in self.heard.get(subject, []):
                    if key in message:
                        return message[key]
                await self._news.wait()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            message = json.loads(line)
            subject = message.get("id") or message.get("job") or ""
            async with self._news:
                self.heard.setdefault(subject, []).append(message)
                self._news.notify_all()
