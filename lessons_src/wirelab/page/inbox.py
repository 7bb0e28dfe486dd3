"""What a page tells a widget, brought to where the cells run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

Message = dict[str, Any]


def in_this_loop(take: Callable[[Message], None]) -> Callable[[object, Message, object], None]:
    """A callback for `on_msg` that calls `take(message)` in the loop that runs now.

    JupyterLab sends a widget's messages to a subshell: a thread with another loop than the cells'.
    """
    loop = asyncio.get_running_loop()

    def receive(_: object, message: Message, __: object) -> None:
        loop.call_soon_threadsafe(take, whole_letters(message))

    return receive


def whole_letters(value: Any) -> Any:
    """The same message, with U+FFFD for each half of a letter: JavaScript has such texts, UTF-8 does not."""
    match value:
        case str():
            return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        case list():
            return [whole_letters(each) for each in value]
        case dict():
            return {whole_letters(name): whole_letters(each) for name, each in value.items()}
    return value
