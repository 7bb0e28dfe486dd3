"""A learner's progress as a file to hand in: a page to read, with the same inside for a program."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

_BEGIN, _END = '<script type="application/json" id="progress">', "</script>"
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 44em; margin: 2em auto; padding: 0 1em; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; padding: 0.3em 0.8em 0.3em 0; border-bottom: 1px solid #999; }}
</style></head><body>
<h1>{title}</h1>
<p><strong>{done} of {total} exercises solved.</strong> From WebSocket to Socket.IO</p>
<table><thead><tr><th>lesson</th><th>solved</th><th></th></tr></thead><tbody>{rows}</tbody></table>
{begin}{data}{end}
</body></html>
"""


class Lesson(Protocol):
    """What is said of a lesson."""

    @property
    def number(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def exercises(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class HandedIn:
    """The file, and how it shows itself: where it is, as a link."""

    path: Path

    def __repr__(self) -> str:
        return f"Hand in this file, which lies beside your lessons: {self.path.name}"

    def _repr_html_(self) -> str:
        name = html.escape(self.path.name)
        return (
            f'<p>Hand in this file, which lies beside your lessons: <a href="{name}" download>{name}</a></p>'
        )


def hand_in(
    name: str, rows: Sequence[tuple[Lesson, int]], solved: Collection[tuple[str, str]], folder: Path
) -> HandedIn:
    """Write the file of `name` into the folder; an older one of the same name is replaced.

    Raises ValueError for a name without a letter.
    """
    words = re.sub(r"[^\w-]+", "_", name).strip("_")
    if not words:
        raise ValueError(f'{name!r} is no name. Write yours, as in progress().hand_in("Ann").')
    data = {"name": name, "solved": sorted(solved)}
    page = _PAGE.format(
        title=f"Progress of {html.escape(name)}",
        done=sum(count for _, count in rows),
        total=sum(len(lesson.exercises) for lesson, _ in rows),
        rows="".join(_row(lesson, count) for lesson, count in rows),
        begin=_BEGIN,
        data=json.dumps(data).replace("</", "<\\/"),
        end=_END,
    )
    path = folder / f"progress_{words}.html"
    path.write_text(page, encoding="utf-8")
    return HandedIn(path)


def read(path: Path) -> dict[str, Any]:
    """What stands in a file that was handed in. Raises ValueError for any other file."""
    text = path.read_text("utf-8", errors="replace")
    found = re.search(re.escape(_BEGIN) + r"(.*?)" + re.escape(_END), text, re.DOTALL)
    try:
        data: dict[str, Any] = json.loads(found[1]) if found else {}
        return {"name": str(data["name"]), "solved": [(str(n), str(c)) for n, c in data["solved"]]}
    except (KeyError, TypeError, ValueError):
        raise ValueError(f"{path.name} is no progress that was handed in.") from None


def _row(lesson: Lesson, solved: int) -> str:
    total = len(lesson.exercises)
    marks = "●" * solved + "○" * (total - solved)
    title = html.escape(lesson.title)
    cells = (f"{lesson.number} · {title}", f"{solved} of {total}", f'<span aria-hidden="true">{marks}</span>')
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
