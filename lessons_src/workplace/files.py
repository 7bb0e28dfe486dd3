"""Files that may be missing, or that nobody may write."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any


def read_json(path: Path) -> dict[str, Any]:
    """The content of a file that may be missing or half written: then it is empty."""
    with suppress(OSError, ValueError):
        content: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return content
    return {}


def write(path: Path, text: str) -> None:
    """Write what the file does not say yet. A hub's environment may be read-only: all works without."""
    with suppress(OSError):
        if not path.is_file() or path.read_text("utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
