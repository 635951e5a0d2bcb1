"""Make the workspace that the journeys are walked on: three simulated markets, trained and told.

    python web/e2e/seed.py FOLDER

Small and the same every time; nothing is done where it is there already.
"""

import shutil
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from assay.app import SystemClock
from assay.core.values.timeframe import Timeframe
from assay.evaluation.splits import SplitPlan
from assay.workflows.backtest import backtest
from assay.workflows.desk import Desk
from assay.workflows.issue import issue
from assay.workflows.resolving import resolve
from assay.workflows.simulate import MarketPlan, simulate
from assay.workflows.train import train

SYMBOLS = ("EURUSD", "XAUUSD", "BTCUSDT")
LIGHT = ("naive", "momentum", "ridge")
START = datetime(2020, 6, 1, tzinfo=UTC)
TIMEFRAMES = (Timeframe.H1, Timeframe.H4)
YEARS, LATE, EVERY = 1.5, timedelta(days=30), 12
"""So many years of bars, of which the last thirty days come after the training: a signal for every
twelfth of their hours is one that the models had not learned from."""


def main(home: Path) -> None:
    """Fill `home`, unless it is filled."""
    done = home / "seeded"
    if done.exists():
        return
    with tempfile.TemporaryDirectory() as folder:
        market = Desk(home=Path(folder), clock=SystemClock())
        simulate(market, MarketPlan(market.seed, YEARS, TIMEFRAMES, START, SYMBOLS))
        shutil.copytree(folder, home, ignore=shutil.ignore_patterns("bars"), dirs_exist_ok=True)
        desk = Desk(home=home, clock=SystemClock(), jobs=2)
        last = max(info.last for info in market.bars.series())
        _store(market, desk, until=last - LATE)
        train(desk, members=LIGHT)
        _store(market, desk, until=last)
    for symbol in SYMBOLS:
        for timeframe in TIMEFRAMES:
            times = desk.bars.read(desk.instrument(symbol), timeframe).frame["time"]
            new = times.filter(times > last - LATE)
            for at in [*new[:: EVERY if timeframe is Timeframe.H1 else len(new)], times[-1]]:
                issue(desk, symbol, timeframe, as_of=at)
    resolve(desk)
    backtest(desk, ("EURUSD",), Timeframe.H1, members=LIGHT, split=SplitPlan(folds=2, tested=0.3))
    desk.close()
    done.touch()


def _store(market: Desk, desk: Desk, *, until: datetime) -> None:
    """Store what `market` has of each series up to a time."""
    for info in market.bars.series():
        bars = market.bars.read(market.instrument(info.symbol), info.timeframe).until(until)
        desk.bars.append(bars, source=info.source, known_at=desk.clock.now(), simulated=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
