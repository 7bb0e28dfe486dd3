"""The servers that the course holds against the rules, each with the application that they want."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from wirelab.process import Child
from wirelab.serve import serve_conformance


def handmade(lesson: int | None = None) -> AbstractAsyncContextManager[Any]:
    """Our own, as it stood after a lesson, in the kernel's loop; without a number, after the last one."""
    return serve_conformance(0, lesson)


def node_socketio() -> Child:
    """The official one, in a process of its own."""
    return Child.node(str(Path(__file__).with_name("node_server.mjs")))


def python_socketio() -> Child:
    """python-socketio on aiohttp, in a process of its own."""
    return Child.python("-m", "wirelab.rulebook.python_server")
