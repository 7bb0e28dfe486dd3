"""The timeline in a notebook: hands the buttons and sliders to the model, and the page what was recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import anywidget
import traitlets

from wirelab.clients import OFFICIAL, Client, Page, official_client
from wirelab.middlebox import Middlebox
from wirelab.page import Message, in_this_loop, script, stylesheet
from wirelab.widgets.timeline.drawing import draw
from wirelab.widgets.timeline.ends import PATIENCE, Phase
from wirelab.widgets.timeline.model import Reconnection
from wirelab.widgets.timeline.recording import Recording
from wirelab.widgets.timeline.server_child import NODE
from wirelab.widgets.timeline.settings import RANGES

BATCH_SECONDS = 1 / 30
_HERE = Path(__file__).parent
_SCRIPT = script(_HERE / "timeline.js")
_STYLE = stylesheet(_HERE / "timeline.css", ".wl-timeline")


class Timeline(anywidget.AnyWidget):
    """A server to kill, a cable to pull, and a lane over time for each client: who comes back, and when.

    Start it with `timeline = await bench.start("timeline", Timeline)`. The page that shows it is a client
    too. `server` is "socket.io" (the official one), "python-socketio", or the number of a lesson whose server
    it shall be; `ours` is one more client, any with the API of `wirelab.clients.Client`:
    `bench.start("timeline", lambda: Timeline(10, ours=client))`.
    """

    _esm, _css = _SCRIPT, _STYLE
    official_client = traitlets.Unicode().tag(sync=True)

    def __init__(self, server: str | int = NODE, ours: Client | None = None) -> None:
        super().__init__(official_client=official_client())
        self.page = Page(self.send, self._page_changed)
        self.model = Reconnection(self.page.client("browser", OFFICIAL), server, ours)
        self._loop = asyncio.get_running_loop()
        self._due: asyncio.TimerHandle | None = None
        self._pressing: set[asyncio.Task[None]] = set()
        self._told: tuple[Recording, int] | None = None
        self.on_msg(in_this_loop(self._take))

    @property
    def cable(self) -> Middlebox:
        """The middlebox between the clients and the server."""
        return self.model.cable

    async def press(self, button: str) -> None:
        """Press "kill", "freeze", "thaw", "restart", "pull", "plug", "send" or "reset"."""
        await self.model.press(button)

    async def wait(self, what: str, *clients: str, timeout: float = PATIENCE) -> None:
        """Return once the clients are "connected", have "lost" their connection, or have "echoed" everything.

        Clients are "ours", "node", "page", "python" and "raw"; without any it is everyone who is here, but
        "connected" leaves the raw WebSocket out. TimeoutError after `timeout` seconds.
        """
        await self.model.wait(what, *clients, timeout=timeout)

    def set(self, name: str, value: float) -> None:
        """Choose "reconnectionDelay", "reconnectionDelayMax" (seconds) or "randomizationFactor" for the next
        connections; `press("reset")` begins them. Raises ValueError for a name or a value that there is not.
        """
        self.model.set(name, value)

    def table(self) -> str:
        """How everyone stands, and what became of their messages; without times."""
        return self.model.table()

    def recording(self) -> dict[str, Any]:
        """All that was recorded since the last reset, for `json.dump` and for `Replay`."""
        return self.model.recording.to_json(self.model.elapsed)

    async def __aenter__(self) -> Self:
        self.model.listeners.append(self._plan)
        await self.model.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.model.__aexit__()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        return {**data, **draw(self.model.recording)._repr_mimebundle_()}, metadata

    def _take(self, message: Message) -> None:
        match message:
            case {"type": "press", "button": str(button)}:
                task = self._loop.create_task(self._pressed(button))
                self._pressing.add(task)
                task.add_done_callback(self._pressing.discard)
            case {"type": "set", "name": str(name), "value": int() | float() as value}:
                self._chosen(name, value)
            case {"type": "show"}:
                self._told = None
                self._plan()
            case _:
                self.page.take(message)

    async def _pressed(self, button: str) -> None:
        """A button in the page: what goes wrong is said where it was pressed."""
        try:
            await self.press(button)
        except Exception as failure:
            self.model.say(f"That did not work: {type(failure).__name__}: {failure}")

    def _chosen(self, name: str, value: float) -> None:
        try:
            self.set(name, value)
        except ValueError as refused:
            self.model.say(str(refused))

    def _page_changed(self) -> None:
        self.model.page_changed(self.page)

    def _plan(self) -> None:
        if self._due is None:
            self._due = self._loop.call_later(BATCH_SECONDS, self._send_state)

    def _send_state(self) -> None:
        self._due = None
        model = self.model
        self.send(
            {
                **self._news(),
                "now": model.elapsed,
                "running": model.phase is Phase.RUNNING,
                "notice": model.notice,
                "refusals": model.refusals,
                "wanted": model.wanted.named(),
                "ranges": RANGES,
            }
        )

    def _news(self) -> Message:
        """The entries that the page does not have yet; all, where it has none of this recording."""
        recording = self.model.recording
        total = recording.forgotten + len(recording.entries)
        told, self._told = self._told, (recording, total)
        if told is None or told[0] is not recording or total - told[1] > len(recording.entries):
            began = {"began": self.model.began}
            return {"type": "all", "recording": {**recording.to_json(self.model.elapsed), **began}}
        fresh = recording.entries[len(recording.entries) - (total - told[1]) :]
        return {"type": "more", "entries": [entry.to_json() for entry in fresh]}


class Replay(anywidget.AnyWidget):
    """A recording to play again, to slow down and to scrub; it needs no server, and in the page no kernel.

    `recording` is what `Timeline.recording()` returned, as it is or from JSON. Raises ValueError for anything
    else.
    """

    _esm, _css = _SCRIPT, _STYLE
    recording = traitlets.Dict().tag(sync=True)

    def __init__(self, recording: Mapping[str, Any]) -> None:
        self._recorded = Recording.from_json(recording)
        super().__init__(recording=dict(recording))

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        return {**data, **draw(self._recorded)._repr_mimebundle_()}, metadata
