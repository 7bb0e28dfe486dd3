"""The cells that failed: a check must not judge what was there before them."""

from __future__ import annotations

import re
from typing import Any

_NAMES = re.compile(r"^(?:\w+\s+)?(?:def|class|async)\s+(\w+)|^(\w+)\s*=(?!=)", re.MULTILINE)


class Attempts:
    """For each name, what was the matter with the newest cell that was to define it, if it failed."""

    def __init__(self) -> None:
        self._failures: dict[str, str] = {}
        self._before: dict[str, object] = {}
        self._shell: Any = None

    def register(self, shell: Any) -> None:
        """Look on while a shell runs its cells; doing it again changes nothing."""
        if self._shell is shell:
            return
        self._shell = shell
        shell.events.register("pre_run_cell", self.begin)
        shell.events.register("post_run_cell", self.end)

    def failure(self, name: str) -> str:
        """A sentence on the newest version of `name`; empty if it was defined."""
        return self._failures.get(name, "")

    def begin(self, info: Any) -> None:
        """A cell is about to run."""
        self._before = {name: self._shell.user_ns.get(name) for name in _names(info.raw_cell)}

    def end(self, result: Any) -> None:
        """A cell has run."""
        if result is None:  # cancelled before it began
            return
        for name in _names(result.info.raw_cell):
            self._failures.pop(name, None)
            defined = self._shell.user_ns.get(name) is not self._before.get(name)
            if error := result.error_before_exec or (not defined and result.error_in_exec):
                self._failures[name] = _sentence(name, error)


def _names(source: str) -> set[str]:
    """What a cell defines at its left edge, or was to define: its syntax may be broken."""
    return {name for pair in _NAMES.findall(source) for name in pair if name}


def _sentence(name: str, error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        line = f", `{error.text.strip()}`" if error.text and error.text.strip() else ""
        return (
            f"the newest version of `{name}` has a syntax error in line {error.lineno}{line}: {error.msg}. "
            "Python took nothing of that cell. Correct it, run it, then run the check again."
        )
    return (
        f"the cell with the newest version of `{name}` raised `{type(error).__name__}: {error}` before "
        f"`{name}` was defined. Correct it, run it, then run the check again."
    )


attempts = Attempts()
