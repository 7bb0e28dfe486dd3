"""Names and texts that pupils write: text and nothing else, within bounds; the code by which they come in."""

from __future__ import annotations

import secrets
import unicodedata
from hmac import compare_digest

_JOINER = "\u200d"
"""Holds pictures together that consist of several, as families do."""
_MARKS_IN_A_ROW = 3
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Those that nobody takes for one another on a projector."""
_CODE_LENGTH = 10
RESERVED = ("teacher", "the teacher", "server", "the server")


class Refused(ValueError):
    """What a pupil wrote is not taken; the text is for the pupil."""


def clean(text: object, most: int, what: str) -> str:
    """The text in one line without what is no letter, sign or picture. Raises Refused."""
    if not isinstance(text, str):
        raise Refused(f"{what} has to be text.")
    if len(text) > 4 * most:
        raise Refused(f"{what} has at most {most} letters.")
    kept = "".join(_visible(text))
    line = " ".join(kept.split())
    if not line.replace(_JOINER, ""):
        raise Refused(f"{what} is empty.")
    if len(line) > most:
        raise Refused(f"{what} has at most {most} letters.")
    return line


def clean_name(name: object, most: int) -> str:
    """A name, in the one of its spellings that looks like it. Raises Refused."""
    line = clean(name, most, "A name")
    line = clean(unicodedata.normalize("NFKC", line), most, "A name")
    if line.casefold() in RESERVED:
        raise Refused(f"{line} is somebody else: choose another name.")
    return line


def _visible(text: str) -> list[str]:
    """Its characters, but none that only steers, as those that turn the direction; no towers of accents."""
    found, marks = [], 0
    for character in text:
        kind = unicodedata.category(character)
        marks = marks + 1 if kind.startswith("M") else 0
        if character.isspace():
            found.append(" ")
        elif (kind[0] != "C" or character == _JOINER) and marks <= _MARKS_IN_A_ROW:
            found.append(character)
    return found


def new_code() -> str:
    """A code that can be typed: ten letters and digits in two groups, 49 bits of chance."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
    return f"{letters[:5]}-{letters[5:]}"


def is_code(said: object, code: str) -> bool:
    """Whether somebody said the code, compared in a time that tells nothing of where it differs."""
    if not isinstance(said, str) or len(said) > 100:
        return False
    return compare_digest(_plain(said), _plain(code))


def _plain(code: str) -> bytes:
    """As it is compared: people type capitals, blanks and hyphens as they like."""
    return "".join(code.split()).replace("-", "").lower().encode("utf-8", "replace")
