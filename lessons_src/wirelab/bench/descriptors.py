"""How many files and connections this process may have open: as many as the system lets it, and why no more.

A client that talks through a middlebox takes four: both ends of two connections are in the kernel.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import sys

WANTED = 65_536


def raise_limit() -> None:
    """Raise this process's limit, and so that of its children, as far as the system allows without root."""
    if sys.platform == "win32":  # which has none
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # macOS calls its hard limit infinite and then refuses more than kern.maxfilesperproc.
    for most in (WANTED, 10_240):
        wanted = most if hard == resource.RLIM_INFINITY else min(most, hard)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
                return


def require_one() -> None:
    """Raise OSError with the advice if there is none left: asyncio would start a server without a socket."""
    try:
        socket.socket().close()
    except OSError as error:
        raise OSError(error.errno, advice(error) or error.strerror) from None


def advice(error: BaseException | None) -> str:
    """What to do, if an error says that no descriptor is left; else nothing."""
    if not isinstance(error, OSError) or error.errno not in (errno.EMFILE, errno.ENFILE):
        return ""
    return (
        "As many files and connections are open as this system allows. Stop what you do not need "
        "(await bench.stop_all()), or allow more in the terminal (ulimit -n 65536) "
        "and start the course there."
    )
