"""The interrupt guard: without it, interrupting the kernel does not stop a cell that only awaits."""

from __future__ import annotations

import asyncio
import signal
import socket


def install() -> None:
    """Let a signal wake the running loop, so that it notices that its cell was cancelled.

    The kernel's handler of SIGINT cancels the cell, but the loop sleeps in its selector until something comes
    in. Does nothing without a running loop, outside the main thread, where a loop cannot watch a socket, and
    when signals wake a socket already.
    """
    try:
        loop = asyncio.get_running_loop()
        before = signal.set_wakeup_fd(-1)
    except (RuntimeError, ValueError):
        return
    if before != -1:
        signal.set_wakeup_fd(before)
        return
    reader, writer = socket.socketpair()
    reader.setblocking(False)
    writer.setblocking(False)
    try:
        loop.add_reader(reader, _drain, reader, writer)
    except NotImplementedError:
        reader.close()
        writer.close()
        return
    signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)


def _drain(reader: socket.socket, _kept_open: socket.socket) -> None:
    reader.recv(4096)
