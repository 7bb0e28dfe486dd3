"""What the demos of a lesson have shown, for pages that replay it without a kernel; only the build asks."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

from ipywidgets.widgets.widget import _instances as widgets

from wirelab import recording
from wirelab.look.picture import name_of
from wirelab.trace import Trace
from wirelab.widgets.heartbeats import HeartbeatPanel
from wirelab.widgets.outage_panel import OutagePanel
from wirelab.widgets.rooms_board import RoomsBoard
from wirelab.widgets.switchboard import Switchboard
from wirelab.widgets.timeline import Replay, Timeline
from wirelab.widgets.wire import Wire

if TYPE_CHECKING:
    from wirelab.boss import Review
    from wirelab.widgets.gap_board import GapBoard

REVIEWS, TRACES, ACTED = "reviews", "traces", "acted"
"""Beside ids and names: the wires of each review's rows, what wires refer to, and who was acted out here."""
MOST_BYTES = 500_000
"""A trace that carried more is not kept as it is."""
SEEN_SECONDS = 4.0
"""Until who can notice a trouble has."""
PAUSE_SECONDS = 0.4
"""Between two things done on a board, so that each of them is seen."""
FLOW_SECONDS = 1.5
"""While numbers flow, between two things that happen to them: two or three come."""
ACTED_OUT = ("StrictProxy", "ResetUpgrade", "DropAfterUpgrade", "LoginPage")
"""The switches that are turned, one after the other, on a switchboard that a lesson only shows."""


async def shoot(path: str) -> None:
    """Act out what nobody has played with, then write what only the kernel knows of widgets and pictures.

    What a panel tells its page while it is played with is recorded by whoever listens to the kernel.
    """
    shown = dict(widgets)
    acted = [name for name, widget in shown.items() if await _act_out(widget)]
    shelf = _Shelf()
    written: dict[str, Any] = {name: shot for name, widget in shown.items() if (shot := _shot(widget, shelf))}
    written |= {
        name_of(widget.pictured[0].to_html()): shelf.wire(widget, widget.pictured[1])
        for widget in shown.values()
        if isinstance(widget, Wire) and widget.pictured
    }
    if "wirelab.boss" in sys.modules:
        from wirelab.boss.run import latest

        written[REVIEWS] = [shelf.review(review) for review in latest]
    written[TRACES] = shelf.lines
    written[ACTED] = acted
    _write(written, Path(path))


def _write(content: dict[str, Any], path: Path) -> None:
    path.write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")


class _Shelf:
    """The traces that are kept, each once: several wires may show the same one."""

    def __init__(self) -> None:
        self.lines: list[list[str]] = []
        self._places: dict[int, int] = {}

    def wire(self, wire: Wire, end: tuple[int, int] | None = None) -> dict[str, Any]:
        """A wire: where its trace is, up to where it is in the picture. A long one is kept as it looks."""
        model = wire.model
        if _size(model.trace) > MOST_BYTES:
            return {"widget": "Wire", "recording": wire.recording()}
        shown = {"layer": model.layer.name, "end": end or model.end, "servers": list(model.servers())}
        return {"widget": "Wire", "trace": self._place(model.trace), **shown}

    def review(self, review: Review) -> dict[str, list[dict[str, Any]]]:
        """The wires of each row, by its number; without those that carried much."""
        return {
            str(row): [
                self.wire(Wire(trace, "Socket.IO")) for trace in each.traces if _size(trace) <= MOST_BYTES
            ]
            for row, each in enumerate(review.findings, 1)
        }

    def _place(self, trace: Trace) -> int:
        if id(trace) not in self._places:
            self._places[id(trace)] = len(self.lines)
            self.lines.append(recording.dumps(trace))
        return self._places[id(trace)]


def _size(trace: Trace) -> int:
    return sum(record.size for record in trace)


def _shot(widget: object, shelf: _Shelf) -> dict[str, Any] | None:
    match widget:
        case Wire() if len(widget.model.trace):
            return shelf.wire(widget)
        case Timeline() | Replay():
            return {"widget": "Timeline", "recording": _of_timeline(widget)}
    return None


