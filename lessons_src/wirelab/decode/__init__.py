"""From bytes to meaning: HTTP messages, WebSocket frames, Engine.IO and Socket.IO packets. No I/O."""

from wirelab.decode.decoder import Decoder
from wirelab.decode.unit import Detail, Layer, Node, Unit, sentence, visible

__all__ = ["Decoder", "Detail", "Layer", "Node", "Unit", "sentence", "visible"]
