"""The handmade Socket.IO as it stood after each lesson."""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import fields
from typing import Any

import handmade

FIRST = 8


def stages() -> dict[int, str]:
    """The lessons that leave a Socket.IO server behind, with the names of their modules."""
    found = (re.match(r"l([0-9]{2})_", module.name) for module in pkgutil.iter_modules(handmade.__path__))
    modules = {match.string: int(match[1]) for match in found if match and int(match[1]) >= FIRST}
    return {lesson: f"handmade.{name}" for name, lesson in modules.items() if not name.endswith("_core")}


def stage(lesson: int | None = None) -> type[Any]:
    """The class `Server` as it stood after a lesson; without a number, after the last one.

    Raises LookupError for a lesson that leaves no server behind.
    """
    names = stages()
    if lesson is None:
        lesson = max(names)
    if lesson not in names:
        known = ", ".join(f"{number:02}" for number in sorted(names))
        raise LookupError(f"Lesson {lesson} leaves no Socket.IO server behind; these do: {known}.")
    server: type[Any] = importlib.import_module(names[lesson]).Server
    return server


def server_of(lesson: int | None) -> type[Any]:
    """The class `Server` as it stood after a lesson; without a number the library's own, which has all.

    Raises LookupError for a lesson that leaves no server behind.
    """
    return handmade.Server if lesson is None else stage(lesson)


def make(server: type[Any], settings: dict[str, object]) -> Any:
    """A server of that stage, with those of the settings that it knows already."""
    known = (
        {field.name for field in fields(server.options_type)} if hasattr(server, "options_type") else set()
    )
    return server(**{name: value for name, value in settings.items() if name in known})
