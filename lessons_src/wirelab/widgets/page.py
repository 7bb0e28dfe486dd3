"""What a widget brings to the page: its own script and style, with what all of them share in front."""

from __future__ import annotations

import re
from pathlib import Path

from wirelab.widgets.palette import css_variables

_HERE = Path(__file__).parent
_SHARED = re.compile(r'^import \{[^}]*\} from "\.\./page\.js";\n', re.MULTILINE)


def script(path: Path) -> str:
    """The ES module at `path` with page.js written out where it is imported: a notebook has no files."""
    shared = (_HERE / "page.js").read_text(encoding="utf-8")
    return _SHARED.sub(lambda _: shared, path.read_text(encoding="utf-8"))


def stylesheet(path: Path, root: str) -> str:
    """The palette, the common look and the rules at `path`, for the widget with the CSS selector `root`."""
    shared = (_HERE / "page.css").read_text(encoding="utf-8").replace(".wl-widget", root)
    return css_variables(root) + shared + path.read_text(encoding="utf-8")
