"""Python clients. A job comes as a line of JSON on stdin; what the client saw goes out as one.

After the echo a client says that it is ready, and goes on when a line `{"go": id}` comes.
"""

import asyncio
import contextlib
import json
import sys
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

import aiohttp
import socketio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

Job = dict[str, Any]
Seen = dict[str, Any]
Ready = Callable[[], Awaitable[None]]


async def websocket(job: Job, ready: Ready) -> Seen:
    """The client of `websockets`."""
    start = perf_counter()
    try:
        client = await connect(
            job["url"].replace("http", "ws", 1) + f"/?job={job['id']}",
            proxy=job["proxy"],
            open_timeout=3,
            close_timeout=0.3,
            ping_interval=job["ping"],
            ping_timeout=job["ping"],
            compression=None,
        )
    except Exception as failure:
        status = getattr(getattr(failure, "response", None), "status_code", None)
        return {"failed": type(failure).__name__, "status": status, "when": perf_counter() - start}
    try:
        await client.send("hello")
        echo = await asyncio.wait_for(client.recv(), 1.5) == "hello"
    except (ConnectionClosed, TimeoutError):
        echo = False
    await ready()
    start = perf_counter()
    ends = asyncio.create_task(until_closed(client))
    try:
        if job["speak"]:
            await asyncio.sleep(job["speak"])
            with contextlib.suppress(ConnectionClosed):
                await client.send("are you there?")
        closed = await asyncio.wait_for(asyncio.shield(ends), job["watch"] - job["speak"])
    except TimeoutError:
        asyncio.get_running_loop().call_later(1, client.transport.abort)
        return {"echo": echo, "closed": "still open"}
    return {
        "echo": echo,
        "closed": client.close_code,
        "error": type(closed).__name__,
        "cause": type(closed.__cause__).__name__,
        "when": perf_counter() - start,
    }


async def until_closed(client: ClientConnection) -> ConnectionClosed:
    """Read until it ends, and say why it did."""
    try:
        while True:
            await client.recv()
    except ConnectionClosed as closed:
        return closed


async def socket_io(job: Job, ready: Ready) -> Seen:
    """python-socketio's AsyncClient on aiohttp."""
    session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), proxy=job["proxy"])
    client = socketio.AsyncClient(reconnection_delay=0.1, randomization_factor=0, http_session=session)
    disconnected: list[tuple[float, str]] = []
    client.on("disconnect", lambda reason: disconnected.append((perf_counter(), reason)))
    start = perf_counter()
    opening = asyncio.ensure_future(client.connect(job["url"], transports=job["transports"]))
    try:
        await asyncio.wait_for(asyncio.shield(opening), 4)
    except TimeoutError:
        return {"failed": "still connecting", "when": 4}
    except Exception as failure:
        return {"failed": type(failure).__name__, "message": str(failure), "when": perf_counter() - start}
    finally:
        if not opening.done():
            opening.cancel()
    seen: Seen = {"transport": client.transport()}
    try:
        seen["echo"] = await client.call("echo", "x" * job["size"], timeout=1.5) is not None
    except (socketio.exceptions.TimeoutError, socketio.exceptions.SocketIOError):
        seen["echo"] = False
    await ready()
    start = perf_counter()
    while not disconnected and perf_counter() - start < job["watch"]:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    when, reason = disconnected[0] if disconnected else (start, "still connected")
    return {**seen, "disconnected": reason, "when": when - start}


CLIENTS = {"ws": websocket, "py": socket_io}


async def run(job: Job, go: asyncio.Event) -> None:
    async def ready() -> None:
        print(json.dumps({"id": job["id"], "ready": True}), flush=True)
        await go.wait()

    try:
        seen = await CLIENTS[job["client"]](job, ready)
    except Exception as failure:
        seen = {"broken": repr(failure)}
    print(json.dumps({"id": job["id"], "seen": seen}), flush=True)


async def main() -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    going: dict[str, asyncio.Event] = {}
    tasks = []
    async for line in reader:
        job = json.loads(line)
        if "go" in job:
            going[job["go"]].set()
        else:
            going[job["id"]] = asyncio.Event()
            tasks.append(asyncio.create_task(run(job, going[job["id"]])))


asyncio.run(main())
