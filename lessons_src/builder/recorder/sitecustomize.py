"""Notes which of the course's files this process opens; the build puts this folder on a kernel's PYTHONPATH.

Python imports a module of this name as it starts, so child processes report as the kernel does. Each file is
one line of the file COURSE_RECORD: `code` for an imported module, `text` for what else was read or was
started, and the path from COURSE_ROOT.
"""
# pathlib would be loaded into every process:
# ruff: noqa: PTH100, PTH113, PTH118

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib.util import source_from_cache

_PATH = (str, bytes, os.PathLike)
_WRITES = os.O_WRONLY | os.O_RDWR
_IMPORTS = "<frozen importlib"


class Recorder:
    """An audit hook that writes at once what is new, for a process may be killed at any time."""

    def __init__(self, root: str, record: str) -> None:
        self._root = os.path.join(root, "")
        self._notes = os.open(record, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._seen: set[str] = set()

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        """What Python calls for each audit event."""
        with suppress(ValueError):  # a path that the operating system refuses, too: not ours to complain of
            if event == "open":
                path, _, flags = arguments
                if isinstance(path, _PATH) and isinstance(flags, int) and not flags & _WRITES:
                    imports = sys._getframe(1).f_code.co_filename.startswith(_IMPORTS)
                    self._opened(os.path.abspath(os.fsdecode(path)), imports)
            elif event == "subprocess.Popen":
                self._started(arguments[1], arguments[2])

    def _opened(self, path: str, imports: bool) -> None:
        if path.endswith(".pyc"):
            path = source_from_cache(path)
        self._note("code" if imports and path.endswith(".py") else "text", path)

    def _started(self, command: object, folder: object) -> None:
        here = os.fsdecode(folder) if isinstance(folder, _PATH) else "."
        for word in command if isinstance(command, (list, tuple)) else [command]:
            if isinstance(word, _PATH):
                path = os.path.abspath(os.path.join(here, os.fsdecode(word)))
                if os.path.isfile(path):
                    self._note("text", path)

    def _note(self, how: str, path: str) -> None:
        if path.startswith(self._root):
            line = f"{how} {path.removeprefix(self._root)}\n"
            if line not in self._seen:
                self._seen.add(line)
                os.write(self._notes, line.encode())


if "COURSE_RECORD" in os.environ:
    sys.addaudithook(Recorder(os.environ["COURSE_ROOT"], os.environ["COURSE_RECORD"]))
