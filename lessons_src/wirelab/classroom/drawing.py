"""The class as a static picture: what a saved notebook keeps has neither address nor code nor names."""

from __future__ import annotations

from wirelab.classroom.model import Class
from wirelab.look.picture import Picture
from wirelab.look.svg import QUIET, sheet, words

_TITLE = "The class"
_LINES = (
    "One call opens the chat, the board of lesson 14 and the outages of lesson 11 to the phones in the room.",
    "Run the cell to open it: here stand then the address, a code and a QR code, and who is there.",
    "None of these is kept in the notebook.",
)


def draw(model: Class) -> Picture:
    """A picture that says what would be here."""
    pupils = f"{_TITLE}, for at most {model.limits.pupils}"
    lines = [words(16, 54 + 22 * number, line, ink=QUIET) for number, line in enumerate(_LINES)]
    svg = sheet(120, [words(16, 28, pupils, weight="600"), *lines])
    return Picture(svg, "\n".join([pupils, *_LINES]))
