"""The interrupt guard: without it, interrupting the kernel ends neither an idle `await` nor a busy loop.

For a cell with `await` the kernel only asks its loop to cancel the cell. A loop that sleeps in its selector
does not hear that, and a loop that is held by `while True: pass` never comes round to it.
"""

from __future__ import annotations

import _thread
import asyncio
import signal
import socket
import threading
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

_PATIENCE = 0.3  # seconds that a loop gets to come round after it was asked
_NEXT_STEP = asyncio.Handle._run.__code__  # in which a loop runs whatever it has to run


def install(shell: Any) -> None:
    """Let an interrupt end the cell that runs in `shell`, whatever it does; servers live on.

    Does nothing outside the main thread, and what needs a running loop only if there is one.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    _wake_the_loop()
    _keep_the_interrupt()
    hooks = shell.events.callbacks["pre_run_cell"]
    if not any(isinstance(getattr(hook, "__self__", None), _Guard) for hook in hooks):
        shell.events.register("pre_run_cell", _Guard(type(shell).run_code.__code__).watch)


class _Guard:
    """Raises in code that holds the loop, where asking would not help."""

    def __init__(self, run_code: CodeType) -> None:
        self._run_code = run_code  # in which IPython runs a cell, and catches what it raises
        self._asked = False

    def watch(self, _info: object = None) -> None:
        """Stand before the kernel's handler until this cell is over; the kernel restores what was before."""
        ask = signal.getsignal(signal.SIGINT)
        try:
            cell = asyncio.current_task()
        except RuntimeError:
            return  # a plain cell runs outside a task, and is interrupted as everywhere
        if not callable(ask) or ask is signal.default_int_handler:
            return
        self._asked = False
        signal.signal(signal.SIGINT, self._handler(ask, cell))

    def _handler(self, ask: Callable[..., object], cell: asyncio.Task[Any] | None) -> Callable[..., None]:
        def interrupted(number: int, frame: FrameType | None) -> None:
            codes = _codes(frame)
            if asyncio.current_task() is cell and self._run_code in codes:
                raise KeyboardInterrupt
            if self._asked and _NEXT_STEP in codes:
                raise asyncio.CancelledError  # a handler or callback: anything else would end the loop
            if not self._asked:
                self._ask(ask, number, frame)

        return interrupted

    def _ask(self, ask: Callable[..., object], number: int, frame: FrameType | None) -> None:
        self._asked = True
        heard = threading.Event()

        def hear() -> None:
            self._asked = False
            heard.set()

        def insist() -> None:
            if not heard.wait(_PATIENCE):
                _thread.interrupt_main()

        asyncio.get_running_loop().call_soon_threadsafe(hear)
        ask(number, frame)
        threading.Thread(target=insist, daemon=True).start()


def _codes(frame: FrameType | None) -> set[CodeType]:
    """What is being run: the code of each frame on the stack."""
    codes = set()
    while frame is not None:
        codes.add(frame.f_code)
        frame = frame.f_back
    return codes


def _wake_the_loop() -> None:
    """Let a signal wake the running loop, where it can watch a socket and signals wake none already."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return
    before = signal.set_wakeup_fd(-1)
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


def _keep_the_interrupt() -> None:
    """Let nobody have the running loop hear SIGINT in the kernel's place.

    python-socketio's client asks for that by default, and ends the loop at an interrupt. It is used to loops
    that cannot do it, as on Windows.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return
    add = loop.add_signal_handler

    def add_signal_handler(number: int, callback: Callable[..., object], *arguments: Any) -> None:
        if number == signal.SIGINT:
            raise NotImplementedError("SIGINT is the kernel's own, which interrupts a cell with it")
        add(number, callback, *arguments)

    loop.add_signal_handler = add_signal_handler  # type: ignore[method-assign, assignment]
