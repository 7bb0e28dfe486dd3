"""Lesson 09, built from lessons/09_long_polling_and_upgrade.py: edit there, not here."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from handmade import l08_meet_socketio as l08
from handmade.l08_meet_socketio import JSON, ProtocolError
from handmade.l09_core import EnginePacket, Session, from_payload, to_frame, to_payload


def refusal(request: web.Request, session: Session | None, is_forbidden: bool) -> web.Response | None:
    """A bad request's answer, in the official server's codes and words, and nearly always its choice."""
    query, method = request.query, request.method
    transport = query.get("transport")
    upgrade = request.headers.get("Upgrade", "").lower() == "websocket"
    problems = [
        (0, "Transport unknown", transport not in ("polling", "websocket")),
        (1, "Session ID unknown", query.get("sid") and session is None),
        (3, "Bad request", session and not upgrade and session.outbox.transport != transport),
        (2, "Bad handshake method", method != "GET" and (upgrade or not session or method != "POST")),
        (3, "Bad request", upgrade != (transport == "websocket")),
        (4, "Forbidden", is_forbidden),
        (5, "Unsupported protocol version", query.get("EIO") != "4"),
    ]
    for code, message, is_wrong in problems:
        if is_wrong and upgrade:
            return web.Response(status=400, text=message)
        if is_wrong:
            error = {"code": code, "message": message}
            return web.json_response(error, status=403 if code == 4 else 400, dumps=JSON.encode)
    return None


def permission(request: web.Request, origins: Collection[str]) -> dict[str, str]:
    """The headers that let a page of another origin read the answer, if its origin was named (CORS)."""
    origin = request.headers.get("Origin", "")
    if not origin or {origin, "*"}.isdisjoint(origins):
        return {}
    headers = request.headers.get("Access-Control-Request-Headers", "")
    return {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Headers": headers, "Vary": "Origin"}


def is_foreign(request: web.Request, origins: Collection[str]) -> bool:
    """Whether a page of another origin asks, and that was not named. Programs name no origin."""
    origin = request.headers.get("Origin")
    is_own = not origin or origin.partition("://")[2] == request.host
    return not is_own and not permission(request, origins)


@dataclass(frozen=True)
class Options:
    """Settings, in bytes and seconds. `cors` names the foreign origins that may use the server; "*" all."""

    max_http_buffer_size: int = 1_000_000
    upgrade_timeout: float = 10
    cors: Collection[str] = ()

    def opening(self) -> dict[str, int]:
        """What the open packet says of them. The first ping is due in a day."""
        day = 24 * 60 * 60 * 1000
        return {"pingInterval": day, "pingTimeout": day, "maxPayload": self.max_http_buffer_size}


async def poll(session: Session) -> web.Response:
    """Answer a GET as soon as there are packets."""
    packets = asyncio.Queue[list[EnginePacket]]()
    try:
        session.attach(packets.put_nowait)
        return web.Response(text=to_payload(await packets.get()), headers={"Cache-Control": "no-store"})
    except ProtocolError:
        session.end("transport error")
        return web.Response(status=400)
    except asyncio.CancelledError:  # the client has hung up
        session.end("transport error")
        raise


async def post(request: web.Request, session: Session, limit: int) -> web.Response:
    """Take the packets of a POST."""
    if session.posting or request.headers.get("Content-Type") == "application/octet-stream":
        session.end("transport error")
        return web.Response(status=400)
    session.posting = True
    try:
        for packet in from_payload(await request.clone(client_max_size=limit).read()):
            session.receive(packet)
            await session.catch_up()
        return web.Response(text="ok", content_type="text/html")
    except web.HTTPRequestEntityTooLarge:
        return web.Response(status=413)
    except ProtocolError:
        session.end("parse error")
        return web.Response(status=400)
    except BaseException:
        session.end("transport error")
        raise
    finally:
        session.posting = False


class Frames:
    """The way back to a client over its WebSocket: frames, put into its connection at once."""

    def __init__(self, websocket: web.WebSocketResponse, connection: Any, unsent: Any) -> None:
        self.websocket, self.connection, self.unsent = websocket, connection, unsent
        self.goodbyes = list[asyncio.Task[bool]]()

    def write(self, packets: list[EnginePacket]) -> None:
        """Write packets, up to the goodbye, for which WebSocket has words of its own."""
        if self.goodbyes or self.websocket.closed or self.connection.is_closing():
            return
        for packet in packets:
            if packet == "1":
                self.goodbyes.append(asyncio.create_task(self.websocket.close()))
                asyncio.get_running_loop().call_later(5, self.connection.abort)  # who does not take it
            else:
                self.connection.write(to_frame(packet))


@asynccontextmanager
async def site(app: web.Application, host: str, port: int) -> AsyncIterator[int]:
    """Serve an application; gives the port. Who hangs up cancels the handler of his request."""
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


class Engine:
    """Engine.IO on aiohttp: requests in, sessions out; `greet(session)` is called for each new one."""

    session_type, frames_type = Session, Frames

    def __init__(self, greet: Callable[[Any], object], options: Any) -> None:
        self.greet = greet
        self.options = options
        self.sessions: dict[str, Session] = {}

    def forbids(self, request: web.Request) -> bool:
        """Whether a foreign page asks for a WebSocket, which no browser would stop."""
        return "Upgrade" in request.headers and is_foreign(request, self.options.cors)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request."""
        session = self.sessions.get(request.query.get("sid", ""))
        if request.method == "OPTIONS" and self.options.cors:
            answer = web.Response(status=204)
        elif refused := refusal(request, session, self.forbids(request)):
            answer = refused
        elif request.query["transport"] == "websocket":
            return await serve_frames(self, request, session)
        elif session and request.method == "POST":
            answer = await post(request, session, self.options.max_http_buffer_size)
        else:
            answer = await poll(session or self.open(request))
        answer.headers.update(permission(request, self.options.cors))
        return answer

    def open(self, request: web.Request) -> Session:
        """A new session. It begins with the open packet (Engine.IO v4, "Handshake")."""
        session = self.session_type(request.query["transport"], asyncio.get_running_loop().call_later)
        self.sessions[session.sid] = session
        session.on_close.append(lambda reason: self.sessions.pop(session.sid))
        upgrades = ["websocket"] if session.outbox.transport == "polling" else []
        session.send("0" + JSON.encode({"sid": session.sid, "upgrades": upgrades, **self.options.opening()}))
        self.greet(session)
        return session


