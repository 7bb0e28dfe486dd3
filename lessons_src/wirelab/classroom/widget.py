"""The class in the teacher's notebook: the address and the QR code, who is there, the buttons."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Self

import anywidget
import segno

from wirelab.classroom.drawing import draw
from wirelab.classroom.limits import Limits
from wirelab.classroom.model import Class
from wirelab.classroom.phases import Phase
from wirelab.page import Message, in_this_loop, script, stylesheet

BATCH_SECONDS = 1 / 10
_HERE = Path(__file__).parent


class Classroom(anywidget.AnyWidget):
    """A class, open to the room. `await classroom.open(pupils=30)` makes one; show it as a cell's last line.

    Address and code are told to the page as it asks, and stay out of the widget's state and of the notebook.
    """

    _esm = script(_HERE / "classroom.js")
    _css = stylesheet(_HERE / "classroom.css", ".wl-class")

    def __init__(self, limits: Limits, address: str | None = None) -> None:
        super().__init__()
        self.model = Class(limits, address)
        self._loop = asyncio.get_running_loop()
        self._due: asyncio.TimerHandle | None = None
        self._doing: set[asyncio.Task[None]] = set()
        self.on_msg(in_this_loop(self._take))

    def __str__(self) -> str:
        model = self.model
        return "The class is closed." if model.phase is Phase.CLOSED else f"The class: {model.url}"

    @property
    def port(self) -> int:
        """The TCP port on which the class listens."""
        return self.model.port

    @property
    def url(self) -> str:
        """The address with its code, as the QR code has it."""
        return self.model.url

    async def stays_open(self, limits: Limits, address: str | None) -> bool:
        """Whether it is open at this address, and so with these limits from now on. Raises as `open` does."""
        return await self.model.stays_open(limits, address)

    async def press(self, button: str) -> None:
        """Press "kill", "freeze", "thaw", "restart" or "close"."""
        await self.model.press(button)

    async def say(self, text: str, *rooms: str) -> int:
        """Say something to everybody, or to rooms ("gold", "silver", "copper"); to how many.

        Raises ValueError for a text or a room that cannot be.
        """
        return await self.model.say(text, *rooms)

    def table(self) -> str:
        """How the class stands, in lines, without names, address or times."""
        return self.model.table()

    async def __aenter__(self) -> Self:
        self.model.listeners.append(self._plan)
        await self.model.__aenter__()
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
            case {"type": "say", "text": str(text), "rooms": list(rooms)}:
                self._do(self.say(text, *rooms))
            case {"type": "out", "id": str(id)}:
                self._do(self.model.send_out(id))
            case _:
                self._plan()

    def _do(self, order: Coroutine[Any, Any, object]) -> None:
        task = self._loop.create_task(self._done(order))
        self._doing.add(task)
        task.add_done_callback(self._doing.discard)

    async def _done(self, order: Coroutine[Any, Any, object]) -> None:
        """Carry out what was ordered in the page: what goes wrong is said where it was ordered."""
        try:
            await order
        except ValueError as refused:
            self.model.tell_teacher(str(refused))
        except Exception as failure:
            self.model.tell_teacher(f"That did not work: {type(failure).__name__}: {failure}")

    def _plan(self) -> None:
        if self._due is None:
            self._due = self._loop.call_later(BATCH_SECONDS, self._send_state)

    def _send_state(self) -> None:
        self._due = None
        model = self.model
        is_closed = model.phase is Phase.CLOSED
        self.send(
            {
                "type": "state",
                "phase": model.phase,
                "said": model.said,
                "site": "" if is_closed else model.site,
                "code": "" if is_closed else model.code,
                "qr": [] if is_closed else _modules(model.url),
                "most": model.limits.pupils,
                "people": sorted(model.people.values(), key=lambda one: _in_the_alphabet(one["name"])),
                "refusals": model.refusals,
                "faults": len(model.faults),
                **model.state,
            }
        )


def _in_the_alphabet(name: str) -> str:
    """By letters, whatever is above or below them."""
    return unicodedata.normalize("NFKD", name).casefold()


def _modules(url: str) -> list[str]:
    """The QR code of a text: a row of 0 and 1 for each of its lines (ISO/IEC 18004)."""
    return ["".join(map(str, row)) for row in segno.make(url, micro=False).matrix]
