"""The parent guard: without it, JupyterLab may wait for ever for the end of a cell that is over.

ipykernel 7.4 handles the message of a widget while a cell runs, and then restores the cell as the parent of
what the kernel says. If the next cell has begun meanwhile, its end is announced as the end of the one before.
"""

from __future__ import annotations

from collections import deque
from typing import Any

_REMEMBERED = 1000


def install(kernel: Any) -> None:
    """Let no request become the parent again once the kernel has dealt with it."""
    set_parent, dispatch_shell = kernel.set_parent, kernel.dispatch_shell
    if hasattr(dispatch_shell, "guards_parents"):
        return
    over: deque[str] = deque(maxlen=_REMEMBERED)

    def set_parent_unless_over(ident: Any, parent: Any, channel: str = "shell") -> None:
        if channel != "shell" or _id(parent) not in over:
            set_parent(ident, parent, channel)

    async def dispatch_and_note(message: Any, /, *subshell: Any, **how: Any) -> None:
        await dispatch_shell(message, *subshell, **how)
        if not how.get("concurrent"):
            over.append(_id(kernel.get_parent("shell")))

    dispatch_and_note.guards_parents = True  # type: ignore[attr-defined]
    kernel.set_parent, kernel.dispatch_shell = set_parent_unless_over, dispatch_and_note


def _id(parent: Any) -> str:
    return str(parent.get("header", {}).get("msg_id", ""))
