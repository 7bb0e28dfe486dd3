"""What all processes of one test run share, such as one JupyterLab: whoever needs it first starts it.

The run is the pytest that was called: with xdist, the one that gives out the tests. It ends what was started.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import psutil

FOLDER, OWNER = "COURSE_RUN_FOLDER", "COURSE_RUN_OWNER"
START_TIMEOUT = 90.0
MADE_TIMEOUT = 300.0
END_TIMEOUT = 15.0


def begin() -> None:
    """Open a run, owned by this process; child processes find it in their environment."""
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="run-")
    os.environ[OWNER] = str(os.getpid())


def end() -> None:
    """Stop all that was started in the run, and forget it."""
    folder = Path(os.environ.pop(FOLDER))
    os.environ.pop(OWNER)
    pids = [_read(record)["pid"] for record in folder.glob("*.json")]
    running = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + END_TIMEOUT
    while any(map(_lives, running)) and time.monotonic() < deadline:
        time.sleep(0.05)
    for process in filter(_lives, running):
        process.kill()
    shutil.rmtree(folder, ignore_errors=True)


async def shared(name: str, start: Callable[[Path], Awaitable[tuple[int, str]]]) -> str:
    """The address of the run's thing of that name, which `start(folder)` starts if nobody did before.

    `start` returns the process id and the address, and may use the folder for itself.
    Raises TimeoutError if another process has begun to start it and does not finish.
    """
    folder = Path(os.environ[FOLDER], name)
    record = folder.with_suffix(".json")
    if _is_new(folder):
        pid, address = await start(folder)
        _write(record, {"pid": pid, "address": address})
    async with asyncio.timeout(START_TIMEOUT):
        while not record.exists():  # noqa: ASYNC110 (what is waited for raises no event)
            await asyncio.sleep(0.05)
    return str(_read(record)["address"])


def made(name: str, make: Callable[[Path], None]) -> Path:
    """The run's folder of that name, which `make(folder)` fills if nobody did before.

    Raises TimeoutError if another process has begun to fill it and does not finish.
    """
    folder = Path(os.environ[FOLDER], name)
    finished = folder.with_suffix(".made")
    if _is_new(folder):
        make(folder)
        finished.touch()
    deadline = time.monotonic() + MADE_TIMEOUT
    while not finished.exists():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{folder} was not filled within {MADE_TIMEOUT:.0f} s")
        time.sleep(0.05)
    return folder


def owner() -> int:
    """The process id of who owns the run."""
    return int(os.environ[OWNER])


def end_with_owner() -> None:
    """Let this process end when the run's owner is gone, however it went."""

    def watch() -> None:
        while psutil.pid_exists(owner()):
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _is_new(folder: Path) -> bool:
    try:
        folder.mkdir()
    except FileExistsError:
        return False
    return True


def _write(record: Path, content: dict[str, Any]) -> None:
    """All at once, for others wait for the file."""
    unfinished = record.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(content), "utf-8")
    unfinished.rename(record)


def _read(record: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(record.read_text("utf-8"))
    return content


def _lives(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
