"""python -m pages teacher FOLDER [LESSON …], or python -m pages site FOLDER: write pages, open the first."""

from __future__ import annotations

import argparse
import sys
import webbrowser
from pathlib import Path

from pages import book, teacher
from pages.site import Site

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"


def chosen(names: list[str]) -> list[Path]:
    """The notebooks whose names begin so; all for no name. Ends the program where there is none."""
    notebooks = sorted(NOTEBOOKS.glob("*.ipynb"))
    found = [
        path for path in notebooks if not names or path.stem.startswith(tuple(n.zfill(2) for n in names))
    ]
    for name in names:
        if not any(path.stem.startswith(name.zfill(2)) for path in found):
            known = ", ".join(path.stem for path in notebooks)
            sys.exit(f"There is no lesson {name!r}. The lessons are {known}.")
    return found


def write_teacher(folder: Path, notebooks: list[Path]) -> list[Path]:
    """Write the teacher's page of each lesson into the folder; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for notebook in notebooks:
        paths.append(folder / f"{notebook.stem}.html")
        paths[-1].write_text(teacher.page(book.read(notebook), notebook.parent), "utf-8")
    return paths


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="lab.py", description="Write pages that need no network.")
    parser.add_argument("what", choices=["teacher", "site"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("lessons", nargs="*", help="how their names begin, such as 01")
    parser.add_argument("--to", type=Path, help="write into this folder")
    parser.add_argument("--no-browser", action="store_true", help="do not open them")
    options = parser.parse_args()
    folder = options.to or options.folder
    if options.what == "site":
        first = Site(NOTEBOOKS, folder).write()
        print(f"The site is in {folder}: open {first.name} there, from a file or from any server.")
    else:
        first = write_teacher(folder, chosen(options.lessons))[0]
        print(f"The pages are in {folder}: print them from your browser, as they are.")
    if not options.no_browser:
        webbrowser.open(first.resolve().as_uri())


if __name__ == "__main__":
    main()
