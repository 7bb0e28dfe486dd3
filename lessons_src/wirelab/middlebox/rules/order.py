"""Which rules can stand together."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from wirelab.middlebox.rules.base import Rule


def checked(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules as they were given.

    Raises TypeError for what is no list of rules, ValueError for rules that make no sense together.
    """
    if not isinstance(rules, Iterable):
        raise TypeError(f"Expected a list of rules, like [Pass()], but got {rules!r}.")
    laid = tuple(rules)
    for rule in laid:
        if isinstance(rule, type) and issubclass(rule, Rule):
            name = rule.__name__
            raise TypeError(f"Expected a list of rules, like [{name}()], but got {name} without parentheses.")
        if not isinstance(rule, Rule):
            raise TypeError(f"Expected a list of rules, like [Pass()], but it has {rule!r} in it.")
    _refuse_nonsense(laid)
    return laid


def _refuse_nonsense(rules: tuple[Rule, ...]) -> None:
    choosers = [rule for rule in rules if rule.chooses_server]
    if len(choosers) > 1:
        raise ValueError(
            f"{choosers[0]!r} and {choosers[1]!r} both choose the server; keep one of them, or put a second "
            f"Middlebox behind the first."
        )
    for front, behind in pairwise(rules):
        if front.lets_nothing_pass:
            raise ValueError(
                f"Nothing gets past {front!r}, so {behind!r} behind it would never act; put {front!r} last, "
                f"or leave one of them out."
            )
