"""The header fields of a message (RFC 9112 section 5)."""

from __future__ import annotations

import re
from dataclasses import dataclass

MALFORMED = "a header must be a name, a colon and a value"
_HEADER = re.compile(rb"([!#$%&'*+\-.^_`|~\w]+):[ \t]*(.*?)[ \t]*")


@dataclass(frozen=True, slots=True)
class Header:
    """One header field and where it stands in the message."""

    name: str
    value: str
    line: tuple[int, int]
    value_span: tuple[int, int]
    malformed: bool = False

    @classmethod
    def parse(cls, line: re.Match[bytes]) -> Header:
        """Read a line of the head; its first group is the line without its end."""
        found = _HEADER.fullmatch(line[1])
        if not found:
            return cls(line[1].decode("latin-1"), "", line.span(), line.span(), malformed=True)
        low, high = found.span(2)
        name, value = (part.decode("latin-1") for part in found.groups())
        return cls(name, value, line.span(), (line.start() + low, line.start() + high))
