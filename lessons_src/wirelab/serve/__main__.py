"""Start one of the servers on 127.0.0.1, say where it listens, and serve until SIGINT or SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib
import signal
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from wirelab.address import port_of
from wirelab.serve.conformance import serve_conformance
from wirelab.serve.echo import serve_echo
from wirelab.serve.jsclient import serve_jsclient
from wirelab.serve.load import serve_load


async def run(name: str, port: int, lesson: int | None) -> None:
    told = told_to_end()
    servers: dict[str, Callable[[], AbstractAsyncContextManager[Any]]] = {
        "echo": lambda: serve_echo(port),
        "conformance": lambda: serve_conformance(port, lesson),
        "jsclient": lambda: serve_jsclient(port, lesson),
        "load": lambda: serve_load(port, lesson),
    }
    async with servers[name]() as listening:
        scheme = "ws" if name == "echo" else "http"
        where = f"{name} listens on {scheme}://127.0.0.1:{port_of(listening)}"
        print("ready" if name == "load" and port else where, flush=True)
        await told.wait()


def loop(fast: bool) -> Callable[[], asyncio.AbstractEventLoop] | None:
    """What makes the event loop: uvloop, or (None) asyncio itself. Raises ModuleNotFoundError."""
    if not fast:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = importlib.import_module("uvloop").new_event_loop
    return factory


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
        choices=("echo", "conformance", "jsclient", "load"),
        help="echo: lesson 02's WebSocket echo; conformance: the handmade Socket.IO for the official suites; "
        "jsclient: the same for the official client's own tests; "
        "load: the handmade Socket.IO for load generators, which prints `ready` if --port is given",
    )
    parser.add_argument("--port", type=int, default=0, help="the port; 0, the default, is any that is free")
    parser.add_argument(
        "--lesson", type=int, help="the server as it stood after this lesson (8 or later; jsclient: 16)"
    )
    parser.add_argument("--uvloop", action="store_true", help="load alone: on uvloop, if it is installed")
    options = parser.parse_args()
    if options.server == "echo" and options.lesson is not None:
        parser.error("echo is lesson 02's: --lesson goes with the others")
    if options.server != "load" and options.uvloop:
        parser.error("--uvloop goes with load")
    try:
        with (
            contextlib.suppress(KeyboardInterrupt),
            asyncio.Runner(loop_factory=loop(options.uvloop)) as runner,
        ):
            runner.run(run(options.server, options.port, options.lesson))
    except ModuleNotFoundError:
        parser.exit(
            1, "uvloop is not installed here (Windows has none): leave --uvloop out, or install it.\n"
        )
    except (OSError, OverflowError) as error:
        parser.exit(1, f"Port {options.port} cannot be used ({error}): choose another one after --port.\n")
    except LookupError as error:
        parser.exit(2, f"{error}\n")


if __name__ == "__main__":
    main()
