"""The page that shows a widget: whether it is there, and the clients in it.

What is said between a page (line.js) and the kernel, as messages of the widget:

    page → kernel   {type: "ready", page, probe}     it shows the widget; does it want a probe?
                    {type: "here", page, direct, origin}   it knows its way, and takes orders from now on
                    {type: "reports", page, reports}  answers to orders, and what its clients observed
                    {type: "gone", page}              it does not show the widget any more
    kernel → page   {type: "welcome", page, probe, …} a URL for its own machine, or null
                    {type: "order", page, id, do, with}

`page` is an id that a page gives itself. The page that came last is the one that counts.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from wirelab.clients.javascript import WEBSOCKET, JavaScriptClient, JavaScriptClients
from wirelab.page import Message, open_probe
from wirelab.process.calls import Calls, dumps, loads
from wirelab.process.spawning import ROOT

ANSWERING_TIME = 2.0
"""Seconds after which a page that has not answered an order is not there any more."""


def official_client() -> str:
    """The official client for pages, an ES module; a widget carries it in its trait `official_client`."""
    return (ROOT / "node_modules/socket.io-client/dist/socket.io.esm.min.js").read_text(encoding="utf-8")


class Absent(ConnectionError):
    """No page shows the widget, or it does not answer."""


class Page:
    """A widget's page. `send` hands it a message; what it says goes to `take`, in the cells' loop.

    `present` holds while a page shows the widget; `changed()` is called when that changes, and when another
    page has come. `origin` is what the page's browser sends as `Origin`, `direct` whether the page goes
    straight to the kernel's servers, and not through Jupyter's proxy.
    """

    def __init__(
        self,
        send: Callable[[Message], None],
        changed: Callable[[], None] = lambda: None,
        welcome: Callable[[], Message] = dict,
    ) -> None:
        self.present = False
        self.origin = ""
        self.direct = True
        self._send = send
        self._changed = changed
        self._welcome = welcome
        self._id = ""
        self._calls = Calls()
        self._clients = JavaScriptClients(self)
        self._tasks: set[asyncio.Task[None]] = set()

    def client(self, name: str, library: str = WEBSOCKET) -> JavaScriptClient:
        """One more client in whichever page is there: its `WEBSOCKET`, or the `OFFICIAL` one."""
        return self._clients.add(name, library)

    def take(self, message: Message) -> bool:
        """Act on a message of a page; whether it was one of the above."""
        match message:
            case {"type": "ready", "page": str(page), "probe": bool(wanted)}:
                task = asyncio.get_running_loop().create_task(self._answer(page, wanted))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            case {"type": "here", "page": str(page), "direct": bool(direct), "origin": str(origin)}:
                if page != self._id or not self.present:
                    self._leave()
                    self._id, self.present, self.direct, self.origin = page, True, direct, origin
                    self._changed()
            case {"type": "reports", "page": str(page), "reports": list(reports)}:
                if page == self._id:
                    self._hear(reports)
            case {"type": "gone", "page": str(page)}:
                if page == self._id:
                    self._vanish()
                    self._id = ""  # its sockets have last words, and are not heard
            case _:
                return False
        return True

    async def call(self, do: str, *values: object) -> Any:
        """Have the page do something and return its answer.

        Raises Absent if there is no page or it does not answer, ConnectionError with its reason if it could
        not.
        """
        if not self.present:
            raise Absent("No page shows this.")
        page = self._id
        order, answer = self._calls.begin(do, values)
        self._send({"type": "order", "page": page, **json.loads(dumps(order))})
        try:
            return await asyncio.wait_for(answer, ANSWERING_TIME)
        except TimeoutError:
            if page == self._id:
                self._vanish()
            raise Absent("The page does not answer.") from None

    async def check(self) -> bool:
        """Ask the page whether it is there still."""
        try:
            await self.call("hello")
        except Absent:
            return False
        return True

    async def _answer(self, page: str, probe_wanted: bool) -> None:
        probe = await open_probe() if probe_wanted else None
        self._send({"type": "welcome", "page": page, "probe": probe, **self._welcome()})

    def _hear(self, reports: list[Message]) -> None:
        if not self.present:  # it was only slow
            self.present = True
            self._changed()
        for report in loads(json.dumps(reports)):
            if "id" in report:
                self._calls.take(report)
            else:
                self._clients.take(report)

    def _vanish(self) -> None:
        if self.present:
            self._leave()
            self._changed()

    def _leave(self) -> None:
        self.present = False
        self._calls.fail(Absent("The page has gone."))
        self._clients.gone()
