"""What the demos of a lesson have shown, for a page that replays them without a kernel; only the build asks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ipywidgets.widgets.widget import _instances as widgets

from wirelab.widgets.switchboard import Switchboard
from wirelab.widgets.timeline import Replay, Timeline
from wirelab.widgets.wire import Wire


ACTED_OUT = ("StrictProxy", "ResetUpgrade", "DropAfterUpgrade", "CaptivePortal")
"""The switches that are turned, one after the other, on a switchboard that a lesson only shows."""


async def shoot(path: str) -> None:
    """Act out what nobody has played with, then write what the kernel alone knows, by the ids of its widgets.

    What a panel tells its page while it is played with is recorded by whoever listens to the kernel.
    """
    shown = dict(widgets)
    for widget in shown.values():
        if isinstance(widget, Switchboard):
            await _turn_each_switch(widget)
    written = {name: made for name, widget in shown.items() if (made := _recording(widget))}
    Path(path).write_text(json.dumps(written, separators=(",", ":")), encoding="utf-8")


def _recording(widget: object) -> dict[str, Any] | None:
    match widget:
        case Wire() if len(widget.model.trace):
            return {"widget": "Wire", "recording": widget.recording()}
        case Timeline() | Replay():
            return {"widget": "Timeline", "recording": _of_timeline(widget)}
    return None


def _of_timeline(widget: Timeline | Replay) -> dict[str, Any]:
    return widget.recording() if isinstance(widget, Timeline) else dict(widget.recording)


async def _turn_each_switch(switchboard: Switchboard) -> None:
    board = switchboard.board
    for name in ACTED_OUT:
        board.turn_on(name)
        await board.try_all()
        await board.reset()
