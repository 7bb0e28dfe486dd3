"""`%%solution`: run a solution in a copy of the notebook's namespace and judge it like an answer."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib import import_module
from typing import Any

from wirelab.exercise.attempts import attempts
from wirelab.exercise.check import Check
from wirelab.exercise.verdict import Outcome, Verdict


async def solve(source: str, namespace: dict[str, Any]) -> Verdict:
    """The verdict on what `source` defines; `namespace` is left as it is."""
    own = dict(namespace)
    exec(compile(source, "<solution>", "exec"), own)
    made = {name for name, value in own.items() if value is not namespace.get(name)}
    checks = [each for each in namespace.values() if isinstance(each, Check) and made.issuperset(each.names)]
    if not checks:
        return Verdict(Outcome.NOT_ATTEMPTED, "The solution", "run the check above it first.")
    verdict = replace(await checks[-1].verdict(own), hints=(), stub="", watched=())
    if verdict.outcome is Outcome.RIGHT:
        return replace(verdict, outcome=Outcome.SOLUTION, word="The solution passes")
    return replace(verdict, word=f"The solution: {verdict.word.lower()}")


def _awaited(lines: list[str]) -> list[str]:
    """Turn a `%%solution` cell into an `await`, which a cell magic of IPython cannot contain."""
    if not lines or lines[0].strip() != "%%solution":
        return lines
    source = "".join(lines[1:])
    return [f"await __import__('wirelab.exercise').exercise.solve({source!r}, globals())\n"]


def _keep_review(result: Any) -> None:
    """Remember a review that a cell showed. Who has none need not load the boss's scenarios."""
    if result is not None and "wirelab.boss" in sys.modules:
        import_module("wirelab.exercise.scoreboard").remember(result.result)


def register(shell: Any) -> None:
    """Teach an IPython shell the `%%solution` cell magic, to note which cells fail, and to keep reviews.

    Doing it again changes nothing.
    """
    attempts.register(shell)
    if _keep_review not in shell.events.callbacks["post_run_cell"]:
        shell.events.register("post_run_cell", _keep_review)
    if _awaited not in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.append(_awaited)
