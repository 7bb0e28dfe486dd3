"""Executing a notebook in a kernel of its own, and keeping of its outputs only what is true of every run."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, DeadKernelError
from nbformat import NotebookNode

from builder.camera import WIDGET_VIEW, Camera, Shots, last_cell, views
from builder.dependencies import environment
from builder.lesson import Course, Refusal
from builder.notebook import METADATA

_TIMEOUT = 120  # seconds for one cell


def execute(course: Course, name: str, book: NotebookNode) -> None:
    """Run all cells in order, as JupyterLab would; the outputs are written into `book`.

    Raises Refusal with the cell and its error.
    """
    asyncio.run(run(course, name, book, Path(os.devnull)))


async def filmed(course: Course, name: str, book: NotebookNode, record: Path) -> Shots:
    """`run`, and what the lesson's demos showed."""
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder, "written")
        book.cells.append(last_cell(written))
        try:
            camera = await run(course, name, book, record)
        finally:
            book.cells.pop()
        return camera.shots(views(book), _content(written))


async def run(course: Course, name: str, book: NotebookNode, record: Path) -> Camera:
    """`execute`, beside others; what the kernel and its children open is written to the file `record`.

    Returns the camera that saw its demos.
    """
    current: list[NotebookNode] = []
    cameras: list[Camera] = []

    def begin() -> None:
        _stop_at_interrupt()
        assert client.km is not None  # it has started the kernel
        cameras.append(Camera(client.km.client()))
        cameras[-1].start()

    def starts(cell: NotebookNode) -> None:
        current.append(cell)
        cameras[-1].begins()

    client = NotebookClient(
        book,
        timeout=_TIMEOUT,
        kernel_name="python3",
        resources={"metadata": {"path": str(course.notebooks)}},
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        on_notebook_start=lambda notebook: begin(),
        on_cell_start=lambda cell, cell_index: starts(cell),
        on_cell_executed=lambda execute_reply, **_: cameras[-1].ends(execute_reply["header"]["date"]),
    )
    try:
        await client.async_execute(env=environment(course, record))
    except (CellControlSignal, DeadKernelError) as error:
        if (task := asyncio.current_task()) and task.cancelling():  # that is what ended the kernel
            raise asyncio.CancelledError from None
        first = current[-1].source.splitlines()[0] if current else ""
        reason = f"{getattr(error, 'ename', type(error).__name__)}: {getattr(error, 'evalue', error)}"
        raise Refusal(f"{name}: the cell that begins with `{first}` failed with {reason}") from error
    finally:
        for camera in cameras:
            await camera.stop()
    return cameras[-1]


def _content(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content


def _stop_at_interrupt() -> None:
    """Take away nbclient's own handler, which ends one kernel and waits for the others."""
    with suppress(NotImplementedError):  # Windows has none
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().remove_signal_handler(number)


def tidy(course: Course, name: str, book: NotebookNode, before: NotebookNode | None) -> None:
    """Drop widget views and what the kernel said of itself; keep the stored pictures of `measured` cells.

    Raises Refusal if an output tells where on this machine it was made.
    """
    book.metadata = nbformat.from_dict(METADATA)
    stored = {cell.id: cell.outputs for cell in before.cells if cell.cell_type == "code"} if before else {}
    for cell in book.cells:
        if cell.cell_type != "code":
            continue
        for output in cell.outputs:
            for part in ("data", "metadata"):
                output.get(part, {}).pop(WIDGET_VIEW, None)
        cell.outputs = [output for output in cell.outputs if output.get("data", True)]
        if "measured" in cell.metadata.get("tags", ()):
            pictures = (output for output in stored.get(cell.id, ()) if _is_picture(output))
            cell.outputs = [_kept(pictures, new) if _is_picture(new) else new for new in cell.outputs]
        for place in (str(course.root), "ipykernel_"):
            if place in str(cell.outputs):
                first = cell.source.splitlines()[0]
                raise Refusal(
                    f"{name}: the output of the cell that begins with `{first}` shows {place!r}. Avoid it."
                )


def _kept(pictures: Iterator[NotebookNode], new: NotebookNode) -> NotebookNode:
    """The next of the stored pictures, unless other words go with the new one."""
    stored = next(pictures, new)
    return stored if stored.data.get("text/plain") == new.data.get("text/plain") else new


def _is_picture(output: NotebookNode) -> bool:
    return any(kind.startswith("image/") for kind in output.get("data", ()))
