"""Bytes and numbers as short, harmless text for labels and trees."""

from __future__ import annotations

import re

_TREE_LIMIT = 2_000
_ID = re.compile(r'("[sp]id": ?")[\w-]{16,}')
_LONGEST_ID = 100


def escape(text: str) -> str:
    """Show what cannot be printed (controls, direction marks, lone surrogates) as Python escapes."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shorten(text: str, limit: int = _TREE_LIMIT) -> str:
    """The escaped text, cut to `limit` characters, the last of which is then an ellipsis."""
    shown = escape(text[: limit + 1])
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def quote(text: str, limit: int) -> str:
    """The escaped text in double quotes, or in “these” if it has such in it, within `limit` characters.

    Generated session ids are left out: a label must be the same in every run.
    """
    stable = _ID.sub(r"\1…", text[: limit + _LONGEST_ID])
    shown = shorten(stable, limit - 2)
    return f"“{shown}”" if '"' in shown else f'"{shown}"'


def count(number: int, noun: str) -> str:
    """`1 byte`, `1,234 bytes`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def preview(data: bytes) -> str:
    """UTF-8 text as it is, anything else as its size and its first bytes in hexadecimal."""
    try:
        return shorten(data.decode())
    except UnicodeDecodeError:
        return binary_preview(data)


def binary_preview(data: bytes) -> str:
    """`3 bytes: 01 02 03`, at most 16 of them."""
    more = " …" if len(data) > 16 else ""
    return f"{count(len(data), 'byte')}: {data[:16].hex(' ')}{more}" if data else "0 bytes"
