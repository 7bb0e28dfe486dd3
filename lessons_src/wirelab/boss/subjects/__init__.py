"""The servers that can be reviewed."""

from wirelab.boss.subjects.handmade import handmade
from wirelab.boss.subjects.raw import PingingRawClient, RawClient, raw_subject, raw_websockets
from wirelab.boss.subjects.socketio import (
    node_cluster,
    node_socketio,
    python_cluster,
    python_socketio,
    socketio_subject,
)

__all__ = [
    "PingingRawClient",
    "RawClient",
    "handmade",
    "node_cluster",
    "node_socketio",
    "python_cluster",
    "python_socketio",
    "raw_subject",
    "raw_websockets",
    "socketio_subject",
]
