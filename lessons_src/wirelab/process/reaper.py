"""The orphan guard: a process that outlives the kernel by a moment, to kill the children it left.

It reads lines of process ids, of which the last counts, and kills those processes when its input ends: when
the kernel is gone, however it went. That ends a frozen child too, which could not watch the kernel itself.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections import deque


def kill(pid: int) -> None:
    """End a child at once, with everything that it has started (on Windows: the child)."""
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            os.kill(pid, signal.SIGTERM)
        else:
            os.killpg(pid, signal.SIGKILL)


class Reaper:
    """The kernel's side: keeps the guard process informed of the children that live."""

    def __init__(self) -> None:
        self._pids: set[int] = set()
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def watch(self, pid: int) -> None:
        """Have this child killed if the kernel dies."""
        with self._lock:
            self._pids.add(pid)
            self._tell()

    def forget(self, pid: int) -> None:
        """The child has ended: its id may soon belong to another process."""
        with self._lock:
            self._pids.discard(pid)
            self._tell()

    def _tell(self) -> None:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", __file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        assert self._process.stdin is not None
        self._process.stdin.write(" ".join(map(str, self._pids)).encode() + b"\n")
        self._process.stdin.flush()


def main() -> None:
    """The guard process's side."""
    for pid in deque(sys.stdin, maxlen=1).pop().split():
        kill(int(pid))


if __name__ == "__main__":
    main()
