"""Guards of the committed notebooks, where strict nbval would see nothing.

nbval compares a cell only if it has an execution count, and only with what reached the cell: a print of a
background task is lost to it, and a repr with an address differs in each run. So background tasks do not
print (they append to a trace that a foreground cell shows), no repr has an address, each code cell has run.
"""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from builder.lesson import Course
from builder.notebook import YOUR_TURN
from builder.run import execute

COURSE = Course(Path(__file__).resolve().parents[1])
NOTEBOOKS = sorted(COURSE.notebooks.glob("*.ipynb"))
UNCOMPARED: frozenset[str] = frozenset()  # "notebook: first line" of cells that nbval may skip or ignore

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def code_cells(path):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def tags(cell):
    return cell.metadata.get("tags", [])


def plain(cell):
    """What a cell's first output says in plain text: a verdict stands above its wire."""
    return cell.outputs[0].get("data", {}).get("text/plain", "") if cell.outputs else ""


@each_notebook
def test_every_cell_has_run(path):
    assert [cell.source for cell in code_cells(path) if not cell.execution_count] == []


@each_notebook
def test_every_output_is_compared(path):
    marked = {
        f"{path.stem}: {cell.source.splitlines()[0]}"
        for cell in code_cells(path)
        if re.search(r"nbval|raises-exception", " ".join(tags(cell))) or re.search(r"#\s*NBVAL", cell.source)
    }
    assert marked <= UNCOMPARED


@each_notebook
def test_no_output_has_an_address(path):
    assert [
        cell.source for cell in code_cells(path) if re.search(r" at 0x[0-9a-f]{6}", str(cell.outputs))
    ] == []


@each_notebook
def test_an_untouched_exercise_is_not_attempted_and_its_solution_right(path):
    said = [(tags(cell), plain(cell)) for cell in code_cells(path)]
    assert [text for kind, text in said if "check" in kind and not text.startswith("○ Not attempted: ")] == []
    assert [
        text for kind, text in said if "solution" in kind and not text.startswith("◆ The solution passes")
    ] == []


@pytest.mark.timeout(800)
@each_notebook
def test_cells_run_twice_in_a_row_and_the_whole_again_with_wrong_answers(path):
    """In one kernel. The wrong answers do nothing: each check says so, and what follows is as ever."""
    cells = code_cells(path)
    again = [new_code_cell(cell.source.replace(YOUR_TURN, "()"), metadata=cell.metadata) for cell in cells]
    twice = [new_code_cell(cell.source, metadata=cell.metadata) for cell in cells for _ in range(2)]
    book = new_notebook(cells=twice + again)
    execute(COURSE, path.stem, book)
    right = [
        plain(cell) for cell in again if "check" in tags(cell) and not plain(cell).startswith("✗ Wrong: ")
    ]
    assert right == []
    first = next((number for number, cell in enumerate(cells) if "exercise" in tags(cell)), len(cells))
    later = [pair for pair in zip(cells, again, strict=True) if "check" not in tags(pair[0])][first:]
    assert [now.source for stored, now in later if plain(now) != plain(stored)] == []


def stored(source, text):
    """A cell with the output that a run is held against."""
    output = new_output("execute_result", data={"text/plain": text}, execution_count=1)
    return new_code_cell(source, execution_count=1, outputs=[output])


def test_nbval_sees_a_planted_wrong_output_and_not_what_never_ran(tmp_path):
    cells = {
        "right": stored("1 + 1", "2"),
        "wrong": stored("1 + 1", "3"),
        "address": stored("object()", "<object object at 0x7f0000000000>"),
        "never ran": new_code_cell("1 + 1"),
    }
    (tmp_path / "pytest.ini").write_text("[pytest]")
    nbformat.write(new_notebook(cells=list(cells.values())), tmp_path / "planted.ipynb")
    command = [sys.executable, "-m", "pytest", "--nbval", "-rA", "-p", "no:cacheprovider", "."]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, cwd=tmp_path)
    outcomes = re.findall(r"^(PASSED|FAILED) planted\.ipynb::Cell (\d)", done.stdout, re.MULTILINE)
    found = {list(cells)[int(number)]: outcome for outcome, number in outcomes}
    assert found == {"right": "PASSED", "wrong": "FAILED", "address": "FAILED", "never ran": "PASSED"}
