"""A trace in a file, a JSON object a line: written after the fact, and read to be seen again."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from wirelab.trace import Act, Deed, Direction, Event, Leg, Record, Trace

_FORMAT = "wirelab trace 1"


def write(trace: Trace, path: str | Path) -> None:
    """Write all that is still known of a trace to the file at `path`, which is replaced."""
    with Path(path).open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in dumps(trace))


def dumps(trace: Trace) -> list[str]:
    """The lines of such a file."""
    return [json.dumps(line, ensure_ascii=False, separators=(",", ":")) for line in _lines(trace)]


def read(path: str | Path) -> Trace:
    """The trace in the file at `path`. Raises ValueError, with the line's number, for what is none."""
    with Path(path).open(encoding="utf-8") as file:
        trace = loads(file, str(path))
    if not trace.server_names and not len(trace) and not trace.deeds and not Path(path).stat().st_size:
        raise ValueError(f"{path} is empty; a recorded trace begins with a line that names its format.")
    return trace


def loads(lines: Iterable[str], name: str = "the recording") -> Trace:
    """The trace in such lines. Raises ValueError, with the line's number, for what is none."""
    trace = Trace()
    for number, line in enumerate(lines, 1):
        try:
            _take(trace, json.loads(line), number)
        except (KeyError, TypeError, AttributeError, ValueError) as problem:
            raise ValueError(
                f"Line {number} of {name} is no line of a recorded trace ({problem!r}). "
                f"Such files are written by wirelab.recording.write."
            ) from None
    return trace


def _lines(trace: Trace) -> Iterator[dict[str, Any]]:
    yield {"format": _FORMAT, "servers": {str(port): name for port, name in trace.server_names.items()}}
    deeds = deque(trace.deeds)
    for index, record in enumerate(trace):
        while deeds and deeds[0].after <= index:
            yield _deed_line(deeds.popleft())
        yield _record_line(record)
    yield from map(_deed_line, deeds)


def _record_line(record: Record) -> dict[str, Any]:
    line: dict[str, Any] = {
        "flow": record.flow,
        "leg": record.leg,
        "direction": record.direction,
        "event": record.event,
        "time": record.time,
    }
    if record.data:
        line["data"] = b64encode(record.data).decode()
    for name in ("server", "by", "lost"):
        if value := getattr(record, name):
            line[name] = value
    if record.source >= 0:
        line["source"] = record.source
    return line


def _deed_line(deed: Deed) -> dict[str, Any]:
    line: dict[str, Any] = {"act": deed.act, "rule": deed.rule, "title": deed.title, "time": deed.time}
    if deed.flow:
        line |= {"flow": deed.flow, "direction": deed.direction, "event": deed.event}
        line |= {"begin": deed.begin, "end": deed.end, "changes": list(deed.changes)}
    return line


def _take(trace: Trace, line: dict[str, Any], number: int) -> None:
    if number == 1:
        if line["format"] != _FORMAT:
            raise ValueError(f"the format is {line['format']!r}, not {_FORMAT!r}")
        trace.server_names.update({int(port): name for port, name in line["servers"].items()})
    elif "act" in line:
        trace.note(_deed(line, len(trace)))
    else:
        trace.append(_record(line))


def _record(line: dict[str, Any]) -> Record:
    return Record(
        int(line["flow"]),
        Leg(line["leg"]),
        Direction(line["direction"]),
        Event(line["event"]),
        float(line["time"]),
        b64decode(line.get("data", ""), validate=True),
        int(line.get("server", 0)),
        int(line.get("source", -1)),
        str(line.get("by", "")),
        int(line.get("lost", 0)),
    )


def _deed(line: dict[str, Any], after: int) -> Deed:
    act, rule, title, time = Act(line["act"]), str(line["rule"]), str(line["title"]), float(line["time"])
    if "flow" not in line:
        return Deed(act, rule, title, time, after)
    return Deed(
        act,
        rule,
        title,
        time,
        after,
        int(line["flow"]),
        Direction(line["direction"]),
        Event(line["event"]),
        int(line["begin"]),
        int(line["end"]),
        tuple(str(change) for change in line["changes"]),
    )
