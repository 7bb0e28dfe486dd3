"""The board in a notebook: hands what is done in the page to the model, and to the page what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Mapping
from pathlib import Path
from typing import Any, Self

import anywidget
import traitlets

from wirelab.clients import OFFICIAL, Page, official_client
from wirelab.middlebox import Middlebox
from wirelab.page import Message, in_this_loop, script, stylesheet
from wirelab.waiting import until
from wirelab.widgets.rooms_board.aim import SERVER
from wirelab.widgets.rooms_board.drawing import draw
from wirelab.widgets.rooms_board.ends import PATIENCE, START
from wirelab.widgets.rooms_board.model import Board
from wirelab.widgets.rooms_board.state import state

BATCH_SECONDS = 1 / 15
_HERE = Path(__file__).parent


class RoomsBoard(anywidget.AnyWidget):
    """Clients as chips, rooms as areas that overlap: move a chip, send, and see who hears it.

    Start it with `board = await bench.start("board", RoomsBoard)`. The page that shows it has two of the six
    clients. `start` says who is in which rooms at first: `{"Ann": ["gold"], …}`; `interval` and `timeout` are
    the heartbeat's, in seconds: with them the server notices that a cable is pulled. `crowd` is the number of
    light clients that come in addition, as dots.
    """

    _esm = script(_HERE / "board.js")
    _css = stylesheet(_HERE / "rooms_board.css", ".wl-rooms")
    official_client = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        start: Mapping[str, Iterable[str]] = START,
        interval: float = 2.0,
        timeout: float = 2.0,
        crowd: int = 0,
    ) -> None:
        super().__init__(official_client=official_client())
        self.page = Page(self.send, self._page_changed)
        eve, finn = (self.page.client(name, OFFICIAL) for name in ("Eve", "Finn"))
        self.model = Board(eve, finn, start, interval, timeout, crowd)
        self.model.crowd_listener = self._tell_of_crowd
        self._loop = asyncio.get_running_loop()
        self._due: asyncio.TimerHandle | None = None
        self._obeyed: dict[str, int] = {}
        self._doing: set[asyncio.Task[None]] = set()
        self.on_msg(in_this_loop(self._take))

    # What a cell can do, as a hand does it in the page

    @property
    def cable(self) -> Middlebox:
        """The cable of Ann; its trace is that of everybody's."""
        cable = self.model.members["Ann"].cable
        assert cable is not None
        return cable

    @property
    def said(self) -> str:
        """What happened last, in a sentence or two."""
        return self.model.said

    async def move(self, name: str, *rooms: str) -> None:
        """Have the server put a client into exactly these rooms."""
        await self.model.move(name, rooms)

    def choose(
        self,
        *to: str,
        but: Iterable[str] = (),
        sender: str = SERVER,
        spares_sender: bool = False,
    ) -> None:
        """Choose who is meant: those in the rooms `to` (none: everyone), but those in the rooms `but`.

        `sender` is "server", or the client that asks the server; with `spares_sender` it is not meant itself.
        """
        self.model.choose(to=to, but=but, sender=sender, spares_sender=spares_sender)

    def predict(self, *names: str) -> None:
        """Say that exactly these will hear the next message."""
        self.model.predict(True)
        for name in names:
            self.model.mark(name)

    async def emit(self) -> None:
        """Send the next message to those who are meant."""
        if not self.model.marks:
            self.model.predict(False)
        await self.model.send()

    async def pull(self, name: str) -> None:
        """Pull the cable of a client."""
        await self.model.pull(name)

    async def plug(self, name: str) -> None:
        """Plug the cable of a client in again."""
        await self.model.plug(name)

    async def reset(self) -> None:
        """A new server, new connections, and everyone where they were at first."""
        await self.model.reset()

    async def lost(self, name: str, timeout: float = PATIENCE) -> None:
        """Return once the server has noticed that this client is gone. Raises TimeoutError."""
        await until(lambda: self.model.members[name].key is None, timeout)

    def table(self) -> str:
        """Everyone in a line: rooms, how it stands, and what became of the last message; without times."""
        return self.model.table()

    async def __aenter__(self) -> Self:
        self.model.listeners.append(self._plan)
        await self.model.__aenter__()
        self.model.trace.listen(self._plan)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.model.__aexit__()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        return {**data, **draw(self.model)._repr_mimebundle_()}, metadata

    # What the page says

    def _take(self, message: Message) -> None:
        if "view" not in message:
            self.page.take(message)
        else:
            self._obeyed[str(message["view"])] = message["number"]
            try:
                self._choose(message)
            except (ValueError, TypeError) as failure:
                self.model.say(f"That did not work: {failure}")
            if order := self._order(message):
                self._do(order)
        self._plan()

    def _choose(self, message: Message) -> None:
        """What is done at once. Raises ValueError, TypeError for what there is not."""
        match message:
            case {"type": "aim", "change": dict(change)}:
                self.model.choose(**change)
            case {"type": "turn", "side": "to" | "but" as side, "room": str(room)}:
                self.model.turn(side, room)
            case {"type": "mark", "name": str(name)}:
                self.model.mark(name)
            case {"type": "predict", "on": bool(on)}:
                self.model.predict(on)

    def _order(self, message: Message) -> Coroutine[Any, Any, None] | None:
        """What is done when it is its turn."""
        match message:
            case {"type": "move", "name": str(name), "rooms": list(rooms)}:
                return self.model.move(name, rooms)
            case {"type": "toggle", "name": str(name), "room": str(room)}:
                return self.model.toggle(name, room)
            case {"type": "pull" | "plug" as verb, "name": str(name)}:
                return self.model.pull(name) if verb == "pull" else self.model.plug(name)
            case {"type": "send" | "flow" | "reset" as verb}:
                return {"send": self.model.send, "flow": self.model.flow, "reset": self.model.reset}[verb]()
        return None

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
        self.model.page_changed(self.page.present)
        self._plan()

    # What the page is told

    def _tell_of_crowd(self, report: Message) -> None:
        self.send({"type": "crowd", "text": report["text"], "bits": report["bits"]})

    def _plan(self) -> None:
        if self._due is None:
            self._due = self._loop.call_later(BATCH_SECONDS, self._send_state)

    def _send_state(self) -> None:
        self._due = None
        self.send({**state(self.model), "obeyed": self._obeyed})
