"""Lesson 11, built from lessons/11_reconnection.py: edit there, not here."""

import asyncio
import random
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from handmade import l10_heartbeats as l10
from handmade.l08_meet_socketio import Emitter, Line, Packet, ProtocolError, Type, decode, encode
from handmade.l09_core import EnginePacket, from_payload, to_payload
from handmade.l11_core import Backoff, ConnectError, Engine, Membership, Options, World

Server = l10.Server  # to a server, who comes back is a new client


class Socket(Membership):
    """Your end of a namespace."""

    def receive(self, packet: Packet) -> None:
        """Act on a packet of the server."""
        match packet.type, packet.data:
            case Type.CONNECT, {"sid": str(sid)}:
                self.welcome(sid)
            case Type.EVENT, event if self.connected:
                self.io.world.tell(self, *event)
            case Type.EVENT, event:
                self.receive_buffer.append(event)
            case Type.DISCONNECT, _:
                self.leave("io server disconnect")
            case Type.CONNECT_ERROR, reason:
                self.refused(reason if isinstance(reason, dict) else {"message": reason})

    def refused(self, reason: dict[str, Any]) -> None:
        """The server does not let us in. That was a decision: we do not knock again by ourselves."""
        error = ConnectError(reason.get("message"))
        error.data = reason.get("data")
        self.leave("refused")
        self.io.world.tell(self, "connect_error", error)


class Sharing(Emitter):
    """A socket, and the engine that it has while it is connected."""

    def __init__(self, namespace: str, options: Options, world: World) -> None:
        super().__init__()
        self.options = options
        self.world = world
        self.backoff = Backoff(options, world.chance)
        self.socket = Socket(self, namespace)
        self.engine: Engine | None = None
        self.waiting: Any = None

    def opened(self) -> None:
        """There is a connection: ask to be let in. After the next loss the first wait is short again."""
        self.write(encode(Packet(Type.CONNECT, self.options.auth, namespace=self.socket.namespace)))
        if self.backoff.attempts:
            self.world.tell(self, "reconnect", self.backoff.attempts)
        self.backoff.attempts = 0

    def write(self, text: str) -> None:
        """Send a packet."""
        if self.engine:
            self.engine.send(f"4{text}")

    def receive(self, message: str | bytes) -> None:
        """Hand a packet to the socket. Raises ProtocolError."""
        packet = decode(message)
        if packet.namespace == self.socket.namespace:
            self.socket.receive(packet)


class Returning(Sharing):
    """Connects, and tries again after a while."""

    def connect(self) -> None:
        """Connect, unless that is done, under way or due."""
        if not self.engine and not self.waiting:
            self.engine = Engine(self)

    def reconnect(self) -> None:
        """Try again in a while, unless that was done often enough."""
        if self.backoff.attempts < self.options.reconnection_attempts:
            self.waiting = self.world.call_later(self.backoff.duration(), self.attempt)
        else:
            self.backoff.attempts = 0
            self.world.tell(self, "reconnect_failed")

    def attempt(self) -> None:
        """The wait is over."""
        self.waiting = None
        self.world.tell(self, "reconnect_attempt", self.backoff.attempts)
        self.connect()


class Manager(Returning):
    """The connection of a socket, for as long as the socket wants one."""

    def closed(self, engine: Engine, reason: str, error: Exception | None) -> None:
        """The connection is lost, or there was none. If we have left it, that is no news."""
        if engine == self.engine:
            self.engine = None
            error = error or ConnectionError(reason)
            if engine.handshake:
                self.socket.closed(reason)
            else:
                self.world.tell(self.socket, "connect_error", error)
            if self.backoff.attempts:
                self.world.tell(self, "reconnect_error", error)
            if self.options.reconnection:
                self.reconnect()

    def close(self) -> None:
        """Say goodbye, and try nothing more."""
        engine = self.engine
        if self.waiting:
            self.waiting.cancel()
        self.engine = self.waiting = None
        self.backoff.attempts = 0
        if engine:
            engine.close()


def address(engine: Engine, transport: str) -> dict[str, Any]:
    """Where a request of this engine goes."""
    query = {"EIO": "4", "transport": transport}
    if engine.handshake:
        query["sid"] = engine.handshake["sid"]
    return {"url": engine.io.options.path, "params": query}


async def get(engine: Engine, http: aiohttp.ClientSession) -> None:
    """Fetch packets, as soon as there are some."""
    async with http.get(**address(engine, "polling")) as response:
        for packet in from_payload(await response.read()):
            engine.receive(packet)


async def get_all(engine: Engine, http: aiohttp.ClientSession) -> None:
    """Fetch packets again and again."""
    while not engine.is_paused:
        await get(engine, http)


