"""A crowd that lost its server at the same moment and comes back, and the pictures of it.

The formulas (see wirelab.clients.backoff) really run, each client with random numbers of its own; only the
clock is virtual: it jumps from one attempt to the next.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from wirelab.clients.backoff import Formula
from wirelab.look.svg import QUIET
from wirelab.plots.style import SERIES, TROUBLE, plot

MOST_ATTEMPTS = 1000
"""A client that has tried so often will never get through."""


@dataclass(frozen=True, slots=True)
class Comeback:
    """When anybody tried, and when each client was back: seconds since the connections broke, in order.

    `outage` is when the server was there again.
    """

    outage: float
    attempts: tuple[float, ...]
    returns: tuple[float, ...]

    @property
    def per_second(self) -> dict[int, int]:
        """How many attempts there were in each second that had any."""
        return dict(sorted(Counter(int(time) for time in self.attempts).items()))

    @property
    def peak(self) -> int:
        """The most attempts in one second, once the server was there again."""
        return max((n for second, n in self.per_second.items() if second >= int(self.outage)), default=0)

    @property
    def recovery(self) -> float:
        """Seconds from the server's return until the last client was back."""
        return self.returns[-1] - self.outage

    def __str__(self) -> str:
        crowd = f"{len(self.attempts):,} attempts, at most {self.peak:,} in one second"
        back = f"all {len(self.returns):,} back {self.recovery:.1f} s after it"
        return f"{crowd} once the server is there; {back}"


def come_back(
    formula: Formula,
    *,
    clients: int = 1000,
    outage: float = 10.0,
    per_second: int = 200,
    backlog: int = 100,
    seed: int = 11,
) -> Comeback:
    """Let a crowd come back by a formula, on a virtual clock.

    The server is away for `outage` seconds, and refuses everyone. Then it takes `per_second` connections a
    second, one after the other; `backlog` may wait for their turn, and who finds no place is refused and
    tries again later. The same `seed` gives each client the same random numbers, whatever the formula.
    Raises RuntimeError if somebody does not get through in 1,000 attempts, ValueError for a delay below 0.
    """
    dice = [Random(f"{seed} {number}") for number in range(clients)]
    queue = [(_delay(formula, 1, dice[number]), number, 1) for number in range(clients)]
    heapq.heapify(queue)
    attempts, returns = [], []
    free = outage
    while queue:
        time, number, attempt = heapq.heappop(queue)
        attempts.append(time)
        waiting = round((free - time) * per_second)
        if time >= outage and waiting < backlog:
            free = max(free, time) + 1 / per_second
            returns.append(free)
        elif attempt == MOST_ATTEMPTS:
            raise RuntimeError(f"A client did not get through in {MOST_ATTEMPTS:,} attempts.")
        else:
            heapq.heappush(queue, (time + _delay(formula, attempt + 1, dice[number]), number, attempt + 1))
    return Comeback(outage, tuple(attempts), tuple(returns))


def _delay(formula: Formula, attempt: int, dice: Random) -> float:
    delay = formula(attempt, dice.random())
    if delay < 0:
        raise ValueError(f"The formula gives {delay:.3f} s for attempt {attempt}: nobody can wait so long.")
    return delay


@plot
def comebacks(figure: Figure, title: str, runs: Mapping[str, Comeback], text: str) -> str:
    """Attempts per second for each of up to five runs, and how many are back; `text` says it in words."""
    _require_few(runs)
    figure.suptitle(title, x=0.01, ha="left")
    figure.set_figheight(1.2 + 1.15 * (len(runs) + 1))
    ratios = [*[1.0] * len(runs), 1.3]
    panels = figure.subplots(len(runs) + 1, 1, sharex=True, height_ratios=ratios)
    end = max(run.returns[-1] for run in runs.values()) + 1
    most = max(max(run.per_second.values()) for run in runs.values())
    for axes, (name, run), (colour, hatch) in zip(panels, runs.items(), SERIES, strict=False):
        _attempts(axes, name, run, colour, hatch)
        axes.set_ylim(0, most * 1.08)
    panels[0].set_ylabel("attempts\nper second")
    _returned(panels[-1], runs)
    panels[-1].set_xlim(0, end)
    return text


def _attempts(axes: Axes, name: str, run: Comeback, colour: str, hatch: str) -> None:
    counts = run.per_second
    axes.bar(list(counts), list(counts.values()), width=0.92, align="edge", color=colour, hatch=hatch)
    axes.axvspan(0, run.outage, color=TROUBLE, alpha=0.1, linewidth=0)
    axes.axvline(run.outage, color=TROUBLE, linewidth=1, linestyle=":")
    axes.set_title(f"{name}: {len(run.attempts):,} attempts, all back {run.recovery:.1f} s after the server")


def _returned(axes: Axes, runs: Mapping[str, Comeback]) -> None:
    styles = ("-", "--", "-.", ":", (0, (5, 1)))
    for (name, run), (colour, _), line in zip(runs.items(), SERIES, styles, strict=False):
        times = [run.outage, *run.returns]
        share = [100 * place / len(run.returns) for place in range(len(times))]
        axes.step(times, share, where="post", color=colour, linestyle=line, linewidth=1.8, label=name)
    axes.set_ylabel("back, %")
    axes.set_xlabel("seconds since the connections broke; the server is away in the shaded part")
    axes.legend(loc="lower right")


@plot
def delays(figure: Figure, title: str, formulas: Mapping[str, Formula], text: str, attempts: int = 6) -> str:
    """What each of up to five formulas gives for each attempt, for a hundred random numbers."""
    _require_few(formulas)
    figure.suptitle(title, x=0.01, ha="left")
    figure.supxlabel("attempt; within each, the random number grows from 0 to 1", color=QUIET, fontsize=9.5)
    figure.set_figheight(2.9)
    panels = figure.subplots(1, len(formulas), sharey=True, squeeze=False)[0]
    numbers = [(place + 0.5) / 100 for place in range(100)]
    for axes, (name, formula), (colour, _) in zip(panels, formulas.items(), SERIES, strict=False):
        for attempt in range(1, attempts + 1):
            given = [formula(attempt, number) for number in numbers]
            beside = [attempt + 0.5 * (number - 0.5) for number in numbers]
            axes.plot(beside, given, ".", markersize=3, color=colour)
        axes.set_title(name)
        axes.set_xticks(range(1, attempts + 1))
    panels[0].set_ylabel("seconds of waiting")
    panels[0].set_ylim(bottom=0)
    return text


def _require_few(things: Mapping[str, object]) -> None:
    if not 1 <= len(things) <= len(SERIES):
        raise ValueError(f"There is room for one to {len(SERIES)} of them in one picture, not {len(things)}.")


def back_after(run: Comeback, seconds: float) -> int:
    """How many clients were back so many seconds after the server."""
    return bisect_right(run.returns, run.outage + seconds)
