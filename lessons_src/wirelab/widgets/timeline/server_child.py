"""The servers that the timeline can have: each a child process, which can be killed and frozen."""

from __future__ import annotations

from pathlib import Path

from wirelab.process import Child
from wirelab.serve import stages
from wirelab.widgets.timeline.settings import PING_INTERVAL, PING_TIMEOUT

NODE, PYTHON = "socket.io", "python-socketio"
FIRST_STAGE = 10
"""The lesson from which on the handmade server has a heartbeat: without one, nobody notices a freeze."""
_HERE = Path(__file__).parent


def child_for(server: str | int) -> tuple[str, Child]:
    """What the server is, in words, and its process: "socket.io", "python-socketio", or a lesson's number.

    Raises ValueError for anything else.
    """
    if server == NODE:
        arguments = (str(_HERE / "node_server.mjs"), str(PING_INTERVAL), str(PING_TIMEOUT))
        return "socket.io, Node", Child.node(*arguments)
    program = str(_HERE / "server.py")
    if server == PYTHON:
        return "python-socketio", Child.python(program, PYTHON)
    lessons = sorted(number for number in stages() if number >= FIRST_STAGE)
    if isinstance(server, bool) or server not in lessons:
        raise ValueError(
            f"There is no server {server!r} here. Choose {NODE!r}, {PYTHON!r}, or the number of a lesson "
            f"that leaves one behind: {', '.join(map(str, lessons))}."
        )
    return f"ours, lesson {server:02}", Child.python(program, str(server))
