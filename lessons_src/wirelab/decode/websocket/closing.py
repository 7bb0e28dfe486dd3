"""Close codes (RFC 6455 section 7.4)."""

from __future__ import annotations

from websockets.frames import CloseCode


def close_name(code: int) -> str:
    """What RFC 6455 section 7.4 and the registry call a close code."""
    if 3000 <= code <= 3999:
        return "registered by a library"
    if 4000 <= code <= 4999:
        return "private use"
    try:
        return CloseCode(code).name.replace("_", " ").lower()
    except ValueError:
        return "unknown"
