"""The stage of the handmade server on which the class stands: the one place that names it."""

from __future__ import annotations

from handmade.l08_meet_socketio import ProtocolError
from handmade.l16_core import ConnectError, Socket
from handmade.l16_who_is_there import Engine, Server, Session

__all__ = ["ConnectError", "Engine", "ProtocolError", "Server", "Session", "Socket"]
