"""A process that does as it is told: a line of JSON is a call, a line back is its answer or an event."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import threading
from collections.abc import Callable
from typing import Any, Self

import psutil  # type: ignore[import-untyped]

from wirelab.process.calls import Calls, dumps, loads
from wirelab.process.spawning import end, reaper, spawn


class Peer:
    """A child process that answers calls, as `Calls` has them; any other message goes to `on_event`.

    `on_end` is called when the process has ended, however that was.
    """

    def __init__(
        self,
        *argv: str,
        on_event: Callable[[dict[str, Any]], None] = lambda event: None,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        self._argv = argv
        self._on_event = on_event
        self._on_end = on_end
        self._calls = Calls()

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
        call, answer = self._calls.begin(do, values)
        line = dumps(call).encode() + b"\n"
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except (OSError, ValueError):
            answer.cancel()
            raise self._ended() from None
        return await answer

    @property
    def running(self) -> bool:
        """Whether the process exists; a frozen one does."""
        return self._process.poll() is None

    def freeze(self) -> None:
        """Stop the process where it stands (SIGSTOP): its connections stay open, and nobody answers."""
        psutil.Process(self._process.pid).suspend()

    def thaw(self) -> None:
        """Let a frozen process go on (SIGCONT)."""
        psutil.Process(self._process.pid).resume()

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hand each line to the loop until the output ends; runs in a thread."""
        assert self._process.stdout is not None
        # The loop may be closed first, or the process be gone with calls still unread.
        with contextlib.suppress(RuntimeError, OSError), self._process:
            for line in self._process.stdout:
                loop.call_soon_threadsafe(self._take, loads(line))
            loop.call_soon_threadsafe(self._end)
        reaper.forget(self._process.pid)  # the system may give that number to another process

    def _end(self) -> None:
        self._calls.fail(self._ended())
        self._on_end()

    def _take(self, message: dict[str, Any]) -> None:
        if "id" in message:
            self._calls.take(message)
        else:
            self._on_event(message)

    def _ended(self) -> ChildProcessError:
        return ChildProcessError(f"A process of the laboratory ended before it was told to: {self._argv[-1]}")
