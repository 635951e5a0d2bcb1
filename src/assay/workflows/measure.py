"""A backtest's report as plain data: every figure with its interval, beside the baselines."""

from collections.abc import Mapping, Sequence
from typing import Any

from assay.core.values.timeframe import Timeframe
from assay.evaluation.metrics import performance
from assay.evaluation.splits import Fold
from assay.workflows import curve, frictions, skill
from assay.workflows.book import START_EQUITY, Book, buy_and_hold, naive_orders
from assay.workflows.charts import charts
from assay.workflows.desk import Desk
from assay.workflows.gather import Prepared, Series, micros
from assay.workflows.hindsight import worst_explained
from assay.workflows.replay import Replayed
from assay.workflows.soundness import checked, soundness
from assay.workflows.summary import summary
from assay.workflows.sureness import sureness
from assay.workflows.trips import Trips, by_hour


def report_of(
    desk: Desk,
    prepared: Mapping[Series, Prepared],
    folds: Sequence[Fold],
    replays: Sequence[Replayed],
    book: Book,
    timeframe: Timeframe,
    trial: str,
    left_out: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the whole report: `evaluation.report` draws it, `--json` prints it."""
    chain = book.run()
    naive = book.run(orders=naive_orders(book, prepared, replays, desk.risk_fraction))
    daily = {
        "chain": book.daily(chain),
        "buy and hold": buy_and_hold(book),
        "naive": book.daily(naive),
    }
    year = max(i.days_per_year for i in book.instruments)
    figures = {name: performance(d, year, seed=desk.seed) for name, d in daily.items()}
    trading = frictions.trading(book, chain, year, desk.seed)
    symbols = [i.symbol for i in book.instruments]
    trips = Trips.of(book, chain, replays)
    first, last = curve.iso_day(book.days[0]), curve.iso_day(book.days[-1])
    report: dict[str, Any] = {
        "title": f"{_few(symbols)} on {timeframe}",
        "subtitle": f"{len(folds)} walk-forward folds, {first} to {last}, trial {trial}",
        "trial": trial,
        "simulated": any(desk.is_simulated(s.symbol, s.timeframe) for s in prepared),
        "symbols": symbols,
        "timeframe": timeframe,
        "start_equity": START_EQUITY,
        "performance": {name: figure.to_json() for name, figure in figures.items()},
        "equity": curve.equity(book, daily, desk.seed),
        "falls": curve.falls(book, daily["chain"]),
        "months": curve.months(book, daily["chain"]),
        "regimes": curve.regimes(book, replays, prepared, daily["chain"], year),
        "tiers": skill.tiers(replays),
        "reliability": sureness(replays, seed=desk.seed),
        "members": skill.members(replays),
        "trading": trading,
        "trades": frictions.trades(chain, trading, len(book.days), year),
        "resolutions": frictions.resolutions(book, year, desk.seed),
        "stress": frictions.stress(book, year, desk.seed),
        "accuracy": skill.accuracy(replays).to_json(),
        "verdicts": skill.verdicts(replays),
        "folds": [
            {str(part): span.to_json() for part, span in fold.spans.items()} for fold in folds
        ],
        "data": _data(desk, prepared),
        "methods": METHODS,
    }
    report |= _trade_by_trade(desk, trips, prepared, replays, timeframe)
    left = [f"Left out: {sentence}." for sentence in left_out]
    taken = [*_by_fold(trips, folds), *_taken_part(folds, replays)]
    report["summary"] = [*summary(report), *taken, *left]
    return report


def _trade_by_trade(
    desk: Desk,
    trips: Trips,
    prepared: Mapping[Series, Prepared],
    replays: Sequence[Replayed],
    timeframe: Timeframe,
) -> dict[str, Any]:
    """Return what the report says of single trades, and of the bars they were decided on."""
    chosen, columns = trips.chosen(), trips.columns()
    found = checked(desk, prepared)
    flaws = {series: check.flaws for series, check in found.items()}
    return {
        "round_trips": columns,
        "shown": chosen,
        "worst": worst_explained(desk, trips, chosen["worst"], prepared, flaws),
        "hours": by_hour(columns, intraday=timeframe.is_intraday),
        "charts": charts(trips, chosen),
        "soundness": soundness(found, replays),
    }


METHODS = (
    "Each fold fits every member, its calibration and the fusion on its own past alone, in the "
    "order train, stop, calibrate, fuse, with an embargo between; labels are computed inside a "
    "span. Nothing of a test span touches what decides in it.",
    "A decision is made at the close of a bar and filled no earlier than the next open, with half "
    "the spread, slippage and fees. Stops stand 2 and targets 3 ATR(14) from the fill, for at most "
    "12 bars. A bar that reaches both counts as stopped; a gap fills at the worse of open and "
    "stop.",
    "Intervals hold 95 % of results over resampled blocks of whole days, all instruments at once, "
    "because a currency pair is not an independent sample.",
    "Buy and hold is an equal weight in every instrument, free of costs. Naive takes the side of "
    "climatology on every bar, with the same stops, size and costs.",
)


def _by_fold(trips: Trips, folds: Sequence[Fold]) -> list[str]:
    """Return a sentence on how the round trips fall on the folds, where there are several."""
    decided = trips.book.grid[trips.trades["decided_bar"]]
    counts = [
        int(((decided > micros(f.test.start)) & (decided <= micros(f.test.end))).sum())
        for f in folds
        if f.test is not None
    ]
    if len(counts) < 2 or not len(decided):
        return []
    told = ", ".join(f"{count:,} in fold {n}" for n, count in enumerate(counts, 1))
    return [f"Round trips by fold: {told}."]


def _taken_part(folds: Sequence[Fold], replays: Sequence[Replayed]) -> list[str]:
    """Return a sentence where some instruments sat out a fold for want of a past, else nothing."""
    every = len({replay.series for replay in replays})
    counts = [len({r.series for r in replays if r.fold == fold.number}) for fold in folds]
    if min(counts) == every:
        return []
    said = ", ".join(f"{n} in fold {fold.number}" for n, fold in zip(counts, folds, strict=True))
    return [
        f"Of {every} instruments so many had enough history to take part: {said}; "
        "the figures average over all folds."
    ]


def _few(symbols: Sequence[str]) -> str:
    return ", ".join(symbols) if len(symbols) <= 4 else f"{len(symbols)} instruments"


def _data(desk: Desk, prepared: Mapping[Series, Prepared]) -> dict[str, Any]:
    rows = []
    for series, item in prepared.items():
        info = desk.bars.info(series.symbol, series.timeframe)
        rows.append(
            [
                str(series),
                f"{len(item.bars):,}",
                f"{item.bars.frame['time'][0]:%Y-%m-%d}",
                f"{item.bars.last_time:%Y-%m-%d}",
                info.source,
            ]
        )
    return {
        "columns": ["series", "bars", "from", "to", "source"],
        "rows": rows,
        "note": "Instruments that are alive today were chosen by a person: survivorship is not "
        "corrected for.",
    }
