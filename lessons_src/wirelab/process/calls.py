"""Calls to somebody outside the kernel: a number and a future for each, and bytes in JSON."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
from typing import Any


class Calls:
    """The calls under way: `{"id": 1, "do": "open", "with": [...]}`.

    The answer is `{"id": 1, "result": ...}` or `{"id": 1, "error": "..."}`. Bytes travel as
    `{"$bytes": "base64"}`.
    """

    def __init__(self) -> None:
        self._ids = itertools.count()
        self._answers: dict[int, asyncio.Future[Any]] = {}

    def begin(self, do: str, values: tuple[object, ...]) -> tuple[dict[str, Any], asyncio.Future[Any]]:
        """A new call, for `dumps`, and the future of its answer: ConnectionError if it is an error."""
        number = next(self._ids)
        call = {"id": number, "do": do, "with": values}
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(lambda _: self._answers.pop(number, None))
        return call, answer

    def take(self, message: dict[str, Any]) -> None:
        """Hand an answer to the call that waits for it."""
        answer = self._answers.get(message["id"])
        if answer is None or answer.done():
            return
        if "error" in message:
            answer.set_exception(ConnectionError(message["error"]))
        else:
            answer.set_result(message.get("result"))

    def fail(self, failure: Exception) -> None:
        """Nobody will answer any more."""
        for answer in list(self._answers.values()):
            if not answer.done():
                answer.set_exception(failure)


def dumps(value: object) -> str:
    """JSON with bytes in it. Raises TypeError for anything else that has no place there."""
    return json.dumps(value, default=_pack)


def loads(text: str | bytes) -> Any:
    """What `dumps` wrote, with its bytes."""
    return json.loads(text, object_hook=_unpack)


def _pack(value: object) -> object:
    if isinstance(value, bytes | bytearray | memoryview):
        return {"$bytes": base64.b64encode(value).decode()}
    raise TypeError(f"JSON has no place for {type(value).__name__}.")


def _unpack(value: dict[str, Any]) -> object:
    return base64.b64decode(value["$bytes"]) if "$bytes" in value else value
