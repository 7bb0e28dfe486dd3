"""The laboratory that the lessons stand on."""

from __future__ import annotations

import gc
import os
from typing import Any


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext wirelab` does: guards and room for the kernel, the servers' log, `%%solution`."""
    from wirelab.bench import descriptors, interrupt, keep_logs, parents
    from wirelab.exercise import register

    if hasattr(shell, "kernel"):
        interrupt.install()
        parents.install(shell.kernel)
        _collect_garbage_in_short_pauses()
    descriptors.raise_limit()
    keep_logs()
    _leave_loopback_alone()
    register(shell)


def _collect_garbage_in_short_pauses() -> None:
    """Let the collector pass over what the kernel has loaded: it would stop a live picture for 70 ms."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


def _leave_loopback_alone() -> None:
    """Keep a proxy of the house out of the lessons: clients obey `http_proxy` even for 127.0.0.1."""
    for name in ("no_proxy", "NO_PROXY"):
        hosts = [host for host in os.environ.get(name, "").split(",") if host]
        os.environ[name] = ",".join(dict.fromkeys([*hosts, "127.0.0.1", "localhost"]))
