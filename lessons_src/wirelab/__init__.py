"""The laboratory that the lessons stand on."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import sys
from typing import Any

_M_MMAP_THRESHOLD = -3
"""Of glibc's mallopt: from this size on an allocation is a mapping of its own."""


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext wirelab` does: guards and room for the kernel, the servers' log, `%%solution`."""
    from wirelab.bench import descriptors, halfway, interrupt, keep_logs, parents
    from wirelab.exercise import register
    from wirelab.widgets import again

    if hasattr(shell, "kernel"):
        interrupt.install(shell)
        parents.install(shell.kernel)
        again.install(shell)
        _collect_garbage_in_short_pauses()
        _give_memory_back()
    descriptors.raise_limit()
    halfway.install()
    keep_logs()
    _leave_loopback_alone()
    register(shell)


def _collect_garbage_in_short_pauses() -> None:
    """Let the collector pass over what the kernel has loaded: it would stop a live picture for 70 ms."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


def _give_memory_back() -> None:
    """Let the system have the memory of a large message back: glibc learns to keep it, in pieces."""
    with contextlib.suppress(OSError, AttributeError):  # another C library
        if sys.platform == "linux":
            ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, 128 * 1024)


def _leave_loopback_alone() -> None:
    """Keep a proxy of the house out of the lessons: clients obey `http_proxy` even for 127.0.0.1."""
    for name in ("no_proxy", "NO_PROXY"):
        hosts = [host for host in os.environ.get(name, "").split(",") if host]
        os.environ[name] = ",".join(dict.fromkeys([*hosts, "127.0.0.1", "localhost"]))
