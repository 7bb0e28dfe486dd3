"""What the rulebook says to a server: HTTP and WebSocket by hand, no library of the two protocols."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from dataclasses import dataclass
from typing import Any

import aiohttp
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

SEPARATOR = "\x1e"
_ID = re.compile(r"\b[\w-]{20}\b")
SOON = 1.5
"""Seconds within which a server answers what it answers at all."""


class Broken(Exception):
    """The server does not keep the rule; the message is the sentence of what was observed."""


def need(condition: object, observed: str) -> None:
    """Raise Broken with what was observed unless the condition holds."""
    if not condition:
        raise Broken(observed)


def short(text: object, limit: int = 60) -> str:
    """A text from the wire, in one line and not too long; ids, which differ in each run, are left out."""
    shown = _ID.sub("…", str(text).replace(SEPARATOR, "␞"))
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


@dataclass(frozen=True)
class Answer:
    """An HTTP response."""

    status: int
    text: str
    headers: Any

    def __str__(self) -> str:
        return f"{self.status} {short(self.text)}".strip()


class Line:
    """A WebSocket. Pings of Engine.IO are answered unless `answers_pings` is turned off."""

    def __init__(self, websocket: ClientConnection) -> None:
        self.websocket = websocket
        self.answers_pings = True

    async def send(self, *packets: str | bytes) -> None:
        with contextlib.suppress(ConnectionClosed):
            for packet in packets:
                await self.websocket.send(packet)

    async def next(self, patience: float = SOON) -> str | bytes | None:
        """The next packet, but for pings that are answered; None if there is none or the line is closed."""
        with contextlib.suppress(TimeoutError, ConnectionClosed):
            async with asyncio.timeout(patience):
                while True:
                    packet = await self.websocket.recv()
                    if not (self.answers_pings and packet == "2"):
                        return packet
                    await self.send("3")
        return None

    async def is_closed(self, patience: float = SOON) -> bool:
        """Whether the server closes the line; what it still says is not heard."""
        with contextlib.suppress(TimeoutError, ConnectionClosed):
            async with asyncio.timeout(patience):
                while True:
                    if await self.websocket.recv() == "2" and self.answers_pings:
                        await self.send("3")
        return self.websocket.close_code is not None

    async def join(self, payload: str = "") -> dict[str, Any]:
        """Connect to the main namespace; returns the data of the server's answer. Raises Broken."""
        await self.send(f"40{payload}")
        while isinstance(answer := await self.next(), str):
            if answer.startswith("40{"):
                joined: dict[str, Any] = json.loads(answer[2:])
                return joined
        raise Broken("`40` was not answered with `40{…}`.")

    async def event(self, name: str, patience: float = SOON) -> str | None:
        """The next event of that name, as it came; others are passed over."""
        while isinstance(packet := await self.next(patience), str):
            if packet.startswith(f'42["{name}"'):
                return packet
        return None


class Wire:
    """The way to one server, for one rule."""

    def __init__(self, port: int, http: aiohttp.ClientSession, path: str = "/socket.io/") -> None:
        self.port, self.path = port, path
        self._http = http
        self._lines: list[ClientConnection] = []

    async def close(self) -> None:
        """End what is still open."""
        for websocket in self._lines:
            websocket.transport.abort()

    async def ask(
        self, method: str = "GET", body: str | bytes | None = None, headers: Any = None, **query: str
    ) -> Answer:
        """One request. Raises aiohttp.ClientError if it is not answered."""
        query = {"EIO": "4", "transport": "polling", **query}
        params = {name: value for name, value in query.items() if value}
        url = f"http://127.0.0.1:{self.port}{self.path}"
        data = body.encode() if isinstance(body, str) else body
        kind = {"Content-Type": "text/plain;charset=UTF-8"} if data is not None else {}
        wanted = {name: value for name, value in {**kind, **(headers or {})}.items() if value}
        settings: Any = {"headers": wanted, "skip_auto_headers": ["Content-Type"]}
        async with self._http.request(method, url, params=params, data=data, **settings) as response:
            return Answer(response.status, (await response.read()).decode(errors="replace"), response.headers)

    async def post(self, sid: str, body: str | bytes) -> Answer:
        """Send a payload. An answer that does not come, because the connection is cut, has the status 0."""
        try:
            return await self.ask("POST", body, sid=sid)
        except aiohttp.ClientError:
            return Answer(0, "", {})

    async def poll(self, sid: str) -> list[str]:
        """The packets of a poll, but for pings, which are answered. Raises Broken if there are none."""
        while True:
            answer = await self.ask(sid=sid)
            need(answer.status == 200, f"A poll was answered {answer}.")
            packets = answer.text.split(SEPARATOR)
            if "2" in packets:
                await self.post(sid, "3")
            if wanted := [packet for packet in packets if packet != "2"]:
                return wanted

    async def opening(self) -> dict[str, Any]:
        """What the open packet of a new polling session says. Raises Broken."""
        answer = await self.ask()
        need(answer.status == 200 and answer.text.startswith("0{"), f"The handshake was answered {answer}.")
        told: dict[str, Any] = json.loads(answer.text.split(SEPARATOR)[0][1:])
        return told

    async def session(self) -> str:
        """A new polling session; returns its id. Raises Broken."""
        return str((await self.opening())["sid"])

    async def joined(self) -> str:
        """A polling session that has joined the main namespace. Raises Broken."""
        sid = await self.session()
        await self.post(sid, "40")
        seen: list[str] = []
        while not any(packet.startswith("40{") for packet in seen):
            seen += await self.poll(sid)
        return sid

    async def is_gone(self, sid: str) -> bool:
        """Whether the server does not know the session any more."""
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with asyncio.timeout(0.4):
                return (await self.ask(sid=sid)).status == 400
        return False

    async def websocket(self, sid: str = "", origin: str | None = None, **query: str) -> Line | None:
        """A WebSocket, without having read from it; None if the server refuses it."""
        query = {"EIO": "4", "transport": "websocket", "sid": sid, **query}
        asked = "&".join(f"{name}={value}" for name, value in query.items() if value)
        url = f"ws://127.0.0.1:{self.port}{self.path}?{asked}"
        headers = {"Origin": origin} if origin else {}
        try:
            websocket = await connect(
                url,
                proxy=None,
                compression=None,
                ping_interval=None,
                close_timeout=0.2,
                additional_headers=headers,
            )
        except (InvalidStatus, WebSocketException, OSError):
            return None
        self._lines.append(websocket)
        return Line(websocket)

    async def line(self) -> tuple[Line, dict[str, Any]]:
        """A WebSocket session of its own, and what its open packet says. Raises Broken."""
        line = await self.websocket()
        need(line, "The WebSocket was refused.")
        assert line is not None
        opening = await line.next()
        need(isinstance(opening, str) and opening.startswith("0{"), f"The first packet was {short(opening)}.")
        return line, json.loads(str(opening)[1:])

    async def talk(self, payload: str = "") -> Line:
        """A WebSocket session that has joined the main namespace. Raises Broken."""
        line, _ = await self.line()
        await line.join(payload)
        return line
