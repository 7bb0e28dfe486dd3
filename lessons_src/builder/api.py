"""The page of `handmade`'s API: its names, signatures and docstrings, with the official name beside each."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import MISSING as NO_DEFAULT
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any, get_type_hints

from builder import official
from builder.lesson import Course, Refusal

TEXT = Path(__file__).with_name("api.md")
"""The page, with `{{names}}` for what is made."""


def written(course: Course) -> dict[Path, str]:
    """The page, made of the modules as they are on the disk now; nothing for a course without the library.

    Raises Refusal if they cannot be imported.
    """
    if not (course.code / "handmade/server.py").exists():
        return {}
    command = [sys.executable, "-c", "from builder import api; print(api.page(), end='')"]
    done = subprocess.run(command, cwd=course.code, capture_output=True, encoding="utf-8")
    if done.returncode:
        raise Refusal(f"The API page cannot be made: {done.stderr.strip().splitlines()[-1]}")
    return {course.notebooks / "API.md": done.stdout}


def page() -> str:
    """The whole page. Raises LookupError for a name without a docstring."""
    from handmade import client, l11_core, server

    made: dict[str, Callable[[], str]] = {name: partial(members, name) for name in official.CLASSES}
    made |= {
        "io": partial(described, client, {"io": "io"}, ""),
        "errors": errors,
        "events": events,
        "reasons": reasons,
        "server_options": partial(options, server.ServerOptions, server.Server.options_type),
        "client_options": partial(options, client.ClientOptions, l11_core.Options),
        "recovery": recovery,
        "missing": lambda: ", ".join(f"`{name}`" for name in official.MISSING.values()),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: made[found[1]](), TEXT.read_text("utf-8"))


def table(head: str, rows: Iterable[Iterable[str]]) -> str:
    """A table of Markdown; `head` names the columns, with bars between them."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([f"| {head} |", "|" + "---|" * (head.count("|") + 1), *lines])


def members(name: str) -> str:
    """The methods and properties of a class, then its attributes."""
    import handmade

    kind, names = official.CLASSES[name]
    attributes = official.ATTRIBUTES.get(name, [])
    rows = [(f"`{ours}`", f"`{kind}.{theirs}`", words) for ours, theirs, words in attributes]
    return described(getattr(handmade, name), names, f"{kind}.", rows)


def described(
    owner: Any, names: dict[str, str], prefix: str, more: Iterable[tuple[str, str, str]] = ()
) -> str:
    """A row for each of the names that `owner` has."""
    rows = [
        (f"`{signature(owner, name)}`", f"`{prefix}{theirs}`" if theirs else "", sentence(owner, name))
        for name, theirs in names.items()
    ]
    return table("Python | JavaScript | what it does", [*rows, *more])


def signature(owner: Any, name: str) -> str:
    """A call as one writes it, without types."""
    member = getattr(owner, name)
    if isinstance(member, property):
        return name
    parameters = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in inspect.signature(member).parameters.values()
        if parameter.name != "self"
    ]
    return f"{keyword(member)}{name}{inspect.Signature(parameters)}"


def keyword(member: Any) -> str:
    """What stands before a call."""
    if inspect.iscoroutinefunction(member):
        return "await "
    return "async with " if inspect.isasyncgenfunction(inspect.unwrap(member)) else ""


def sentence(owner: Any, name: str) -> str:
    """The first paragraph of a docstring, in one line. Raises LookupError if there is none."""
    words = inspect.getdoc(getattr(owner, name))
    if not words:
        raise LookupError(f"{owner.__name__}.{name} is public and has no docstring.")
    return " ".join(words.partition("\n\n")[0].split())


def errors() -> str:
    """What is raised, and what it knows."""
    import handmade

    rows = [
        (
            "`ConnectError(message, data=None)`",
            "`next(error)`, `error.data`",
            sentence(handmade, "ConnectError"),
        ),
        ("`Incomplete`", "`error.responses`", sentence(handmade, "Incomplete")),
    ]
    return table("Python | JavaScript | what it is", rows)


def events() -> str:
    """The events that nobody emits."""
    rows = [
        (f"`{name}`", who, f"`{what}`" if what else "", words) for who, name, what, words in official.EVENTS
    ]
    return table("event | of | with | when", rows)


def reasons() -> str:
    """Why a socket has ended."""
    return table(
        "at the | reason | when", [(end, f"`{name}`", words) for end, name, words in official.REASONS]
    )


def options(written: type[Any], kept: type[Any]) -> str:
    """The settings: their names, defaults and meanings."""
    defaults = {field.name: field.default for field in fields(kept)}
    rows = [
        (f"`{name}`", f"`{defaults[name]!r}`", f"`{theirs}`" if theirs else "", hint.__metadata__[0])
        for name, hint in get_type_hints(written, include_extras=True).items()
        for theirs in [official.OPTIONS.get(name, "")]
        if defaults[name] is not NO_DEFAULT
    ]
    return table("Python | default | JavaScript | what it is", rows)


def recovery() -> str:
    """What a Recovery says: names, defaults and meanings."""
    import handmade

    defaults = {field.name: field.default for field in fields(handmade.Recovery)}
    rows = [
        (
            f"`{name}`",
            "random" if defaults[name] is NO_DEFAULT else f"`{defaults[name]!r}`",
            f"`{theirs}`" if theirs else "",
            words,
        )
        for name, (theirs, words) in official.RECOVERY.items()
    ]
    return table("Python | default | JavaScript | what it is", rows)
