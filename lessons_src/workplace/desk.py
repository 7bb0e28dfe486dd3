"""The folder in which a learner works, also where the course itself belongs to somebody else."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

FOLDER = "my_course"


@dataclass(frozen=True)
class Desk:
    """`root` is what JupyterLab shows, `copies` the folder in it that holds the learner's lessons."""

    root: Path

    @property
    def copies(self) -> Path:
        """The learner's lessons."""
        return self.root / FOLDER


def find(course: Path) -> Desk:
    """The desk of whoever runs this, made if there is none yet.

    It is in the course's own folder. Where that is for reading only, or holds the copies of another user (a
    teacher who gives one folder to a class), it is in the user's home.

    Raises OSError where neither can be written.
    """
    own = Desk(course)
    with suppress(OSError):
        own.copies.mkdir(exist_ok=True)
    if _is_mine(own.copies):
        return own
    at_home = Desk(Path.home() / "websocket-to-socketio")
    at_home.copies.mkdir(parents=True, exist_ok=True)
    for name in ("README.md", "notebooks", "lessons_src"):  # links such as ../README.md lead there
        with suppress(OSError):  # it is there already, or this system makes no such links
            (at_home.root / name).symlink_to(course / name)
    return at_home


def _is_mine(folder: Path) -> bool:
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        return False
    return os.name == "nt" or os.geteuid() in (0, folder.stat().st_uid)
