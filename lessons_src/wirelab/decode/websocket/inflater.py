"""permessage-deflate (RFC 7692)."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

_TAIL = b"\x00\x00\xff\xff"
_INFLATE_LIMIT = 16 * 1024 * 1024


class Inflater:
    """One direction of permessage-deflate (RFC 7692 section 7.2.2)."""

    def __init__(self, parameters: Mapping[str, str | None], side: str) -> None:
        """`parameters` as agreed in the handshake; `side` is "client" or "server", whoever compresses."""
        bits = parameters.get(f"{side}_max_window_bits") or ""
        self._bits = int(bits) if bits in {str(number) for number in range(8, 16)} else 15
        self._forgets = f"{side}_no_context_takeover" in parameters
        self._inflate = zlib.decompressobj(-self._bits)
        self._lost = False

    def lose(self) -> None:
        """A compressed message was too long to be inflated: what refers back to it cannot be read either."""
        self._lost = not self._forgets

    def inflate(self, data: bytes, last: bool) -> bytes:
        """One frame's part of a message; raises zlib.error, after which the next message starts afresh."""
        try:
            if self._lost:
                raise zlib.error("it refers to a message that was too long to be kept")
            found = self._inflate.decompress(data + _TAIL if last else data, _INFLATE_LIMIT)
            if self._inflate.unconsumed_tail:
                raise zlib.error("more than 16 MiB")
        except zlib.error:
            self._inflate = zlib.decompressobj(-self._bits)
            raise
        if self._inflate.eof or (last and self._forgets):
            self._inflate = zlib.decompressobj(-self._bits)
        return found