async def serve_frames(engine: Engine, request: web.Request, session: Session | None) -> web.StreamResponse:
    """Serve a WebSocket: a session of its own, or a guest that wants to take over a session."""
    websocket = web.WebSocketResponse(compress=False, max_msg_size=engine.options.max_http_buffer_size + 1)
    unsent = await websocket.prepare(request)
    frames = engine.frames_type(websocket, request.transport, unsent)
    if session:
        session.knock(frames.write, engine.options.upgrade_timeout)
    else:
        session = engine.open(request)
        session.attach(frames.write)
    try:
        async for message in websocket:
            if message.type == web.WSMsgType.ERROR:
                raise ProtocolError(f"no WebSocket frame: {message.data}")
            session.frame(message.data, frames.write)
            await session.catch_up()
            await frames.unsent.drain()  # who takes nothing is not listened to
    except ProtocolError:
        session.hang_up(frames.write, "parse error")
    finally:
        session.hang_up(frames.write)
        await asyncio.gather(*frames.goodbyes)
    return websocket


class Client(l08.Client):
    """One connection, over whatever carries its session: its messages are Socket.IO packets."""

    def __init__(self, server: "Server", session: Session) -> None:
        super().__init__(server, lambda text: session.send(f"4{text}"), session.close)
        self.session = session
        session.on_message = lambda message: self.receive(l08.decode(message))
        session.catch_up = self.line.catch_up
        session.on_close.append(self.closed)


class Server(l08.Server):
    """A Socket.IO server over long-polling and WebSocket, with Options."""

    options_type: type[Options] = Options
    engine_type: type[Engine] = Engine
    client_type: type[Client] = Client

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.options = self.options_type(**options)
        self.engine = self.engine_type(self.greet, self.options)

    def greet(self, session: Session) -> None:
        """Somebody has opened a session."""
        self.client_type(self, session)

    def attach(self, app: web.Application, path: str = "/socket.io/") -> None:
        """Serve at that path of an application."""
        app.router.add_route("*", path, self.engine.handle)
        app.on_shutdown.append(self.stop)

    async def stop(self, app: web.Application) -> None:
        """End all sessions. Handlers get a second for what they are doing."""
        for session in tuple(self.engine.sessions.values()):
            session.end("server shutting down")
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=1)
        for task in self.tasks:
            task.cancel()

    @asynccontextmanager
    async def listen(self, port: int = 0, host: str = "127.0.0.1") -> AsyncIterator[int]:
        """Serve on that port (0: any that is free) as long as the `async with` lasts; it gives the port."""
        app = web.Application()
        self.attach(app)
        async with site(app, host, port) as listening:
            yield listening
