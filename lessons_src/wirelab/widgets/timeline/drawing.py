"""The timeline as a static picture, without times: how everyone stood after each order."""

from __future__ import annotations

from dataclasses import dataclass

from wirelab.clients import State
from wirelab.look.palette import STATES, TROUBLE_LIGHT
from wirelab.look.picture import Picture
from wirelab.look.svg import INK, PAPER, QUIET, RULE, SHADE, WIDTH, box, sheet, words
from wirelab.widgets.timeline.ends import Plug, Process
from wirelab.widgets.timeline.party import ABSENT
from wirelab.widgets.timeline.recording import CABLE, COMPUTED, SERVER, Entry, Recording

MOST_ORDERS = 9
"""So many fit; of more, the last are drawn."""
_NAMES, _COUNTS, _ROW, _TOP, _FOOT = 170, 168, 34, 112, 26
_LEGEND = "● connected, up   ◔ coming back   ●? believes in its connection   ✗ gone, down   ‖ frozen"


@dataclass(frozen=True, slots=True)
class Look:
    """How a state is drawn; the sign tells it apart without colour."""

    sign: str
    words: str
    colour: str


GOOD, WAITS, GONE, ICE = (STATES[state] for state in ("good", "wait", "bad", "ice"))
BELIEVES = Look("●?", "believes", PAPER)
LOOKS = {
    State.CONNECTED: Look("●", "connected", GOOD),
    State.WAITING: Look("◔", "coming back", WAITS),
    State.TRYING: Look("◔", "coming back", WAITS),
    State.DOWN: Look("✗", "gone", GONE),
    State.GIVEN_UP: Look("✗", "given up", GONE),
    State.IDLE: Look("○", "not connected", SHADE),
    ABSENT: Look("–", "not here", SHADE),
    Process.UP: Look("●", "up", GOOD),
    Process.FROZEN: Look("‖", "frozen", ICE),
    Process.DOWN: Look("✗", "down", GONE),
    Plug.IN: Look("●", "plugged in", GOOD),
    Plug.PULLED: Look("✗", "pulled", GONE),
}
_NOT_HERE = LOOKS[ABSENT]


@dataclass(frozen=True, slots=True)
class Row:
    """A lane: how it stood after each order, and what became of its messages."""

    name: str
    about: str
    looks: list[Look]
    counts: str


def draw(recording: Recording) -> Picture:
    """What was recorded, with its text alternative."""
    orders = [order.kind for order, _ in recording.periods()][-MOST_ORDERS:]
    drawn = rows(recording)
    parameters = [f"{name} {_in_units(name, value)}" for name, value in recording.parameters.items()]
    lines = ["Who comes back? How everyone stood after each order: " + ", ".join(orders) + "."]
    lines += [
        f"{row.name}: {', '.join(look.words for look in row.looks)}{row.counts and '; '}{row.counts}"
        for row in drawn
    ]
    lines.append(f"{' · '.join(parameters)}.")
    return Picture(_svg(orders, drawn, parameters), "\n".join(lines))


def rows(recording: Recording) -> list[Row]:
    """The lanes that are the same in every run; when attempts come is another matter each time."""
    ends = [end for _, end in recording.periods()][-MOST_ORDERS:]
    return [
        Row(
            lane.name,
            lane.about,
            [_look(recording, lane.key, end) for end in ends],
            _counts(recording.last(lane.key)),
        )
        for lane in recording.lanes
        if lane.key != COMPUTED
    ]


def _look(recording: Recording, lane: str, end: int) -> Look:
    entry = recording.last(lane, end)
    if entry is None:
        return _NOT_HERE
    server, cable = recording.last(SERVER, end), recording.last(CABLE, end)
    broken = (server and server.state != Process.UP) or (cable and cable.state == Plug.PULLED)
    return BELIEVES if broken and entry.state == State.CONNECTED else LOOKS[entry.state]


def _counts(entry: Entry | None) -> str:
    if entry is None:
        return ""
    numbers = {name: getattr(entry, name) for name in ("sent", "echoed", "kept", "refused")}
    return " · ".join(f"{name} {number}" for name, number in numbers.items() if number)


def _svg(orders: list[str], drawn: list[Row], parameters: list[str]) -> str:
    column = (WIDTH - 32 - _NAMES - _COUNTS) / max(len(orders), 1)
    parts = [
        words(16, 28, "Who comes back?", weight="600"),
        words(WIDTH - 16, 28, "Run this notebook in JupyterLab to break things.", anchor="end", ink=QUIET),
        words(16, 48, " · ".join(parameters[:4]), ink=QUIET, size=11),
        words(16, 64, " · ".join(parameters[4:]), ink=QUIET, size=11),
    ]
    for place, order in enumerate(orders):
        x = 16 + _NAMES + place * column
        parts.append(
            f"<path d='M{x:g} 80V{_TOP + _ROW * len(drawn)}' stroke='{QUIET}' stroke-dasharray='1 3'/>"
        )
        parts.append(words(x + 4, 97, order, weight="600", size=12))
    for number, row in enumerate(drawn):
        y = _TOP + number * _ROW
        parts.append(f"<path d='M0 {y - 6}h{WIDTH}' stroke='{RULE}'/>")
        parts += [
            words(16, y + 8, row.name, weight="600"),
            words(16, y + 22, row.about, ink=QUIET, size=10.5),
        ]
        for place, look in enumerate(row.looks):
            parts += _cell(16 + _NAMES + place * column, y, column, look)
        parts.append(words(16 + _NAMES + len(orders) * column + 8, y + 14, row.counts, size=11))
    bottom = _TOP + _ROW * len(drawn)
    parts.append(f"<path d='M0 {bottom - 6}h{WIDTH}' stroke='{RULE}'/>")
    parts.append(words(16, bottom + 12, _LEGEND, ink=QUIET, size=11.5))
    return sheet(bottom + _FOOT, parts)


def _in_units(name: str, value: float | str) -> str:
    """As the page has it: delays in milliseconds, a factor as a number."""
    if isinstance(value, str) or name == "randomizationFactor":
        return f"{value:g}" if isinstance(value, float) else str(value)
    return f"{value * 1000:.0f} ms"


def _cell(x: float, y: float, width: float, look: Look) -> list[str]:
    roomy = width >= 18 + 7 * len(look.words)
    ink = TROUBLE_LIGHT if look is BELIEVES else INK
    text = f"{look.sign} {look.words}" if roomy else look.sign
    return [
        box(x + 1, y, width - 2, 20, look.colour, radius=3),
        words(x + 7, y + 14, text, ink=ink, size=11.5),
    ]
