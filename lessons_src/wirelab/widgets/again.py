"""A cell that runs again lets go of what it made before: else each run of a lesson would keep its wires."""

from __future__ import annotations

import gc
import logging
from typing import Any

from ipywidgets import Widget


def install(shell: Any) -> None:
    """Close the widgets of a cell's last run before it runs again, and keep no `Out[n]` of every output."""
    made: dict[str, list[Widget]] = {}
    by_this_cell: list[Widget] = []

    def begin(info: Any) -> None:
        nonlocal by_this_cell
        cell = info.cell_id or info.raw_cell  # only JupyterLab and its like tell which cell it is
        before = made.pop(cell, [])
        for widget in before:
            widget.close()
        if before:
            shell.history_manager.outputs.clear()
            gc.collect()  # the collector comes too seldom for what a middlebox records
        by_this_cell = made[cell] = []

    shell.events.register("pre_run_cell", begin)
    Widget.on_widget_constructed(lambda widget: by_this_cell.append(widget))
    shell.displayhook.do_full_cache = False
    # A page says goodbye to a widget that is closed already. That is no news for whoever reads the cell.
    logging.getLogger("Comm").setLevel(logging.ERROR)
