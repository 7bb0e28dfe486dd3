"""The switches: which rules there are, in which order they lie on the cable, and which go together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from wirelab.middlebox import (
    Answer,
    BadGateway,
    Blackhole,
    BlockPage,
    BufferingAntivirus,
    CaptivePortal,
    ConnectOnlyTo,
    DropAfterUpgrade,
    EmptyReply,
    ExplicitProxy,
    LoginPage,
    NoTunnel,
    ProxyLogin,
    Refuse,
    ResetAfterUpgrade,
    ResetBoth,
    ResetClient,
    ResetUpgrade,
    Rule,
    StrictProxy,
    SwallowAnswer,
    SwallowUpgrade,
)

PROXIES, INSPECTION, PAGES, FAULTS = "Proxies", "Inspection and firewalls", "Portals and pages", "Faults"
GROUPS = (PROXIES, INSPECTION, PAGES, FAULTS)


@dataclass(frozen=True, slots=True)
class Switch:
    """One switch: the rule that it lays on the cable, and what that does in a few words."""

    name: str
    group: str
    rule: Callable[[], Rule]
    does: str


SWITCHES = {
    switch.name: switch
    for switch in (
        Switch("Blackhole", FAULTS, Blackhole, "nothing passes, nobody is told"),
        Switch("CaptivePortal", PAGES, CaptivePortal, "302 to a login page"),
        Switch("LoginPage", PAGES, LoginPage, "200 and a login page"),
        Switch("BlockPage", PAGES, BlockPage, "403 and a page"),
        Switch("Answer", PAGES, lambda: Answer(511, "Please log in"), "511, log in to the network"),
        Switch("BadGateway", PAGES, BadGateway, "502, as if the server were down"),
        Switch("EmptyReply", PAGES, EmptyReply, "hangs up without a byte"),
        Switch("Refuse", PAGES, Refuse, "resets whoever connects"),
        Switch("ResetUpgrade", INSPECTION, ResetUpgrade, "resets at Upgrade"),
        Switch("SwallowUpgrade", INSPECTION, SwallowUpgrade, "swallows the request"),
        Switch("SwallowAnswer", INSPECTION, SwallowAnswer, "swallows the 101"),
        Switch("ResetAfterUpgrade", INSPECTION, ResetAfterUpgrade, "resets at the first frame"),
        Switch("DropAfterUpgrade", INSPECTION, DropAfterUpgrade, "is silent after the 101"),
        Switch("NoTunnel", INSPECTION, NoTunnel, "reads frames as HTTP"),
        Switch("BufferingAntivirus", INSPECTION, BufferingAntivirus, "waits for the whole answer"),
        Switch("StrictProxy", PROXIES, StrictProxy, "drops the Upgrade header"),
        Switch("ExplicitProxy", PROXIES, ExplicitProxy, "has to be named by the client"),
        Switch("ConnectOnlyTo", PROXIES, lambda: ConnectOnlyTo(443), "tunnels to port 443 only"),
        Switch("ProxyLogin", PROXIES, lambda: ProxyLogin("ann", "secret"), "wants a password"),
        Switch("ResetBoth", FAULTS, ResetBoth, "resets both ends"),
        Switch("ResetClient", FAULTS, ResetClient, "resets a client that sends"),
    )
}
"""In the order in which they lie on the cable, the nearest to the server first."""

NEEDS_EXPLICIT = {"ConnectOnlyTo", "ProxyLogin"}


class Panel:
    """The position of every switch. It never holds rules that make no sense together."""

    def __init__(self) -> None:
        self._laid: dict[str, Rule] = {}

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules in force, as `Middlebox.rules` wants them."""
        return tuple(self._laid[name] for name in reversed(SWITCHES) if name in self._laid)

    def __contains__(self, name: str) -> bool:
        return name in self._laid

    def turn_on(self, name: str) -> str:
        """Lay a rule; returns the sentence that says what changed, other switches included."""
        switch = _switch(name)
        if name in self._laid:
            return f"{name} is on already."
        rule = switch.rule()
        said = [f"{name} is on: {switch.does}."]
        if rule.lets_nothing_pass:
            for other in [each for each, laid in self._laid.items() if laid.lets_nothing_pass]:
                del self._laid[other]
                said.append(f"{other} went off: nothing gets past it, so only one of the two can act.")
        self._laid[name] = rule
        if name in NEEDS_EXPLICIT and "ExplicitProxy" not in self._laid:
            self._laid["ExplicitProxy"] = SWITCHES["ExplicitProxy"].rule()
            said.append("ExplicitProxy went on as well: it is that proxy's setting.")
        return " ".join(said)

    def turn_off(self, name: str) -> str:
        """Take a rule off; returns the sentence that says what changed."""
        _switch(name)
        if name not in self._laid:
            return f"{name} is off already."
        del self._laid[name]
        said = [f"{name} is off."]
        if name == "ExplicitProxy":
            for setting in sorted(NEEDS_EXPLICIT & self._laid.keys()):
                del self._laid[setting]
                said.append(f"{setting} went off as well: it is that proxy's setting.")
        return " ".join(said)

    def clear(self) -> None:
        """Turn every switch off."""
        self._laid.clear()


def _switch(name: str) -> Switch:
    if name not in SWITCHES:
        raise ValueError(f"There is no switch {name!r}. Choose one of: {', '.join(SWITCHES)}.")
    return SWITCHES[name]
