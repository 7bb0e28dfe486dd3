"""The frame inspector in a notebook: hands changes to the model, tells the page what it says."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import anywidget

from wirelab.decode.text import count
from wirelab.page import script, stylesheet
from wirelab.widgets.frame_inspector.drawing import draw
from wirelab.widgets.frame_inspector.model import Inspector, Sender, Settings

# The masking key of the examples in RFC 6455 section 5.7.
MASK = bytes.fromhex("37fa213d")
_HERE = Path(__file__).parent


class FrameInspector(anywidget.AnyWidget):
    """One WebSocket frame with `message`, bit by bit, and what the decoder reads in it.

    `mask` is the masking key of 4 bytes, ValueError otherwise; a real client draws a new one for each frame.
    """

    _esm = script(_HERE / "inspector.js")
    _css = stylesheet(_HERE / "inspector.css", ".wl-inspector")

    def __init__(self, message: str, mask: bytes = MASK) -> None:
        super().__init__()
        self.model = Inspector(message, mask)
        self.on_msg(self._receive)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        return {**data, **draw(self.model)._repr_mimebundle_()}, metadata

    def _receive(self, _: object, message: dict[str, Any], __: object) -> None:
        match message:
            case {"type": "build", "settings": dict(wished)}:
                self.model.build(Settings(**{**wished, "sender": Sender(wished["sender"])}))
            case {"type": "flip", "bit": int(bit)}:
                self.model.flip(bit)
            case {"type": "undo"}:
                self.model.undo()
            case {"type": "reset"}:
                self.model.reset()
        self.send(self.state())

    def state(self) -> dict[str, Any]:
        """What the page is told: the frame, and what is read in it."""
        model = self.model
        reading = model.read()
        wrong = {node.name for node in reading.nodes if node.error}
        return {
            "type": "state",
            "settings": asdict(model.settings),
            "said": model.said,
            "bits": model.bits,
            "flipped": model.flipped,
            "fields": [{**asdict(field), "wrong": field.name in wrong} for field in model.fields()],
            "captions": model.captions(reading),
            "hidden": f"… and {count(model.hidden, 'more byte')}" if model.hidden else "",
            "mark": reading.mark,
            "verdict": reading.verdict,
            "after": reading.after,
            "nodes": [{"name": n.name, "value": n.value, "error": n.error} for n in reading.nodes],
        }
