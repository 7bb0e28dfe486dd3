"""A server in a process of its own, which can be killed, frozen and restarted."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from concurrent.futures import Future
from typing import Self

import psutil  # type: ignore[import-untyped]

from wirelab.process.output import LONGEST_LINE, Output
from wirelab.process.spawning import NODE, end, reaper, spawn

STARTING_TIME = 10.0
"""Seconds that a child has until it prints its port."""


class Child:
    """A server in a child process. Open it with `async with` or `bench.start`.

    The child listens on 127.0.0.1, on the port that the environment variable PORT says (0: any), and prints
    the line `{"port": 12345}` once it does. What else it prints is in `output`. It ends with the kernel.
    """

    def __init__(self, *argv: str) -> None:
        self._argv = argv
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._output = Output()

    @classmethod
    def python(cls, *arguments: str) -> Self:
        """A child that runs Python with these arguments: `Child.python("-m", "wirelab.serve")`."""
        return cls(sys.executable, *arguments)

    @classmethod
    def node(cls, *arguments: str) -> Self:
        """A child that runs Node with these arguments; file names count from the project's root."""
        return cls(NODE, *arguments)

    def __repr__(self) -> str:
        return f"<Child {'running' if self.running else 'not running'}>"

    @property
    def output(self) -> list[str]:
        """The lines that it printed, of many the first and the last."""
        return self._output.lines()

    @property
    def port(self) -> int:
        """The port on which the child listens, or listened last. Raises ConnectionError before the start."""
        if not self._port:
            raise ConnectionError("This Child does not listen yet; start it with bench.start.")
        return self._port

    @property
    def running(self) -> bool:
        """Whether the process exists; a frozen one does."""
        return self._process is not None and self._process.poll() is None

    @property
    def cpu_time(self) -> float:
        """How many seconds of a processor it has used. Raises ProcessLookupError if it is not running."""
        return float(sum(self._alive().cpu_times()[:2]))

    async def __aenter__(self) -> Self:
        ready: Future[int] = Future()
        self._process = spawn(self._argv, {"PORT": str(self._port)}, stderr=subprocess.STDOUT)
        threading.Thread(target=self._read, args=(self._process, ready), daemon=True).start()
        try:
            self._port = await asyncio.wait_for(asyncio.wrap_future(ready), STARTING_TIME)
        except BaseException as failure:
            self.kill()
            if isinstance(failure, TimeoutError):
                raise TimeoutError(
                    f'The child printed no {{"port": ...}} within {STARTING_TIME:g} s; {self._last_words()}'
                ) from None
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self.kill()

    async def restart(self) -> None:
        """Kill the child and start it again on the same port."""
        self.kill()
        await self.__aenter__()

    def kill(self) -> None:
        """End the process at once (SIGKILL): it cannot say goodbye. Returns when it is gone."""
        if self._process is not None:
            end(self._process)

    def terminate(self) -> None:
        """Ask the process to end (SIGTERM); on Windows this is `kill`."""
        if self._process is not None:
            self._process.terminate()

    def freeze(self) -> None:
        """Stop the process where it stands (SIGSTOP): its connections stay open, and nobody answers."""
        self._alive().suspend()

    def thaw(self) -> None:
        """Let a frozen process go on (SIGCONT)."""
        self._alive().resume()

    def _alive(self) -> psutil.Process:
        if self._process is None or not self.running:
            raise ProcessLookupError("The child is not running; restart it first.")
        return psutil.Process(self._process.pid)

    def _read(self, process: subprocess.Popen[bytes], ready: Future[int]) -> None:
        """Collect the output until it ends; runs in a thread."""
        assert process.stdout is not None
        with process:
            while line := process.stdout.readline(LONGEST_LINE):
                text = line.decode(errors="replace").rstrip()
                port = None if ready.done() else _announced(text)
                if port is None:
                    self._output.add(text)
                else:
                    ready.set_result(port)
        reaper.forget(process.pid)
        if not ready.done():
            ended = f"The child ended with exit code {process.returncode} before it listened"
            ready.set_exception(ChildProcessError(f"{ended}; {self._last_words()}"))

    def _last_words(self) -> str:
        lines = self.output
        return f"its last line was: {lines[-1]}" if lines else "it printed nothing."


def _announced(line: str) -> int | None:
    try:
        return int(json.loads(line)["port"])
    except (ValueError, TypeError, KeyError):
        return None
