"""A process that does as it is told: a line of JSON is a call, a line back is its answer or an event."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import subprocess
import threading
from collections.abc import Callable
from typing import Any, Self

from wirelab.process.spawning import end, spawn


class Peer:
    """A child process that answers calls: `{"id": 1, "do": "open", "with": [...]}`.

    Its answer is `{"id": 1, "result": ...}` or `{"id": 1, "error": "..."}`; any other object is an event
    for `on_event`. Bytes travel as `{"$bytes": "base64"}`.
    """

    def __init__(self, *argv: str, on_event: Callable[[dict[str, Any]], None] = lambda event: None) -> None:
        self._argv = argv
        self._on_event = on_event
        self._ids = itertools.count()
        self._calls: dict[int, asyncio.Future[Any]] = {}

    async def __aenter__(self) -> Self:
        self._process = spawn(self._argv, {}, stderr=subprocess.DEVNULL)
        self._reader = threading.Thread(target=self._read, args=(asyncio.get_running_loop(),), daemon=True)
        self._reader.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        end(self._process)
        await asyncio.to_thread(self._reader.join)

    async def call(self, do: str, *values: object) -> Any:
        """Have the peer do something.

        Raises ConnectionError if it could not, with its reason, ChildProcessError if it has ended.
        """
        number = next(self._ids)
        line = json.dumps({"id": number, "do": do, "with": values}, default=_pack) + "\n"
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line.encode())
            self._process.stdin.flush()
        except (OSError, ValueError):
            raise self._ended() from None
        answer = self._calls[number] = asyncio.get_running_loop().create_future()
        return await answer

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hand each line to the loop until the output ends; runs in a thread."""
        assert self._process.stdout is not None
        # The loop may be closed first, or the process be gone with calls still unread.
        with contextlib.suppress(RuntimeError, OSError), self._process:
            for line in self._process.stdout:
                loop.call_soon_threadsafe(self._take, json.loads(line, object_hook=_unpack))
            loop.call_soon_threadsafe(self._end)

    def _take(self, message: dict[str, Any]) -> None:
        if "id" not in message:
            self._on_event(message)
            return
        answer = self._calls.pop(message["id"])
        if answer.done():
            return
        if "error" in message:
            answer.set_exception(ConnectionError(message["error"]))
        else:
            answer.set_result(message.get("result"))

    def _end(self) -> None:
        for answer in self._calls.values():
            if not answer.done():
                answer.set_exception(self._ended())

    def _ended(self) -> ChildProcessError:
        return ChildProcessError(f"A process of the laboratory ended before it was told to: {self._argv[-1]}")


def _pack(value: object) -> object:
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    raise TypeError(f"JSON has no place for {type(value).__name__}.")


def _unpack(value: dict[str, Any]) -> object:
    return base64.b64decode(value["$bytes"]) if "$bytes" in value else value
