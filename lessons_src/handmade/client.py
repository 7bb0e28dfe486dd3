"""The client that a user takes: the last stage, with what users of the official library expect besides."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, Unpack

from handmade import l11_core
from handmade import l15_namespaces as l15
from handmade.l08_meet_socketio import Packet, Type
from handmade.l13_core import Question
from handmade.l16_core import ConnectError
from handmade.latest import client_stage as stage
from handmade.listeners import CatchAll, Listeners
from handmade.options import ClientOptions, hold


class ClientSocket(CatchAll, stage.ClientSocket):
    """Your end of a namespace."""

    def __init__(self, io: Any, namespace: str) -> None:
        stage.ClientSocket.__init__(self, io, namespace)
        self.incoming, self.outgoing = Listeners(), Listeners()

    def transmit(self, packet: Packet) -> None:
        """Send a packet, or keep it until we are connected."""
        kept = len(self.send_buffer)
        super().transmit(packet)
        if len(self.send_buffer) == kept:
            self.left(packet)

    def welcome(self, sid: str) -> None:
        """We are in. What was kept comes first: theirs, then ours."""
        kept = {id(packet): packet for packet, _ in self.send_buffer}
        super().welcome(sid)
        for packet in kept.values():
            self.left(packet)

    def left(self, packet: Packet) -> None:
        """A packet has gone out."""
        if packet.type == Type.EVENT:
            self.sent([argument for argument in packet.data if not isinstance(argument, Question)])

    def refused(self, reason: dict[str, Any]) -> None:
        """The server does not let us in, and would not let us in the next time."""
        self.leave("refused")
        self.tell(self, "connect_error", ConnectError(str(reason.get("message")), reason.get("data")))


class Manager(Listeners, stage.Manager):
    """A connection, and the sockets that share it. It hears `reconnect` and its like."""

    socket_type = ClientSocket


Auth = Mapping[str, Any] | Callable[[], Any] | None


def io(
    url: str,
    auth: Auth = None,
    *,
    ack_timeout: float | None = None,
    force_new: bool = False,
    **options: Unpack[ClientOptions],
) -> ClientSocket:
    """Connect to a namespace of a Socket.IO server, `http://host:port/namespace`, in a running loop.

    `auth` is what you say of yourself: a dict, or a function, async perhaps, that is asked each time.
    `ack_timeout` is the time for each acknowledgement, in seconds; ClientOptions names the other settings.
    Namespaces of one server share a connection, unless `force_new`; the first sets its options.
    Raises ValueError for a bad address or one with a query, TypeError for an option that there is not.
    """
    if "?" in url:
        raise ValueError(f"No query is sent, and {url!r} has one: say in `auth` what the server must know.")
    known = {field.name for field in fields(l11_core.Options)} - {"auth"}
    hold("io", options, known)
    socket: ClientSocket = l15.io(
        url, auth, ack_timeout=ack_timeout, force_new=force_new, manager_type=Manager, **options
    )
    return socket
