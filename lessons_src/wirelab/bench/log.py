"""The servers' log: what libraries report goes here, not between the lines of whichever cell runs."""

from __future__ import annotations

import logging
from collections import deque

from wirelab.bench.descriptors import advice

LOGGERS = ("websockets", "aiohttp", "engineio", "socketio", "handmade", "asyncio")
# These would write to the cell that runs, unless they have a level already.
_WITH_A_HANDLER_OF_THEIR_OWN = ("engineio.server", "engineio.client", "socketio.server", "socketio.client")
_lines: deque[str] = deque(maxlen=200)


class _Keeper(logging.Handler):
    """Keeps one line of each warning or error: what happened, and the exception behind it."""

    def emit(self, record: logging.LogRecord) -> None:
        line = f"{record.name}: {record.getMessage()}"
        if record.exc_info and (error := record.exc_info[1]):
            line += f" · {type(error).__name__}: {error}"
            line += f". {advice(error)}" if advice(error) else ""
        _lines.append(line)


_keeper = _Keeper(logging.WARNING)


def keep_logs() -> None:
    """Collect the warnings and errors of the servers' libraries from now on."""
    for name in _WITH_A_HANDLER_OF_THEIR_OWN:
        logging.getLogger(name).setLevel(logging.ERROR)
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.propagate = False
        if _keeper not in logger.handlers:
            logger.addHandler(_keeper)


def log() -> list[str]:
    """What the servers' libraries reported since the last call, a line each."""
    lines = list(_lines)
    _lines.clear()
    return lines
