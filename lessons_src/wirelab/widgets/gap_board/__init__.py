"""The gap board: numbers flow to clients of four servers; who loses its line gets them later, or never."""

from wirelab.widgets.gap_board.widget import GapBoard

__all__ = ["GapBoard"]
