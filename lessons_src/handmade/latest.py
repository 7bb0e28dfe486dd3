"""The last stage that the lessons have built so far: the one place to change when the next one lands."""

from handmade import l16_who_is_there as stage
from handmade.l14_core import Aim

__all__ = ["Aim", "stage"]
