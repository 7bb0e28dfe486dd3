"""Python text, formatted and held against ruff with the course's own settings."""

from __future__ import annotations

import subprocess
from pathlib import Path

from ruff import find_ruff_bin

from builder.lesson import Refusal

_RUFF = find_ruff_bin()  # `python -m ruff` would be a Python more for each of a hundred calls


def ruff(command: list[str], text: str, path: Path) -> str:
    """What `ruff command` makes of `text` if it stood at `path`.

    Raises Refusal with ruff's own words.
    """
    done = subprocess.run(
        [_RUFF, *command, "--quiet", "--stdin-filename", str(path), "-"],
        input=text.encode(),
        capture_output=True,
        cwd=next(folder for folder in path.parents if folder.exists()),
    )
    if done.returncode:
        raise Refusal((done.stdout + done.stderr).decode().strip())
    return done.stdout.decode()
