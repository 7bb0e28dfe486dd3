"""Each rule does what the real product does: the same clients meet both, and see the same."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys

import pytest
from proxies import products
from proxies.laboratory import Job, Seen, measure
from proxies.scenarios import SCENARIOS, Client, Scenario

NEEDS = {"iptables": ["ip", "iptables"], "conntrack": ["ip", "iptables"]}
LATE = 0.6
"""Seconds by which the two may differ in when something happened: the machine is busy."""

ROWS = [(scenario, client) for scenario in SCENARIOS for client in scenario.clients]


def missing(scenario: Scenario, client: Client) -> str | None:
    """Why a row cannot run here."""
    if sys.platform != "linux":
        return "the real products are compared on Linux"
    needed = [
        *NEEDS.get(scenario.product, [scenario.product]),
        *(["chromium"] if client == "chromium" else []),
    ]
    for name in needed:
        if products.command(name) is None:
            return f"{name} is not installed"
    if scenario.product in NEEDS and os.geteuid():
        return "network namespaces need root"
    return None


@pytest.fixture(scope="module")
def seen(request: pytest.FixtureRequest) -> dict[Job, Seen]:
    """What all clients saw; only rows that were asked for are measured."""
    wanted = [item.callspec.params for item in request.session.items if item.path == request.path]
    rows = [(params["scenario"], params["client"]) for params in wanted if "scenario" in params]
    jobs = [
        Job(scenario, client, side)
        for (scenario, client), side in itertools.product(rows, ("rule", "product"))
        if missing(scenario, client) is None
    ]
    return asyncio.run(measure(jobs))


@pytest.mark.parametrize(("scenario", "client"), ROWS, ids=str)
def test_rule_and_product_agree(seen: dict[Job, Seen], scenario: Scenario, client: Client) -> None:
    reason = missing(scenario, client)
    if reason and os.environ.get("CI"):
        pytest.fail(f"In CI every row runs, but {reason}.")
    if reason:
        pytest.skip(reason)
    rule, product = (dict(seen[Job(scenario, client, side)]) for side in ("rule", "product"))
    print("rule:   ", rule)
    print("product:", product)
    assert "broken" not in product
    apart = abs(rule.pop("when", 0) - product.pop("when", 0))
    assert rule == product
    assert apart <= LATE
