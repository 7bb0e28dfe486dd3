"""A row of the table, and a short way to write one for each product."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from wirelab.middlebox import Rule

Client = Literal["ws", "js", "py", "chromium"]
Product = Literal["nginx", "haproxy", "tinyproxy", "squid", "iptables", "conntrack"]


@dataclass(frozen=True)
class Ports:
    """What stands behind the middlebox of one job."""

    up: int
    other: int
    dead: int


@dataclass(frozen=True, eq=False)
class Scenario:
    """One row: `config` for the product (with {up}, {other}, {dead}, {port}), `rules` for the middlebox."""

    name: str
    product: Product
    config: str
    rules: Callable[[Ports], list[Rule]]
    clients: Sequence[Client] = ("ws", "js", "py", "chromium")
    transports: Sequence[str] = ("polling", "websocket")
    brisk: bool = False
    """The Socket.IO server sends its pings each 0.5 s and waits 0.7 s."""
    ping: float | None = None
    """Seconds between the pings of `websockets`."""
    size: int = 5
    watch: float = 1.2
    """Seconds for which a connection is looked at after its echo."""
    speak: float = 0
    """Seconds after which raw clients send again; 0: never."""
    live: bool = False
    """The rules are laid when the echo has come back."""
    proxied: bool = False
    login: str = ""
    unlike: Sequence[str] = ()
    """What is known to differ, and not compared."""
    upstream: str = ""
    """nginx: what stands in the `upstream` block of a balancer."""

    def __str__(self) -> str:
        return self.name


NO_RST = "! --tcp-flags RST RST"


def nginx(name: str, config: str, rules: Callable[[Ports], list[Rule]], **more: object) -> Scenario:
    return Scenario(f"nginx, {name}", "nginx", config, rules, **more)  # type: ignore[arg-type]


def haproxy(name: str, config: str, rules: Callable[[Ports], list[Rule]], **more: object) -> Scenario:
    return Scenario(f"HAProxy, {name}", "haproxy", config, rules, **more)  # type: ignore[arg-type]


def iptables(name: str, matches: str, rule: Callable[[], Rule], **more: object) -> Scenario:
    commands = "\n".join(f"iptables -w -A INPUT -p tcp {line}" for line in matches.splitlines())
    return Scenario(f"iptables, {name}", "iptables", commands, lambda _: [rule()], **more)  # type: ignore[arg-type]


def conntrack(name: str, target: str, rule: Callable[[], Rule], **more: object) -> Scenario:
    invalid = f"{NO_RST} -m conntrack --ctstate INVALID -j {target}"
    matches = f"--dport {{port}} {invalid}\n--sport {{port}} {invalid}"
    return replace(iptables(name, matches, rule, **more), product="conntrack")
