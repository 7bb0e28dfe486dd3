"""What a widget brings to the page: its script and style, with the modules that it imports written out.

A notebook has no files beside it. So a widget's script may be several ES modules on disk, which import each
other by relative paths, and reaches the page as one text, in which each of them stands once.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from wirelab.look.palette import css_variables

_HERE = Path(__file__).parent
_IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"]*)";\n', re.MULTILINE)
_ANY_IMPORT = re.compile(r"^import\b.*|^export\b.*\bfrom\b.*", re.MULTILINE)
_NAME = re.compile(r"^(?:export )?(?:async )?(?:function\*?|class|const|let|var) ([\w$]+)", re.MULTILINE)


def script(path: Path) -> str:
    """The ES module at `path`, after all that it imports from other files, directly and in turn.

    The modules share one scope. Raises ValueError for an import that cannot be written out (anything but
    `import { names } from "./a/file.js";`), and for a name that two of them define.
    """
    modules: dict[Path, str] = {}
    _collect(path.resolve(), modules, ())
    names = Counter(name for text in modules.values() for name in _NAME.findall(text))
    if twice := [name for name, times in names.items() if times > 1]:
        raise ValueError(f"{path.name} and its imports define {', '.join(twice)} more than once; rename one.")
    return "\n".join(modules.values())


def _collect(path: Path, modules: dict[Path, str], importers: tuple[Path, ...]) -> None:
    if path in importers:
        raise ValueError(f"{path.name} imports itself, by way of {importers[-1].name}.")
    if path in modules:
        return
    source = path.read_text(encoding="utf-8")
    for names, target in _IMPORT.findall(source):
        if " as " in names or not target.startswith("."):
            raise ValueError(f'{path.name}: only names of local files can be imported, not from "{target}".')
        _collect((path.parent / target).resolve(), modules, (*importers, path))
    text = _IMPORT.sub("", source)
    if refused := _ANY_IMPORT.search(text):
        wanted = 'import { names } from "./file.js";'
        raise ValueError(f"{path.name}: write `{wanted}` instead of: {refused[0]}")
    modules[path] = text


def stylesheet(path: Path, root: str) -> str:
    """The palette, the common look and the rules at `path`, for the widget with the CSS selector `root`."""
    shared = (_HERE / "page.css").read_text(encoding="utf-8").replace(".wl-widget", root)
    return css_variables(root) + shared + path.read_text(encoding="utf-8")
