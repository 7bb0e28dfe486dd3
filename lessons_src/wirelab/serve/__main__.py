"""Start one of the servers on 127.0.0.1, say where it listens, and serve until SIGINT or SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal

from wirelab.address import port_of
from wirelab.serve.conformance import serve_conformance
from wirelab.serve.echo import serve_echo


async def run(name: str, port: int, lesson: int | None) -> None:
    told = told_to_end()
    server = serve_echo(port) if name == "echo" else serve_conformance(port, lesson)
    async with server as listening:
        scheme = "ws" if name == "echo" else "http"
        print(f"{name} listens on {scheme}://127.0.0.1:{port_of(listening)}", flush=True)
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
    parser.add_argument(
        "server",
        choices=("echo", "conformance"),
        help="echo: lesson 02's WebSocket echo; conformance: the handmade Socket.IO for the official suites",
    )
    parser.add_argument("--port", type=int, default=0, help="the port; 0, the default, is any that is free")
    parser.add_argument("--lesson", type=int, help="the server as it stood after this lesson (8 or later)")
    options = parser.parse_args()
    if options.server == "echo" and options.lesson is not None:
        parser.error("echo is lesson 02's: --lesson goes with conformance")
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(run(options.server, options.port, options.lesson))
    except (OSError, OverflowError) as error:
        parser.exit(1, f"Port {options.port} cannot be used ({error}): choose another one after --port.\n")
    except LookupError as error:
        parser.exit(2, f"{error}\n")


if __name__ == "__main__":
    main()
