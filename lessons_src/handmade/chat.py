"""A small chat to try the server with: a page and a Socket.IO server in one aiohttp application."""

from pathlib import Path
from typing import Any

from aiohttp import web

from handmade.l16_core import ConnectError
from handmade.l18_core import Recovery
from handmade.options import Bus
from handmade.server import Server
from handmade.sockets import Socket

PAGE = Path(__file__).with_name("page")
CLIENT = Path(__file__).resolve().parents[2] / "node_modules/socket.io-client/dist/socket.io.min.js"
"""The official JavaScript client, where npm has put it."""
HEADERS = {"Content-Security-Policy": "default-src 'self'; img-src blob: data:", "Cache-Control": "no-cache"}
LONGEST_NAME, LONGEST_TEXT = 40, 2000
ROOMS = ("gold", "silver", "copper")


def application(adapter: Bus | None = None) -> web.Application:
    """The page at `/`, what belongs to it, and the chat at `/socket.io/`; with an adapter one of several."""
    app = web.Application()
    app.router.add_get("/", file(PAGE / "index.html"))
    app.router.add_get("/chat.css", file(PAGE / "chat.css"))
    app.router.add_get("/chat.js", file(PAGE / "chat.js"))
    app.router.add_get("/socket.io.js", file(CLIENT))
    chat(adapter).attach(app)
    return app


def file(path: Path) -> Any:
    """A handler that sends a file; what is not there is not found."""

    async def send(request: web.Request) -> web.StreamResponse:
        return web.FileResponse(path, headers=HEADERS)

    return send


def chat(adapter: Bus | None = None) -> Server:
    """A server whose clients have names, are in one of the rooms, and talk to those in it."""
    io = Server(connection_state_recovery=Recovery(skip_middlewares=False), adapter=adapter)
    io.use(know_name)
    io.on("connection", welcome)
    return io


def know_name(socket: Socket) -> None:
    """Let those in who say what they are called."""
    name = socket.handshake["auth"].get("name")
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
        raise ConnectError(f"Say who you are: a name of 1 to {LONGEST_NAME} letters.")
    socket.data["name"] = name


async def welcome(socket: Socket) -> None:
    """What a client may do. It is in the room that it names before anything is heard of what it says.

    One that was lost for a moment is where it was, unless it names another room by now.
    """
    socket.on("enter", lambda room, *answer: enter(socket, room, *answer))
    socket.on("say", lambda text, *answer: say(socket, text, *answer))
    socket.on("show", lambda image, *answer: show(socket, image, *answer))
    socket.on("disconnecting", lambda reason: announce(socket, "has gone."))
    room = socket.handshake["auth"].get("room")
    if socket.recovered and (room not in ROOMS or room in socket.rooms):
        await announce(socket, "is back.")
    else:
        await enter(socket, room)


async def enter(socket: Socket, room: object, *answer: Any) -> None:
    """Somebody enters a room, and so leaves the one before. The answer is who is there."""
    if room not in ROOMS:
        return
    if room not in socket.rooms:
        await go(socket)
        socket.join(room)
        await announce(socket, "has come.")
    people = await people_in(socket, room)
    for confirm in answer:
        confirm(people)


async def go(socket: Socket) -> None:
    """Somebody leaves the room that he is in, if he is in one."""
    for room in socket.rooms.intersection(ROOMS):
        socket.leave(room)
        await tell(socket, room, "has gone.")


async def announce(socket: Socket, what: str) -> None:
    """Those in the room in which somebody is, or was as his connection broke, hear something of him."""
    for room in socket.rooms.intersection(ROOMS):
        await tell(socket, room, what)


async def tell(socket: Socket, room: str, what: str) -> None:
    """Those in a room hear something of somebody, and all of them who is there."""
    socket.to(room).emit("news", f"{socket.data['name']} {what}")
    socket.nsp.to(room).emit("people", await people_in(socket, room))


async def people_in(socket: Socket, room: str) -> list[str]:
    """Who is in a room, at whichever server; at this one, as long as the others cannot be asked."""
    aim = socket.nsp.in_(room)
    try:
        people = await aim.fetch_sockets()
    except (ConnectionError, TimeoutError):
        people = await aim.local.fetch_sockets()
    return [each.data["name"] for each in people]


def say(socket: Socket, text: object, *answer: Any) -> None:
    """The others in the room hear a text."""
    if isinstance(text, str) and 0 < len(text) <= LONGEST_TEXT:
        pass_on(socket, "said", text, *answer)


def show(socket: Socket, image: object, *answer: Any) -> None:
    """The others in the room see an image."""
    if isinstance(image, bytes):
        pass_on(socket, "shown", image, *answer)


def pass_on(socket: Socket, event: str, value: object, *answer: Any) -> None:
    """The others in the room get it, and the sender hears that it has arrived; not so if he is in none."""
    for room in socket.rooms.intersection(ROOMS):
        socket.to(room).emit(event, socket.data["name"], value)
        for confirm in answer:
            confirm()
