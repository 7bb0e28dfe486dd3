"""The rules of Engine.IO v4 and Socket.IO v5 as a table that runs against any server.

    server = await bench.start("official", rulebook.node_socketio())
    await rulebook.hold(server, lesson=9)

A row is a rule in a sentence, the section in which it stands, whether the server keeps it, and what was
observed on the wire. No probe knows which server it talks to, and none uses a library of the two protocols.
"""

from wirelab.rulebook.hold import RULES, hold
from wirelab.rulebook.rule import Rule
from wirelab.rulebook.servers import handmade, node_socketio, python_socketio
from wirelab.rulebook.table import Finding, Rulebook

__all__ = [
    "RULES",
    "Finding",
    "Rule",
    "Rulebook",
    "handmade",
    "hold",
    "node_socketio",
    "python_socketio",
]
