"""The boss's list as scenarios that run against any server, and the review that shows what came of them.

    await boss.review(boss.raw_websockets())
    await boss.review(boss.handmade(9))
    await boss.review(boss.socketio_subject("lesson 13", lambda port: serve(...)))

A row is observed, never looked up: no scenario knows which server it tests.
"""

from wirelab.boss.run import review, trace
from wirelab.boss.scenarios import THE_LIST, Row
from wirelab.boss.subject import Client, Fault, Missing, Subject, Visitor
from wirelab.boss.subjects import (
    PingingRawClient,
    RawClient,
    handmade,
    node_cluster,
    node_socketio,
    python_cluster,
    python_socketio,
    raw_subject,
    raw_websockets,
    socketio_subject,
)
from wirelab.boss.table import Finding, Review

__all__ = [
    "THE_LIST",
    "Client",
    "Fault",
    "Finding",
    "Missing",
    "PingingRawClient",
    "RawClient",
    "Review",
    "Row",
    "Subject",
    "Visitor",
    "handmade",
    "node_cluster",
    "node_socketio",
    "python_cluster",
    "python_socketio",
    "raw_subject",
    "raw_websockets",
    "review",
    "socketio_subject",
    "trace",
]
