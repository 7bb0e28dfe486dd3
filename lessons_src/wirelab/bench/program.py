"""The programs that a lesson shows in cells of another language, or as a server for a process of its own."""

from __future__ import annotations

from wirelab.process.spawning import ROOT, SOURCE

_PROGRAMS = SOURCE / "programs"
CLIENT_JS = ROOT / "node_modules/socket.io-client/dist/socket.io.min.js"
"""The official Socket.IO client for a page's script tag, as its npm package brings it."""


def program(name: str) -> str:
    """The text of a program, named by its lesson and file: `program("01/client.mjs")`.

    Raises FileNotFoundError with the names that there are.
    """
    path = _PROGRAMS / name
    if not path.is_file():
        known = sorted(each.relative_to(_PROGRAMS).as_posix() for each in _PROGRAMS.glob("*/*.*"))
        raise FileNotFoundError(f"There is no program {name!r}. Write one of: {', '.join(known)}.")
    return path.read_text(encoding="utf-8")
