"""Where the learner of this kernel works: the notebook, and the folder of copies in which it lies."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_MARK = ".editions.json"  # what `workplace.copies` leaves in a folder of copies


def notebook(namespace: Mapping[str, Any]) -> Path | None:
    """The notebook of this kernel, as JupyterLab or Visual Studio Code names it."""
    name = os.environ.get("JPY_SESSION_NAME") or namespace.get("__vsc_ipynb_file__")
    return Path(str(name)).absolute() if name else None


def folder(of: Path | None) -> Path | None:
    """The folder of copies in which that notebook lies; None where nobody keeps any."""
    return of.parent if of is not None and (of.parent / _MARK).is_file() else None
