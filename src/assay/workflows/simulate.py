"""Fill a workspace with a simulated market, and its truth where only the judge looks."""

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from assay.core.errors import AssayError, StoreError
from assay.core.instruments import instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.adapters.simulated import HOURS_A_YEAR, Simulated
from assay.workflows.desk import Desk, Tick, silent
from assay.workflows.stopping import keep_interrupts

TRUTH = "truth.json"
PLAN = "market.json"
"""Says what the market was made with, so that it can go on; nothing of its truth."""
SOURCE = "simulated:{seed}"


@dataclass(frozen=True, slots=True)
class MarketPlan:
    """What to simulate: `timeframes` of known instruments over `years` from `start`.

    `symbols` names the instruments; none means all. An instrument's bars do not depend on which
    others take part.
    """

    seed: int
    years: float
    timeframes: tuple[Timeframe, ...]
    start: datetime
    symbols: tuple[str, ...] = ()


def simulate(desk: Desk, plan: MarketPlan, *, tick: Tick = silent) -> Path:
    """Store the market's bars, stories and releases; return where its truth was written.

    Safe to run again: what is stored already is the same to the byte and is passed over.
    """
    shortest = min(plan.timeframes, key=lambda t: t.minutes)
    chosen = [instrument(symbol) for symbol in plan.symbols] or None
    market = Simulated(
        seed=plan.seed,
        years=plan.years,
        start=plan.start,
        instruments=chosen,
        timeframe=shortest,
    )
    instruments: Sequence[object] = market.instruments
    desk.home.mkdir(parents=True, exist_ok=True)
    hours = round(plan.years * HOURS_A_YEAR)
    (desk.home / PLAN).write_text(
        plan_text(plan.seed, plan.start, hours, shortest), encoding="utf-8"
    )
    for number, one in enumerate(market.instruments, 1):
        for timeframe in plan.timeframes:
            desk.bars.append(
                market.bars(one, timeframe).bars,
                source=SOURCE.format(seed=plan.seed),
                known_at=desk.clock.now(),
                simulated=True,
            )
        tick("Simulating the market", number, len(instruments))
    stories = list(market.stories())
    desk.documents.add_stories(stories, simulated=True)
    tick("Writing headlines", len(stories), len(stories))
    desk.documents.add_releases(list(market.releases()), simulated=True)
    truth = desk.home / TRUTH
    market.write_truth(truth)
    return truth


def plan_text(seed: int, start: datetime, hours: int, shortest: Timeframe) -> str:
    """Return what is written down of a market's plan, as JSON."""
    said = {
        "simulated": True,
        "seed": seed,
        "start": start.isoformat(),
        "hours": hours,
        "timeframe": shortest.value,
    }
    return json.dumps(said, indent=1) + "\n"


def simulate_apart(desk: Desk, plan: MarketPlan, *, tick: Tick = silent) -> Path:
    """Do what `simulate` does in a process of its own, whose memory goes when it ends."""
    context = get_context("spawn")
    here, there = context.Pipe(duplex=False)
    apart = Desk(desk.home, desk.clock, desk.database_url)
    child = context.Process(target=_apart, args=(there, apart, plan), daemon=True)
    child.start()
    there.close()
    try:
        while True:
            said = here.recv()
            if isinstance(said, Path):
                return said
            if isinstance(said, BaseException):
                raise said
            tick(*said)
    except EOFError:
        child.join()
        raise StoreError(_ended(child.exitcode)) from None
    finally:
        here.close()
        child.join()


def _ended(code: int | None) -> str:
    if code is not None and code < 0:
        return (
            f"The simulation was ended by the system (signal {-code}), most likely for want of "
            "memory; run the same command again, or ask for fewer years"
        )
    return "The simulation failed for the reason printed above, a bug in Assay; nothing was kept"


def _apart(pipe: Connection, desk: Desk, plan: MarketPlan) -> None:
    def tick(what: str, done: int, total: int) -> None:
        pipe.send((what, done, total))

    keep_interrupts()
    try:
        pipe.send(simulate(desk, plan, tick=tick))
    except KeyboardInterrupt:
        return  # the parent was stopped as well, and says so
    except (AssayError, OSError) as error:
        with contextlib.suppress(OSError):  # the parent may have gone, which ends this run
            pipe.send(error)
