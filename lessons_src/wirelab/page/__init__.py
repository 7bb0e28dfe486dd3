"""The page: what a widget brings to it, what it tells, and how it finds out where the kernel is."""

from wirelab.page.inbox import Message, in_this_loop
from wirelab.page.probe import open_probe
from wirelab.page.scripts import script, stylesheet

__all__ = ["Message", "in_this_loop", "open_probe", "script", "stylesheet"]
