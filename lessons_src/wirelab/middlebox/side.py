"""The two ends of a flow's chain of handlers, a socket each: at the client and at the server."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from wirelab.address import HOST, port_of
from wirelab.middlebox.rules.base import Link
from wirelab.middlebox.rules.provenance import Piece
from wirelab.trace import Direction, Event, Leg, Record, now

if TYPE_CHECKING:
    from wirelab.middlebox.flow import Flow

_RESET_ON_CLOSE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class Side(Link, asyncio.Protocol):
    """The socket at one end of a flow's chain: what it hears goes into the chain, what comes out it says."""

    def __init__(self, flow: Flow, leg: Leg, hears: Direction, says: Direction) -> None:
        self._flow = flow
        self._leg = leg
        self._hears = hears
        self._says = says
        self._transport: asyncio.Transport | None = None
        self._heard_fin = False
        self._said_fin = False
        self.gone = False
        self._goes_to = 0
        self._came = 0
        self.address: tuple[str, int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        if self.gone:  # the flow was closed before its socket was there
            transport.abort()
            return
        self._transport = transport
        self.address = transport.get_extra_info("peername")
        self._record(Direction.UP, Event.OPEN, server=self._goes_to)
        self._flow.adjust(self._hears)
        self._pass_on(Event.OPEN)

    def data_received(self, data: bytes) -> None:
        self._record(self._hears, Event.DATA, data)
        piece = Piece(len(data), self._came)
        self._came += len(data)
        self.hand_on(self._hears, Event.DATA, data, (piece,))

    def eof_received(self) -> bool:
        self._heard_fin = True
        self._record(self._hears, Event.FIN)
        self._pass_on(Event.FIN)
        return not self._said_fin

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None and not self.gone:
            self._record(self._hears, Event.RST)
            self.gone = True
            self._pass_on(Event.RST)
        self.gone = True
        self._flow.resume(self._says, self)
        self._flow.end_if_over()

    def pause_writing(self) -> None:
        self._flow.pause(self._says, self)

    def resume_writing(self) -> None:
        self._flow.resume(self._says, self)

    def take(self, direction: Direction, event: Event, data: bytes, pieces: Sequence[Piece]) -> None:
        if self.gone or self._transport is None or event is Event.OPEN:
            return
        if event is Event.RST:
            self.gone = True
            raw = self._transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            self._transport.abort()
        elif self._said_fin or self._transport.is_closing():  # a write has failed just now
            return
        elif event is Event.DATA:
            self._transport.write(data)
        else:
            self._said_fin = True
            if self._heard_fin:
                self._transport.close()
            else:
                with contextlib.suppress(OSError):  # the peer has reset it, and the loop has not heard yet
                    self._transport.write_eof()
        self._record_what_leaves(direction, event, data, pieces)

    def read(self, wanted: bool) -> None:
        """Read from the socket from now on, or leave the bytes there, so that the sender has to wait."""
        if self._transport is None or self._heard_fin:
            return
        if wanted:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def close(self) -> None:
        """Finish at once, as the system does for a program that ends."""
        self.take(self._says, Event.FIN, b"", ())
        self.gone = True
        if self._transport is not None:
            self._transport.abort()

    def _pass_on(self, event: Event) -> None:
        self.hand_on(self._hears, event, b"", ())

    def _record(self, direction: Direction, event: Event, data: bytes = b"", server: int = 0) -> None:
        self._flow.trace.append(Record(self._flow.number, self._leg, direction, event, now(), data, server))

    def _record_what_leaves(
        self, direction: Direction, event: Event, data: bytes, pieces: Sequence[Piece]
    ) -> None:
        """A record for each piece: bytes that passed are told apart from those that a rule has put there."""
        start, time = 0, now()
        for size, source, by in pieces or (Piece(len(data), -1),):
            part = data if size == len(data) else data[start : start + size]
            start += size
            self._flow.trace.append(
                Record(self._flow.number, self._leg, direction, event, time, part, 0, source, by)
            )


class ServerSide(Side):
    """The side that has to be connected first: OPEN does it, and what comes before it stands is kept."""

    _connecting: asyncio.Task[None] | None = None
    _refused = False

    def __init__(self, flow: Flow) -> None:
        super().__init__(flow, Leg.SERVER, hears=Direction.DOWN, says=Direction.UP)
        self._waiting: list[tuple[Event, bytes, Sequence[Piece]]] = []

    @property
    def unused(self) -> bool:
        """No connection was asked for."""
        return self._connecting is None

    @property
    def opened(self) -> bool:
        """The connection was made; it may be over by now."""
        return self._transport is not None

    def take(self, direction: Direction, event: Event, data: bytes, pieces: Sequence[Piece]) -> None:
        if event is Event.OPEN and (self.unused or self._refused):
            self._refused = False
            self._connecting = asyncio.create_task(self._connect())
        elif self._transport is None and event is Event.RST:
            self.close()
        elif self._transport is None:
            self._waiting.append((event, data, pieces))
        else:
            super().take(direction, event, data, pieces)

    async def _connect(self) -> None:
        self._goes_to = 0
        try:
            self._goes_to = port_of(self._flow.upstream)
            await asyncio.get_running_loop().create_connection(lambda: self, HOST, self._goes_to)
        except OSError as error:
            if not isinstance(error, ConnectionError):  # no answer of the other end: something is amiss here
                what = {"message": "a middlebox cannot connect to its server", "exception": error}
                asyncio.get_running_loop().call_exception_handler(what)
            self._record(Direction.DOWN, Event.RST, server=self._goes_to)
            self._refused = True
            self._pass_on(Event.RST)
            if self._refused:
                self.connection_lost(None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        for event, data, pieces in self._waiting:  # all of it is for nobody if the flow was closed
            super().take(Direction.UP, event, data, pieces)

    def close(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
        super().close()
