"""What a server's library caught and only logged: a handler that raises does not raise in its client."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from wirelab.bench.log import LOGGERS


class _Ear(logging.Handler):
    """Keeps the exceptions that are reported."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.errors: list[BaseException] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1]:
            self.errors.append(record.exc_info[1])


@contextmanager
def overhear() -> Iterator[list[BaseException]]:
    """Gives a list that fills with the exceptions which the servers' libraries log meanwhile."""
    ear = _Ear()
    loggers = [logging.getLogger(name) for name in LOGGERS]
    for logger in loggers:
        logger.addHandler(ear)
    try:
        yield ear.errors
    finally:
        for logger in loggers:
            logger.removeHandler(ear)
