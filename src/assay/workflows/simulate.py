"""Fill a workspace with a simulated market, and its truth where only the judge looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from assay.core.values.timeframe import Timeframe
from assay.sources.adapters.simulated import Simulated
from assay.workflows.desk import Desk, Tick, silent

TRUTH = "truth.json"


@dataclass(frozen=True, slots=True)
class MarketPlan:
    """What to simulate: `timeframes` of all known instruments over `years` from `start`."""

    seed: int
    years: float
    timeframes: tuple[Timeframe, ...]
    start: datetime


def simulate(desk: Desk, plan: MarketPlan, *, tick: Tick = silent) -> Path:
    """Store the market's bars, stories and releases; return where its truth was written.

    Safe to run again: what is stored already is the same to the byte and is passed over.
    """
    shortest = min(plan.timeframes, key=lambda t: t.minutes)
    market = Simulated(seed=plan.seed, years=plan.years, start=plan.start, timeframe=shortest)
    instruments: Sequence[object] = market.instruments
    for number, instrument in enumerate(market.instruments, 1):
        for timeframe in plan.timeframes:
            desk.bars.append(
                market.bars(instrument, timeframe).bars,
                source=f"simulated:{plan.seed}",
                known_at=desk.clock.now(),
                simulated=True,
            )
        tick("Simulating the market", number, len(instruments))
    stories = list(market.stories())
    desk.documents.add_stories(stories, simulated=True)
    tick("Writing headlines", len(stories), len(stories))
    desk.documents.add_releases(list(market.releases()), simulated=True)
    desk.home.mkdir(parents=True, exist_ok=True)
    truth = desk.home / TRUTH
    market.write_truth(truth)
    return truth
