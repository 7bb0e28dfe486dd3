"""How the class's server is, and which of the teacher's buttons can do something then."""

from __future__ import annotations

from enum import StrEnum


class Phase(StrEnum):
    """How the class's server is."""

    OPEN = "open"
    FROZEN = "frozen"
    DOWN = "down"
    CLOSED = "closed"


BUTTONS = ("kill", "freeze", "thaw", "restart", "close")
_WHY_NOT: dict[str, tuple[set[Phase], str]] = {
    "kill": ({Phase.OPEN, Phase.FROZEN}, "There is no server to kill: restart it."),
    "freeze": ({Phase.OPEN}, "Only a running server can be frozen."),
    "thaw": ({Phase.FROZEN}, "The server is not frozen."),
    "restart": ({Phase.OPEN, Phase.FROZEN, Phase.DOWN}, ""),
    "close": ({Phase.OPEN, Phase.FROZEN, Phase.DOWN}, ""),
}
CLOSED = "The class is closed. Run the cell again to open another one, with another code."


def refusal(button: str, phase: Phase) -> str:
    """Why a button can do nothing in this phase, or nothing."""
    if phase is Phase.CLOSED:
        return CLOSED
    phases, why = _WHY_NOT[button]
    return "" if phase in phases else why
