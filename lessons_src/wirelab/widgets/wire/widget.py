"""The wire in a notebook: carries a model's arrows to the page, sixty times a second at most."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

import anywidget

from wirelab.address import refuse_unawaited
from wirelab.decode import Layer
from wirelab.look.palette import NAMES
from wirelab.look.picture import Picture
from wirelab.page import Message, in_this_loop, script, stylesheet
from wirelab.trace import Trace, now
from wirelab.widgets.wire import message
from wirelab.widgets.wire.drawing import draw
from wirelab.widgets.wire.model import WireModel

BATCH_SECONDS = 1 / 60
SLICE_SECONDS = 0.012
"""The longest that the loop is kept from the servers that run in it."""
AWAY_RECORDS = 2_000
"""Without a view, what has passed is taken in when so many records wait, so that their bytes can go."""
_HERE = Path(__file__).parent


class Watched(Protocol):
    """Whatever records a trace, and knows between which servers it chooses: a middlebox."""

    @property
    def trace(self) -> Trace: ...

    @property
    def servers(self) -> Iterable[int]: ...


class Wire(anywidget.AnyWidget):
    """The traffic of a middlebox as arrows between client, middlebox and server.

    `layer` is one of "TCP", "HTTP", "WebSocket", "Engine.IO", "Socket.IO". Shown before anything has passed,
    it is a live demo and goes on. Shown afterwards, it is the picture of its cell and ends there. A Trace,
    such as one that was read from a file, can be watched like a middlebox.
    Raises TypeError for a thing without a trace.
    """

    _esm = script(_HERE / "wire.js")
    _css = stylesheet(_HERE / "wire.css", ".wl-wire")

    def __init__(self, middlebox: Watched | Trace, layer: str = "WebSocket") -> None:
        super().__init__()
        trace, servers = _watched(middlebox)
        self.model = WireModel(trace, layer_named(layer), servers)
        self._views: set[str] = set()
        self._due: asyncio.TimerHandle | None = None
        self._last = 0.0
        self._may_end = True
        self.pictured: tuple[Picture, tuple[int, int]] | None = None
        self._loop = asyncio.get_running_loop()
        _watch(self, trace)
        self.on_msg(in_this_loop(self._take))

    def close(self) -> None:
        """Show nothing any more."""
        self._views.clear()
        super().close()

    def live(self) -> Wire:
        """The same wire as a live demo, also if something has passed before it is shown."""
        self._may_end = False
        return self

    def snapshot(self) -> Picture:
        """The picture as it is now, for a notebook that is read without a kernel."""
        self.model.update()
        self.pictured = draw(self.model), self.model.end or self.model.trace.so_far
        return self.pictured[0]

    def recording(self) -> message.Content:
        """The picture as plain data, with which it can be replayed where there is no kernel."""
        self.model.update()
        recorded = message.recording(self.model)
        if self._views:
            self._send_all()
        return recorded

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        if self._may_end and len(self.model.trace):
            self.model.end_here()
        self._may_end = False
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        return {**data, **self.snapshot()._repr_mimebundle_()}, metadata

    def _take(self, content: Message) -> None:
        match content:
            case {"type": "ready", "view": str(view)}:
                self._views.add(view)
                self._send_all(view)
            case {"type": "gone", "view": str(view)}:
                self._views.discard(view)
            case {"type": "layer", "layer": str(name)}:
                self.model.show(layer_named(name))
                self._send_all()
            case {"type": "reset"}:
                self.model.reset()
                self._send_all()
            case {"type": "go on"}:
                self.model.go_on()
                self._send_all()
            case {"type": "select", "view": str(view), "number": int(number)}:
                self._send_details(view, number)

    def _plan(self) -> None:
        model = self.model
        if self._due is None and ((self._views and not model.is_over) or model.behind > AWAY_RECORDS):
            self._go_on_soon()

    def _go_on_soon(self) -> None:
        wait = max(0.0, self._last + BATCH_SECONDS - now())
        self._due = self._loop.call_later(wait, self._send_batch)

    def _send_batch(self) -> None:
        self._due = None
        self._last = now()
        self.model.update(SLICE_SECONDS)
        arrows = self.model.take_unsent()
        if self._views and len(arrows) > message.HISTORY:
            self.send(message.everything(self.model))
        elif self._views:
            self.send(message.batch(self.model, arrows))
        if self.model.behind:
            self._go_on_soon()

    def _send_all(self, view: str | None = None) -> None:
        self.model.update()
        self.send(message.everything(self.model, view))

    def _send_details(self, view: str, number: int) -> None:
        arrow = self.model.arrow(number)
        if arrow is not None:
            content = message.details(self.model, arrow, view)
            self.send(content, buffers=[arrow.unit.raw[: message.BYTES_SHOWN]])


def layer_named(name: str) -> Layer:
    """The layer of that name; ValueError names the five there are."""
    for layer, known in NAMES.items():
        if known.lower() == name.lower():
            return layer
    raise ValueError(f"There is no layer {name!r}. Choose one of: {', '.join(NAMES.values())}.")


def _watched(middlebox: Watched | Trace) -> tuple[Trace, Callable[[], Iterable[int]]]:
    refuse_unawaited(middlebox)
    if isinstance(middlebox, Trace):
        return middlebox, tuple
    if not hasattr(middlebox, "trace"):
        raise TypeError(
            f"A wire shows what passes a Middlebox, and this is a {type(middlebox).__name__}: put a "
            f'Middlebox before it (cable = await bench.start("cable", Middlebox(...))), let the clients '
            f"connect to bench.url(cable), and show Wire(cable)."
        )
    return middlebox.trace, lambda: middlebox.servers


def _watch(wire: Wire, trace: Trace) -> None:
    """Have a wire told of each record, and before its bytes go, for as long as anybody has it."""
    unlisten = trace.listen(lambda: tell())
    unread = trace.read_before_it_goes(lambda index: read(index))

    def forget(_: object) -> None:
        unlisten()
        unread()

    reference = weakref.ref(wire, forget)

    def tell() -> None:
        if (watching := reference()) is not None:
            watching._plan()

    def read(index: int) -> None:
        if (watching := reference()) is not None:
            watching.model.read_up_to(index)
