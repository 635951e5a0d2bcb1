"""A backtest's report as plain data: every figure with its interval, beside the baselines."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.core.values.timeframe import Timeframe
from assay.evaluation.bootstrap import block_length, block_rows
from assay.evaluation.metrics import performance, trade_stats
from assay.evaluation.page import show
from assay.evaluation.splits import Fold
from assay.kernel.barrier import Resolution
from assay.kernel.book import BookResult
from assay.kernel.records import Exit
from assay.models.contract import Floats
from assay.workflows import skill
from assay.workflows.activity import exposure, turnover
from assay.workflows.book import START_EQUITY, Book, buy_and_hold, naive_orders
from assay.workflows.desk import Desk
from assay.workflows.gather import Prepared, Series, micros
from assay.workflows.replay import Replayed

Integers = NDArray[np.int64]
REGIME_DAYS = 250


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
    """Return the whole report: `evaluation.page` draws it, `--json` prints it."""
    chain = book.run()
    naive = book.run(orders=naive_orders(book, prepared, replays, desk.risk_fraction))
    daily = {
        "chain": book.daily(chain),
        "buy and hold": buy_and_hold(book),
        "naive": book.daily(naive),
    }
    year = max(i.days_per_year for i in book.instruments)
    figures = {name: performance(d, year, seed=desk.seed) for name, d in daily.items()}
    trading = _trading(book, chain, year, desk.seed)
    simulated = any(desk.is_simulated(s.symbol, s.timeframe) for s in prepared)
    symbols = [i.symbol for i in book.instruments]
    report: dict[str, Any] = {
        "title": f"{_few(symbols)} on {timeframe}",
        "subtitle": f"{len(folds)} walk-forward folds, {_day(book.days[0])} to "
        f"{_day(book.days[-1])}, trial {trial}",
        "trial": trial,
        "simulated": simulated,
        "symbols": symbols,
        "timeframe": timeframe,
        "performance": {name: figure.to_json() for name, figure in figures.items()},
        "equity": _equity(book, daily, desk.seed),
        "months": _months(book, daily["chain"]),
        "regimes": _regimes(book, replays, prepared, daily["chain"], year),
        "tiers": skill.tiers(replays),
        "reliability": skill.reliability(replays),
        "members": skill.members(replays),
        "trading": trading,
        "trades": _trades(chain, trading, len(book.days), year),
        "resolutions": _resolutions(book, year, desk.seed),
        "stress": _stress(book, year, desk.seed),
        "accuracy": skill.accuracy(replays).to_json(),
        "verdicts": skill.verdicts(replays),
        "folds": [
            {str(part): span.to_json() for part, span in fold.spans.items()} for fold in folds
        ],
        "data": _data(desk, prepared),
        "methods": METHODS,
    }
    left = [f"Left out: {sentence}." for sentence in left_out]
    taken = [*_by_fold(book, chain, folds), *_taken_part(folds, replays)]
    report["summary"] = [*_summary(report, chain, simulated=simulated), *taken, *left]
    return report


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


def _by_fold(book: Book, chain: BookResult, folds: Sequence[Fold]) -> list[str]:
    """Return a sentence on how the round trips fall on the folds, where there are several."""
    decided = book.grid[chain.trades["decided_bar"]]
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


def _day(number: np.int64) -> str:
    return (date(1970, 1, 1) + timedelta(days=int(number))).isoformat()


def _equity(book: Book, daily: Mapping[str, Floats], seed: int) -> dict[str, Any]:
    chain = daily["chain"]
    rows = block_rows(len(chain), block_length(len(chain)), 400, seed)
    paths = np.cumprod(1.0 + chain[rows], axis=1)
    low, high = np.quantile(paths, (0.025, 0.975), axis=0)
    return {
        "days": [_day(d) for d in book.days],
        "curves": {name: np.cumprod(1.0 + d).tolist() for name, d in daily.items()},
        "low": low.tolist(),
        "high": high.tolist(),
    }


def _months(book: Book, daily: Floats) -> dict[str, list[float | None]]:
    months: dict[str, list[float | None]] = {}
    stamps = [date(1970, 1, 1) + timedelta(days=int(d)) for d in book.days]
    for year in sorted({s.year for s in stamps}):
        row: list[float | None] = []
        for month in range(1, 13):
            inside = [n for n, s in enumerate(stamps) if (s.year, s.month) == (year, month)]
            row.append(float(np.prod(1.0 + daily[inside]) - 1.0) if inside else None)
        months[str(year)] = row
    return months


def _regimes(
    book: Book,
    replays: Sequence[Replayed],
    prepared: Mapping[Series, Prepared],
    daily: Floats,
    year: int,
) -> dict[str, Any]:
    """Return results on calm, usual and wild days, by what volatility was known the day before."""
    level = np.full(len(book.days), np.nan)
    total, count = np.zeros(len(book.days)), np.zeros(len(book.days))
    for replay in replays:
        item = prepared[replay.series]
        usual = np.nanmedian(item.volatility[: replay.rows[0] + 1])
        at = np.searchsorted(book.days, replay.day)
        np.add.at(total, at, np.nan_to_num(item.volatility[replay.rows] / usual, nan=1.0))
        np.add.at(count, at, 1)
    known = count > 0
    level[known] = total[known] / count[known]
    before = np.concatenate([[np.nan], level[:-1]])
    rank = np.full(len(before), np.nan)
    for day in range(20, len(before)):
        past = before[max(0, day - REGIME_DAYS) : day]
        past = past[np.isfinite(past)]
        if len(past) and np.isfinite(before[day]):
            rank[day] = float(np.mean(past <= before[day]))
    rows = []
    for name, low, high in (("calm", -0.1, 1 / 3), ("usual", 1 / 3, 2 / 3), ("wild", 2 / 3, 1.1)):
        inside = daily[(rank > low) & (rank <= high)]
        if len(inside) > 1:
            figures = performance(inside, year)
            rows.append(
                [
                    name,
                    len(inside),
                    show(figures.annual_return.to_json(), percent=True),
                    show(figures.sharpe.to_json()),
                    show(figures.drawdown.to_json(), percent=True),
                ]
            )
    return {
        "columns": ["volatility the day before", "days", "return a year", "Sharpe", "drawdown"],
        "rows": rows,
        "note": "Days are ranked among the year before them, so nothing later is known.",
    }


def _trading(book: Book, result: BookResult, year: int, seed: int) -> dict[str, Any]:
    """Return the figures of the trades as numbers, each with its interval."""
    trades = result.trades
    share = trades["pnl"] / START_EQUITY
    day = book.day[trades["exit_bar"]] if len(trades) else np.zeros(0, np.int64)
    return {
        **trade_stats(share, day, seed=seed).to_json(),
        "exposure": exposure(book, result, seed=seed).to_json(),
        "turnover": turnover(book, result, year, seed=seed).to_json(),
    }


def _trades(result: BookResult, figures: Mapping[str, Any], days: int, year: int) -> dict[str, Any]:
    trades = result.trades
    reasons = {reason.name.lower(): int((trades["reason"] == reason).sum()) for reason in Exit}
    return {
        "columns": ["figure", "value"],
        "rows": [
            ["round trips", f"{len(trades):,}"],
            ["a year", f"{len(trades) * year / max(days, 1):,.0f}"],
            ["won", show(figures["hit_rate"], percent=True, digits=1)],
            ["profit factor", show(figures["profit_factor"])],
            [
                "mean profit, of equity at the start",
                show(figures["mean_return"], percent=True, digits=3),
            ],
            ["time in the market", show(figures["exposure"], percent=True, digits=1)],
            ["turnover a year, times equity", show(figures["turnover"], digits=1)],
            ["ended by", ", ".join(f"{name} {n:,}" for name, n in reasons.items())],
            ["fees paid, of equity at the start", f"{trades['fees'].sum() / START_EQUITY:.2%}"],
            [
                "spread and slippage, of equity at the start",
                f"{trades['cost'].sum() / START_EQUITY:.2%}",
            ],
            [
                "decided in a bar that reached stop and target",
                f"{trades['ambiguous'].mean():.1%}" if len(trades) else "–",
            ],
        ],
        "note": "",
    }


def _line(book: Book, result: BookResult, year: int, seed: int) -> list[Any]:
    figures = performance(book.daily(result), year, seed=seed)
    return [
        show(figures.annual_return.to_json(), percent=True),
        show(figures.sharpe.to_json()),
        f"{len(result.trades):,}",
    ]


def _resolutions(book: Book, year: int, seed: int) -> dict[str, Any]:
    rows = [
        [belief.name.lower(), *_line(book, book.run(resolution=belief), year, seed)]
        for belief in Resolution
    ]
    return {
        "columns": ["a bar that reached both", "return a year", "Sharpe", "trades"],
        "rows": rows,
        "note": "Pessimistic counts the stop first, optimistic the target; for one trade the truth "
        "lies between, for a whole run nearly always.",
    }


def _stress(book: Book, year: int, seed: int) -> dict[str, Any]:
    rows = [
        [name, *_line(book, book.run(cost_factor=factor), year, seed)]
        for name, factor in (("none", 0.0), ("as assumed", 1.0), ("doubled", 2.0))
    ]
    return {
        "columns": ["costs", "return a year", "Sharpe", "trades"],
        "rows": rows,
        "note": "",
    }


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


def _summary(report: Mapping[str, Any], chain: BookResult, *, simulated: bool) -> list[str]:
    figures = report["performance"]["chain"]
    sharpe, annual = figures["sharpe"], figures["annual_return"]
    held = report["performance"]["buy and hold"]["sharpe"]
    pool = next((r for r in report["members"]["rows"] if r[0].startswith("pool")), None)
    said = [
        f"{'In a simulated market the' if simulated else 'The'} chain made "
        f"{len(chain.trades):,} round trips in {figures['days']:,} trading days out of sample and "
        f"returned {show(annual, percent=True)} a year after costs, with a Sharpe of "
        f"{show(sharpe)}; buy and hold had {show(held)}.",
        _reading(sharpe),
    ]
    if pool:
        said.append(
            f"The pool's side was right on {pool[4]} of the {pool[2]} bars that moved; its log "
            f"score beat climatology by {pool[3]} (1e-4 nats a forecast)."
        )
    asked = report["verdicts"]
    if asked:
        told = ", ".join(f"{n:,} {kind}" for kind, n in sorted(asked.items()))
        said.append(f"The analyst was asked {sum(asked.values()):,} times: {told}.")
    accuracy = report["accuracy"]
    if accuracy["value"] is not None:
        said.append(
            "The mean absolute error of its expected move, over that of saying no change, less "
            f"one: {show(accuracy, percent=True)}; below zero is better."
        )
    return said


def _reading(sharpe: Mapping[str, Any]) -> str:
    if sharpe["value"] is None:
        return "It did not trade, so there is nothing to judge: abstaining is an answer."
    if sharpe["low"] is not None and sharpe["low"] > 0:
        return "The interval of the Sharpe lies above zero; one backtest is still one trial."
    if sharpe["high"] is not None and sharpe["high"] < 0:
        return "The interval of the Sharpe lies below zero: as it stands this loses money."
    return "The interval of the Sharpe holds zero: this is no evidence of an edge."
