"""The last stage that the lessons have built so far: the one place to change when the next one lands."""

from handmade import l17_async_and_backpressure as stage
from handmade.l17_core import Aim

__all__ = ["Aim", "stage"]
