"""The addresses of this machine under which the room can reach it."""

from __future__ import annotations

import ipaddress
import socket

import psutil  # type: ignore[import-untyped]

from wirelab.address import HOST

_ELSEWHERE = "192.0.2.1"
"""An address that nobody has (RFC 5737): no packet goes there, it only asks which way would be taken."""


def addresses() -> list[str]:
    """The IPv4 addresses of this machine in its networks, the likeliest first; without a network none."""
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    found = [
        each.address
        for name, all_of_it in psutil.net_if_addrs().items()
        if name in up
        for each in all_of_it
        if each.family == socket.AF_INET
    ]
    usual = _usual()
    others = [each for each in found if _is_for_others(each)]
    return sorted(others, key=lambda address: (_is_public(address), address != usual))


def choose(address: str | None) -> str:
    """The address to listen on: the one wanted, else the likeliest. Raises ValueError, ConnectionError.

    Nobody opens a class to the whole internet by accident: a public address has to be named.
    """
    if address is None:
        known = addresses()
        if known and _is_public(known[0]):
            raise ConnectionError(
                f"{known[0]}, the address of this machine, is a public one: the whole internet may reach it. "
                f'If you want that: classroom.open(address="{known[0]}").'
            )
        if not known:
            raise ConnectionError(
                "This machine is in no network, so nobody could come. Join the Wi-Fi of the room first; to "
                f'try the class alone: classroom.open(address="{HOST}").'
            )
        return known[0]
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        parsed = None
    if parsed is None or parsed.version != 4 or parsed.is_unspecified:
        raise ValueError(
            f"{address!r} is no address of this machine. Choose one of: {', '.join([*addresses(), HOST])}."
        )
    return address


def _usual() -> str:
    """The address from which this machine speaks to the rest of the world."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect((_ELSEWHERE, 9))
        except OSError:
            return ""
        return str(asking.getsockname()[0])


def _is_public(address: str) -> bool:
    return ipaddress.ip_address(address).is_global


def _is_for_others(address: str) -> bool:
    parsed = ipaddress.ip_address(address)
    return not (parsed.is_loopback or parsed.is_link_local or parsed.is_unspecified)
