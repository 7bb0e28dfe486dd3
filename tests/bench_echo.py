"""How long an echo takes, handmade (lesson 02) and by `websockets`: two processes, a plain socket as client.

A time is the best of many, and the ratio is what counts: below 1 the handmade one is faster. `websockets`
refuses messages of more than 4,096 parts unless told otherwise; here it is. With an argument, only the cases
that contain it: `python3 lab.py bench echo binary`.
"""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from websockets.frames import Frame, Opcode

SOURCES = Path(__file__).resolve().parents[1] / "lessons_src"
SECONDS = 1.5
"""For each case; at least five of each server."""
KIB, MIB = 1024, 1024 * 1024
REQUEST = (
    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
LIBRARY = """
import asyncio
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosedError

async def echo(websocket):
    try:
        async for message in websocket:
            await websocket.send(message)
    except ConnectionClosedError:  # the benchmark leaves without a word
        pass

async def main():
    async with serve(echo, "127.0.0.1", 0, compression=None, max_size=None) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()

asyncio.run(main())
"""
COMMANDS = {"handmade": ["-m", "wirelab.serve", "echo"], "websockets": ["-c", LIBRARY]}


def masked(opcode: Opcode, payload: bytes, fin: bool = True) -> bytes:
    return Frame(opcode, payload, fin).serialize(mask=True)


def connect(port: int) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port))
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.sendall(REQUEST)
    response = b""
    while not response.endswith(b"\r\n\r\n"):
        response += client.recv(4096)
    return client


def receive(client: socket.socket, count: int) -> None:
    while count > 0:
        count -= len(client.recv(MIB))


def round_trip(client: socket.socket, chunks: list[bytes], answer: int) -> float:
    """Seconds from the first byte sent to the last byte of the answer."""

    def send() -> None:
        for chunk in chunks:
            client.sendall(chunk)

    start = time.perf_counter()
    sender = threading.Thread(target=send)
    sender.start()
    receive(client, answer)
    sender.join()
    return time.perf_counter() - start


def back_and_forth(client: socket.socket, chunks: list[bytes], answer: int) -> float:
    """Seconds for a message that waits for the one before; the mean of 300."""
    start = time.perf_counter()
    for _ in range(300):
        client.sendall(chunks[0])
        receive(client, answer)
    return (time.perf_counter() - start) / 300


def head(size: int) -> int:
    return 2 if size < 126 else 4 if size < 65536 else 10


def parts(size: int, part: int) -> bytes:
    frames = [masked(Opcode.CONT, bytes(part), False)] * (size // part)
    first, last = masked(Opcode.BINARY, bytes(part), False), masked(Opcode.CONT, bytes(part))
    return b"".join([first, *frames[1:-1], last])


def cut(stream: bytes, size: int) -> list[bytes]:
    return [stream[start : start + size] for start in range(0, len(stream), size)]


Measure = Callable[[socket.socket, list[bytes], int], float]


def cases() -> dict[str, tuple[Measure, list[bytes], int]]:
    found: dict[str, tuple[Measure, list[bytes], int]] = {}
    for size in (1, 125, KIB, 16 * KIB):
        message = [masked(Opcode.BINARY, bytes(size))]
        found[f"{size:,} bytes, one by one"] = (back_and_forth, message, head(size) + size)
    for size in (64 * KIB, MIB, 4 * MIB, 16 * MIB):
        for opcode, payload in ((Opcode.BINARY, bytes(size)), (Opcode.TEXT, "é".encode() * (size // 2))):
            name = f"{size // KIB:,} KiB of {opcode.name.lower()}"
            found[name] = (round_trip, [masked(opcode, payload)], head(size) + size)
    for part in (64, 4 * KIB):
        found[f"4 MiB in parts of {part:,}"] = (round_trip, [parts(4 * MIB, part)], head(4 * MIB) + 4 * MIB)
    chops = cut(masked(Opcode.TEXT, b"x" * MIB), 64)
    found["1 MiB of text, written by 64 bytes"] = (round_trip, chops, head(MIB) + MIB)
    found["5,000 of 16 bytes at once"] = (round_trip, [masked(Opcode.TEXT, b"x" * 16) * 5000], 5000 * 18)
    return found


def main() -> None:
    environment = os.environ | {"WEBSOCKETS_MAX_FRAGMENTS": "1000000"}
    servers = {}
    try:
        ports = {}
        for name, command in COMMANDS.items():
            servers[name] = subprocess.Popen(
                [sys.executable, *command], cwd=SOURCES, env=environment, stdout=subprocess.PIPE, text=True
            )
            ports[name] = int(servers[name].stdout.readline().rpartition(":")[2])
        print(f"{'echo of':36}{'handmade':>12}{'websockets':>12}{'ratio':>8}")
        chosen = {case: how for case, how in cases().items() if all(word in case for word in sys.argv[1:])}
        for case, (measure, chunks, answer) in chosen.items():
            clients = {name: connect(port) for name, port in ports.items()}
            times = {name: [] for name in clients}
            started = time.perf_counter()
            while time.perf_counter() < started + SECONDS or len(times["websockets"]) < 5:  # in turns: fair
                for name, client in clients.items():
                    times[name].append(measure(client, chunks, answer))
            for client in clients.values():
                client.close()
            mine, theirs = (min(times[name]) for name in COMMANDS)
            print(f"{case:36}{mine * 1e3:9.3f} ms{theirs * 1e3:9.3f} ms{mine / theirs:8.2f}", flush=True)
    finally:
        for server in servers.values():
            server.kill()
            server.wait()


if __name__ == "__main__":
    main()
