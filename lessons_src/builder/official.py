"""What the official library calls what `handmade` has (socket.io 4.8, docs v4: server API, client API)."""

from __future__ import annotations

LISTENERS = {"on": "on", "once": "once", "off": "off", "listeners": "listeners"}
CATCH_ALL = {
    "on_any": "onAny",
    "prepend_any": "prependAny",
    "off_any": "offAny",
    "listeners_any": "listenersAny",
    "on_any_outgoing": "onAnyOutgoing",
    "prepend_any_outgoing": "prependAnyOutgoing",
    "off_any_outgoing": "offAnyOutgoing",
    "listeners_any_outgoing": "listenersAnyOutgoing",
}
ASKING = {"emit": "emit", "emit_with_ack": "emitWithAck", "timeout": "timeout"}
AIMING = {"to": "to", "in_": "in", "except_": "except", "local": "local", "volatile": "volatile"}
SERVERS = {
    "server_side_emit": "serverSideEmit",
    "server_side_emit_with_ack": "serverSideEmitWithAck",
}
MANY = {
    "fetch_sockets": "fetchSockets",
    "sockets_join": "socketsJoin",
    "sockets_leave": "socketsLeave",
    "disconnect_sockets": "disconnectSockets",
}
SERVER = {
    "of": "of",
    "attach": "attach",
    "listen": "listen",
    "clients_count": "engine.clientsCount",
    "from_thread": "",
}
SOCKET = {
    "use": "use",
    "join": "join",
    "leave": "leave",
    "rooms": "rooms",
    "broadcast": "broadcast",
    "server": "server",
    "nsp": "nsp",
    "disconnect": "disconnect",
}

CLASSES: dict[str, tuple[str, dict[str, str]]] = {
    "Server": ("io", {**SERVER, "use": "use", **LISTENERS, **ASKING, **AIMING, **MANY, **SERVERS}),
    "Namespace": ("nsp", {"use": "use", **LISTENERS, **ASKING, **AIMING, **MANY, **SERVERS}),
    "Aim": ("io.to(…)", {**ASKING, **AIMING, **MANY}),
    "Socket": ("socket", {**ASKING, **SOCKET, **AIMING, **LISTENERS, **CATCH_ALL}),
    "ClientSocket": (
        "socket",
        {
            **ASKING,
            "volatile": "volatile",
            "connect": "connect",
            "disconnect": "disconnect",
            **LISTENERS,
            **CATCH_ALL,
        },
    ),
    "Manager": ("socket.io", LISTENERS),
}
"""What the official library calls an object of each class, its methods and properties; "" if it has none."""

ATTRIBUTES = {
    "Server": [("sockets", "sockets.sockets", "The sockets of the main namespace, by id.")],
    "Namespace": [
        ("name", "name", "Its name, `/chat`."),
        ("sockets", "sockets", "Its sockets, by id."),
    ],
    "Socket": [
        ("id", "id", "What it is called at both ends; also a room of its own."),
        ("data", "data", "A dict, for whatever you keep of it."),
        ("handshake", "handshake", "What the client brought along: auth, headers, query, address, …"),
        ("connected", "connected", "Whether it is still there."),
        ("recovered", "recovered", "Whether it is one that was lost: id, data and rooms are as they were."),
        ("namespace", "nsp.name", "The name of the namespace."),
    ],
    "ClientSocket": [
        ("id", "id", "What it is called at both ends; None while it is not connected."),
        ("connected", "connected", "Whether it is connected."),
        ("recovered", "recovered", "Whether it came back as the one it was, and has missed nothing."),
        ("active", "active", "Whether it wants to be connected, and so comes back by itself."),
        ("auth", "auth", "What you say of yourself the next time."),
        ("io", "io", "Its connection, a Manager."),
    ],
}

EVENTS = [
    ("Server, Namespace", "connection", "socket", "A client has been let in."),
    ("Socket", "disconnecting", "reason", "It has ended; `socket.rooms` still says where it was."),
    ("Socket", "disconnect", "reason", "It has ended, and is in no room."),
    ("Socket", "error", "error", "A middleware of `socket.use` has refused an event."),
    ("ClientSocket", "connect", "", "You have been let in, for the first time or again."),
    ("ClientSocket", "connect_error", "error", "There is no connection, or a ConnectError: you are refused."),
    ("ClientSocket", "disconnect", "reason", "You are not connected any more."),
    ("Manager", "reconnect_attempt", "number", "The next attempt begins."),
    ("Manager", "reconnect", "number", "An attempt has succeeded."),
    ("Manager", "reconnect_error", "error", "An attempt has failed."),
    ("Manager", "reconnect_failed", "", "So has the last one."),
]

REASONS = [
    ("server", "client namespace disconnect", "The client has left the namespace."),
    ("server", "server namespace disconnect", "`disconnect` sent it away; with True out of every namespace."),
    ("server", "server shutting down", "The server ends."),
    ("server", "ping timeout", "The client has not answered a ping in time."),
    ("server", "taken over", "Its client has come back over another connection. Ours alone."),
    ("server", "queue full", "The client did not take what waited for it: `max_queue_size`. Ours alone."),
    ("server", "transport close", "The client has hung up."),
    ("server", "transport error", "A request broke off, or two came at once."),
    ("server", "parse error", "The client broke a rule of the protocol."),
    ("server", "forced close", "`socket.client.close()` ended the connection, without a goodbye."),
    ("client", "io client disconnect", "`disconnect` was called. It does not come back by itself."),
    ("client", "io server disconnect", "The server sent you away. It does not come back by itself."),
    ("client", "ping timeout", "The server has not sent a ping in time."),
    ("client", "transport close", "The server has hung up."),
    ("client", "transport error", "A request or the connection broke off."),
    ("client", "parse error", "The server broke a rule of the protocol."),
]

OPTIONS = {
    "ping_interval": "pingInterval (ms)",
    "ping_timeout": "pingTimeout (ms)",
    "upgrade_timeout": "upgradeTimeout (ms)",
    "connect_timeout": "connectTimeout (ms)",
    "max_http_buffer_size": "maxHttpBufferSize",
    "cors": "cors.origin",
    "connection_state_recovery": "connectionStateRecovery",
    "adapter": "adapter",
    "path": "path",
    "transports": "transports",
    "extra_headers": "extraHeaders",
    "timeout": "timeout (ms)",
    "reconnection": "reconnection",
    "reconnection_attempts": "reconnectionAttempts",
    "reconnection_delay": "reconnectionDelay (ms)",
    "reconnection_delay_max": "reconnectionDelayMax (ms)",
    "randomization_factor": "randomizationFactor",
}

RECOVERY = {
    "max_disconnection_duration": ("maxDisconnectionDuration (ms)", "within which a client has to be back"),
    "skip_middlewares": ("skipMiddlewares", "whether who comes back is not examined again"),
    "max_sessions": ("", "of how many lost clients a namespace knows; the first one is forgotten"),
    "max_packets": ("", "how many events a namespace keeps; the oldest makes room"),
    "max_bytes": ("", "how many bytes of them"),
    "name": ("", "what its offsets begin with: another one in each run"),
}
"""What the official library calls what a Recovery says, and what that is."""

MISSING = {"compress": "socket.compress"}
"""What the official library has, and `handmade` has not, or not yet."""
