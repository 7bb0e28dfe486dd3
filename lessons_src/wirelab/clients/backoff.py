"""How long a client waits before it tries again: the formulas, to be compared and handed in.

A formula takes the number of the attempt (1: the first after the connection was lost, as `Event.attempt`
counts) and a random number in [0, 1), and gives seconds. The same random number for two formulas shows what
one of them does differently.
"""

from __future__ import annotations

import math
from collections.abc import Callable

Formula = Callable[[int, float], float]

DELAY, DELAY_MAX, RANDOMIZATION_FACTOR = 1.0, 5.0, 0.5
"""What Socket.IO's clients take if they are told nothing; seconds, seconds, a factor."""


DOUBLINGS = 500
"""Some more, and the number would be infinite."""


def _doubled(delay: float, attempt: int) -> float:
    """Seconds, twice as many for each attempt after the first."""
    return float(delay * 2.0 ** min(attempt - 1, DOUBLINGS))


def without_jitter(delay: float = DELAY, delay_max: float = DELAY_MAX) -> Formula:
    """Twice as long after each failure, up to `delay_max`: what the official client does with factor 0."""

    def formula(attempt: int, random: float) -> float:
        return min(_doubled(delay, attempt), delay_max)

    return formula


def official(
    delay: float = DELAY,
    delay_max: float = DELAY_MAX,
    randomization_factor: float = RANDOMIZATION_FACTOR,
) -> Formula:
    """The official client's (socket.io-client 4.8, contrib/backo2): milliseconds, and the cap comes last.

    One random number says how far to go, and its first decimal digit in which direction. From the attempt on
    at which its number is infinite (1,016, for a delay of 1 s) the official client waits not at all where the
    direction is down; this formula does not follow it there.
    """

    def formula(attempt: int, random: float) -> float:
        milliseconds = 1000 * _doubled(delay, attempt)
        deviation = math.floor(random * randomization_factor * milliseconds)
        longer = math.floor(random * 10) % 2 == 1
        return math.floor(min(milliseconds + (deviation if longer else -deviation), delay_max * 1000)) / 1000

    return formula


def python_socketio(
    delay: float = DELAY,
    delay_max: float = DELAY_MAX,
    randomization_factor: float = RANDOMIZATION_FACTOR,
) -> Formula:
    """That of python-socketio 5.18: the factor is in seconds, and is added after the cap."""

    def formula(attempt: int, random: float) -> float:
        return min(_doubled(delay, attempt), delay_max) + randomization_factor * (2 * random - 1)

    return formula


def full_jitter(delay: float = DELAY, delay_max: float = DELAY_MAX) -> Formula:
    """Anything between nothing and the delay without jitter, whether the cap is reached or not."""

    def formula(attempt: int, random: float) -> float:
        return random * min(_doubled(delay, attempt), delay_max)

    return formula
