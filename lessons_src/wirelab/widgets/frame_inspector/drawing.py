"""The frame inspector as a static picture: the figure of RFC 6455 section 5.2 with this frame's bits."""

from __future__ import annotations

from html import escape

from wirelab.widgets.frame_inspector.figure import Field
from wirelab.widgets.frame_inspector.model import Inspector, Mark, Reading
from wirelab.widgets.palette import TROUBLE_LIGHT
from wirelab.widgets.picture import Picture

WIDTH, COLUMNS, CELL, LEFT, LETTERS = 860, 32, 25, 30, 112
_TOP, _LABEL, _TALL_LABEL, _BIT, _BYTE = 66, 20, 62, 26, 24
_INK, _QUIET, _RULE, _SHADE, _PAPER = "#1f2933", "#52606d", "#c8ced6", "#eef1f5", "#ffffff"
_SANS = "system-ui, -apple-system, Segoe UI, Roboto, sans-serif"
_MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace"


def draw(model: Inspector) -> Picture:
    """The frame as it is now, with its text alternative."""
    reading = model.read()
    return Picture(_svg(model, reading), _words(model, reading))


def _lines(model: Inspector, reading: Reading) -> list[str]:
    more = f"The first {model.shown} bytes are drawn, {model.hidden:,} more follow." if model.hidden else ""
    flipped = f"▲ marks {len(model.flipped)} flipped." if model.flipped else ""
    return [line for line in (more, flipped, f"{reading.mark} {reading.verdict}", reading.after) if line]


def _title(model: Inspector) -> str:
    return f"One WebSocket frame from a {model.settings.sender}, {len(model.frame):,} bytes, bit by bit"


def _words(model: Inspector, reading: Reading) -> str:
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
        _text(LEFT, 30, _title(model), weight="600"),
        _text(LEFT, 50, "Run this notebook in JupyterLab to type a message and flip bits.", ink=_QUIET),
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
            parts.append(_text(middle, y + 17, captions[place], anchor="middle", font=_MONO, ink=_QUIET))
        y += _BYTE + 6
    for line in _lines(model, reading):
        y += 22
        cut = line if len(line) <= LETTERS else line[: LETTERS - 1] + "…"
        parts.append(_text(LEFT, y, cut, ink=TROUBLE_LIGHT if line.startswith(Mark.WRONG) else _INK))
    height = y + 18
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' width='{WIDTH}' "
        f"height='{height}' font-family='{_SANS}' font-size='13'>"
        f"<rect x='.5' y='.5' width='{WIDTH - 1}' height='{height - 1}' rx='8' fill='{_PAPER}' "
        f"stroke='{_RULE}'/>{''.join(parts)}</svg>"
    )


def _box(model: Inspector, box: Field, y: int, label: int, wrong: bool) -> list[str]:
    left, wide = LEFT + box.start % COLUMNS * CELL, (box.stop - box.start) * CELL
    name, ink = (f"✗ {box.name}", TROUBLE_LIGHT) if wrong else (box.name, _INK)
    parts = [f"<rect x='{left}' y='{y + label}' width='{wide}' height='{_BIT}' fill='{_SHADE}'/>"]
    if wide == CELL:
        turn = f" transform='rotate(-90 {left + 16} {y + label - 6})'"
        parts.append(_text(left + 16, y + label - 6, name, ink=ink, more=turn))
    else:
        parts.append(_text(left + wide / 2, y + label - 6, name, anchor="middle", ink=ink))
    for bit in range(box.start, box.stop):
        x, flipped = left + (bit - box.start + 0.5) * CELL, bit in model.flipped
        weight = "700" if flipped else "400"
        parts.append(_text(x, y + label + 17, model.bits[bit], anchor="middle", font=_MONO, weight=weight))
        if flipped:
            parts.append(f"<path d='M{x:g} {y + label + 20}l4 5h-8z' fill='{_INK}'/>")
    parts.append(
        f"<rect x='{left}' y='{y}' width='{wide}' height='{label + _BIT}' fill='none' "
        f"stroke='{TROUBLE_LIGHT if wrong else _QUIET}' stroke-width='{2 if wrong else 1}'/>"
    )
    return parts


def _text(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    weight: str = "400",
    font: str = _SANS,
    ink: str = _INK,
    more: str = "",
) -> str:
    return (
        f"<text x='{x:g}' y='{y:g}' text-anchor='{anchor}' font-weight='{weight}' font-family='{font}' "
        f"fill='{ink}'{more}>{escape(text)}</text>"
    )
