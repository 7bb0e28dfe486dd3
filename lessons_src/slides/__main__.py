"""python -m slides FOLDER LESSON [--no-browser]: write the slides of a lesson, and open them."""

from __future__ import annotations

import argparse
import json
import re
import sys
import webbrowser
from pathlib import Path

from slides.deck import columns
from slides.page import page

ROOT = Path(__file__).resolve().parents[2]


def write(notebook: Path, folder: Path) -> Path:
    """Write the slides of a built notebook into the folder; the path of the page."""
    book = json.loads(notebook.read_text("utf-8"))
    texts = "\n".join("".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "markdown")
    heading = re.search(r"^# +(.+)$", texts, re.MULTILINE)
    deck = columns(book, notebook.parent)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{notebook.stem}.html"
    text = page(heading[1] if heading else notebook.stem, deck, ROOT / "node_modules/reveal.js/dist")
    path.write_text(text, "utf-8")
    return path


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="lab.py slides", description="Make slides of a lesson.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("lesson", nargs="?", default="", help="how its name begins, such as 01")
    parser.add_argument("--no-browser", action="store_true", help="do not open them")
    options = parser.parse_args()
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    start = options.lesson.zfill(2)
    chosen = [path for path in notebooks if options.lesson and path.stem.startswith(start)]
    if len(chosen) != 1:
        names = ", ".join(path.stem for path in notebooks)
        sys.exit(f"Say which lesson, as in `lab.py slides 01`. The lessons are {names}.")
    path = write(chosen[0], options.folder)
    print(
        f"The slides are in {path}\n"
        "This one file needs no network and no Python: carry it anywhere, open it in a browser.\n"
        "Space goes on, O shows all slides, S opens the teacher's notes, F fills the screen."
    )
    if not options.no_browser:
        webbrowser.open(path.as_uri())


if __name__ == "__main__":
    main()
