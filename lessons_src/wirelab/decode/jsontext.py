"""JSON from the wire: read without ever raising, and split into members that know their place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

from wirelab.decode.text import shorten

_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


class Broken:
    """What `read` answers for text that is no JSON (None would be JSON's null)."""


BROKEN = Broken()


def read(text: str, object_hook: Callable[[dict[str, object]], object] | None = None) -> object:
    """The value of a JSON text, or BROKEN if it has none or is nested too deeply."""
    try:
        return json.loads(text, object_hook=object_hook)
    except (ValueError, RecursionError):
        return BROKEN


def compact(value: object) -> str:
    """JSON on one line; anything that JSON does not know stands there as its `str`."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    except RecursionError:
        return "…"


def members(text: str) -> Iterator[tuple[str, str, int, int]]:
    """Label, value, and UTF-8 byte range of each member of a JSON array or object.

    Nothing for text that `read` calls broken, or that is neither.
    """
    if not isinstance(read(text), dict | list):
        return
    at = _skip(text, 0)
    is_object = text[at] == "{"
    at, number = _skip(text, at + 1), 0
    while text[at] not in "]}":
        label: object = number
        if is_object:
            label, at = _DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        value, stop = _DECODER.raw_decode(text, at)
        shown = value if isinstance(value, str) else compact(value)
        yield shorten(str(label)), shorten(shown), byte_offset(text, at), byte_offset(text, stop)
        at, number = _skip(text, stop), number + 1
        at = _skip(text, at + 1) if text[at] == "," else at


def byte_offset(text: str, offset: int) -> int:
    """How many bytes of UTF-8 the first `offset` characters take."""
    return offset if text.isascii() else len(text[:offset].encode(errors="surrogateescape"))


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
