"""One process at a time."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt

    def _try_to_lock(file: IO[str]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _try_to_lock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def one_at_a_time(path: Path, while_waiting: str) -> Iterator[None]:
    """Hold the lock on the file `path`; print a sentence once if another process has it.

    The system takes the lock back when a process ends, however it ends. Where the file cannot be written
    (a folder for reading only) nobody else can change anything either: then there is no lock.
    """
    try:
        file = path.open("a")
    except OSError:
        yield
        return
    with file:
        said = False
        while True:
            try:
                _try_to_lock(file)
                break
            except (BlockingIOError, PermissionError):
                if not said:
                    print(while_waiting, flush=True)
                    said = True
                time.sleep(0.1)
            except OSError:  # a network's disk may have no locks
                break
        yield
