"""Listeners that hear one event, that can be taken away again, or that hear whatever comes and goes.

The official library's once, off, onAny and onAnyOutgoing (docs v4, "Listening to events").
"""

from collections.abc import Callable
from typing import Any, TypeVar, overload

from handmade.l08_meet_socketio import RESERVED, Emitter

Handler = Callable[..., Any]
AnyHandler = TypeVar("AnyHandler", bound=Handler)

ANY = "any"


class Once:
    """A handler that hears one event and is taken away."""

    def __init__(self, emitter: "Listeners", event: str, handler: Handler) -> None:
        self.emitter, self.event, self.handler = emitter, event, handler

    def __call__(self, *arguments: object) -> Any:
        """Call the handler, unless it has had its event or was taken away."""
        if self not in self.emitter.handlers.get(self.event, ()):
            return None
        self.emitter.off(self.event, self)
        return self.handler(*arguments)


class Listeners(Emitter):
    """Handlers of events, which can be taken away again."""

    @overload  # type: ignore[override]  # more precise than the stage's own
    def on(self, event: str, handler: AnyHandler) -> AnyHandler: ...

    @overload
    def on(self, event: str, handler: None = None) -> Callable[[AnyHandler], AnyHandler]: ...

    def on(self, event: str, handler: Handler | None = None) -> Any:
        """Have `handler` called with the arguments of each such event; without one, a decorator."""
        return super().on(event, handler)

    @overload
    def once(self, event: str, handler: AnyHandler) -> AnyHandler: ...

    @overload
    def once(self, event: str, handler: None = None) -> Callable[[AnyHandler], AnyHandler]: ...

    def once(self, event: str, handler: Handler | None = None) -> Any:
        """Have `handler` called for the next such event alone; without one, a decorator."""
        if handler is None:
            return lambda handler: self.once(event, handler)
        self.on(event, Once(self, event, handler))
        return handler

    def off(self, event: str | None = None, handler: Handler | None = None) -> None:
        """Take a handler away, or all those of an event, or all. One that was added twice goes once."""
        if event is None:
            self.handlers.clear()
            return
        if handler is None:
            self.handlers.pop(event, None)
            return
        handlers = self.handlers.get(event, [])
        for index, known in reversed(list(enumerate(handlers))):
            if handler in (known, original(known)):
                del handlers[index]
                break
        if not handlers:
            self.handlers.pop(event, None)

    def listeners(self, event: str) -> list[Handler]:
        """The handlers of an event, in the order in which they are called."""
        return [original(handler) for handler in self.handlers.get(event, ())]


def original(handler: Handler) -> Handler:
    """The handler that was handed in."""
    return handler.handler if isinstance(handler, Once) else handler


class CatchAll(Listeners):
    """A socket whose listeners may hear whatever comes, and whatever goes."""

    incoming: Listeners
    outgoing: Listeners
    tell: Callable[..., object]  # tell(emitter, event, *arguments) has its handlers called, in order

    def on_any(self, handler: AnyHandler) -> AnyHandler:
        """Have `handler` called with the name and the arguments of each event, before its own handlers."""
        self.incoming.on(ANY, handler)
        return handler

    def prepend_any(self, handler: AnyHandler) -> AnyHandler:
        """The same, before all others of that kind."""
        self.incoming.handlers.setdefault(ANY, []).insert(0, handler)
        return handler

    def off_any(self, handler: Handler | None = None) -> None:
        """Take one of them away, or all."""
        self.incoming.off(ANY, handler)

    def listeners_any(self) -> list[Handler]:
        """The handlers that hear whatever comes."""
        return self.incoming.listeners(ANY)

    def on_any_outgoing(self, handler: AnyHandler) -> AnyHandler:
        """Have `handler` called with the name and the arguments of each event that was sent."""
        self.outgoing.on(ANY, handler)
        return handler

    def prepend_any_outgoing(self, handler: AnyHandler) -> AnyHandler:
        """The same, before all others of that kind."""
        self.outgoing.handlers.setdefault(ANY, []).insert(0, handler)
        return handler

    def off_any_outgoing(self, handler: Handler | None = None) -> None:
        """Take one of them away, or all."""
        self.outgoing.off(ANY, handler)

    def listeners_any_outgoing(self) -> list[Handler]:
        """The handlers that hear whatever goes."""
        return self.outgoing.listeners(ANY)

    async def fire(self, event: object, *arguments: object) -> None:
        """Call the handlers that hear whatever comes, then the event's own."""
        if self.incoming.handlers and event not in RESERVED:
            await self.incoming.fire(ANY, event, *arguments)
        await super().fire(event, *arguments)

    def sent(self, event: list[Any]) -> None:
        """An event has gone out: who hears whatever goes has its turn, behind what came before."""
        if self.outgoing.handlers:
            self.tell(self.outgoing, ANY, *event)
