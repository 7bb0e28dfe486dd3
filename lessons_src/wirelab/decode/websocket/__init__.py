"""WebSocket frames off a byte stream (RFC 6455 section 5) and permessage-deflate (RFC 7692)."""

from wirelab.decode.websocket.closing import close_name
from wirelab.decode.websocket.frame import Frame, Message
from wirelab.decode.websocket.header import BINARY, CLOSE, CONTINUATION, NAMES, PING, PONG, TEXT
from wirelab.decode.websocket.inflater import Inflater
from wirelab.decode.websocket.limits import LONGEST_KEPT
from wirelab.decode.websocket.parser import FrameParser

__all__ = [
    "BINARY",
    "CLOSE",
    "CONTINUATION",
    "LONGEST_KEPT",
    "NAMES",
    "PING",
    "PONG",
    "TEXT",
    "Frame",
    "FrameParser",
    "Inflater",
    "Message",
    "close_name",
]
