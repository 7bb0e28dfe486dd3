"""The rule that changes nothing."""

from wirelab.middlebox.rules.base import Rule


class Pass(Rule):
    """Hand everything on: a wire."""
