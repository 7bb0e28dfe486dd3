"""The wire in a notebook: carries a model's arrows to the page, sixty times a second at most."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

import anywidget

from wirelab.address import refuse_unawaited
from wirelab.decode import Layer, Node
from wirelab.look.palette import INKS, NAMES
from wirelab.look.picture import Picture
from wirelab.page import Message, in_this_loop, script, stylesheet
from wirelab.trace import Trace, now
from wirelab.widgets.wire.drawing import draw
from wirelab.widgets.wire.model import Arrow, WireModel

BATCH_SECONDS = 1 / 60
HISTORY = 5000
BYTES_SHOWN = 2048
_HERE = Path(__file__).parent


class Watched(Protocol):
    """Whatever records a trace, and knows between which servers it chooses: a middlebox."""

    @property
    def trace(self) -> Trace: ...

    @property
    def servers(self) -> Iterable[int]: ...


class Wire(anywidget.AnyWidget):
    """The traffic of a middlebox as arrows between client, middlebox and server.

    `layer` is one of "TCP", "HTTP", "WebSocket", "Engine.IO", "Socket.IO". Raises TypeError for a thing
    without a trace.
    """

    _esm = script(_HERE / "wire.js")
    _css = stylesheet(_HERE / "wire.css", ".wl-wire")

    def __init__(self, middlebox: Watched, layer: str = "WebSocket") -> None:
        super().__init__()
        refuse_unawaited(middlebox)
        if not hasattr(middlebox, "trace"):
            raise TypeError(
                f"A wire shows what passes a Middlebox, and this is a {type(middlebox).__name__}: put a "
                f'Middlebox before it (cable = await bench.start("cable", Middlebox(...))), let the clients '
                f"connect to bench.url(cable), and show Wire(cable)."
            )
        self.model = WireModel(middlebox.trace, layer_named(layer), lambda: middlebox.servers)
        self._views: set[str] = set()
        self._unlisten: Callable[[], None] = lambda: None
        self._due: asyncio.TimerHandle | None = None
        self._last = 0.0
        self.on_msg(in_this_loop(self._take))

    def close(self) -> None:
        """Show nothing any more, and let go of the trace."""
        self._unlisten()
        self._unlisten = lambda: None
        super().close()

    def snapshot(self) -> Picture:
        """The picture as it is now, for a notebook that is read without a kernel."""
        self._update()
        return draw(self.model)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        return {**data, **self.snapshot()._repr_mimebundle_()}, metadata

    def _take(self, message: Message) -> None:
        match message:
            case {"type": "ready", "view": str(view)}:
                if not self._views:
                    self._unlisten = self.model.trace.listen(self._plan)
                self._update()
                self._views.add(view)
                self._send_all(view)
            case {"type": "gone", "view": str(view)}:
                self._views.discard(view)
                if not self._views:
                    self._unlisten()
            case {"type": "layer", "layer": str(name)}:
                self.model.show(layer_named(name))
                self._send_all()
            case {"type": "reset"}:
                self.model.reset()
                self._send_all()
            case {"type": "select", "view": str(view), "number": int(number)}:
                self._send_details(view, number)

    def _plan(self) -> None:
        if self._due is None:
            wait = max(0.0, self._last + BATCH_SECONDS - now())
            self._due = asyncio.get_running_loop().call_later(wait, self._send_batch)

    def _send_batch(self) -> None:
        self._due = None
        self._last = now()
        self._update()

    def _update(self) -> None:
        """Take in what has passed; the model says only once what is new, so the views hear of it here."""
        arrows = self.model.update()
        if arrows and self._views:
            self.send({"type": "batch", **self._lanes(), "arrows": [_row(arrow) for arrow in arrows]})

    def _send_all(self, view: str | None = None) -> None:
        arrows = self.model.arrows[-HISTORY:]
        self.send(
            {
                "type": "all",
                "view": view,
                "layer": NAMES[self.model.layer],
                "layers": [{"name": NAMES[layer], "tag": INKS[layer].tag} for layer in Layer],
                **self._lanes(),
                "arrows": [_row(arrow) for arrow in arrows],
            }
        )

    def _send_details(self, view: str, number: int) -> None:
        if not 0 <= number < len(self.model.arrows):
            return
        arrow = self.model.arrows[number]
        raw = arrow.unit.raw
        content = {
            "type": "details",
            "view": view,
            "number": number,
            "sentence": self.model.describe(arrow),
            "tree": _tree(arrow.unit.tree()),
            "size": len(raw),
        }
        self.send(content, buffers=[raw[:BYTES_SHOWN]])

    def _lanes(self) -> dict[str, list[str]]:
        return {"lanes": [lane.name for lane in self.model.lanes], "servers": self.model.server_names()}


def layer_named(name: str) -> Layer:
    """The layer of that name; ValueError names the five there are."""
    for layer, known in NAMES.items():
        if known.lower() == name.lower():
            return layer
    raise ValueError(f"There is no layer {name!r}. Choose one of: {', '.join(NAMES.values())}.")


def _row(arrow: Arrow) -> list[Any]:
    unit = arrow.unit
    trouble = 1 if unit.error else 0
    return [
        arrow.number,
        unit.time,
        arrow.start,
        arrow.end,
        INKS[unit.layer].tag,
        unit.kind,
        unit.summary,
        trouble,
    ]


def _tree(node: Node) -> dict[str, Any]:
    return {
        "name": node.name,
        "value": node.value,
        "spans": node.spans,
        "error": node.error,
        "children": [_tree(child) for child in node.children],
    }
