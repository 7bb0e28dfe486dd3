"""The wire: who sends what to whom, live, at the layer of your choice."""

from wirelab.widgets.wire.widget import Wire

__all__ = ["Wire"]