async def post_all(engine: Engine, http: aiohttp.ClientSession) -> None:
    """Send packets, each in a request of its own: no server finds those too many. The goodbye is the last."""
    while not engine.is_paused:
        packets = asyncio.Queue[list[EnginePacket]]()
        engine.outbox.attach(packets.put_nowait)
        for packet in await packets.get():
            async with http.post(**address(engine, "polling"), data=to_payload([packet])):
                pass
            if packet == "1":
                engine.end("forced close")


async def poll(engine: Engine, http: aiohttp.ClientSession) -> None:
    """Carry an engine's packets by requests, and try whether a WebSocket can take over."""
    await get(engine, http)
    async with asyncio.TaskGroup() as tasks:
        requests = [tasks.create_task(get_all(engine, http)), tasks.create_task(post_all(engine, http))]
        if "websocket" in engine.handshake["upgrades"] and "websocket" in engine.io.options.transports:
            await upgrade(engine, http, requests)


async def upgrade(engine: Engine, http: aiohttp.ClientSession, requests: list[asyncio.Task[None]]) -> None:
    """Probe a WebSocket; if it works, it takes over (Engine.IO v4, "Upgrade")."""
    try:
        websocket = await http.ws_connect(**address(engine, "websocket"), max_msg_size=0)
        await websocket.send_str("2probe")
        if (await websocket.receive()).data != "3probe":
            raise ProtocolError("no answer to the probe")
    except (aiohttp.ClientError, OSError, ProtocolError) as error:
        engine.io.world.tell(engine, "upgrade_error", error)
        return
    engine.pause()
    await asyncio.wait(requests)
    await websocket.send_str("5")
    engine.io.world.tell(engine, "upgrade")
    await talk(engine, websocket)


async def talk(engine: Engine, websocket: Any) -> None:
    """Carry an engine's packets by a WebSocket, up to the end."""
    line = asyncio.Queue[list[EnginePacket]]()
    engine.take_over(line.put_nowait)
    sending = asyncio.create_task(pump(websocket, line))
    try:
        async for frame in websocket:
            if frame.type == aiohttp.WSMsgType.ERROR:
                raise ProtocolError(f"no WebSocket frame: {frame.data}")
            engine.receive(frame.data)
        engine.end("transport close")
    finally:
        sending.cancel()


async def carry(engine: Engine, url: str) -> None:
    """Carry an engine's packets over the network, up to the end."""
    options = engine.io.options
    cookies = aiohttp.CookieJar(unsafe=True)  # of an IP address, too: by a cookie a load balancer knows us
    settings: Any = {"headers": options.extra_headers, "proxy": options.proxy, "cookie_jar": cookies}
    settings["timeout"] = aiohttp.ClientTimeout(total=None)  # the engine looks at the clock
    try:
        async with aiohttp.ClientSession(url, raise_for_status=True, **settings) as http:
            if options.transports[0] == "polling":
                await poll(engine, http)
            else:
                await talk(engine, await http.ws_connect(**address(engine, "websocket"), max_msg_size=0))
    except* ProtocolError as errors:
        engine.end("parse error", errors.exceptions[0])
    except* (aiohttp.ClientError, OSError, ValueError) as errors:
        engine.end("transport error", errors.exceptions[0])


async def pump(websocket: Any, line: asyncio.Queue[list[EnginePacket]]) -> None:
    """Send what is put in line, up to the goodbye, for which WebSocket has words of its own."""
    with suppress(ConnectionError):
        while True:
            for packet in await line.get():
                if packet == "1":
                    await websocket.close()
                    return
                send = websocket.send_str if isinstance(packet, str) else websocket.send_bytes
                await send(packet)


def io(url: str, manager_type: type[Manager] = Manager, **options: Any) -> Any:
    """Connect to a Socket.IO server at `http://host:port`, or a namespace. Raises TypeError, ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https", "ws", "wss") or not parts.hostname or parts.port == 0:
        raise ValueError(f"A Socket.IO server has an address like http://127.0.0.1:3000, not {url!r}.")
    site = f"{parts.scheme}://{parts.netloc}"
    loop = asyncio.get_running_loop()

    def dial(engine: Engine) -> asyncio.Task[None]:
        return loop.create_task(carry(engine, site))

    world = World(dial, Line(asyncio.create_task).tell, loop.time, loop.call_later, random.random)
    manager = manager_type(parts.path or "/", Options(**options), world)
    encode(Packet(Type.CONNECT, manager.options.auth))  # bad data fails here, and not when we are connected
    manager.socket.connect()
    return manager.socket
