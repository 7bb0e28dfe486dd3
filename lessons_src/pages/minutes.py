"""How long a cell takes to read, to run and to answer. The build's promises and the teacher's pages agree."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection

WORDS = 200  # in a minute
LINES = 11  # of code, in a minute
ACT = 0.5  # minutes to run a cell, or to decide on a prediction
HEADING = re.compile(r"### Exercise \d+ · (\S.*)\n+\*(\d+) minutes, (easy|medium|hard)\*(\n|$)")
APART = frozenset({"teacher", "exercise", "solution", "check"})
_FOLDED = re.compile(r"<details.*?</details>", re.DOTALL)
_FENCE = re.compile(r"^(```|~~~)[^\n]*\n(.*?)^\1\s*$", re.DOTALL | re.MULTILINE)


def of_cell(kind: str, source: str, tags: Collection[str]) -> float:
    """Minutes for what is visible: no folded box, no code of a prediction, nothing that is APART."""
    if APART.intersection(tags):
        return 0.0
    if "folded" in tags:
        return ACT  # it has to be run, not read
    if kind == "markdown":
        seen = _FOLDED.sub("", source)
        code = "\n".join(found[2] for found in _FENCE.finditer(seen))
        return len(_FENCE.sub("", seen).split()) / WORDS + _lines(code) / LINES
    return ACT + (0.0 if is_question(source) else _lines(source) / LINES)


def is_question(source: str) -> bool:
    """Whether a cell only asks for a prediction or resolves one: its code would give the answer away."""
    match _statement(source):
        case ast.Assign(value=ast.Call(func=ast.Name(id="predict"))):
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="reveal"))):
            return True
    return False


def _lines(code: str) -> int:
    return sum(bool(line.strip()) for line in code.splitlines())


def _statement(source: str) -> ast.stmt | None:
    body = [] if source.startswith("%") else ast.parse(source).body
    return body[0] if len(body) == 1 else None
