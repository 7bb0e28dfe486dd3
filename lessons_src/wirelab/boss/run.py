"""The review: the whole list against one server, all scenarios side by side."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Sequence
from contextlib import AsyncExitStack

from wirelab.boss.lab import Lab
from wirelab.boss.scenarios import THE_LIST, Row
from wirelab.boss.subject import Fault, Subject
from wirelab.boss.table import Finding, Review

TIME_LIMIT = 30.0
"""Seconds that a scenario may take, for a server that hangs where nobody thought of."""


async def review(subject: Subject, rows: Sequence[Row] = THE_LIST) -> Review:
    """Run the boss's list (or some `rows` of it) against a server, and return what was observed."""
    async with AsyncExitStack() as stack:
        for equipment in subject.equipment:
            await stack.enter_async_context(equipment)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_find_out(row, subject)) for row in rows]
    return Review(subject.name, tuple(task.result() for task in tasks))


async def _find_out(row: Row, subject: Subject) -> Finding:
    try:
        async with Lab(subject) as lab, asyncio.timeout(TIME_LIMIT):
            return Finding(row.wish, True, await row.scenario(lab))
    except Fault as fault:
        return Finding(row.wish, False, str(fault))
    except ConnectionError:
        return Finding(row.wish, False, "A client did not get in, or was not answered, in the middle of it.")
    except TimeoutError:
        return Finding(row.wish, False, "The scenario did not come to its end.")
    except Exception as error:  # in the server or in its client: the other rows are still worth seeing
        return Finding(row.wish, False, f"An error broke it off: {_in_words(error)}.")


def _in_words(error: Exception) -> str:
    """What was raised, and by which function."""
    said = "".join(traceback.format_exception_only(error)).strip()
    return f"{said}, raised by {traceback.extract_tb(error.__traceback__)[-1].name}"
