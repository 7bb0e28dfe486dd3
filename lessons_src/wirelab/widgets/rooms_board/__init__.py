"""The rooms board: clients as chips, rooms as areas that overlap, and who hears what is said into them."""

from wirelab.widgets.rooms_board.widget import RoomsBoard

__all__ = ["RoomsBoard"]
