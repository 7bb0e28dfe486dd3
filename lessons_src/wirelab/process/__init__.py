"""Processes that cannot outlive the kernel: servers to kill or freeze, JavaScript in Node, peers to ask."""

from wirelab.process.child import Child
from wirelab.process.javascript import JavaScriptError, javascript
from wirelab.process.peer import Peer
from wirelab.process.redis import RedisServer

__all__ = ["Child", "JavaScriptError", "Peer", "RedisServer", "javascript"]
