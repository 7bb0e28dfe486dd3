"""The server that a user takes: the last stage, with what users of the official library expect besides."""

import re
from dataclasses import fields
from typing import Any, Unpack
from weakref import WeakSet

from handmade.adapters import Adapter, PubSubAdapter
from handmade.aims import Everybody
from handmade.l15_core import Condition
from handmade.latest import stage
from handmade.listeners import Listeners
from handmade.options import ServerOptions, hold, hold_parts
from handmade.sockets import Socket


class Namespace(Everybody, Listeners, stage.Namespace):
    """A conversation of its own: handlers, middleware, sockets and rooms. A parent has `children`."""

    def __init__(self, name: str, parent: "Namespace | None" = None) -> None:
        super().__init__(name, parent)
        self.children = WeakSet[Namespace]()
        if parent:
            parent.children.add(self)


class Server(Everybody, Listeners, stage.Server):
    """A Socket.IO server. `listen` serves on a port of its own, `attach` beside your aiohttp application.

    Settings are in seconds and bytes; ServerOptions names them. Raises TypeError for one that there is not,
    or that cannot be.
    """

    children: tuple[Namespace, ...] = ()
    adapter_type: type[Adapter] = PubSubAdapter
    namespace_type = Namespace

    def __init__(self, **options: Unpack[ServerOptions]) -> None:
        hold("Server", options, (field.name for field in fields(self.options_type)))
        hold_parts(options)
        self.adapter_type = getattr(options.get("adapter"), "adapter_type", self.adapter_type)
        stage.Server.__init__(self, **options)
        if self.history:
            self.client_type = self.adapter_type.client_type

    def greet(self, session: Any) -> None:
        """Somebody has opened a session."""
        client: Any = self.client_type(self, session)
        client.socket_type = self.adapter_type.socket_type if self.history else Socket

    def new_history(self, name: str = "/") -> Any:
        """What is remembered in a namespace, nothing at first."""
        return self.adapter_type.new_history(self, name)

    def new_namespace(self, name: str, parent: Any = None) -> Namespace:
        """A namespace that remembers."""
        namespace = Namespace(name, parent)
        namespace.history = self.new_history(name)
        return namespace

    def of(self, name: str | re.Pattern[str] | Condition) -> "Namespace | Server":
        """The namespace of that name; for a pattern or a condition the parent of all those that match."""
        found: Namespace | Server = super().of(name)
        return found

    @property
    def clients_count(self) -> int:
        """How many clients are connected, each counted once, in however many namespaces it is."""
        return len(self.engine.sessions)
