"""A chat on the handmade Socket.IO server, with a page to try it."""

import argparse
import asyncio
import signal
import sys
from contextlib import suppress

import handmade
from handmade.chat import CLIENT, application
from handmade.l09_long_polling_and_upgrade import site

LOOPBACK = ("127.0.0.1", "::1", "localhost")
NO_CLIENT = (
    "Its page needs the official JavaScript client, which is not there: run `python3 lab.py setup` "
    "(or `npm ci`) in the course's folder. Programs can connect already."
)
OPEN = "Everybody who reaches this machine can use it: there is no password and no encryption."


def warnings(host: str) -> list[str]:
    """What whoever starts it at that address has to know."""
    no_client = [] if CLIENT.exists() else [NO_CLIENT]
    return no_client if host in LOOPBACK else [*no_client, OPEN]


def address(url: str) -> str:
    """The address of a Redis, if it is one."""
    try:
        handmade.Redis(url)
        return url
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{error}. Write it like redis://127.0.0.1:6379.") from None


async def serve(host: str, port: int, redis: "handmade.Redis | None" = None) -> None:
    """Serve the chat until SIGINT or SIGTERM, as one of several if they have a Redis.

    Raises OSError, OverflowError for an address that cannot be, ConnectionError if no Redis answers.
    """
    told = asyncio.Event()
    with suppress(NotImplementedError):  # Windows: there Ctrl-C cancels what waits for it
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, told.set)
    async with site(application(redis), host, port) as listening:
        name = f"[{host}]" if ":" in host else host
        print(f"The chat is at http://{name}:{listening}/ (open it in two windows; Ctrl-C ends it).")
        if redis:
            print(f"All chats at the Redis at {redis.place} are one: start more, each at its own port.")
        for warning in warnings(host):
            print(warning)
        sys.stdout.flush()
        await told.wait()
    print("The chat has ended.")


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m handmade", description=__doc__)
    parser.add_argument("--port", type=int, default=3000, help="the port (3000); 0 is any that is free")
    parser.add_argument("--host", default="127.0.0.1", help="the address (127.0.0.1: this machine alone)")
    parser.add_argument(
        "--redis",
        type=address,
        metavar="URL",
        help="a Redis: all chats there are one (redis://127.0.0.1:6379)",
    )
    parser.add_argument(
        "--streams",
        dest="line",
        action="store_const",
        const=handmade.RedisStreams,
        default=handmade.Redis,
        help="over Redis Streams: whoever was lost comes back at any of them",
    )
    options = parser.parse_args(arguments)
    redis = options.line(options.redis) if options.redis else None
    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(serve(options.host, options.port, redis))
    except (ConnectionError, TimeoutError) as error:
        sys.exit(str(error) or f"The Redis at {options.redis} does not answer.")
    except (OSError, OverflowError) as error:
        sys.exit(
            f"Port {options.port} at {options.host} cannot be used ({error}): "
            "choose others with --port and --host."
        )


if __name__ == "__main__":
    main()
