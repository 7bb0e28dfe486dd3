"""The table: what a real product does, and our rules that claim to do the same."""

from __future__ import annotations

from proxies.scenario import NO_RST, Scenario, conntrack, haproxy, iptables, nginx
from wirelab.middlebox import (
    Answer,
    BadGateway,
    Blackhole,
    BlockPage,
    BodyLimit,
    CaptivePortal,
    ConnectOnlyTo,
    DropAfterUpgrade,
    EmptyReply,
    ExplicitProxy,
    IdleDrop,
    IdleReset,
    IdleTimeout,
    LoginPage,
    ProxyLogin,
    Refuse,
    ResetAfterUpgrade,
    ResetBoth,
    ResetClient,
    ResetUpgrade,
    RoundRobin,
    StickyByAddress,
    StickyByCookie,
    StrictProxy,
    SwallowAnswer,
    SwallowUpgrade,
)

UPGRADE = (
    "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;"
)
TO = "location / { proxy_pass http://127.0.0.1:{up}; "
TUNNEL = TO + UPGRADE
BALANCED = "location / { proxy_pass http://lb{port}; " + UPGRADE + " }"
TWO = "server 127.0.0.1:{up}; server 127.0.0.1:{other};"
IDLE = TUNNEL + "proxy_read_timeout 1s; }"
HELD = ("js", "py")
_BYTES = f"{NO_RST} -m length --length 53:"
"""Segments with data in them: what a relay can see."""
_RESET = "REJECT --reject-with tcp-reset"
_UPGRADE = '--dport {port} -m string --algo bm --icase --string "upgrade: websocket"'
_SWITCHING = '--sport {port} -m string --algo bm --string "HTTP/1.1 101"'
_MARKED = f"{_BYTES} -m connmark --mark 0x1"
_MARK = f"{_SWITCHING} -j CONNMARK --set-mark 1\n{_SWITCHING} -j ACCEPT\n"
_AFTER = _MARK + "--dport {port} " + _MARKED + " -j TARGET\n--sport {port} " + _MARKED + " -j TARGET"
_BALANCE = (
    "balance roundrobin\n    timeout client 9s\n    timeout server 9s\n"
    "    server one 127.0.0.1:{up} cookie one\n    server two 127.0.0.1:{other} cookie two"
)
_QUICK = "timeout client 1s\n    timeout server 1s\n    server one 127.0.0.1:{up}"
_CONNECT_80 = "http_access deny CONNECT\nhttp_access allow all"

