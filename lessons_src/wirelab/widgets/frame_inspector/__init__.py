"""One WebSocket frame, bit by bit: type a message, flip a bit, see what the parser says."""

from wirelab.widgets.frame_inspector.widget import FrameInspector

__all__ = ["FrameInspector"]
