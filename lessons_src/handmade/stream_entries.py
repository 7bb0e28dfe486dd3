"""What stands in the stream, and in the session of a client: the format of @socket.io/redis-streams-adapter.

Read from its 0.3.1 (dist/adapter.js) and from socket.io-adapter 2.5.8 (dist/cluster-adapter.js).
"""

import json
import re
from base64 import b64decode, b64encode
from enum import IntEnum
from typing import Any

from handmade.l08_meet_socketio import Packet, Type, is_allowed
from handmade.l12_core import encode, to_engine
from handmade.l18_core import Said, Visit
from handmade.l19_core import pack, unpack

Fields = dict[str, str]

MessageType = IntEnum(
    "MessageType",
    "INITIAL_HEARTBEAT HEARTBEAT BROADCAST SOCKETS_JOIN SOCKETS_LEAVE DISCONNECT_SOCKETS FETCH_SOCKETS"
    " FETCH_SOCKETS_RESPONSE SERVER_SIDE_EMIT SERVER_SIDE_EMIT_RESPONSE BROADCAST_CLIENT_COUNT BROADCAST_ACK"
    " ADAPTER_CLOSE",
)
TAKEN_OVER = "taken over"
"""Ours alone: a client has come back elsewhere. Official servers leave unknown types alone."""

OFFSET = re.compile("([0-9]{1,20})-([0-9]{1,20})")
PID = re.compile("[A-Za-z0-9_-]{1,64}")
HALF = 2**64


def as_number(offset: object) -> int:
    """The id of an entry, `milliseconds-sequence`, as one number. Raises ValueError if it is none."""
    match = OFFSET.fullmatch(offset) if isinstance(offset, str) else None
    first, second = map(int, match.groups()) if match else (HALF, HALF)
    if max(first, second) >= HALF:
        raise ValueError("no id of an entry")
    return first * HALF + second


def as_offset(number: int) -> str:
    """The id that belongs to a number."""
    return "{}-{}".format(*divmod(number, HALF))


def is_pid(value: object) -> bool:
    """Whether that may be the secret name of a client."""
    return isinstance(value, str) and PID.fullmatch(value) is not None


def write(data: dict[str, Any]) -> str:
    """What a message says, as text: JSON, or MessagePack in base64 if there are bytes in it."""
    try:
        return json.dumps(data, separators=(",", ":"))
    except TypeError:
        return b64encode(pack(data)).decode()


def read(text: str) -> Any:
    """What such a text says. Raises ValueError."""
    return json.loads(text) if text.startswith("{") else unpack(b64decode(text))


def said(data: list[Any], aim: dict[str, Any], namespace: str, number: int | None) -> Said:
    """An event that was said, encoded for those who hear it. The number is its offset, unless it has none."""
    is_volatile = bool((aim.get("flags") or {}).get("volatile"))
    arguments = data if number is None or is_volatile else [*data, as_offset(number)]
    packet = Packet(Type.EVENT, arguments, namespace=namespace)
    if not is_allowed(packet):
        raise ValueError(f"{data[:1]!r} is no name of an event of yours")
    packets = [to_engine(message) for message in encode(packet)]
    return Said(number or 0, packets, tuple(aim["rooms"]) or None, tuple(aim["except"]), 0)


def session(visit: Visit, namespace: str) -> str:
    """What is kept of a client. Raises ValueError, OverflowError for data that cannot be kept.

    The first four are the official server's; ours besides say in which namespace it is, since when, and
    since when in each room.
    """
    known = {"sid": visit.id, "pid": visit.pid, "rooms": [*visit.rooms], "data": visit.data}
    joined = {room: as_offset(number) for room, number in visit.rooms.items()}
    ours = {"nsp": namespace, "came": as_offset(visit.came), "joined": joined}
    return b64encode(pack({**known, **ours})).decode()


def visit(text: str, namespace: str) -> tuple[Visit, bool] | None:
    """Whose session that is, and whether it says that he was in this namespace; None if it cannot be."""
    match unpack(b64decode(text)):
        case {"sid": str(sid), "pid": str(pid), "rooms": [*rooms], "data": dict(data)} as kept:
            joined = kept.get("joined", {})
            since = {room: as_number(joined[room]) if room in joined else 0 for room in rooms}
            came = as_number(kept.get("came", "0-0"))
            is_here = kept.get("nsp") == namespace
            if is_here or "nsp" not in kept:  # the official server does not say where he was
                return Visit(sid, data, came, rooms=since, pid=pid), is_here
    return None
