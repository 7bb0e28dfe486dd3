"""A web server on the bench: an aiohttp application, served as a program of its own would serve it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import web

CLOSING_TIME = 0.25
"""Seconds that requests have for their answers when the server ends, and then to be cancelled."""


@asynccontextmanager
async def aiohttp(app: web.Application, port: int = 0) -> AsyncIterator[web.TCPSite]:
    """Serve an application on 127.0.0.1, as `web.run_app(app)` does in a program of its own.

    `port` 0 is any that is free. An application can be served once: hand `bench.start` a function that makes
    it, if it shall be restarted: `lambda port=0: bench.aiohttp(make_app(), port)`.
    """
    from aiohttp import web  # here, because it would cost every kernel a fifth of a second

    runner = web.AppRunner(app, access_log=None, shutdown_timeout=CLOSING_TIME)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        yield site
    finally:
        await runner.cleanup()
