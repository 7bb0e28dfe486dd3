"""The steps of the set-up, each a line on the screen, or one sentence that says what is in its way."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from workplace.course import ME


@contextmanager
def step(what: str) -> Iterator[None]:
    """One line for one step: what it is, and its seconds when it is done."""
    print(f"{what} ...", end=" ", flush=True)
    started = time.monotonic()
    try:
        yield
    except BaseException:
        print(flush=True)
        raise
    print(f"{time.monotonic() - started:.1f} s", flush=True)


def complaint(*command: str) -> str | None:
    """Run a command without showing its output: None if it went well, else what it wrote."""
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL)
    return f"{done.stderr}{done.stdout}\nit did not say why" if done.returncode else None


def run_or_stop(what: str, *command: str) -> None:
    with step(what):
        said = complaint(*command)
    if not said:
        return
    if re.search(r"NewConn|ConnectTimeout|Proxy|sending request|timed out|E(CONN|NOT|TIMED|AI_)[A-Z]+", said):
        sys.exit(
            f"{what} did not work, because the download failed: check the network "
            f"(behind a proxy: the variable HTTPS_PROXY), then start {ME} again."
        )
    lines = said.strip().splitlines()
    reason = next((line for line in lines if "error" in line.lower()), lines[0])
    sys.exit(f"{what} did not work ({reason.strip()}): put that right, then start {ME} again.")
