"""The rule that changes nothing."""

from typing import ClassVar

from wirelab.middlebox.rules.base import Rule


class Pass(Rule):
    """Hand everything on: a wire."""

    title: ClassVar[str] = "a wire"
