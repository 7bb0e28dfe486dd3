"""Whether the cells have run that an exercise needs: after a restart, an answer is not wrong for that."""

from __future__ import annotations

import builtins
import dis
from collections.abc import Iterable, Mapping
from types import CodeType, FunctionType
from typing import Any

from wirelab.exercise.answer import Answer, functions
from wirelab.exercise.course import exercise_of


def missing(check: FunctionType, answer: Answer, namespace: Mapping[str, Any]) -> list[str]:
    """The names from cells further up that the check or the answer uses, and that are not there.

    A name that neither the check uses nor a cell of the course defines is the learner's own affair.
    """
    of_check = _absent([check], namespace)
    of_answer = _absent([each for one in answer.objects for each in functions(one)], namespace)
    known = exercise_of(check.__name__).above if of_answer else frozenset()
    return sorted(of_check | (of_answer & known))


def _absent(start: Iterable[FunctionType], namespace: Mapping[str, Any]) -> set[str]:
    """The global names that the functions, and those of the namespace that they call, would not find."""
    waiting, seen, absent = list(start), set[CodeType](), set[str]()
    while waiting:
        function = waiting.pop()
        if function.__code__ in seen:
            continue
        seen.add(function.__code__)
        for name in _globals(function.__code__):
            place = namespace if name in namespace else function.__globals__
            value = place.get(name)
            if name not in place and not hasattr(builtins, name):
                absent.add(name)
            elif isinstance(value, FunctionType) and value.__module__ == function.__module__:
                waiting.append(value)
    return absent


def _globals(code: CodeType) -> set[str]:
    """The global names that a code uses, and the functions within it."""
    names = {str(each.argval) for each in dis.get_instructions(code) if each.opname == "LOAD_GLOBAL"}
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= _globals(constant)
    return names
