"""A workspace whose 95 series close at once: 19 simulated instruments on five timeframes, trained.

    python bench/market.py FOLDER

It takes some minutes and is made once; a folder that has one is left as it is. Nothing in it is
about a real market.
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from assay.app import open_desk
from assay.core.values.timeframe import Timeframe
from assay.evaluation.splits import SplitPlan
from assay.sources.adapters.simulated import Simulated
from assay.workflows.demo import SETTINGS
from assay.workflows.gather import Series, prepare_all
from assay.workflows.simulate import MarketPlan, simulate_apart
from assay.workflows.train import train_prepared

TIMEFRAMES = (Timeframe.M5, Timeframe.M15, Timeframe.M30, Timeframe.H1, Timeframe.H4)
"""All of them close whenever four hours are over; days close by each market's own clock."""
INSTRUMENTS = 19
SERIES = INSTRUMENTS * len(TIMEFRAMES)
YEARS, START = 2.0, datetime(2016, 1, 4, tzinfo=UTC)


def main() -> int:
    """Make it, unless it is there."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    make(parser.parse_args().folder)
    return 0


def make(home: Path) -> None:
    """Fill the workspace at `home`, unless its last model is there."""
    done = home / "market-is-trained"
    if done.is_file():
        return
    desk = open_desk(home)
    every = Simulated(seed=desk.seed, years=YEARS, start=START).instruments
    symbols = tuple(one.symbol for one in every[:INSTRUMENTS])
    plan = MarketPlan(desk.seed, YEARS, (*TIMEFRAMES, Timeframe.D1), START, symbols)
    simulate_apart(desk, plan, tick=_tick)
    series = [Series(symbol, timeframe) for symbol in symbols for timeframe in TIMEFRAMES]
    prepared = prepare_all(desk, series, tick=_tick)
    train_prepared(desk, prepared, split=SplitPlan(), settings=SETTINGS, tick=_tick)
    desk.close()
    done.touch()


def _tick(what: str, number: int, of: int) -> None:
    sys.stderr.write(f"\r{what} {number:,} of {of:,}" + ("\n" if number == of else ""))


if __name__ == "__main__":
    sys.exit(main())
