"""Lesson 16, built from lessons/16_who_is_there.py: edit there, not here."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from handmade import l09_core
from handmade import l10_heartbeats as l10
from handmade import l13_acknowledgements as l13
from handmade import l15_namespaces as l15
from handmade.l08_meet_socketio import Packet, ProtocolError
from handmade.l16_core import ConnectError, Gate, Namespace, Socket, describe, objection


def reason(error: Exception, namespace: str) -> dict[str, Any]:
    """What is told to whom a middleware does not let in: its words, or no word of a fault of ours."""
    if isinstance(error, ConnectError):
        return error.reason()
    logging.getLogger("handmade").error("A middleware of %s failed.", namespace, exc_info=error)
    return {"message": "Internal error"}


class Gatekeeper(l15.Client):
    """One connection, and those of its sockets that are being examined."""

    server: "Server"

    def __init__(self, server: "Server", session: l09_core.Session) -> None:
        super().__init__(server, session)
        self.socket_type = Socket
        self.examinations: dict[str, tuple[Socket, Any]] = {}

    def connect(self, packet: Packet) -> None:
        """Let the client into a namespace, unless that is being examined. Raises ProtocolError."""
        if packet.namespace in self.examinations:
            raise ProtocolError("a second CONNECT before the first is answered")
        super().connect(packet)

    def admit(self, socket: Socket) -> None:
        """Let a socket in."""
        socket.connected = True
        super().let_in(socket)
        socket.begin()

    def dismiss(self, socket: Socket) -> None:
        """It stands before the gate no longer."""
        self.examinations.pop(socket.namespace, None)
        if socket in socket.audience.examined:
            socket.audience.examined.remove(socket)
            socket.audience.tidy()

    def closed(self, reason: str) -> None:
        """The connection has ended. Nobody waits for the end of an examination any more."""
        for socket, examination in tuple(self.examinations.values()):
            examination.cancel()
            self.dismiss(socket)
        super().closed(reason)


class Client(Gatekeeper):
    """One connection. Its sockets are examined before they come into their namespaces."""

    def let_in(self, socket: Socket) -> None:
        """Let a socket in, at once or after its examination."""
        gate = socket.audience
        if gate.middleware:
            gate.examined.add(socket)
            self.examinations[socket.namespace] = (socket, self.server.start(self.examine(socket)))
        else:
            self.admit(socket)

    async def examine(self, socket: Socket) -> None:
        """Let a socket in or refuse it, if its client is still there after all that."""
        try:
            error = await objection(socket.audience.middleware, socket)
            if self.session.state == "open":
                self.decide(socket, error)
        finally:
            self.dismiss(socket)

    def decide(self, socket: Socket, error: Exception | None) -> None:
        """Let a socket in, or refuse it."""
        if error:
            self.refuse(socket.namespace, reason(error, socket.namespace))
        else:
            self.admit(socket)


class Session(l10.Session):
    """A session that remembers with what it began."""

    handshake: Mapping[str, Any] = {}


class Engine(l10.Engine):
    """Engine.IO whose sessions remember with what they began."""

    session_type = Session

    def open(self, request: web.Request) -> Any:
        """A new session."""
        session = super().open(request)
        session.handshake = describe(request)
        return session


class Server(l15.Server, Gate):
    """A Socket.IO server that knows who is there, with Options."""

    engine_type = Engine
    client_type: type[l13.Client] = Client
    namespace_type = Namespace

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        Gate.__init__(self)

    def tidy(self) -> None:
        """This namespace stays, also when nobody is in it."""


class ClientSocket(l15.ClientSocket):
    """Your end of a namespace. `auth` may be a function that is asked each time: it may be async."""

    def present(self, auth: Any) -> None:
        """Say who we are, as soon as we know, and ask to be let in."""
        if callable(auth):
            self.finding_out = asyncio.create_task(self.find_out(auth, self.io.engine))
        else:
            super().present(auth)

    async def find_out(self, auth: Callable[[], Any], engine: Any) -> None:
        """Ask the function, and present what it says, if this connection is still there and wanted."""
        try:
            said = auth()
            if asyncio.iscoroutine(said):
                said = await said
        except Exception as error:
            if self.io.engine is engine:
                self.is_knocking = False
                if self.active:
                    self.refused({"message": str(error)})
            return
        if self.io.engine is not engine:
            return
        if self.active:
            super().present(said)
        else:
            self.is_knocking = False


class Manager(l15.Manager):
    """One connection, and the sockets that share it."""

    socket_type = ClientSocket


def io(url: str, auth: Any = None, **options: Any) -> Any:
    """Connect to a namespace of a Socket.IO server, as the `io` of lesson 15 does. Raises ValueError."""
    return l15.io(url, auth, manager_type=Manager, **options)
