"""What the build recorded of a lesson's demos, as the page replays it; and the widgets that replay it."""

from __future__ import annotations

import base64
import gzip
import json
from itertools import product
from pathlib import Path
from typing import Any

from wirelab import recording
from wirelab.decode import Layer
from wirelab.trace import Trace
from wirelab.widgets.frame_inspector import FrameInspector
from wirelab.widgets.frame_inspector.model import Sender, Settings
from wirelab.widgets.gap_board import GapBoard
from wirelab.widgets.heartbeats import HeartbeatPanel
from wirelab.widgets.outage_panel import OutagePanel
from wirelab.widgets.predict import Prediction
from wirelab.widgets.rooms_board import RoomsBoard
from wirelab.widgets.switchboard import Switchboard
from wirelab.widgets.timeline import Timeline
from wirelab.widgets.wire import Wire, message
from wirelab.widgets.wire.model import WireModel

REPLAYED = (
    Wire,
    Timeline,
    RoomsBoard,
    HeartbeatPanel,
    OutagePanel,
    Switchboard,
    GapBoard,
    FrameInspector,
    Prediction,
)
OPCODES = (0x1, 0x2, 0x0, 0x8, 0x9, 0xA)
GREETING = "Hello"
_VERSION = 1
Shot = dict[str, Any]


def widgets() -> dict[str, dict[str, str]]:
    """The script and the style of each widget that a page can show, by its name."""
    return {each.__name__: {"esm": str(each._esm), "css": str(each._css)} for each in REPLAYED}


class Films:
    """The recordings of one lesson; none where the build has left none."""

    def __init__(self, path: Path) -> None:
        kept = json.loads(gzip.decompress(path.read_bytes())) if path.is_file() else {}
        shots = kept["shots"] if kept.get("version") == _VERSION else {}
        self._traces: list[list[str]] = shots.pop("traces", [])
        self._reviews: list[dict[str, list[Shot]]] = shots.pop("reviews", [])
        self._cells: dict[str, list[Shot]] = shots

    def of_cell(self, cell: str) -> list[Shot]:
        """What the demos of a cell showed, in the order of its outputs; {} where nothing can be played."""
        return [self._ready(shot) if _is_played(shot) else {} for shot in self._cells.get(cell, [])]

    @property
    def is_empty(self) -> bool:
        """Whether no cell has a demo that can be played."""
        return not any(any(self.of_cell(cell)) for cell in self._cells)

    def of_review(self, number: int) -> dict[str, list[Shot]]:
        """The wires of each row, by its number, of the review that came so many-th from the last, at 0."""
        rows = self._reviews[number] if number < len(self._reviews) else {}
        return {row: [self._ready(shot) for shot in shots] for row, shots in rows.items()}

    @property
    def reviews(self) -> int:
        """How many there are."""
        return len(self._reviews)

    def _ready(self, shot: Shot) -> Shot:
        """A shot that the page can play: a wire that refers to a trace is drawn at all its layers."""
        if "trace" not in shot:
            return shot
        trace = recording.loads(self._traces[shot["trace"]])
        model = WireModel(trace, Layer[shot["layer"]], lambda: shot["servers"])
        model.end = _end(shot, trace)
        model.update()
        return {"widget": shot["widget"], "recording": message.recording(model)}


def _is_played(shot: Shot) -> bool:
    return shot.get("widget") in widgets()


def _end(shot: Shot, trace: Trace) -> tuple[int, int]:
    records, deeds = shot["end"] or (len(trace), len(trace.deeds))
    return int(records), int(deeds)


def packed(shot: Shot) -> str:
    """A shot as text that a page unpacks."""
    return base64.b64encode(gzip.compress(json.dumps(shot).encode(), mtime=0)).decode()


def inspected() -> Shot:
    """What the frame inspector says of each frame that its controls build, and of single flips in the first.

    The keys of `states` are the settings, then the bit that is flipped, as the page's replay.js names them.
    """
    states = {}
    for opcode, sender, fin in product(OPCODES, Sender, (True, False)):
        inspector = FrameInspector(GREETING)
        inspector.model.build(Settings(GREETING, opcode, sender=sender, fin=fin))
        states[_key(opcode, sender, fin)] = inspector.state()
    first = _key(OPCODES[0], Sender.CLIENT, True)
    for bit in range(len(states[first]["bits"])):
        inspector = FrameInspector(GREETING)
        inspector.model.flip(bit)
        states[f"{first} {bit}"] = inspector.state()
    return {"widget": FrameInspector.__name__, "states": states, "first": first}


def _key(opcode: int, sender: Sender, fin: bool) -> str:
    return f"{opcode} {sender} {'fin' if fin else 'more'}"
