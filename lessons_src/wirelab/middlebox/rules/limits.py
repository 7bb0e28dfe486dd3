"""Limits on how much may be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from wirelab.middlebox.rules.base import Handler, Rule
from wirelab.middlebox.rules.http import Head, HttpHandler, page
from wirelab.middlebox.rules.settings import positive
from wirelab.trace import Direction

if TYPE_CHECKING:
    from wirelab.middlebox.flow import Flow


@dataclass(eq=False)
class BodyLimit(Rule):
    """Refuses a request whose body is longer than `size` bytes: 413. WebSocket messages are not counted.

    nginx's `client_max_body_size`, 1 MiB unless it is set.
    """

    size: int = 1 << 20

    title: ClassVar[str] = "nginx with a body limit"

    def __post_init__(self) -> None:
        positive(self.size, "bytes")

    def handler(self, flow: Flow) -> Handler:
        return _BodyLimit(flow, self.size)


class _BodyLimit(HttpHandler):
    def __init__(self, flow: Flow, size: int) -> None:
        super().__init__(flow)
        self._size = size
        self._sent = 0

    def request(self, head: Head) -> None:
        self._sent = 0
        length = head.get("Content-Length")
        if length.isdigit() and int(length) > self._size:
            self._refuse()
        else:
            super().request(head)

    def piece(self, direction: Direction, data: bytes) -> None:
        if direction is Direction.UP and not self.is_tunnel():
            self._sent += len(data)
        if self._sent > self._size:
            self._refuse()
        else:
            super().piece(direction, data)

    def _refuse(self) -> None:
        self.finish(page(413, "That is too large"))
