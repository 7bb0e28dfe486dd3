"""What the class's server hands out: one page with its style and scripts, from here alone."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Awaitable, Callable
from html import escape
from pathlib import Path
from typing import Any

from aiohttp import WebSocketError, web

from wirelab.classroom.doors import Doors, Refuse, door_of
from wirelab.classroom.limits import Limits
from wirelab.look.palette import ROOMS, STATES, TROUBLE_DARK, TROUBLE_LIGHT

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_HERE = Path(__file__).parent / "page"
_OFFICIAL = Path(__file__).parents[3] / "node_modules/socket.io-client/dist/socket.io.esm.min.js"
TOO_LARGE = 1009
"""The code with which WebSocket ends because of a message's size (RFC 6455, 7.4.1)."""


def add_pages(app: web.Application, limits: Limits) -> None:
    """Have the application hand out the page and what it needs."""
    settings = {
        "delay": round(limits.first_wait * 1000),
        "longest": round(limits.longest_wait * 1000),
        "interval": round(limits.ping_interval * 1000),
        "timeout": round(limits.try_seconds * 1000),
        "attempts": limits.attempts,
        "text": limits.text_letters,
        "name": limits.name_letters,
        "kept": limits.texts_at_once - 2,
    }
    page = (_HERE / "index.html").read_text("utf-8")
    page = page.replace("{settings}", escape(json.dumps(settings), quote=True))
    style = _colours() + (_HERE / "class.css").read_text("utf-8")
    client = _OFFICIAL.read_text("utf-8").partition("\n//# sourceMappingURL")[0]
    scripts = {path.name: path.read_text("utf-8") for path in sorted(_HERE.glob("*.js"))}
    for path, text, kind in [
        ("/", page, "text/html"),
        ("/class.css", style, "text/css"),
        *((f"/{name}", text, "text/javascript") for name, text in scripts.items()),
        ("/socket.io.js", client, "text/javascript"),
    ]:
        app.router.add_get(path, _answer(text, kind))
    app.router.add_get("/favicon.ico", _nothing)


def _colours() -> str:
    """The course's colours, for both themes that a system may have."""

    def block(dark: bool) -> str:
        inks = {ink.tag: ink.dark if dark else ink.light for ink in ROOMS.values()}
        inks["trouble"] = TROUBLE_DARK if dark else TROUBLE_LIGHT
        return ":root {" + "".join(f"--{name}: {colour};" for name, colour in inks.items()) + "}\n"

    fills = "".join(f"--{name}: {colour};" for name, colour in STATES.items())
    return f":root {{{fills}}}\n{block(False)}@media (prefers-color-scheme: dark) {{{block(True)}}}\n"


def _answer(text: str, kind: str) -> Handler:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=text, content_type=kind, charset="utf-8")

    return answer


async def _nothing(request: web.Request) -> web.Response:
    return web.Response(status=204)


def watched(doors: Doors, refuse: Refuse) -> Any:
    """The middleware that knows who is at work, and says of each answer how far it may be used."""

    @web.middleware
    async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
        door = door_of(request)
        if door:
            doors.begin(door)
        try:
            if not is_address(request.host):
                refuse("another name than the class's address")
                return web.Response(status=421, text="Open the address that is on the board.")
            answer = await handler(request)
        except web.HTTPException as refusal:
            answer = web.Response(status=refusal.status, text=f"{refusal.status}: {refusal.reason}\n")
        except ConnectionError:  # it has hung up before its answer, as many do while the server is frozen
            answer = web.Response(status=400)
        finally:
            if door:
                doors.rest(door)
        _note(answer, refuse)
        if not answer.prepared:
            answer.headers.update(_headers(request.host))
        return answer

    return watch


def is_address(host: str) -> bool:
    """Whether a Host header names a number: a foreign page's own name could lead here (DNS rebinding)."""
    name = host.rpartition(":")[0] or host
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return name == "localhost"
    return True


def _note(answer: web.StreamResponse, refuse: Refuse) -> None:
    """Count what was not let through."""
    if answer.status == 413 or _is_too_large(answer):
        refuse("too large a message")
    elif answer.status in (404, 405):
        refuse("asks for what is not here")


def _is_too_large(answer: web.StreamResponse) -> bool:
    """Whether a WebSocket has ended because of a message's size: its exception says so, its code does not."""
    error = answer.exception() if isinstance(answer, web.WebSocketResponse) else None
    return isinstance(error, WebSocketError) and error.code == TOO_LARGE


def _headers(host: str) -> dict[str, str]:
    """From here alone, in no frame, kept nowhere; a script in a text would not run."""
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": f"'self' ws://{host}",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {what}" for name, what in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "Server": "the class",
    }
