"""A notebook has no files beside it: each widget carries all of its script and style."""

import re

import pytest

from wirelab.widgets.browser_client import BrowserClient
from wirelab.widgets.frame_inspector import FrameInspector
from wirelab.widgets.outage_panel import OutagePanel
from wirelab.widgets.switchboard import Switchboard
from wirelab.widgets.wire import Wire


@pytest.mark.parametrize("widget", [BrowserClient, FrameInspector, OutagePanel, Switchboard, Wire])
def test_a_widget_needs_no_other_file(widget):
    assert re.search(r"^import ", str(widget._esm), re.MULTILINE) is None
    assert "export function make(" in str(widget._esm)
    assert ".wl-widget" not in str(widget._css)
