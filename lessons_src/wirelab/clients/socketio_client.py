"""The client of python-socketio, in tasks of the kernel's loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import socketio  # type: ignore[import-untyped]
from aiohttp import ClientSession

from wirelab.address import url
from wirelab.clients.client import PLAIN, Client, Options
from wirelab.clients.event import Event, Kind

LEAVING_TIME = 0.2
"""Seconds that a client has for its goodbye."""
_SETTINGS = (
    "reconnection",
    "reconnection_attempts",
    "reconnection_delay",
    "reconnection_delay_max",
    "randomization_factor",
)
_LOG = (
    (re.compile(r"Connection failed, new attempt in (?P<delay>-?[\d.]+) seconds"), Kind.WAITING),
    (re.compile(r"Maximum reconnection attempts reached, giving up"), Kind.GIVEN_UP),
    (re.compile(r"Attempting (polling|WebSocket) connection to"), Kind.TRYING),
    (re.compile(r"WebSocket upgrade failed: (?P<text>.*)"), Kind.NOT_UPGRADED),
)
"""What the library tells in its log alone (python-socketio 5.18, python-engineio 4.15)."""


@dataclass
class _Line:
    """One order to connect: the library's client that carries it out, in a task, with its HTTP session."""

    number: int
    sio: Any
    session: ClientSession
    endpoint: str
    opening: asyncio.Task[None] | None = None
    attempt: int = 0


class PythonSocketIOClient(Client):
    """A Socket.IO client in Python.

    An event that the server wants acknowledged always is: with what `answers` says, else with nothing.
    WAITING has the delay as the library logs it, to a hundredth of a second.
    """

    library, raw = "python-socketio", False

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._line: _Line | None = None

    async def connect(self, where: object, options: Options = PLAIN) -> None:
        await self._drop()
        number = self._begin()
        log = logging.Logger(self.name, logging.INFO)
        log.addHandler(_Listener(self._logged))
        session = ClientSession(headers={"User-Agent": self.name}, proxy=options.proxy)
        settings = {key: getattr(options, key) for key in _SETTINGS if getattr(options, key) is not None}
        timeout = {} if options.timeout is None else {"request_timeout": options.timeout}
        # Without this it takes the interrupt of the kernel for itself.
        sio = socketio.AsyncClient(
            handle_sigint=False,
            http_session=session,
            logger=log,
            engineio_logger=log,
            **settings,
            **timeout,
            **options.extra,
        )
        line = self._line = _Line(number, sio, session, options.endpoint)
        answers = options.answers

        def heard(event: str, *data: object) -> object:
            self._tell(line, Kind.RECEIVED, event, data=(event, *data))
            return answers.get(event)

        def refused(*why: object) -> None:
            if line.attempt:
                self._tell(line, Kind.FAILED, "connect_error", ", ".join(map(str, why)), retrying=True)

        def ended(reason: object) -> None:
            retrying = sio.reconnection and sio.eio.state == "connected"
            self._tell(line, Kind.DISCONNECTED, "disconnect", str(reason), retrying=retrying)

        for event, handler in {
            "connect": lambda: self._tell(line, Kind.CONNECTED, "connect", transport=sio.transport()),
            "disconnect": ended,
            "connect_error": refused,
            "*": heard,
        }.items():
            sio.on(event, handler, namespace=options.endpoint)
        opening = sio.connect(
            url(where, scheme="http"),
            auth=options.auth,
            transports=options.transports and list(options.transports),
            namespaces=[options.endpoint],
            wait_timeout=options.timeout or 1,
        )
        self._tell(line, Kind.TRYING, "connect")
        line.opening = asyncio.create_task(self._open(line, opening))

    async def send(self, message: object) -> None:
        await self.emit("message", message)

    async def emit(self, event: str, *data: object) -> None:
        line = self._alive()
        with _refusals():
            await line.sio.emit(event, data, namespace=line.endpoint)
        self._tell(line, Kind.SENT, "emit", data=(event, *data))

    async def call(self, event: str, *data: object, timeout: float = 3.0) -> Any:
        line = self._alive()
        self._tell(line, Kind.SENT, "call", data=(event, *data))
        with _refusals():
            return await line.sio.call(event, data, namespace=line.endpoint, timeout=timeout)

    async def close(self) -> None:
        await self._drop()
        self._observe(self._begin(), Event(Kind.LEFT, "disconnect"))

    def _alive(self) -> _Line:
        if self._line is None:
            raise ConnectionError(f"{self.name} has no connection: connect first.")
        return self._line

    async def _open(self, line: _Line, opening: Any) -> None:
        try:
            await opening
        except Exception as failure:  # python-engineio lets those of aiohttp and of its own parser through
            self._tell(line, Kind.FAILED, type(failure).__name__, str(failure))

    async def _drop(self) -> None:
        line, self._line = self._line, None
        self._connection += 1
        if line is None:
            return
        if line.opening is not None:
            line.opening.cancel()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(line.sio.shutdown(), LEAVING_TIME)
        await line.session.close()

    def _logged(self, said: str) -> None:
        line = self._line
        found = next(((kind, match) for pattern, kind in _LOG if (match := pattern.match(said))), None)
        if line is None or found is None:
            return
        kind, match = found
        if kind is Kind.TRYING and not line.attempt:  # told already
            return
        details = match.groupdict()
        if kind is Kind.WAITING:
            line.attempt += 1
        delay = float(details["delay"]) if "delay" in details else None
        self._tell(line, kind, "log", details.get("text", ""), delay=delay, attempt=line.attempt)

    def _tell(self, line: _Line, kind: Kind, name: str, text: str = "", **details: Any) -> None:
        if kind is Kind.CONNECTED:
            line.attempt = 0
        self._observe(line.number, Event(kind, name, text, **details))


class _Listener(logging.Handler):
    """Hands each line of the library's log on; warnings go where the library would have put them as well."""

    def __init__(self, hear: Callable[[str], None]) -> None:
        super().__init__()
        self._hear = hear

    def emit(self, record: logging.LogRecord) -> None:
        self._hear(record.getMessage())
        if record.levelno >= logging.ERROR:
            logging.getLogger("socketio").handle(record)


@contextlib.contextmanager
def _refusals() -> Any:
    """The library's exceptions as `Client` promises them."""
    try:
        yield
    except socketio.exceptions.TimeoutError:
        raise TimeoutError("The server did not acknowledge in time.") from None
    except socketio.exceptions.SocketIOError as refused:
        raise ConnectionError(f"{type(refused).__name__}: {refused}") from None
