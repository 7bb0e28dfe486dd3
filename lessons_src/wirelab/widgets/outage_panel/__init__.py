"""A server and a cable to break, and for everyone a line: what it believes, when it noticed, with what."""

from wirelab.widgets.outage_panel.widget import OutagePanel

__all__ = ["OutagePanel"]
