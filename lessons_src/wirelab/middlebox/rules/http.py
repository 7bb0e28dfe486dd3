"""Handlers that read the HTTP of a flow, and pages of the middlebox's own."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from wirelab.middlebox.rules.base import Handler
from wirelab.middlebox.rules.head import Head
from wirelab.middlebox.rules.messages import Answers, Messages, Requests
from wirelab.trace import Act, Direction, Event

if TYPE_CHECKING:
    from wirelab.middlebox.flow import Flow

__all__ = ["Answers", "Gate", "Head", "HttpHandler", "Messages", "Requests", "page"]

_PHRASES = {
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    416: "Requested Range Not Satisfiable",
    422: "Unprocessable Entity",
}
"""Reason phrases that Python 3.13 words differently, as RFC 2616 and RFC 4918 have them, and nginx 413."""


class HttpHandler(Handler):
    """Reads the HTTP of a flow; a subclass says what becomes of a request or an answer."""

    def __init__(self, flow: Flow) -> None:
        super().__init__(flow)
        self._requests = Requests()
        self._answers = Answers()
        self._method = ""
        self.over = False
        """From now on nothing passes any more."""

    def request(self, head: Head) -> None:
        """Take the head of a request; as it stands, hand it on."""
        self._hand_on_head(Direction.UP, head)

    def answer(self, head: Head) -> None:
        """Take the head of the server's answer; as it stands, hand it on."""
        self._hand_on_head(Direction.DOWN, head)

    def piece(self, direction: Direction, data: bytes) -> None:
        """Take a piece of a body, or of what is no HTTP; as it stands, hand it on."""
        self.forward(direction, Event.DATA, data)

    def finish(self, page: bytes = b"") -> None:
        """Answer in the server's place, and close both connections."""
        self.over = True
        self.drop_all(Direction.UP, Act.ANSWERED if page else Act.DROPPED)
        self.drop_all(Direction.DOWN)
        if page:
            self.make(Direction.DOWN, Event.DATA, page)
        self.make(Direction.DOWN, Event.FIN)
        self.make(Direction.UP, Event.FIN)

    def reset(self) -> None:
        """Reset both connections."""
        self.over = True
        for direction in Direction:
            self.drop_all(direction)
        self.make(Direction.DOWN, Event.RST)
        self.make(Direction.UP, Event.RST)

    def receive(self, direction: Direction, event: Event, data: bytes = b"") -> None:
        if self.over:
            self.drop_all(direction)
            return
        if event is not Event.DATA:
            self._release(direction)
            self.forward(direction, event, data)
            return
        for part in self._messages(direction).feed(data):
            if self.over:
                return
            if isinstance(part, bytes):
                self.piece(direction, part)
            elif direction is Direction.UP:
                self._method = part.method
                self._answers.to_head = part.method == "HEAD"
                self.request(part)
            else:
                self._follow(part)
                self.answer(part)

    def leave(self) -> None:
        for direction in Direction:
            self._release(direction)

    def answer_is_complete(self) -> bool:
        """Whether nothing more belongs to the server's last answer."""
        return self._answers.complete

    def is_tunnel(self) -> bool:
        """Whether the connection has left HTTP: 101, or CONNECT granted."""
        return self._requests.tunnel

    def _hand_on_head(self, direction: Direction, head: Head) -> None:
        if bytes(head) == bytes(Head.parse(head.raw)):
            self.forward(direction, Event.DATA, head.raw)
        else:
            self.change(direction, head.raw, bytes(head), list(head.changes()))

    def _messages(self, direction: Direction) -> Messages:
        return self._requests if direction is Direction.UP else self._answers

    def _follow(self, head: Head) -> None:
        granted = self._method == "CONNECT" and 200 <= head.status < 300
        self._requests.tunnel = granted or head.status == 101

    def _release(self, direction: Direction) -> None:
        if rest := self._messages(direction).rest():
            self.forward(direction, Event.DATA, rest)


class Gate(HttpHandler):
    """Decides itself whether a server is connected; who still waits at the end of the rule gets one."""

    def leave(self) -> None:
        if not self.over:
            self.forward(Direction.UP, Event.OPEN)  # ignored by a connection that was opened already
        super().leave()


def page(status: int, text: str, *fields: tuple[str, str]) -> bytes:
    """A whole answer of the middlebox's own, after which it closes the connection."""
    html = f"<!DOCTYPE html><title>{status}</title><h1>{text}</h1>\n".encode()
    phrase = _PHRASES.get(status, HTTPStatus(status).phrase)
    head = Head(f"HTTP/1.1 {status} {phrase}", fields)
    head = head.plus("Content-Type", "text/html").plus("Content-Length", str(len(html)))
    return bytes(head.closing()) + html
