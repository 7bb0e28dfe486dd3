"""A learner's copies of the lessons: empty of outputs at first, never overwritten once written into.

`notebooks/` holds the course as it was built, with outputs. The copies lie in a folder of their own, under
the same names, so that links from lesson to lesson and to pictures/ lead from copy to copy.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

# For each lesson its newest copy, and what that was copied from.
RECORD = ".editions.json"


class Refusal(Exception):
    """It cannot be done; the message says why, and what to do."""


@dataclass
class Changes:
    """The notebooks that were written into a folder, and a sentence on everything that concerns work."""

    written: list[Path] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Edition:
    """A lesson as the course has it today, without its outputs."""

    name: str
    text: str
    sources: str

    @classmethod
    def read(cls, path: Path) -> Edition:
        """The edition in a notebook of the course."""
        try:
            notebook = json.loads(path.read_text("utf-8"))
            for cell in notebook["cells"]:
                if cell["cell_type"] == "code":
                    cell |= {"outputs": [], "execution_count": None}
            text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
            return cls(path.stem, text, _sources(notebook))
        except (ValueError, KeyError, TypeError):
            raise Refusal(f"{path} is not a notebook: put the course's own file back.") from None

    @property
    def digest(self) -> str:
        """The same for two editions that do not differ in anything but outputs."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def _sources(notebook: dict[str, Any]) -> str:
    """A digest of what stands in the cells. Empty ones do not count: Jupyter adds one after the last."""
    texts = [(cell["cell_type"], "".join(cell["source"]).rstrip()) for cell in notebook["cells"]]
    return hashlib.sha256(json.dumps([text for text in texts if text[1]]).encode()).hexdigest()


def _sources_in(path: Path) -> str | None:
    """The digest of a copy, or None if nobody can read it as a notebook."""
    try:
        return _sources(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError):
        return None


def _write(path: Path, text: str) -> None:
    """All of it or nothing, whenever this process ends."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_text(text, "utf-8")
    unfinished.replace(path)


@dataclass
class Copies:
    """The copies in `folder`, and what is known of them."""

    folder: Path
    record: dict[str, dict[str, str]] = field(default_factory=dict)
    changes: Changes = field(default_factory=Changes)

    @classmethod
    def read(cls, folder: Path) -> Copies:
        """What lies in the folder. Without a record a copy counts as written into, unless it is current."""
        try:
            record = json.loads((folder / RECORD).read_text("utf-8"))
            known = {
                name: {key: str(entry[key]) for key in ("file", "edition", "sources")}
                for name, entry in record.items()
            }
        except (OSError, ValueError, AttributeError, KeyError, TypeError):
            known = {}
        return cls(folder, known)

    def save(self) -> None:
        """Write down what is known now."""
        _write(self.folder / RECORD, json.dumps(self.record, indent=1))

    def put(self, edition: Edition, file: str) -> None:
        """Write the edition as `file`, which is the lesson's newest copy from now on."""
        _write(self.folder / file, edition.text)
        self.record[edition.name] = {"file": file, "edition": edition.digest, "sources": edition.sources}
        self.changes.written.append(self.folder / file)

    def follow(self, edition: Edition) -> None:
        """Bring the newest copy up to date, or lay the edition beside one that somebody wrote into."""
        main = f"{edition.name}.ipynb"
        known = self.record.get(edition.name, {"file": main, "edition": "", "sources": edition.sources})
        newest = self.folder / known["file"]
        if not (self.folder / main).exists():
            self.put(edition, main)
        elif known["edition"] == edition.digest:
            return
        elif not newest.exists() or _sources_in(newest) in (known["sources"], edition.sources):
            self.put(edition, newest.name)
        else:
            kinds = ("new edition" if n == 1 else f"new edition {n}" for n in count(1))
            beside = self.free(edition.name, kinds)
            self.put(edition, beside.name)
            self.changes.said.append(
                f"{main} has changed in the course. Yours stays as it is; the new one is {beside.name!r}."
            )

    def free(self, lesson: str, kinds: Iterator[str]) -> Path:
        """The first of the names "lesson (kind).ipynb" that nothing has."""
        paths = (self.folder / f"{lesson} ({kind}).ipynb" for kind in kinds)
        return next(path for path in paths if not path.exists())

    def forget(self, lesson: str) -> None:
        """The course has this lesson no more: its copy goes, unless somebody wrote into it."""
        known = self.record.pop(lesson)
        copy = self.folder / known["file"]
        if _sources_in(copy) == known["sources"]:
            copy.unlink()
        elif copy.exists():
            self.changes.said.append(f"The course has no {lesson} any more. Your {copy.name!r} stays.")

    def renew(self, edition: Edition) -> None:
        """Put the lesson there as nobody has touched it, and keep the old copy under another name."""
        main = self.folder / f"{edition.name}.ipynb"
        if main.exists() and _text(main) == edition.text:
            self.changes.said.append(f"{main.name} is as new already.")
            return
        if main.exists():
            old = self.free(edition.name, (f"old {number}" for number in count(1)))
            main.rename(old)
            self.changes.said.append(
                f"{main.name} is as new, and what you wrote is in {old.name!r}. If the lesson is open in "
                "JupyterLab: File → Reload Notebook from Disk."
            )
        known = self.record.get(edition.name, {"file": main.name, "sources": ""})
        beside = self.folder / known["file"]
        if beside != main and _sources_in(beside) == known["sources"]:
            beside.unlink()  # it was the new edition, as `main` is now
        self.put(edition, main.name)


def _copy_what_lessons_show(notebooks: Path, folder: Path) -> None:
    """Pictures, and pages that nobody runs."""
    for shown in (*notebooks.glob("pictures/*"), *notebooks.glob("*.md")):
        copy = folder / shown.relative_to(notebooks)
        if not copy.is_file() or copy.read_bytes() != shown.read_bytes():
            copy.parent.mkdir(exist_ok=True)
            shutil.copyfile(shown, copy)


def bring(notebooks: Path, folder: Path) -> Changes:
    """Make the copies that `folder` lacks, and bring those that nobody wrote into up to date.

    Raises Refusal for a lesson of the course that is no notebook, and OSError where nothing can be written.
    """
    editions = [Edition.read(path) for path in sorted(notebooks.glob("*.ipynb"))]
    copies = Copies.read(folder)
    before = json.dumps(copies.record)
    for edition in editions:
        copies.follow(edition)
    for gone in copies.record.keys() - {edition.name for edition in editions}:
        copies.forget(gone)
    _copy_what_lessons_show(notebooks, folder)
    if json.dumps(copies.record) != before:
        copies.save()
    return copies.changes


def renew(notebooks: Path, folder: Path, which: str) -> Changes:
    """Make one lesson fresh; `which` is how its name begins, such as "03" or "3".

    Raises Refusal for a name that is not one lesson's.
    """
    lessons = sorted(notebooks.glob("*.ipynb"))
    start = which.removesuffix(".ipynb").zfill(2)
    chosen = [path for path in lessons if which and path.stem.startswith(start)]
    if len(chosen) != 1:
        names = ", ".join(path.stem for path in lessons)
        raise Refusal(f"Say which lesson shall be fresh, as in `lab.py fresh 03`. The lessons are {names}.")
    copies = Copies.read(folder)
    copies.renew(Edition.read(chosen[0]))
    copies.save()
    return copies.changes
