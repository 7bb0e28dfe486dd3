"""A rule of the two documents, and the book in which they stand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from wirelab.rulebook.wire import Wire

Probe = Callable[[Wire], Awaitable[str]]

ENGINE_IO, SOCKET_IO = "Engine.IO v4", "Socket.IO v5"
PRACTICE = "not in the documents"


@dataclass(frozen=True)
class Rule:
    """A sentence that goes on from "A server …", and the probe that finds out whether it is so.

    The probe returns the sentence of what was observed if the rule is kept, else raises Broken with it.
    `section` names the document and its section; `lesson` is the first whose server has to keep the rule.
    It counts as broken when it was found broken `tries` times.
    """

    sentence: str
    section: str
    lesson: int
    probe: Probe
    tries: int = 1


class Chapter:
    """Collects the rules of one lesson, in the order in which they are written.

    Rules about times want more than one try: a busy machine is late, too.
    """

    def __init__(self, lesson: int, tries: int = 1) -> None:
        self.lesson = lesson
        self.tries = tries
        self.rules: list[Rule] = []

    def rule(self, sentence: str, document: str, section: str = "") -> Callable[[Probe], Probe]:
        """Decorates the probe of a rule."""

        def keep(probe: Probe) -> Probe:
            where = f"{document}, {section}" if section else document
            self.rules.append(Rule(sentence, where, self.lesson, probe, self.tries))
            return probe

        return keep
