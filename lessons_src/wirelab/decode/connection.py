"""One leg of one TCP connection: its two byte streams become units."""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Callable

from wirelab.decode import engineio, socketio
from wirelab.decode.http import MessageParser, Request, Response
from wirelab.decode.tcp import Tcp
from wirelab.decode.unit import Detail, Layer, Undecoded
from wirelab.decode.websocket import Frame, FrameParser, Inflater
from wirelab.trace import Direction, Event, Record

Emit = Callable[[Detail, Layer | None, Direction, Record, int, int], None]


class Session:
    """An Engine.IO session on one leg: it outlives its connections."""

    def __init__(self) -> None:
        self.up = socketio.Reader(from_client=True)
        self.down = socketio.Reader(from_client=False)


class Sessions:
    """The Engine.IO sessions of one leg by id, and whose they are."""

    def __init__(self) -> None:
        self._by_sid: dict[str, Session] = {}

    def find(self, request: Request) -> Session:
        """The session that a request belongs to, a new one if it has no id or an unknown one."""
        sid = request.query.get("sid")
        return self._by_sid.setdefault(sid, Session()) if sid else Session()

    def learn(self, sid: str, session: Session) -> None:
        """An open packet has told a session's id."""
        self._by_sid[sid] = session


class _Side:
    """What one end sends: the bytes not understood yet, and who is to read them."""

    def __init__(self, direction: Direction, kind: type[Request] | type[Response]) -> None:
        self.direction = direction
        self.buffer = bytearray()
        self.http = MessageParser(kind)
        self.frames: FrameParser | None = None
        self.came = 0
        self.done = 0
        self._gap = False

    def is_cut(self) -> None:
        """Bytes are missing: what follows cannot be understood."""
        self._gap = True
        self.buffer.clear()

    @property
    def lost(self) -> bool:
        """Whether nothing more can be read."""
        return self._gap or (self.frames.lost if self.frames else self.http.lost)


