"""The head of an HTTP/1.1 message as a middlebox reads and rewrites it (RFC 9112)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Head:
    """The start line and the fields of a request or an answer; `bytes()` gives it back for the wire."""

    start: str
    fields: tuple[tuple[str, str], ...]
    raw: bytes = field(default=b"", compare=False, repr=False)
    """As it came, also where this one was made out of it."""

    @classmethod
    def parse(cls, raw: bytes) -> Head:
        """Read a whole head, up to and with its empty line."""
        start, *lines = raw.decode("latin-1").rstrip("\r\n").splitlines()
        pairs = (line.partition(":") for line in lines)
        return cls(start, tuple((name.strip(), value.strip()) for name, _, value in pairs), raw)

    def __bytes__(self) -> bytes:
        lines = (f"{name}: {value}\r\n" for name, value in self.fields)
        return f"{self.start}\r\n{''.join(lines)}\r\n".encode("latin-1")

    @property
    def method(self) -> str:
        """Of a request."""
        return self.start.split(" ")[0]

    @property
    def target(self) -> str:
        """Of a request: what is asked for."""
        return self.start.split(" ")[1]

    @property
    def status(self) -> int:
        """Of an answer."""
        return int(self.start.split(" ")[1])

    @property
    def wants_websocket(self) -> bool:
        """Whether a request asks for `Upgrade: websocket` (RFC 6455, 4.1)."""
        return "websocket" in self.get("Upgrade").lower()

    def get(self, name: str) -> str:
        """The values of a field, joined with commas; empty if it is missing."""
        return ", ".join(value for key, value in self.fields if key.lower() == name.lower())

    def without(self, *names: str) -> Head:
        """The same head, these fields taken out."""
        unwanted = {name.lower() for name in names}
        return replace(self, fields=tuple(pair for pair in self.fields if pair[0].lower() not in unwanted))

    def plus(self, name: str, value: str) -> Head:
        """The same head with one field more."""
        return replace(self, fields=(*self.fields, (name, value)))

    def closing(self) -> Head:
        """The same head, saying that the connection carries nothing after this message."""
        return self.without("Connection", "Keep-Alive").plus("Connection", "close")

    def changes(self) -> Iterator[str]:
        """What is different from the head that came, a line each: "− Upgrade: websocket"."""
        came = Head.parse(self.raw)
        before, after = [came.start, *_lines(came)], [self.start, *_lines(self)]
        yield from (f"− {line}" for line in before if line not in after)
        yield from (f"+ {line}" for line in after if line not in before)


def _lines(head: Head) -> list[str]:
    return [f"{name}: {value}" for name, value in head.fields]
