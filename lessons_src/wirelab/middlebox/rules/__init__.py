"""The rules that can be laid on a middlebox: one small class a rule."""

from wirelab.middlebox.rules.base import Handler, Rule
from wirelab.middlebox.rules.plain import Pass

__all__ = ["Handler", "Pass", "Rule"]
