"""Whether what the learner wrote is awaited as the task means it: an `async` too many or too few."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable

from wirelab.exercise.answer import Answer, functions

_ASYNC = inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR  # whatever was written with `async def`


def advice(stub: str, either: tuple[str, ...], answer: Answer, errors: Iterable[BaseException]) -> str:
    """The sentence on an `async` that the stub has and the answer lacks, or the reverse; else empty.

    The functions in `either` may be written both ways.
    """
    defined = re.findall(r"^ *(async )?def (\w+)", stub, re.MULTILINE)
    is_awaited = {name: bool(word) for word, name in defined if name not in either}
    could_not_wait = any(isinstance(each, TypeError) and not answer.raised_at(each) for each in errors)
    for function in (each for one in answer.objects for each in functions(one)):
        name, is_async = function.__name__, bool(function.__code__.co_flags & _ASYNC)
        if is_async and is_awaited.get(name) is False:
            return f"`{name}` is called without `await`: write `def` in place of `async def`."
        if could_not_wait and not is_async and is_awaited.get(name):
            return f"`{name}` is awaited: write `async def` in place of `def`."
    return ""
