"""Each rule does what the real product does: the same clients meet both, and see the same."""

from __future__ import annotations

import asyncio
import functools
import itertools
import os
import sys

import pytest
from proxies import products
from proxies.job import Job, Seen
from proxies.laboratory import measure
from proxies.scenario import Client, Scenario
from proxies.scenarios import SCENARIOS

NEEDS = {"iptables": ["ip", "iptables", "ss"], "conntrack": ["ip", "iptables", "ss"]}
LATE = 0.6
"""Seconds by which the two may differ in when something happened: the machine is busy."""

AT_ONCE = 40
"""Jobs that run side by side."""

pytestmark = pytest.mark.timeout(300)

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
    if scenario.product in NEEDS and not namespaces_work():
        return "network namespaces are not allowed; they need root"
    return None


@functools.cache
def namespaces_work() -> bool:
    """Whether this user may make a network namespace on this machine."""

    async def make_one() -> None:
        async with products.namespace(f"wirelab-{os.getpid()}-try"):
            pass

    try:
        asyncio.run(make_one())
    except ChildProcessError:
        return False
    return True


@pytest.fixture(scope="module")
def seen(request: pytest.FixtureRequest) -> dict[Job, Seen]:
    """What all clients saw, in the rows that were asked for.

    All at a time, which keeps it short; rows that differ then are measured again with fewer beside them.
    """
    wanted = [item.callspec.params for item in request.session.items if item.path == request.path]
    rows = [(params["scenario"], params["client"]) for params in wanted if "scenario" in params]
    jobs = [
        Job(scenario, client, side)
        for (scenario, client), side in itertools.product(rows, ("rule", "product"))
        if missing(scenario, client) is None
    ]
    first = asyncio.run(measure(jobs, at_once=AT_ONCE))
    doubtful = [job for job in jobs if not agree(first, job.scenario, job.client)]
    return first | asyncio.run(measure(doubtful, at_once=AT_ONCE // 8))


def agree(seen: dict[Job, Seen], scenario: Scenario, client: Client) -> bool:
    """Whether both sides saw the same, and at about the same time."""
    rule, product = (seen[Job(scenario, client, side)] for side in ("rule", "product"))
    names = (rule.keys() | product.keys()) - {"when", *scenario.unlike}
    same = all(rule.get(name) == product.get(name) for name in names)
    return same and abs(rule.get("when", 0) - product.get("when", 0)) <= LATE


@pytest.mark.parametrize(("scenario", "client"), ROWS, ids=str)
def test_rule_and_product_agree(seen: dict[Job, Seen], scenario: Scenario, client: Client) -> None:
    reason = missing(scenario, client)
    if reason and os.environ.get("CI"):
        pytest.fail(f"In CI every row runs, but {reason}.")
    if reason:
        pytest.skip(reason)
    for side in ("rule", "product"):
        print(f"{side:8}", seen[Job(scenario, client, side)])
        assert "broken" not in seen[Job(scenario, client, side)]
    assert agree(seen, scenario, client)
