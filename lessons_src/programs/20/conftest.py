import asyncio

import fakeredis
import pytest

from handmade.l18_core import Recovery
from handmade.l18_nothing_lost import io
from handmade.l20_capstone import Archive, Server, chat


@pytest.fixture
async def where():
    """The address of a chat of its own."""
    server = Server(connection_state_recovery=Recovery())
    chat(server, Archive(fakeredis.FakeAsyncRedis()))
    async with server.listen() as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def arrive(where):
    """A function that lets somebody arrive, and returns his socket and the queue of what he hears."""

    def arrive(name, room="gold"):
        heard = asyncio.Queue()
        socket = io(where, auth={"name": name, "room": room}, force_new=True, reconnection=False)
        socket.on("said", lambda place, message, *offset: heard.put_nowait(message["content"]))
        socket.on("connect_error", heard.put_nowait)
        return socket, heard

    return arrive