SCENARIOS = [
    nginx("plain proxy_pass", TO + "}", lambda _: [StrictProxy()]),
    nginx("HTTP/1.1 upstream", TO + "proxy_http_version 1.1; }", lambda _: [StrictProxy("1.1")]),
    nginx("with the Upgrade header", TUNNEL + "}", lambda _: []),
    nginx("idle time-out", IDLE, lambda _: [IdleTimeout(1)], watch=2),
    nginx("idle time-out, pings in time", IDLE, lambda _: [IdleTimeout(1)], ping=0.4, brisk=True, watch=2),
    nginx(
        "held poll times out", IDLE, lambda _: [IdleTimeout(1)], clients=HELD, transports=["polling"], watch=2
    ),
    nginx(
        "body too large",
        TUNNEL + "client_max_body_size 1000; }",
        lambda _: [BodyLimit(1000)],
        clients=["js", "py"],
        transports=["polling"],
        size=5000,
    ),
    nginx(
        "round robin",
        BALANCED,
        lambda to: [RoundRobin([to.up, to.other])],
        upstream=TWO,
        unlike=["failed"],  # as below
    ),
    nginx(
        "round robin, WebSocket only",
        BALANCED,
        lambda to: [RoundRobin([to.up, to.other])],
        clients=HELD,
        transports=["websocket"],
        upstream=TWO,
    ),
    nginx("ip_hash", BALANCED, lambda to: [StickyByAddress([to.up, to.other])], upstream=f"ip_hash; {TWO}"),
    nginx(
        "one of two servers is dead",
        BALANCED,
        lambda to: [RoundRobin([to.dead, to.up])],
        upstream="server 127.0.0.1:{dead}; server 127.0.0.1:{up};",
    ),
    nginx(
        "the only server is dead",
        "location / { proxy_pass http://127.0.0.1:{dead}; }",
        lambda _: [BadGateway()],
    ),
    nginx("captive portal, 302", "return 302 http://portal.invalid/login;", lambda _: [CaptivePortal()]),
    nginx("login page, 200", 'default_type text/html; return 200 "Log in";', lambda _: [LoginPage()]),
    nginx("block page, 403", "return 403;", lambda _: [BlockPage()]),
    nginx("log in, 511", 'return 511 "Log in";', lambda _: [Answer(511, "Log in")]),
    nginx("empty reply", "return 444;", lambda _: [EmptyReply()]),
    haproxy("idle time-out", _QUICK, lambda _: [IdleTimeout(1)], watch=2),
    haproxy(
        "idle time-out, pings in time", _QUICK, lambda _: [IdleTimeout(1)], ping=0.4, brisk=True, watch=2
    ),
    haproxy(
        "tunnel time-out", _QUICK + "\n    timeout tunnel 5s", lambda _: [IdleTimeout(5)], clients=["ws"]
    ),
    haproxy(
        "held poll times out",
        _QUICK,
        lambda _: [IdleTimeout(1)],
        clients=HELD,
        transports=["polling"],
        watch=2,
    ),
    haproxy(
        "round robin",
        _BALANCE,
        lambda to: [RoundRobin([to.up, to.other])],
        # A poll and a post are on their way at once; which of them meets the wrong server is a race.
        unlike=["failed"],
    ),
    haproxy(
        "cookie",
        "cookie server insert indirect nocache\n    " + _BALANCE,
        lambda to: [StickyByCookie([to.up, to.other])],
    ),
    haproxy(
        "source address",
        _BALANCE.replace("roundrobin", "source"),
        lambda to: [StickyByAddress([to.up, to.other])],
    ),
    Scenario(
        "tinyproxy, CONNECT granted",
        "tinyproxy",
        "",
        lambda _: [ExplicitProxy()],
        clients=["ws", "py", "chromium"],
        proxied=True,
    ),
    Scenario(
        "tinyproxy, CONNECT only to 443",
        "tinyproxy",
        "ConnectPort 443",
        lambda _: [ConnectOnlyTo(443), ExplicitProxy()],
        clients=["ws", "py", "chromium"],
        proxied=True,
    ),
    Scenario(
        "tinyproxy, no login",
        "tinyproxy",
        "BasicAuth ann secret",
        lambda _: [ProxyLogin("ann", "secret"), ExplicitProxy()],
        clients=["ws", "py", "chromium"],
        proxied=True,
    ),
    Scenario(
        "tinyproxy, login",
        "tinyproxy",
        "BasicAuth ann secret",
        lambda _: [ProxyLogin("ann", "secret"), ExplicitProxy()],
        clients=["ws", "py"],
        proxied=True,
        login="ann:secret@",
    ),
    Scenario(
        "Squid, CONNECT granted",
        "squid",
        "http_access allow all",
        lambda _: [ExplicitProxy()],
        clients=["ws", "py", "chromium"],
        proxied=True,
    ),
    Scenario(
        "Squid, no CONNECT",
        "squid",
        _CONNECT_80,
        lambda _: [ConnectOnlyTo(), ExplicitProxy()],
        clients=["ws", "py", "chromium"],
        proxied=True,
    ),
    iptables("RST on Upgrade", f"{_UPGRADE} -j {_RESET}", ResetUpgrade),
    iptables("the request dropped", f"{_UPGRADE} -j DROP", SwallowUpgrade),
    iptables("the 101 dropped", f"{_SWITCHING} -j DROP", SwallowAnswer),
    iptables("dropped after the 101", _AFTER.replace("TARGET", "DROP"), DropAfterUpgrade, ping=0.5, watch=2),
    # iptables resets who sends, and the other end hears of it later; a relay closes both its sockets.
    iptables("reset after the 101", _AFTER.replace("TARGET", _RESET), ResetAfterUpgrade, unlike=["server"]),
    iptables(
        "half-open, pings",
        "--dport {port} -j DROP\n--sport {port} -j DROP",
        Blackhole,
        live=True,
        ping=0.5,
        brisk=True,
        watch=2.5,
    ),
    iptables(
        "half-open, no pings",
        "--dport {port} -j DROP\n--sport {port} -j DROP",
        Blackhole,
        clients=["ws", "chromium", "js"],
        live=True,
        speak=0.5,
        watch=1.5,
    ),
    iptables(
        "RST to who sends",
        f"--dport {{port}} {_BYTES} -j {_RESET}",
        ResetClient,
        live=True,
        speak=0.5,
        brisk=True,
    ),
    iptables("RST, and nobody sends", f"--dport {{port}} {_BYTES} -j {_RESET}", ResetClient, live=True),
    # Who asks the system sees ECONNREFUSED there and ECONNRESET here; who asks a library sees the same.
    iptables("RST to a SYN", f"--dport {{port}} --syn -j {_RESET}", Refuse, clients=["js", "chromium"]),
    Scenario(
        "ss --kill",
        "iptables",
        "ss -Ktn state established sport = :{port}",
        lambda _: [ResetBoth()],
        live=True,
        unlike=["again"],  # ss kills once, the rule as long as it is laid
    ),
    conntrack("tracking expires, drop", "DROP", lambda: IdleDrop(1), speak=1.6, watch=2.5),
    conntrack(
        "tracking expires, drop, late pings", "DROP", lambda: IdleDrop(1), clients=["ws"], ping=1.5, watch=4
    ),
    conntrack("tracking expires, reset", _RESET, lambda: IdleReset(1), speak=1.6, watch=2.5),
    conntrack("tracking kept by pings", "DROP", lambda: IdleDrop(1), ping=0.4, brisk=True, watch=2),
]
