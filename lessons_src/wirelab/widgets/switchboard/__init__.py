"""The switchboard: four clients, two servers, and between them a middlebox whose rules are switches."""

from wirelab.widgets.switchboard.board import Board
from wirelab.widgets.switchboard.widget import Switchboard

__all__ = ["Board", "Switchboard"]
