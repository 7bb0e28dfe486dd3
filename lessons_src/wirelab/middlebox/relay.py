"""The relay: accepts clients, gives each a flow to the server, and keeps the rules in force."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable
from typing import Self
from weakref import WeakKeyDictionary

from wirelab.address import HOST, port_of
from wirelab.middlebox.flow import Flow
from wirelab.middlebox.rules.base import Rule
from wirelab.middlebox.rules.order import checked
from wirelab.trace import Act, Deed, Trace, now

_flow_numbers: WeakKeyDictionary[Trace, itertools.count[int]] = WeakKeyDictionary()


class Middlebox:
    """A TCP relay on 127.0.0.1 that records everything and does what its rules say.

    `upstream` is a port or anything that listens; it is looked up for each connection. Open it with
    `async with` or `bench.start`.
    """

    def __init__(
        self, upstream: object, rules: Iterable[Rule] = (), *, port: int = 0, trace: Trace | None = None
    ) -> None:
        self.trace = Trace() if trace is None else trace
        port_of(upstream)  # complain now, and remember where it listens
        self._upstream = upstream
        self._rules: tuple[Rule, ...] = ()
        self._lay(checked(rules))
        self._port = port
        self._flows: dict[int, Flow] = {}
        self._numbers = _flow_numbers.setdefault(self.trace, itertools.count(1))
        self._server: asyncio.Server | None = None
        self._empty = asyncio.Event()
        self._empty.set()

    def __repr__(self) -> str:
        return f"<Middlebox with {len(self._rules)} rules>"

    @property
    def port(self) -> int:
        """The TCP port on which clients are accepted. Raises ConnectionError before the start."""
        if not self._port:
            raise ConnectionError("This Middlebox does not listen yet; start it with bench.start.")
        return self._port

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules in force, the one nearest to the client first; others may be assigned at any time."""
        return self._rules

    @rules.setter
    def rules(self, rules: Iterable[Rule]) -> None:
        self._lay(checked(rules))
        for flow in self.flows:
            flow.lay(self._rules)

    @property
    def servers(self) -> tuple[int, ...]:
        """The ports of the servers between which a rule chooses; empty if it is not said beforehand."""
        return tuple(port_of(server) for rule in self._rules for server in rule.servers)

    @property
    def flows(self) -> tuple[Flow, ...]:
        """The live flows, the oldest first."""
        return tuple(self._flows.values())

    async def quiet(self, timeout: float = 5.0) -> None:
        """Return once no connection is left. Raises TimeoutError after `timeout` seconds."""
        async with asyncio.timeout(timeout):
            await self._empty.wait()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.get_running_loop().create_server(self._accept, HOST, self._port)
        self._port = port_of(self._server)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for flow in self.flows:
            flow.close()

    def _lay(self, rules: tuple[Rule, ...]) -> None:
        before, self._rules = self._rules, rules
        changes = [(Act.LIFTED, rule) for rule in before if rule not in rules]
        changes += [(Act.LAID, rule) for rule in rules if rule not in before]
        for act, rule in changes:
            self.trace.note(Deed(act, rule.kind, rule.words, now(), len(self.trace)))

    def _accept(self) -> asyncio.Protocol:
        flow = Flow(next(self._numbers), self.trace, self._upstream, self._forget)
        self._flows[flow.number] = flow
        self._empty.clear()
        flow.lay(self._rules)
        return flow.client

    def _forget(self, flow: Flow) -> None:
        self._flows.pop(flow.number, None)
        if not self._flows:
            self._empty.set()
