"""A TCP relay on 127.0.0.1 that records a trace, and the rules that can be laid on it."""

from wirelab.address import port_of
from wirelab.middlebox.flow import Flow
from wirelab.middlebox.relay import Middlebox
from wirelab.middlebox.rules.balancers import RoundRobin, StickyByAddress, StickyByCookie
from wirelab.middlebox.rules.base import Handler, Rule
from wirelab.middlebox.rules.faults import Blackhole, ResetBoth, ResetClient
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
    "RoundRobin",
    "Rule",
    "Stall",
    "StickyByAddress",
    "StickyByCookie",
    "StrictProxy",
    "SwallowAnswer",
    "SwallowUpgrade",
    "port_of",
]