class Connection:
    """Feeds on the records of one leg and hands every unit to `emit`."""

    def __init__(self, emit: Emit, sessions: Sessions) -> None:
        self._hand_out = emit
        self._sessions = sessions
        self._session: Session | None = None
        self._up = _Side(Direction.UP, Request)
        self._down = _Side(Direction.DOWN, Response)
        self._requests: deque[Request] = deque()
        self._answered = False

    def feed(self, record: Record) -> None:
        """Take in the next record; a unit's time is that of the record that completed it."""
        side, other = (self._up, self._down) if record.direction is Direction.UP else (self._down, self._up)
        match record.event:
            case Event.DATA:
                if record.lost:
                    side.is_cut()
                upper = None if side.lost else Layer.WEBSOCKET if side.frames else Layer.HTTP
                begin, side.came = side.came, side.came + record.size
                self._hand_out(Tcp(record), upper, side.direction, record, begin, side.came)
                if upper is not None:
                    side.buffer += record.data
                    self._read(side, record)
            case Event.OPEN:
                self._emit_event(Layer.HTTP, side, record)
            case Event.FIN:
                self._end(side, record)
                self._emit_event(Layer.HTTP if self._is_over() else None, side, record)
            case Event.RST:
                self._end(side, record)
                self._end(other, record)
                self._emit_event(None, side, record)

    def _emit_event(self, upper: Layer | None, side: _Side, record: Record) -> None:
        self._hand_out(Tcp(record), upper, side.direction, record, side.came, side.came)

    def _emit(self, detail: Detail, upper: Layer | None, side: _Side, record: Record) -> None:
        self._hand_out(detail, upper, side.direction, record, side.done, side.came - len(side.buffer))

    def _read(self, side: _Side, record: Record) -> None:
        while side.buffer and not side.lost:
            if side.frames:
                frame = side.frames.take(side.buffer)
                if frame is None:
                    return
                self._take_frame(side, frame, record)
            elif side is self._up and self._awaits_switch():
                return
            else:
                message = side.http.take(side.buffer, self._oldest_request())
                if message is None:
                    return
                self._take_message(side, message, record)

    def _oldest_request(self) -> Request | None:
        return self._requests[0] if self._requests else None

    def _awaits_switch(self) -> bool:
        """Whether only the answer to a handshake can tell what the client's next bytes are."""
        return bool(self._requests) and self._requests[-1].upgrades and not self._down.lost

    def _end(self, side: _Side, record: Record) -> None:
        while side.buffer and not side.lost:
            if side.frames:
                self._take_frame(side, side.frames.end(side.buffer), record)
            else:
                message = side.http.take(side.buffer, self._oldest_request())
                if message is None and side.buffer:
                    message = side.http.end(side.buffer)
                if message:
                    self._take_message(side, message, record)

    def _is_over(self) -> bool:
        """Whether all has been said that the protocol wants said before the end."""
        if self._up.frames and self._down.frames:
            return self._up.frames.closed and self._down.frames.closed
        rest = self._requests or self._up.buffer or self._down.buffer or self._up.lost or self._down.lost
        return self._answered and not rest

    def _take_message(self, side: _Side, message: Request | Response | Undecoded, record: Record) -> None:
        if isinstance(message, Undecoded):
            self._emit(message, None, side, record)
        else:
            self._take_exchange(side, message, record)
        side.done = side.came - len(side.buffer)
        if side is self._down:
            self._read(self._up, record)

    def _take_exchange(self, side: _Side, message: Request | Response, record: Record) -> None:
        request = message if isinstance(message, Request) else message.request
        packets = _polled_packets(message, request)
        self._emit(message, _upper_of(message, request, packets), side, record)
        if request and packets:
            session = self._sessions.find(request)
            for packet in packets:
                self._take_packet(side, packet, session, record)
        if isinstance(message, Request):
            self._requests.append(message)
        elif message.status // 100 != 1 or message.switches:
            self._answered = True
            if self._requests:
                self._requests.popleft()
            if message.switches:
                self._switch(message)

    def _switch(self, response: Response) -> None:
        agreed = response.deflate_parameters()
        for side, name in (self._up, "client"), (self._down, "server"):
            side.frames = FrameParser(name == "client", None if agreed is None else Inflater(agreed, name))
        if response.request and response.request.is_engineio:
            self._session = self._sessions.find(response.request)

    def _take_frame(self, side: _Side, frame: Frame | Undecoded, record: Record) -> None:
        session = self._session
        if session is None or isinstance(frame, Undecoded) or not frame.is_data or not frame.is_whole:
            self._emit(frame, None, side, record)
        else:
            self._emit(frame, None if frame.error else Layer.ENGINEIO, side, record)
            if frame.is_last:
                packet = engineio.read_message(frame.message())
                self._take_packet(side, packet, session, record)
        if isinstance(frame, Frame):
            frame.let_go()
        side.done = side.came - len(side.buffer)

    def _take_packet(self, side: _Side, packet: engineio.Packet, session: Session, record: Record) -> None:
        if packet.sid:
            self._sessions.learn(packet.sid, session)
        reader = session.up if side is self._up else session.down
        inside = reader.take(packet) if packet.name == "message" and not packet.error else None
        self._emit(packet, Layer.SOCKETIO if inside else None, side, record)
        if inside:
            self._emit(inside, None, side, record)


def _polled_packets(message: Request | Response, request: Request | None) -> list[engineio.Packet]:
    """The Engine.IO packets in the body of a POST, or in the answer to a GET."""
    if not message.body_segments or message.missing or request is None or not request.is_poll:
        return []
    if request.method != ("POST" if message is request else "GET"):
        return []
    if isinstance(message, Response) and message.status != 200:
        return []
    try:
        body = message.body()
    except zlib.error as failure:
        message.problems.append(f"the body cannot be decompressed ({failure})")
        return []
    return list(engineio.read_payload(message, message.body_origin(), body))


def _upper_of(
    message: Request | Response, request: Request | None, packets: list[engineio.Packet]
) -> Layer | None:
    """Where the message is said better: an empty poll and an "ok" are routine below Socket.IO."""
    if message.error or request is None or not request.is_poll:
        return None
    if packets:
        return Layer.ENGINEIO
    return None if isinstance(message, Response) and message.status >= 300 else Layer.SOCKETIO
