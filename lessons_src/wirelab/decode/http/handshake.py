"""What the opening handshake asks of its headers (RFC 6455 section 4)."""

from __future__ import annotations

from base64 import b64decode

from websockets.utils import accept_key

from wirelab.decode.http.header import Header
from wirelab.decode.text import escape
from wirelab.decode.unit import Node


def explain_request(header: Header) -> Node | None:
    """The rule for a header of the client's request, None if there is no rule for it."""
    match header.name.lower():
        case "sec-websocket-key":
            return _checked(header, "16 random bytes in base64", _is_key(header.value))
        case "sec-websocket-version":
            return _checked(header, "13, the version of RFC 6455", header.value == "13")
        case _:
            return None


def explain_response(header: Header, key: str) -> Node | None:
    """The rule for a header of the answer to a request with that Sec-WebSocket-Key, None without one."""
    if header.name.lower() != "sec-websocket-accept":
        return None
    right = accept_key(key)
    rule = f"{right}, the SHA-1 of the request's Sec-WebSocket-Key and the fixed GUID, in base64"
    return _checked(header, rule, header.value == right)


def _is_key(value: str) -> bool:
    try:
        return len(b64decode(value, validate=True)) == 16
    except ValueError:
        return False


def _checked(header: Header, rule: str, holds: bool) -> Node:
    error = None if holds else f"{escape(header.name)} is not what the handshake asks for"
    return Node("correct" if holds else "expected", rule, (header.value_span,), error=error)
