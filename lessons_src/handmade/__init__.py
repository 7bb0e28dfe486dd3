"""The Socket.IO that the lessons build, as a library.

from handmade import Server, io, ConnectError
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from handmade.aims import Aim
    from handmade.client import ClientSocket, Manager, io
    from handmade.l14_core import Incomplete
    from handmade.l16_core import ConnectError
    from handmade.l18_core import Recovery
    from handmade.options import ClientOptions, ServerOptions
    from handmade.redis_line import Redis
    from handmade.server import Namespace, Server
    from handmade.sockets import Socket
    from handmade.streams import RedisStreams

__all__ = [
    "Aim",
    "ClientOptions",
    "ClientSocket",
    "ConnectError",
    "Incomplete",
    "Manager",
    "Namespace",
    "Recovery",
    "Redis",
    "RedisStreams",
    "Server",
    "ServerOptions",
    "Socket",
    "io",
]

HOMES = {
    "handmade.aims": ("Aim",),
    "handmade.client": ("ClientSocket", "Manager", "io"),
    "handmade.l14_core": ("Incomplete",),
    "handmade.l16_core": ("ConnectError",),
    "handmade.l18_core": ("Recovery",),
    "handmade.options": ("ClientOptions", "ServerOptions"),
    "handmade.redis_line": ("Redis",),
    "handmade.server": ("Namespace", "Server"),
    "handmade.sockets": ("Socket",),
    "handmade.streams": ("RedisStreams",),
}


def __getattr__(name: str) -> Any:
    """A public name, from the module that has it: who imports a stage alone loads no more than that."""
    for home, names in HOMES.items():
        if name in names:
            return getattr(importlib.import_module(home), name)
    raise AttributeError(f"module 'handmade' has no attribute {name!r}")
