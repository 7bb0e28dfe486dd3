"""The frame inspector as a static picture: the figure of RFC 6455 section 5.2 with this frame's bits."""

from __future__ import annotations

from wirelab.decode.text import shorten
from wirelab.look.palette import TROUBLE_LIGHT
from wirelab.look.picture import Picture
from wirelab.look.svg import INK, MONO, QUIET, SHADE, sheet, words
from wirelab.widgets.frame_inspector.figure import Field
from wirelab.widgets.frame_inspector.model import Inspector, Mark, Reading

COLUMNS, CELL, LEFT, LETTERS = 32, 25, 30, 112
_TOP, _LABEL, _TALL_LABEL, _BIT, _BYTE = 66, 20, 62, 26, 24


def draw(model: Inspector) -> Picture:
    """The frame as it is now, with its text alternative."""
    reading = model.read()
    return Picture(_svg(model, reading), _in_words(model, reading))


def _lines(model: Inspector, reading: Reading) -> list[str]:
    more = f"The first {model.shown} bytes are drawn, {model.hidden:,} more follow." if model.hidden else ""
    flipped = f"▲ marks {len(model.flipped)} flipped." if model.flipped else ""
    return [line for line in (more, flipped, f"{reading.mark} {reading.verdict}", reading.after) if line]


def _title(model: Inspector) -> str:
    return f"One WebSocket frame from a {model.settings.sender}, {len(model.frame):,} bytes, bit by bit"


def _in_words(model: Inspector, reading: Reading) -> str:
    bits = model.bits
    rows = []
    for field in model.fields():
        groups = (bits[at : min(at + 8, field.stop)] for at in range(field.start, field.stop, 8))
        rows.append(f"{field.name:<24}{' '.join(groups)}")
    octets = "Bytes in hexadecimal:   " + model.frame[: model.shown].hex(" ")
    return "\n".join([f"{_title(model)}.", *rows, octets, *_lines(model, reading)])


def _svg(model: Inspector, reading: Reading) -> str:
    wrong = {node.name for node in reading.nodes if node.error}
    captions = model.captions(reading)
    parts = [
        words(LEFT, 30, _title(model), weight="600"),
        words(LEFT, 50, "Run this notebook in JupyterLab to type a message and flip bits.", ink=QUIET),
    ]
    y = _TOP
    for first in range(0, len(model.bits), COLUMNS):
        boxes = [
            Field(field.name, max(field.start, first), min(field.stop, first + COLUMNS))
            for field in model.fields()
            if field.start < first + COLUMNS and field.stop > first
        ]
        label = _TALL_LABEL if any(box.stop - box.start == 1 for box in boxes) else _LABEL
        for box in boxes:
            parts += _box(model, box, y, label, box.name in wrong)
        y += label + _BIT
        for place in range(first // 8, min(len(captions), (first + COLUMNS) // 8)):
            middle = LEFT + (place * 8 % COLUMNS + 4) * CELL
            parts.append(words(middle, y + 17, captions[place], anchor="middle", font=MONO, ink=QUIET))
        y += _BYTE + 6
    for line in _lines(model, reading):
        y += 22
        ink = TROUBLE_LIGHT if line.startswith(Mark.WRONG) else INK
        parts.append(words(LEFT, y, shorten(line, LETTERS), ink=ink))
    return sheet(y + 18, parts)


def _box(model: Inspector, box: Field, y: int, label: int, wrong: bool) -> list[str]:
    left, wide = LEFT + box.start % COLUMNS * CELL, (box.stop - box.start) * CELL
    name, ink = (f"✗ {box.name}", TROUBLE_LIGHT) if wrong else (box.name, INK)
    parts = [f"<rect x='{left}' y='{y + label}' width='{wide}' height='{_BIT}' fill='{SHADE}'/>"]
    if wide == CELL:
        turn = f" transform='rotate(-90 {left + 16} {y + label - 6})'"
        parts.append(words(left + 16, y + label - 6, name, ink=ink, more=turn))
    else:
        parts.append(words(left + wide / 2, y + label - 6, name, anchor="middle", ink=ink))
    for bit in range(box.start, box.stop):
        x, flipped = left + (bit - box.start + 0.5) * CELL, bit in model.flipped
        weight = "700" if flipped else "400"
        parts.append(words(x, y + label + 17, model.bits[bit], anchor="middle", font=MONO, weight=weight))
        if flipped:
            parts.append(f"<path d='M{x:g} {y + label + 20}l4 5h-8z' fill='{INK}'/>")
    parts.append(
        f"<rect x='{left}' y='{y}' width='{wide}' height='{label + _BIT}' fill='none' "
        f"stroke='{TROUBLE_LIGHT if wrong else QUIET}' stroke-width='{2 if wrong else 1}'/>"
    )
    return parts
