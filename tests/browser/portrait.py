"""Take the README's picture of the wire from lesson 01, as it runs: python tests/browser/portrait.py"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))  # pytest does that for the tests

from labserver import ROOT, jupyterlab
from realjupyter import chromium, copy_notebook, find_chromium, opened

LESSON = Path("notebooks/01_a_raw_echo_server.ipynb")
PICTURE = ROOT / "notebooks" / "pictures" / "the_wire.png"


async def main() -> None:
    """Run the lesson, choose an arrow of the three clients, and photograph the wire."""
    executable = find_chromium()
    if executable is None:
        sys.exit("No Chromium or Chrome on PATH: install one to take the picture.")
    path = copy_notebook(LESSON)
    async with (
        jupyterlab() as server,
        chromium(executable) as browser,
        opened(browser, server, path, viewport=(1400, 1400)) as notebook,
    ):
        await notebook.run_all(120)
        wire = notebook.page.locator(".jp-CodeCell").filter(has_text="as cy,").locator(".wl-wire")
        await wire.scroll_into_view_if_needed()
        await wire.get_by_role("option").filter(has_text='"I am Bob"').first.click()
        await wire.get_by_role("treeitem").filter(has_text="Masking key").hover()
        await wire.screenshot(path=PICTURE)


if __name__ == "__main__":
    asyncio.run(main())
