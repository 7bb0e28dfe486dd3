"""A TCP relay on 127.0.0.1 that records a trace, and the rules that can be laid on it.

A rule is loaded when somebody asks for it: what does not use it does not depend on it.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from wirelab.address import port_of
from wirelab.middlebox.flow import Flow
from wirelab.middlebox.relay import Middlebox
from wirelab.middlebox.rules.base import Handler, Rule

if TYPE_CHECKING:
    from wirelab.middlebox.rules.balancers import RoundRobin, StickyByAddress, StickyByCookie
    from wirelab.middlebox.rules.faults import Blackhole, ResetBoth, ResetClient, Roam, Swallow
    from wirelab.middlebox.rules.inspection import (
        BufferingAntivirus,
        DropAfterUpgrade,
        NoTunnel,
        ResetAfterUpgrade,
        ResetUpgrade,
        SwallowAnswer,
        SwallowUpgrade,
    )
    from wirelab.middlebox.rules.limits import BodyLimit
    from wirelab.middlebox.rules.line import Delay, Jitter, Rate, Stall
    from wirelab.middlebox.rules.plain import Pass
    from wirelab.middlebox.rules.portals import (
        Answer,
        BadGateway,
        BlockPage,
        CaptivePortal,
        EmptyReply,
        LoginPage,
        Refuse,
    )
    from wirelab.middlebox.rules.proxies import ConnectOnlyTo, ExplicitProxy, ProxyLogin, StrictProxy
    from wirelab.middlebox.rules.timeouts import IdleDrop, IdleReset, IdleTimeout

__all__ = [
    "Answer",
    "BadGateway",
    "Blackhole",
    "BlockPage",
    "BodyLimit",
    "BufferingAntivirus",
    "CaptivePortal",
    "ConnectOnlyTo",
    "Delay",
    "DropAfterUpgrade",
    "EmptyReply",
    "ExplicitProxy",
    "Flow",
    "Handler",
    "IdleDrop",
    "IdleReset",
    "IdleTimeout",
    "Jitter",
    "LoginPage",
    "Middlebox",
    "NoTunnel",
    "Pass",
    "ProxyLogin",
    "Rate",
    "Refuse",
    "ResetAfterUpgrade",
    "ResetBoth",
    "ResetClient",
    "ResetUpgrade",
    "Roam",
    "RoundRobin",
    "Rule",
    "Stall",
    "StickyByAddress",
    "StickyByCookie",
    "StrictProxy",
    "Swallow",
    "SwallowAnswer",
    "SwallowUpgrade",
    "port_of",
]

_RULES = {
    "balancers": ("RoundRobin", "StickyByAddress", "StickyByCookie"),
    "faults": ("Blackhole", "ResetBoth", "ResetClient", "Roam", "Swallow"),
    "inspection": (
        "BufferingAntivirus",
        "DropAfterUpgrade",
        "NoTunnel",
        "ResetAfterUpgrade",
        "ResetUpgrade",
        "SwallowAnswer",
        "SwallowUpgrade",
    ),
    "limits": ("BodyLimit",),
    "line": ("Delay", "Jitter", "Rate", "Stall"),
    "plain": ("Pass",),
    "portals": ("Answer", "BadGateway", "BlockPage", "CaptivePortal", "EmptyReply", "LoginPage", "Refuse"),
    "proxies": ("ConnectOnlyTo", "ExplicitProxy", "ProxyLogin", "StrictProxy"),
    "timeouts": ("IdleDrop", "IdleReset", "IdleTimeout"),
}
_MODULES = {name: module for module, names in _RULES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    rule = getattr(import_module(f"{__name__}.rules.{_MODULES[name]}"), name)
    globals()[name] = rule
    return rule