def _of_timeline(widget: Timeline | Replay) -> dict[str, Any]:
    return widget.recording() if isinstance(widget, Timeline) else dict(widget.recording)


async def _act_out(widget: object) -> bool:
    """Play with a panel as somebody would who wants to see it; whether it is one that is known here."""
    match widget:
        case Switchboard():
            await _turn_each_switch(widget)
        case RoomsBoard():
            await _move_about(widget)
        case OutagePanel():
            await _bring_trouble(widget, ("kill", "stop", "freeze", "pull"), SEEN_SECONDS)
        case HeartbeatPanel():
            await _bring_trouble(widget, ("pull", "freeze"), SEEN_SECONDS)
        case _ if _is_gap_board(widget):
            await _break_lines(widget)
        case _:
            return False
    return True


def _is_gap_board(widget: object) -> TypeGuard[GapBoard]:
    """Asked without importing it: with it each lesson's film would stand on the last stages of `handmade`."""
    module = sys.modules.get("wirelab.widgets.gap_board")
    return module is not None and isinstance(widget, module.GapBoard)


async def _bring_trouble(
    panel: OutagePanel | HeartbeatPanel, troubles: Sequence[str], seconds: float
) -> None:
    """Each trouble once, on new connections, and long enough that whoever can notice it does."""
    for trouble in troubles:
        await panel.press("reset")
        await asyncio.sleep(2 * PAUSE_SECONDS)
        await panel.press(trouble)
        await asyncio.sleep(seconds)
    await panel.press("reset")
    await asyncio.sleep(PAUSE_SECONDS)


async def _break_lines(board: GapBoard) -> None:
    """From what the lesson has left: numbers flow while the cable is pulled, and while it is cut; then it is
    cut before any number."""
    board.model.say(board.model.notice)
    await _anew(board)
    await board.press("play")
    for trouble in ("pull", "cut"):
        await asyncio.sleep(FLOW_SECONDS)
        await _lose_and_return(board, trouble, FLOW_SECONDS)
    await asyncio.sleep(FLOW_SECONDS)
    await _anew(board)
    await _lose_and_return(board, "cut", PAUSE_SECONDS)
    await board.press("step")
    await asyncio.sleep(PAUSE_SECONDS)


async def _anew(board: GapBoard) -> None:
    await asyncio.sleep(PAUSE_SECONDS)
    await board.press("reset")
    await asyncio.sleep(PAUSE_SECONDS)


async def _lose_and_return(board: GapBoard, trouble: str, seconds: float) -> None:
    await board.press(trouble)
    await board.wait("lost")
    await asyncio.sleep(seconds)
    await board.press("plug")
    await board.wait("connected")


async def _turn_each_switch(switchboard: Switchboard) -> None:
    board = switchboard.board
    switchboard.watch()
    await board.reset()
    for name in ACTED_OUT:
        board.turn_on(name)
        await asyncio.sleep(PAUSE_SECONDS)
        await board.try_all()
        await asyncio.sleep(PAUSE_SECONDS)
        await board.reset()


async def _move_about(board: RoomsBoard) -> None:
    """One room, either of two, all but a room; then somebody moves, and a cable is pulled."""
    for to, but in ((["gold"], []), (["gold", "silver"], []), (["gold", "silver"], ["copper"])):
        board.choose(*to, but=but)
        await _sent(board)
    await board.move("Ann", "copper")
    board.choose("copper")
    await _sent(board)
    await board.pull("Cleo")
    board.choose()
    await _sent(board)
    await board.lost("Cleo")
    await _sent(board)
    await board.plug("Cleo")
    await asyncio.sleep(PAUSE_SECONDS)


async def _sent(board: RoomsBoard) -> None:
    await asyncio.sleep(PAUSE_SECONDS)
    await board.emit()
    await asyncio.sleep(PAUSE_SECONDS)
