"""What a client is told about coming back, and what else the picture depends on."""

from __future__ import annotations

from dataclasses import dataclass, replace

from wirelab.clients import Options
from wirelab.clients.backoff import DELAY, DELAY_MAX, RANDOMIZATION_FACTOR, Formula, without_jitter

PING_INTERVAL, PING_TIMEOUT = 1.0, 1.0
"""Seconds: the server's. Socket.IO's own are 25 and 20, too long to look at."""
TIMEOUT = 2.0
"""Seconds for one attempt, for every client. The official client's own is 20."""
RANGES = {
    "reconnectionDelay": (0.1, 4.0, 0.1),
    "reconnectionDelayMax": (0.5, 10.0, 0.5),
    "randomizationFactor": (0.0, 1.0, 0.1),
}
"""For each slider the least, the most and the step; delays in seconds."""
_FIELDS = {
    "reconnectionDelay": "delay",
    "reconnectionDelayMax": "delay_max",
    "randomizationFactor": "randomization_factor",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """The three that can be chosen: seconds, seconds, a factor between 0 and 1."""

    delay: float = DELAY
    delay_max: float = DELAY_MAX
    randomization_factor: float = RANDOMIZATION_FACTOR

    def __post_init__(self) -> None:
        for name, value in self.named().items():
            least, most, _ = RANGES[name]
            if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
                raise ValueError(f"{name} is a number from {least:g} to {most:g}, not {value!r}.")

    def named(self) -> dict[str, float]:
        """Under the names of the official client."""
        return {name: getattr(self, field) for name, field in _FIELDS.items()}

    def changed(self, name: str, value: float) -> Settings:
        """With one of them changed. Raises ValueError for a name or a value that there is not."""
        if name not in _FIELDS:
            raise ValueError(f"There is no parameter {name!r}. Choose one of: {', '.join(_FIELDS)}.")
        return replace(self, **{_FIELDS[name]: value})

    def options(self) -> Options:
        """For a client that comes back."""
        return Options(
            timeout=TIMEOUT,
            reconnection_delay=self.delay,
            reconnection_delay_max=self.delay_max,
            randomization_factor=self.randomization_factor,
        )

    def unjittered(self) -> Formula:
        """The delays that they would give without jitter."""
        return without_jitter(self.delay, self.delay_max)

    def in_sight(self) -> dict[str, float | str]:
        """Every parameter on which the picture depends, in seconds or as a factor."""
        return {
            **self.named(),
            "reconnectionAttempts": "∞",
            "timeout": TIMEOUT,
            "pingInterval": PING_INTERVAL,
            "pingTimeout": PING_TIMEOUT,
        }
