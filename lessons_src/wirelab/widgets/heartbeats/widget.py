"""The panel in a notebook: hands sliders and buttons to the model, tells the page what everyone believes."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Self

import anywidget
import traitlets

from wirelab.clients import OFFICIAL, Page, official_client
from wirelab.middlebox import Middlebox
from wirelab.page import Message, in_this_loop, script, stylesheet
from wirelab.trace import now
from wirelab.waiting import until
from wirelab.widgets.heartbeats.connections import PATIENCE
from wirelab.widgets.heartbeats.drawing import draw
from wirelab.widgets.heartbeats.ends import BROWSER, Cost, End
from wirelab.widgets.heartbeats.model import LONGEST, SHORTEST, Heartbeats

BATCH_SECONDS = 1 / 20
_HERE = Path(__file__).parent


class HeartbeatPanel(anywidget.AnyWidget):
    """Heartbeats to tune, a cable to pull, a server to freeze; for each end the silence that it hears.

    Start it with `panel = await bench.start("panel", HeartbeatPanel)`. The page that shows it is a client.
    """

    _esm = script(_HERE / "heartbeats.js")
    _css = stylesheet(_HERE / "heartbeats.css", ".wl-hearts")
    official_client = traitlets.Unicode().tag(sync=True)

    def __init__(self, interval: float = 2.0, timeout: float = 1.0) -> None:
        super().__init__(official_client=official_client())
        self.model = Heartbeats(interval, timeout)
        self.page = Page(self.send, self._page_changed)
        self._browser = self.page.client(BROWSER, OFFICIAL)
        self._loop = asyncio.get_running_loop()
        self._due: asyncio.TimerHandle | None = None
        self._doing: set[asyncio.Task[None]] = set()
        self._tuned = (self.model.interval, self.model.timeout)
        self.on_msg(in_this_loop(self._take))

    @property
    def cable(self) -> Middlebox:
        """The middlebox between the clients and the server."""
        return self.model.cable

    async def press(self, button: str) -> None:
        """Press "pull", "plug", "freeze", "thaw" or "reset"."""
        await self.model.press(button)

    async def tune(self, interval: float, timeout: float) -> None:
        """Have a new server with this interval and time-out, in seconds."""
        await self.model.tune(interval, timeout)

    async def wait(self, *names: str, timeout: float = PATIENCE) -> None:
        """Return once nobody named believes in a connection; TimeoutError after `timeout` seconds."""
        await self.model.wait(*names, timeout=timeout)

    async def heartbeat(self) -> Cost:
        """What one heartbeat takes on the wire, as soon as one has passed."""
        await until(lambda: self.model.cost is not None, PATIENCE)
        assert self.model.cost is not None
        return self.model.cost

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
                self._do(self.press(button))
            case {
                "type": "tune",
                "interval": int() | float() as interval,
                "timeout": int() | float() as timeout,
            }:
                self._tuned = (float(interval), float(timeout))
                self._do(self._tune())
            case _:
                self.page.take(message)
                self._plan()

    async def _tune(self) -> None:
        """As the sliders stand when it is this order's turn: they may have moved on."""
        await self.tune(*self._tuned)

    def _do(self, order: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(self._done(order))
        self._doing.add(task)
        task.add_done_callback(self._doing.discard)

    async def _done(self, order: Coroutine[Any, Any, None]) -> None:
        """Carry out what was ordered in the page: what goes wrong is said where it was ordered."""
        try:
            await order
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
        if model.running:
            model.listen_to_hearts()
        cost = model.cost if model.running else None
        self.send(
            {
                "type": "state",
                "state": model.state,
                "said": model.said,
                "refusals": model.refusals,
                "interval": model.interval,
                "timeout": model.timeout,
                "shortest": SHORTEST,
                "longest": LONGEST,
                "down": cost and cost.down,
                "up": cost and cost.up,
                "hourly": cost and cost.an_hour(model.interval),
                "ends": [self._row(end) for end in model.ends],
            }
        )

    def _row(self, end: End) -> dict[str, Any]:
        return {
            "name": end.name,
            "about": end.about,
            "words": self.model.words(end),
            "belief": end.belief,
            "mistaken": self.model.mistaken(end),
            "noticed": end.noticed,
            "silent": None if end.sign is None else now() - end.sign,
            "gave_up": end.silence,
        }
