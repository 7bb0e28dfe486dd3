"""What is told to the page: rows, lanes, details, and all of a picture that is shown without a kernel."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from wirelab.decode import Layer, Node
from wirelab.look.palette import INKS, NAMES
from wirelab.trace import now
from wirelab.widgets.wire.model import Arrow, Fate, Mark, WireModel

HISTORY = 5000
BYTES_SHOWN = 2048
Content = dict[str, Any]


def row(arrow: Arrow) -> list[Any]:
    """An arrow for the page; wire.js names the places."""
    unit, fate = arrow.unit, arrow.fate
    is_plain = fate is Fate.PASSED or fate is Fate.INSIDE  # nearly all are
    return [
        arrow.number,
        unit.time,
        arrow.start,
        arrow.end,
        INKS[unit.layer].tag,
        unit.kind,
        unit.summary,
        1 if arrow.failed else 0,
        fate.value,
        "" if is_plain else arrow.note,
        arrow.left,
        arrow.silence,
        arrow.lane,
    ]


def state(model: WireModel) -> Content:
    """All that is no arrow and may have changed."""
    return {
        "lanes": [lane.name for lane in model.lanes.clients],
        "middlebox": model.middlebox_names(),
        "servers": model.server_names(),
        "marks": [_mark(mark) for mark in model.marks],
        "beliefs": model.beliefs(),
        "traffic": [INKS[layer].tag for layer in Layer if model.traffic[layer]],
        "leftOut": model.left_out,
        "now": now(),
    }


def batch(model: WireModel, arrows: list[Arrow]) -> Content:
    """What is new."""
    return {"type": "batch", **state(model), "arrows": [row(arrow) for arrow in arrows]}


def everything(model: WireModel, view: str | None = None) -> Content:
    """The picture as it stands, for one view or for all."""
    arrows = model.arrows[-HISTORY:] if model.ends_at is None else model.arrows[:HISTORY]
    return {
        "type": "all",
        "view": view,
        "layer": NAMES[model.layer],
        "layers": [{"name": NAMES[layer], "tag": INKS[layer].tag} for layer in Layer],
        "live": model.ends_at is None,
        "total": model.total,
        **state(model),
        "arrows": [row(arrow) for arrow in arrows],
    }


def details(model: WireModel, arrow: Arrow, view: str) -> Content:
    """What is inside an arrow; the bytes travel beside it."""
    unit = arrow.unit
    return {
        "type": "details",
        "view": view,
        "number": arrow.number,
        "sentence": model.describe(arrow),
        "note": arrow.note,
        "changes": list(arrow.changes),
        "tree": _tree(unit.tree()),
        "size": unit.end - unit.begin,
    }


def recording(model: WireModel) -> Content:
    """All layers of a picture with their details: what wire.js replays where there is no kernel.

    Plain data for JSON; bytes are in base64. The model is shown at its own layer again afterwards.
    """
    layer = model.layer
    layers = {}
    for each in Layer:
        model.show(each)
        inside = {arrow.number: _closed(model, arrow) for arrow in model.arrows[:HISTORY]}
        layers[NAMES[each]] = {**everything(model), "live": False, "details": inside}
    model.show(layer)
    return {"layer": NAMES[layer], "layers": layers}


def _closed(model: WireModel, arrow: Arrow) -> Content:
    content = details(model, arrow, "")
    return {**content, "bytes": b64encode(arrow.unit.raw[:BYTES_SHOWN]).decode()}


def _mark(mark: Mark) -> list[Any]:
    return [mark.before, mark.time, mark.words, mark.silence]


def _tree(node: Node) -> Content:
    return {
        "name": node.name,
        "value": node.value,
        "spans": node.spans,
        "error": node.error,
        "children": [_tree(child) for child in node.children],
    }
