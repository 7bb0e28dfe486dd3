"""Clients in Node: a process of its own, in which as many run as are wanted."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from wirelab.clients.javascript import OFFICIAL, JavaScriptClient, JavaScriptClients
from wirelab.process import Peer
from wirelab.process.spawning import NODE

_DRIVER = Path(__file__).with_name("node.mjs")


class Node:
    """A process of Node for clients. Open it with `async with`; the clients are gone with it."""

    def __init__(self) -> None:
        self._peer = Peer(NODE, str(_DRIVER), on_event=self._take)
        self._clients = JavaScriptClients(self._peer)

    async def __aenter__(self) -> Self:
        await self._peer.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._peer.__aexit__()

    def client(self, name: str, library: str = OFFICIAL) -> JavaScriptClient:
        """One more client: `OFFICIAL`, or `WEBSOCKET` for Node's own."""
        return self._clients.add(name, library)

    def _take(self, report: dict[str, Any]) -> None:
        self._clients.take(report)
