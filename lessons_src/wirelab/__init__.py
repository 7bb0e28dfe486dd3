"""The laboratory that the lessons stand on."""

from __future__ import annotations

from typing import Any


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext wirelab` does: the interrupt guard and the `%%solution` magic."""
    from wirelab.bench import interrupt
    from wirelab.exercise import register

    if hasattr(shell, "kernel"):
        interrupt.install()
    register(shell)
