"""The browser client in a notebook: hands the page its address and keeps what the page tells."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from wirelab.clients import Event, Page
from wirelab.page import Message, in_this_loop, script, stylesheet
from wirelab.waiting import until
from wirelab.widgets.browser_client.drawing import draw
from wirelab.widgets.browser_client.model import ClientLog, State

_HERE = Path(__file__).parent


class BrowserClient(anywidget.AnyWidget):
    """The learner's own browser as a WebSocket client of `url`, such as "ws://127.0.0.1:8765/chat".

    With a `script` (JavaScript that may use `url`, `WebSocket` and `console.log`) the page shows the code and
    runs it on request. ValueError if `url` is not on this machine.
    """

    _esm = script(_HERE / "widget.js")
    _css = stylesheet(_HERE / "widget.css", ".wl-browser")
    url = traitlets.Unicode().tag(sync=True)
    script = traitlets.Unicode(allow_none=True).tag(sync=True)

    def __init__(self, url: str, script: str | None = None) -> None:
        if not re.fullmatch(r"ws://(127\.0\.0\.1|localhost):\d+(/\S*)?", url):
            raise ValueError(
                f"{url!r} is no address of a server on this machine: write one like 'ws://127.0.0.1:8765/chat'."
            )
        super().__init__(url=url, script=script and script.strip("\n"))
        self._given_script = self.script
        self._log = ClientLog()
        self._page = Page(self.send, welcome=self._snapshot)
        self.on_msg(in_this_loop(self._take))

    @property
    def events(self) -> list[Event]:
        """What happened in the page so far, the last 500."""
        return list(self._log.events)

    @property
    def state(self) -> State:
        """The state of the socket, as the browser names it."""
        return self._log.state

    async def opened(self, timeout: float = 60.0) -> None:
        """Return once the browser's socket is open; TimeoutError after `timeout` seconds."""
        await self._reach(State.OPEN, timeout, "opened a connection: press Connect (or Run) above")

    async def closed(self, timeout: float = 60.0) -> None:
        """Return once the browser's socket is closed; TimeoutError after `timeout` seconds."""
        await self._reach(State.CLOSED, timeout, "closed a connection: press Close (or Stop) above")

    async def _reach(self, state: State, timeout: float, what: str) -> None:
        try:
            await until(lambda: self._log.state is state, timeout)
        except TimeoutError:
            raise TimeoutError(f"In {timeout:g} s no browser has {what}, in JupyterLab.") from None

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        picture = draw(self.url, self._log, self.script)
        return {**data, **picture._repr_mimebundle_()}, metadata

    def _take(self, message: Message) -> None:
        match message:
            case {"type": "reports", "reports": list(reports)}:
                for report in reports:
                    self._log.add(report["event"], report["state"])
            case {"type": "reset"}:
                self._log.reset()
                self.script = self._given_script
            case _:
                self._page.take(message)

    def _snapshot(self) -> Message:
        return {"events": [asdict(event) for event in self._log.events], "state": self._log.state}
