"""Jupyter's way to the fork server: kernels of this process come from it, where the system can fork."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import shared
from jupyter_client.connect import KernelConnectionInfo, LocalPortCache
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

NAME = "forked"
SERVER = Path(__file__).with_name("forkserver.py")
SEED = "PYTHONHASHSEED"
QUIET_PORTS = range(10_000, 30_000)
"""Where no system takes a port from for a connection, or for a server that asks for any free one."""
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw9").removeprefix("gw")) % 10
OWN_PORTS = QUIET_PORTS[2000 * WORKER : 2000 * (WORKER + 1)]
"""Each worker has ports of its own: two that choose in the same moment do not choose the same."""


def install() -> None:
    """Start this process's kernels from the fork server of the run; on Windows, as ever."""
    if sys.platform == "win32":
        return
    group = KernelProvisionerFactory.GROUP_NAME
    KernelProvisionerFactory.provisioners[NAME] = EntryPoint(NAME, f"{__name__}:ForkedProvisioner", group)
    KernelProvisionerFactory.instance().default_provisioner_name = NAME
    QuietPorts.instance()


class QuietPorts(LocalPortCache):
    """Chooses the ports of a kernel, which are free, and stay so until the kernel has started.

    Jupyter asks the system for free ones, and lets go of them: a server may be given one meanwhile, and the
    kernel dies (jupyter/jupyter_client, issue 487).
    """

    def find_available_port(self, ip: str) -> int:
        """A port that nobody is given unless he asks for it by its number."""
        while True:
            port = random.choice(OWN_PORTS)
            with contextlib.suppress(OSError), socket.socket() as attempt:
                attempt.bind((ip, port))
                if port not in self.currently_used_ports:
                    self.currently_used_ports.add(port)
                    return port


class ForkedProvisioner(LocalProvisioner):
    """Starts a kernel by asking the fork server; all else is as with a kernel that was started afresh."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Have a kernel forked. Raises ConnectionError if the server cannot."""
        environment: dict[str, str] = kwargs["env"]
        seed = environment.get(SEED, "random")
        address = await shared.shared(f"kernels-{seed}", lambda folder: _start_server(folder, seed))
        self.cwd = str(kwargs.get("cwd") or Path.cwd())
        request = {"arguments": cmd[1:], "environment": environment, "folder": self.cwd}
        streams = (kwargs.get(name) or getattr(sys, f"__{name}__") for name in ("stdout", "stderr"))
        self.process = ForkedProcess(address, request, [stream.fileno() for stream in streams])
        self.pid = self.pgid = self.process.pid
        return self.connection_info


async def _start_server(folder: Path, seed: str) -> tuple[int, str]:
    """The server for one seed of hashes, which is the one thing that a process cannot change later."""
    address, log = folder / "socket", folder / "log"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    process = _run_server(address, log, {**environment, SEED: seed})
    async with asyncio.timeout(shared.START_TIMEOUT):
        while not address.exists():
            if process.poll() is not None:
                raise ConnectionError(f"The fork server did not start: {log.read_text()}")
            await asyncio.sleep(0.02)
    return process.pid, str(address)


def _run_server(address: Path, log: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(SERVER), str(address), str(shared.owner())]
    with log.open("wb") as output:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            env=environment, start_new_session=True,
        )  # fmt: skip


class ForkedProcess:
    """A kernel that is a child of another process; what a `subprocess.Popen` is to a child of this one."""

    stdin = stdout = stderr = None

    def __init__(self, address: str, request: dict[str, Any], streams: Sequence[int]) -> None:
        self.returncode: int | None = None
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(address)
        socket.send_fds(self._socket, [b"\n"], streams)
        self._socket.sendall(json.dumps(request).encode() + b"\n")
        self._answers = self._socket.makefile("rb")
        self.pid = int(self._answers.readline())

    def poll(self) -> int | None:
        """The return code, or None while the kernel lives."""
        if self.returncode is None and select.select([self._socket], [], [], 0)[0]:
            self.wait()
        return self.returncode

    def wait(self) -> int:
        """Wait for the end; returns the return code, minus the signal's number for one that was killed."""
        if self.returncode is None:
            self.returncode = int(self._answers.readline() or -signal.SIGKILL)
            self._answers.close()
            self._socket.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Signal the kernel, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End the kernel at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)
