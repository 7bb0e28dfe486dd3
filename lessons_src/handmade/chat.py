"""A small chat to try the server with: a page and a Socket.IO server in one aiohttp application."""

from pathlib import Path
from typing import Any

from aiohttp import web

from handmade.l16_core import ConnectError
from handmade.server import Server, Socket

PAGE = Path(__file__).with_name("page")
CLIENT = Path(__file__).resolve().parents[2] / "node_modules/socket.io-client/dist/socket.io.min.js"
"""The official JavaScript client, where npm has put it."""
HEADERS = {"Content-Security-Policy": "default-src 'self'; img-src blob: data:", "Cache-Control": "no-cache"}
LONGEST_NAME, LONGEST_TEXT = 40, 2000
ROOMS = ("gold", "silver", "copper")


def application() -> web.Application:
    """The page at `/`, what belongs to it, and the chat at `/socket.io/`."""
    app = web.Application()
    app.router.add_get("/", file(PAGE / "index.html"))
    app.router.add_get("/chat.css", file(PAGE / "chat.css"))
    app.router.add_get("/chat.js", file(PAGE / "chat.js"))
    app.router.add_get("/socket.io.js", file(CLIENT))
    chat().attach(app)
    return app


def file(path: Path) -> Any:
    """A handler that sends a file; what is not there is not found."""

    async def send(request: web.Request) -> web.StreamResponse:
        return web.FileResponse(path, headers=HEADERS)

    return send


def chat() -> Server:
    """A server whose clients have names, are in one of the rooms, and talk to those in it."""
    io = Server()
    io.use(know_name)
    io.on("connection", welcome)
    return io


def know_name(socket: Socket) -> None:
    """Let those in who say what they are called."""
    name = socket.handshake["auth"].get("name")
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
        raise ConnectError(f"Say who you are: a name of 1 to {LONGEST_NAME} letters.")
    socket.data["name"] = name


def welcome(socket: Socket) -> None:
    """What a client may do."""
    socket.on("enter", lambda room, *answer: enter(socket, room, *answer))
    socket.on("say", lambda text, *answer: say(socket, text, *answer))
    socket.on("show", lambda image, *answer: show(socket, image, *answer))
    socket.on("disconnecting", lambda reason: go(socket))


async def enter(socket: Socket, room: object, *answer: Any) -> None:
    """Somebody enters a room, and so leaves the one before. The answer is who is there."""
    if room not in ROOMS:
        return
    await go(socket)
    socket.join(room)
    socket.to(room).emit("news", f"{socket.data['name']} has come.")
    people = await tell_people(socket, room)
    for confirm in answer:
        confirm(people)


async def go(socket: Socket) -> None:
    """Somebody leaves the room that he is in, if he is in one."""
    for room in socket.rooms.intersection(ROOMS):
        socket.leave(room)
        socket.to(room).emit("news", f"{socket.data['name']} has gone.")
        await tell_people(socket, room)


async def tell_people(socket: Socket, room: str) -> list[str]:
    """Everybody in a room hears who is there."""
    people = [each.data["name"] for each in await socket.nsp.in_(room).fetch_sockets()]
    socket.nsp.to(room).emit("people", people)
    return people


def say(socket: Socket, text: object, *answer: Any) -> None:
    """The others in the room hear a text."""
    if isinstance(text, str) and 0 < len(text) <= LONGEST_TEXT:
        pass_on(socket, "said", text, *answer)


def show(socket: Socket, image: object, *answer: Any) -> None:
    """The others in the room see an image."""
    if isinstance(image, bytes):
        pass_on(socket, "shown", image, *answer)


def pass_on(socket: Socket, event: str, value: object, *answer: Any) -> None:
    """The others in the room get it, and the sender hears that it has arrived."""
    for room in socket.rooms.intersection(ROOMS):
        socket.to(room).emit(event, socket.data["name"], value)
    for confirm in answer:
        confirm()
