"""Look at a whole notebook: open it in JupyterLab, run all, and photograph it piece by piece.

python tests/browser/look.py notebooks/01_x.ipynb --theme dark --out shots
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))  # pytest does that for the tests

from labserver import jupyterlab
from realjupyter import chromium, copy_notebook, find_chromium, opened

SCROLLER = ".jp-WindowedPanel-outer"


async def look(options: argparse.Namespace) -> None:
    """Write one picture a screenful to the folder, and tell what went wrong in the notebook."""
    executable = find_chromium()
    if executable is None:
        sys.exit("No Chromium or Chrome on PATH: install one to look at notebooks.")
    options.out.mkdir(parents=True, exist_ok=True)
    path = copy_notebook(options.notebook.resolve())
    async with (
        jupyterlab(options.base_url) as server,
        chromium(executable) as browser,
        opened(
            browser,
            server,
            path,
            viewport=options.viewport,
            zoom=options.zoom / 100,
            theme=options.theme,
        ) as notebook,
    ):
        if not options.no_run:
            await notebook.run_all(options.timeout)
        scroller = notebook.page.locator(f".jp-NotebookPanel:not(.lm-mod-hidden) {SCROLLER}")
        await scroller.evaluate("box => box.scrollTo(0, 0)")
        number = 0
        while True:
            await notebook.page.wait_for_timeout(400)
            number += 1
            await notebook.page.screenshot(path=options.out / f"{number:02}.png")
            moved = await scroller.evaluate(
                """box => {
                    const before = box.scrollTop;
                    box.scrollBy(0, box.clientHeight - 60);
                    return box.scrollTop > before + 1;
                }"""
            )
            if not moved:
                break
        print(f"{number} pictures in {options.out}")
        for error in await notebook.errors():
            print("cell error:", error)
        for error in notebook.console_errors:
            print("console error:", error)


def _size(text: str) -> tuple[int, int]:
    width, height = text.split("x")
    return int(width), int(height)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--theme", choices=["light", "dark"], default="light")
    parser.add_argument("--viewport", type=_size, default=(1280, 900), help="WIDTHxHEIGHT in screen pixels")
    parser.add_argument("--zoom", type=int, default=100, help="page zoom in percent")
    parser.add_argument("--base-url", default="/", help="/user/ada/ looks like JupyterHub")
    parser.add_argument("--no-run", action="store_true", help="show the stored outputs")
    parser.add_argument("--timeout", type=float, default=300, help="seconds for running all cells")
    asyncio.run(look(parser.parse_args()))
