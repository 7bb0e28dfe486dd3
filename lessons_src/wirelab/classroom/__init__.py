"""The class: the chat, the board of lesson 14 and the outages of lesson 11, for the phones of a whole room.

    from wirelab import classroom

    room = await classroom.open(pupils=30)   # from now on the room can reach this machine
    room                                     # the address, a code, a QR code, who is there, the buttons
    await room.press("kill")                 # what the buttons do: "freeze", "thaw", "restart", "close"
    await room.say("Who hears this?", "gold")

Nothing else in the course listens to anybody but this machine. `open` binds one port of one address, and
nobody comes in without the code. A server in a process of its own serves the pupils' page and the official
JavaScript client, from this machine alone: pupils need no install and no internet. Closing the class, or the
end of the kernel, ends that process, and with it the port. A cell that opens the class and is run again sends
nobody home.

What comes over the wire is bounded (`Limits`): pupils, connections and strangers for each address, the bytes
of a message, the messages of a second, what is kept for somebody who does not read. The code stands behind
the `#` of the address, which a browser keeps to itself: no proxy's log and no Referer has it. The line is
plain HTTP all the same: who can listen to the Wi-Fi can read along.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wirelab.classroom.network import addresses

if TYPE_CHECKING:
    from wirelab.classroom.widget import Classroom

__all__ = ["addresses", "open"]
NAME = "the class"
"""Its name on the bench."""
_latest: Classroom | None = None


async def open(pupils: int = 30, address: str | None = None, **limits: float) -> Classroom:
    """Open the class to the room, on `address`, one of `addresses()`; None is the likeliest.

    "127.0.0.1" is a class to which nobody can come but from this machine. `limits` are those of
    `wirelab.classroom.limits.Limits`. A class that is open there already stays open, with its code; other
    limits restart its server, and all come back to it. Raises ValueError for an address or a number that
    cannot be, ConnectionError if this machine is in no network or the address is not its own.
    """
    global _latest
    from wirelab import bench  # here, because the server's process needs none of it
    from wirelab.classroom.limits import Limits
    from wirelab.classroom.widget import Classroom

    settings = Limits(pupils=pupils, **limits)  # type: ignore[arg-type]
    if _latest is not None and await _latest.stays_open(settings, address):
        return _latest
    opened: Classroom = await bench.start(NAME, Classroom(settings, address))
    _latest = opened
    return opened
