"""A raw WebSocket echo server, with the client of the same library."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from http.client import HTTPConnection

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from wirelab.boss.subject import Client, Equipment, Missing, Start, Subject, Visitor
from wirelab.clients import Event, Kind, Options, State, WebSocketsClient

PING_INTERVAL, PING_TIMEOUT, CLOSE_TIMEOUT = 1, 2, 0.5
HEARTBEAT = 3.5
"""Seconds: the sum of the three. The library's own settings are 20, 20 and 10."""


class RawClient(Client):
    """A text is a text frame, bytes are a binary frame, anything else is JSON in a text frame.

    It answers pings and sends none, like the WebSocket of a browser.
    """

    ping_interval: float | None = None

    def __init__(self) -> None:
        super().__init__()
        self._client = WebSocketsClient("client")
        self._client.listen(self._take)
        self._others: list[RawClient] = []

    async def connect(self, port: int, visitor: Visitor, patience: float) -> None:
        await self._open(port, "/", visitor, patience)

    async def send(self, message: object) -> None:
        try:
            frame = message if isinstance(message, str | bytes) else json.dumps(message)
        except TypeError:
            raise Missing(
                "There is no ready way to send an image with its caption: a frame is text or bytes, not both."
            ) from None
        with contextlib.suppress(ConnectionError):
            await self._client.send(frame)

    async def endpoint(self, name: str) -> Client:
        second = type(self)()
        self._others.append(second)
        await second._open(self._port, name, Visitor(), self._patience)
        return second

    async def close(self) -> None:
        for other in self._others:
            await other.close()
        self._client.abort()
        await self._client.close()

    async def _open(self, port: int, path: str, visitor: Visitor, patience: float) -> None:
        self._port, self._patience = port, patience
        if visitor.old_browser:
            raise ConnectionError(await asyncio.to_thread(_xml_http_request, port, path, patience))
        settings = {
            "ping_interval": self.ping_interval,
            "ping_timeout": PING_TIMEOUT,
            "close_timeout": CLOSE_TIMEOUT,
        }
        await self._client.connect(port, Options(endpoint=path, timeout=patience, extra=settings))
        await self._client.connected(2 * patience)

    def _take(self, event: Event) -> None:
        self.connected = self._client.state is State.CONNECTED
        if event.kind is Kind.RECEIVED:
            self.inbox += event.data


class PingingRawClient(RawClient):
    """A client that sends pings of its own, as the library's `connect` does if nothing else is said."""

    ping_interval = PING_INTERVAL


def _xml_http_request(port: int, path: str, patience: float) -> str:
    """All that a browser without WebSocket can do at this server; returns the answer's status."""
    with contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=patience)) as browser:
        browser.request("GET", path)
        answer = browser.getresponse()
        return f"{answer.status} {answer.reason}"


def raw_subject(
    name: str, start: Start, client: Callable[[], Client] = RawClient, heartbeat: float = HEARTBEAT
) -> Subject:
    """Any server that answers each WebSocket message with the same message; it can do what `client` can."""
    return Subject(name, start, client, heartbeat)


def raw_websockets(client: Callable[[], Client] = RawClient) -> Subject:
    """The echo server of the first lesson, in the kernel's loop; its heartbeat is made short."""

    async def echo(websocket: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for message in websocket:
                await websocket.send(message)

    def start(port: int) -> Equipment:
        return serve(
            echo,
            "127.0.0.1",
            port,
            compression=None,
            ping_interval=PING_INTERVAL,
            ping_timeout=PING_TIMEOUT,
            close_timeout=CLOSE_TIMEOUT,
        )

    return raw_subject("raw WebSocket", start, client)
