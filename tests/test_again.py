"""A cell that runs again lets go of the widgets that it made before, and of what it showed."""

import gc
import logging
import weakref
from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell
from ipywidgets import Widget

from wirelab.widgets import again

CELL = """
from wirelab.middlebox import Middlebox
from wirelab.widgets.wire import Wire
box = Middlebox(1)
boxes.append(weakref.ref(box.trace))
wire = Wire(box)
wires.append(weakref.ref(wire))
wire
"""


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    level = logging.getLogger("Comm").level
    shell = InteractiveShell()
    again.install(shell)
    yield shell
    Widget.on_widget_constructed(None)
    logging.getLogger("Comm").setLevel(level)


async def living(shell: InteractiveShell, *cells: str) -> tuple[list[bool], list[bool]]:
    """Run the same text in these cells; which traces, and which wires, are still there?"""
    traces: list[weakref.ref[object]] = []
    wires: list[weakref.ref[object]] = []
    shell.push({"boxes": traces, "wires": wires, "weakref": weakref})
    for cell in cells:
        assert shell.run_cell(CELL, store_history=True, cell_id=cell).success
    for number in "123":  # the last three things shown are `_`, `__` and `___`
        shell.run_cell(number, store_history=True, cell_id=number)
    gc.collect()
    return [ref() is not None for ref in traces], [ref() is not None for ref in wires]


async def test_of_a_cell_that_ran_three_times_only_the_last_wire_is_left(shell, capsys):
    assert await living(shell, "a", "a", "a") == ([False, False, True], [False, False, True])


async def test_the_same_text_in_other_cells_keeps_its_wires(shell, capsys):
    assert await living(shell, "a", "b") == ([True, True], [True, True])


async def test_a_front_end_that_does_not_name_its_cells_goes_by_their_text(shell, capsys):
    assert await living(shell, None, None) == ([False, True], [False, True])
