"""The review: the whole list against one server, all scenarios side by side."""

from __future__ import annotations

import asyncio
import traceback
from collections import deque
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial

from wirelab.boss.lab import Lab
from wirelab.boss.scenarios import THE_LIST, Row
from wirelab.boss.subject import Fault, Subject
from wirelab.boss.table import Finding, Review
from wirelab.trace import Trace
from wirelab.waiting import surely

TIME_LIMIT = 30.0
"""Seconds that a scenario may take, for a server that hangs where nobody thought of."""

latest: deque[Review] = deque(maxlen=2)
"""The last reviews, with what passed on their wires, the newest last."""


async def review(subject: Subject, rows: Sequence[Row] = THE_LIST) -> Review:
    """Run the boss's list (or some `rows` of it) against a server, and return what was observed."""
    async with AsyncExitStack() as stack:
        for equipment in subject.equipment:
            await stack.enter_async_context(equipment)
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(surely(partial(_find_out, row, subject), lambda found: found.passed))
                for row in rows
            ]
    made = Review(subject.name, tuple(task.result() for task in tasks))
    latest.append(made)
    return made


def trace(row: int, box: int = 1) -> Trace:
    """What passed in one run of the newest review: the row's number, and which of its middleboxes.

    Raises ValueError where there was none.
    """
    if not latest:
        raise ValueError("There has been no review yet: run `await boss.review(…)` first.")
    findings = latest[-1].findings
    if not 1 <= row <= len(findings):
        raise ValueError(f"The newest review has the rows 1 to {len(findings)}, and no row {row}.")
    traces = findings[row - 1].traces
    if not 1 <= box <= len(traces):
        raise ValueError(f"The run of row {row} had {len(traces)} middleboxes, and no number {box}.")
    return traces[box - 1]


async def _find_out(row: Row, subject: Subject) -> Finding:
    lab = Lab(subject)
    passed, observed = await _observed(row, lab)
    return Finding(row.wish, passed, observed, tuple(box.trace for box in lab.boxes))


async def _observed(row: Row, lab: Lab) -> tuple[bool, str]:
    try:
        async with lab, asyncio.timeout(TIME_LIMIT):
            return True, await row.scenario(lab)
    except Fault as fault:
        return False, str(fault)
    except ConnectionError:
        return False, "A client did not get in, or was not answered, in the middle of it."
    except TimeoutError:
        return False, "The scenario did not come to its end."
    except Exception as error:  # in the server or in its client: the other rows are still worth seeing
        return False, f"An error broke it off: {_in_words(error)}."


def _in_words(error: Exception) -> str:
    """What was raised, and by which function."""
    said = "".join(traceback.format_exception_only(error)).strip()
    return f"{said}, raised by {traceback.extract_tb(error.__traceback__)[-1].name}"
