"""A second listener at a lesson's kernel: what its live demos tell the page is kept, to be played again.

A demo is seen by whoever listens, as a browser would be. What no message has (all layers of a wire, the
entries of a timeline) the kernel writes down itself, in a last cell that no notebook keeps.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from jupyter_client.client import KernelClient
from jupyter_core.utils import ensure_async
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from builder.lesson import Course, Lesson
from wirelab.look.picture import STATIC, name_of

VERSION = 1
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
_LOOKS = ("wirelab/widgets", "wirelab/decode", "wirelab/clients", "wirelab/page")
_TOO_LONG = 6000
"""So many pictures a film may have; a demo that tells more is not one to replay."""
Shots = dict[str, list[dict[str, Any]]]
"""By the id of a cell what each of its demos showed, in order; and BESIDES."""
BESIDES = ("reviews", "traces")
"""The wires of each review of the boss's list, and the traces to which wires refer by their place."""


class Camera:
    """Listens to one kernel for as long as its lesson runs."""

    def __init__(self, client: KernelClient) -> None:
        self._client = client
        self._listening: asyncio.Task[None] | None = None
        self._begin, self._end = 0.0, float("inf")
        self._names: dict[str, str] = {}
        self._films: dict[str, list[tuple[float, dict[str, Any]]]] = {}

    def start(self) -> None:
        """Begin; the kernel is there already."""
        self._client.start_channels(shell=False, iopub=True, stdin=False, hb=False, control=False)
        self._listening = asyncio.create_task(self._listen())

    def begins(self) -> None:
        """A cell begins; after the last one, panels that are acted out are recorded from here."""
        self._begin = time.time()

    def ends(self, moment: datetime) -> None:
        """What is told later is not recorded: with the kernel all that it has started goes."""
        self._end = moment.timestamp()

    async def stop(self) -> None:
        """End."""
        if self._listening is not None:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening
        self._client.stop_channels()

    def shots(self, views: dict[str, list[str]], written: dict[str, Any]) -> Shots:
        """What each cell shows; `views` has the ids of its widgets, `written` what the kernel says."""
        found: Shots = {}
        for cell, ids in views.items():
            shots = [written.get(each) or self._film(each, each in written.get("acted", ())) for each in ids]
            if any(shots):
                found[cell] = [shot or {} for shot in shots]
        found |= {name: written[name] for name in BESIDES if written.get(name)}
        return found

    async def _listen(self) -> None:
        while True:
            message = await ensure_async(self._client.iopub_channel.get_msg(timeout=None))
            content = message["content"]
            if message["msg_type"] == "comm_open":
                state = content["data"].get("state", {})
                self._names[content["comm_id"]] = str(state.get("_anywidget_id", ""))
            elif message["msg_type"] == "comm_msg" and content["data"].get("method") == "custom":
                told = content["data"]["content"]
                if told.get("type") == "state":
                    film = self._films.setdefault(content["comm_id"], [])
                    film.append((message["header"]["date"].timestamp(), told))

    def _film(self, model: str, acted: bool) -> dict[str, Any] | None:
        """The states of a panel, each with what has changed since the one before; None if it never moved."""
        begin = self._begin if acted else 0.0
        film = [
            (moment, state) for moment, state in self._films.get(model, []) if begin <= moment <= self._end
        ]
        if len(film) < 2 or len(film) > _TOO_LONG:
            return None
        frames, before = [], dict[str, Any]()
        for moment, state in film:
            news = {key: value for key, value in state.items() if key not in before or before[key] != value}
            if news:
                frames.append([round(moment - film[0][0], 3), news])
            before = state
        return {"widget": self._names[model].rpartition(".")[2], "frames": frames}


def last_cell(path: Path) -> NotebookNode:
    """What the kernel runs after the lesson: it writes what only it knows into the file at `path`."""
    return new_code_cell(f"from wirelab.widgets import film\nawait film.shoot({str(path)!r})")


def views(book: NotebookNode) -> dict[str, list[str]]:
    """For the id of each cell, those of the widgets that it shows, or the names of their pictures."""
    found: dict[str, list[str]] = {}
    for cell in book.cells:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if view := data.get(WIDGET_VIEW):
                found.setdefault(cell.id, []).append(view["model_id"])
            elif (page := data.get("text/html", "")).startswith(STATIC):
                found.setdefault(cell.id, []).append(name_of(page))
    return found


def keep(course: Course, lesson: Lesson, shots: Shots, book: NotebookNode, old: NotebookNode | None) -> None:
    """Write a lesson's recordings. Those beside an `old` notebook that shows the same stay as they are."""
    path = course.recordings(lesson)
    look = _look(course)
    kept = read(path)
    if old is not None and kept.get("look") == look and _shown(book) == _shown(old):
        return
    if not shots:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(exist_ok=True)
    text = json.dumps({"version": VERSION, "look": look, "shots": shots}, separators=(",", ":"))
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


def read(path: Path) -> dict[str, Any]:
    """The recordings in a file, as `keep` wrote them; nothing where there are none."""
    if not path.is_file():
        return {}
    recorded: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    return recorded if recorded["version"] == VERSION else {}


def _shown(book: NotebookNode) -> list[object]:
    return [(cell.id, cell.source, cell.get("outputs")) for cell in book.cells]


def _look(course: Course) -> str:
    """What identifies the code that makes and shows a recording."""
    files = sorted(
        path
        for folder in _LOOKS
        for path in (course.code / folder).rglob("*")
        if path.suffix in (".py", ".js", ".mjs", ".css")
    )
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]
