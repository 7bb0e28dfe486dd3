"""A Redis on 127.0.0.1, on the port that PORT says (0: any), for as long as this process lives.

With `embedded` it is fakeredis, Redis in Python. Else the process becomes the command that it is given.
"""

from __future__ import annotations

import json
import os
import socket
import sys

IN_MEMORY = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def announce(port: int) -> None:
    """Tell the Child where it will be."""
    print(json.dumps({"port": port}), flush=True)


def embedded(port: int) -> None:
    """Serve Redis from Python, over real TCP."""
    from fakeredis import TcpFakeServer

    TcpFakeServer.allow_reuse_address = True
    server = TcpFakeServer(("127.0.0.1", port), server_type="redis")
    announce(server.server_address[1])
    server.serve_forever()


def real(command: str, port: int) -> None:
    """Become the real one. It keeps nothing on disk."""
    announce(port)
    os.execv(command, [command, "--port", str(port), *IN_MEMORY])


def main() -> None:
    which, port = sys.argv[1], int(os.environ["PORT"])
    if which == "embedded":
        embedded(port)
    else:
        real(which, port or free_port())


if __name__ == "__main__":
    main()
