"""The outage panel in a notebook: hands the buttons to the model, tells the page what everyone believes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Self

import anywidget

from wirelab.clients import Page
from wirelab.middlebox import Middlebox
from wirelab.page import Message, in_this_loop, script, stylesheet
from wirelab.widgets.outage_panel.drawing import draw
from wirelab.widgets.outage_panel.ends import PATIENCE
from wirelab.widgets.outage_panel.lines import scene
from wirelab.widgets.outage_panel.model import Outage
from wirelab.widgets.outage_panel.party import BROWSER, Party

BATCH_SECONDS = 1 / 30
_HERE = Path(__file__).parent


class OutagePanel(anywidget.AnyWidget):
    """A server to kill, a cable to pull, and for everyone a line: what it believes, and when it noticed.

    Start it with `panel = await bench.start("panel", OutagePanel)`. The page that shows it is a client too.
    """

    _esm = script(_HERE / "panel.js")
    _css = stylesheet(_HERE / "panel.css", ".wl-outage")

    def __init__(self) -> None:
        super().__init__()
        self.model = Outage()
        self.page = Page(self.send, self._page_changed)
        self._browser = self.page.client(BROWSER)
        self._loop = asyncio.get_running_loop()
        self._due: asyncio.TimerHandle | None = None
        self._pressing: set[asyncio.Task[None]] = set()
        self.on_msg(in_this_loop(self._take))

    @property
    def cable(self) -> Middlebox:
        """The middlebox between the clients and the server."""
        return self.model.cable

    async def press(self, button: str) -> None:
        """Press "kill", "stop", "freeze", "thaw", "restart", "pull", "plug", "send" or "reset"."""
        await self.model.press(button)

    async def wait(self, *names: str, timeout: float = PATIENCE) -> None:
        """Return once nobody named believes in a connection; TimeoutError after `timeout` seconds."""
        await self.model.wait(*names, timeout=timeout)

    def table(self) -> str:
        """Who believes what, and what those who noticed noticed with; without times."""
        return self.model.table()

    async def __aenter__(self) -> Self:
        self.model.listeners.append(self._plan)
        await self.model.__aenter__()
        self.cable.trace.listen(self._plan)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.model.__aexit__()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        return {**data, **draw(self.model)._repr_mimebundle_()}, metadata

    def _take(self, message: Message) -> None:
        match message:
            case {"type": "press", "button": str(button)}:
                task = self._loop.create_task(self._pressed(button))
                self._pressing.add(task)
                task.add_done_callback(self._pressing.discard)
            case _:
                self.page.take(message)
                self._plan()

    async def _pressed(self, button: str) -> None:
        """A button in the page: what goes wrong is said where it was pressed."""
        try:
            await self.press(button)
        except Exception as failure:
            self.model.say(f"That did not work: {type(failure).__name__}: {failure}")

    def _page_changed(self) -> None:
        self.model.page_changed(self.page, self._browser)
        self._plan()

    def _plan(self) -> None:
        if self._due is None:
            self._due = self._loop.call_later(BATCH_SECONDS, self._send_state)

    def _send_state(self) -> None:
        self._due = None
        model = self.model
        self.send(
            {
                "type": "state",
                "state": model.state,
                "state_for": model.state_for,
                "refusals": model.refusals,
                "said": model.said,
                "scene": scene(model).message(),
                "elapsed": model.elapsed,
                "clients": [self._row(party) for party in model.clients.values()],
                "handlers": [self._row(party) for party in model.handlers.values()],
            }
        )

    def _row(self, party: Party) -> dict[str, Any]:
        return {
            "name": party.name,
            "about": party.about,
            "words": self.model.words(party),
            "belief": party.belief,
            "mark": self.model.mark(party),
            "mistaken": self.model.mistaken(party),
            "noticed": party.noticed,
            "after": party.after,
            "sent": party.sent,
            "heard": party.heard,
        }
