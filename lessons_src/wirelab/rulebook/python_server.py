"""python-socketio on aiohttp, with the application that the rulebook wants and a short heartbeat.

It announces whole seconds alone: 0.3 would be announced as 0.
"""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any

import socketio  # type: ignore[import-untyped]
from aiohttp import web


class Answers(socketio.AsyncNamespace):  # type: ignore[misc]
    """What the rulebook wants of a server that recovers: this one does not know how."""

    async def on_message(self, sid: str, *arguments: object) -> None:
        await self.emit("message-back", arguments, to=sid)


class Conversation(socketio.AsyncNamespace):  # type: ignore[misc]
    """What the rulebook wants of each namespace."""

    async def on_connect(self, sid: str, environ: object, auth: Any = None) -> None:
        if self.namespace == "/guarded":
            await asyncio.sleep(0.05)
            token = (auth or {}).get("token")
            if token == "late":
                raise socketio.exceptions.ConnectionRefusedError("closed today")
            if token != "sesame":
                raise socketio.exceptions.ConnectionRefusedError("no strangers", {"hint": "sesame"})
        await self.emit("auth", auth or {}, to=sid)

    async def on_message(self, sid: str, *arguments: object) -> None:
        await self.emit("message-back", arguments, to=sid)

    async def trigger_event(self, event: str, *arguments: Any) -> Any:
        if event == "message-with-ack":  # which is no name for a method
            return arguments[1:]
        if event == "to-all":
            return await self.emit("said-to-all", arguments[1:])
        return await super().trigger_event(event, *arguments)


async def main() -> None:
    sio = socketio.AsyncServer(async_mode="aiohttp", ping_interval=1, ping_timeout=1)
    for name in ("/", "/custom", "/guarded"):
        sio.register_namespace(Conversation(name))
    app = web.Application()
    sio.attach(app)
    recovering = socketio.AsyncServer(async_mode="aiohttp", ping_interval=1, ping_timeout=1)
    recovering.register_namespace(Answers("/"))
    recovering.attach(app, socketio_path="recovering")
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(os.environ.get("PORT", "0"))).start()
    print(json.dumps({"port": runner.addresses[0][1]}), flush=True)
    await asyncio.Future()


if __name__ == "__main__":
    asyncio.run(main())
