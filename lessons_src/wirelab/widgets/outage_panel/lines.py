"""The panel's connections as lines: what both ends believe, and where the line is cut."""

from __future__ import annotations

from wirelab.widgets.outage_panel.model import Outage
from wirelab.widgets.outage_panel.party import Belief, Panel, Party
from wirelab.widgets.scene import Half, Line, Process, Scene, Server, is_believed_in_vain

_HALVES = {
    Belief.NONE: Half.NONE,
    Belief.CONNECTING: Half.TRYING,
    Belief.OPEN: Half.OPEN,
    Belief.CLOSED: Half.OVER,
    Belief.LOST: Half.NONE,
}


def scene(model: Outage) -> Scene:
    """How everything stands now."""
    process = Process.FROZEN if model.frozen else Process.RUNNING if model.running else Process.GONE
    rules = model.cable.rules if model.panel is Panel.RUNNING else ()
    pairs = zip(model.clients.values(), model.handlers.values(), strict=True)
    return Scene(
        tuple(_line(model, client, handler) for client, handler in pairs),
        tuple(rule.words for rule in rules) or ("middlebox",),
        (Server("server", f"{process}, asked to end" if model.asked else process, process),),
    )


def _line(model: Outage, client: Party, handler: Party) -> Line:
    near, far = _HALVES[client.belief], _HALVES[handler.belief]
    is_cut = model.pulled and Half.OPEN in (near, far)
    is_stopped = is_cut or is_believed_in_vain(near, far)
    return Line(client.name, near, far, stopped="✗" if is_stopped else "")
