"""A million hostile inputs for the server of lesson 17: `python3 lab.py bench hostile [inputs] [seed]`.

First sessions without a network (tests/hostile.py), then bytes over TCP, on a hundredth as many connections:
requests and frames with bytes changed, dropped and put in. It says what was found, and what is left of it.
The first part ends with an exception that nobody expected; the seed makes it happen again.
"""

import asyncio
import logging
import random
import resource
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lessons_src"))

from aiohttp.http_exceptions import HttpProcessingError
from hostile import Loud, furnish, siege
from hostile_words import bytes_of, pieces, said
from websockets.frames import Frame, Opcode

from handmade import l17_async_and_backpressure as l17

PORTION = 100_000
AT_ONCE = 20
SETTINGS = {
    "ping_interval": 0.5,
    "ping_timeout": 0.5,
    "connect_timeout": 1,
    "body_timeout": 1,
    "attachments_timeout": 1,
    "max_strangers": 10**6,
}
TARGET = "/socket.io/?EIO=4&transport="


def memory() -> float:
    """The most that this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def sessions(inputs: int, seed: int) -> None:
    """The first part."""
    chance = random.Random(seed)
    done = 0
    while done < inputs:
        start, portion = time.perf_counter(), min(PORTION, inputs - done)
        stood, longest = siege(chance, portion)
        done += portion
        rate = portion / (time.perf_counter() - start)
        print(
            f"{done:9,} inputs, {stood:6,} sessions, {rate:7,.0f}/s, longest {longest}, {memory():.0f} MiB",
            flush=True,
        )


def frames(chance: random.Random) -> bytes:
    """A handful of WebSocket frames, some of which are none."""
    sent = [Frame(Opcode.TEXT, b"40").serialize(mask=True)]
    for _ in range(1 + chance.randrange(4)):
        opcode = chance.choice([Opcode.TEXT] * 6 + [Opcode.BINARY, Opcode.CONT, Opcode.PING, Opcode.CLOSE])
        is_control = opcode in (Opcode.PING, Opcode.CLOSE)
        payload = bytes_of(said(chance))[: 125 if is_control else None]
        sent.append(Frame(opcode, payload, is_control or chance.random() < 0.8).serialize(mask=True))
    for message in pieces(chance):
        opcode = Opcode.BINARY if isinstance(message, bytes) else Opcode.TEXT
        sent.append(
            Frame(opcode, message if isinstance(message, bytes) else bytes_of(message)).serialize(mask=True)
        )
    return b"".join(sent)


def conversation(chance: random.Random, sid: str) -> bytes:
    """The bytes of one connection."""
    head = "Host: 127.0.0.1\r\n"
    if chance.random() < 0.5:
        head += "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        head += "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        suffix = f"&sid={sid}" if sid and chance.random() < 0.3 else ""
        sent = f"GET {TARGET}websocket{suffix} HTTP/1.1\r\n{head}\r\n".encode() + frames(chance)
    else:
        body = bytes_of("\x1e".join(said(chance) for _ in range(3)))
        method = chance.choice(["GET", "POST", "POST", "OPTIONS", "PUT"])
        line = f"{method} {TARGET}polling&sid={sid} HTTP/1.1\r\n{head}"
        sent = f"{line}Content-Length: {len(body)}\r\n\r\n".encode() + body
    if chance.random() < 0.5:
        place = chance.randrange(len(sent))
        sent = sent[:place] + chance.randbytes(chance.randrange(4)) + sent[place + chance.randrange(4) :]
    return sent


async def connection(chance: random.Random, port: int, server: l17.Server) -> None:
    """Say it all, hear a bit, and hang up."""
    sids = list(server.engine.sessions)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(conversation(chance, chance.choice(sids) if sids else ""))
    try:
        async with asyncio.timeout(chance.choice((0.005, 0.05))):
            while await reader.read(65_536):
                pass
    except (TimeoutError, ConnectionError):
        writer.transport.abort()
    writer.close()


async def network(count: int, seed: int, faults: list[str]) -> None:
    """The second part."""
    server = furnish(l17.Server(**SETTINGS))
    chance = random.Random(seed)
    async with server.listen() as port:
        start = time.perf_counter()
        for done in range(0, count, AT_ONCE):
            await asyncio.gather(*(connection(chance, port, server) for _ in range(AT_ONCE)))
            if done % 1000 == 0:
                print(
                    f"{done:9,} connections, {len(server.engine.sessions)} sessions, {memory():.0f} MiB",
                    flush=True,
                )
        print(f"{count:9,} connections, {count / (time.perf_counter() - start):,.0f}/s, {memory():.0f} MiB")
        await asyncio.sleep(3)
        left = f"{len(server.engine.sessions)} sessions, {len(server.tasks)} tasks"
        left += f", {sum(len(each.sockets) for each in server.namespaces.values())} sockets"
        print(f"three seconds later: {left}; {len(faults)} faults")
    for fault in dict.fromkeys(faults):
        print(faults.count(fault), "times:", fault)


class Collecting(logging.Handler):
    """What a server logs with an exception is a fault of ours, unless aiohttp has it before us.

    It answers 400 to what is no HTTP, and (3.14) 500 to a Sec-WebSocket-Key that is not ASCII.
    """

    def __init__(self, faults: list[str]) -> None:
        super().__init__()
        self.faults = faults

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info and record.exc_info[1]
        if not error or isinstance(error, HttpProcessingError):
            return
        frames = traceback.extract_tb(error.__traceback__)
        if "_handshake" not in [frame.name for frame in frames]:
            place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"
            self.faults.append(f"{type(error).__name__} in {place}: {error}")


def main() -> None:
    inputs, seed = (*map(int, sys.argv[1:]), *(1_000_000, 11)[len(sys.argv) - 1 :])
    faults: list[str] = []
    loud = Loud()
    logging.getLogger("handmade").addHandler(loud)
    sessions(inputs, seed)
    logging.getLogger("handmade").removeHandler(loud)
    logging.getLogger().addHandler(Collecting(faults))
    asyncio.run(network(inputs // 100, seed, faults))
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
