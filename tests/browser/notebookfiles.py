"""Notebooks for the tests, in a folder that git ignores: JupyterLab saves by itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import nbformat

from labserver import ARTEFACTS, ROOT

# Workers of one run share a JupyterLab: each has notebooks and workspaces of its own.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
NOTEBOOKS = ARTEFACTS / "notebooks" / WORKER


def write_notebook(name: str, cells: Sequence[str]) -> str:
    """Write code cells to a notebook that git ignores; its path from the project's root."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    path = NOTEBOOKS / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path.relative_to(ROOT).as_posix()


def copy_notebook(path: Path) -> str:
    """Copy a notebook of the project to where git ignores it, for JupyterLab saves by itself."""
    copy = NOTEBOOKS / path.name
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ROOT / path, copy)
    return copy.relative_to(ROOT).as_posix()


def copy_for_a_learner(path: Path) -> str:
    """The same without outputs."""
    notebook = nbformat.read(ROOT / path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    copy = NOTEBOOKS / path.name
    copy.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, copy)
    return copy.relative_to(ROOT).as_posix()
