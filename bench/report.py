"""How long a report takes to make and to write, and how large its page is.

`python bench/report.py [--years 10] [--trades 2000] [--instruments 1] [--members 12] [--json F]`:
hourly bars of a random walk on the currencies' calendar, decisions in bursts, members that say
something at random. Timed are `report_of` (all figures and intervals from decisions and bars),
`keep` (digest, compression, write), `page` (HTML from the plain data) and `again` (read, checked,
drawn: `assay report`). Ends with 1 if making, keeping and drawing take more than 5 s together, or
the page has more than 3 MB.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import polars as pl

from assay.core.calendars.calendar import calendar
from assay.core.instruments import instrument
from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.core.values.view import Verdict, VerdictKind
from assay.evaluation.report.page import page
from assay.evaluation.splits import SplitPlan
from assay.fusion.evidence import Producer
from assay.fusion.pool import EVIDENCE, TIERS, Pooled
from assay.kernel.volatility import ewma_volatility, wilder_atr
from assay.risk.decide import Decisions
from assay.store.reports import Reports
from assay.workflows.backtest import folds_of
from assay.workflows.book import book_of
from assay.workflows.desk import Desk
from assay.workflows.doubt import doubted
from assay.workflows.gather import Prepared, Series, pipeline_of
from assay.workflows.measure import report_of
from assay.workflows.outcomes import span_samples
from assay.workflows.pooling import day_numbers
from assay.workflows.replay import Replayed
from figures import Figure, keep

SYMBOLS = ("EURUSD", "GBPUSD", "USDJPY", "AUDUSD", "USDCAD", "USDCHF", "NZDUSD", "EURGBP")
MOST_SECONDS, MOST_BYTES = 5.0, 3_000_000
START = datetime(2012, 1, 2, tzinfo=UTC)
MEMBERS = ("naive", "momentum", "ridge", "lightgbm", "cnn_lstm", "patchtst")


class At:
    """A clock that stands after the last bar."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        """Return that moment."""
        return self.moment


def bars_of(symbol: str, years: float, chance: np.random.Generator) -> Bars:
    known = instrument(symbol)
    end = START + timedelta(days=365.25 * years)
    times = calendar(known.calendar).expected_closes(Timeframe.H1, START, end)
    count = len(times)
    start = {"JPY": 110.0}.get(known.quote, 1.2)
    close = start * np.exp(np.cumsum(chance.standard_t(5, count) * 0.0008))
    opened = np.concatenate([[start], close[:-1]])
    wick = 1 + np.abs(chance.normal(0, 4e-4, (2, count)))
    frame = pl.DataFrame(
        {
            "time": times,
            "open": opened,
            "high": np.maximum(opened, close) * wick[0],
            "low": np.minimum(opened, close) / wick[1],
            "close": close,
            "volume": np.round(chance.gamma(2.0, 50.0, count)) + 1,
        }
    )
    return Bars(known, Timeframe.H1, frame)


def prepared_of(bars: Bars) -> Prepared:
    high, low, close = (bars.frame[name].to_numpy() for name in ("high", "low", "close"))
    pipeline = pipeline_of(bars.instrument.asset_class, bars.timeframe)
    return Prepared(
        series=Series(bars.instrument.symbol, bars.timeframe),
        instrument=bars.instrument,
        bars=bars,
        pipeline=pipeline,
        time=bars.frame["time"].dt.epoch("us").to_numpy(),
        x=np.zeros((len(bars), len(pipeline.columns)), np.float32),
        volatility=ewma_volatility(close),
        atr=wilder_atr(high, low, close),
        peers=(),
        doubted=doubted(bars),
    )


def replayed(
    item: Prepared, fold: Any, trades: int, members: int, chance: np.random.Generator
) -> Replayed:
    """Return decisions over the fold's test span: about `trades` of them open one."""
    rows = item.rows(fold.test)
    count = len(rows)
    samples = span_samples(item, fold.test)
    side = np.zeros(count, np.int8)
    for start in np.sort(chance.choice(count, min(trades, count), replace=False)).tolist():
        side[start : start + 3] = chance.choice((-1, 1))
    atr = item.atr[rows] / item.instrument.tick_size
    side[~(atr > 0)] = 0
    atr = np.nan_to_num(atr)
    acts = side != 0
    producers = tuple(
        Producer(
            MEMBERS[n % len(MEMBERS)], "family", tuple(Timeframe)[5 + n // len(MEMBERS)], f"{n}"
        )
        for n in range(members)
    )
    shift = np.where(
        acts, np.abs(chance.normal(0, 0.1, count)) * side, chance.normal(0, 0.1, count)
    )
    words = {
        place: Verdict(VerdictKind.CONFIRM, 1.0, (), "The edge is small", None, 0.5, "rules", "-")
        for place in np.flatnonzero(acts & (np.diff(side, prepend=0) != 0)).tolist()
    }
    asked = np.full(count, -1, np.int32)
    asked[list(words)] = list(words)
    asked = np.where(acts, np.maximum.accumulate(asked), -1).astype(np.int32)
    flat, none = np.zeros(count), np.zeros((count, 0))
    pooled = Pooled(
        item.time[rows], 1 / (1 + np.exp(-shift)), flat + 0.4, flat + 0.6, flat + 0.5, shift,
        np.minimum(np.abs(shift) * 400, 100), flat + 80, flat + 3, flat + 1, 0.1 * shift,
        np.full(count, TIERS.index("MODERATE"), np.int8),
        np.full(count, [e.value for e in EVIDENCE].index("PROVEN"), np.int8),
        flat.astype(bool), none, none, shift[:, None],
    )  # fmt: skip
    return Replayed(
        series=item.series,
        fold=fold.number,
        rows=rows,
        day=day_numbers(item, rows),
        producers=producers,
        p_up=np.clip(chance.normal(0.5, 0.03, (count, members)), 0.05, 0.95).astype(np.float32),
        base=np.full(members, 0.5),
        proven=True,
        pooled=pooled,
        decisions=Decisions(
            side,
            np.where(acts, np.maximum(np.ceil(2 * atr), 1), 0).astype(np.int64),
            np.where(acts, np.maximum(np.ceil(3 * atr), 1), 0).astype(np.int64),
            np.where(acts, 0.005, 0.0),
            np.zeros(count, np.int64),
        ),
        scaled=samples.scaled,
        label=samples.label,
        asked=asked,
        words=words,
    )


def timed(what: Callable[[], Any]) -> tuple[float, Any]:
    start = perf_counter()
    found = what()
    return perf_counter() - start, found


def measured(years: float, trades: int, instruments: int, members: int) -> dict[str, Any]:
    chance = np.random.default_rng(7)
    every = [bars_of(symbol, years, chance) for symbol in SYMBOLS[:instruments]]
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(home=Path(folder), clock=At(every[0].last_time + timedelta(days=1)))
        for bars in every:
            desk.bars.append(bars, source="bench", known_at=desk.clock.now())
        prepared: Mapping[Series, Prepared] = {p.series: p for p in map(prepared_of, every)}
        folds = folds_of(list(prepared.values()), SplitPlan(folds=4, tested=0.9))
        each = trades // (len(folds) * len(every))
        replays = [
            replayed(item, fold, each, members, chance)
            for fold in folds
            for item in prepared.values()
        ]
        book = book_of(prepared, replays)
        book.run()  # the kernel is compiled, as it is after the replay
        made, report = timed(
            lambda: report_of(desk, prepared, folds, replays, book, Timeframe.H1, "trial-bench")
        )
        kept = Reports(desk.reports)
        keep, mark = timed(lambda: kept.write("trial-bench", report))
        drawn, text = timed(lambda: page(report))
        again, _ = timed(lambda: page(kept.read("trial-bench", mark)))
        size = kept.path("trial-bench").stat().st_size
    return {
        "bars": sum(map(len, every)),
        "round_trips": report["trading"]["count"],
        "report_of_s": made,
        "keep_s": keep,
        "page_s": drawn,
        "again_s": again,
        "page_bytes": len(text.encode()),
        "kept_bytes": size,
    }


def main() -> int:
    """Print the figures; return 1 where a goal is missed."""
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    asked.add_argument("--years", type=float, default=10.0)
    asked.add_argument("--trades", type=int, default=2_000)
    asked.add_argument("--instruments", type=int, default=1)
    asked.add_argument("--members", type=int, default=12)
    given = asked.parse_args()
    found = measured(given.years, given.trades, given.instruments, given.members)
    total = found["report_of_s"] + found["keep_s"] + found["page_s"]
    size = f"{found['bars']:,} bars, {found['round_trips']:,} round trips"
    figures = [
        Figure("the whole report", total, "s", MOST_SECONDS, note=size),
        Figure("of it: what is said", found["report_of_s"], "s"),
        Figure("of it: kept for later", found["keep_s"], "s"),
        Figure("of it: the page", found["page_s"], "s"),
        Figure("the page again, from what was kept", found["again_s"], "s"),
        Figure("size of the page", found["page_bytes"] / 1e6, "MB", MOST_BYTES / 1e6),
        Figure("size of what is kept", found["kept_bytes"] / 1e6, "MB"),
    ]
    return keep("report", figures)


if __name__ == "__main__":
    sys.exit(main())
