"""The laboratory that the lessons stand on."""

from __future__ import annotations

import os
from typing import Any


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext wirelab` does: guards for the kernel, the servers' log and the `%%solution` magic."""
    from wirelab.bench import interrupt, keep_logs, parents
    from wirelab.exercise import register

    if hasattr(shell, "kernel"):
        interrupt.install()
        parents.install(shell.kernel)
    keep_logs()
    _leave_loopback_alone()
    register(shell)


def _leave_loopback_alone() -> None:
    """Keep a proxy of the house out of the lessons: clients obey `http_proxy` even for 127.0.0.1."""
    for name in ("no_proxy", "NO_PROXY"):
        hosts = [host for host in os.environ.get(name, "").split(",") if host]
        os.environ[name] = ",".join(dict.fromkeys([*hosts, "127.0.0.1", "localhost"]))
