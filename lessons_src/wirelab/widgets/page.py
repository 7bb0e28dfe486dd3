"""What a widget brings to the page: its own script and style, with what all of them share in front."""

from __future__ import annotations

import re
from pathlib import Path

from wirelab.widgets.palette import css_variables

_HERE = Path(__file__).parent
_IMPORT = re.compile(r'^import \{[^}]*\} from "(\.{1,2}/[^"]+)";\n', re.MULTILINE)


def script(path: Path) -> str:
    """The ES module at `path` with the local ones that it imports written out before it, each once."""
    written: dict[Path, str] = {}
    _write_out(path.resolve(), written)
    return "\n".join(written.values())


def _write_out(path: Path, written: dict[Path, str]) -> None:
    source = path.read_text(encoding="utf-8")
    for address in _IMPORT.findall(source):
        imported = (path.parent / address).resolve()
        if imported not in written:
            _write_out(imported, written)
    written[path] = _IMPORT.sub("", source)


def stylesheet(path: Path, root: str) -> str:
    """The palette, the common look and the rules at `path`, for the widget with the CSS selector `root`."""
    shared = (_HERE / "page.css").read_text(encoding="utf-8").replace(".wl-widget", root)
    return css_variables(root) + shared + path.read_text(encoding="utf-8")
