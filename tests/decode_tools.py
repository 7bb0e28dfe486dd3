"""Short traces written by hand, and what must be true of every unit."""

from __future__ import annotations

from websockets.utils import accept_key

from wirelab.decode import Decoder, Layer, Node, Unit, sentence
from wirelab.trace import Direction, Event, Leg, Record, Trace

UP, DOWN = Direction.UP, Direction.DOWN
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = accept_key(KEY)
MASK = bytes.fromhex("37fa213d")


def request(target="/chat", *headers, method="GET"):
    return "\r\n".join([f"{method} {target} HTTP/1.1", "Host: x", *headers, "", ""]).encode()


def upgrade(target="/chat", *headers):
    handshake = "Connection: Upgrade", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {KEY}"
    return request(target, "Upgrade: websocket", *handshake, *headers)


def switch(*headers, accept=ACCEPT):
    lines = "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"
    return "\r\n".join([*lines, f"Sec-WebSocket-Accept: {accept}", *headers, "", ""]).encode()


def response(body=b"", *headers, status="200 OK"):
    lines = f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""
    return "\r\n".join(lines).encode() + body


def masked(first, payload):
    """A client's frame with a short payload; `first` is its first byte."""
    body = bytes(byte ^ MASK[place % 4] for place, byte in enumerate(payload))
    size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
    return bytes([first]) + size + MASK + body


def record(direction, what, time=0.0, *, flow=0, leg=Leg.CLIENT):
    data, event = (what, Event.DATA) if isinstance(what, bytes) else (b"", what)
    return Record(flow, leg, direction, event, time, data)


def decode(*steps, **place) -> Decoder:
    """Decode (direction, bytes or event) steps, the record at index n at the time n."""
    trace = Trace()
    for time, (direction, what) in enumerate(steps):
        trace.append(record(direction, what, float(time), **place))
    decoder = Decoder(trace)
    decoder.update()
    for unit in decoder.units:
        check(unit)
    return decoder


def above_tcp(*steps) -> list[Unit]:
    return [unit for unit in decode(*steps).units if unit.layer is not Layer.TCP]


def frames(*steps) -> list[Unit]:
    """The WebSocket units after an opening handshake without extensions."""
    return above_tcp((UP, upgrade()), (DOWN, switch()), *steps)[2:]


def fields(node: Node) -> dict[str, Node]:
    """All nodes of a tree by name, the last of a name winning."""
    found = {node.name: node}
    for child in node.children:
        found.update(fields(child))
    return found


def cut(unit: Unit, node: Node) -> bytes:
    return b"".join(unit.raw[low:high] for low, high in node.spans)


def check(unit: Unit) -> None:
    """What must hold for every unit, whatever the bytes."""
    assert len(unit.summary) <= 40 and unit.summary.isprintable(), unit.summary
    assert unit.error is None or unit.error.isprintable()
    assert unit.upper is None or unit.upper > unit.layer
    said = sentence(unit, "Ann", "server")
    assert said.startswith("Ann ") and said.endswith((".", "?", "…")) and said.isprintable(), said
    check_node(unit.tree(), {*range(len(unit.raw))}, len(unit.raw))


def check_node(node: Node, room: set[int], size: int) -> None:
    assert node.name.isprintable() and node.value.isprintable(), node
    covered: set[int] = set()
    for low, high in node.spans:
        assert 0 <= low <= high <= size, node
        covered.update(range(low, high))
    assert covered <= room, node
    for child in node.children:
        check_node(child, covered, size)
