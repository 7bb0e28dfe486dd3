"""Checks of an exercise, with three verdicts: not attempted, this is wrong (and how), right."""

from wirelab.exercise.check import Check, check
from wirelab.exercise.saying import Wrong, expect, watch
from wirelab.exercise.solution import register, solve
from wirelab.exercise.verdict import Outcome, Verdict

__all__ = ["Check", "Outcome", "Verdict", "Wrong", "check", "expect", "register", "solve", "watch"]
