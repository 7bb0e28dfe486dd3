"""What is measured: one client before one middlebox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from proxies.scenario import Client, Scenario

Seen = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """One client before one middlebox."""

    scenario: Scenario
    client: Client
    side: str

    @property
    def id(self) -> str:
        return f"{self.scenario.name}|{self.client}|{self.side}".replace(" ", "_")

    @property
    def world(self) -> str:
        """The network in which it happens."""
        inside = self.side == "product" and self.scenario.product in ("iptables", "conntrack")
        return self.scenario.product if inside else "host"
