"""The reconnection timeline: a server to break, and a lane for each client that comes back, or not."""

from wirelab.widgets.timeline.widget import Replay, Timeline

__all__ = ["Replay", "Timeline"]
