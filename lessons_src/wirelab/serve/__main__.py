"""Start one of the servers on 127.0.0.1, say where it listens, and serve until it is interrupted."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal

from wirelab.address import port_of
from wirelab.serve.echo import serve_echo

SERVERS = {"echo": serve_echo}


async def run(name: str, port: int) -> None:
    told = told_to_end()
    async with SERVERS[name](port) as server:
        print(f"{name} listens on ws://127.0.0.1:{port_of(server)}", flush=True)
        await told.wait()


def told_to_end() -> asyncio.Event:
    """Is set at the first SIGINT or SIGTERM; on Windows, Ctrl-C cancels what waits for it instead."""
    told = asyncio.Event()
    with contextlib.suppress(NotImplementedError):
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, told.set)
    return told


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m wirelab.serve", description=__doc__)
    parser.add_argument("server", choices=SERVERS)
    parser.add_argument("--port", type=int, default=0, help="the port; 0, the default, is any that is free")
    options = parser.parse_args()
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(run(options.server, options.port))
    except (OSError, OverflowError) as error:
        parser.exit(1, f"Port {options.port} cannot be used ({error}): choose another one after --port.\n")


if __name__ == "__main__":
    main()
