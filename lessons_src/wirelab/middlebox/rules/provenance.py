"""Where bytes come from, while they go along the chain of a flow's handlers."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple


class Piece(NamedTuple):
    """So many bytes: as they came in at `source` (counted from the stream's begin), or made by the rule `by`.

    Bytes that were put in the place of others have a rule and a source; those made from nothing have -1.
    """

    size: int
    source: int
    by: str = ""


class Pending:
    """What has come to a handler in one direction, and was not yet handed on, dropped or changed."""

    def __init__(self) -> None:
        self._pieces: deque[Piece] = deque()
        self.size = 0

    def put(self, pieces: Iterable[Piece]) -> None:
        """Add what has come."""
        for piece in pieces:
            self.size += piece.size
            last = self._pieces[-1] if self._pieces else None
            if last and not last.by and not piece.by and last.source + last.size == piece.source:
                self._pieces[-1] = Piece(last.size + piece.size, last.source)
            else:
                self._pieces.append(piece)

    def take(self, size: int) -> list[Piece]:
        """Remove so many bytes from the front, or as many as there are."""
        taken = []
        while size > 0 and self._pieces:
            piece = self._pieces.popleft()
            if piece.size > size:
                self._pieces.appendleft(_rest(piece, size))
                piece = piece._replace(size=size)
            taken.append(piece)
            size -= piece.size
            self.size -= piece.size
        return taken

    def look(self, start: int, size: int) -> list[Piece]:
        """So many bytes from `start` on, without removing them."""
        seen = []
        for piece in self._pieces:
            if size <= 0:
                break
            if start < piece.size:
                part = _rest(piece, start) if start else piece
                part = part._replace(size=min(part.size, size))
                seen.append(part)
                size -= part.size
            start = max(0, start - piece.size)
        return seen


def _rest(piece: Piece, start: int) -> Piece:
    source = piece.source if piece.by else piece.source + start
    return Piece(piece.size - start, source, piece.by)


def came_in(pieces: Iterable[Piece]) -> list[tuple[int, int]]:
    """The ranges of the incoming stream that the pieces are, or stand for; neighbours are joined."""
    ranges: list[tuple[int, int]] = []
    for piece in pieces:
        if piece.source < 0:
            continue
        begin, end = piece.source, piece.source + (1 if piece.by else piece.size)
        if ranges and ranges[-1][1] == begin:
            ranges[-1] = ranges[-1][0], end
        else:
            ranges.append((begin, end))
    return ranges
