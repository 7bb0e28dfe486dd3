"""The back-off formulas, and crowds that come back by them on a virtual clock."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random

import pytest

from wirelab.bench import javascript
from wirelab.clients.backoff import Formula, full_jitter, official, python_socketio, without_jitter
from wirelab.plots import Comeback, back_after, come_back, comebacks, delays
from wirelab.process.spawning import ROOT

BACKO2 = (ROOT / "node_modules/socket.io-client/build/esm/contrib/backo2.js").as_uri()
ASK = """
const { Backoff } = await import(where);
let at = 0;
Math.random = () => numbers[at++];
const given = [];
for (const [min, max, jitter] of settings) {
  const backoff = new Backoff({ min, max, jitter });
  for (let attempt = 0; attempt < 8; attempt++) given.push(backoff.duration());
}
console.log(JSON.stringify(given));
"""
SETTINGS = [(1000, 5000, 0.5), (100, 700, 0.3), (1000, 5000, 1), (250, 10000, 0.1)]


async def test_the_official_formula_gives_what_the_official_client_gives() -> None:
    dice = Random(11)
    numbers = [dice.random() for _ in range(8 * len(SETTINGS))]
    given = json.loads(await javascript(ASK, where=BACKO2, numbers=numbers, settings=SETTINGS))
    ours = [
        official(least / 1000, most / 1000, jitter)(attempt, numbers[8 * place + attempt - 1])
        for place, (least, most, jitter) in enumerate(SETTINGS)
        for attempt in range(1, 9)
    ]
    assert [round(seconds * 1000) for seconds in ours] == given


def test_the_official_jitter_dies_at_the_cap() -> None:
    numbers = [(place + 0.5) / 1000 for place in range(1000)]
    capped = [sum(official()(attempt, n) == 5 for n in numbers) / 1000 for attempt in range(1, 7)]
    assert capped == pytest.approx([0, 0, 0.3, 0.9, 1, 1], abs=0.03)
    assert {official()(5, n) for n in numbers} == {5.0}
    assert len({full_jitter()(5, n) for n in numbers}) == 1000


def test_each_formula_in_a_few_numbers() -> None:
    assert [without_jitter()(attempt, 0.7) for attempt in range(1, 6)] == [1, 2, 4, 5, 5]
    assert [official(randomization_factor=0)(attempt, 0.7) for attempt in range(1, 6)] == [1, 2, 4, 5, 5]
    assert [full_jitter()(attempt, 0.5) for attempt in range(1, 6)] == [0.5, 1, 2, 2.5, 2.5]
    assert [python_socketio()(attempt, 1) for attempt in range(1, 5)] == [1.5, 2.5, 4.5, 5.5]


@pytest.mark.parametrize("formula", [without_jitter, official, python_socketio, full_jitter])
def test_who_tries_for_days_still_waits(formula: Callable[..., Formula]) -> None:
    for delay, most in ((1, 5), (0.001, 60), (100_000, 200_000)):
        waits = formula(delay, most)
        assert waits(1025, 0.25) == waits(10**6, 0.25) == waits(300, 0.25) > 0


async def test_python_socketio_really_waits_by_its_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own loop of attempts, with the same random numbers, and nobody there."""
    from socketio import async_client, exceptions

    sio = async_client.AsyncClient(handle_sigint=False, reconnection_attempts=5)
    waited: list[float] = []

    async def no_server(*_: object, **__: object) -> None:
        raise exceptions.ConnectionError("nobody")

    async def wait_for(awaitable: object, delay: float) -> None:
        awaitable.close()  # type: ignore[attr-defined]
        waited.append(delay)
        raise TimeoutError

    numbers = iter([0.1, 0.9, 0.5, 0.0, 0.7])
    monkeypatch.setattr(async_client.random, "random", lambda: next(numbers))
    monkeypatch.setattr(async_client.asyncio, "wait_for", wait_for)
    sio.connection_namespaces = []
    sio.connection_url = sio.connection_headers = sio.connection_auth = None
    sio.connection_transports = sio.socketio_path = None
    sio.connect = no_server
    await sio._handle_reconnect()
    expected = [python_socketio()(n, r) for n, r in enumerate([0.1, 0.9, 0.5, 0.0, 0.7], 1)]
    assert waited == pytest.approx(expected)


def test_without_jitter_a_crowd_comes_in_waves_and_a_backlog_lets_few_of_each_in() -> None:
    run = come_back(without_jitter())
    away = {1: 1000, 3: 1000, 7: 1000}
    assert run.per_second == away | {12 + 5 * wave: 1000 - 100 * wave for wave in range(10)}
    assert run.peak == 1000
    assert run.recovery == pytest.approx(2 + 9 * 5 + 0.5)


def test_jitter_spreads_a_crowd_and_everyone_is_back_much_sooner() -> None:
    plain, official_, full = (come_back(each) for each in (without_jitter(), official(), full_jitter()))
    for run in (official_, full):
        assert run.peak < plain.peak / 2
        assert run.recovery < plain.recovery / 5
        assert len(run.returns) == 1000
    assert back_after(full, 0) == 0
    assert back_after(full, 100) == 1000


def test_the_same_seed_is_the_same_crowd_and_another_is_another() -> None:
    assert come_back(official(), clients=50) == come_back(official(), clients=50)
    assert come_back(official(), clients=50) != come_back(official(), clients=50, seed=12)


def test_a_server_never_takes_more_than_it_can() -> None:
    run = come_back(full_jitter(), clients=300, per_second=40, backlog=10)
    gaps = [later - earlier for earlier, later in zip(run.returns, run.returns[1:], strict=False)]
    assert min(gaps) >= 1 / 40 - 1e-9
    assert run.returns[0] >= run.outage


def test_a_formula_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match=r"gives -1\.000 s for attempt 1"):
        come_back(lambda attempt, random: -1.0, clients=1)
    with pytest.raises(RuntimeError, match="did not get through in 1,000 attempts"):
        come_back(lambda attempt, random: 0.0, clients=1)


def test_the_plots_are_drawn_and_say_what_they_are_told() -> None:
    formulas = {"no jitter": without_jitter(), "full jitter": full_jitter()}
    runs = {name: come_back(formula, clients=40) for name, formula in formulas.items()}
    text = "\n".join(f"{name}: {run}." for name, run in runs.items())
    made = comebacks("A crowd", runs, text)
    assert made.text == text
    assert made == comebacks("A crowd", runs, text)
    assert made.png != comebacks("A crowd", dict(reversed(runs.items())), text).png
    assert delays("Delays", formulas, "Words.").text == "Words."
    with pytest.raises(ValueError, match="room for one to 5"):
        delays("Delays", {str(n): full_jitter() for n in range(6)}, "Words.")


def test_a_run_that_was_measured_is_drawn_the_same_way() -> None:
    run = Comeback(2.0, (0.1, 0.2, 0.3, 2.5, 2.75), (2.51, 2.76))
    crowd = "5 attempts, at most 2 in one second once the server is there"  # there were three in one before
    assert str(run) == f"{crowd}; all 2 back 0.8 s after it"
    assert comebacks("Measured", {"ours": run}, "Words.").text == "Words."
