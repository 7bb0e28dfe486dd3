"""A page that a test plays: it answers orders as long as it lives, and says what the test wants it to say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from wirelab.clients import JavaScriptClient, Page


class FakePage:
    """Belongs to a Page of its own, or to a widget's: `FakePage(panel.page)`."""

    def __init__(self, page: Page | None = None) -> None:
        self.lives = True
        self.name = ""
        self.orders: list[dict[str, object]] = []
        self.changes = 0
        self.page = page or Page(self.hear, self.changed)
        self.page._send = self.hear

    def client(self, name: str) -> JavaScriptClient:
        return self.page.client(name)

    def changed(self) -> None:
        self.changes += 1

    def come(self, name: str = "p1") -> None:
        self.name = name
        self.page.take({"type": "ready", "page": name, "probe": False})
        self.page.take({"type": "here", "page": name, "direct": True, "origin": "http://lab"})

    def go(self) -> None:
        self.page.take({"type": "gone", "page": self.name})

    def hear(self, message: dict[str, object]) -> None:
        if message["type"] == "order" and self.lives:
            self.orders.append(message)
            asyncio.get_running_loop().call_soon(self.report, {"id": message["id"]})
            self.on_order(message)

    on_order: Callable[[dict[str, object]], None] = staticmethod(lambda message: None)

    def report(self, *reports: dict[str, object]) -> None:
        self.page.take({"type": "reports", "page": self.name, "reports": list(reports)})

    def saw(self, connection: int, kind: str, **details: object) -> None:
        self.report({"client": 0, "connection": connection, "kind": kind, "time": 5.0, **details})
